"""The lists of what exists, and one object."""

import msgspec
import pytest

from core.i18n import use
from core.model import MODEL, TITLES
from core.width import width
from tui import actions
from tui.fields import FIELDS, value_text
from tui.object_filter import read_objects
from tui.screens.object import field_rows
from tui.screens.objects import FIELDS_OF
from tui.tables_objects import OBJECTS, SHOWN

SIZES = [(80, 24), (200, 60), (60, 12)]


async def _objects(c, kind=""):
    await c.keys("ctrl+o")
    await c.until(lambda: c.app.screen.NAME == "objects" and c.app.screen.rows.window.known)
    if kind:
        await c.keys("f9")
        await c.type(f"kind {kind}")
        await c.keys("enter")
        await c.until(lambda: c.app.screen.kind == kind or TITLES[c.app.screen.kind][0] == kind)
        await c.until(lambda: "正在" not in c.text())


@pytest.mark.parametrize(("size", "kinds"), [((80, 24), tuple(MODEL)), ((200, 60), ("vm", "policy_rule")), ((60, 12), ("unit", "prefix"))])
async def test_every_kind_fills_every_size_in_both_languages(town, console, size, kinds):
    async with console(town(), size) as c:
        await _objects(c)
        for number, kind in enumerate(kinds):
            use(("zh", "en")[number % 2])
            c.app.screen.show_kind(kind)
            await c.pilot.pause()
            assert [width(line) for line in c.lines()] == [size[0]] * size[1], kind
        use("zh")


@pytest.mark.parametrize("kind", MODEL)
def test_every_field_has_a_title_and_the_first_column_is_always_there(kind):
    assert FIELDS_OF[kind] <= FIELDS.keys()
    assert set(SHOWN[kind].split()) <= FIELDS_OF[kind]
    assert OBJECTS[kind][0].rank == 0


async def test_machines_with_the_names_of_what_they_belong_to(town, console):
    async with console(town(), (200, 40)) as c:
        await _objects(c, "云主机")
        await c.until(lambda: "vm-sbk-00000" in c.text())
        for words in ("prj-社保卡", "compute-001", "8 GB", "+ 运行", "x 错误", "云主机 12"):
            assert words in c.text(), words
        assert "key-p" not in c.text()


async def test_sixty_thousand_machines_scroll_by_windows(town, console):
    hub = town(60_000)
    async with console(hub) as c:
        await _objects(c, "vm")
        await c.until(lambda: "云主机 60,000" in c.text())
        await c.keys("end")
        await c.until(lambda: "vm-sbk-59999" in c.text())
        asked = [query for query in hub.queries if query.view == "objects"]
        assert asked[-1].offset > 59_000
        assert len(c.app.screen.rows.window.rows) <= 200


async def test_the_kind_is_chosen_from_a_list_with_counts_and_by_the_side(town, console):
    async with console(town(), (160, 40)) as c:
        await _objects(c)
        await c.keys("f8")
        await c.type("宿主")
        await c.keys("enter")
        await c.until(lambda: "宿主机 2" in c.text() and "compute-000" in c.text())
        await c.keys("shift+tab")
        await c.keys("down")
        await c.until(lambda: c.app.screen.kind == "vm" and "vm-sbk-00000" in c.text())
        await c.keys("enter")
        assert c.app.screen.focused is c.app.screen.rows


async def test_the_filter_knows_the_fields_by_what_the_screen_calls_them(town, console):
    hub = town()
    async with console(hub) as c:
        await _objects(c, "system")
        await c.keys("f6")
        await c.type("社保 等保级别=三级 关基=是")
        await c.keys("enter")
        await c.until(lambda: hub.queries[-1].where == {"object_kind": "system", "protection_level": "3", "cii": "true"})
        assert hub.queries[-1].text == "社保"
        await c.until(lambda: "业务系统 1" in c.text())
        await c.keys("escape")
        await c.until(lambda: hub.queries[-1].where == {"object_kind": "system"})
        await c.keys("f6")
        await c.type("没有这个")
        await c.until(lambda: "没有符合筛选的对象" in c.text())


@pytest.mark.parametrize(("typed", "where"), [
    ("state=ERROR", {"state": "ERROR"}), ("状态＝ERROR", {"state": "ERROR"}), ("vcpus=4", {"vcpus": "4"}),
    ("State=ACTIVE", {"state": "ACTIVE"}),
])
def test_fields_in_either_language(typed, where):
    assert read_objects(typed, FIELDS_OF["vm"]).where == where


def test_what_is_no_field_of_the_kind_is_a_word():
    assert read_objects("serial=1 x", FIELDS_OF["unit"]) == ("serial=1 x", {})


# --- one object


async def _object(c, kind, name):
    c.app.open_object(kind, name)
    await c.until(lambda: c.app.screen.NAME == "object" and c.app.screen.detail is not None)


@pytest.mark.parametrize("size", SIZES)
async def test_an_object_its_relations_and_its_history(town, console, size):
    async with console(town(), size) as c:
        await _object(c, "system", "s1")
        for words in ("社保卡[red]系统[/red]", "三级", "关基", "市人社局"):
            assert words in c.text(), words
        await c.keys("right")
        assert "-> 归属" in c.text()
        await c.keys("right")
        await c.until(lambda: "lin" in c.text() and "教育局" in c.text())
        assert [width(line) for line in c.lines()] == [size[0]] * size[1]


