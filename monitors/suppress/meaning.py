"""What an alert says about its object, by its rule: all that suppression needs to know of rules."""

from collections.abc import Iterable, Mapping
from typing import Literal

from monitors.rules.rule import Rule

Meaning = Literal["silent", "gone", "port", "peer", "power", "restarted", "room", "way", "served", "other"]
"""silent: the device does not answer its poll. gone: the object does not do its work, as a probe or a cloud sees it. port: a port is down.
peer: a neighbour of a routing protocol is lost; the instance is its address. power: on battery, or a supply failed. restarted: it came back
from a restart. room: the air around it. way: the way to it. served: what others give it, as the time. other: a figure that is out of
bounds, and the like."""
_SEES: dict[str, Meaning] = {"unreachable": "silent", "port-down": "port", "rebooted": "restarted", "refused": "served"}
_WORDS: tuple[tuple[Meaning, tuple[str, ...]], ...] = (
    ("power", ("on-battery", "power-lost", "last-gasp", "dying-gasp", "power-supply", "mains")),
    ("peer", ("bgp", "ospf-neighbour", "ospf-neighbor", "isis-")),
    ("restarted", ("rebooted", "restarted")),
    ("room", ("temperature", "humidity", "room-", "cooling")),
    ("way", ("answers-slow", "delay-", "jitter-")),
    ("served", ("clock-", "ntp-", "polling-refused", "syslog-silent", "traps-silent", "log-silent")),
    ("gone", ("probe-down", "probe-failed", "service-down", "vm-down", "host-down", "no-answer", "no-data", "values-missing")),
)
_METRICS: dict[str, Meaning] = {"yw_probe_up": "gone", "bgpPeerState": "peer", "yw_bgp_peer_state": "peer"}


def meanings(rules: Iterable[Rule]) -> Mapping[str, Meaning]:
    """By rule. Of rules that are not here, `meaning_of` their name."""
    return {rule.name: _of(rule) for rule in rules}


def _of(rule: Rule) -> Meaning:
    if rule.sees in _SEES:
        return _SEES[rule.sees]
    known = next((_METRICS[metric] for metric in rule.metric if metric in _METRICS), None)
    return known or ("gone" if rule.kind == "absence" else meaning_of(rule.name))


def meaning_of(rule: str) -> Meaning:
    """By the rule's name alone."""
    if rule in ("device-unreachable", "interface-down"):
        return "silent" if rule == "device-unreachable" else "port"
    return next((meaning for meaning, words in _WORDS if any(word in rule for word in words)), "other")
