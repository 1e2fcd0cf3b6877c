"""Reports as files: what the job `capacity.report` is asked, and what it leaves."""

from pathlib import Path
from typing import Any

import msgspec

from agents.hub.records import now_ms
from core.capacity import CapacityQuery, CapacityReport
from core.errors import InvalidInputError, NotFoundError
from core.i18n import tr

DAY_MS = 86_400_000
KEPT = 36


def checked(arguments: dict[str, Any]) -> dict[str, Any]:
    """What a report is about. Raises `InvalidInputError`. days: of a schedule, counted back from when the job is made."""
    days = arguments.get("days")
    try:
        start = now_ms() - int(days) * DAY_MS if days is not None else 0
        query = msgspec.convert({"start_ms": start, **{k: v for k, v in arguments.items() if k != "days"}}, CapacityQuery, strict=False)
    except (msgspec.ValidationError, ValueError, TypeError, OverflowError) as error:
        raise InvalidInputError(tr("This is no period: {reason}.", reason=str(error)[:200]), way_out="days=30") from None
    if not query.start_ms:
        raise InvalidInputError(tr("Since when?"), way_out="days=30")
    found: dict[str, Any] = msgspec.to_builtins(query)
    return found


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
