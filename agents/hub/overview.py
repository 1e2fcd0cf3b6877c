"""The first screen, counted out of the live table."""

from agents.hub.table import Filter, LiveTable
from core.views import GroupCount, Overview, PollingHealth

BUSIEST = 10
NEWEST = 10

_TOTALS = """
SELECT count(*), coalesce(sum(status IN ('up', 'partial')), 0), coalesce(sum(status IN ('down', 'refused')), 0),
  coalesce(sum(CASE WHEN ports >= 0 THEN ports ELSE 0 END), 0), coalesce(sum(CASE WHEN ports_up >= 0 THEN ports_up ELSE 0 END), 0),
  coalesce(sum(CASE WHEN in_bps >= 0 THEN in_bps END), -1), coalesce(sum(CASE WHEN out_bps >= 0 THEN out_bps END), -1)
FROM device"""

_GROUPS = """
SELECT {field}, count(*), sum(status IN ('up', 'partial')), sum(status IN ('down', 'refused')), sum(alerts)
FROM device GROUP BY {field} ORDER BY count(*) DESC, {field}"""


def overview(table: LiveTable, polling: PollingHealth, banner: str, at_ms: int) -> Overview:
    """Up counts devices that answer at least in part; down those that do not, or refuse us."""
    devices, up, down, ports, ports_up, in_bps, out_bps = table.rows(_TOTALS)[0]
    by_severity = table.rows("SELECT severity, count(*) FROM alert WHERE cleared_at = 0 GROUP BY severity")
    busiest = Filter(sort="-in_bps", limit=BUSIEST)
    newest, _ = table.alerts(Filter(sort="-raised_at", limit=NEWEST), open_only=True)
    return Overview(
        at_ms=at_ms, devices=devices, up=up, down=down, unknown=devices - up - down, interfaces=ports, interfaces_up=ports_up,
        in_bps=float(in_bps), out_bps=float(out_bps), alerts=dict(by_severity), counties=_groups(table, "county"),
        roles=_groups(table, "role"), busiest=tuple(row for row in table.devices(busiest)[0] if row.in_bps >= 0),
        newest_alerts=tuple(newest), polling=polling, banner=banner,
    )


def _groups(table: LiveTable, field: str) -> tuple[GroupCount, ...]:
    rows = table.rows(_GROUPS.format(field=field))
    return tuple(GroupCount(name=name, devices=count, up=up, down=down, alerts=alerts) for name, count, up, down, alerts in rows)
