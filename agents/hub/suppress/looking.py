"""One look at all that is open, and what the live picture tells of devices."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from core.signals import Alert
from core.views import AlertRow, DeviceRow
from monitors.suppress import Verdict

ANSWERING = frozenset({"up", "partial"})
SLACK_MS = 60_000


class Mark(NamedTuple):
    """The fields of an alert that are settled here."""

    suppressed_by: str
    suppressed: int
    flapping: bool
    cause: str
    left: int
    of: int
    together: int = 0
    place: str = ""


class Look(NamedTuple):
    """What was decided about which alerts, and when."""

    verdicts: Mapping[str, Verdict]
    alerts: Mapping[str, Alert | AlertRow]
    at_ms: int

    def root(self, alert_id: str, otherwise: str) -> str:
        """What an alert follows from; empty: nothing. otherwise: of one that was not decided."""
        return self.verdicts[alert_id].root if alert_id in self.verdicts else otherwise

    def mark(self, alert_id: str, flaps: bool) -> Mark:
        found = self.verdicts[alert_id]
        return Mark(found.root, found.suppressed, flaps, found.cause, found.left, found.of, found.together, found.place)


def answered(rows: Iterable[DeviceRow]) -> dict[str, int]:
    """When each device that answers did so last."""
    return {row.id: row.polled_at for row in rows if row.status in ANSWERING}


def restarted(row: DeviceRow, since_ms: int) -> bool:
    """Whether a device that answers again began after it fell silent."""
    return row.polled_at - row.uptime_s * 1000 >= since_ms - SLACK_MS
