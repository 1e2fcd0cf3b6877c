"""The first screen, counted out of the live table."""

from collections import Counter
from collections.abc import Iterable
from operator import attrgetter

from agents.hub.sight import EVERYTHING, Sight
from agents.hub.table import LiveTable
from core.views import DeviceRow, GroupCount, Overview, PollingHealth

BUSIEST = 10
NEWEST = 10
UP = frozenset({"up", "partial"})
DOWN = frozenset({"down", "refused"})


def overview(table: LiveTable, polling: PollingHealth, banner: str, at_ms: int, sight: Sight = EVERYTHING) -> Overview:
    """Up counts devices that answer at least in part; down those that do not, or refuse us; of alerts only roots count."""
    rows, roots = table.all_devices(sight), [alert for alert in table.open_alerts(sight) if not alert.suppressed_by]
    up = sum(row.status in UP for row in rows)
    down = sum(row.status in DOWN for row in rows)
    measured = [row for row in rows if row.in_bps >= 0]
    return Overview(
        at_ms=at_ms, devices=len(rows), up=up, down=down, unknown=len(rows) - up - down,
        interfaces=_sum(row.ports for row in rows), interfaces_up=_sum(row.ports_up for row in rows),
        in_bps=sum(row.in_bps for row in measured) if measured else -1.0,
        out_bps=sum(row.out_bps for row in measured if row.out_bps > 0) if measured else -1.0,
        alerts=dict(Counter(alert.severity for alert in roots)), counties=_groups(rows, "county"), roles=_groups(rows, "role"),
        busiest=tuple(sorted(measured, key=lambda row: row.in_bps + max(row.out_bps, 0.0), reverse=True)[:BUSIEST]),
        newest_alerts=tuple(sorted(roots, key=attrgetter("raised_at"), reverse=True)[:NEWEST]), polling=polling, banner=banner,
    )


def _sum(values: Iterable[int]) -> int:
    return sum(value for value in values if value > 0)


def _groups(rows: list[DeviceRow], field: str) -> tuple[GroupCount, ...]:
    """Largest first."""
    members: dict[str, list[DeviceRow]] = {}
    for row in rows:
        members.setdefault(getattr(row, field), []).append(row)
    groups = [
        GroupCount(
            name=name, devices=len(group), up=sum(row.status in UP for row in group), down=sum(row.status in DOWN for row in group),
            alerts=sum(row.alerts for row in group),
        )
        for name, group in members.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.devices, group.name)))
