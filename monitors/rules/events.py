"""Rules about what devices say by themselves: patterns of mnemonics and words, counted, raised, ended by another event or by time."""

import re
from collections.abc import Callable, Iterable, Sequence
from fnmatch import fnmatchcase

from core.events import Event
from core.signals import Alert
from monitors.rules.applying import NOBODY, Subject, for_device, for_part, is_same_for_all
from monitors.rules.hours import holds_at
from monitors.rules.rule import Rule
from monitors.rules.settling import cleared, raised

MOST_OPEN = 20_000
MOST_COUNTED = 20_000
DAY_S = 86_400.0
_PORT = re.compile(r"\b((?:[A-Za-z][A-Za-z\-]*)\d+(?:/\d+)+(?:\.\d+)?)\b")
_Key = tuple[str, str, str]
"""Device, rule, instance."""


class State:
    """What is open, and what was counted so far. Bounded: of too many the oldest are forgotten."""

    def __init__(self) -> None:
        self.open: dict[_Key, Alert] = {}
        self.seen: dict[_Key, list[int]] = {}
        self.counted: dict[tuple[str, str], int] = {}

    @classmethod
    def of(cls, open_alerts: Iterable[Alert]) -> "State":
        """With the alerts that were left open."""
        state = cls()
        state.open = {(alert.device_id, alert.rule, alert.instance): alert for alert in open_alerts}
        return state


def conditions(
    event: Event, rules: Sequence[Rule], state: State, now_ms: int, subject: Callable[[str], Subject | None] = lambda _device_id: None,
) -> list[Alert]:
    """Alerts that one event raises or clears; `state` is brought up to date. Events of nobody known make none. subject: of a device; asked
    only for rules that are not the same for all."""
    out: list[Alert] = []
    for one in rules if event.device_id else ():
        rule = _for_event(one, event, subject)
        if rule is None:
            continue
        if any(fnmatchcase(event.mnemonic, pattern) for pattern in rule.cleared_by):
            out += _end(event, rule, state, now_ms)
        elif matches(rule, event) and holds_at(rule, now_ms):
            out += _count(event, rule, state, now_ms)
    return out


def _for_event(rule: Rule, event: Event, subject: Callable[[str], Subject | None]) -> Rule | None:
    """The rule as it is for what the event is about; None: it is not about it. An end is always heard."""
    if is_same_for_all(rule) or any(fnmatchcase(event.mnemonic, pattern) for pattern in rule.cleared_by):
        return rule
    if not matches(rule, event):
        return None
    mine = for_device((rule,), subject(event.device_id) or NOBODY)
    return for_part(mine[0], instance_of(rule, event)) if mine else None


def passed(rules: Sequence[Rule], state: State, now_ms: int) -> list[Alert]:
    """Alerts that end because nothing was said again for `clear_s` (a day where the rule names none)."""
    holds = {rule.name: (rule.clear_s or DAY_S) * 1000 for rule in rules}
    due = [key for key, alert in state.open.items() if now_ms - max(alert.last_at, alert.raised_at) >= holds.get(key[1], 0)]
    return [cleared(state.open.pop(key), now_ms) for key in due]


def matches(rule: Rule, event: Event) -> bool:
    """Whether the event is what the rule is about."""
    if event.priority > rule.priority or (rule.from_kind and event.kind != rule.from_kind):
        return False
    if rule.mnemonic and not any(fnmatchcase(event.mnemonic, pattern) for pattern in rule.mnemonic):
        return False
    text = event.text.casefold()
    return all(word.casefold() in text for word in rule.words)


def instance_of(rule: Rule, event: Event) -> str:
    """What of the device the event is about."""
    for field in rule.instance_of:
        if field == "port" and (found := _PORT.search(event.text)):
            return found[1]
        if value := event.fields.get(field, ""):
            return value[:128]
    return ""


def _count(event: Event, rule: Rule, state: State, now_ms: int) -> list[Alert]:
    key = (event.device_id, rule.name, instance_of(rule, event))
    if known := state.open.get(key):
        state.open[key] = known.replace(last_at=now_ms)
        return []
    if rule.times > 1:
        seen = [at for at in state.seen.pop(key, []) if 0 <= now_ms - at <= rule.window_s * 1000]
        seen += [now_ms] * min(_fresh(event, rule, state), rule.times)
        if len(seen) < rule.times:
            state.seen[key] = seen
            while len(state.seen) > MOST_COUNTED:
                del state.seen[next(iter(state.seen))]
            return []
    if len(state.open) >= MOST_OPEN:
        return []
    evidence = {"text": event.text[:400], "mnemonic": event.mnemonic, "count": str(max(rule.times, event.count))}
    alert = state.open[key] = raised(event.device_id, rule, key[2], now_ms, evidence, now_ms)
    return [alert]


def _fresh(event: Event, rule: Rule, state: State) -> int:
    """How often it was said since it was told last: an event that grew comes again with the same id."""
    if not event.id:
        return event.count
    key = (rule.name, event.id)
    fresh = max(event.count - state.counted.pop(key, 0), 0)
    state.counted[key] = event.count
    while len(state.counted) > MOST_COUNTED:
        del state.counted[next(iter(state.counted))]
    return fresh


def _end(event: Event, rule: Rule, state: State, now_ms: int) -> list[Alert]:
    key = (event.device_id, rule.name, instance_of(rule, event))
    alert = state.open.pop(key, None)
    return [] if alert is None else [cleared(alert, now_ms)]
