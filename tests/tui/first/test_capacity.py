"""The fullest of a running hub on one screen; and each row in words."""

from client import connect
from core.capacity import CapacityRow
from tui.screens.capacity import CAPACITY, fullness


async def test_kinds_orders_and_days_of_a_hub_that_has_measured_nothing_yet(fresh, console):
    settings, _ = fresh
    async with console(connect(settings), (80, 24)) as c:
        await c.until(lambda: c.app.link.state == "live" and c.app.who.identity is not None)
        await c.keys("f9")
        await c.type("容量")
        await c.keys("enter")
        await c.until(lambda: c.app.screen.NAME == "capacity" and c.app.screen.answer is not None)
        screen = c.app.screen
        assert "[线路]" in c.text()
        await c.keys("right")
        await c.until(lambda: screen.tabs.tab == "pool" and screen.answer is not None)
        await c.keys("f7")
        await c.until(lambda: screen.by == "growth" and screen.answer is not None)
        await c.keys("f8")
        await c.until(lambda: screen.days == 30 and screen.answer is not None)
        assert "按增长" in c.text()
        assert "30 天" in c.text()


def test_a_row_says_what_is_not_known_as_nothing():
    bare = CapacityRow(kind="line", object_id="1", object="[red]x\x1b[31m")
    assert [column.text(bare) for column in CAPACITY][2:5] == ["-", "-", "-"]
    assert "\x1b" not in CAPACITY[0].text(bare)
    assert [fullness(bare.replace(p95_percent=of)) for of in (None, 79.9, 80.0, 95.0)] == ["", "", "warn", "bad"]
