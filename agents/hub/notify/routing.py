"""Who is told of an alert: pure decisions on routes, places and hours."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase
from typing import NamedTuple
from zoneinfo import ZoneInfo

from core.errors import InvalidInputError
from core.i18n import tr
from core.notices import Contact, Route
from core.signals import Severity
from core.windows import Place

SEVERITIES: tuple[Severity, ...] = ("critical", "major", "minor", "warning", "info")
WITHOUT_ROUTES: Severity = "major"
"""As long as there are no routes at all, every contact is told of what is so severe."""
_HOURS = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)-([01]?\d|2[0-4]):([0-5]\d)")
_DAYS = re.compile(r"[1-7](-[1-7])?(,[1-7](-[1-7])?)*")
DAY_MIN = 24 * 60


class Case(NamedTuple):
    """An alert as routes see it. severity: what it hurries."""

    severity: Severity
    place: Place
    role: str
    rule: str


class Chosen(NamedTuple):
    """Who is told, by which routes, and whether also when it is over. at_ms: when the hours of the first of them begin."""

    contact: Contact
    routes: tuple[str, ...]
    recovered: bool
    at_ms: int


def check(route: Route) -> None:
    """Raises `InvalidInputError` for hours, days or a time zone that cannot be meant."""
    if route.hours and not _HOURS.fullmatch(route.hours):
        raise InvalidInputError(tr("{text} are no hours.", text=route.hours[:20]), way_out=tr("For example 08:00-20:00 or 20:00-06:30."))
    if route.days and not _DAYS.fullmatch(route.days):
        raise InvalidInputError(tr("{text} are no days.", text=route.days[:20]), way_out=tr("For example 1-5 or 6,7; Monday is 1."))
    _zone(route.time_zone)


def chosen(case: Case, routes: Iterable[Route], contacts: Iterable[Contact], now_ms: int) -> list[Chosen]:
    """Every contact that some route names for this, in the order of their names."""
    known = {one.name: one for one in contacts if one.enabled}
    enabled = [one for one in routes if one.enabled]
    if not enabled and case.severity in SEVERITIES[: SEVERITIES.index(WITHOUT_ROUTES) + 1]:
        return [Chosen(one, (), True, now_ms) for _, one in sorted(known.items())]
    found: dict[str, Chosen] = {}
    for route in enabled:
        if not fits(route, case):
            continue
        at = opens_at(route, now_ms)
        for name in route.contacts:
            if (contact := known.get(name)) is not None:
                before = found.get(name) or Chosen(contact, (), False, at)
                found[name] = Chosen(contact, (*before.routes, route.name), before.recovered or route.recovered, min(before.at_ms, at))
    return [found[name] for name in sorted(found)]


def fits(route: Route, case: Case) -> bool:
    """Whether an alert is one of this route's, whatever the hour."""
    return (
        SEVERITIES.index(case.severity) <= SEVERITIES.index(route.least)
        and (not route.units or not case.place.units.isdisjoint(route.units))
        and (not route.sites or case.place.site in route.sites)
        and (not route.roles or case.role in route.roles)
        and (not route.rules or any(fnmatchcase(case.rule, one) for one in route.rules))
    )


def opens_at(route: Route, now_ms: int) -> int:
    """When the route's hours hold next, milliseconds since 1970; now where they do."""
    if not (route.hours or route.days):
        return now_ms
    zone = _zone(route.time_zone)
    now = datetime.fromtimestamp(now_ms / 1000, UTC).astimezone(zone)
    start, end = _span(route.hours)
    for ahead in range(-1, 9):
        day = (now + timedelta(days=ahead)).date()
        if route.days and day.isoweekday() not in _days(route.days):
            continue
        begins = datetime(day.year, day.month, day.day, tzinfo=zone) + timedelta(minutes=start)
        ends = begins + timedelta(minutes=(end - start) % DAY_MIN or DAY_MIN)
        if now < ends:
            return max(now_ms, int(begins.timestamp() * 1000))
    return now_ms


def _span(hours: str) -> tuple[int, int]:
    """Minutes of the day; the whole day where none are named."""
    found = _HOURS.fullmatch(hours)
    if found is None:
        return 0, 0
    return int(found[1]) * 60 + int(found[2]), int(found[3]) * 60 + int(found[4])


def _days(days: str) -> set[int]:
    found: set[int] = set()
    for part in days.split(","):
        first, _, last = part.partition("-")
        begin, end = int(first), int(last or first)
        found |= {(number - 1) % 7 + 1 for number in range(begin, begin + (end - begin) % 7 + 1)}
    return found


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise InvalidInputError(tr("There is no time zone {name}.", name=name[:64]), way_out=tr("For example Asia/Shanghai")) from None
