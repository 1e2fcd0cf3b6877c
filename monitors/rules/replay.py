"""What a rule would have raised: its verdicts over stored samples, settled as they are when they are fresh. Pure.

Frames are of the resolution that is still kept: what was shorter than that cannot be seen any more.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from core.signals import Alert, SeriesFrame
from monitors.rules.binding import NOTHING_TOLD, Told, is_meant, text_of
from monitors.rules.hours import edges, holds_at, is_timed
from monitors.rules.rule import WINDOWED, Rule
from monitors.rules.settling import Watch, observed, settled
from monitors.rules.windowed import DAY_MS, HOUR_MS, verdict

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
_QUARTER_MS = 15 * 60_000
_PORT_DOWN = (2, 6, 7)
_BUCKET_S = 300
_MOST = 1000
"""Alerts of one series."""
POLL_METRICS = {"unreachable": "yw_up", "port-down": "ifOperStatus"}
"""Of rules that poll: where samples show what they saw. The others leave no trace in samples."""


def metrics_of(rule: Rule) -> tuple[str, ...]:
    """Which series a rule is judged on; empty: samples do not show it."""
    if rule.kind == "poll":
        return (POLL_METRICS[rule.sees],) if rule.sees in POLL_METRICS else ()
    return rule.metric


def replay(
    rule: Rule, device_id: str, instance: str, frame: SeriesFrame, start_ms: int, end_ms: int, *, scale: float = 1.0,
    told: Told = NOTHING_TOLD,
) -> tuple[Alert, ...]:
    """Alerts of one series from `start_ms` on, in order; those that still held at the end are not cleared. rule: as it is for this part.
    scale: see `share_of`. The frame begins as much earlier as the rule looks back."""
    if rule.kind in WINDOWED:
        return _windowed(rule, device_id, instance, frame, start_ms, end_ms, scale)
    inside = (frame.at_ms >= start_ms) & (frame.at_ms < end_ms)
    at, value = frame.at_ms[inside], _judged(rule, frame, told)[inside] * scale
    found = _conditions(rule, value, told)
    if found is None or not len(at):
        return ()
    beyond, holds = found
    if is_timed(rule):
        beyond, holds = beyond & holds_at(rule, at), holds & holds_at(rule, at)
    return _spells(rule, device_id, instance, at, beyond, holds, lambda number: _evidence(rule, float(value[number]), told))


def _judged(rule: Rule, frame: SeriesFrame, told: Told) -> Floats:
    """Of roll-ups the worst of each bucket, unless the rule waits longer than a bucket lasts; of raw samples the samples."""
    if rule.kind == "threshold" and max(rule.for_s, rule.clear_s) < _BUCKET_S:
        return frame.high if rule.above is not None else frame.low
    if rule.kind in ("state", "poll"):
        worst = _conditions(rule.replace(only_after_good=False), frame.high, told)
        return frame.low if worst is None else np.where(worst[0], frame.high, frame.low)
    return frame.mean


def _conditions(rule: Rule, value: Floats, told: Told) -> tuple[Flags, Flags] | None:
    """Where it would be raised, and where it goes on once it was."""
    if rule.kind == "threshold":
        level = rule.above if rule.above is not None else rule.below
        level = told.limits.get(level) if isinstance(level, str) else level
        if level is None:
            return None
        clear = level if rule.clear is None else rule.clear
        return (value > level, value > clear) if rule.above is not None else (value < level, value < clear)
    if rule.kind == "change":
        moved = np.diff(value, prepend=value[:1])
        moved = {"any": np.abs(moved), "up": moved, "down": -moved}[rule.direction]
        return moved >= max(rule.by, 1e-9), moved > 0
    if rule.kind == "state":
        words = [word.lower() for word in rule.bad if isinstance(word, str)]
        meant = [int(v) for v, meaning in told.states.items() if v.isdigit() and is_meant(meaning, words)]
        bad = ~np.isin(value, rule.good) if rule.good else np.isin(value, [*(v for v in rule.bad if isinstance(v, int)), *meant])
        return _after_good(bad) if rule.only_after_good else (bad, bad)
    if rule.sees == "unreachable":
        return value < 1, value < 1
    return _after_good(np.isin(value, _PORT_DOWN)) if rule.sees == "port-down" else None


def _after_good(bad: Flags) -> tuple[Flags, Flags]:
    first = int(np.argmin(bad)) if not bad.all() else len(bad)
    bad = bad & (np.arange(len(bad)) > first)
    return bad, bad


def _spells(
    rule: Rule, device_id: str, instance: str, at: npt.NDArray[np.int64], beyond: Flags, holds: Flags,
    evidence: Callable[[int], Mapping[str, str]],
) -> tuple[Alert, ...]:
    """Looks closely only where something begins or ends."""
    out: dict[str, Alert] = {}
    begins, ends = np.flatnonzero(beyond), np.flatnonzero(~holds)
    watch: Watch | None = None
    number = 0
    while number < len(at) and len(out) < _MOST:
        if watch is None:
            number = _following(begins, number, len(at))
        elif watch.alert is not None and watch.bad:
            number = _following(ends, number, len(at))
        if number >= len(at):
            break
        alerted = watch is not None and watch.alert is not None and watch.bad
        watch = observed(watch, bool(holds[number] if alerted else beyond[number]), int(at[number]))
        watch, alert = settled(device_id, rule, instance, watch, evidence(number), int(at[number]))
        if alert is not None:
            out[alert.id] = alert
        number += 1
    return tuple(out.values())


def _following(places: npt.NDArray[np.int64], number: int, end: int) -> int:
    found = int(np.searchsorted(places, number))
    return int(places[found]) if found < len(places) else end


def _evidence(rule: Rule, value: float, told: Told) -> Mapping[str, str]:
    if rule.kind == "state":
        return {"value": text_of(value), "state": told.states.get(str(int(value)), "")}
    return {"value": text_of(value)}


def _windowed(
    rule: Rule, device_id: str, instance: str, frame: SeriesFrame, start_ms: int, end_ms: int, scale: float,
) -> tuple[Alert, ...]:
    step = HOUR_MS if rule.window_s * 1000 >= DAY_MS or rule.kind == "seasonal" else _QUARTER_MS
    out: dict[str, Alert] = {}
    watch: Watch | None = None
    for now in range(start_ms, end_ms + 1, step):
        found = verdict(rule, frame, now, was_bad=watch is not None and watch.bad, scale=scale)
        watch = observed(watch, None if found is None else found.bad and bool(holds_at(rule, now)), now)
        seen = {} if found is None else {name: text_of(value) for name, value in found.seen.items()}
        watch, alert = settled(device_id, rule, instance, watch, seen, now)
        if alert is not None:
            out[alert.id] = alert
    return tuple(out.values())


def composed(rule: Rule, device_id: str, parts: Mapping[str, Sequence[Alert]], end_ms: int) -> tuple[Alert, ...]:
    """What a composition would have raised. parts: alerts of each rule that it names."""
    moments = sorted({t for alerts in parts.values() for a in alerts for t in (a.raised_at, a.cleared_at) if 0 < t <= end_ms} | {end_ms})
    if is_timed(rule) and len(moments) > 1:
        moments = sorted({*moments, *edges(rule, moments[0], end_ms)})
    out: dict[str, Alert] = {}
    watch: Watch | None = None
    for before, now in zip([0, *moments], moments, strict=False):
        if watch is not None and watch.bad and watch.alert is None and before:
            due = min(now, watch.since + int(rule.for_s * 1000))
            watch, alert = settled(device_id, rule, "", watch, {}, due)
            if alert is not None:
                out[alert.id] = alert
        open_ones = {name for name, alerts in parts.items() if any(a.raised_at <= now and not 0 < a.cleared_at <= now for a in alerts)}
        watch = observed(watch, is_composed(rule, open_ones) and bool(holds_at(rule, now)), now)
        watch, alert = settled(device_id, rule, "", watch, {"rules": " ".join(sorted(open_ones))}, now)
        if alert is not None:
            out[alert.id] = alert
    return tuple(out.values())


def is_composed(rule: Rule, open_rules: set[str] | frozenset[str]) -> bool:
    """Whether a composition holds where alerts of these rules are open."""
    return (
        open_rules.issuperset(rule.all) and (not rule.any or not open_rules.isdisjoint(rule.any)) and open_rules.isdisjoint(rule.none)
    )
