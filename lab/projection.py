"""The City as its SNMP agents show it: an image of what stands still."""

from typing import Any

import numpy as np

from lab import image, traffic
from lab.city import Box, City
from lab.layouts import Layout
from lab.learned import Learned, features_of
from lab.mib import Feature
from lab.models import TEXTS
from lab.state import Array

_FEATURES: dict[str, Feature] = {
    "huawei_vrp": Feature.LLDP | Feature.ENTITY | Feature.HUAWEI,
    "h3c_comware": Feature.LLDP | Feature.ENTITY | Feature.H3C,
    "ruijie_rgos": Feature.LLDP | Feature.ENTITY,
    "zte_zxros": Feature.LLDP | Feature.ENTITY,
    "cisco_ios": Feature.LLDP | Feature.ENTITY | Feature.CISCO,
    "cisco_nxos": Feature.LLDP | Feature.ENTITY | Feature.CISCO,
    "fortinet_fortios": Feature.FORTINET,
    "hillstone_stoneos": Feature.ALWAYS,
    "linux": Feature.HOST | Feature.LLDP,
}
_CHASSIS, _POWER, _FAN, _MODULE = 3, 6, 7, 9
_BRIDGE, _ROUTER, _STATION = 0x2000, 0x0800, 0x0100
"""Bits of LldpSystemCapabilitiesMap."""
_DISKS = (
    (2, "Physical memory", 1024, 620),
    (10, "Swap space", 1024, 40),
    (4, "/", 4096, 410),
    (4, "/boot", 4096, 230),
    (4, "/data", 65_536, 560),
)
_MANAGEMENT = ("Vlan", "Vl", "LoopBack", "Lo0", "bond0", "mgmt", "MEth")
_STORAGE_RAM, _STORAGE_VIRTUAL, _STORAGE_DISK = 2, 3, 4
CONTACT = "网络运维值班室 0578-0000101"


def features(box: Box) -> Feature:
    """What a device of this kind serves."""
    return _FEATURES[box.model.platform] | (Feature.LOW_SPEED_ONLY if box.model.old else Feature.ALWAYS) | features_of(box)


def spells_gbk(box: Box) -> bool:
    """Whether its interface descriptions are in GB18030, as some boxes of every city have them."""
    return box.model.platform == "ruijie_rgos" and box.number % 8 == 0


