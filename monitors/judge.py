"""Observations of one device become alerts: raised once, cleared once, damped where a thing flaps. Pure; time is an argument.

    state, transitions = judge(state, rules, observation, now_ms)      after each poll
    state, transitions = judge(state, rules, None, now_ms)             as time goes by

What was not observed (a port while its device is silent) stays as it was.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from core.nouns import Noun
from core.signals import Alert
from monitors.rules.rule import OPER, Rule, Sees
from monitors.rules.settling import Key, Watch, cleared, observed, settled, taken_over

_UP, _ADMIN_UP = 1, 1
_DOWN = frozenset((2, 6, 7))
"""down, notPresent, lowerLayerDown (RFC 2863). testing, unknown and dormant are no outage."""
Rules = Mapping[str, Rule]
"""By name, those of kind `poll`."""


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


def fresh(device_id: str, rules: Rules, open_alerts: tuple[Alert, ...] = (), seen_up: frozenset[str] = frozenset()) -> DeviceState:
    """The state of a device at the start, with the alerts that were left open and the ports that were up before."""
    watches = {(a.rule, a.instance): taken_over(a) for a in open_alerts if a.rule in rules}
    ports = frozenset(a.instance for a in open_alerts if a.rule in rules and rules[a.rule].sees == "port-down")
    return DeviceState(device_id=device_id, watches=watches, seen_up=ports | seen_up)


def judge(state: DeviceState, rules: Rules, observation: Observation | None, now_ms: int) -> tuple[DeviceState, tuple[Alert, ...]]:
    """The state after an observation (None: time alone), and the alerts that were raised or cleared by it."""
    watches = dict(state.watches)
    out: list[Alert] = []
    seen = {} if observation is None else dict(_conditions(state, rules, observation))
    for key in [*seen, *(k for k in state.watches if k not in seen)]:
        bad, evidence = seen.get(key, (None, {}))
        rule, before = rules.get(key[0]), watches.get(key)
        if rule is None:
            watch, alert = None, cleared(before.alert, now_ms) if before is not None and before.alert is not None else None
        else:
            watch, alert = settled(state.device_id, rule, key[1], observed(before, bad, now_ms), evidence, now_ms)
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
    return tuple(cleared(w.alert, now_ms) for w in state.watches.values() if w.alert is not None)


def _conditions(state: DeviceState, rules: Rules, seen: Observation) -> Iterator[tuple[Key, tuple[bool, Mapping[str, str]]]]:
    """Each condition that this poll could see: whether it holds, and the evidence."""
    for rule in rules.values():
        yield from _seen_by(rule.sees, rule.name, state, seen)


def _seen_by(sees: Sees | None, name: str, state: DeviceState, seen: Observation) -> Iterator[tuple[Key, tuple[bool, Mapping[str, str]]]]:
    match sees:
        case "unreachable" if seen.answer != "refused":
            missed = state.watches.get((name, ""))
            misses = missed.polls + 1 if missed and missed.bad else 1
            yield (name, ""), (seen.answer == "none", {"misses": str(misses), "address": seen.address})
        case "refused" if seen.answer != "none":
            yield (name, ""), (seen.answer == "refused", {"address": seen.address, "reason": seen.reason})
        case "rebooted" if seen.answer == "yes":
            yield (name, ""), (seen.rebooted, {"uptime": str(seen.uptime_s)})
        case "port-down" if seen.answer == "yes" and seen.ports is not None:
            yield from _port_conditions(name, state, seen.ports)


def _port_conditions(name: str, state: DeviceState, ports: tuple[Port, ...]) -> Iterator[tuple[Key, tuple[bool, Mapping[str, str]]]]:
    for port in ports:
        if not port.oper or not port.admin:
            continue
        key = (name, port.name)
        down = port.admin == _ADMIN_UP and port.oper in _DOWN and port.name in state.seen_up
        if down or key in state.watches:
            yield key, (down, {"oper": OPER.get(port.oper, "unknown"), "alias": port.alias})
    here = {port.name for port in ports}
    for rule, instance in state.watches:
        if rule == name and instance not in here:
            yield (rule, instance), (False, {})


def _ups(observation: Observation | None) -> frozenset[str]:
    if observation is None or observation.ports is None:
        return frozenset()
    return frozenset(port.name for port in observation.ports if port.oper == _UP)
