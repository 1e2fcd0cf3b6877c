"""What the devices of the City know of each other: bridge tables, ARP, VLANs and VPN instances, as wires, hosts and machines have it."""

from collections import defaultdict
from functools import cached_property
from typing import NamedTuple

import numpy as np

from lab import image
from lab import organisation as people
from lab.city import Box, City
from lab.mib import Feature
from lab.state import Array

BRIDGES = frozenset({"access", "aggregation", "ToR", "core"})
"""Roles that pass frames on."""
MANAGEMENT_VLAN, OFFICE_VLAN = 100, 200
MOST_BEHIND = 16
"""Bridges behind a bridge whose addresses it has learned."""
_DESKS = 4
"""Every so-manieth port of an access switch has somebody's computer behind it."""


class _Row(NamedTuple):
    port: int = 0
    address: int = 0
    mac: bytes = bytes(6)
    vlan: int = 0
    name: tuple[int, int] = (0, 0)
    more: tuple[int, int] = (0, 0)


class _Wired(NamedTuple):
    """One end of a wire, as the box at it sees it."""

    place: int
    far: Box
    far_place: int


def features_of(box: Box) -> Feature:
    """Which of these tables a device serves."""
    has = Feature.VRFS if box.slot.role == "PE" else Feature.ALWAYS
    if box.slot.role in BRIDGES:
        has |= Feature.BRIDGE | (Feature.OLD_BRIDGE if box.model.old else Feature.VLANS)
    return has


