"""One look at all that is open, and what the live picture tells of devices."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from core.signals import Alert
from core.views import AlertRow, DeviceRow
from monitors.suppress import Verdict

ANSWERING = frozenset({"up", "partial"})
SLACK_MS = 60_000


class Look(NamedTuple):
    """What was decided about which alerts, and when."""

    verdicts: Mapping[str, Verdict]
    alerts: Mapping[str, Alert | AlertRow]
    at_ms: int

    def root(self, alert_id: str, otherwise: str) -> str:
        """What an alert follows from; empty: nothing. otherwise: of one that was not decided."""
        return self.verdicts[alert_id].root if alert_id in self.verdicts else otherwise

    def mark(self, alert_id: str, flaps: bool) -> tuple[str, int, bool, str, int, int]:
        """The fields of an alert that are settled: suppressed_by, suppressed, flapping, cause, left, of."""
        found = self.verdicts[alert_id]
        return found.root, found.suppressed, flaps, found.cause, found.left, found.of


def answered(rows: Iterable[DeviceRow]) -> dict[str, int]:
    """When each device that answers did so last."""
    return {row.id: row.polled_at for row in rows if row.status in ANSWERING}


def restarted(row: DeviceRow, since_ms: int) -> bool:
    """Whether a device that answers again began after it fell silent."""
    return row.polled_at - row.uptime_s * 1000 >= since_ms - SLACK_MS
