"""What is remembered of each device between polls, and the alerts that follow from what is seen. Time is an argument."""

from collections.abc import Iterable, Mapping, Sequence

from agents.senses.memory import SeenUp
from core.signals import Alert
from monitors.judge import DeviceState, Observation, Port, Rules, fresh, gone, judge
from monitors.rules.applying import Subject, for_device, is_same_for_all


class Judging:
    """One thread's, but for `seen_up`. before: ports that were up before this process, by device. rules: those of kind `poll`."""

    def __init__(self, before: SeenUp, rules: Rules) -> None:
        self._before = before
        self._subjects: dict[str, Subject] = {}
        self._rules_of: dict[str, Rules] = {}
        self.use(rules)
        self._states: dict[str, DeviceState] = {}
        self._first: set[str] = set()
        self._changed: dict[str, dict[str, int]] = {}

    def seen_up(self) -> SeenUp:
        """Ports that were up while we watched, by device."""
        return {device_id: state.seen_up for device_id, state in self._states.copy().items() if state.seen_up}

    def use(self, rules: Rules) -> None:
        """These rules from now on; alerts of those that are gone end as time goes by."""
        self._rules, self._alike = rules, all(is_same_for_all(rule) for rule in rules.values())
        self._rules_of.clear()

    def know(self, subjects: Mapping[str, Subject]) -> None:
        """What rules go by, of these devices."""
        changed = [device_id for device_id, subject in subjects.items() if self._subjects.get(device_id) != subject]
        for device_id in changed:
            self._subjects[device_id] = subjects[device_id]
            self._rules_of.pop(device_id, None)

    def _of(self, device_id: str) -> Rules:
        """The rules as they are for a device; as they stand where nothing is known of it."""
        if self._alike or device_id not in self._subjects:
            return self._rules
        found = self._rules_of.get(device_id)
        if found is None:
            mine = for_device(self._rules.values(), self._subjects[device_id])
            found = self._rules_of[device_id] = {rule.name: rule for rule in mine}
        return found

    def keep(self, device_ids: Iterable[str], open_alerts: Mapping[str, Sequence[Alert]], now_ms: int) -> tuple[Alert, ...]:
        """These devices are watched from now on; clears the alerts of all others. open_alerts: what was left open before this process."""
        wanted = dict.fromkeys(device_ids)
        cleared: list[Alert] = []
        for device_id in self._states.keys() - wanted.keys():
            cleared += gone(self._states.pop(device_id), now_ms)
            self._changed.pop(device_id, None)
            self._subjects.pop(device_id, None)
            self._rules_of.pop(device_id, None)
            self._first.discard(device_id)
        for device_id in wanted:
            if device_id not in self._states:
                ports = self._before.get(device_id, frozenset())
                self._states[device_id] = fresh(device_id, self._rules, tuple(open_alerts.get(device_id, ())), ports)
        return tuple(cleared)

    def watches(self, device_id: str) -> bool:
        return device_id in self._states

    def renewed(self, device_id: str) -> None:
        """What is polled of this device has changed: its next answer is looked at closely."""
        self._first.add(device_id)

    def is_settled(self, device_id: str) -> bool:
        """A quiet device that answers and is as it was need not be judged: `judge` would change nothing."""
        return self._states[device_id].quiet and device_id not in self._first

    def saw(self, device_id: str, seen: Observation, now_ms: int) -> tuple[Alert, ...]:
        """Alerts of one observation; of a device that is not watched: none."""
        state = self._states.get(device_id)
        if state is None:
            return ()
        if seen.ports is not None:
            self._first.discard(device_id)
        self._states[device_id], alerts = judge(state, self._of(device_id), seen, now_ms)
        return alerts

    def passed(self, now_ms: int) -> tuple[Alert, ...]:
        """Alerts that become due as time goes by."""
        alerts: list[Alert] = []
        for device_id, state in self._states.items():
            if not state.quiet:
                self._states[device_id], some = judge(state, self._of(device_id), None, now_ms)
                alerts += some
        return tuple(alerts)

    def note_changes(self, device_id: str, before: Sequence[Port], after: Sequence[Port], now_ms: int) -> None:
        """Remembers when the state of which port changed."""
        old = {port.name: port.oper for port in before}
        for port in after:
            if old.get(port.name, 0) and old[port.name] != port.oper:
                self._changed.setdefault(device_id, {})[port.name] = now_ms

    def changed(self, device_id: str) -> Mapping[str, int]:
        """When ifOperStatus last changed while we watched, by name of the port."""
        return self._changed.get(device_id, {})