class Learned:
    """A function of the City. In its uniform shapes, which serve measurements of polling, nothing was learned."""

    def __init__(self, city: City, blob: image.Blob) -> None:
        self.city, self._blob = city, blob
        self._wires: dict[int, list[_Wired]] = defaultdict(list)
        for wire in city.wires if city.shape == "city" else ():
            near, far = city.boxes[wire.a], city.boxes[wire.b]
            at, there = wire.port_a - near.first_port, wire.port_b - far.first_port
            self._wires[near.number].append(_Wired(at, far, there))
            self._wires[far.number].append(_Wired(there, near, at))

    def rows(self, devices: Array) -> Array:
        """All rows; the devices learn where theirs are."""
        boxes = self.city.boxes
        devices["gateway"] = [box.slot.above[0] if box.slot.above else image.NOBODY for box in boxes]
        out: list[_Row] = []
        for part, rows_of in (
            ("fdb", self._fdb), ("arp", self._arp), ("vlan", self._vlans), ("vrf", self._vrfs), ("vrf_port", self._vrf_ports),
        ):
            counts = []
            start = len(out)
            for box in boxes:
                found = rows_of(box)
                counts.append(len(found))
                out += found
            devices[part if part in ("fdb", "arp") else f"{part}s"] = counts
            devices[f"first_{part}"] = start + np.cumsum([0, *counts[:-1]])
        return _array(out)

    def _fdb(self, box: Box) -> list[_Row]:
        """By VLAN and address, as Q-BRIDGE-MIB has them; of boxes without VLANs by address alone."""
        if box.slot.role not in BRIDGES:
            return []
        old = box.model.old
        found: dict[tuple[int, bytes], int] = {}
        for wired in self._wires[box.number]:
            for mac, vlan in self._behind(box, wired):
                found.setdefault((0 if old else vlan, mac), wired.place)
        if box.slot.role == "access" and self.city.shape == "city":
            taken = {wired.place for wired in self._wires[box.number]}
            for number, place in enumerate(box.layout.downlinks):
                if place not in taken and number % _DESKS == 0:
                    mac = (0x0600_0000_0000 | box.number << 16 | place).to_bytes(6, "big")
                    found.setdefault((0 if old else OFFICE_VLAN, mac), place)
        return [_Row(port=place, mac=mac, vlan=vlan) for (vlan, mac), place in sorted(found.items())]

    def _behind(self, box: Box, wired: _Wired) -> list[tuple[bytes, int]]:
        """Addresses that come in by a wire, with their VLAN: the far box's own, a host's machines', what lies behind a bridge."""
        city, far = self.city, wired.far
        out = [(city.mac(far), MANAGEMENT_VLAN), (city.mac(far, wired.far_place), MANAGEMENT_VLAN)]
        if far.slot.role == "server":
            out += [(mac, vlan) for mac, vlan, _ in self._machines.get((far.number, wired.far_place), ())]
        elif far.slot.role in BRIDGES:
            others = [one.far for one in self._wires[far.number] if one.far.number != box.number]
            out += [(city.mac(one), MANAGEMENT_VLAN) for one in others[:MOST_BEHIND]]
        return out

    def _arp(self, box: Box) -> list[_Row]:
        """By ifIndex and address: who is at the other ends, and at a ToR, which routes for them, the machines on its hosts."""
        indexes = [one.if_index for one in box.layout.rows]
        found: dict[tuple[int, int], _Row] = {}
        for place, far, far_place in self._wires[box.number]:
            address = self.city.base + 1 + far.number
            found[indexes[place], address] = _Row(port=place, address=address, mac=self.city.mac(far))
            if box.slot.role == "ToR":
                for mac, _, machine in self._machines.get((far.number, far_place), ()):
                    found[indexes[place], machine] = _Row(port=place, address=machine, mac=mac)
        return [row for _, row in sorted(found.items())]

    @cached_property
    def _machines(self) -> dict[tuple[int, int], list[tuple[bytes, int, int]]]:
        """By host and the place of its card: MAC address, VLAN and IPv4 address of each machine that runs there. Cards take turns."""
        from ipaddress import IPv4Address

        from lab.cloud import Cloud

        cloud = Cloud(self.city)
        device_of = {host.key: self.city.number_of[host.device] for host in cloud.hosts}
        vlan_of = {network.key: network.vlan for network in cloud.networks}
        running = {vm.key for vm in cloud.vms if vm.state == "ACTIVE"}
        out: dict[tuple[int, int], list[tuple[bytes, int, int]]] = defaultdict(list)
        for number, port in enumerate(cloud.ports):
            cards = [wired.place for wired in self._wires[device_of[port.host]]] if port.vm in running else []
            if cards:
                machine = bytes.fromhex(port.mac.replace(":", "")), vlan_of[port.network], int(IPv4Address(port.addresses[0]))
                out[device_of[port.host], cards[number % len(cards)]].append(machine)
        return out

    def _vlans(self, box: Box) -> list[_Row]:
        if box.slot.role not in BRIDGES or box.model.old or self.city.shape != "city":
            return []
        names = {1: "default", MANAGEMENT_VLAN: "mgmt", **({OFFICE_VLAN: "office"} if box.slot.role == "access" else {})}
        if box.slot.role == "ToR":
            for _, far, far_place in self._wires[box.number]:
                names |= {vlan: f"net-{vlan - 1000:03d}" for _, vlan, _ in self._machines.get((far.number, far_place), ())}
        return [_Row(vlan=vlan, name=self._blob.add(name)) for vlan, name in sorted(names.items())]

    def _vrfs(self, box: Box) -> list[_Row]:
        """By length of the name, then the name."""
        if box.slot.role != "PE" or self.city.shape != "city":
            return []
        found = sorted(people.VPNS, key=lambda vpn: (len(vpn.name.encode()), vpn.name.encode()))
        return [_Row(name=self._blob.add(vpn.name), more=self._blob.add(vpn.rd)) for vpn in found]

    def _vrf_ports(self, box: Box) -> list[_Row]:
        """Downlinks of a PE that nothing is wired to, one for each VPN instance."""
        indexes = [one.if_index for one in box.layout.rows]
        taken = {wired.place for wired in self._wires[box.number]}
        free = [place for place in box.layout.downlinks if place not in taken]
        vrfs = self._vrfs(box)
        pairs = [(vrfs[n % len(vrfs)], place) for n, place in enumerate(free[: len(vrfs)])] if vrfs else []
        order = {vrf.name: n for n, vrf in enumerate(vrfs)}
        pairs.sort(key=lambda pair: (order[pair[0].name], indexes[pair[1]]))
        return [_Row(port=place, name=vrf.name) for vrf, place in pairs]


def _array(rows: list[_Row]) -> Array:
    """Field by field, which takes a third of the time of row by row."""
    out = np.zeros(len(rows), image.LEARNED)
    if rows:
        ports, addresses, macs, vlans, names, more = zip(*rows, strict=True)
        out["port"], out["address"], out["vlan"] = ports, addresses, vlans
        out["mac"] = np.frombuffer(b"".join(macs), np.uint8).reshape(-1, 6)
        for field, refs in (("name", names), ("more", more)):
            out[field]["at"], out[field]["size"] = zip(*refs, strict=True)
    return out
