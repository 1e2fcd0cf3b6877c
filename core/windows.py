"""What windows change: pure decisions on maintenance 维护, freeze 封网, silence 静默 and heightened protection 重保.

Times are milliseconds since 1970, UTC.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from core.errors import InvalidInputError
from core.i18n import tr
from core.signals import Alert
from core.work import Window, WindowKind

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
LONGEST: dict[WindowKind, int] = {"silence": 7 * DAY_MS, "maintenance": 30 * DAY_MS, "freeze": 62 * DAY_MS, "protection": 92 * DAY_MS}
"""No window is longer: what nobody remembers must end by itself."""
AHEAD_MS = 366 * DAY_MS
MUTING: frozenset[WindowKind] = frozenset({"silence", "maintenance"})
"""Alerts of what they cover are marked, and still recorded."""
HOLDING_BACK: frozenset[WindowKind] = frozenset({"freeze", "protection"})
"""Changes of what they cover are refused."""
MOST_NAMES = 500


class Place(NamedTuple):
    """Where an object is, by names; of an alert also what it is about."""

    device: str = ""
    units: frozenset[str] = frozenset()
    """The unit it belongs to and all units above that one."""
    site: str = ""
    rule: str = ""
    instance: str = ""


def covers(window: Window, place: Place) -> bool:
    """A unit stands for all units below it. Without scope and devices a window covers everything."""
    if (window.rules and place.rule not in window.rules) or (window.instances and place.instance not in window.instances):
        return False
    scope = window.scope
    if not (scope.units or scope.sites or window.devices):
        return True
    named = bool(place.device) and place.device in window.devices
    return named or place.site in scope.sites or not place.units.isdisjoint(scope.units)


def holding(windows: Iterable[Window], kinds: Iterable[WindowKind], place: Place, now_ms: int) -> Window | None:
    """The window of one of these kinds that covers the place now; of several the one that holds longest."""
    wanted = frozenset(kinds)
    found = [one for one in windows if one.kind in wanted and one.holds(now_ms) and covers(one, place)]
    return max(found, key=lambda one: (one.ends_at, one.id), default=None)


def above(unit: str, parents: Mapping[str, str]) -> frozenset[str]:
    """A unit with all units above it; circles do no harm."""
    found: set[str] = set()
    while unit and unit not in found:
        found.add(unit)
        unit = parents.get(unit, "")
    return frozenset(found)


def check(window: Window, now_ms: int) -> None:
    """Raises `InvalidInputError` for a window that cannot be meant."""
    if not window.name.strip() or len(window.name) > 100:
        raise InvalidInputError(tr("A window needs a name of at most 100 characters."))
    if not window.reason.strip() or len(window.reason) > 1000:
        raise InvalidInputError(
            tr("A window needs its reason, in at most 1000 characters."), way_out=tr("Say why: the audit trail keeps it."),
        )
    if window.ends_at <= max(window.starts_at, now_ms):
        raise InvalidInputError(tr("The window ends before it begins, or has ended already."), way_out=tr("Name another end."))
    if window.ends_at - window.starts_at > LONGEST[window.kind]:
        raise InvalidInputError(
            tr("A window of this kind lasts at most {days} days.", days=LONGEST[window.kind] // DAY_MS),
            way_out=tr("End it earlier; a new one can follow."),
        )
    if window.starts_at > now_ms + AHEAD_MS:
        raise InvalidInputError(tr("A window begins within a year."))
    if window.kind in HOLDING_BACK and (window.rules or window.instances):
        raise InvalidInputError(tr("Only a silence or maintenance can be about some rules alone."))
    if sum(map(len, (window.devices, window.scope.units, window.scope.sites, window.rules, window.instances))) > MOST_NAMES:
        raise InvalidInputError(tr("A window names at most {count} objects.", count=MOST_NAMES), way_out=tr("Name units or sites instead."))


def conflicts(windows: Iterable[Window], new: Window) -> tuple[Window, ...]:
    """Windows that ask for the opposite at the same time, perhaps at the same place: work in a freeze, silence under protection."""
    against = HOLDING_BACK if new.kind in MUTING else MUTING
    return tuple(one for one in windows if one.kind in against and _overlap(one, new) and _may_meet(one, new))


def _overlap(one: Window, other: Window) -> bool:
    return one.starts_at < (other.ended_early_at or other.ends_at) and other.starts_at < (one.ended_early_at or one.ends_at)


def _may_meet(one: Window, other: Window) -> bool:
    """False only where it is certain that they cover nothing in common: both name the same sort of thing, and no name twice."""
    mine, theirs = _names(one), _names(other)
    if not any(mine) or not any(theirs):
        return True
    if [bool(names) for names in mine] != [bool(names) for names in theirs]:
        return True
    return any(a & b for a, b in zip(mine, theirs, strict=True))


def _names(window: Window) -> tuple[frozenset[str], ...]:
    return frozenset(window.scope.units), frozenset(window.scope.sites), frozenset(window.devices)


def marked(alert: Alert, window: Window | None) -> Alert:
    """The alert with the window that mutes it, or without one."""
    mark = window.id if window else ""
    return alert if alert.silenced_by == mark else alert.replace(silenced_by=mark)
