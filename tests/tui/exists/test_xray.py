"""X-ray, impact, search."""

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.questions import RayRow, Thing
from core.width import width
from tui.rows import Rows
from tui.search import Search
from tui.tree import first_folds, lines, seen

SIZES = [(80, 24), (200, 60), (60, 12)]
UNIT = Thing(id="u1", kind="unit", name="市人社局")


async def _xray(c):
    c.app.open_xray(UNIT)
    await c.until(lambda: c.app.screen.NAME == "xray" and c.app.screen.found is not None)


@pytest.mark.parametrize("size", SIZES)
async def test_from_the_unit_to_the_port_in_one_key(town, console, size):
    async with console(town(), size) as c:
        await c.keys("ctrl+o")
        await c.until(lambda: c.app.screen.rows.row is not None)
        await c.keys("ctrl+x")
        await c.until(lambda: c.app.screen.NAME == "xray" and c.app.screen.found is not None)
        await c.keys("end")
        text = c.text()
        assert "人社局接入" in text
        assert [width(line) for line in c.lines()] == [size[0]] * size[1]
        if size[1] > 20:
            for words in ("社保卡[red]系统[/red]", "三级 关基", "vm-sbk-00002", "x 错误", "compute-000"):
                assert words in text, words
        if size[0] > 100:
            assert "GE0/0/3" in text


async def test_the_tree_folds_and_opens(town, console):
    async with console(town(), (120, 30)) as c:
        await _xray(c)
        await c.keys("down", "left")
        assert "社保卡/web" not in c.text()
        assert "+ 社保卡[red]系统[/red]" in c.text()
        await c.keys("right", "right")
        assert "社保卡/web" in c.text()
        await c.keys("left", "left")
        assert c.app.screen.rows.row.row.thing.id == "s1"
        await c.keys("f7")
        assert "compute-000" in c.text()
        await c.keys("f7")
        assert "社保卡/web" not in c.text()


async def test_a_state_changes_under_the_eyes_and_the_folds_stay(town, console):
    hub = town()
    async with console(hub, (160, 30)) as c:
        await _xray(c)
        line = next(line for line in c.lines() if "莲都-汇聚-0000" in line)
        assert "+ 在线" in line
        hub.graph.state = "down"
        await c.until(lambda: "x 离线" in next(line for line in c.lines() if "莲都-汇聚-0000" in line))


async def test_enter_goes_to_the_object_and_back(town, console):
    async with console(town()) as c:
        await _xray(c)
        await c.keys("down", "down", "enter")
        await c.until(lambda: c.app.screen.NAME == "object" and c.app.screen.kind == "component")
        await c.keys("escape")
        assert c.app.screen.NAME == "xray"


@pytest.mark.parametrize("size", SIZES)
async def test_impact_of_one_and_of_all_that_is_marked(town, console, size):
    hub = town()
    async with console(hub, size) as c:
        await _xray(c)
        await c.keys("down", "i")
        await c.until(lambda: c.app.screen.NAME == "impact" and c.app.screen.window.known)
        assert hub.graph.asked == [["s1"]]
        text = c.text()
        for words in ("假如失效", "x 中断", "三级", "关基"):
            assert words in text, words
        assert [width(line) for line in c.lines()] == [size[0]] * size[1]
        await c.keys("escape", "f8", "space")
        assert "已标记 2 个" in c.text()
        await c.keys("ctrl+n")
        await c.until(lambda: c.app.screen.NAME == "impact" and len(hub.graph.asked) == 2)
        assert sorted(hub.graph.asked[1]) == ["c1", "s1"]
        await c.keys("escape", "ctrl+v")
        assert "已标记" not in c.text()


async def test_whom_to_call_and_what_it_adds_to_what_is_down_now(town, console):
    async with console(town(), (120, 30)) as c:
        c.app.open_impact([UNIT])
        await c.until(lambda: c.app.screen.NAME == "impact" and c.app.screen.window.known)
        await c.keys("right")
        await c.until(lambda: "0578-1" in c.text() and "王" in c.text())
        await c.keys("f8")
        await c.until(lambda: "7" in c.lines()[2] and "现有故障" in c.lines()[2])
        await c.keys("enter")
        await c.until(lambda: c.app.screen.NAME == "object" and c.app.screen.kind == "unit")


async def test_the_other_way_round_and_what_one_may_not_see(town, console):
    async with console(town(), (120, 30)) as c:
        await _xray(c)
        await c.keys("ctrl+z")
        await c.until(lambda: c.app.screen.found is not None and "***" in c.text())
        assert "承载于其上" in c.lines()[1]
        await c.keys("down", "enter", "f8")
        assert c.app.screen.NAME == "xray"
        assert c.app.marked == {}


