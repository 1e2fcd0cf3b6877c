"""The history of an alert: what the audit trail tells of it, as steps that a person reads. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.alerting import AlertStep, StepKind
from core.ports import JournalRow

_RISEN = "alert.update"


def steps(rows: Iterable[JournalRow]) -> tuple[AlertStep, ...]:
    """Oldest first, as `rows` are. What only counts (how many it suppresses) is no step."""
    return tuple(AlertStep(at_ms=row.at_ms, who=row.actor, what=what, text=text) for row in rows for what, text in _told(row))


def _told(row: JournalRow) -> Iterator[tuple[StepKind, str]]:
    before, after = row.before, row.after
    if not before:
        yield "raised", str(after.get("severity", ""))
    elif "severity" in after:
        yield "severity", f"{before['severity']} -> {after['severity']}"
    yield from _words(row)
    yield from _marks(before, after)
    yield from _end(row)


def _words(row: JournalRow) -> Iterator[tuple[StepKind, str]]:
    before, after = row.before, row.after
    if after.get("acked_at"):
        yield "acked", str(after.get("ack_reason", ""))
    elif before.get("acked_at") and "acked_at" in after:
        yield ("lapsed" if row.action == _RISEN else "unacked"), ""
    elif before.get("acked_at") == after.get("acked_at") and after.get("ack_reason"):
        yield "acked", str(after["ack_reason"])
    if row.action != "alert.close":
        for said in list(after.get("comments") or ())[len(before.get("comments") or ()) :]:
            yield "commented", str(said.get("text", ""))


def _marks(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[tuple[StepKind, str]]:
    """Windows, roots, flapping, cause; of a new one only what is there."""
    pairs: tuple[tuple[str, StepKind, StepKind], ...] = (
        ("silenced_by", "silenced", "unsilenced"), ("suppressed_by", "suppressed", "released"), ("flapping", "flapping", "calm"),
    )
    for field, came, went in pairs:
        if after.get(field):
            yield came, str(after[field]) if field != "flapping" else ""
        elif before.get(field) and field in after:
            yield went, ""
    if after.get("cause"):
        yield "cause", str(after["cause"])


def _end(row: JournalRow) -> Iterator[tuple[StepKind, str]]:
    if row.after.get("cleared_at"):
        said = list(row.after.get("comments") or ())
        yield ("closed", str(said[-1].get("text", "")) if said else "") if row.action == "alert.close" else ("cleared", "")
    elif row.before.get("cleared_at") and "cleared_at" in row.after:
        yield "reopened", ""
