"""The City's extranet: ten departmental networks as VPN instances, 2,000 departments and where each enters the net, its addresses."""

import ipaddress
from collections.abc import Iterator
from functools import cached_property
from itertools import cycle, islice
from random import Random

from core.extranet import AccessPoint, Circuit, Egress, VpnInstance, Zone
from core.network import IPAddress, NATMapping, PolicyRule, Prefix, Vlan
from core.objects import Link, Unit
from core.organisation import DataLine
from lab import organisation as people
from lab.city import Box, City
from lab.places import catalog, pairs

DEPARTMENTS = 2000
_CATALOG = catalog("organisation")
ZONES: tuple[Zone, ...] = (
    Zone(id="", name="公用网络区", kind="public"), Zone(id="", name="专用网络区", kind="private"),
    Zone(id="", name="互联网接入区", kind="internet"), Zone(id="", name="管理区", kind="management"),
)
PUBLIC_VPN = "公用网"
_TRUNKS = 60
_MBPS = (20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000)
"""What carriers sell."""
_WISE = 3
"""People buy one of so many that are enough."""


def _ends(link: Link) -> tuple[str, str]:
    return link.device_a, link.device_b


class Extranet:
    """A function of the City. departments: how many hang on the net, besides the units that own systems."""

    def __init__(self, city: City, departments: int = DEPARTMENTS) -> None:
        self.city, self._rng = city, Random(city.seed + 7)
        self._count = max(1, round(departments * len(city.boxes) / 3000))

    @property
    def zones(self) -> tuple[Zone, ...]:
        return ZONES

    @cached_property
    def vpns(self) -> list[VpnInstance]:
        private = [
            VpnInstance(id="", name=vpn.name, rd=vpn.rd, route_targets=(vpn.rd,), zone="专用网络区", unit=self._owner(vpn.code[4:]))
            for vpn in people.VPNS
        ]
        return [VpnInstance(id="", name=PUBLIC_VPN, rd="65000:1", route_targets=("65000:1",), zone="公用网络区"), *private]

    def _owner(self, code: str) -> str:
        fits = (d.unit.name for d in self.city.departments if d.county < 0 and d.code.startswith(code))
        return next(fits, self.city.departments[0].unit.name)

    @cached_property
    def departments(self) -> list[Unit]:
        """Offices of the units and townships, below the unit that owns the switch they hang on."""
        offices = _CATALOG["offices"].split()
        out, named = [], set[str]()
        for number, (box, _) in enumerate(islice(self._ports(), self._count)):
            place, owner = self.city.places[box.slot.site], box.slot.unit
            stem = f"{place.name.removesuffix('机房')}{offices[number % len(offices)]}"
            name = stem if stem not in named else f"{stem}{number}"
            named.add(name)
            out.append(Unit(id="", name=name, level=place.level, parent=owner))
        return out

    def _ports(self) -> Iterator[tuple[Box, int]]:
        """Access ports in turn over all switches: the box and the place of the port on it."""
        wired = {port for wire in self.city.wires for port in (wire.port_a, wire.port_b)}
        switches = [box for box in self.city.boxes if box.slot.role in ("access", "CE") and box.slot.unit]
        for turn in range(48):
            for box in switches:
                if turn < len(box.layout.downlinks) and box.first_port + box.layout.downlinks[turn] not in wired:
                    yield box, box.layout.downlinks[turn]

    @cached_property
    def access_points(self) -> list[AccessPoint]:
        rng, names = Random(self.city.seed + 8), [vpn.name for vpn in self.vpns]
        out = []
        for number, (unit, (box, place)) in enumerate(zip(self.departments, self._ports(), strict=False)):
            vpn = PUBLIC_VPN if number % 3 else rng.choice(names)
            port = box.layout.rows[place].name
            out.append(AccessPoint(
                id="", name=f"{unit.name}@{vpn}", unit=unit.name, device=box.name, port=port, vpn=vpn, vlan=100 + number % 900,
                circuit=self.circuits[number].name if number < len(self.circuits) else "", prefix=self._prefix(number, 4),
            ))
        return out

    @cached_property
    def circuits(self) -> list[Circuit]:
        """Every fourth department comes over a carrier's line, which is as wide as what its port carries at its fullest, or wider."""
        rng, ports = Random(self.city.seed + 9), islice(self._ports(), self._count // 4)
        return [self._circuit(f"LX-{number:05d}", number, rng, self._bought(*port, rng)) for number, port in enumerate(ports)]

    @cached_property
    def leased(self) -> list[tuple[Link, Circuit]]:
        """Lines between sites and the circuits that carry them, as wide as the slower port."""
        rng, boxes = Random(self.city.seed + 10), self.city.boxes
        far = [link for link in self.city.links() if len({boxes[self.city.number_of[end]].slot.site for end in _ends(link)}) == 2][:_TRUNKS]
        return [(link, self._circuit(f"GX-{number:05d}", number, rng, self._slower(link))) for number, link in enumerate(far)]

    def _circuit(self, name: str, number: int, rng: Random, mbps: int) -> Circuit:
        carriers = _CATALOG["carriers"].split()
        return Circuit(
            id="", name=name, carrier=carriers[number % len(carriers)], number=f"{rng.randrange(10**9):09d}",
            bandwidth_bps=mbps * 1_000_000, sla="99.9%",
        )

    def _bought(self, box: Box, place: int, rng: Random) -> int:
        """Mbit/s."""
        speed, fullest = box.layout.rows[place].mbps, self.city.fullest_bps(box.first_port + place) / 1e6
        return rng.choice([mbps for mbps in _MBPS if fullest <= mbps <= speed][:_WISE] or [speed])

    def _slower(self, link: Link) -> int:
        """Mbit/s."""
        ends = (link.device_a, link.port_a), (link.device_b, link.port_b)
        return min(row.mbps for device, port in ends for row in self.city.box(device).layout.rows if row.name == port)

    @staticmethod
    def _prefix(number: int, version: int) -> str:
        """A /26 of 10.128.0.0/9 or a /64 of a documentation prefix for each department."""
        if version == 4:
            return str(ipaddress.IPv4Network((0x0A800000 + number * 64, 26)))
        return str(ipaddress.IPv6Network(((0x20010DB8 << 96) + (number << 64), 64)))

    @cached_property
    def prefixes(self) -> list[Prefix]:
        out = []
        for number, point in enumerate(self.access_points):
            for version in (4, 6):
                cidr = self._prefix(number, version)
                out.append(Prefix(id="", name=f"{point.vpn}|{cidr}", prefix=cidr, vpn=point.vpn, unit=point.unit))
        return out

    @cached_property
    def addresses(self) -> list[IPAddress]:
        """The gateway and one host of each department's IPv4 prefix, and every device's own."""
        out = []
        for prefix in self.prefixes[::2]:
            net = ipaddress.ip_network(prefix.prefix)
            for host, purpose in ((1, "网关"), (2, "终端")):
                out.append(IPAddress(
                    id="", name=f"{prefix.vpn}|{net[host]}", address=str(net[host]), vpn=prefix.vpn, unit=prefix.unit, purpose=purpose,
                ))
        return out

    @cached_property
    def vlans(self) -> list[Vlan]:
        seen = {(point.device, point.vlan): point for point in self.access_points}
        return [Vlan(id="", name=f"{device}/{vid}", vid=vid, domain=device, vpn=point.vpn) for (device, vid), point in seen.items()]

    @cached_property
    def egresses(self) -> list[Egress]:
        core = [box for box in self.city.boxes if box.slot.role == "P"][:2]
        return [
            Egress(id="", name=name, kind="internet", device=box.name, bandwidth_bps=10_000_000_000)
            for name, box in zip(("互联网出口A", "互联网出口B"), core, strict=False)
        ]

    def policies(self, outside: list[tuple[str, str]]) -> tuple[list[NATMapping], list[PolicyRule]]:
        """For each (public address, inside address): the translation and the rule that lets it in, on the hall's firewalls in turn."""
        walls = [box.name for box in self.city.boxes if box.slot.role == "firewall"] or [self.city.boxes[0].name]
        maps, rules = [], []
        for number, ((public, inside), wall) in enumerate(zip(outside, cycle(walls), strict=False)):
            maps.append(NATMapping(
                id="", name=f"{wall}/{public}", device=wall, kind="static", outside=public, inside=inside, protocol="tcp",
            ))
            rules.append(PolicyRule(
                id="", name=f"{wall}/P{number:04d}", device=wall, sources=("any",), destinations=(inside,), services=("tcp/443",),
                owner=self.city.departments[number % len(self.city.departments)].unit.name,
            ))
        return maps, rules

    @cached_property
    def lines(self) -> list[DataLine]:
        """22 lines into the public data platform; which systems they join is by the owner."""
        owned: dict[str, str] = {}
        for system in self.city.systems():
            owned.setdefault(system.unit, system.name)
        platform = next((s.name for s in self.city.systems() if s.name == "公共数据平台"), self.city.systems()[0].name)
        rng = Random(self.city.seed + 10)
        out = []
        for name, code in pairs(_CATALOG["lines"]):
            unit = self._owner(code)
            rows = rng.randrange(2_000, 700_000)
            out.append(DataLine(
                id="", name=f"{name}数据线", source_system=owned[unit], target_system=platform, unit=unit,
                fresh_minutes=rng.choice((60, 240, 1440)), rows_per_day=rows,
            ))
        return out
