"""When a rule holds: hours of the week and days of the calendar, by a clock that is a fixed distance from UTC (China has one, all year).

    Mon-Fri 08:00-18:00     Sat,Sun     22:00-06:00     2026-10-01..2026-10-08     2026-10-10 00:00-12:00

Hours over midnight belong to the day on which they begin. Pure; time is an argument: milliseconds, one or an array of them.
"""

import re
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from monitors.rules.rule import Rule

DAY_MIN, MINUTE_MS = 1440, 60_000
_DAYS = {name: number for number, name in enumerate(("mon", "tue", "wed", "thu", "fri", "sat", "sun"))}
_THURSDAY = 3
"""The first day of 1970."""
_EPOCH = date(1970, 1, 1).toordinal()
_ALL_DAYS = 0b1111111
_EVER = (-1 << 31, 1 << 31)
_SPAN = re.compile(
    r"(?:(?P<days>[a-z]{3}(?:[,-][a-z]{3})*)|(?P<first>\d{4}-\d\d-\d\d)(?:\.\.(?P<last>\d{4}-\d\d-\d\d))?)?"
    r"\s*(?:(?P<start>\d\d:\d\d)-(?P<end>\d\d:\d\d))?"
)
_ZONE = re.compile(r"([+-])(\d\d):(\d\d)")


class Span(NamedTuple):
    """days: a bit for each day of the week, Monday first. first, last: days since 1970. start, end: minutes of the day."""

    days: int
    first: int
    last: int
    start: int
    end: int


@lru_cache(maxsize=1024)
def spans(texts: tuple[str, ...]) -> tuple[Span, ...]:
    """Raises `ValueError` with what is wrong, in one sentence."""
    return tuple(_span(text) for text in texts)


@lru_cache(maxsize=64)
def minutes_of(zone: str) -> int:
    """How far a clock is ahead of UTC, minutes: `+08:00`. Raises `ValueError`."""
    found = _ZONE.fullmatch(zone)
    if not found or int(found[2]) > 14 or int(found[3]) > 59:
        raise ValueError("a distance from UTC as +08:00 is expected.")
    return (1 if found[1] == "+" else -1) * (int(found[2]) * 60 + int(found[3]))


def is_timed(rule: Rule) -> bool:
    """Whether it holds at some times only."""
    return bool(rule.during or rule.not_during)


def holds_at(rule: Rule, at_ms: Any) -> Any:
    """Whether the rule is in force then: a truth for one moment, an array of them for an array."""
    local = at_ms // MINUTE_MS + minutes_of(rule.zone)
    inside = _in_any(spans(rule.during), local) if rule.during else local == local
    return inside & (_in_any(spans(rule.not_during), local) ^ True) if rule.not_during else inside


def edges(rule: Rule, start_ms: int, end_ms: int) -> Iterator[int]:
    """Moments within [start, end) at which it may begin or cease to hold."""
    zone = minutes_of(rule.zone)
    minutes = {minute for span in (*spans(rule.during), *spans(rule.not_during)) for minute in (0, span.start, span.end)}
    for day in range((start_ms // MINUTE_MS + zone) // DAY_MIN, (end_ms // MINUTE_MS + zone) // DAY_MIN + 1):
        for minute in sorted(minutes):
            at = (day * DAY_MIN + minute - zone) * MINUTE_MS
            if start_ms <= at < end_ms:
                yield at


def _in_any(some: tuple[Span, ...], local: Any) -> Any:
    found = _in(some[0], local)
    for span in some[1:]:
        found = found | _in(span, local)
    return found


def _in(span: Span, local: Any) -> Any:
    day, minute = local // DAY_MIN, local % DAY_MIN
    if span.start < span.end:
        return _is_day(span, day) & (minute >= span.start) & (minute < span.end)
    return (_is_day(span, day) & (minute >= span.start)) | (_is_day(span, day - 1) & (minute < span.end))


def _is_day(span: Span, day: Any) -> Any:
    return (day >= span.first) & (day <= span.last) & ((span.days >> ((day + _THURSDAY) % 7)) & 1 == 1)


def _span(text: str) -> Span:
    found = _SPAN.fullmatch(text.strip().lower())
    if not found or not any(found.groups()):
        raise ValueError(f"{text[:40]!r} is no span as `Mon-Fri 08:00-18:00`, `Sat,Sun` or `2026-10-01..2026-10-08`.")
    start, end = (_minute(found["start"]), _minute(found["end"])) if found["start"] else (0, DAY_MIN)
    if start in (end, DAY_MIN):
        raise ValueError(f"{text[:40]!r} ends where it begins.")
    first, last = _dates(found["first"], found["last"]) if found["first"] else _EVER
    return Span(_days(found["days"]) if found["days"] else _ALL_DAYS, first, last, start, end)


def _minute(text: str) -> int:
    hour, minute = int(text[:2]), int(text[3:])
    if minute > 59 or hour * 60 + minute > DAY_MIN:
        raise ValueError(f"{text} is no time of day.")
    return hour * 60 + minute


def _dates(first: str, last: str | None) -> tuple[int, int]:
    try:
        begin, end = (date.fromisoformat(text).toordinal() - _EPOCH for text in (first, last or first))
    except ValueError:
        raise ValueError(f"{first}..{last or first} is no day of the calendar.") from None
    if end < begin:
        raise ValueError(f"{first}..{last} ends before it begins.")
    return begin, end


def _days(text: str) -> int:
    out = 0
    for part in text.split(","):
        names = part.split("-")
        if len(names) > 2 or any(name not in _DAYS for name in names):
            raise ValueError(f"{part!r} is no day of the week: mon tue wed thu fri sat sun.")
        first, last = _DAYS[names[0]], _DAYS[names[-1]]
        for step in range((last - first) % 7 + 1):
            out |= 1 << (first + step) % 7
    return out
