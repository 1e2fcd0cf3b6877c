"""The City's devices for the Python player: one `Tree` per device over image and state. The same values as lab/farm/farm.c serves."""

import bisect
import struct
from functools import lru_cache
from typing import Any, NamedTuple

from lab import state as states
from lab.image import NOBODY, Image, encode_subs
from lab.mib import Feature, Table, Value
from lab.protocol import COUNTER32, COUNTER64, TIMETICKS, Oid, Place, integer
from lab.state import State
from lab.traffic import Volume, carried, load
from lab.values import FIRST_PROCESSOR, VALUES

_PORT = struct.Struct("<IBBBBqQQQQIIHHI")
_DEVICE = struct.Struct("<IBBHqIIII32x")
_TRIES = 1000
_KEPT_INDEXES = 32


class Column(NamedTuple):
    """A column as the image has it."""

    oid: Oid
    encoded: bytes
    table: int
    value: int
    needs: int
    lacks: int


class Still(NamedTuple):
    """What stands still about one device: its sections as tuples by field name."""

    number: int
    fields: dict[str, Any]
    ports: list[tuple[Any, ...]]
    entities: list[tuple[Any, ...]]
    neighbours: list[tuple[Any, ...]]
    storage: list[tuple[Any, ...]]
    fdb: list[tuple[Any, ...]]
    arp: list[tuple[Any, ...]]
    vlans: list[tuple[Any, ...]]
    vrfs: list[tuple[Any, ...]]
    vrf_ports: list[tuple[Any, ...]]
    columns: list[Column]
    oids: list[Oid]
    indexes: dict[tuple[int, int, int], list[Oid]]
    """Of a table as renumbered: kept, as it seldom changes."""


class Port(NamedTuple):
    """A port's state as read."""

    seq: int
    admin: int
    oper: int
    pattern: int
    phase: int
    changed_us: int
    base_in: int
    base_out: int
    mark_in: int
    mark_out: int
    rate_in: int
    rate_out: int
    packet: int
    err_ppm: int
    pad: int


class Moving(NamedTuple):
    """A device's state as read."""

    seq: int
    alive: int
    pad: int
    max_size: int
    boot_us: int
    latency_us: int
    loss_ppm: int
    shift_from: int
    shift: int


class Town:
    """All devices of an image and a state."""

    def __init__(self, image: Image, state: State) -> None:
        self.image, self.state = image, state
        self.columns = [
            Column(
                tuple(row["oid"][: row["length"]].tolist()),
                bytes(row["encoded"][: row["encoded_length"]]),
                int(row["table"]),
                int(row["value"]),
                int(row["needs"]),
                int(row["lacks"]),
            )
            for row in image.columns
        ]
        self._devices = len(image.devices)
        self._at_ports = states.HEADER.itemsize + states.DEVICE.itemsize * self._devices
        self.still = lru_cache(maxsize=8192)(self._still)

    def number(self, address: int) -> int | None:
        """The device at an address, or None."""
        number = address - self.image.base - 1
        return number if 0 <= number < self._devices else None

    def moving(self, device: int) -> Moving:
        """A device's state now."""
        return Moving(*self._read(_DEVICE, states.HEADER.itemsize + states.DEVICE.itemsize * device))

    def port(self, port: int) -> Port:
        """A port's state now."""
        return Port(*self._read(_PORT, self._at_ports + states.PORT.itemsize * port))

    def _read(self, shape: struct.Struct, at: int) -> tuple[Any, ...]:
        """One record between two marks of its writer; after a while whatever is there: the writer may have died between them."""
        for _ in range(_TRIES):
            read = shape.unpack_from(self.state.buffer, at)
            if not read[0] & 1 and shape.unpack_from(self.state.buffer, at)[0] == read[0]:
                break
        return read

    def _still(self, device: int) -> Still:
        row, image = self.image.devices[device], self.image
        fields = dict(zip(row.dtype.names, row.tolist(), strict=True))

        def part(section: Any, first: str, count: str) -> list[tuple[Any, ...]]:
            rows: list[tuple[Any, ...]] = section[fields[first] : fields[first] + fields[count]].tolist()
            return rows

        columns = [c for c in self.columns if not c.needs & ~fields["features"] and not c.lacks & fields["features"]]
        return Still(
            device,
            fields,
            part(image.ports, "first_port", "ports"),
            part(image.entities, "first_entity", "entities"),
            part(image.neighbours, "first_neighbour", "neighbours"),
            part(image.storage, "first_storage", "storage"),
            part(image.learned, "first_fdb", "fdb"),
            part(image.learned, "first_arp", "arp"),
            part(image.learned, "first_vlan", "vlans"),
            part(image.learned, "first_vrf", "vrfs"),
            part(image.learned, "first_vrf_port", "vrf_ports"),
            columns,
            [c.oid for c in columns],
            {},
        )

    def text(self, ref: tuple[int, int]) -> bytes:
        """A text of the blob."""
        return self.image.blob[ref[0] : ref[0] + ref[1]]

    def tree(self, device: int, now_us: int) -> "DeviceTree":
        """The values of a device at a time."""
        return DeviceTree(self, self.still(device), self.moving(device), now_us)


