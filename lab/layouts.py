"""Interface tables as the vendors have them: names, types, and how ifIndex is numbered (sparse, 1 to 5 bytes, 4 to 400 rows)."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from lab.models import Model, Ports, Scheme

ETHERNET, PPP, LOOPBACK, OTHER, VLAN_L3, AGGREGATE, TUNNEL, PROPRIETARY_VIRTUAL = 6, 23, 24, 1, 136, 161, 131, 53


class Row(NamedTuple):
    """One interface of a layout."""

    if_index: int
    name: str
    descr: str
    if_type: int
    mbps: int
    physical: bool
    mtu: int = 1500


class Layout(NamedTuple):
    """The interface table of one build of a model, by ascending ifIndex."""

    rows: tuple[Row, ...]
    uplinks: tuple[int, ...]
    """Places of the ports that lead upwards: the fastest, best first."""
    downlinks: tuple[int, ...]
    """Places of the other physical ports."""

    @property
    def indexes(self) -> tuple[int, ...]:
        return tuple(row.if_index for row in self.rows)


class Build(NamedTuple):
    """What differs between two boxes of one model."""

    members: int
    trunks: int
    vlans: tuple[int, ...]
    offset: int


def draw(model: Model, rng: Random) -> Build:
    """A build of the model."""
    virtual = round(model.virtual * rng.uniform(0.5, 1.5))
    trunks = rng.randint(0, min(6, virtual // 2))
    vlans = tuple(sorted({1, *rng.sample(range(10, 3000), virtual - trunks)})) if virtual else ()
    members = min(model.stack, rng.choices((1, 2, 3), (8, 2, 1))[0])
    return Build(members, trunks, vlans, rng.randrange(4))


def layout(model: Model, build: Build) -> Layout:
    """The interface table of this build."""
    rows = sorted(_SCHEMES[model.scheme](model, build))
    physical = [place for place, row in enumerate(rows) if row.physical]
    fastest = max(rows[place].mbps for place in physical)
    uplinks = [place for place in physical if rows[place].mbps == fastest]
    if len(uplinks) == len(physical) or len(uplinks) > 32:
        uplinks = physical[-min(4, max(2, len(physical) // 8)) :]
    uplinks = uplinks if len(physical) > 2 else physical[:1]
    downlinks = [place for place in physical if place not in uplinks]
    return Layout(tuple(rows), tuple(uplinks), tuple(downlinks))


def plain(indexes: tuple[int, ...]) -> Layout:
    """Gigabit ports with exactly these ifIndexes: the farm's shape for benchmarks."""
    rows = tuple(Row(index, f"Gi0/0/{n}", f"GigabitEthernet0/0/{n}", ETHERNET, 1000, True) for n, index in enumerate(indexes, 1))
    return Layout(rows, tuple(range(len(rows) - 2, len(rows))), tuple(range(len(rows) - 2)))


def _physical(model: Model, member: int) -> list[tuple[Ports, int, str, str]]:
    out = []
    for ports in model.ports:
        descr = ports.prefix.format(m=member)
        short = (ports.short or ports.prefix).format(m=member)
        out += [(ports, n, f"{short}{n}", f"{descr}{n}") for n in range(ports.first, ports.first + ports.number)]
    return out


def _port(index: int, ports: Ports, name: str, descr: str) -> Row:
    return Row(index, name, descr, ETHERNET, ports.mbps, True)


def _huawei(model: Model, build: Build) -> list[Row]:
    """VRP switches count from 1 in the order in which interfaces came to be; members of a stack start at 0."""
    first = 0 if "{m}" in model.ports[0].prefix and not model.name.startswith("CE") else 1
    rows = [
        Row(1, "InLoopBack0", "InLoopBack0", LOOPBACK, 0, False),
        Row(2, "NULL0", "NULL0", OTHER, 0, False),
        Row(3, "Console9/0/0", "Console9/0/0", OTHER, 0, False),
        Row(4, "MEth0/0/1", "MEth0/0/1", ETHERNET, 100, False),
    ]
    index = 5 + build.offset
    for member in range(first, first + build.members):
        for ports, _, name, descr in _physical(model, member):
            rows.append(_port(index, ports, name, descr))
            index += 1
        index += 4 * (build.members > 1)
    for trunk in range(1, build.trunks + 1):
        rows.append(Row(index, f"Eth-Trunk{trunk}", f"Eth-Trunk{trunk}", AGGREGATE, 20_000, False))
        index += 1
    for vlan in build.vlans:
        rows.append(Row(index, f"Vlanif{vlan}", f"Vlanif{vlan}", VLAN_L3, 1000, False))
        index += 1 + (vlan % 7 == 0)
    return rows


