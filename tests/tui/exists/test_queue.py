"""The review queue on the screen."""

import pytest

from core.permissions import PERMISSIONS
from core.width import width
from tui.form import Form

SIZES = [(80, 24), (200, 60), (60, 12)]


async def _queue(c):
    await c.keys("ctrl+w")
    await c.until(lambda: c.app.screen.NAME == "queue" and c.app.screen.rows.window.known and c.app.screen.rows.row is not None)


def _down_to(c, line_id):
    return ["down"] * (c.app.screen.rows.window.index_of(line_id) - c.app.screen.rows.cursor)


@pytest.mark.parametrize("size", SIZES)
async def test_lines_with_both_sides_and_the_evidence(town, console, size):
    async with console(town(), size) as c:
        await _queue(c)
        assert [width(line) for line in c.lines()] == [size[0]] * size[1]
        for words in ("~ 字段不符", "OLD-1", "NEW-2", "o 无主") if size[0] > 60 else ("字段不符",):
            assert words in c.text(), words
        if size[1] > 30:
            await c.until(lambda: "序列号改为 NEW-2" in c.text())
            assert "接受后" in c.text()
        assert "青田-1" not in c.text(), "what was rejected is not open"


async def test_one_line_is_accepted_after_a_question(town, console):
    hub = town()
    async with console(hub, (120, 30)) as c:
        await _queue(c)
        await c.keys("f7", "escape")
        assert hub.queue.decisions == []
        await c.keys("f7", "enter")
        await c.until(lambda: "3 条" in c.lines()[1])
        assert [(one.verdict, one.lines.ids) for one in hub.queue.decisions] == [("accept", ("q1",))]
        await c.keys("right")
        await c.until(lambda: "+ 已接受" in c.text() and "zhang" in c.text())
        await c.keys("ctrl+z", "enter")
        await c.until(lambda: hub.queue.decisions[-1].verdict == "undo")


async def test_all_like_this_asks_with_the_count(town, console):
    hub = town()
    async with console(hub, (120, 30)) as c:
        await _queue(c)
        await c.keys("ctrl+v")
        await c.until(lambda: isinstance(c.app.screen, Form))
        assert "将接受 2 条" in c.text()
        await c.keys("enter")
        await c.until(lambda: len(hub.queue.decisions) == 1)
        where = hub.queue.decisions[0].lines.where
        assert where == {"state": "open", "what": "field", "object_kind": "device", "field": "serial", "origin": "crawl"}


async def test_what_nobody_owns_gets_a_unit_and_a_wrong_one_is_told_beside_it(town, console):
    hub = town()
    async with console(hub, (120, 30)) as c:
        await _queue(c)
        await c.keys(*_down_to(c, "q3"), "f7")
        await c.type("没有这个单位")
        await c.keys("enter")
        await c.until(lambda: "There is no such unit" in c.text())
        c.app.screen.query_one("#field-unit").value = "市人社局"
        await c.keys("enter")
        await c.until(lambda: len(hub.queue.decisions) == 1)
        assert hub.queue.decisions[0].set == {"unit": "市人社局"}


async def test_one_in_doubt_asks_which_device_it_is(town, console):
    hub = town()
    async with console(hub, (120, 30)) as c:
        await _queue(c)
        await c.keys(*_down_to(c, "q4"), "ctrl+v")
        await c.until(lambda: len(c.app._notifications) == 1)
        await c.keys("f7")
        await c.type("莲都-汇聚-0000")
        await c.keys("enter")
        await c.until(lambda: hub.queue.decisions and hub.queue.decisions[0].same_as == "莲都-汇聚-0000")


async def test_a_line_is_rejected_with_a_note_and_opened_again(town, console):
    hub = town()
    async with console(hub, (120, 30)) as c:
        await _queue(c)
        await c.keys("f8")
        await c.type("已核实")
        await c.keys("enter")
        await c.until(lambda: hub.queue.decisions and hub.queue.decisions[0].note == "已核实")
        await c.keys("right", "right")
        await c.until(lambda: "x 已驳回" in c.text())
        await c.keys("f7")
        await c.until(lambda: len(c.app._notifications) == 1), "what is decided is not accepted"
        await c.keys("ctrl+z", "enter")
        await c.until(lambda: hub.queue.decisions[-1].verdict == "reopen")


async def test_who_may_not_sees_why_not(town, console):
    hub = town()
    identity = hub.accounts.identity
    hub.accounts.identity = identity.replace(
        roles=("viewer",), actions=tuple(action for action, holders in PERMISSIONS.items() if "viewer" in holders),
    )
    async with console(hub, (120, 30)) as c:
        await c.until(lambda: c.app.who.identity is not None)
        await _queue(c)
        await c.keys("f7")
        await c.until(lambda: len(c.app._notifications) == 1)
        assert not isinstance(c.app.screen, Form)
        assert "系统管理员" in str(next(iter(c.app._notifications)).message)


async def test_the_filter_and_the_way_to_the_object(town, console):
    hub = town()
    async with console(hub, (120, 30)) as c:
        await _queue(c)
        await c.keys("f6")
        await c.type("类别=字段不符 种类=设备 龙泉")
        await c.keys("enter")
        await c.until(lambda: hub.queries[-1].where == {"state": "open", "what": "field", "object_kind": "device"})
        await c.keys("escape")
        await c.until(lambda: hub.queries[-1].where == {"state": "open"})
        await c.keys("home", "o")
        await c.until(lambda: c.app.screen.NAME == "object" and c.app.screen.object_id == "d00000")
