"""Which devices the City has and what hangs below what: backbone, counties, townships, the cloud's hall, and every unit's attachment."""

from random import Random
from typing import NamedTuple

from core.objects import Level, Role
from lab.organisation import Department
from lab.places import CITY, COUNTIES

FULL = 3000
"""The size at which every township and unit has its own box."""


class Place(NamedTuple):
    """A site of the City, with the code that stands in device names."""

    name: str
    code: str
    level: Level
    county: str
    address: str


class Slot(NamedTuple):
    """A device to be: its role, where it stands, whose it is, and the slots above it."""

    role: Role
    site: int
    above: tuple[int, ...]
    unit: str = ""
    ports: int = 0
    """At least so many ports for those below."""


class Plan:
    """Slots in the order of their numbers; those above come first."""

    def __init__(self, rng: Random, count: int, departments: list[Department]) -> None:
        self.count = count
        self.share = count / FULL
        self.rng = rng
        self.departments = departments
        self.sites: list[Place] = []
        self.slots: list[Slot] = []
        self._leaves: list[tuple[int, str, tuple[int, ...]]] = []
        """Where access switches may be added: site, unit, above."""
        self._backbone()
        gateways = [self._county(number) for number in range(len(COUNTIES))]
        self._hall()
        self._units()
        for number, above in enumerate(gateways):
            self._townships(number, above)
        self._fill()
        del self.slots[count:]

    def _site(self, name: str, code: str, level: Level, county: str = "", address: str = "") -> int:
        self.sites.append(Place(name, code, level, county, address or f"{name}一楼弱电间"))
        return len(self.sites) - 1

    def _add(
        self, count: float, role: Role, site: int, above: tuple[int, ...] | list[int] = (), *, unit: str = "", ports: int = 0, pick: int = 2
    ) -> list[int]:
        """Adds alike slots, each below `pick` of those above in turn; their numbers."""
        first = len(self.slots)
        for n in range(max(1, round(count))):
            turn = tuple(dict.fromkeys(above[(n + k) % len(above)] for k in range(pick))) if above else ()
            self.slots.append(Slot(role, site, turn, unit, ports))
        return list(range(first, len(self.slots)))

    def _backbone(self) -> None:
        home = self.departments[0].unit.name
        self.centre = self._site(f"{CITY.name}行政中心机房", "LS-XZ", "city", "莲都区", f"{CITY.name}行政中心三号楼负一层")
        self.p = self._add(1, "P", self.centre, unit=home, ports=20)
        for count in (1, 2 * min(1, self.share)):
            self.p += self._add(count, "P", self.centre, self.p, unit=home, ports=20)
        self.pe = self._add(6 * self.share, "PE", self.centre, self.p, unit=home)
        self.core = self._add(2, "core", self.centre, self.p[:2], unit=home, ports=60)
        self._add(4 * self.share, "firewall", self.centre, self.core, unit=home)
        self.city_agg = self._add(10 * self.share, "aggregation", self.centre, self.pe, unit=home, ports=40)

    def _county(self, number: int) -> tuple[int, ...]:
        county, share = COUNTIES[number], self.share
        home = next(d.unit.name for d in self.departments if d.county == number and d.code == "DSJ")
        site = self._site(f"{county.name}行政中心机房", f"{county.code}-XZ", "county", county.name)
        pe = self._add(2 * min(1, share * 10), "PE", site, self.p, unit=home)
        agg = self._add(4 * share, "aggregation", site, pe, unit=home, ports=40)
        self._add(2 * share, "firewall", site, agg, unit=home)
        self._leaves.append((site, home, tuple(agg)))
        self._add(20 * share, "CE", site, agg, unit=home)
        self._add(20 * share, "access", site, agg, unit=home, pick=1)
        self._add(8 * share, "server", site, agg, unit=home)
        return tuple(agg)

    def _hall(self) -> None:
        home, share = self.departments[0].unit.name, self.share
        hall = self._site(f"{CITY.name}政务云数据中心", "LS-DC", "city", "莲都区", "南明山街道云数据中心一号楼")
        core = self._add(2 * max(1, share), "core", hall, self.p[:2], unit=home, ports=60)
        self._add(4 * share, "firewall", hall, core, unit=home)
        self._add(2 * share, "gap", hall, core, unit=home)
        self._add(4 * share, "load-balancer", hall, core, unit=home)
        tors = self._add(60 * share, "ToR", hall, core, unit=home)
        self._add(300 * share, "server", hall, tors, unit=home)

    def _units(self) -> None:
        departments = self.departments[: max(1, round(len(self.departments) * min(1, self.share)))]
        for number, department in enumerate(departments):
            if department.county >= 0:
                continue
            site = self._site(f"{department.unit.name}机房", f"LS-{department.code}", "city", "莲都区")
            aggs = tuple(self.city_agg[(number + k) % len(self.city_agg)] for k in range(2))
            ce = self._add(1, "CE", site, tuple(dict.fromkeys(aggs)), unit=department.unit.name, ports=4)
            self._add(2, "access", site, ce, unit=department.unit.name)

    def _townships(self, number: int, above: tuple[int, ...]) -> None:
        county = COUNTIES[number]
        home = next(d.unit.name for d in self.departments if d.county == number and d.code == "ZFB")
        for place in county.townships[: max(1, round(len(county.townships) * min(1, self.share)))]:
            site = self._site(f"{county.name}{place.name}便民服务中心机房", f"{county.code}-{place.latin}", "township", county.name)
            turn = self.rng.randrange(len(above))
            ce = self._add(1, "CE", site, (above[turn], above[(turn + 1) % len(above)]), unit=home, ports=2 + round(self.share))
            agg = self._add(max(1, self.share), "aggregation", site, ce, unit=home, ports=20 if self.share > 1 else 0, pick=1)
            self._leaves.append((site, home, tuple(agg)))

    def _fill(self) -> None:
        """Access switches for the rest, townships in turn; every seventh hangs below two."""
        turn = 0
        while len(self.slots) < self.count:
            site, unit, above = self._leaves[turn % len(self._leaves)]
            first = turn // len(self._leaves) % len(above)
            pair = tuple(dict.fromkeys(above[(first + k) % len(above)] for k in range(2 if turn % 7 == 0 else 1)))
            self.slots.append(Slot("access", site, pair, unit))
            turn += 1