def _huawei_router(model: Model, build: Build) -> list[Row]:
    rows = [
        Row(1, "InLoopBack0", "InLoopBack0", LOOPBACK, 0, False),
        Row(2, "NULL0", "NULL0", OTHER, 0, False),
        Row(3, "GigabitEthernet0/0/0", "GigabitEthernet0/0/0", ETHERNET, 1000, False),
    ]
    index = 6 + 8 * build.offset
    ports = [port for port in _physical(model, 0) if port[2] != "GigabitEthernet0/0/0"]
    for run, _, name, descr in ports:
        rows.append(_port(index, run, name, descr))
        index += 1
    rows.append(Row(index, "LoopBack0", "LoopBack0", LOOPBACK, 0, False))
    index += 1
    for trunk in range(1, build.trunks + 1):
        rows.append(Row(index, f"Eth-Trunk{trunk}", f"Eth-Trunk{trunk}", AGGREGATE, 200_000, False))
        index += 1
    for number, vlan in enumerate(build.vlans):
        parent = ports[number % len(ports)][2]
        rows.append(Row(index, f"{parent}.{vlan}", f"{parent}.{vlan}", VLAN_L3, 1000, False))
        index += 1 + (vlan % 5 == 0)
    return rows


def _comware7(model: Model, build: Build) -> list[Row]:
    """Comware 7 gives every member a block of numbers, and the logical interfaces one behind them."""
    rows, stride = [], 64 if model.port_count <= 64 else 256
    for member in range(1, build.members + 1):
        for place, (ports, _, name, descr) in enumerate(_physical(model, member), 1):
            rows.append(_port((member - 1) * stride + place, ports, name, descr))
    logical = stride * 10 + build.offset
    rows += [Row(logical, "NULL0", "NULL0", OTHER, 0, False), Row(logical + 1, "InLoopBack0", "InLoopBack0", LOOPBACK, 0, False)]
    rows += [Row(logical + 2, "Register-Tunnel0", "Register-Tunnel0", TUNNEL, 0, False)] if build.vlans else []
    index = logical + 16
    for vlan in build.vlans:
        rows.append(Row(index, f"Vlan-interface{vlan}", f"Vlan-interface{vlan}", VLAN_L3, 1000, False))
        index += 1 + (vlan % 6 == 0)
    rows += [
        Row(index + 200 + n, f"Bridge-Aggregation{n}", f"Bridge-Aggregation{n}", AGGREGATE, 20_000, False)
        for n in range(1, build.trunks + 1)
    ]
    return rows


def _comware5(model: Model, build: Build) -> list[Row]:
    """Comware 5: slot and port in the bits of a 4-byte number."""
    rows = [
        _port(9437184 + 65536 * build.offset + 128 * place, ports, name, descr)
        for place, (ports, _, name, descr) in enumerate(_physical(model, 1))
    ]
    rows += [Row(1 + n, name, name, kind, 0, False) for n, (name, kind) in enumerate((("NULL0", OTHER), ("InLoopBack0", LOOPBACK)))]
    rows += [Row(31_850_000 + vlan, f"Vlan-interface{vlan}", f"Vlan-interface{vlan}", VLAN_L3, 1000, False) for vlan in build.vlans]
    rows += [
        Row(33_619_000 + n, f"Bridge-Aggregation{n}", f"Bridge-Aggregation{n}", AGGREGATE, 2000, False) for n in range(1, build.trunks + 1)
    ]
    return rows


def _ruijie(model: Model, build: Build) -> list[Row]:
    rows = [_port(place + build.offset, ports, name, descr) for place, (ports, _, name, descr) in enumerate(_physical(model, 0), 1)]
    rows += [Row(4096 + vlan, f"Vl{vlan}", f"VLAN {vlan}", VLAN_L3, 1000, False) for vlan in build.vlans]
    rows += [Row(8192 + n, f"Ag{n}", f"AggregatePort {n}", AGGREGATE, 2000, False) for n in range(1, build.trunks + 1)]
    return rows


def _zte(model: Model, build: Build) -> list[Row]:
    """ZXROS: kind, slot and port in the bits: 3 bytes on small boxes, 5 on large ones."""
    small = model.roles == ("access",)
    rows = []
    for run, ports in enumerate(model.ports, 1):
        for n in range(ports.first, ports.first + ports.number):
            index = 65_536 * (1 + build.offset) + 256 * n if small else 0x1100_0000 + 0x10_0000 * build.offset + 0x1_0000 * run + n
            rows.append(_port(index, ports, f"{ports.prefix}{n}", f"{ports.prefix}{n}"))
    base = 65_536 * 16 if small else 0x3000_0000
    rows += [Row(base + vlan, f"vlan{vlan}", f"vlan{vlan}", VLAN_L3, 1000, False) for vlan in build.vlans]
    rows += [Row(base + 8192 + n, f"smartgroup{n}", f"smartgroup{n}", AGGREGATE, 20_000, False) for n in range(1, build.trunks + 1)]
    rows.append(Row(base + 16_384, "null1", "null1", OTHER, 0, False))
    return rows


