"""Observations of one device become alerts: raised once, cleared once, damped where a thing flaps. Pure; time is an argument.

    state, transitions = judge(state, rules, observation, now_ms)      after each poll
    state, transitions = judge(state, rules, None, now_ms)             as time goes by

What was not observed (a port while its device is silent) stays as it was.
"""

from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from core.nouns import Noun
from core.signals import Alert
from monitors.rules.applying import for_part, is_plain
from monitors.rules.hours import holds_at
from monitors.rules.rule import OPER, Rule
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
    aliases: dict[str, str] = {}
    """Descriptions of the ports that are watched."""

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
    """The state after an observation (None: time alone), and the alerts that were raised or cleared by it. rules: as they are for this
    device (`applying.for_device`); what only holds for some of its ports stands in their overrides."""
    watches = dict(state.watches)
    out: list[Alert] = []
    seen = {} if observation is None else dict(_conditions(state, rules, observation))
    for key in [*seen, *(k for k in state.watches if k not in seen)]:
        found, before = seen.get(key), watches.get(key)
        rule = rules.get(key[0]) if found is None else found.rule
        if rule is None:
            watch, alert = None, cleared(before.alert, now_ms) if before is not None and before.alert is not None else None
        else:
            if found is None:
                rule = for_part(rule, key[1], state.aliases.get(key[1], "")) or rule
            bad = None if found is None else found.bad and bool(holds_at(rule, now_ms))
            evidence = {} if found is None else found.evidence
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
    aliases = _aliases(state, watches, observation)
    return DeviceState(device_id=state.device_id, watches=watches, seen_up=seen_up, aliases=aliases), tuple(out)


def _aliases(state: DeviceState, watches: Mapping[Key, Watch], seen: Observation | None) -> dict[str, str]:
    """Descriptions of the ports that are watched: rules may go by them."""
    known = state.aliases if seen is None or seen.ports is None else {**state.aliases, **{p.name: p.alias for p in seen.ports if p.alias}}
    return {instance: known[instance] for _, instance in watches if instance in known}


def gone(state: DeviceState, now_ms: int) -> tuple[Alert, ...]:
    """Clears everything of a device that is no longer watched."""
    return tuple(cleared(w.alert, now_ms) for w in state.watches.values() if w.alert is not None)


class _Seen(NamedTuple):
    """What a poll saw of one condition. rule: as it is for this part."""

    rule: Rule
    bad: bool
    evidence: Mapping[str, str]


_Found = Iterator[tuple[Key, _Seen]]


def _conditions(state: DeviceState, rules: Rules, seen: Observation) -> _Found:
    """Each condition that this poll could see."""
    for rule in rules.values():
        yield from _seen_by(rule, state, seen)


def _seen_by(rule: Rule, state: DeviceState, seen: Observation) -> _Found:
    key = rule.name, ""
    match rule.sees:
        case "unreachable" if seen.answer != "refused":
            missed = state.watches.get(key)
            misses = missed.polls + 1 if missed and missed.bad else 1
            yield key, _Seen(rule, seen.answer == "none", {"misses": str(misses), "address": seen.address})
        case "refused" if seen.answer != "none":
            yield key, _Seen(rule, seen.answer == "refused", {"address": seen.address, "reason": seen.reason})
        case "rebooted" if seen.answer == "yes":
            yield key, _Seen(rule, seen.rebooted, {"uptime": str(seen.uptime_s)})
        case "port-down" if seen.answer == "yes" and seen.ports is not None:
            yield from _port_conditions(rule, state, seen.ports)


def _port_conditions(rule: Rule, state: DeviceState, ports: tuple[Port, ...]) -> _Found:
    plain = is_plain(rule)
    for port in ports:
        if not port.oper or not port.admin:
            continue
        key = (rule.name, port.name)
        down = port.admin == _ADMIN_UP and port.oper in _DOWN and port.name in state.seen_up
        if down or key in state.watches:
            mine = rule if plain else for_part(rule, port.name, port.alias)
            if mine is not None or key in state.watches:
                evidence = {"oper": OPER.get(port.oper, "unknown"), "alias": port.alias}
                yield key, _Seen(mine or rule, down and mine is not None, evidence)
    here = {port.name for port in ports}
    for name, instance in state.watches:
        if name == rule.name and instance not in here:
            yield (name, instance), _Seen(rule, False, {})


def _ups(observation: Observation | None) -> frozenset[str]:
    if observation is None or observation.ports is None:
        return frozenset()
    return frozenset(port.name for port in observation.ports if port.oper == _UP)
