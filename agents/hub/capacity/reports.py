"""Reports as files: what the job `capacity.report` is asked, and what it leaves."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from agents.hub.records import now_ms
from core import months
from core.capacity import MOST_AVAILABLE, AvailabilityGroup, AvailabilityRow, CapacityQuery, CapacityReport, Measured
from core.errors import InvalidInputError, NotFoundError
from core.i18n import tr

DAY_MS = 86_400_000
KEPT = 36


def checked(arguments: dict[str, Any]) -> dict[str, Any]:
    """What a report is about. Raises `InvalidInputError`. Of a schedule, by when the job is made: days, counted back; month, `last` or
    a name."""
    rest = {name: value for name, value in arguments.items() if name not in ("days", "month")}
    try:
        query = msgspec.convert({**_period(arguments.get("days"), arguments.get("month")), **rest}, CapacityQuery, strict=False)
    except (msgspec.ValidationError, ValueError, TypeError, OverflowError) as error:
        raise InvalidInputError(tr("This is no period: {reason}.", reason=str(error)[:200]), way_out="days=30, month=last") from None
    if not query.start_ms:
        raise InvalidInputError(tr("Since when?"), way_out="days=30, month=last")
    found: dict[str, Any] = msgspec.to_builtins(query)
    return found


def _period(days: Any, month: Any) -> dict[str, int]:
    if month is not None:
        start, end = months.parse(months.latest(now_ms(), 2)[1] if month == "last" else str(month))
        return {"start_ms": start, "end_ms": end}
    return {"start_ms": now_ms() - int(days) * DAY_MS if days is not None else 0}


def with_availability(report: CapacityReport, kind: Measured, rows: Sequence[AvailabilityRow]) -> CapacityReport:
    """With how long all of a kind worked, in the order that is given."""
    if not rows:
        return report
    up, down = sum(row.up_s for row in rows), sum(row.down_s for row in rows)
    group = AvailabilityGroup(
        kind=kind, count=len(rows), measured=sum(row.percent is not None for row in rows), missed=sum(row.met is False for row in rows),
        percent=100 * up / (up + down) if up + down else None,
        completeness=round(sum(row.completeness for row in rows) / len(rows), 6),
    )
    return report.replace(available=(*report.available, group), availability=(*report.availability, *rows[:MOST_AVAILABLE]))


def keep(folder: Path, report: CapacityReport) -> None:
    """Whole or not at all; the oldest go."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{report.id}.json"
    part = path.with_suffix(".tmp")
    part.write_bytes(msgspec.json.encode(report))
    part.replace(path)
    for old in sorted(folder.glob("*.json"))[:-KEPT]:
        old.unlink(missing_ok=True)


def read(folder: Path, job_id: str) -> CapacityReport:
    """Raises `NotFoundError`."""
    path = folder / f"{job_id}.json"
    if Path(job_id).name != job_id or "\0" in job_id or not path.is_file():
        raise NotFoundError(tr("There is no such report (any more)."), way_out="yunwang capacity report")
    return msgspec.json.decode(path.read_bytes(), type=CapacityReport)
