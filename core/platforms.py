"""The table of platforms: our name, and what each tool calls it. A platform is data, never a subclass."""

from core.nouns import Noun


class Platform(Noun, frozen=True, kw_only=True):
    """One family of operating systems."""

    name: str
    title: str
    vendor: str
    enterprises: tuple[int, ...]
    """IANA private enterprise numbers under which sysObjectID lies."""
    netmiko: str
    annet: str = ""
    """Name at annet; empty: not known there."""
    corpus: str = ""
    """Name in the test corpus."""


PLATFORMS: tuple[Platform, ...] = (
    Platform(name="huawei_vrp", title="Huawei VRP", vendor="Huawei", enterprises=(2011,), netmiko="huawei", annet="huawei",
             corpus="huawei_vrp"),
    Platform(name="h3c_comware", title="H3C Comware", vendor="H3C", enterprises=(25506,), netmiko="hp_comware", annet="h3c",
             corpus="hp_comware"),
    Platform(name="ruijie_rgos", title="Ruijie RGOS", vendor="Ruijie", enterprises=(4881,), netmiko="ruijie_os"),
    Platform(name="zte_zxros", title="ZTE ZXROS", vendor="ZTE", enterprises=(3902,), netmiko="zte_zxros"),
    Platform(name="cisco_ios", title="Cisco IOS", vendor="Cisco", enterprises=(9,), netmiko="cisco_ios", annet="cisco",
             corpus="cisco_ios"),
    Platform(name="cisco_nxos", title="Cisco NX-OS", vendor="Cisco", enterprises=(9,), netmiko="cisco_nxos", annet="nexus",
             corpus="cisco_nxos"),
    Platform(name="juniper_junos", title="Juniper Junos", vendor="Juniper", enterprises=(2636,), netmiko="juniper_junos",
             annet="juniper", corpus="juniper_junos"),
    Platform(name="fortinet_fortios", title="Fortinet FortiOS", vendor="Fortinet", enterprises=(12356,), netmiko="fortinet"),
    Platform(name="hillstone_stoneos", title="Hillstone StoneOS", vendor="Hillstone", enterprises=(28557,),
             netmiko="hillstone_stoneos"),
    Platform(name="linux", title="Linux", vendor="Linux", enterprises=(8072,), netmiko="linux"),
)

BY_NAME = {p.name: p for p in PLATFORMS}
