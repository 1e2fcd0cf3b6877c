"""How the node is doing, decided from what was looked at: no file, no clock, no socket here."""

from collections.abc import Sequence
from typing import NamedTuple

from core.i18n import mark
from core.node import NodeStatus, Reason
from core.views import ProcessRow

GIB, MIB = 1 << 30, 1 << 20
LOW_SHARE, LOW_BYTES = 0.05, 2 * GIB
"""Below both of these the disk is nearly full."""
OUT_SHARE, OUT_BYTES = 0.01, 64 * MIB
"""Below both of these it is full."""
CLOCK_MS = 5_000
CLOCK_TOLD_MS = 3_600_000
"""A step of the clock is told for so long."""
BEHIND_MS = 60_000
REFUSED_TOLD_MS = 300_000
UNSTABLE_MS = 600_000
"""A child that was started again lately is told for so long."""
_RANK: dict[NodeStatus, int] = {"failed": 0, "degraded": 1, "ok": 2}
WORDS = (mark("ok"), mark("degraded"), mark("failed"))


class Facts(NamedTuple):
    """What was looked at, at one moment. Times are milliseconds since 1970."""

    now_ms: int
    disk_size: int = 0
    disk_free: int = 0
    write_error: str = ""
    """Why the data folder cannot be written; empty: it can."""
    records_error: str = ""
    """Why the records cannot be read."""
    damaged: tuple[str, ...] = ()
    """Segments that were set aside, `name: reason`."""
    processes: Sequence[ProcessRow] = ()
    clock_step_ms: int = 0
    """The last step of the wall clock against the monotonic one; 0: none."""
    clock_step_at: int = 0
    newest_row_ms: int = 0
    """Time of the newest journal row."""
    refused: int = 0
    """Requests that met a fault of the storage in the last minutes."""
    samples_error: str = ""
    polling_error: str = ""
    seal_error: str = ""
    """Why the audit chain could not be sealed or its tip not be exported."""
    backup_error: str = ""
    """What the newest backup failed with."""
    notify_error: str = ""
    """Why somebody who should be told is not."""
    rules_error: str = ""
    """What is wrong with the site's own rules."""


def judge(facts: Facts) -> tuple[Reason, ...]:
    """Everything that is wrong, the worst first."""
    found = [*_records(facts), *_disk(facts), *_children(facts), *_clock(facts), *_stores(facts)]
    return tuple(sorted(found, key=lambda reason: _RANK[reason.status]))


def worst(reasons: Sequence[Reason]) -> NodeStatus:
    return min((reason.status for reason in reasons), key=_RANK.__getitem__, default="ok")


def _records(facts: Facts) -> list[Reason]:
    if facts.records_error:
        return [_reason("records", "failed", mark("The records cannot be read: {reason}"), reason=facts.records_error)]
    if facts.refused:
        text = mark("In the last minutes {count} requests met a fault of the storage; log/hub.log names it.")
        return [_reason("storage-refused", "degraded", text, count=facts.refused)]
    return []


def _disk(facts: Facts) -> list[Reason]:
    if facts.write_error:
        return [_reason("not-writable", "failed", mark("Nothing can be written: {reason}"), reason=facts.write_error)]
    if not facts.disk_size:
        return []
    free = f"{facts.disk_free / MIB:.0f} MiB"
    if facts.disk_free < min(OUT_BYTES, facts.disk_size * OUT_SHARE):
        return [_reason("disk-out", "failed", mark("The disk is full: {free} are left."), free=free)]
    if facts.disk_free < min(LOW_BYTES, facts.disk_size * LOW_SHARE):
        return [_reason("disk-low", "degraded", mark("The disk is nearly full: {free} are left."), free=free)]
    return []


def _children(facts: Facts) -> list[Reason]:
    found = []
    for row in facts.processes:
        if not row.pid and (row.since or row.error):
            text = mark("The process {kind} is down: {error}")
            found.append(_reason("child-down", "degraded", text, kind=row.kind, error=row.error or "-"))
        elif row.pid and row.restarts and 0 <= facts.now_ms - row.since < UNSTABLE_MS:
            text = mark("The process {kind} was started again lately, {count} times in all: {error}")
            found.append(_reason("child-restarted", "degraded", text, kind=row.kind, count=row.restarts, error=row.error or "-"))
    return found


def _clock(facts: Facts) -> list[Reason]:
    found = []
    if abs(facts.clock_step_ms) >= CLOCK_MS and abs(facts.now_ms - facts.clock_step_at) < CLOCK_TOLD_MS:
        text = mark("The clock stepped by {seconds} s while the hub ran.")
        found.append(_reason("clock-step", "degraded", text, seconds=f"{facts.clock_step_ms / 1000:+.0f}"))
    if facts.newest_row_ms - facts.now_ms >= BEHIND_MS:
        text = mark("The clock shows a time {seconds} s before the newest entry of the journal.")
        found.append(_reason("clock-behind", "degraded", text, seconds=f"{(facts.newest_row_ms - facts.now_ms) / 1000:.0f}"))
    return found


def _stores(facts: Facts) -> list[Reason]:
    found = []
    if facts.damaged:
        text = mark("{count} damaged segments were set aside, the first: {first}")
        found.append(_reason("segments-damaged", "degraded", text, count=len(facts.damaged), first=facts.damaged[0][:200]))
    told = (
        ("samples", mark("Samples are not being stored: {reason}"), facts.samples_error),
        ("polling", mark("Polling met a fault of our own: {reason}"), facts.polling_error),
        ("seal", mark("The audit chain could not be sealed, or its tip not be sent away: {reason}"), facts.seal_error),
        ("backup", mark("The newest backup failed: {reason}"), facts.backup_error),
        ("rules", mark("The site's own rules have a mistake, and what held before it holds: {reason}"), facts.rules_error),
        ("notify", mark("Messages do not reach those who should be told: {reason}"), facts.notify_error),
    )
    return found + [_reason(code, "degraded", text, reason=reason[:300]) for code, text, reason in told if reason]


def _reason(code: str, status: NodeStatus, message: str, **values: object) -> Reason:
    return Reason(code=code, status=status, message=message, values={name: str(value) for name, value in values.items()})


class Clock(NamedTuple):
    """Compares the wall clock with the monotonic one."""

    wall_ms: int
    steady_ms: int
    step_ms: int = 0
    at_ms: int = 0

    def look(self, wall_ms: int, steady_ms: int) -> "Clock":
        """The clock after another look; `step_ms` and `at_ms` are of the last step that mattered."""
        step = (wall_ms - self.wall_ms) - (steady_ms - self.steady_ms)
        if abs(step) < CLOCK_MS:
            return self._replace(wall_ms=wall_ms, steady_ms=steady_ms)
        return Clock(wall_ms, steady_ms, step, wall_ms)
