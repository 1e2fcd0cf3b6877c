"""Observations of one device become alerts: raised once, cleared once, damped where a thing flaps. Pure; time is an argument.

    state, transitions = judge(state, observation, now_ms)      after each poll
    state, transitions = judge(state, None, now_ms)             as time goes by

What was not observed (a port while its device is silent) stays as it was.
"""

from collections.abc import Iterator, Mapping
from hashlib import blake2b
from typing import Literal, NamedTuple

from core.nouns import Noun, new_id
from core.signals import Alert
from monitors.rules import BY_NAME, OPER, Rule

_UP, _ADMIN_UP = 1, 1
_MOST_FLAPS = 9
_DOWN = frozenset((2, 6, 7))
"""down, notPresent, lowerLayerDown (RFC 2863). testing, unknown and dormant are no outage."""

Key = tuple[str, str]
"""Rule and instance."""


class Port(NamedTuple):
    """An interface that is worth an alert: physical or an aggregate. A state of 0 is not known: nothing is concluded from it."""

    name: str
    admin: int
    oper: int
    alias: str = ""


class Observation(NamedTuple):
    """What one poll of a device saw."""

    answer: Literal["yes", "none", "refused"]
    uptime_s: int = -1
    rebooted: bool = False
    ports: tuple[Port, ...] | None = None
    """None: not known from this poll."""
    address: str = ""
    reason: str = ""
    """Why the device cannot be asked at all, in one sentence; empty: it was."""


class Watch(Noun, frozen=True, kw_only=True):
    """One condition that holds, or did a moment ago."""

    bad: bool
    since: int
    """Since when it is `bad` or not, ms."""
    polls: int = 1
    flaps: int = 0
    alert: Alert | None = None


class DeviceState(Noun, frozen=True, kw_only=True):
    """What is remembered of a device between polls."""

    device_id: str
    watches: dict[Key, Watch] = {}
    seen_up: frozenset[str] = frozenset()
    """Ports that were up while we watched: only these can go down."""

    @property
    def quiet(self) -> bool:
        """Nothing is going on: an unchanged observation changes nothing."""
        return not self.watches


def fresh(device_id: str, open_alerts: tuple[Alert, ...] = (), seen_up: frozenset[str] = frozenset()) -> DeviceState:
    """The state of a device at the start, with the alerts that were left open and the ports that were up before."""
    watches = {(a.rule, a.instance): Watch(bad=True, since=a.raised_at, alert=a) for a in open_alerts if a.rule in BY_NAME}
    ports = frozenset(a.instance for a in open_alerts if a.rule == "interface-down")
    return DeviceState(device_id=device_id, watches=watches, seen_up=ports | seen_up)


def judge(state: DeviceState, observation: Observation | None, now_ms: int) -> tuple[DeviceState, tuple[Alert, ...]]:
    """The state after an observation (None: time alone), and the alerts that were raised or cleared by it."""
    watches = dict(state.watches)
    out: list[Alert] = []
    seen = {} if observation is None else dict(_conditions(state, observation))
    for key in [*seen, *(k for k in state.watches if k not in seen)]:
        bad, evidence = seen.get(key, (None, {}))
        rule = BY_NAME[key[0]]
        watch = _observed(watches.get(key), bad, now_ms)
        watch, alert = _settled(state.device_id, rule, key[1], watch, evidence, now_ms)
        if alert is not None:
            out.append(alert)
        if watch is None:
            watches.pop(key, None)
        else:
            watches[key] = watch
    ups = _ups(observation)
    seen_up = state.seen_up if ups <= state.seen_up else state.seen_up | ups
    if seen_up is state.seen_up and watches == state.watches:
        return state, tuple(out)
    return DeviceState(device_id=state.device_id, watches=watches, seen_up=seen_up), tuple(out)


