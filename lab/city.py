"""The City: who is there, what stands where, what is wired to what, and what it all says of itself. A function of seed and size."""

import ipaddress
from collections import Counter
from functools import cached_property
from random import Random
from typing import Literal, NamedTuple

import numpy as np

from core.errors import InvalidInputError, NotFoundError
from core.i18n import tr
from core.objects import BusinessSystem, CredentialRef, Device, Interface, Link, Role, Site, Unit
from lab import dawn, layouts, traffic
from lab import organisation as people
from lab.models import MODELS, Model
from lab.plan import Plan, Slot
from lab.state import Array

Shape = Literal["city", "mixed", "alike"]
"""city: layouts as the vendors have them. For benchmarks: mixed: the same number of ports everywhere in at least 300 distinct index
layouts; alike: the same number, ifIndex 1 to n."""

CREDENTIAL = "lab-public"
_MIXED_LAYOUTS = 400
BORN_US = 1_790_000_000_000_000
"""The City's first moment, 2026-09-21, when nobody says when it is."""
_ROLE_CODES: dict[Role, str] = {
    "P": "P",
    "PE": "PE",
    "CE": "CE",
    "core": "CORE",
    "aggregation": "AGG",
    "access": "ACC",
    "ToR": "TOR",
    "firewall": "FW",
    "load-balancer": "LB",
    "gap": "GAP",
    "server": "SRV",
    "other": "OTH",
}


class Box(NamedTuple):
    """One device of the City. `first_port` is the place of its first interface among all."""

    number: int
    name: str
    model: Model
    layout: layouts.Layout
    slot: Slot
    version: str
    serial: str
    mac: int
    first_port: int

    @property
    def span(self) -> slice:
        """Its interfaces among all."""
        return slice(self.first_port, self.first_port + len(self.layout.rows))


class Wire(NamedTuple):
    """A link: two devices by number, two ports by their place among all; the first end is the lower one."""

    a: int
    port_a: int
    b: int
    port_b: int


