"""When a device says that something happened: the time stamps of all dialects, as milliseconds since 1970.

A stamp without a year is of the year that brings it nearest to the arrival; one without a zone is of the zone of whoever listens, for
that is how such devices are set up. What lies years away is no clock at all.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, 1)}
_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
_CLOCK = r"\d{1,2}:\d\d:\d\d(?:[.,:]\d{1,9}(?:\.\d+)?)?"
_ZONE = r"(?:\s?(?:Z\b|[+-]\d\d:?\d\d(?!\d)))?(?:\s?DST)?"
STAMP = re.compile(
    rf"[*.]?(?:\d{{4}}[-/]\d{{1,2}}[-/]\d{{1,2}}(?:T|,?\s+){_CLOCK}{_ZONE}"
    rf"|\d{{4}}\s+{_MONTH}\s+\d{{1,2}}\s+{_CLOCK}{_ZONE}"
    rf"|{_MONTH}\s+\d{{1,2}},?(?:\s+\d{{4}})?\s+{_CLOCK}(?:\s\d{{4}}(?=[\s:]))?{_ZONE}"
    rf"|\d{{1,2}}\s+{_MONTH}\s+\d{{4}}\s+{_CLOCK}{_ZONE})(?:\s[A-Z]{{3,5}}(?=:))?"
)
_PARTS = re.compile(r"(\d{1,2}):(\d\d):(\d\d)(?:[.,:](\d{1,9}))?")
_DATE = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})")
_NAMED = re.compile(rf"({_MONTH})\s+(\d{{1,2}})|(\d{{1,2}})\s+({_MONTH})")
_YEAR = re.compile(r"(?<![\d.:,])(\d{4})(?![\d.:])")
_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)(?:\s?DST)?$|(Z)$")
_SENSIBLE_MS = 400 * 86_400_000
"""Further away than this a clock was never set."""


def said_ms(stamp: str, at_ms: int, zone_s: int = 0) -> int:
    """0: it makes no sense. zone_s: seconds east of Greenwich of stamps that name no zone."""
    clock = _PARTS.search(stamp)
    if clock is None:
        return 0
    if clock[4] is None:
        return _parsed(stamp, at_ms // 3_600_000, zone_s)
    found = _parsed(stamp[: clock.end(3)] + stamp[clock.end() :], at_ms // 3_600_000, zone_s)  # remembered: thousands of one second
    return found + int(clock[4].ljust(3, "0")[:3]) if found else 0


@lru_cache(maxsize=4096)
def _parsed(stamp: str, hour: int, zone_s: int) -> int:
    at_ms = hour * 3_600_000
    clock = _PARTS.search(stamp)
    if clock is None:
        return 0
    head, tail = stamp[: clock.start()], stamp[clock.end() :]
    year, month, day = _day(head, tail)
    if not month:
        return 0
    zone = _zone(tail.strip(), zone_s)
    arrived = datetime.fromtimestamp(at_ms / 1000, zone)
    best = 0
    for guess in (year,) if year else (arrived.year - 1, arrived.year, arrived.year + 1):
        try:
            found = datetime(guess, month, day, int(clock[1]), int(clock[2]), int(clock[3]), 0, zone)
        except ValueError:
            continue
        ms = int(found.timestamp() * 1000)
        if abs(ms - at_ms) < abs(best - at_ms):
            best = ms
    return best if abs(best - at_ms) < _SENSIBLE_MS else 0


def _day(head: str, tail: str) -> tuple[int, int, int]:
    """(year, month, day); month 0: none is told, year 0: it is left to the arrival."""
    if date := _DATE.search(head):
        return int(date[1]), int(date[2]), int(date[3])
    named = _NAMED.search(head)
    if named is None:
        return 0, 0, 0
    month, day = (named[1], named[2]) if named[1] else (named[4], named[3])
    year = _YEAR.search(head) or _YEAR.search(tail)
    return int(year[1]) if year else 0, _MONTHS[month.lower()], int(day)


def _zone(tail: str, zone_s: int) -> timezone:
    found = _OFFSET.search(tail)
    if found is None:
        return UTC if tail.startswith(("UTC", "GMT")) else timezone(timedelta(seconds=zone_s))
    if found[4]:
        return UTC
    minutes = min(int(found[2]) * 60 + int(found[3]), 23 * 60)
    return timezone(timedelta(minutes=-minutes if found[1] == "-" else minutes))
