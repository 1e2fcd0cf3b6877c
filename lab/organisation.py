"""Who works in the City: 93 units, 234 business systems, ten private networks merged into one. Persons and numbers are invented."""

from random import Random
from typing import NamedTuple

from core.objects import BusinessSystem, ProtectionLevel, Unit
from lab.places import CITY, COUNTIES


class Vpn(NamedTuple):
    """A departmental private network as a VPN instance."""

    name: str
    code: str
    rd: str


_VPN_NAMES = "人力社保 RS 医疗保障 YB 卫生健康 WJ 自然资源 ZR 市场监管 SC 应急管理 YJ 财政 CZ 民政 MZ 生态环境 HB 住建 ZJ".split()
VPNS: tuple[Vpn, ...] = tuple(
    Vpn(f"{name}专网", f"VPN-{code}", f"65000:{100 + n}") for n, (name, code) in enumerate(zip(_VPN_NAMES[::2], _VPN_NAMES[1::2], strict=True)))

_CITY_UNITS = """大数据发展管理局 DSJ|发展和改革委员会 FGW|经济和信息化局 JXJ|教育局 JYJ|科学技术局 KJJ|民族宗教事务局 MZJ|公安局 GAJ|民政局 MIZ|司法局 SFJ|财政局 CZJ|人力资源和社会保障局 RSJ
自然资源和规划局 ZGJ|生态环境局 HBJ|建设局 JSJ|交通运输局 JTJ|水利局 SLJ|农业农村局 NYJ|商务局 SWJ|文化和广电旅游体育局 WLJ|卫生健康委员会 WJW|退役军人事务局 TYJ
应急管理局 YJJ|审计局 SJJ|国有资产监督管理委员会 GZW|市场监督管理局 SCJ|统计局 TJJ|医疗保障局 YBJ|综合行政执法局 ZFJ|信访局 XFJ|林业局 LYJ|投资促进局 TZJ|住房公积金管理中心 GJJ
公共资源交易中心 JYZ|行政服务中心 FWZ|档案馆 DAG|气象局 QXJ|税务局 SWU|供销合作社 GXS|残疾人联合会 CLH|总工会 ZGH|图书馆 TSG|中心血站 XZB|急救指挥中心 JJZ|市政管理中心 SZZ
水文管理中心 SWZ|机关事务保障中心 JGJ|仲裁委员会 ZCW|地方金融工作局 JRB"""
_COUNTY_UNITS = "政府办公室 ZFB|大数据发展中心 DSJ|财政局 CZJ|卫生健康局 WJJ|教育局 JYJ"

_SYSTEMS = ("业务办理系统", "综合监管平台", "数据共享前置系统", "协同办公系统", "门户网站", "移动端服务", "档案管理系统", "视频会议系统", "统计分析平台", "执法监督系统")
_SURNAMES, _GIVEN = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"


class Department(NamedTuple):
    """A unit with the short code that stands in device names; county index -1 for the city's own."""

    unit: Unit
    code: str
    county: int


def _pairs(text: str) -> list[tuple[str, str]]:
    return [(word.split()[0], word.split()[1]) for word in text.replace("\n", "|").split("|")]


def _person(rng: Random) -> str:
    """A name nobody bears: a heavenly stem and an earthly branch, marked as invented."""
    return f"{rng.choice(_SURNAMES)}{rng.choice(_GIVEN)}{rng.choice(_GIVEN)}(虚构)"


def _phone(rng: Random) -> str:
    return f"0578-000{rng.randrange(10_000):04d}"


def departments(seed: int) -> list[Department]:
    """The units, those of the city first."""
    rng = Random(seed)
    out = [_department(rng, CITY.name, name, code, -1) for name, code in _pairs(_CITY_UNITS)]
    for number, county in enumerate(COUNTIES):
        out += [_department(rng, county.name, name, code, number) for name, code in _pairs(_COUNTY_UNITS)]
    return out


def _department(rng: Random, place: str, name: str, code: str, county: int) -> Department:
    top = f"{CITY.name}{_pairs(_CITY_UNITS)[0][0]}"
    full = place + name
    if county < 0:
        parent = "" if full == top else top
    else:
        parent = top if code == "DSJ" else f"{place}大数据发展中心"
    unit = Unit(
        id="", name=full, level="city" if county < 0 else "county", parent=parent, short_name=("市" if county < 0 else place[:2]) + name,
        contact=_person(rng), phone=_phone(rng), chief_data_officer=_person(rng), data_steward=_person(rng),
    )
    return Department(unit, code, county)


def systems(seed: int, units: list[Department], count: int = 234) -> list[BusinessSystem]:
    """Business systems spread over the units, the city's own having more."""
    rng = Random(seed + 1)
    levels: tuple[ProtectionLevel, ...] = (2, 3, 1, 4)
    order = [d for d in units for _ in range(3 if d.county < 0 else 2)]
    out = []
    for number in range(count):
        owner = order[number * 37 % len(order)].unit if number >= len(units) else units[number].unit
        place = sum(1 for s in out if s.unit == owner.name)
        level = rng.choices(levels, (50, 40, 8, 2))[0]
        kind = _SYSTEMS[(place * 3 + number) % len(_SYSTEMS)]
        name = f"{owner.name}{kind}"
        if any(s.name == name for s in out):
            name += f"({place + 1})"
        out.append(BusinessSystem(
            id="", name=name, unit=owner.name, protection_level=level, cii=level == 4, internet_facing=kind in ("门户网站", "移动端服务"),
            rto_minutes={1: 1440, 2: 480, 3: 120, 4: 30}[level], rpo_minutes={1: 1440, 2: 240, 3: 30, 4: 5}[level],
        ))
    return out
