"""Whose event it is: by the address that it came from, else by the name that it calls itself; and what its ports are called."""

import time
from typing import TYPE_CHECKING

from agents.hub.events.bearing import Bearing
from core.errors import YunwangError
from core.events import Event, EventRow
from core.views import DeviceRow

if TYPE_CHECKING:
    from agents.hub.hub import Hub

REBUILD_S = 5.0
PORTS_S = 600.0
MAX_PORTS = 500
"""Devices whose names of ports are kept."""


class Knowing:
    """Belongs to the event loop."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.bearing = Bearing()
        self._version, self._built = (-1, -1), 0.0
        self._by_address: dict[str, str] = {}
        self._by_name: dict[str, str] = {}
        self._ports: dict[str, tuple[float, dict[str, str]]] = {}

    def device_of(self, event: Event) -> DeviceRow | None:
        self._look()
        known = self._by_address.get(event.source) or self._by_name.get(event.host.casefold() if event.host else "", "")
        return self._hub.table.row(known) if known else None

    def owner_of(self, address: str) -> DeviceRow | None:
        """By the address alone."""
        self._look()
        known = self._by_address.get(address)
        return self._hub.table.row(known) if known else None

    def addresses_of(self, device_id: str) -> tuple[str, ...]:
        """All that mean this device."""
        self._look()
        return tuple(sorted(address for address, known in self._by_address.items() if known == device_id))

    def row_of(self, event: Event) -> EventRow:
        """With its device, the name of the port it is about, and what it says in every language."""
        from monitors.events import said

        device = self.device_of(event)
        if device is not None:
            event = event.replace(device_id=device.id, fields=self._with_port(device.id, event.fields))
        told = {name: getattr(event, name) for name in event.__struct_fields__}
        return EventRow(**told, device=device.name if device else "", said=said(event))

    async def learn_ports(self, events: list[Event]) -> None:
        """Reads the names of ports of devices whose traps name a port by its number alone."""
        for event in events:
            device = self.device_of(event) if "ifIndex" in event.fields and "ifName" not in event.fields else None
            if device is None or self._fresh(device.id):
                continue
            try:
                found = await self._hub.interfaces(device.id)
            except YunwangError:
                continue
            if len(self._ports) >= MAX_PORTS:
                self._ports.pop(next(iter(self._ports)))
            self._ports[device.id] = time.monotonic(), {str(one.if_index): one.name for one in found if one.name}

    def _fresh(self, device_id: str) -> bool:
        known = self._ports.get(device_id)
        return known is not None and time.monotonic() - known[0] < PORTS_S

    def _with_port(self, device_id: str, fields: dict[str, str]) -> dict[str, str]:
        if "ifIndex" not in fields or "ifName" in fields or device_id not in self._ports:
            return fields
        name = self._ports[device_id][1].get(fields["ifIndex"])
        return {**fields, "ifName": name} if name else fields

    def _look(self) -> None:
        table, now = self._hub.table, time.monotonic()
        version = table.version, self.bearing.version
        if version == self._version or now - self._built < REBUILD_S:
            return
        rows = table.all_devices()
        self._by_address = self.bearing.owners(rows)
        self._by_name = {row.name.casefold(): row.id for row in rows}
        self._version, self._built = version, now
