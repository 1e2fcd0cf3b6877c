"""Who is told when: pure."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.hub.alerting.meeting import met
from agents.hub.notify import wording
from agents.hub.notify.pending import AGAIN_MS, CALM_MS, Item, Pending
from agents.hub.notify.routing import Case, chosen, opens_at
from agents.hub.notify.wording import Story
from core.notices import Contact, Message, Route, Way
from core.signals import Alert
from core.views import AlertRow
from core.windows import Place

ZONE = ZoneInfo("Asia/Shanghai")


def at(day: int, hour: int, minute: int = 0) -> int:
    """2026-11-02 is a Monday."""
    return int(datetime(2026, 11, 1 + day, hour, minute, tzinfo=ZONE).timestamp() * 1000)


def route(**more: Any) -> Route:
    return Route(id="r", name="r", contacts=("a",), **more)


@pytest.mark.parametrize(("hours", "days", "now", "opens"), [
    ("08:00-20:00", "", at(1, 9), at(1, 9)), ("08:00-20:00", "", at(1, 21), at(2, 8)), ("20:00-06:00", "", at(1, 3), at(1, 3)),
    ("20:00-06:00", "", at(1, 12), at(1, 20)), ("", "6,7", at(1, 9), at(6, 0)), ("08:00-20:00", "1-5", at(5, 21), at(8, 8)),
    ("", "", at(3, 3), at(3, 3)), ("00:00-24:00", "2", at(2, 23, 59), at(2, 23, 59)),
])
def test_hours_and_days_open_when_they_say(hours: str, days: str, now: int, opens: int) -> None:
    assert opens_at(route(hours=hours, days=days), now) == opens


@given(st.integers(0, 60 * 24 * 14), st.integers(0, 23), st.integers(0, 23))
def test_a_route_opens_within_a_week(minutes: int, first: int, last: int) -> None:
    now = at(1, 0) + minutes * 60_000
    found = opens_at(route(hours=f"{first:02}:00-{last:02}:00", days="3"), now)
    assert now <= found <= now + 8 * 86_400_000
    assert opens_at(route(hours=f"{first:02}:00-{last:02}:00", days="3"), found) == found


def test_without_routes_everybody_is_told_of_what_is_major_and_with_one_only_who_it_names() -> None:
    people = [Contact(id=name, name=name, ways=(Way(channel="c"),)) for name in "ab"]
    case = Case("major", Place("d", frozenset({"Office", "County"}), "S"), "access", "device-unreachable")
    assert [one.contact.name for one in chosen(case, [], people, 0)] == ["a", "b"]
    assert chosen(case._replace(severity="minor"), [], people, 0) == []
    assert [one.contact.name for one in chosen(case, [route(units=("County",))], people, 0)] == ["a"]
    assert chosen(case, [route(enabled=False), route(sites=("T",))], people, 0) == []
    assert chosen(case, [route()], [people[0].replace(enabled=False)], 0) == []


def row(number: int = 1, **more: Any) -> AlertRow:
    return AlertRow(**{"id": f"a{number}", "rule": "device-unreachable", "severity": "critical", "device_id": f"d{number}",
                       "device": f"d{number}", "raised_at": at(1, 9), **more})


def test_a_digest_names_the_first_and_counts_the_rest_in_both_languages() -> None:
    stories = [Story(row(number, suppressed=number), number, ("u",)) for number in range(1, 215)]
    for language in ("zh", "en"):
        words = wording.of_alerts(stories, "alert", language)
        assert len(words.subject) <= wording.MOST_SUBJECT
        assert "214" in words.subject
        assert len(words.text.splitlines()) < 100
        assert str(214 - wording.MOST_LINES) in words.text.splitlines()[-1]
    assert words.text.splitlines()[0].startswith("1. [critical] d214:"), "most behind it comes first"


def test_redundancy_is_told_and_hurries_less() -> None:
    story = Story(row(left=1, of=2))
    words = wording.of_alerts([story], "alert", "en")
    assert "1 of 2 still stand in for it." in words.text
    assert words.subject.startswith("[minor]")
    assert wording.severity_of([story]) == "minor"


def test_what_a_device_calls_itself_is_neither_a_line_nor_a_control_character() -> None:
    words = wording.of_alerts([Story(row(device="x\r\nBcc: y\x1b[2J"))], "alert", "en")
    assert "\n" not in words.subject
    assert "\x1b" not in words.subject + words.text
    assert not any(line.startswith("Bcc") for line in words.text.splitlines())


def alert(**more: Any) -> Alert:
    return Alert(**{"id": "a1", "rule": "device-unreachable", "severity": "critical", "device_id": "d1", "raised_at": 1000, **more})


def due(pending: Pending, shown: AlertRow | None, now: int) -> list[str]:
    return [item.about for item, _ in pending.due(lambda _: shown, lambda one, _: one.raised_at, now)]


def test_what_flaps_is_told_once_and_that_it_is_over_when_it_holds_still() -> None:
    pending, now = Pending(), at(1, 9)
    pending.offer(alert(flapping=True, raised_at=now), now)
    shown = row(flapping=True, raised_at=now)
    (item, _), = pending.due(lambda _: shown, lambda *_: 0, now)
    pending.tell(item, shown, "duty", now)
    pending.done(item)
    pending.offer(alert(id="a2", flapping=True, raised_at=now + 1), now + 1)
    assert due(pending, row(2, flapping=True, device_id="d1", raised_at=now + 1), now + 1) == []
    pending.offer(alert(flapping=True, raised_at=now, cleared_at=now + 5), now + 5)
    cleared = row(flapping=True, raised_at=now, cleared_at=now + 5)
    assert due(pending, cleared, now + 6) == []
    assert due(pending, cleared, now + 5 + CALM_MS) == ["recovery"]
    assert AGAIN_MS > CALM_MS


def told_once(pending: Pending, shown: AlertRow, now: int) -> Item:
    """Offered, told to the duty; the item stays until the next look finds nobody who is still to be told."""
    pending.offer(alert(raised_at=shown.raised_at, renewed_at=shown.renewed_at, cleared_at=shown.cleared_at), now)
    (item, _), = pending.due(lambda _: shown, lambda *_: 0, now)
    pending.tell(item, shown, "duty", now)
    return item


def test_what_opens_again_right_after_its_end_was_told_is_told_again() -> None:
    pending, now = Pending(), at(1, 9)
    told_once(pending, row(raised_at=now), now)
    over = told_once(pending, row(raised_at=now, cleared_at=now + 5), now + 10)
    assert over.about == "recovery"
    shown = row(raised_at=now, renewed_at=now + 11)
    pending.offer(alert(raised_at=now, renewed_at=now + 11), now + 11)
    assert due(pending, shown, now + 12) == ["alert"], "the end that was told is still noted as what waits"
    assert not pending.was_told(shown, "duty")
    told_once(pending, shown, now + 12)
    assert pending.was_told(shown, "duty")
    assert pending.untold_end("a1") == ["duty"], "its second end is to be told, too"


def test_what_became_news_while_its_message_was_written_is_news() -> None:
    pending, now = Pending(), at(1, 9)
    shown = row(raised_at=now)
    told_once(pending, shown, now + 50)
    assert pending.was_told(shown, "duty")
    assert not pending.was_told(row(raised_at=now, renewed_at=now + 49), "duty"), "it was told by the state before"


def test_a_clock_that_is_put_back_by_a_day_delays_nobody_and_repeats_nothing() -> None:
    pending, now, day = Pending(), at(2, 9), 24 * 3_600_000
    told_once(pending, row(raised_at=now), now)
    pending.offer(alert(id="a2", raised_at=now), now)
    pending.stepped(-day)
    assert pending.items["a2"].since == now - day
    over = row(raised_at=now, cleared_at=now - day + 5)
    told_once(pending, over, now - day + 10)
    assert not pending.untold_end("a1"), "an end that was told by the earlier clock is not told for a day"
    again = met(alert(raised_at=now), kept=alert(raised_at=now, renewed_at=now, cleared_at=now - day + 5), now_ms=now - day + 20)
    assert again.renewed_at > now, "later than the one before, whatever the clock says"
    after = Pending()
    after.load([], [row(raised_at=now)], now - day)
    assert after.items["a1"].since == now - day


def test_what_was_told_before_a_crash_is_not_told_again_and_its_end_is() -> None:
    now = at(1, 9)
    told = Message(id="m", contact="duty", about="alert", subject="s", text="t", alerts=("a1",), created_at=now)
    pending = Pending()
    pending.load([told], [row(cleared_at=now, raised_at=now - 5)], now)
    assert [one.about for one in pending.items.values()] == ["recovery"]
    over = told.replace(id="n", about="recovery")
    again = Pending()
    again.load([told, over], [row(cleared_at=now, raised_at=now - 5)], now)
    assert not again.items
