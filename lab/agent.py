"""The City's devices for the Python player: one `Tree` per device over image and state. The same values as lab/farm/farm.c serves."""

import bisect
import struct
from collections.abc import Callable
from functools import lru_cache
from typing import Any, NamedTuple

from lab import state as states
from lab.image import Image, encode_subs
from lab.mib import Table, Value
from lab.protocol import COUNTER32, COUNTER64, GAUGE32, INTEGER, IP_ADDRESS, OBJECT_ID, STRING, TIMETICKS, Oid, Place, integer, tlv
from lab.state import State
from lab.traffic import Volume, carried, load

_PORT = struct.Struct("<IBBBBqQQQQIIHHI")
_DEVICE = struct.Struct("<IBBHqIIII32x")
_TRIES = 1000
_KEPT_INDEXES = 32
_FIRST_PROCESSOR = 196_608
_HARDWARE = (6, 136, 161)
"""ifTypes that have a MAC address."""


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
        if table == Table.LLDP_REMOTE:
            return self.port(self.still.neighbours[row][0]).oper == states.UP
        return True

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
                return [(_FIRST_PROCESSOR + row,) for row in range(still.fields["processors"])]
            case Table.ADDRESS:
                return [tuple(self.address())]
        return [(0,)]

    def address(self) -> bytes:
        """The device's own address."""
        return (self.town.image.base + 1 + self.still.number).to_bytes(4, "big")

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
        return name, _VALUES[spec.value](self, row, spec)


def _string(find: Callable[[DeviceTree, int], tuple[int, int]]) -> "_Value":
    return lambda tree, row, _: tlv(STRING, tree.town.text(find(tree, row)))


def _number(find: Callable[[DeviceTree, int], int], tag: int = INTEGER) -> "_Value":
    return lambda tree, row, _: integer(find(tree, row), tag)


def _of_device(name: str) -> "_Value":
    return _string(lambda tree, _: tree.still.fields[name])


def _of_entity(place: int) -> "_Value":
    return _string(lambda tree, row: tree.still.entities[row][place])


def _mac(tree: DeviceTree, row: int, _: Column) -> bytes:
    port = tree.still.ports[row]
    return tlv(STRING, bytes(port[6]) if port[1] in _HARDWARE else b"")


def _speed(tree: DeviceTree, row: int) -> int:
    mbps = int(tree.still.ports[row][5])
    return 0xFFFF_FFFF if mbps >= 4295 else mbps * 1_000_000


def _far_device(tree: DeviceTree, row: int) -> Any:
    return tree.town.image.devices[tree.still.neighbours[row][1]]


def _far_port(tree: DeviceTree, row: int) -> Any:
    return tree.town.image.ports[tree.still.neighbours[row][2]]


def _capabilities(tree: DeviceTree, row: int, _: Column) -> bytes:
    return tlv(STRING, int(_far_device(tree, row)["capabilities"]).to_bytes(2, "big"))


