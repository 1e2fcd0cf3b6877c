"""When a schedule is due: pure decisions on a cron expression (crontab(5)), a time zone and the newest due time that was served.

Times are milliseconds since 1970, UTC. Daylight saving is treated as Debian's cron does it: a time that a change of clocks skips is due
right after it, one that comes twice is due once; every minute or hour is every minute or hour.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from core.errors import InvalidInputError
from core.i18n import mark, tr
from core.work import Schedule

DAY_MS = 86_400_000
MOST_JITTER_S = 6 * 3600
MOST_CRON = 200
MOST_SHOWN = 50
MINUTE_MS = 60_000
FIRST, LAST = 0, 4_102_444_800_000
"""1970 and 2100: a clock beyond them plans nothing."""
FAR_MS = 9 * 366 * DAY_MS
"""Between two 29th of February may lie eight years."""
DOWNTIME = mark("Nothing ran when it was due, and it does not catch up.")
OVERLAP = mark("The one before was still running.")


Before = Literal["", "waiting", "running"]
Change = Callable[[Schedule], Schedule]


class Due(NamedTuple):
    """A time that was due. `missed`: why no job runs for it; empty: one runs."""

    at_ms: int
    missed: str = ""


def zone(name: str) -> ZoneInfo:
    """Raises `InvalidInputError` for what is no IANA time zone."""
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        raise InvalidInputError(
            tr("There is no time zone {name}.", name=name[:64]), way_out=tr("Name it as Asia/Shanghai or Europe/Berlin."),
        ) from None


def check(schedule: Schedule) -> None:
    """Raises `InvalidInputError` for what can never run as it stands."""
    zone(schedule.time_zone)
    if len(schedule.cron) > MOST_CRON or len(schedule.cron.split()) != 5:
        raise _not_cron(tr("it has five fields: minute, hour, day of month, month, day of week"))
    try:
        first = next(CronSim(schedule.cron, datetime(2024, 1, 1)), None)  # noqa: DTZ001 -- only whether there is one
    except CronSimError as error:
        raise _not_cron(str(error)) from None
    if first is None:
        raise _not_cron(tr("it is never due"))
    bounds = (("jitter_s", 0, MOST_JITTER_S), ("deadline_s", 1, 7 * 86_400), ("limit_s", 0, 7 * 86_400))
    for name, low, high in bounds:
        if not low <= getattr(schedule, name) <= high:
            raise InvalidInputError(tr("{name} takes {low} to {high} seconds.", name=name, low=low, high=high))


def _not_cron(reason: str) -> InvalidInputError:
    return InvalidInputError(
        tr("This is no cron expression: {reason}.", reason=reason), way_out=tr("For example `30 2 * * *` for every night at 02:30."),
    )


def jitter_ms(schedule: Schedule) -> int:
    """How much later than due this schedule runs: the same every time."""
    if schedule.jitter_s <= 0:
        return 0
    seed = int.from_bytes(hashlib.sha256(schedule.id.encode()).digest()[:8], "big")
    return seed % (schedule.jitter_s * 1000 + 1)


def after(schedule: Schedule, at_ms: int) -> int:
    """The first due time after a moment, without jitter; 0: none."""
    moment = datetime.fromtimestamp(at_ms // 1000, UTC).astimezone(zone(schedule.time_zone))
    found = next(CronSim(schedule.cron, moment), None)
    return int(found.timestamp()) * 1000 if found else 0


def newest(schedule: Schedule, now_ms: int) -> int:
    """The newest time that is due by now and after what was served; 0: none, or a clock that cannot be right.

    By halves between what was served and now, so that years of downtime cost as little as a minute.
    """
    now = now_ms - jitter_ms(schedule)
    if not FIRST < now < LAST:
        return 0
    found = after(schedule, max(schedule.last_due, now - FAR_MS))
    if not found or found > now:
        return 0
    high = now
    while high - found >= MINUTE_MS:
        middle = (found + high) // 2
        later = after(schedule, middle)
        if later and later <= now:
            found = later
        else:
            high = middle
    return found


def upcoming(schedule: Schedule, now_ms: int, count: int) -> tuple[int, ...]:
    """The next times at which it runs, jitter included."""
    late = jitter_ms(schedule)
    found: list[int] = []
    at = now_ms - late
    while FIRST < at < LAST and len(found) < min(count, MOST_SHOWN) and (at := after(schedule, at)):
        found.append(at + late)
    return tuple(found)


def clock_was_ahead(schedule: Schedule, now_ms: int) -> bool:
    """Whether what was served lies so far ahead that the clock must have been wrong then: it would not run again until then."""
    return schedule.last_due > now_ms + DAY_MS


def due(schedule: Schedule, now_ms: int, before: Before = "") -> Due | None:
    """What is due now and was not served yet: after a downtime only the newest. None: nothing.

    before: how the job of this schedule before it stands, where it has not ended.
    """
    if not schedule.enabled:
        return None
    at = newest(schedule, now_ms)
    if at <= schedule.last_due:
        return None
    if before and schedule.overlap == "skip":
        return Due(at, OVERLAP)
    late_ms = now_ms - at - jitter_ms(schedule)
    if not schedule.catch_up and late_ms > schedule.deadline_s * 1000:
        return Due(at, DOWNTIME)
    return Due(at)
