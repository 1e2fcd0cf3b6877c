"""Which open alerts nobody looks at any more: a person may close them, and some are closed by the hub. The others end by themselves."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from agents.hub.custody.hostkeys import RULE as HOST_KEY
from core.errors import ConflictError, YunwangError
from core.i18n import mark, tr
from core.probes import Probe
from core.views import AlertRow

if TYPE_CHECKING:
    from agents.hub.hub import Hub
    from monitors.rules.rule import Rule


RULE_GONE = mark("Its rule is not in force any more.")
OBJECT_GONE = mark("What it is about is not in the inventory any more.")
NOT_POLLED = mark("Its device is not polled any more.")
_ELSEWHERE = frozenset({"event", "composed"})
"""Kinds of rules that are judged though a device is not polled."""


class Watching:
    """What is looked at: polled devices, probes that are on, rules in force. certain: all rules could be read."""

    def __init__(
        self, polled: frozenset[str], still: frozenset[str], probes: frozenset[str], rules: "Mapping[str, Rule]", *, certain: bool,
    ) -> None:
        self._polled, self._still, self._probes, self._rules, self._certain = polled, still, probes, rules, certain

    @classmethod
    def of(cls, hub: "Hub") -> "Watching":
        """In a thread: it reads the records."""
        from agents.hub.probes.keeping import every

        devices = list(hub.store.all("device"))
        polled = frozenset(device.id for device in devices if device.polled)
        still = frozenset(device.id for device in devices) - polled
        probes = frozenset(probe.name for probe in every(hub.store) if isinstance(probe, Probe) and probe.enabled)
        return cls(polled, still, probes, hub.ruling.found.book.rules, certain=not hub.ruling.found.problems)

    def ended(self, row: AlertRow, there: bool) -> str:
        """Why its condition is judged by nobody, as a message id; empty: somebody does, or a person has to say. there: its object is in the
        inventory."""
        if row.rule == HOST_KEY:
            return ""
        if row.device_id and not there:
            return OBJECT_GONE
        rule = self._rules.get(row.rule)
        if rule is None or rule.off:
            return RULE_GONE if self._certain else ""
        if row.device_id in self._still and rule.kind not in _ELSEWHERE and not self._is_probed(row):
            return NOT_POLLED
        return ""

    def _is_probed(self, row: AlertRow) -> bool:
        return row.instance in self._probes or row.instance.partition(":")[0] in self._probes

    def refusals(self, rows: Iterable[AlertRow]) -> dict[str, YunwangError]:
        """Why not, by the id of each that may not be closed."""
        found = {row.id: self._why_not(row) for row in rows if not row.cleared_at}
        return {alert_id: error for alert_id, error in found.items() if error is not None}

    def _why_not(self, row: AlertRow) -> YunwangError | None:
        if row.rule == HOST_KEY:
            return ConflictError(tr("The host still shows another key."), way_out=tr("Compare it, then: yunwang hostkey accept"))
        rule = self._rules.get(row.rule)
        if rule is None or rule.off or rule.kind == "event":
            return None
        if row.device_id in self._polled or self._is_probed(row):
            return ConflictError(
                tr("It is still looked at, and ends by itself."), way_out=tr("Take it on (yunwang alert ack), or silence it."),
            )
        return None