def _used(tree: DeviceTree, row: int) -> int:
    _, kind, _, size, permille, _, _ = tree.still.storage[row]
    full = min(1000, permille + (60 * tree.weight >> 16 if kind == 2 else 0))
    return int(size * full // 1000)


_ZERO_OID = tlv(OBJECT_ID, b"\0")
_STORAGE_TYPE = (0x2B, 6, 1, 2, 1, 25, 2, 1)
_PROCESSOR_TYPE = tlv(OBJECT_ID, bytes((0x2B, 6, 1, 2, 1, 25, 3, 1, 3)))

_Value = Callable[[DeviceTree, int, Column], bytes]
_VALUES: dict[int, _Value] = {
    Value.SYS_DESCR: _of_device("descr"),
    Value.SYS_OBJECT_ID: lambda tree, _, __: tlv(OBJECT_ID, tree.town.text(tree.still.fields["object_id"])),
    Value.SYS_UPTIME: lambda tree, _, __: tree.ticks(tree.now_us),
    Value.SYS_CONTACT: _of_device("contact"),
    Value.SYS_NAME: _of_device("name"),
    Value.SYS_LOCATION: _of_device("location"),
    Value.SYS_SERVICES: _number(lambda tree, _: tree.still.fields["services"]),
    Value.IF_NUMBER: _number(lambda tree, _: len(tree.still.ports)),
    Value.IF_INDEX: _number(lambda tree, row: tree.if_index(row)),
    Value.IF_DESCR: _string(lambda tree, row: tree.still.ports[row][8]),
    Value.IF_TYPE: _number(lambda tree, row: tree.still.ports[row][1]),
    Value.IF_MTU: _number(lambda tree, row: tree.still.ports[row][4]),
    Value.IF_SPEED: _number(_speed, GAUGE32),
    Value.IF_PHYS: _mac,
    Value.IF_ADMIN: _number(lambda tree, row: tree.port(row).admin),
    Value.IF_OPER: _number(lambda tree, row: tree.port(row).oper),
    Value.IF_LAST_CHANGE: lambda tree, row, _: tree.ticks(tree.port(row).changed_us),
    Value.IF_NAME: _string(lambda tree, row: tree.still.ports[row][9]),
    Value.IF_TRAP: _number(lambda _, __: 1),
    Value.IF_HIGH_SPEED: _number(lambda tree, row: tree.still.ports[row][5], GAUGE32),
    Value.IF_PROMISCUOUS: _number(lambda _, __: 2),
    Value.IF_CONNECTOR: _number(lambda tree, row: 1 if tree.still.ports[row][2] else 2),
    Value.IF_ALIAS: _string(lambda tree, row: tree.still.ports[row][10]),
    Value.ZERO_TICKS: _number(lambda _, __: 0, TIMETICKS),
    Value.ZERO_GAUGE: _number(lambda _, __: 0, GAUGE32),
    Value.ENT_DESCR: _of_entity(6),
    Value.ENT_VENDOR_TYPE: lambda _, __, ___: _ZERO_OID,
    Value.ENT_CONTAINED_IN: _number(lambda tree, row: tree.still.entities[row][1]),
    Value.ENT_CLASS: _number(lambda tree, row: tree.still.entities[row][2]),
    Value.ENT_PARENT_REL: _number(lambda tree, row: tree.still.entities[row][3]),
    Value.ENT_NAME: _of_entity(7),
    Value.ENT_HARDWARE: _of_entity(8),
    Value.ENT_FIRMWARE: _of_entity(9),
    Value.ENT_SOFTWARE: _of_entity(10),
    Value.ENT_SERIAL: _of_entity(11),
    Value.ENT_MAKER: _of_entity(12),
    Value.ENT_MODEL: _of_entity(13),
    Value.ENT_EMPTY: lambda _, __, ___: tlv(STRING, b""),
    Value.ENT_FRU: _number(lambda tree, row: tree.still.entities[row][4]),
    Value.LLDP_CHASSIS_TYPE: _number(lambda _, __: 4),
    Value.LLDP_CHASSIS: lambda tree, _, __: tlv(STRING, bytes(tree.still.fields["mac"])),
    Value.LLDP_PORT_TYPE: _number(lambda _, __: 5),
    Value.LLDP_LOCAL_PORT: _string(lambda tree, row: tree.still.ports[row][9]),
    Value.LLDP_LOCAL_DESCR: _string(lambda tree, row: tree.still.ports[row][8]),
    Value.LLDP_REMOTE_CHASSIS: lambda tree, row, _: tlv(STRING, bytes(_far_device(tree, row)["mac"])),
    Value.LLDP_REMOTE_PORT: _string(lambda tree, row: _far_port(tree, row)["name"].tolist()),
    Value.LLDP_REMOTE_DESCR: _string(lambda tree, row: _far_port(tree, row)["descr"].tolist()),
    Value.LLDP_REMOTE_NAME: _string(lambda tree, row: _far_device(tree, row)["name"].tolist()),
    Value.LLDP_REMOTE_SYSTEM: _string(lambda tree, row: _far_device(tree, row)["descr"].tolist()),
    Value.LLDP_CAPABILITIES: _capabilities,
    Value.HOST_UPTIME: lambda tree, _, __: tree.ticks(tree.now_us),
    Value.HOST_USERS: _number(lambda tree, _: tree.still.number % 3, GAUGE32),
    Value.HOST_PROCESSES: _number(lambda tree, _: 180 + (120 * tree.weight >> 16), GAUGE32),
    Value.HOST_MEMORY: _number(lambda tree, _: tree.still.fields["memory_kb"]),
    Value.STORAGE_INDEX: _number(lambda tree, row: tree.still.storage[row][0]),
    Value.STORAGE_TYPE: lambda tree, row, _: tlv(OBJECT_ID, bytes((*_STORAGE_TYPE, tree.still.storage[row][1]))),
    Value.STORAGE_DESCR: _string(lambda tree, row: tree.still.storage[row][6]),
    Value.STORAGE_UNITS: _number(lambda tree, row: tree.still.storage[row][2]),
    Value.STORAGE_SIZE: _number(lambda tree, row: tree.still.storage[row][3]),
    Value.STORAGE_USED: _number(_used),
    Value.CPU_INDEX: _number(lambda _, row: _FIRST_PROCESSOR + row),
    Value.CPU_TYPE: lambda _, __, ___: _PROCESSOR_TYPE,
    Value.CPU_DESCR: _of_device("cpu"),
    Value.CPU_STATUS: _number(lambda _, __: 2),
    Value.CPU_FIRMWARE: lambda _, __, ___: _ZERO_OID,
    Value.CPU_LOAD: _number(lambda tree, row: tree.share(3 + row % 7, 18)),
    Value.ADDRESS: lambda tree, _, __: tlv(IP_ADDRESS, tree.address()),
    Value.ADDRESS_IF_INDEX: _number(lambda tree, _: tree.if_index(tree.still.fields["management"])),
    Value.ADDRESS_MASK: lambda _, __, ___: tlv(IP_ADDRESS, b"\xff\xff\xff\xff"),
    Value.BOARD_CPU: _number(lambda tree, row: tree.share(6 + row % 5, 14)),
    Value.BOARD_MEMORY: _number(lambda tree, _: tree.share(38 + tree.still.number % 20, 4)),
    Value.BOARD_TEMPERATURE: _number(lambda tree, _: tree.share(34 + tree.still.number % 9, 4)),
    Value.GAUGE_CPU: _number(lambda tree, row: tree.share(6 + row % 5, 14), GAUGE32),
    Value.GAUGE_MEMORY: _number(lambda tree, _: tree.share(38 + tree.still.number % 20, 4), GAUGE32),
}
