"""All devices and alerts as the screens see them, declared and live fields together, in SQLite's memory: filter, sort and page in SQL.

Rebuilt from the records at each start; nothing here is the only copy of anything.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from core.errors import InvalidInputError
from core.i18n import tr
from core.messages import LiveDevice
from core.nouns import Noun
from core.objects import Device, Site
from core.signals import Alert
from core.views import AlertRow, DeviceRow

DEVICE_FIELDS = tuple(f.name for f in msgspec.structs.fields(DeviceRow))
ALERT_FIELDS = tuple(f.name for f in msgspec.structs.fields(AlertRow))
LIVE_FIELDS = tuple(f.name for f in msgspec.structs.fields(LiveDevice) if f.name != "id")
TEXT_FIELDS = ("name", "address", "site", "county", "role", "platform", "unit")
MAX_CLEARED = 5000
MAX_LIMIT = 50_000
MAX_WORDS = 16

_SQL_TYPES: dict[Any, str] = {int: "INTEGER", float: "REAL"}


class Filter(Noun, frozen=True, kw_only=True):
    """Which rows, in which order, from where: the part of a query that both tables understand."""

    text: str = ""
    where: dict[str, str] = {}
    sort: str = "name"
    offset: int = 0
    limit: int = 200


class Changes:
    """What changed since the last look."""

    def __init__(self) -> None:
        self.devices: set[str] = set()
        self.alerts = False
        self.reloaded = False
        self.health = False
        self.interfaces: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self.devices or self.interfaces or self.alerts or self.reloaded or self.health)


class LiveTable:
    """Belongs to one thread: the event loop of the hub."""

    def __init__(self) -> None:
        self.changes = Changes()
        self._db = sqlite3.connect(":memory:", isolation_level=None)
        self._db.execute(_create("device", DeviceRow))
        self._db.execute(_create("alert", AlertRow))
        self._db.execute("CREATE INDEX alert_device ON alert (device_id, cleared_at)")

    def take_changes(self) -> Changes:
        taken, self.changes = self.changes, Changes()
        return taken

    def load_devices(self, devices: Iterable[Device], sites: Iterable[Site], platforms: Mapping[str, str]) -> None:
        """Replaces the declared fields; live fields of devices that stay are kept. platforms: observed, by device id."""
        by_name = {site.name: site for site in sites}
        live = {row[0]: row[1:] for row in self._db.execute(f"SELECT id, {', '.join(LIVE_FIELDS)} FROM device")}
        rows = [_declared(device, by_name.get(device.site), platforms.get(device.id, "")) for device in devices]
        self._db.execute("BEGIN")
        self._db.execute("DELETE FROM device")
        self._db.executemany(_insert("device", DEVICE_FIELDS), map(_device_values, rows))
        self._db.executemany(_LIVE_UPDATE, [(*live[row.id], row.id) for row in rows if row.id in live])
        self._db.execute("UPDATE device SET alerts = (SELECT count(*) FROM alert WHERE device_id = device.id AND cleared_at = 0)")
        self._db.execute("UPDATE alert SET device = coalesce((SELECT name FROM device WHERE id = alert.device_id), '')")
        self._db.execute("COMMIT")
        self.changes.reloaded = True

    def set_platform(self, device_id: str, platform: str) -> None:
        found = "UPDATE device SET platform = ?, words = words || char(10) || ? WHERE id = ? AND platform = ''"
        self._db.execute(found, (platform, platform.casefold(), device_id))
        self.changes.devices.add(device_id)

    def apply_live(self, rows: Iterable[LiveDevice]) -> None:
        changed = list(rows)
        self._db.execute("BEGIN")
        self._db.executemany(_LIVE_UPDATE, [(*(getattr(row, name) for name in LIVE_FIELDS), row.id) for row in changed])
        self._db.execute("COMMIT")
        self.changes.devices.update(row.id for row in changed)

    def put_alerts(self, alerts: Iterable[Alert]) -> None:
        """Raised and cleared alerts; the oldest cleared ones are forgotten here (the records keep them)."""
        touched = []
        for alert in alerts:
            row = self._db.execute("SELECT name FROM device WHERE id = ?", (alert.device_id,)).fetchone()
            self._db.execute(_insert("alert", ALERT_FIELDS), _alert_values(alert, row[0] if row else ""))
            touched.append(alert.device_id)
        counted = "UPDATE device SET alerts = (SELECT count(*) FROM alert WHERE device_id = device.id AND cleared_at = 0) WHERE id = ?"
        self._db.executemany(counted, [(device_id,) for device_id in touched])
        forget = "DELETE FROM alert WHERE id IN (SELECT id FROM alert WHERE cleared_at > 0 ORDER BY cleared_at DESC LIMIT -1 OFFSET ?)"
        self._db.execute(forget, (MAX_CLEARED,))
        self.changes.alerts = True
        self.changes.devices.update(touched)

    def devices(self, query: Filter) -> tuple[list[DeviceRow], int]:
        """One window and the number of all matching rows."""
        where, values = _conditions(query, DEVICE_FIELDS)
        order = _ordering(query.sort, DEVICE_FIELDS, "name")
        select = f"SELECT {', '.join(DEVICE_FIELDS)} FROM device {where} ORDER BY {order} LIMIT ? OFFSET ?"
        rows = [DeviceRow(**dict(zip(DEVICE_FIELDS, row, strict=True))) for row in self._db.execute(select, [*values, *_bounds(query)])]
        return rows, self._count("device", where, values)

    def devices_by_id(self, ids: Iterable[str]) -> list[DeviceRow]:
        select = f"SELECT {', '.join(DEVICE_FIELDS)} FROM device WHERE id = ?"
        found = (self._db.execute(select, (one,)).fetchone() for one in ids)
        return [DeviceRow(**dict(zip(DEVICE_FIELDS, row, strict=True))) for row in found if row]

    def id_of(self, id_or_name: str) -> str:
        """The id of a device by its id or name; empty when there is none."""
        row = self._db.execute("SELECT id FROM device WHERE id = ? OR name = ? LIMIT 1", (id_or_name, id_or_name)).fetchone()
        return row[0] if row else ""

    def alerts(self, query: Filter, *, open_only: bool = False) -> tuple[list[AlertRow], int]:
        """Open alerts before cleared ones, then by `sort`."""
        where, values = _conditions(query, ALERT_FIELDS)
        if open_only:
            where += f"{' AND' if where else 'WHERE'} cleared_at = 0"
        sort = "-raised_at" if query.sort == "name" else query.sort
        order = _ordering(sort, ALERT_FIELDS, "raised_at DESC")
        select = f"SELECT {', '.join(ALERT_FIELDS)} FROM alert {where} ORDER BY cleared_at > 0, {order} LIMIT ? OFFSET ?"
        return [_alert(row) for row in self._db.execute(select, [*values, *_bounds(query)])], self._count("alert", where, values)

    def rows(self, statement: str, values: Iterable[Any] = ()) -> list[Any]:
        """Answers of a fixed statement: for the overview."""
        return self._db.execute(statement, tuple(values)).fetchall()

    def count(self) -> int:
        return self._count("device", "", [])

    def _count(self, table: str, where: str, values: list[Any]) -> int:
        return int(self._db.execute(f"SELECT count(*) FROM {table} {where}", values).fetchone()[0])


_LIVE_UPDATE = f"UPDATE device SET {', '.join(f'{name} = ?' for name in LIVE_FIELDS)} WHERE id = ?"


def _create(table: str, noun: type[Noun]) -> str:
    columns = [f"{f.name} {_SQL_TYPES.get(f.type, 'TEXT')} NOT NULL" for f in msgspec.structs.fields(noun) if f.name != "id"]
    return f"CREATE TABLE {table} (id TEXT PRIMARY KEY, {', '.join(columns)}, words TEXT NOT NULL)"


def _insert(table: str, fields: tuple[str, ...]) -> str:
    return f"INSERT OR REPLACE INTO {table} ({', '.join(fields)}, words) VALUES ({', '.join('?' * (len(fields) + 1))})"


def _declared(device: Device, site: Site | None, observed_platform: str) -> DeviceRow:
    return DeviceRow(
        id=device.id, name=device.name, address=device.address, site=device.site, county=site.county if site else "",
        level=site.level if site else "", role=device.role, platform=device.platform or observed_platform, unit=device.unit,
    )


def _device_values(row: DeviceRow) -> tuple[Any, ...]:
    words = "\n".join(str(getattr(row, name)) for name in TEXT_FIELDS).casefold()
    return (*(getattr(row, name) for name in DEVICE_FIELDS), words)


def _alert_values(alert: Alert, device: str) -> tuple[Any, ...]:
    fields = {**msgspec.structs.asdict(alert), "device": device, "evidence": msgspec.json.encode(alert.evidence).decode()}
    words = "\n".join((device, alert.rule, alert.severity, alert.instance, *alert.evidence.values())).casefold()
    return (*(fields[name] for name in ALERT_FIELDS), words)


def _alert(row: tuple[Any, ...]) -> AlertRow:
    fields = dict(zip(ALERT_FIELDS, row, strict=True))
    fields["evidence"] = msgspec.json.decode(fields["evidence"])
    return AlertRow(**fields)


def _conditions(query: Filter, fields: tuple[str, ...]) -> tuple[str, list[Any]]:
    parts, values = [], list[Any]()
    for word in query.text.casefold().split()[:MAX_WORDS]:
        parts.append("words LIKE ? ESCAPE '!'")
        values.append("%" + word.replace("!", "!!").replace("%", "!%").replace("_", "!_") + "%")
    for field, value in query.where.items():
        parts.append(f"{_known(field, fields)} = ?")
        values.append(value)
    return ("WHERE " + " AND ".join(parts) if parts else ""), values


def _ordering(sort: str, fields: tuple[str, ...], then: str) -> str:
    return f"{_known(sort.removeprefix('-'), fields)} {'DESC' if sort.startswith('-') else 'ASC'}, {then}, id"


def _known(field: str, fields: tuple[str, ...]) -> str:
    if field not in fields:
        raise InvalidInputError(
            tr("There is no field {field} to filter or sort by.", field=field), way_out=tr("Fields: {fields}.", fields=", ".join(fields)),
        )
    return field


def _bounds(query: Filter) -> tuple[int, int]:
    return min(max(query.limit, 1), MAX_LIMIT), min(max(query.offset, 0), 2**62)