async def test_a_hub_that_is_gone_is_one_sentence_on_both(town, console):
    hub = town()
    async with console(hub) as c:
        hub.lose()
        c.app.open_xray(UNIT)
        await c.until(lambda: c.app.screen.NAME == "xray" and "No hub is running" in c.text())
        c.app.open_impact([UNIT])
        await c.until(lambda: c.app.screen.NAME == "impact" and "No hub is running" in c.text())


rays = st.lists(st.tuples(st.integers(0, 6), st.integers(0, 9), st.sampled_from(["needs", "within"])), min_size=1, max_size=60)


@given(rays, st.integers(1, 80))
def test_whatever_the_tree_every_line_is_itself_and_folding_hides_only_what_is_below(found, room):
    rows, depth = [], 0
    for number, (deep, thing, edge) in enumerate(found):
        depth = 0 if not number else min(max(deep, 1), depth + 1)
        rows.append(RayRow(depth=depth, thing=Thing(id=str(thing), kind="vm", name="x"), edge=edge))
    made = lines(rows)
    assert len({line.key for line in made}) == len(rows)
    assert [line.key for line in seen(made, set(), set())] == [line.key for line in made]
    folds = first_folds(made, room)
    shown = seen(made, folds, set())
    assert {line.key for line in shown} >= {line.key for line in made if line.row.depth <= 1}
    parents = {line.key: line.parent for line in made}
    for line in made:
        hidden, up = False, line.parent
        while up:
            hidden, up = hidden or up in folds, parents[up]
        assert hidden == (line.key not in {one.key for one in shown})


# --- search


@pytest.mark.parametrize("size", SIZES)
async def test_results_while_typing_grouped_by_kind(town, console, size):
    async with console(town(), size) as c:
        await c.keys("ctrl+f")
        await c.type("社保")
        await c.until(lambda: "找到 3 条" in c.text())
        for words in ("业务系统", "组件", "项目"):
            assert words in c.text(), words
        assert [width(line) for line in c.lines()] == [size[0]] * size[1]
        await c.keys("down", "enter")
        await c.until(lambda: c.app.screen.NAME == "object" and c.app.screen.kind == "component")


async def test_an_older_answer_never_replaces_a_newer_one(town, console):
    hub = town()
    hub.finding.gates["社保"] = asyncio.Event()
    async with console(hub) as c:
        await c.keys("ctrl+f")
        await c.type("社保")
        await c.until(lambda: hub.finding.texts == ["社保"])
        await c.type("卡/web")
        await c.until(lambda: "找到 1 条" in c.text())
        hub.finding.gates["社保"].set()
        await c.settle()
        assert "找到 1 条" in c.text()
        assert c.app.screen.query_one(Rows).window.total == 1


async def test_what_is_found_is_x_rayed_and_search_is_over_every_screen(town, console):
    async with console(town()) as c:
        await c.keys("f9")
        await c.type("search 人社")
        await c.keys("enter")
        await c.until(lambda: isinstance(c.app.screen, Search) and "市人社局" in c.text())
        await c.keys("ctrl+x")
        await c.until(lambda: c.app.screen.NAME == "xray")
        await c.keys("ctrl+f", "escape")
        assert c.app.screen.NAME == "xray"


async def test_what_is_closed_while_the_hub_thinks_does_no_harm(town, console):
    hub = town()
    gate = hub.finding.gates["社保"] = asyncio.Event()
    async with console(hub) as c:
        await c.keys("ctrl+f")
        await c.type("社保")
        await c.until(lambda: hub.finding.texts == ["社保"])
        search = c.app.screen
        await c.keys("escape")
        await c.until(lambda: not search.is_attached)
        gate.set()
        search._say("late")
        await search._look("社保")
        await c.settle()
        assert c.app.screen.NAME == "overview"
        assert c.app.stumbled is None


@pytest.mark.parametrize(("typed", "says"), [("renshe", "相近的有：人社"), ("没有的东西", "没有任何对象含有"), ("王", "联系人 王")])
async def test_nothing_found_says_what_is_near_and_where_words_stand(town, console, typed, says):
    async with console(town(), (200, 30)) as c:
        await c.keys("ctrl+f")
        await c.type(typed)
        await c.until(lambda: says in c.text())


async def test_a_hub_that_is_gone_while_searching(town, console):
    hub = town()
    async with console(hub) as c:
        await c.keys("ctrl+f")
        hub.down = True
        await c.type("社保")
        await c.until(lambda: "No hub is running" in c.text())
        hub.down = False
        await c.type("卡")
        await c.until(lambda: "找到" in c.text())
