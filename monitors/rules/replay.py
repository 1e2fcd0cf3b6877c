"""What a rule would have raised: its verdicts over stored samples, settled as they are when they are fresh. Pure.

Frames are of the resolution that is still kept: what was shorter than that cannot be seen any more.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from core.signals import Alert, SeriesFrame, SeriesKey
from monitors.rules.binding import NOTHING_TOLD, Told, is_meant, text_of
from monitors.rules.composing import is_composed
from monitors.rules.hours import edges, holds_at, is_timed
from monitors.rules.lasting import evidence_of
from monitors.rules.rule import WINDOWED, Rule
from monitors.rules.settling import Watch, due_at, observed, settled
from monitors.rules.sifting import PORT_DOWN, crowded_moments, silent_moments, unusual_moments
from monitors.rules.windowed import DAY_MS, HOUR_MS, near_moments, verdict

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
_QUARTER_MS = 15 * 60_000
_PORT_UP = 1
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
    scale: see `share_of`. The frame begins as much earlier as the rule looks back; of what it does not hold nothing is concluded, so that
    of rules on single values it may be those spans alone that `closeup` names."""
    if rule.kind in WINDOWED:
        return replay_moments(rule, device_id, instance, frame, moments_of(rule, start_ms, end_ms), None, scale) or ()
    inside = (frame.at_ms >= start_ms) & (frame.at_ms < end_ms)
    frame = SeriesFrame(frame.at_ms[inside], frame.mean[inside], frame.low[inside], frame.high[inside])
    at, value = frame.at_ms, _judged(rule, frame, told) * scale
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
        return _after_good(bad, ~bad) if rule.only_after_good else (bad, bad)
    if rule.sees == "unreachable":
        return value < 1, value < 1
    return _after_good(np.isin(value, PORT_DOWN), value == _PORT_UP) if rule.sees == "port-down" else None


def _after_good(bad: Flags, good: Flags) -> tuple[Flags, Flags]:
    first = int(np.argmax(good)) if good.any() else len(bad)
    bad = bad & (np.arange(len(bad)) > first)
    return bad, bad