def _cisco_switch(model: Model, build: Build) -> list[Row]:
    """Catalyst stacks: 10101 and on for member 1, 10601 for member 2; VLANs by their number."""
    rows = [Row(vlan, f"Vl{vlan}", f"Vlan{vlan}", PROPRIETARY_VIRTUAL, 1000, False) for vlan in build.vlans]
    rows += [Row(5000 + n, f"Po{n}", f"Port-channel{n}", PROPRIETARY_VIRTUAL, 2000, False) for n in range(1, build.trunks + 1)]
    for member in range(1, build.members + 1):
        rows += [
            _port(10_100 + 500 * (member - 1) + place, ports, name, descr)
            for place, (ports, _, name, descr) in enumerate(_physical(model, member), 1)
        ]
    rows.append(Row(14_500 + build.offset, "Nu0", "Null0", OTHER, 10_000, False))
    return rows


def _nexus(model: Model, build: Build) -> list[Row]:
    rows = [Row(83_886_080, "mgmt0", "mgmt0", ETHERNET, 1000, False)]
    for slot, ports in enumerate(model.ports):
        rows += [
            _port(436_207_616 + 0x8_0000 * slot + 4096 * place, ports, f"Ethernet{slot + 1}/{place + 1}", f"Ethernet{slot + 1}/{place + 1}")
            for place in range(ports.number)
        ]
    rows += [Row(151_060_480 + vlan, f"Vlan{vlan}", f"Vlan{vlan}", PROPRIETARY_VIRTUAL, 1000, False) for vlan in build.vlans]
    rows += [Row(369_098_751 + n, f"port-channel{n}", f"port-channel{n}", AGGREGATE, 20_000, False) for n in range(1, build.trunks + 1)]
    return rows


def _ios_router(model: Model, build: Build) -> list[Row]:
    rows = [Row(1, "Em0/0", "Embedded-Service-Engine0/0", ETHERNET, 10, False)]
    rows += [_port(2 + place, ports, name, descr) for place, (ports, _, name, descr) in enumerate(_physical(model, 0))]
    rows += [Row(8 + build.offset, "Nu0", "Null0", OTHER, 10_000, False), Row(13 + build.offset, "Lo0", "Loopback0", LOOPBACK, 8000, False)]
    rows += [Row(18 + n * 2, f"Gi0/0.{vlan}", f"GigabitEthernet0/0.{vlan}", VLAN_L3, 1000, False) for n, vlan in enumerate(build.vlans)]
    return rows


def _fortinet(model: Model, build: Build) -> list[Row]:
    rows = [_port(place + 2, ports, name, descr) for place, (ports, _, name, descr) in enumerate(_physical(model, 0), 1)]
    rows += [Row(1, "mgmt", "mgmt", ETHERNET, 1000, False), Row(2, "ha", "ha", ETHERNET, 1000, False)]
    index = len(rows) + 1 + build.offset
    rows.append(Row(index, "ssl.root", "ssl.root", TUNNEL, 0, False))
    rows += [Row(index + 1 + n, f"vlan{vlan}", f"vlan{vlan}", VLAN_L3, 1000, False) for n, vlan in enumerate(build.vlans)]
    return rows


def _hillstone(model: Model, build: Build) -> list[Row]:
    rows = [_port(10 + place + 4 * build.offset, ports, name, descr) for place, (ports, _, name, descr) in enumerate(_physical(model, 0))]
    rows += [Row(1, "vswitchif1", "vswitchif1", VLAN_L3, 0, False), Row(2, "loopback1", "loopback1", LOOPBACK, 0, False)]
    rows += [Row(300 + vlan, f"ethernet0/0.{vlan}", f"ethernet0/0.{vlan}", VLAN_L3, 1000, False) for vlan in build.vlans]
    rows += [Row(60 + n, f"tunnel{n}", f"tunnel{n}", TUNNEL, 0, False) for n in range(1, build.trunks + 1)]
    return rows


def _linux(model: Model, build: Build) -> list[Row]:
    rows = [Row(1, "lo", "lo", LOOPBACK, 10, False, 65_536)]
    rows += [_port(2 + place, ports, name, descr) for place, (ports, _, name, descr) in enumerate(_physical(model, 0))]
    index = 2 + model.port_count + build.offset
    rows.append(Row(index, "bond0", "bond0", ETHERNET, 20_000, False))
    rows += [
        Row(index + 1 + vlan % 97 + 100 * n, f"bond0.{vlan}", f"bond0.{vlan}", ETHERNET, 20_000, False)
        for n, vlan in enumerate(build.vlans)
    ]
    return rows


_SCHEMES: dict[Scheme, Callable[[Model, Build], list[Row]]] = {
    "huawei": _huawei,
    "huawei-router": _huawei_router,
    "comware7": _comware7,
    "comware5": _comware5,
    "ruijie": _ruijie,
    "zte": _zte,
    "cisco-switch": _cisco_switch,
    "nexus": _nexus,
    "ios-router": _ios_router,
    "fortinet": _fortinet,
    "hillstone": _hillstone,
    "linux": _linux,
}
