"""Who works in the City: 93 units, 234 business systems, ten private networks merged into one. Persons and numbers are invented."""

from collections import Counter
from random import Random
from typing import NamedTuple, cast

from core.objects import BusinessSystem, ProtectionLevel, Unit
from lab.places import CITY, COUNTIES, catalog, pairs


class Vpn(NamedTuple):
    """A departmental private network as a VPN instance."""

    name: str
    code: str
    rd: str


_CATALOG = catalog("organisation")
VPNS: tuple[Vpn, ...] = tuple(
    Vpn(f"{name}专网", f"VPN-{code}", f"65000:{100 + n}") for n, (name, code) in enumerate(pairs(_CATALOG["vpns"]))
)
_KNOWN = list(zip(*[iter(_CATALOG["known_systems"].split())] * 3, strict=True))
"""Systems that the city is known for: name, owner's code, protection level."""
_SHORTS: dict[str, str] = dict(pairs(_CATALOG["shorts"]))
_SYSTEMS: tuple[str, ...] = tuple(_CATALOG["systems"].split())
_LEVELS: tuple[ProtectionLevel, ...] = (1, 2, 3, 4)
_STEMS, _BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"


class Department(NamedTuple):
    """A unit with the short code that stands in device names; county index -1 for the city's own."""

    unit: Unit
    code: str
    county: int


def _person(rng: Random) -> str:
    """A name nobody bears: a heavenly stem and an earthly branch, marked as invented."""
    return f"{rng.choice(_STEMS)}{rng.choice(_BRANCHES)}{rng.choice(_BRANCHES)}(虚构)"


def _phone(rng: Random) -> str:
    return f"0578-000{rng.randrange(10_000):04d}"


def departments(seed: int) -> list[Department]:
    """The units, those of the city first."""
    rng = Random(seed)
    out = [_department(rng, CITY.name, name, code, -1) for name, code in pairs(_CATALOG["city"])]
    for number, county in enumerate(COUNTIES):
        out += [_department(rng, county.name, name, code, number) for name, code in pairs(_CATALOG["county"])]
    return out


def _department(rng: Random, place: str, name: str, code: str, county: int) -> Department:
    top = f"{CITY.name}{pairs(_CATALOG['city'])[0][0]}"
    full = place + name
    above = "" if full == top else top if county < 0 or code == "DSJ" else f"{place}大数据发展中心"
    short = ("市" if county < 0 else place[:2]) + _SHORTS.get(name, name)
    unit = Unit(
        id="",
        name=full,
        level="city" if county < 0 else "county",
        parent=above,
        short_name=short,
        contact=_person(rng),
        phone=_phone(rng),
        chief_data_officer=_person(rng),
        data_steward=_person(rng),
    )
    return Department(unit, code, county)


def systems(seed: int, units: list[Department], count: int = 234) -> list[BusinessSystem]:
    """Business systems spread over the units, the city's own having more."""
    rng = Random(seed + 1)
    order = [d.unit for d in units] + [d.unit for d in units for _ in range(3 if d.county < 0 else 1)]
    owned = Counter[str]()
    known = [_known(units, *words) for words in _KNOWN[:count]]
    return known + [_system(rng, order[number % len(order)], owned) for number in range(count - len(known))]


def _known(units: list[Department], name: str, code: str, level: str) -> BusinessSystem:
    owner = next((d.unit for d in units if d.county < 0 and d.code == code), units[0].unit)
    return _described(name, owner, cast("ProtectionLevel", int(level)), name in ("政务服务2.0", "浙政钉"))


def _system(rng: Random, owner: Unit, owned: Counter[str]) -> BusinessSystem:
    kind = _SYSTEMS[(len(owner.name) + owned[owner.name]) % len(_SYSTEMS)]
    owned[owner.name] += 1
    level: ProtectionLevel = rng.choices(_LEVELS, (8, 50, 40, 2))[0]
    return _described(f"{owner.name}{kind}", owner, level, kind in ("门户网站", "移动端服务"))


def _described(name: str, owner: Unit, level: ProtectionLevel, internet_facing: bool) -> BusinessSystem:
    return BusinessSystem(
        id="",
        name=name,
        unit=owner.name,
        protection_level=level,
        cii=level == 4,
        internet_facing=internet_facing,
        rto_minutes={1: 1440, 2: 480, 3: 120, 4: 30}[level],
        rpo_minutes={1: 1440, 2: 240, 3: 30, 4: 5}[level],
    )
