"""From "the condition holds" to an alert and back: raised once, cleared once, damped where a thing flaps. Pure; time is an argument."""

from collections.abc import Mapping
from hashlib import blake2b

from core.nouns import Noun, new_id
from core.signals import Alert, Severity
from monitors.rules.rule import Rule

MOST_FLAPS = 9
Key = tuple[str, str]
"""Rule and instance."""


class Watch(Noun, frozen=True, kw_only=True):
    """One condition that holds, or did a moment ago."""

    bad: bool
    since: int
    """Since when it is `bad` or not, ms. Never later than now, also when the clock was set back."""
    polls: int = 1
    flaps: int = 0
    alert: Alert | None = None


def taken_over(alert: Alert) -> Watch:
    """The watch of an alert that was left open."""
    return Watch(bad=True, since=alert.raised_at, alert=alert)


def observed(watch: Watch | None, bad: bool | None, now_ms: int) -> Watch | None:
    """The watch after a look that saw its condition (or did not: None)."""
    if bad is None:
        return watch
    if watch is None:
        return Watch(bad=True, since=now_ms) if bad else None
    if bad == watch.bad:
        return watch.replace(polls=watch.polls + 1)
    return watch.replace(bad=bad, since=now_ms, polls=1, flaps=watch.flaps + 1 if bad else watch.flaps)


def settled(
    device_id: str, rule: Rule, instance: str, watch: Watch | None, evidence: Mapping[str, str], now_ms: int,
    severity: Severity | None = None, for_s: float | None = None,
) -> tuple[Watch | None, Alert | None]:
    """Raises or clears what is due."""
    if watch is None:
        return None, None
    if now_ms < watch.since:
        watch = watch.replace(since=now_ms)
    held_s = (now_ms - watch.since) / 1000
    if watch.bad:
        enough = 0 < rule.raise_polls <= watch.polls
        if watch.alert is not None or not (enough or held_s >= (rule.for_s if for_s is None else for_s)):
            return watch, None
        alert = raised(device_id, rule, instance, watch.since, evidence, now_ms, severity)
        return watch.replace(alert=alert), alert
    if watch.alert is None:
        return None, None
    if held_s < rule.clear_s * (1 + min(watch.flaps, MOST_FLAPS)):
        return watch, None
    evidence = {**watch.alert.evidence, "flaps": str(watch.flaps)} if watch.flaps else watch.alert.evidence
    return None, cleared(watch.alert, now_ms).replace(evidence=dict(evidence))


def due_at(rule: Rule, watch: Watch | None) -> int | None:
    """When time alone will raise or clear it; None: it will not."""
    if watch is None or watch.bad == (watch.alert is not None):
        return None
    held_s = rule.for_s if watch.bad else rule.clear_s * (1 + min(watch.flaps, MOST_FLAPS))
    return watch.since + int(held_s * 1000)


def raised(
    device_id: str, rule: Rule, instance: str, since: int, evidence: Mapping[str, str], now_ms: int, severity: Severity | None = None,
) -> Alert:
    """A new alert; of the same thing judged again it has the same id."""
    return Alert(
        id=new_id(now_ms, _entropy(device_id, rule.name, instance, since)), rule=rule.name, device_id=device_id, instance=instance,
        severity=severity or rule.severity, evidence={k: v for k, v in evidence.items() if v}, raised_at=now_ms, began_at=since,
        last_at=now_ms,
    )


def cleared(alert: Alert, now_ms: int) -> Alert:
    return alert.replace(cleared_at=max(now_ms, alert.raised_at + 1))


def _entropy(device_id: str, rule: str, instance: str, since: int) -> bytes:
    """Ten bytes that are the same whenever the same thing is judged again."""
    return blake2b(f"{device_id}\0{rule}\0{instance}\0{since}".encode(), digest_size=10).digest()
