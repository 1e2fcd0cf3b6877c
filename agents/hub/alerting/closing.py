"""Which open alerts a person may close: those whose condition nobody looks at any more. The others end by themselves."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from agents.hub.custody.hostkeys import RULE as HOST_KEY
from core.errors import ConflictError, YunwangError
from core.i18n import tr
from core.probes import Probe
from core.views import AlertRow

if TYPE_CHECKING:
    from agents.hub.hub import Hub
    from monitors.rules.rule import Rule


class Watching:
    """What is looked at: polled devices, probes that are on, rules in force."""

    def __init__(self, polled: frozenset[str], probes: frozenset[str], rules: "Mapping[str, Rule]") -> None:
        self._polled, self._probes, self._rules = polled, probes, rules

    @classmethod
    def of(cls, hub: "Hub") -> "Watching":
        """In a thread: the rules are read from their files."""
        from agents.hub.probes.keeping import every
        from agents.rulebook import rulebook

        polled = frozenset(device.id for device in hub.store.all("device") if device.polled)
        probes = frozenset(probe.name for probe in every(hub.store) if isinstance(probe, Probe) and probe.enabled)
        return cls(polled, probes, rulebook(hub.settings).book.rules)

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
        probe = row.instance.partition(":")[0]
        if row.device_id in self._polled or row.instance in self._probes or probe in self._probes:
            return ConflictError(
                tr("It is still looked at, and ends by itself."), way_out=tr("Take it on (yunwang alert ack), or silence it."),
            )
        return None
