"""Half a year of lines does not go because a clock jumped."""

from pathlib import Path

from agents.ears_clock import AHEAD_MS, AWAY_MS, DAY_MS, RetentionClock
from core.ports import LogQuery
from core.sections import Logs
from core.signals import RawLine
from stores.logs import open_logs

NOW = 1_795_400_000_000
TEN_YEARS = 3650 * DAY_MS


def test_an_honest_clock_is_believed_for_years() -> None:
    clock = RetentionClock(NOW, 5_000, NOW - DAY_MS)
    for days in (0, 1, 190, 3_000):
        wall, steady = NOW + days * DAY_MS, 5_000 + days * DAY_MS
        assert clock.now_ms(wall, steady) == wall
        assert not clock.doubts(wall, steady)
    assert clock.now_ms(NOW - TEN_YEARS, 6_000) == NOW - TEN_YEARS, "one that goes back makes nothing old"


def test_one_that_jumps_ahead_is_not_and_neither_is_one_that_was_wrong_at_the_start() -> None:
    clock = RetentionClock(NOW, 5_000, NOW - DAY_MS)
    assert clock.now_ms(NOW + TEN_YEARS, 6_000) == NOW + 1_000 + AHEAD_MS
    assert clock.doubts(NOW + TEN_YEARS, 6_000)
    wrong = RetentionClock(NOW + TEN_YEARS, 5_000, NOW)
    assert wrong.now_ms(NOW + TEN_YEARS, 5_000) == NOW + AWAY_MS + AHEAD_MS
    assert not RetentionClock(NOW, 0, 0).doubts(NOW, 0), "nothing is kept yet"


def test_lines_stay_when_the_clock_jumps_and_go_when_they_are_old(tmp_path: Path) -> None:
    store = open_logs(tmp_path, Logs())
    for days in (200, 100, 0):
        store.append([RawLine(at_ms=NOW - days * DAY_MS, source="10.0.0.1", kind="syslog", raw=b"<13>%d days" % days)])
        store._close_file()
        for _ in range(3):
            store.maintain(NOW - days * DAY_MS)  # seals it
    clock = RetentionClock(NOW, 0, store.newest_ms())

    def kept() -> list[bytes]:
        return [line.raw for line in store.search(LogQuery(start_ms=0, end_ms=2 * NOW))]

    assert kept() == [b"<13>0 days", b"<13>100 days"]
    store.maintain(clock.now_ms(NOW + TEN_YEARS, 60_000))
    assert len(kept()) == 2
    store.maintain(clock.now_ms(NOW + 100 * DAY_MS, 100 * DAY_MS))
    assert kept() == [b"<13>0 days"]
    store.close()