def _spells(
    rule: Rule, device_id: str, instance: str, at: Ints, beyond: Flags, holds: Flags,
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


def _following(places: Ints, number: int, end: int) -> int:
    found = int(np.searchsorted(places, number))
    return int(places[found]) if found < len(places) else end


def _evidence(rule: Rule, value: float, told: Told) -> Mapping[str, str]:
    if rule.kind == "state":
        return {"value": text_of(value), "state": told.states.get(str(int(value)), "")}
    return {"value": text_of(value)}


def moments_of(rule: Rule, start_ms: int, end_ms: int) -> Ints:
    """At which moments a rule over a while is tried."""
    step = HOUR_MS if rule.window_s * 1000 >= DAY_MS or rule.kind == "seasonal" else _QUARTER_MS
    return np.arange(start_ms, end_ms + 1, step, dtype=np.int64)


def replay_moments(
    rule: Rule, device_id: str, instance: str, frame: SeriesFrame, moments: Ints, known: Flags | None, scale: float = 1.0,
) -> tuple[Alert, ...] | None:
    """The same of a rule over a while. known: at which moments the frame holds what the rule looks back on, and outside of which nothing
    begins (`closeup`); None: at all. The result is None where what began is to be followed to a moment outside."""
    finite = np.isfinite(frame.mean)
    frame = frame if finite.all() else SeriesFrame(frame.at_ms[finite], frame.mean[finite], frame.low[finite], frame.high[finite])
    looks = _Looks(rule, device_id, instance, frame, scale)
    if rule.kind == "forecast":
        _forecasts(looks, rule, frame, moments, scale)
        return tuple(looks.alerts.values())
    worth = _worth(rule, frame, moments, scale)
    places, number = np.flatnonzero(worth if known is None else worth & known), 0
    while number < len(moments):
        if looks.watch is None:
            number = _following(places, number, len(moments))
            if number >= len(moments):
                break
        elif known is not None and not known[number]:
            return None
        looks.at(int(moments[number]))
        number += 1
    return tuple(looks.alerts.values())


def _worth(rule: Rule, frame: SeriesFrame, moments: Ints, scale: float) -> Flags:
    """At which moments something may begin."""
    match rule.kind:
        case "percentile":
            return crowded_moments(rule, frame.at_ms, frame.mean * scale, moments)
        case "seasonal":
            return unusual_moments(rule, frame, moments, scale)
        case "absence":
            return silent_moments(rule, frame.at_ms, moments - _BUCKET_S * 1000)
        case _:
            return np.ones(len(moments), np.bool_)


class _Looks:
    """One series under a rule over a while, looked at again and again."""

    def __init__(self, rule: Rule, device_id: str, instance: str, frame: SeriesFrame, scale: float) -> None:
        self._rule, self._frame, self._scale = rule, frame, scale
        self._key = SeriesKey(device_id, rule.metric[0] if len(rule.metric) == 1 else "", instance)
        self.watch: Watch | None = None
        self.alerts: dict[str, Alert] = {}

    def at(self, now: int) -> None:
        rule, before = self._rule, self.watch
        seen_at = now - (_BUCKET_S * 1000 if rule.kind == "absence" else 0)
        found = verdict(rule, self._frame, seen_at, was_bad=before is not None and before.bad, scale=self._scale)
        watch = observed(before, None if found is None else found.bad and bool(holds_at(rule, now)), now)
        evidence = {} if found is None else evidence_of(rule, found.seen, self._key)
        self.watch, alert = settled(self._key.device_id, rule, self._key.instance, watch, evidence, now)
        if alert is not None:
            self.alerts[alert.id] = alert

    def state(self) -> bool | None:
        return None if self.watch is None else self.watch.bad


def _forecasts(looks: _Looks, rule: Rule, frame: SeriesFrame, moments: Ints, scale: float) -> None:
    """Once a day; where a day changes it, each hour of that day."""
    stride = max(int(DAY_MS // (moments[1] - moments[0])), 1) if len(moments) > 1 else 1
    days = np.arange(0, len(moments), stride)
    near = near_moments(rule, frame.at_ms, frame.mean * scale, moments[days])
    for number, some in zip(days.tolist(), near.tolist(), strict=True):
        if not some and looks.watch is None:
            continue
        watch, alerts, state = looks.watch, dict(looks.alerts), looks.state()
        looks.at(int(moments[number]))
        if looks.state() is not state:
            looks.watch, looks.alerts = watch, alerts
            for now in moments[max(number - stride + 1, 0) : number + 1].tolist():
                looks.at(now)


def composed(rule: Rule, device_id: str, parts: Mapping[str, Sequence[Alert]], end_ms: int) -> tuple[Alert, ...]:
    """What a composition would have raised. parts: alerts of each rule that it names."""
    moments = sorted({t for alerts in parts.values() for a in alerts for t in (a.raised_at, a.cleared_at) if 0 < t <= end_ms} | {end_ms})
    if is_timed(rule) and len(moments) > 1:
        moments = sorted({*moments, *edges(rule, moments[0], end_ms)})
    out: dict[str, Alert] = {}
    watch: Watch | None = None
    open_ones: set[str] = set()
    for before, now in zip([0, *moments], moments, strict=False):
        if (due := due_at(rule, watch)) is not None and before <= due < now:
            watch, alert = settled(device_id, rule, "", watch, {"rules": " ".join(sorted(open_ones))}, due)
            if alert is not None:
                out[alert.id] = alert
        open_ones = {name for name, alerts in parts.items() if any(a.raised_at <= now and not 0 < a.cleared_at <= now for a in alerts)}
        watch = observed(watch, is_composed(rule, open_ones) and bool(holds_at(rule, now)), now)
        watch, alert = settled(device_id, rule, "", watch, {"rules": " ".join(sorted(open_ones))}, now)
        if alert is not None:
            out[alert.id] = alert
    return tuple(out.values())
