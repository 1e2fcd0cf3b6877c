"""An alert that is told meets the one that is kept: whoever tells it knows nothing of what people did about it meanwhile. Pure."""

from collections.abc import Iterable

from core.signals import Alert
from core.views import AlertRow

CALM_MS = 30 * 60_000
"""What flaps and comes back sooner is still taken on by whoever took it on."""
SEVERITIES = ("critical", "major", "minor", "warning", "info")
"""The most severe first."""


def met(told: Alert, kept: Alert | None, now_ms: int) -> Alert:
    """What is to be stored. What grew more severe or opened again is nobody's any more, and news; what follows from
    nothing any more is news, too."""
    if kept is None:
        return told
    after = told.replace(
        acked_at=kept.acked_at, acked_by=kept.acked_by, ack_reason=kept.ack_reason, comments=kept.comments,
        last_at=max(told.last_at, kept.last_at), renewed_at=kept.renewed_at,
    )
    if told.cleared_at:
        return after.replace(cleared_at=kept.cleared_at) if kept.cleared_at else after
    grew = SEVERITIES.index(told.severity) < SEVERITIES.index(kept.severity)
    if grew or kept.cleared_at:
        after = without_ack(after)
    freed = kept.suppressed_by and not told.suppressed_by
    return after.replace(renewed_at=renewed(kept, now_ms)) if grew or kept.cleared_at or freed else after


def renewed(kept: Alert, now_ms: int) -> int:
    """The `renewed_at` of what becomes news: later than the one before, whatever the clock did."""
    return max(now_ms, kept.renewed_at + 1)


def action_of(after: Alert, kept: Alert | None) -> str:
    """What stands in the journal."""
    if kept is None:
        return "alert.clear" if after.cleared_at else "alert.raise"
    if bool(kept.cleared_at) == bool(after.cleared_at):
        return "alert.update"
    return "alert.clear" if after.cleared_at else "alert.reopen"


def carried_on(alert: Alert, cleared: Iterable[AlertRow]) -> Alert:
    """A flapping one that came back: taken on by whoever had taken it on a moment ago. cleared: oldest first."""
    if not alert.flapping or alert.cleared_at or alert.acked_at:
        return alert
    same = (alert.device_id, alert.rule, alert.instance)
    before = [
        row for row in cleared
        if (row.device_id, row.rule, row.instance) == same and 0 <= alert.raised_at - row.cleared_at < CALM_MS
    ]
    last = max(before, key=lambda row: row.raised_at, default=None)
    if last is None or not last.acked_at or SEVERITIES.index(last.severity) > SEVERITIES.index(alert.severity):
        return alert
    return alert.replace(acked_at=last.acked_at, acked_by=last.acked_by, ack_reason=last.ack_reason)


def without_ack(alert: Alert) -> Alert:
    return alert.replace(acked_at=0, acked_by="", ack_reason="")
