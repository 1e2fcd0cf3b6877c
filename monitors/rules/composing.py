"""Rules composed of others: they hold where alerts of the others are open about the same object. Pure but for its memory."""

from collections.abc import Callable, Iterable
from typing import Protocol

from core.signals import Alert
from monitors.rules.applying import Subject, for_device
from monitors.rules.hours import holds_at
from monitors.rules.rule import Rule
from monitors.rules.settling import Watch, observed, settled, taken_over


class Open(Protocol):
    """What is asked of an alert that is open."""

    @property
    def rule(self) -> str: ...

    @property
    def device_id(self) -> str: ...


class Composing:
    """Belongs to one thread. Ask again every few seconds: a duration passes also when nothing changes."""

    def __init__(self, rules: Iterable[Rule], open_alerts: Iterable[Alert]) -> None:
        """open_alerts: what was left open before this process."""
        self._rules = {rule.name: rule for rule in rules}
        self._watches: dict[tuple[str, str], Watch] = {
            (alert.device_id, alert.rule): taken_over(alert) for alert in open_alerts if alert.rule in self._rules
        }

    def use(self, rules: Iterable[Rule]) -> None:
        """These rules from now on: what was seen of those that stay is kept; of the others, whoever removed them closes the alerts."""
        self._rules = {rule.name: rule for rule in rules}
        self._watches = {place: watch for place, watch in self._watches.items() if place[1] in self._rules}

    def is_about(self, alerts: Iterable[Open]) -> bool:
        """Whether one of these may begin or end a composition."""
        names = {name for rule in self._rules.values() for name in (*rule.all, *rule.any, *rule.none)}
        return any(alert.rule in names for alert in alerts)

    def look(self, alerts: Iterable[Open], subject: Callable[[str], Subject | None], now_ms: int) -> list[Alert]:
        """What is raised or cleared. alerts: all that are open; those of compositions count for others too. subject: of a device; None: it
        is no more."""
        by_device: dict[str, set[str]] = {}
        for alert in alerts:
            by_device.setdefault(alert.device_id, set()).add(alert.rule)
        out: list[Alert] = []
        for rule in self._rules.values():
            parts = {*rule.all, *rule.any}
            places = {device_id for device_id, names in by_device.items() if not parts.isdisjoint(names)}
            places |= {device_id for device_id, name in self._watches if name == rule.name}
            found = (self._one(rule, one, by_device.get(one, set()), subject(one), now_ms) for one in sorted(places))
            out += [alert for alert in found if alert is not None]
        return out

    def forget(self, alert: Alert) -> None:
        """A person closed it: it may be raised again."""
        self._watches.pop((alert.device_id, alert.rule), None)

    def _one(self, rule: Rule, device_id: str, names: set[str], subject: Subject | None, now_ms: int) -> Alert | None:
        found = for_device((rule,), subject) if subject is not None else ()
        mine = found[0] if found else rule
        parts = names & {*rule.all, *rule.any}
        watch = observed(
            self._watches.get((device_id, rule.name)), bool(found) and is_composed(mine, names) and bool(holds_at(mine, now_ms)), now_ms,
        )
        watch, alert = settled(device_id, mine, "", watch, {"rules": " ".join(sorted(parts))}, now_ms)
        if watch is None:
            self._watches.pop((device_id, rule.name), None)
        else:
            self._watches[device_id, rule.name] = watch
        return alert


def is_composed(rule: Rule, open_rules: set[str] | frozenset[str]) -> bool:
    """Whether a composition holds where alerts of these rules are open."""
    return (
        open_rules.issuperset(rule.all) and (not rule.any or not open_rules.isdisjoint(rule.any)) and open_rules.isdisjoint(rule.none)
    )
