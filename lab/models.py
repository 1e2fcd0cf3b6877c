"""The boxes of the City: models as data, with texts in their vendors' manner."""

from typing import Literal, NamedTuple

from core.objects import Role

Scheme = Literal["huawei", "huawei-router", "comware7", "comware5", "ruijie", "zte", "cisco-switch", "nexus", "ios-router", "fortinet", "hillstone", "linux"]
"""How a vendor numbers and names its interfaces; see `lab.layouts`."""


class Ports(NamedTuple):
    """A run of alike physical ports."""

    prefix: str
    """`GigabitEthernet0/0/`; `{m}` stands for the stack member."""
    count: int
    mbps: int
    first: int = 1
    short: str = ""
    """Prefix of ifName where it differs from ifDescr."""


class Model(NamedTuple):
    """One model: what it says about itself and what it has."""

    name: str
    platform: str
    maker: str
    scheme: Scheme
    roles: tuple[Role, ...]
    weight: int
    object_id: tuple[int, ...]
    """sysObjectID below 1.3.6.1.4.1."""
    descr: str
    """sysDescr; `{model}`, `{host}` and `{version}` are filled in."""
    versions: tuple[str, ...]
    ports: tuple[Ports, ...]
    stack: int = 1
    """Largest number of members."""
    virtual: int = 4
    """Typical number of VLAN interfaces and trunks."""
    processors: int = 1
    short: str = ""
    """Form in device names; the model's name where empty."""
    old: bool = False
    """Has no ifXTable."""


_VRP5 = "{model}\r\nHuawei Versatile Routing Platform Software\r\nVRP (R) software, Version 5.170 ({host} {version})\r\nCopyright (C) HUAWEI TECH Co., Ltd."
_VRP8 = "Huawei Versatile Routing Platform Software\r\nVRP (R) software, Version 8.220 ({host} {version})\r\nCopyright (C) Huawei Technologies Co., Ltd.\r\nHUAWEI {model}"
_COMWARE7 = "H3C Comware Platform Software, Software Version 7.1.070, Release {version}\r\nH3C {model}\r\nCopyright (c) New H3C Technologies Co., Ltd. All rights reserved."
_COMWARE5 = "H3C Comware Platform Software, Software Version 5.20, Release {version}\r\nH3C {model}\r\nCopyright (c) Hangzhou H3C Tech. Co., Ltd. All rights reserved."
_RUIJIE = "Ruijie Gigabit Ethernet Switch({model}) By Ruijie Networks, RGOS {version}"
_ZTE = "ZXR10 {model}, ZTE ZXR10 Software Version: {version}, Copyright (c) ZTE Corporation"
_IOS = "Cisco IOS Software, {host} Software ({host}-UNIVERSALK9-M), Version {version}, RELEASE SOFTWARE (fc2)\r\nTechnical Support for {model}"
_NXOS = "Cisco NX-OS(tm) {host}, Software ({host}-dk9), Version {version}, RELEASE SOFTWARE, {model}"


def _huawei(high: str, mid: str, gi: int, ten: int) -> tuple[Ports, ...]:
    return (Ports(f"{mid}{{m}}/0/", gi, 1000), Ports(f"{high}{{m}}/0/", ten, 10_000))


def _comware(gi: int, ten: int) -> tuple[Ports, ...]:
    return (Ports("GigabitEthernet{m}/0/", gi, 1000), Ports("Ten-GigabitEthernet{m}/0/", ten, 10_000, gi + 1))


def _ruijie(gi: int, ten: int) -> tuple[Ports, ...]:
    return (Ports("GigabitEthernet 0/", gi, 1000, short="Gi0/"), Ports("TenGigabitEthernet 0/", ten, 10_000, gi + 1, "Te0/"))


def _catalyst(gi: int, ten: int) -> tuple[Ports, ...]:
    return (Ports("GigabitEthernet{m}/0/", gi, 1000, short="Gi{m}/0/"), Ports("TenGigabitEthernet{m}/0/", ten, 10_000, gi + 1, "Te{m}/0/"))


_S_VERSIONS = ("V200R019C10SPC500", "V200R021C00SPC600", "V200R020C00SPC500", "V200R013C00SPC500")