class DeviceTree:
    """`lab.protocol.Tree` of one device at one moment."""

    town: Town
    still: Still
    moving: Moving
    now_us: int
    weight: int
    """Of the device's own pattern, in 1/65536: processors and memory follow it."""

    def __init__(self, town: Town, still: Still, moving: Moving, now_us: int) -> None:
        self.town, self.still, self.moving, self.now_us = town, still, moving, now_us
        self._ports: dict[int, Port] = {}
        self._volumes: dict[tuple[int, bool], Volume] = {}
        self.weight = load(town.state.patterns, still.number, now_us)

    # ---- places

    def seek(self, oid: Oid) -> tuple[Place, bool, bool]:
        column = bisect.bisect_right(self.still.oids, oid) - 1
        if column < 0:
            return self._settle(0, 0), False, False
        prefix = self.still.oids[column]
        if oid[: len(prefix)] != prefix:
            return self._settle(column + 1, 0), False, False
        indexes, rest = self.indexes(column), oid[len(prefix) :]
        row = bisect.bisect_left(indexes, rest)
        exact = row < len(indexes) and indexes[row] == rest and self._there(column, row)
        return self._settle(column, row), exact, bool(indexes)

    def after(self, place: Place) -> Place:
        return self._settle(place[0], place[1] + 1)

    def _settle(self, column: int, row: int) -> Place:
        while column < len(self.still.columns):
            for place in range(row, len(self.indexes(column))):
                if self._there(column, place):
                    return column, place
            column, row = column + 1, 0
        return column, 0

    def _there(self, column: int, row: int) -> bool:
        table = self.still.columns[column].table
        if table == Table.LLDP_LOCAL:
            return bool(self.still.ports[row][2])
        if table in (Table.LLDP_REMOTE, Table.LLDP_ADDRESS, Table.CDP):
            near, far, *_ = self.still.neighbours[row]
            speaks = table != Table.CDP or bool(int(self.town.image.devices[far]["features"]) & Feature.CISCO)
            return speaks and self.port(near).oper == states.UP
        if table in (Table.FDB, Table.FDB_OLD, Table.ARP):
            learned = self.still.arp if table == Table.ARP else self.still.fdb
            return self.port(learned[row][0]).oper == states.UP
        return table != Table.ROUTE or bool(row) or self.still.fields["gateway"] != NOBODY

    def indexes(self, column: int) -> list[Oid]:
        """The indexes of a column's rows, ascending."""
        table = self.still.columns[column].table
        key = table, self.moving.shift_from, self.moving.shift
        found = self.still.indexes.get(key)
        if found is None:
            if len(self.still.indexes) > _KEPT_INDEXES:
                self.still.indexes.clear()
            found = self.still.indexes[key] = self._table_indexes(table)
        return found

    def _table_indexes(self, table: int) -> list[Oid]:
        still = self.still
        match table:
            case Table.PORT:
                return [(self.if_index(row),) for row in range(len(still.ports))]
            case Table.ENTITY | Table.BOARD:
                entities = still.entities if table == Table.ENTITY else still.entities[: still.fields["boards"]]
                return [(entity[0],) for entity in entities]
            case Table.LLDP_LOCAL:
                return [(row + 1,) for row in range(len(still.ports))]
            case Table.LLDP_REMOTE:
                return [(mark, port + 1, index) for port, _, _, mark, index, _ in still.neighbours]
            case Table.STORAGE:
                return [(storage[0],) for storage in still.storage]
            case Table.PROCESSOR:
                return [(FIRST_PROCESSOR + row,) for row in range(still.fields["processors"])]
            case Table.ADDRESS:
                return [tuple(self.address())]
        return self._far_indexes(table)

    def _far_indexes(self, table: int) -> list[Oid]:
        still = self.still
        match table:
            case Table.LLDP_ADDRESS:
                return [(mark, port + 1, index, 1, 4, *self.address_of(far)) for port, far, _, mark, index, _ in still.neighbours]
            case Table.CDP:
                return [(self.if_index(port), index) for port, _, _, _, index, _ in still.neighbours]
            case Table.ROUTE:
                gateway, nobody = still.fields["gateway"], still.fields["gateway"] == NOBODY
                own = tuple(self.address())
                return [(*[0] * 9, *((0,) * 4 if nobody else self.address_of(gateway))), (*own, 255, 255, 255, 255, 0, *own)]
        return self._learned_indexes(table)

    def _learned_indexes(self, table: int) -> list[Oid]:
        still, text = self.still, self.town.text
        match table:
            case Table.FDB:
                return [(vlan, *mac) for _, _, mac, vlan, _, _ in still.fdb]
            case Table.FDB_OLD:
                return [tuple(row[2]) for row in still.fdb]
            case Table.ARP:
                return [(self.if_index(port), *address.to_bytes(4, "big")) for port, address, *_ in still.arp]
            case Table.VLAN:
                return [(row[3],) for row in still.vlans]
            case Table.VLAN_CURRENT:
                return [(0, row[3]) for row in still.vlans]
            case Table.VRF:
                return [(row[4][1], *text(row[4])) for row in still.vrfs]
            case Table.VRF_PORT:
                return [(row[4][1], *text(row[4]), self.if_index(row[0])) for row in still.vrf_ports]
        return [(0,)]

    def address_of(self, device: int) -> bytes:
        """A device's address."""
        return (self.town.image.base + 1 + device).to_bytes(4, "big")

    def address(self) -> bytes:
        """The device's own address."""
        return self.address_of(self.still.number)

    def if_index(self, row: int) -> int:
        """ifIndex of a row, as renumbered."""
        return int(self.still.ports[row][0]) + (self.moving.shift if row >= self.moving.shift_from else 0)

    # ---- what moves

    def port(self, row: int) -> Port:
        """State of the port in a row, the same for the whole answer."""
        found = self._ports.get(row)
        if found is None:
            found = self._ports[row] = self.town.port(self.still.fields["first_port"] + row)
        return found

    def volume(self, row: int, out: bool) -> Volume:
        """What a port carried."""
        found = self._volumes.get((row, out))
        if found is None:
            p, curves = self.port(row), self.town.state.patterns
            base, mark, rate = (p.base_out, p.mark_out, p.rate_out) if out else (p.base_in, p.mark_in, p.rate_in)
            octets = carried(curves, base, mark, rate, p.pattern ^ out, p.phase, p.oper == states.UP, self.now_us)
            found = self._volumes[row, out] = Volume(octets, p.packet, p.err_ppm)
        return found

    def ticks(self, at_us: int) -> bytes:
        """TimeTicks since boot."""
        return integer(max(0, at_us - self.moving.boot_us) // 10_000 & 0xFFFF_FFFF, TIMETICKS)

    def share(self, rest: int, part: int) -> int:
        """Percent: at rest, and what follows the day."""
        return min(100, rest + (part * self.weight >> 16))

    def value(self, place: Place) -> tuple[bytes, bytes] | None:
        column, row = place
        if column >= len(self.still.columns):
            return None
        spec = self.still.columns[column]
        name = spec.encoded + encode_subs(self.indexes(column)[row])
        if Value.COUNTER <= spec.value < Value.COUNTER_END:
            kind, out, wide = spec.value - Value.COUNTER >> 2, bool(spec.value & 2), bool(spec.value & 1)
            count = self.volume(row, out).counter(kind, out)
            return name, integer(count, COUNTER64) if wide else integer(count & 0xFFFF_FFFF, COUNTER32)
        return name, VALUES[spec.value](self, row)