def gone(state: DeviceState, now_ms: int) -> tuple[Alert, ...]:
    """Clears everything of a device that is no longer watched."""
    return tuple(w.alert.replace(cleared_at=max(now_ms, w.alert.raised_at + 1)) for w in state.watches.values() if w.alert is not None)


def _conditions(state: DeviceState, seen: Observation) -> Iterator[tuple[Key, tuple[bool, Mapping[str, str]]]]:
    """Each condition that this poll could see: whether it holds, and the evidence."""
    missed = state.watches.get(("device-unreachable", ""))
    misses = missed.polls + 1 if missed and missed.bad else 1
    evidence = {"misses": str(misses), "address": seen.address}
    if seen.answer != "refused":
        yield ("device-unreachable", ""), (seen.answer == "none", evidence)
    if seen.answer != "none":
        yield ("polling-refused", ""), (seen.answer == "refused", {"address": seen.address, "reason": seen.reason})
    if seen.answer != "yes":
        return
    yield ("device-rebooted", ""), (seen.rebooted, {"uptime": str(seen.uptime_s)})
    if seen.ports is not None:
        yield from _port_conditions(state, seen.ports)


def _port_conditions(state: DeviceState, ports: tuple[Port, ...]) -> Iterator[tuple[Key, tuple[bool, Mapping[str, str]]]]:
    for port in ports:
        if not port.oper or not port.admin:
            continue
        key = ("interface-down", port.name)
        down = port.admin == _ADMIN_UP and port.oper in _DOWN and port.name in state.seen_up
        if down or key in state.watches:
            yield key, (down, {"oper": OPER.get(port.oper, "unknown"), "alias": port.alias})
    here = {port.name for port in ports}
    for rule, name in state.watches:
        if rule == "interface-down" and name not in here:
            yield (rule, name), (False, {})


def _ups(observation: Observation | None) -> frozenset[str]:
    if observation is None or observation.ports is None:
        return frozenset()
    return frozenset(port.name for port in observation.ports if port.oper == _UP)


def _observed(watch: Watch | None, bad: bool | None, now_ms: int) -> Watch | None:
    """The watch after a poll that saw its condition (or did not: None)."""
    if bad is None:
        return watch
    if watch is None:
        return Watch(bad=True, since=now_ms) if bad else None
    if bad == watch.bad:
        return watch.replace(polls=watch.polls + 1)
    flaps = watch.flaps + 1 if bad else watch.flaps
    return watch.replace(bad=bad, since=now_ms, polls=1, flaps=flaps)


def _settled(
    device_id: str, rule: Rule, instance: str, watch: Watch | None, evidence: Mapping[str, str], now_ms: int
) -> tuple[Watch | None, Alert | None]:
    """Raises or clears what is due."""
    if watch is None:
        return None, None
    held_s = (now_ms - watch.since) / 1000
    if watch.bad:
        if watch.alert is not None or (watch.polls < rule.raise_polls and held_s < rule.raise_s):
            return watch, None
        alert = Alert(
            id=new_id(now_ms, _entropy(device_id, rule.name, instance, watch.since)),
            rule=rule.name,
            device_id=device_id,
            instance=instance,
            severity=rule.severity,
            evidence={k: v for k, v in evidence.items() if v},
            raised_at=now_ms,
        )
        return watch.replace(alert=alert), alert
    if watch.alert is None:
        return None, None
    if held_s < rule.clear_s * (1 + min(watch.flaps, _MOST_FLAPS)):
        return watch, None
    evidence = {**watch.alert.evidence, "flaps": str(watch.flaps)} if watch.flaps else watch.alert.evidence
    return None, watch.alert.replace(cleared_at=max(now_ms, watch.alert.raised_at + 1), evidence=dict(evidence))


def _entropy(device_id: str, rule: str, instance: str, since: int) -> bytes:
    """Ten bytes that are the same whenever the same thing is judged again."""
    return blake2b(f"{device_id}\0{rule}\0{instance}\0{since}".encode(), digest_size=10).digest()