class _Writer:
    def __init__(self, city: City) -> None:
        self.city = city
        self.blob = image.Blob()
        self.entities: list[tuple[object, ...]] = []
        self.storage: list[tuple[object, ...]] = []
        self._layouts: dict[int, Array] = {}
        self._managements: dict[int, int] = {}

    def ports(self) -> Array:
        city = self.city
        out = np.concatenate([self._layout(box) for box in city.boxes])
        starts = np.array([box.mac + 1 - box.first_port for box in city.boxes], np.int64)[city.owner]
        macs = (starts + np.arange(len(out))).astype(">u8").view(np.uint8).reshape(-1, 8)
        out["mac"] = macs[:, 2:]
        gbk = np.array([spells_gbk(box) for box in city.boxes])[city.owner].tolist()
        refs = [self.blob.add(alias.encode("gb18030" if gbk[place] else "utf-8")[:64]) for place, alias in city.aliases.items()]
        places = np.fromiter(city.aliases, np.int64, len(refs))
        out["alias"]["at"][places], out["alias"]["size"][places] = zip(*refs, strict=True) if refs else ((), ())
        return out

    def _layout(self, box: Box) -> Array:
        found = self._layouts.get(id(box.layout))
        if found is None:
            found = self._layouts[id(box.layout)] = self._layout_rows(box.layout, box.model.platform == "h3c_comware")
        return found

    def _layout_rows(self, layout: Layout, described: bool) -> Array:
        out, add = np.zeros(len(layout.rows), image.PORT), self.blob.add
        for place, row in enumerate(layout.rows):
            alias = add(f"{row.descr} Interface") if described else (0, 0)
            out[place] = (row.if_index, row.if_type, row.physical, 0, row.mtu, row.mbps, 0, 0, add(row.descr), add(row.name), alias)
        return out

    def devices(self) -> Array:
        out = np.zeros(len(self.city.boxes), image.DEVICE)
        for box, row in zip(self.city.boxes, out, strict=True):
            self._device(box, row)
        return out

    def _device(self, box: Box, row: Any) -> None:
        add, model, role, place = self.blob.add, box.model, box.slot.role, self.city.places[box.slot.site]
        has = features(box)
        row["first_port"], row["ports"], row["features"], row["processors"] = box.first_port, len(box.layout.rows), has, model.processors
        row["first_entity"], row["first_storage"] = len(self.entities), len(self.storage)
        row["boards"] = self._chassis(box) if has & Feature.ENTITY else 0
        row["entities"] = len(self.entities) - row["first_entity"]
        if has & Feature.HOST:
            self._disks(box)
        row["storage"], row["memory_kb"] = len(self.storage) - row["first_storage"], self._memory(box)
        row["services"] = 72 if role == "server" else 78 if role in ("P", "PE", "CE", "core", "firewall") else 6
        row["capabilities"] = _STATION if role == "server" else _BRIDGE | (_ROUTER if row["services"] == 78 else 0)
        row["management"], row["mac"] = self._management(box), list(self.city.mac(box))
        host = box.name if role == "server" else model.stem
        row["descr"] = add(TEXTS[model.text].format(model=model.name, host=host, version=box.version)[:255])
        row["object_id"] = add(image.encode_oid((1, 3, 6, 1, 4, 1, *map(int, model.object_id.split(".")))))
        row["contact"], row["name"], row["location"] = add(CONTACT), add(box.name), add(f"{place.name} {place.address}")
        row["cpu"] = add("GenuineIntel: Xeon Silver" if model.text == "linux-x86" else "Kunpeng-920")

    def _management(self, box: Box) -> int:
        """The place of the interface that has the address: the last of those that are made for it."""
        found = self._managements.get(id(box.layout))
        if found is None:
            fit = [place for place, row in enumerate(box.layout.rows) if row.name.startswith(_MANAGEMENT)]
            found = self._managements[id(box.layout)] = fit[-1] if fit else 0
        return found

    def _memory(self, box: Box) -> int:
        return (64 + 64 * (box.number % 4)) * 1024 * 1024 if box.slot.role == "server" else 0

    def _chassis(self, box: Box) -> int:
        """The boards that a person would see: chassis, modules, power, fan. How many have a processor: the chassis and its modules."""
        add, model = self.blob.add, box.model
        first = {"huawei_vrp": 16_777_216, "cisco_ios": 1001, "cisco_nxos": 149}.get(model.platform, 1)
        none, boards = add(""), model.processors
        parts = [(_CHASSIS, f"{model.name} frame", box.serial, model.name)]
        parts += [(_MODULE, f"Board {n}", f"{box.serial}B{n}", f"{model.name}-MPU") for n in range(1, boards)]
        parts += [(_POWER, f"Power slot {n}", f"{box.serial}P{n}", "PAC600S12") for n in (1, 2)] + [(_FAN, "Fan 1", "", "FAN-031A")]
        for n, (kind, name, serial, part) in enumerate(parts):
            software = add(box.version) if n < boards else none
            self.entities.append(
                (
                    first + n * 9,
                    0 if n == 0 else first,
                    kind,
                    -1 if n == 0 else n,
                    kind != _CHASSIS,
                    0,
                    add(name),
                    add(name),
                    add("VER.A"),
                    none,
                    software,
                    add(serial),
                    add(model.maker),
                    add(part),
                )
            )
        return boards

    def _disks(self, box: Box) -> None:
        index = 0
        for kind, name, units, permille in _DISKS:
            index += 1 if kind == _STORAGE_RAM else 9
            what = _STORAGE_VIRTUAL if name == "Swap space" else kind
            size = self._memory(box) if what == _STORAGE_RAM else 16_777_216 if what == _STORAGE_VIRTUAL else 13_107_200
            self.storage.append((index, what, units, size, permille + box.number * 7 % 200, 0, self.blob.add(name)))

    def neighbours(self, devices: Array) -> Array:
        """LLDP on both ends of every wire whose two boxes speak it; each box numbers its neighbours from 1."""
        boxes, rows = self.city.boxes, []
        for wire in self.city.wires:
            if all(features(boxes[end]) & Feature.LLDP for end in (wire.a, wire.b)):
                rows.append((wire.a, wire.port_a - boxes[wire.a].first_port, wire.b, wire.port_b))
                rows.append((wire.b, wire.port_b - boxes[wire.b].first_port, wire.a, wire.port_a))
        rows.sort()
        out = np.zeros(len(rows), image.NEIGHBOUR)
        for place, (near, port, far, far_port) in enumerate(rows):
            row = devices[near]
            if not row["neighbours"]:
                row["first_neighbour"] = place
            row["neighbours"] += 1
            out[place] = (port, far, far_port, 0, row["neighbours"], 0)
        return out


def picture(city: City) -> image.Image:
    """The image of a City."""
    writer = _Writer(city)
    writer.blob.add("")
    devices, ports = writer.devices(), writer.ports()
    entities = np.array(writer.entities, image.ENTITY)
    storage = np.array(writer.storage, image.STORAGE)
    neighbours = writer.neighbours(devices)
    learned = Learned(city, writer.blob).rows(devices)
    curves: traffic.Patterns = city.patterns
    return image.Image(city.base, devices, ports, entities, neighbours, storage, learned, image.columns(), curves, bytes(writer.blob.data))