async def test_from_neighbour_to_neighbour_and_back(town, console):
    async with console(town()) as c:
        await _object(c, "unit", "u1")
        await c.keys("right")
        await c.keys("enter")
        await c.until(lambda: c.app.screen.detail is not None and c.app.screen.kind == "system")
        await c.keys("right")
        await c.until(lambda: c.app.screen.tabs.tab == "relations")
        place = next(i for i, row in enumerate(map(c.app.screen.neighbours.at, range(2))) if row.kind == "component")
        await c.keys(*["down"] * place, "enter")
        await c.until(lambda: c.app.screen.detail is not None and c.app.screen.kind == "component")
        await c.keys("escape")
        await c.until(lambda: c.app.screen.kind == "system")
        await c.keys("escape")
        await c.until(lambda: c.app.screen.kind == "unit")


async def test_many_steps_do_not_pile_up(town, console, monkeypatch):
    monkeypatch.setattr(actions, "DEEPEST", 5)
    async with console(town()) as c:
        for _ in range(3):
            for kind, name in (("system", "s1"), ("unit", "u1")):
                await _object(c, kind, name)
                await c.until(lambda kind=kind: c.app.screen.kind == kind)
        assert len(c.app.screen_stack) == 5


async def test_declared_and_observed_stand_side_by_side_where_they_differ(town, console):
    hub = town()
    async with console(hub, (160, 40)) as c:
        await _object(c, "device", "d00000")
        await c.until(lambda: "OLD-1" in c.text() and "NEW-2" in c.text())
        line = next(line for line in c.lines() if "OLD-1" in line)
        assert line.split()[0] == "序列号"
        assert "device:" in line
        rows = {row.field: row for row in field_rows(c.app.screen.detail)}
        assert rows["serial"].differs
        assert not rows["role"].differs
        assert "告警" in c.text()
        await c.keys("f7")
        await c.until(lambda: c.app.screen.NAME == "device")
        await c.keys("ctrl+s")
        await c.until(lambda: c.app.screen.NAME == "object" and c.app.screen.kind == "device")


async def test_what_a_field_names_is_opened_from_it(town, console):
    async with console(town()) as c:
        await _object(c, "system", "s1")
        rows = c.app.screen.fields
        await c.keys(*["down"] * rows.index_of("unit"), "enter")
        await c.until(lambda: c.app.screen.kind == "unit" and c.app.screen.detail is not None)


async def test_a_neighbour_that_one_may_not_see_is_there_without_a_name(town, console):
    hub = town()
    hub.objects.hidden.add("u1")
    async with console(hub) as c:
        await _object(c, "system", "s1")
        await c.keys("right")
        assert "无权查看" in c.text()
        assert not c.app.screen.neighbours.at(1).object_id
        await c.keys("down", "enter")
        assert c.app.screen.kind == "system"


async def test_an_object_that_is_not_there_is_one_sentence(town, console):
    async with console(town()) as c:
        c.app.open_object("system", "nobody")
        await c.until(lambda: "There is no such object" in c.text())
        await c.keys("escape")
        assert c.app.screen.NAME == "overview"


async def test_a_change_of_the_object_is_seen_by_itself(town, console):
    hub = town()
    async with console(hub) as c:
        await _object(c, "vm", "vm0")
        assert "- 关机" in c.text()

        def start(hub):
            hub.objects.records["vm"][0] = msgspec.structs.replace(hub.objects.records["vm"][0], state="ACTIVE")

        await c.change(start)
        await c.until(lambda: "+ 运行" in c.lines()[1])


@pytest.mark.parametrize(("field", "value", "text"), [
    ("cii", True, "是"), ("memory_mb", 512, "512 MB"), ("memory_mb", 2048, "2 GB"), ("bandwidth_bps", 10**9, "1.0G"),
    ("created_at", 10**17, "-"), ("protection_level", 9, "-"), ("tier", "db", "数据库"), ("rules", ["a", "b"], "a、b"),
    ("name", "\x1b[31m红", "[31m红"), ("unit", None, ""),
])
def test_values_as_people_read_them(field, value, text):
    assert value_text(field, value) == text


# --- the first screen


async def test_counts_of_the_first_screen_lead_to_their_lists(town, console):
    async with console(town()) as c:
        await c.until(lambda: "待审 4" in c.text())
        for words in ("单位 2", "业务系统 1", "无主资产 1", "云平台 1", "宿主机 1/2", "云主机 12", "+ 运行 8", "x 错误 1"):
            assert words in c.text(), words
        c.app.screen.query_one("Ways").focus()
        await c.keys("right")
        await c.keys("enter")
        await c.until(lambda: c.app.screen.NAME == "objects" and c.app.screen.kind == "system")
        await c.keys("f2")
        c.app.screen.query_one("Ways").focus()
        await c.keys("right", "right", "enter")
        await c.until(lambda: c.app.screen.NAME == "queue" and c.app.screen.listing.typed == "what=unowned")