class City:
    """Equal seeds and sizes give equal cities.

    devices: how many. base: device d has address base + 1 + d. shape and ports: see `Shape`; ports counts only there.
    """

    def __init__(self, seed: int, devices: int, *, base: str = "127.64.0.0", shape: Shape = "city", ports: int = 48) -> None:
        self.seed, self.base, self.shape = seed, int(ipaddress.IPv4Address(base)), shape
        if devices < 1 or self.base >> 24 != 127 or self.base + devices >= 0x7FFF_FFFF:
            raise InvalidInputError(
                tr("{count} devices from {base} on do not fit into 127.0.0.0/8.", count=devices, base=base),
                way_out=tr("Choose a lower base or fewer devices."),
            )
        self._rng = Random(seed)
        self.departments = people.departments(seed)
        plan = Plan(self._rng, devices, self.departments)
        self.places = plan.sites
        self._fitting: dict[tuple[Role, int], tuple[list[Model], list[int]]] = {}
        self._models = [m for m in MODELS if shape == "city" or not m.old]
        self._layouts = self._build_layouts(ports)
        self.boxes = self._boxes(plan.slots)
        self.number_of = {box.name: box.number for box in self.boxes}
        self.port_count = self.boxes[-1].span.stop
        self.aliases: dict[int, str] = {}
        """ifAlias by place among all interfaces, where there is one."""
        self.wires = self._wire()
        self._name_ports()

    def _build_layouts(self, ports: int) -> dict[str, list[layouts.Layout]]:
        """Layouts to choose from, by model."""
        if self.shape == "city":
            return {model.name: [layouts.layout(model, layouts.draw(model, self._rng)) for _ in range(18)] for model in MODELS}
        if self.shape == "alike":
            return {model.name: [layouts.plain(tuple(range(1, ports + 1)))] for model in MODELS}
        pool = [layouts.plain(self._sparse(ports)) for _ in range(_MIXED_LAYOUTS)]
        return {model.name: pool for model in MODELS}

    def _sparse(self, ports: int) -> tuple[int, ...]:
        """Ascending ifIndexes of 1 to 5 bytes with gaps."""
        start = self._rng.choice((1, 1, 5, 129, 4227, 10_101, 2_100_000, 9_437_185, 436_207_616))
        step = self._rng.choice((1, 1, 1, 2, 64, 128, 4096))
        gaps = {self._rng.randrange(ports): self._rng.randint(1, 20) for _ in range(4)}
        return tuple(start + step * (n + sum(width for place, width in gaps.items() if n >= place)) for n in range(ports))

    def _boxes(self, slots: list[Slot]) -> list[Box]:
        out, named, rng, port = [], Counter[str](), self._rng, 0
        for number, slot in enumerate(slots):
            model = self._model(slot, rng)
            choice = self._layouts[model.name]
            chosen = rng.choice(choice) if self.shape == "city" else choice[number % len(choice)]
            stem = f"{self.places[slot.site].code}-{_ROLE_CODES[slot.role]}-{model.stem}"
            named[stem] += 1
            serial = f"{model.maker[:2].upper()}{rng.randrange(10**4):04d}{number:05d}{rng.randrange(36**3):05d}"
            mac = 0x0200_0000_0000 | number << 16
            out.append(Box(number, f"{stem}-{named[stem]:02d}", model, chosen, slot, rng.choice(model.versions), serial, mac, port))
            port += len(chosen.rows)
        return out

    def _model(self, slot: Slot, rng: Random) -> Model:
        fit, weights = self._fit(slot.role, slot.ports)
        return rng.choices(fit, weights)[0]

    def _fit(self, role: Role, ports: int) -> tuple[list[Model], list[int]]:
        """Models for a role with room for so many below, and how common they are."""
        found = self._fitting.get((role, ports))
        if found is None:
            models = [m for m in self._models if role in m.roles and m.port_count * 2 // 3 >= ports]
            found = self._fitting[role, ports] = models, [m.weight for m in models]
        return found

    def _wire(self) -> list[Wire]:
        """Wires every slot to those above it, and rings of the backbone; a box out of ports is passed over for the next above."""
        up = [list(box.layout.uplinks) for box in self.boxes]
        down = [list(box.layout.downlinks) for box in self.boxes]
        wires = []
        for box in self.boxes:
            for above in box.slot.above:
                mine = up[box.number] or down[box.number][-1:]
                theirs = down[above] or up[above]
                if not mine or not theirs:
                    continue
                a, b = mine[0], theirs[0]
                for ports, place in ((up[box.number], a), (down[box.number], a), (up[above], b), (down[above], b)):
                    if place in ports:
                        ports.remove(place)
                far = self.boxes[above]
                wires.append(Wire(box.number, box.first_port + a, above, far.first_port + b))
        return wires

    def _name_ports(self) -> None:
        rng = self._rng
        for wire in self.wires:
            near, far = self.boxes[wire.a], self.boxes[wire.b]
            self.aliases[wire.port_a] = f"To-{far.name}:{self.row(wire.port_b, far).name}"[:63]
            self.aliases[wire.port_b] = f"To-{near.name}:{self.row(wire.port_a, near).name}"[:63]
        for box in self.boxes:
            if box.slot.role == "access":
                vpn = rng.choice(people.VPNS)
                for place in box.layout.downlinks[:: rng.randint(2, 5)]:
                    self.aliases.setdefault(box.first_port + place, f"{vpn.name}-{rng.randint(1, 9)}楼{rng.randint(101, 139)}室")

    def row(self, port: int, box: Box) -> layouts.Row:
        """The interface at a place among all."""
        return box.layout.rows[port - box.first_port]

    def box(self, name: str) -> Box:
        """The device of this name."""
        if name not in self.number_of:
            raise NotFoundError(tr("The City has no device {name}.", name=name), way_out=tr("`python -m lab list` names them all."))
        return self.boxes[self.number_of[name]]

    def port(self, device: str, interface: str) -> int:
        """The place among all of an interface by ifName."""
        box = self.box(device)
        for place, row in enumerate(box.layout.rows):
            if row.name == interface:
                return box.first_port + place
        raise NotFoundError(
            tr("{device} has no interface {interface}.", device=device, interface=interface), way_out=tr("Name it as ifName has it.")
        )

    def address(self, number: int) -> str:
        """Where device number `number` answers."""
        return str(ipaddress.IPv4Address(self.base + 1 + number))

    def far_ends(self, port: int) -> list[int]:
        """Ports wired to this one."""
        return self._ends.get(port, [])

    @cached_property
    def _ends(self) -> dict[int, list[int]]:
        ends: dict[int, list[int]] = {}
        for wire in self.wires:
            ends.setdefault(wire.port_a, []).append(wire.port_b)
            ends.setdefault(wire.port_b, []).append(wire.port_a)
        return ends

    @cached_property
    def owner(self) -> Array:
        """int32[ports]: the device of each interface."""
        return np.repeat(np.arange(len(self.boxes), dtype=np.int32), [len(box.layout.rows) for box in self.boxes])

    # ---- records, as people would declare them

    def units(self) -> list[Unit]:
        return [d.unit for d in self.departments]

    def systems(self) -> list[BusinessSystem]:
        return people.systems(self.seed, self.departments)

    def sites(self) -> list[Site]:
        return [Site(id="", name=p.name, level=p.level, county=p.county, address=p.address) for p in self.places]

    def credentials(self, locator: str = "env:YUNWANG_LAB_COMMUNITY") -> list[CredentialRef]:
        return [CredentialRef(id="", name=CREDENTIAL, kind="snmp-community", locator=locator)]

    def devices(self, port: int = 161, interval_s: int = 60) -> list[Device]:
        """Devices as declared. port: where the players answer."""
        return [
            Device(
                id="", name=box.name, address=self.address(box.number), site=self.places[box.slot.site].name, role=box.slot.role,
                platform=box.model.platform, unit=box.slot.unit, credential=CREDENTIAL, snmp_port=port, interval_s=interval_s,
                serial=box.serial, model=box.model.name,
            )
            for box in self.boxes
        ]

    def workbook(self, port: int = 161, interval_s: int = 60, locator: str = "env:YUNWANG_LAB_COMMUNITY") -> bytes:
        """All of these as an xlsx to import; see `lab.workbook`."""
        from lab.workbook import workbook

        return workbook(self, port, interval_s, locator)

    def interfaces(self, device: str) -> list[Interface]:
        """The interfaces of a device as they are at the first moment."""
        box = self.box(device)
        ports = self._born[box.span]
        return [
            Interface(
                device_id=device, if_index=row.if_index, name=row.name, descr=row.descr, if_type=row.if_type,
                alias=self.aliases.get(box.first_port + place, ""), speed_bps=row.mbps * 1_000_000,
                phys_address=":".join(f"{byte:02x}" for byte in self.mac(box, place)),
                admin_status=int(ports[place]["admin"]),
                oper_status=int(ports[place]["oper"]),
            )
            for place, row in enumerate(box.layout.rows)
        ]

    def mac(self, box: Box, place: int = -1) -> bytes:
        """The MAC address of an interface; of the chassis without one. Locally administered."""
        return (box.mac + 1 + place).to_bytes(6, "big")

    def links(self) -> list[Link]:
        return [
            Link(
                device_a=self.boxes[w.a].name, port_a=self.row(w.port_a, self.boxes[w.a]).name, device_b=self.boxes[w.b].name,
                port_b=self.row(w.port_b, self.boxes[w.b]).name, source="declared", confidence=1.0, valid_from=BORN_US // 1000,
            )
            for w in self.wires
        ]

    def first_state(self, now_us: int) -> tuple[Array, Array]:
        """State of devices and ports at `now_us`, when that is the first moment; see `lab.dawn`."""
        return dawn.first_state(self, now_us)

    def fullest_bps(self, port: int) -> float:
        """What a port carries in the fullest seconds of its day, in the fuller direction."""
        row = self._born[port]
        return float(max(row["rate_in"], row["rate_out"])) * traffic.RATE_UNIT * 8 * traffic.CREST

    @cached_property
    def _born(self) -> Array:
        return self.first_state(BORN_US)[1]

    @cached_property
    def patterns(self) -> traffic.Patterns:
        return traffic.patterns(self.seed)