MODELS: tuple[Model, ...] = (
    # Huawei: the city's first vendor.
    Model("S5735-L48T4X-A1", "huawei_vrp", "Huawei", "huawei", ("access",), 16, (2011, 2, 23, 706), _VRP5, _S_VERSIONS,
          _huawei("XGigabitEthernet", "GigabitEthernet", 48, 4), stack=2, short="S5735"),
    Model("S5735-L24T4X-A1", "huawei_vrp", "Huawei", "huawei", ("access",), 14, (2011, 2, 23, 704), _VRP5, _S_VERSIONS,
          _huawei("XGigabitEthernet", "GigabitEthernet", 24, 4), stack=2, short="S5735"),
    Model("S5720-28X-LI-AC", "huawei_vrp", "Huawei", "huawei", ("access", "CE"), 10, (2011, 2, 23, 427), _VRP5, _S_VERSIONS,
          _huawei("XGigabitEthernet", "GigabitEthernet", 24, 4), short="S5720"),
    Model("S5700-8G-PWR-SI", "huawei_vrp", "Huawei", "huawei", ("access",), 5, (2011, 2, 23, 219), _VRP5, _S_VERSIONS,
          (Ports("GigabitEthernet{m}/0/", 8, 1000),), virtual=2, short="S5700"),
    Model("S6730-H48X6C", "huawei_vrp", "Huawei", "huawei", ("aggregation", "core"), 8, (2011, 2, 23, 640), _VRP5, _S_VERSIONS,
          (Ports("XGigabitEthernet{m}/0/", 48, 10_000), Ports("100GE{m}/0/", 6, 100_000)), stack=2, virtual=20, short="S6730"),
    Model("S7706", "huawei_vrp", "Huawei", "huawei", ("aggregation",), 3, (2011, 2, 23, 136), _VRP5, _S_VERSIONS,
          (Ports("GigabitEthernet1/0/", 48, 1000, 0), Ports("XGigabitEthernet2/0/", 40, 10_000, 0), Ports("XGigabitEthernet3/0/", 12, 10_000, 0)),
          virtual=30, processors=2),
    Model("S12708", "huawei_vrp", "Huawei", "huawei", ("core",), 3, (2011, 2, 23, 240), _VRP5, _S_VERSIONS,
          (Ports("XGigabitEthernet1/0/", 48, 10_000, 0), Ports("XGigabitEthernet2/0/", 48, 10_000, 0), Ports("GigabitEthernet3/0/", 48, 1000, 0),
           Ports("GigabitEthernet4/0/", 48, 1000, 0), Ports("XGigabitEthernet5/0/", 48, 10_000, 0), Ports("XGigabitEthernet6/0/", 48, 10_000, 0),
           Ports("100GE7/0/", 12, 100_000, 0)), virtual=80, processors=4),
    Model("CE6857F-48S6CQ", "huawei_vrp", "Huawei", "huawei", ("ToR",), 8, (2011, 2, 239, 47), _VRP8, ("V200R020C10SPC600", "V200R022C00SPC500"),
          (Ports("10GE{m}/0/", 48, 10_000), Ports("100GE{m}/0/", 6, 100_000)), virtual=6, short="CE6857"),
    Model("NE40E-X8A", "huawei_vrp", "Huawei", "huawei-router", ("P", "PE"), 6, (2011, 2, 62, 2, 9), _VRP8, ("V800R012C10SPC300", "V800R021C00SPC100"),
          (Ports("GigabitEthernet1/0/", 24, 1000, 0), Ports("GigabitEthernet2/0/", 24, 1000, 0), Ports("100GE3/0/", 4, 100_000, 0),
           Ports("100GE4/0/", 4, 100_000, 0), Ports("GigabitEthernet5/1/", 20, 10_000, 0)), virtual=120, processors=4, short="NE40E"),
    Model("AR6280", "huawei_vrp", "Huawei", "huawei-router", ("CE",), 7, (2011, 2, 224, 285), _VRP5, ("V300R021C00SPC200", "V300R019C11SPC200"),
          (Ports("GigabitEthernet0/0/", 10, 1000, 0), Ports("XGigabitEthernet0/0/", 2, 10_000, 10)), virtual=8),
    Model("USG6615E", "huawei_vrp", "Huawei", "huawei-router", ("firewall",), 5, (2011, 2, 321, 34), _VRP5, ("V600R007C20SPC500",),
          (Ports("GigabitEthernet0/0/", 12, 1000, 0), Ports("XGigabitEthernet0/0/", 4, 10_000, 12)), virtual=6),
    # H3C
    Model("S5130S-52S-EI", "h3c_comware", "H3C", "comware7", ("access",), 12, (25506, 1, 2044), _COMWARE7, ("6126P20", "6127P03", "6318P01"), _comware(48, 4),
          stack=2, short="S5130S"),
    Model("S5130S-28S-EI", "h3c_comware", "H3C", "comware7", ("access", "CE"), 11, (25506, 1, 2041), _COMWARE7, ("6126P20", "6127P03"), _comware(24, 4),
          stack=3, short="S5130S"),
    Model("S5500-28C-EI", "h3c_comware", "H3C", "comware5", ("access", "aggregation"), 5, (25506, 1, 284), _COMWARE5, ("2222P05", "2220P02"),
          (Ports("GigabitEthernet{m}/0/", 28, 1000),), virtual=5, short="S5500"),
    Model("S6520X-54QC-EI", "h3c_comware", "H3C", "comware7", ("aggregation", "ToR"), 6, (25506, 1, 1941), _COMWARE7, ("6507P01", "6616P01"),
          (Ports("Ten-GigabitEthernet{m}/0/", 48, 10_000), Ports("FortyGigE{m}/0/", 2, 40_000, 49)), stack=2, virtual=16, short="S6520X"),
    Model("S10508X", "h3c_comware", "H3C", "comware7", ("core",), 2, (25506, 1, 1500), _COMWARE7, ("7595P08",),
          (Ports("Ten-GigabitEthernet{m}/1/0/", 48, 10_000), Ports("Ten-GigabitEthernet{m}/2/0/", 48, 10_000), Ports("FortyGigE{m}/3/0/", 16, 40_000)),
          stack=2, virtual=70, processors=4),
    Model("SR6608-X", "h3c_comware", "H3C", "comware7", ("PE", "CE"), 3, (25506, 1, 1075), _COMWARE7, ("7655P05",),
          (Ports("GigabitEthernet2/0/", 16, 1000, 0), Ports("Ten-GigabitEthernet3/0/", 8, 10_000, 0), Ports("Ten-GigabitEthernet4/0/", 16, 10_000, 0)),
          virtual=40, processors=2, short="SR6608"),
    Model("MSR3620-X1", "h3c_comware", "H3C", "comware7", ("CE",), 5, (25506, 1, 1911), _COMWARE7, ("6728P22", "6749P15"),
          (Ports("GigabitEthernet0/", 6, 1000, 0),), virtual=5, short="MSR3620"),
    Model("SecPath F1080", "h3c_comware", "H3C", "comware7", ("firewall",), 3, (25506, 1, 1640), _COMWARE7, ("9360P35",),
          (Ports("GigabitEthernet{m}/0/", 16, 1000, 0), Ports("Ten-GigabitEthernet{m}/0/", 4, 10_000, 16)), virtual=8, short="F1080"),
    Model("SecPath L5080", "h3c_comware", "H3C", "comware7", ("load-balancer",), 3, (25506, 1, 1700), _COMWARE7, ("9536P16",),
          (Ports("GigabitEthernet{m}/0/", 8, 1000, 0), Ports("Ten-GigabitEthernet{m}/0/", 8, 10_000, 8)), virtual=10, short="L5080"),
    Model("ER2200G2", "h3c_comware", "H3C", "comware7", ("CE",), 2, (25506, 1, 2300), _COMWARE7, ("0821P12",), (Ports("GigabitEthernet0/", 2, 1000, 0),), virtual=0),
    # Ruijie
    Model("RG-S2910-24GT4XS-E", "ruijie_rgos", "Ruijie", "ruijie", ("access",), 9, (4881, 1, 1, 10, 1, 158), _RUIJIE, ("11.4(1)B41P16", "11.4(1)B70P2"),
          _ruijie(24, 4), short="S2910"),
    Model("RG-S5750C-48GT4XS-H", "ruijie_rgos", "Ruijie", "ruijie", ("access", "aggregation"), 7, (4881, 1, 1, 10, 1, 172), _RUIJIE, ("12.5(1)B0101P1",),
          _ruijie(48, 4), virtual=14, short="S5750C"),
    Model("RG-RSR30-X", "ruijie_rgos", "Ruijie", "ruijie", ("CE",), 3, (4881, 1, 1, 10, 1, 195), _RUIJIE, ("11.1(6)B40P5",),
          (Ports("GigabitEthernet 0/", 6, 1000, 0, "Gi0/"),), virtual=4, short="RSR30"),
    # ZTE
    Model("ZXR10 5960-56QU-HC", "zte_zxros", "ZTE", "zte", ("aggregation",), 3, (3902, 3, 100, 1213), _ZTE, ("V5.00.10R5.41",),
          (Ports("xgei-0/1/1/", 48, 10_000), Ports("cgei-0/1/1/", 4, 100_000, 49)), virtual=18, short="5960"),
    Model("ZXR10 M6000-8S", "zte_zxros", "ZTE", "zte", ("P", "PE"), 3, (3902, 3, 100, 6002), _ZTE, ("V5.00.10(5.60.5)",),
          (Ports("gei-0/1/0/", 24, 1000), Ports("xgei-0/2/0/", 20, 10_000), Ports("xgei-0/3/0/", 20, 10_000), Ports("cgei-0/4/0/", 4, 100_000)), virtual=70,
          processors=2, short="M6000"),
    Model("ZXR10 5250-28TM-H", "zte_zxros", "ZTE", "zte", ("access",), 4, (3902, 3, 100, 1046), _ZTE, ("V2.05.12B14",),
          (Ports("gei-0/1/1/", 24, 1000), Ports("xgei-0/1/1/", 4, 10_000, 25)), short="5250"),
    Model("ZXR10 2826S", "zte_zxros", "ZTE", "zte", ("access",), 1, (3902, 15, 2, 2, 2), _ZTE, ("V1.1.02.o",),
          (Ports("fei-0/1/1/", 24, 100), Ports("gei-0/1/1/", 2, 1000, 25)), virtual=2, short="2826S", old=True),
    # Cisco
    Model("WS-C2960X-48TD-L", "cisco_ios", "Cisco", "cisco-switch", ("access",), 4, (9, 1, 1208), _IOS, ("15.2(7)E4", "15.2(2)E9"), _catalyst(48, 2), stack=2, short="C2960X"),
    Model("WS-C3750G-12S-S", "cisco_ios", "Cisco", "cisco-switch", ("aggregation",), 2, (9, 1, 516), _IOS, ("12.2(55)SE12",),
          (Ports("GigabitEthernet{m}/0/", 12, 1000, short="Gi{m}/0/"),), stack=3, virtual=10, short="C3750"),
    Model("CISCO2911/K9", "cisco_ios", "Cisco", "ios-router", ("CE",), 2, (9, 1, 1045), _IOS, ("15.4(3)M8",),
          (Ports("GigabitEthernet0/", 3, 1000, 0, "Gi0/"),), virtual=4, short="C2911"),
    Model("N5K-C56128P", "cisco_nxos", "Cisco", "nexus", ("ToR",), 4, (9, 12, 3, 1, 3, 1510), _NXOS, ("7.3(7)N1(1b)",),
          (Ports("Ethernet1/", 48, 10_000), Ports("Ethernet2/", 24, 10_000)), virtual=16, short="N5K"),
    # Firewalls of others
    Model("FortiGate-200F", "fortinet_fortios", "Fortinet", "fortinet", ("firewall",), 4, (12356, 101, 1, 2009), "FortiGate-200F v{version}", ("7.0.12,build0523", "6.4.14,build2093"),
          (Ports("port", 18, 1000), Ports("x", 4, 10_000)), virtual=8, short="FG200F"),
    Model("SG-6000-A3000", "hillstone_stoneos", "Hillstone", "hillstone", ("firewall", "gap"), 5, (28557, 1, 171), "Hillstone Networks StoneOS software, {model} Version {version}",
          ("5.5R8P7", "5.5R9P3"), (Ports("ethernet0/", 8, 1000, 0), Ports("xethernet1/", 4, 10_000, 0)), virtual=6, short="A3000"),
    # Servers
    Model("R5300-G5", "linux", "Linux", "linux", ("server",), 6, (8072, 3, 2, 10), "Linux {host} {version} #1 SMP x86_64", ("4.19.90-52.22.v2207.ky10.x86_64", "5.10.0-136.12.0.86.oe2203.x86_64"),
          (Ports("ens1f", 2, 10_000, 0), Ports("eno", 2, 1000)), virtual=3, processors=16),
    Model("TaiShan-2280", "linux", "Linux", "linux", ("server",), 4, (8072, 3, 2, 10), "Linux {host} {version} #1 SMP aarch64", ("4.19.90-24.4.v2101.ky10.aarch64",),
          (Ports("enp125s0f", 4, 1000, 0), Ports("enp189s0f", 2, 25_000, 0)), virtual=4, processors=32, short="TS2280"),
)
