"""Availability of a running hub's objects on a screen, each one's downtimes behind it and as a tab, by month; rows in words."""

import time

from client import connect
from core.capacity import AvailabilityRow, Outage
from core.months import latest, parse
from tui.downtime import OUTAGES, Downtimes, Period, measured, met, periods
from tui.screens.availability import AVAILABILITY


async def test_kinds_months_and_one_object_of_a_hub_that_has_measured_nothing_yet(fresh, console):
    settings, _ = fresh
    hub = connect(settings)
    async with console(hub, (80, 24)) as c:
        await c.until(lambda: c.app.link.state == "live" and c.app.who.identity is not None)
        await c.keys("f9")
        await c.type("可用率")
        await c.keys("enter")
        await c.until(lambda: c.app.screen.NAME == "availability" and c.app.screen.answer is not None)
        screen = c.app.screen
        assert "[业务系统]" in c.text()
        await c.keys("left")
        await c.until(lambda: screen.tabs.tab == "host" and screen.answer is not None)
        await c.keys("f8")
        month = latest(time.time_ns() // 1_000_000, 2)[1]
        await c.until(lambda: c.app.screen is not screen and month in c.text())
        await c.type(month)
        await c.keys("enter")
        await c.until(lambda: screen.period == Period(month) and screen.answer is not None)
        assert (screen.answer.start_ms, screen.answer.end_ms) == parse(month)
        assert month in c.text()


def test_a_row_says_what_is_not_known_as_nothing_and_texts_are_only_texts():
    bare = AvailabilityRow(kind="device", object_id="1", name="[red]x\x1b[31m", target_percent=99.5)
    shown = [column.text(bare) for column in AVAILABILITY]
    assert "\x1b" not in shown[0]
    assert shown[1:3] == ["-", "99.50"]
    assert [met(bare.replace(met=one)) for one in (None, True, False)] == ["", "good", "bad"]
    assert [measured(share) for share in (0, 0.0001, 0.5, 1)] == ["0.0", "<0.1", "50.0", "100.0"]
    evil = Outage(start_ms=1, end_ms=300_001, because="[b]CE\x1b]0;x\x07")
    assert "\x1b" not in OUTAGES[4].text(evil)
    assert [column.tone(evil.replace(planned=one)) for column in OUTAGES[3:4] for one in (True, False)] == ["dim", "bad"]


def test_periods_are_days_and_months_of_the_clock():
    now = time.time_ns() // 1_000_000
    words = [choice.value for choice in periods(now)]
    assert words[:2] == ["7", "30"]
    assert len(words) == 15
    query = Period(words[3]).query("system", "x", now, 5)
    assert (query.start_ms, query.end_ms) == parse(words[3])
    assert Period("7").query("unit", "", now, 5).start_ms == now - 7 * 86_400_000
    assert Downtimes("device", "x", "2026-10").period.word == "2026-10"
