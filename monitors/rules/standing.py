"""Rules about what a device is: a fact that discovery found, and that is another one than before. Pure.

Only where it was known before and is known now: what discovery could not read this time has not changed.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase

from core.measured import BgpPeer, Member
from core.objects import Fact
from core.signals import Alert
from monitors.rules.applying import NOBODY, Subject, for_device, for_part
from monitors.rules.events import MOST_OPEN, State
from monitors.rules.hours import holds_at
from monitors.rules.rule import Rule
from monitors.rules.settling import cleared, raised

MOST_PEERS = 256
MOST_TOLD = 50
"""Alerts of one rule and discovery."""
LONGEST = 200


def counted(
    device_id: str, members: Sequence[Member], peers: Sequence[BgpPeer], now_ms: int,
) -> tuple[Fact, ...]:
    """What else can be said of a device as facts: `members`, how many its stack has; `bgp-as:ADDRESS`, of each BGP peer."""
    found = {"members": str(len(members))} if members else {}
    found |= {f"bgp-as:{peer.peer}": str(peer.remote_as) for peer in peers[:MOST_PEERS] if peer.remote_as > 0}
    return tuple(
        Fact(object_id=device_id, field=field, value=value, source="observed", confidence=1.0, valid_from=now_ms)
        for field, value in found.items()
    )


def changed(
    device_id: str, before: Iterable[Fact], after: Iterable[Fact], rules: Sequence[Rule], state: State, now_ms: int,
    subject: Callable[[str], Subject | None] = lambda _device_id: None,
) -> list[Alert]:
    """Alerts that a discovery raises; what was still open of the same part ends, since it has changed again. `state` is brought up to
    date."""
    was = {fact.field: fact.value for fact in before}
    moved = {fact.field: (was[fact.field], fact.value) for fact in after if fact.value and was.get(fact.field, "") not in ("", fact.value)}
    if not moved:
        return []
    out: list[Alert] = []
    for rule in for_device(rules, subject(device_id) or NOBODY):
        for instance, evidence in list(_seen(rule, moved))[:MOST_TOLD]:
            mine = for_part(rule, instance)
            if mine is None or not holds_at(mine, now_ms):
                continue
            key = (device_id, rule.name, instance)
            if known := state.open.pop(key, None):
                out.append(cleared(known, now_ms))
            if len(state.open) < MOST_OPEN:
                state.open[key] = raised(device_id, mine, instance, now_ms, evidence, now_ms)
                out.append(state.open[key])
    return out


def _seen(rule: Rule, moved: Mapping[str, tuple[str, str]]) -> Iterator[tuple[str, dict[str, str]]]:
    for field, (was, now) in moved.items():
        if any(fnmatchcase(field, pattern) for pattern in rule.fact) and _is_meant(rule, was, now):
            yield field.partition(":")[2], {"was": was[:LONGEST], "now": now[:LONGEST], "fact": field[:64]}


def _is_meant(rule: Rule, was: str, now: str) -> bool:
    """A direction, and a size, are of numbers."""
    if rule.direction == "any" and not rule.by:
        return True
    try:
        step = float(now) - float(was)
    except ValueError:
        return False
    return {"any": abs(step), "up": step, "down": -step}[rule.direction] >= max(rule.by, 1e-9)
