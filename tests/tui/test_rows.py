"""The table on the Line API."""

import pytest
from textual.app import App

from core.views import DeviceRow, ViewDelta
from core.width import width
from tui.columns import Column
from tui.rows import Rows
from tui.window import Window

HOSTILE = {
    "markup": "[red]danger[/red] [@click=app.quit]x[/]",
    "ansi": "\x1b[31mred\x1b[0m\x1b]0;title\x07",
    "bidi": "abc\u202egnp.exe\u2066",
    "wide": "莲都区政务服务中心核心交换机房",
    "emoji": "👩‍👩‍👧‍👦🇨🇳 e\u0301 \u200b\ufeff",
    "lines": "a\nb\r\nc\td\x00",
    "long": "交" * 22_000,
}


class Bench(App[None]):
    """One table, nothing else."""

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self.rows = rows
        self.seen: list[object] = []

    def compose(self):
        yield self.rows

    def on_rows_wanted(self, message: Rows.Wanted) -> None:
        self.seen.append((message.first, message.count))

    def on_rows_opened(self, message: Rows.Opened) -> None:
        self.seen.append(message.row_id)

    def on_rows_heading_clicked(self, message: Rows.HeadingClicked) -> None:
        self.seen.append(message.field)


def _row(number, **fields):
    return DeviceRow(**{"id": f"d{number}", "name": f"设备{number:06}", "address": "10.0.0.1", "site": "s", **fields})


def _rows(devices, columns=None):
    window = Window(DeviceRow, lambda row: row.id)
    window.fill(devices)
    plain = (
        Column("Device", lambda r: r.name, 10, 20, 0, "name"),
        Column("In", lambda r: f"{r.in_bps:.0f}", 5, 5, 1, "in_bps", right=True),
    )
    return Rows(columns or plain, window, empty="No device matches the filter.\nEsc in the filter line drops it.")


def _texts(app):
    return [strip.text for strip in app.screen._compositor.render_strips()]


async def test_of_a_hundred_thousand_rows_only_the_visible_lines_are_made():
    asked = set()

    def name(row):
        asked.add(row.id)
        return row.name

    rows = _rows([_row(i) for i in range(100_000)], (Column("Device", name, 10, 20, 0, "name"),))
    app = Bench(rows)
    async with app.run_test(size=(80, 24)) as pilot:
        rows.focus()
        rows.moved()
        await pilot.pause()
        assert 0 < len(asked) <= 24
        app.simulate_key("end")
        await pilot.pause()
        assert len(asked) <= 60
        assert rows.cursor == 99_999
        assert "设备099999" in _texts(app)[-1]


async def test_the_cursor_and_the_scroll_stay_while_rows_move():
    rows = _rows([_row(i) for i in range(200)])
    app = Bench(rows)
    async with app.run_test(size=(60, 20)) as pilot:
        rows.focus()
        rows.moved()
        for _ in range(40):
            app.simulate_key("down")
        await pilot.pause()
        top = rows.scroll_offset.y
        chosen = rows.row.id
        order = [f"d{i}" for i in (*range(199, 99, -1), *range(100))]
        rows.changed(rows.window.apply(ViewDelta(id=2, kind="delta", total=200, order=tuple(order))))
        await pilot.pause()
        assert rows.row.id == chosen == "d40"
        assert rows.scroll_offset.y == top
        app.simulate_key("enter")
        await pilot.pause()
        assert app.seen[-1] == "d40"


async def test_only_lines_whose_text_changed_are_drawn_again(monkeypatch):
    rows = _rows([_row(i) for i in range(50)])
    app = Bench(rows)
    async with app.run_test(size=(60, 20)) as pilot:
        rows.moved()
        await pilot.pause()
        refreshed = []
        monkeypatch.setattr(rows, "_refresh_index", refreshed.append)
        rows.window.rows["d3"] = _row(3, in_bps=7.0)
        rows.window.rows["d4"] = _row(4, rtt_ms=9.0)
        rows.window.rows["d40"] = _row(40, in_bps=7.0)
        rows.changed({"d3", "d4", "d40"})
        assert refreshed == [3]


async def test_a_stretch_outside_the_window_is_asked_for_and_shown_as_waiting():
    window = Window(DeviceRow, lambda row: row.id)
    first = tuple({"id": f"d{i}", "name": "x", "address": "", "site": ""} for i in range(100))
    window.apply(ViewDelta(id=1, kind="snapshot", total=3000, rows=first))
    rows = Rows((Column("Device", lambda r: r.name, 10, 20),), window)
    app = Bench(rows)
    async with app.run_test(size=(60, 20)) as pilot:
        rows.focus()
        rows.moved()
        await pilot.pause()
        app.simulate_key("end")
        for _ in range(3):
            await pilot.pause()
        assert app.seen[-1] == (2981, 19)
        assert _texts(app)[-1].startswith("..")


@pytest.mark.parametrize("kind", [*HOSTILE])
async def test_hostile_text_is_shown_harmlessly(kind):
    from tui.tables import DEVICES

    bad = _row(1, **dict.fromkeys(("name", "site", "unit", "county", "platform", "role"), HOSTILE[kind]))
    rows = _rows([_row(0), bad, _row(2)], DEVICES)
    app = Bench(rows)
    async with app.run_test(size=(160, 10)) as pilot:
        rows.moved()
        await pilot.pause()
        lines = _texts(app)
        assert all(width(line) == 160 for line in lines)
        assert not any(ord(c) < 32 or c in "\u202e\u2066\u200b\ufeff" for line in lines for c in line)
        address = width(lines[1].split("10.0.0.1")[0])
        assert address == width(lines[2].split("10.0.0.1")[0])
        if kind == "markup":
            assert "[red]dange" in lines[2]


async def test_an_empty_list_says_what_to_do_and_an_unknown_one_that_it_loads():
    rows = _rows([])
    rows.window.known = False
    app = Bench(rows)
    async with app.run_test(size=(60, 10)) as pilot:
        await pilot.pause()
        assert "正在载入" in "".join(_texts(app))
        rows.window.fill([])
        rows.moved()
        await pilot.pause()
        assert "没有符合筛选的设备" in "".join(_texts(app))


async def test_the_mouse_selects_opens_and_sorts():
    rows = _rows([_row(i) for i in range(5)])
    app = Bench(rows)
    async with app.run_test(size=(60, 10)) as pilot:
        rows.moved()
        await pilot.pause()
        await pilot.click(Rows, offset=(2, 3))
        assert rows.row.id == "d2"
        await pilot.click(Rows, offset=(2, 3), times=2)
        assert app.seen[-1] == "d2"
        await pilot.click(Rows, offset=(2, 0))
        assert app.seen[-1] == "name"


async def test_dragged_text_can_be_copied():
    from textual.geometry import Offset
    from textual.selection import Selection

    rows = _rows([_row(i) for i in range(5)])
    app = Bench(rows)
    async with app.run_test(size=(60, 10)) as pilot:
        rows.moved()
        await pilot.pause()
        app.screen.selections = {rows: Selection(Offset(0, 1), Offset(8, 2))}
        await pilot.pause()
        text = app.screen.get_selected_text()
        assert text.startswith("设备000001")
        assert text.endswith("设备000002")
        assert "设备000002" in _texts(app)[3]
