"""Lines of VRP, Comware and RGOS as their makers' message references describe them, and the other dialects; each written here."""

# ruff: noqa: E501 -- what a device says in one line stands in one line here

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import Event
from monitors.events import read_line, rfc5424

AT = 1_795_400_000_000  # 2026-11-23, UTC
CST = 8 * 3600


def read(line: str, code: str = "utf-8") -> Event:
    return read_line(line.encode(code), AT, "10.0.0.1", CST)


VRP = [
    ("IFNET/4/LINK_STATE", "The line protocol IP on the interface Vlanif100 has entered the DOWN state.", {"ifName": "Vlanif100"}),
    ("IFNET/4/IF_STATE", "Interface GigabitEthernet0/0/24 has turned into UP state.", {"ifName": "GigabitEthernet0/0/24"}),
    ("IFPDT/4/IF_STATE", "Interface 10GE1/0/1 has turned into DOWN state.", {"ifName": "10GE1/0/1"}),
    ("BGP/3/STATE_CHG_UPDOWN", 'The status of the peer 10.1.1.2 changed from ESTABLISHED to IDLE. (InstanceName=Public, StateChangeReason=CEASE)',
     {"peer": "10.1.1.2", "StateChangeReason": "CEASE"}),
    ("OSPF/3/NBR_CHG_DOWN", "Neighbor event: neighbor state changed to Down. (ProcessId=1, NeighborAddress=10.2.2.2, NeighborEvent=InactivityTimer)",
     {"NeighborAddress": "10.2.2.2", "ProcessId": "1"}),
    ("ISIS/4/ADJ_CHANGE", "The neighbor of ISIS was changed. (IsisProcessId=1, Neighbor=0000.0000.0002, InterfaceName=Eth-Trunk1)",
     {"InterfaceName": "Eth-Trunk1"}),
    ("SSH/4/SSH_FAIL", "Failed to login through SSH. (Ip=10.9.9.9, UserName=admin, Times=3)", {"Ip": "10.9.9.9", "UserName": "admin"}),
    (
        "SHELL/5/CMDRECORD", 'Recorded command information. (Task=VT0, Ip=10.9.9.9, User=admin, Command="system-view")',
        {"Command": "system-view"},
    ),
    ("SHELL/5/LOGIN", "VTY login from 10.9.9.9.", {}),
    (
        "VRRP/2/VRRPCHANGETOMASTER", "The status of VRRP changed to master. (VrrpIfIndex=23, VrId=1, IfName=Vlanif10)",
        {"IfName": "Vlanif10"},
    ),
    (
        "LACP/3/LAG_DOWN_REASON_PDU", "The member of LACP mode Eth-Trunk interface went down because the local device received a changed LACP PDU.",
        {},
    ),
    ("LLDP/4/NBRCHG", "Neighbor information is changed. (IfIndex=6, IfName=GE1/0/1)", {"IfName": "GE1/0/1"}),
    ("MSTP/4/TOPOC", "MSTP process 0 instance 0 topology changed.", {}),
    ("ARP/4/ARP_DUPLICATE_IPADDR", "Received an ARP packet with a duplicate IP address from the interface. (IpAddress=10.3.3.3)",
     {"IpAddress": "10.3.3.3"}),
    ("ENTITYTRAP/2/FANFAIL", "Fan is failed. (EntityPhysicalIndex=67108873, PhysicalName=\"FAN 1/1\")", {"PhysicalName": "FAN 1/1"}),
    (
        "ENTITYTRAP/3/OPTICALINVALID", "Optical Module is invalid. (PhysicalName=\"GE0/0/1\", EntityTrapFaultID=136193)",
        {"PhysicalName": "GE0/0/1"},
    ),
    ("ALML/4/PWRABSENT", "Power supply PWR2 is absent.", {}),
    ("CSSM/3/CSSFAIL", "The CSS link fails.", {}),
    (
        "SECE/4/USER_ATTACK", "User attack occurred. (Slot=MPU, SourceInterface=GE0/0/3, PacketPerSecond=120)",
        {"SourceInterface": "GE0/0/3"},
    ),
    ("FIB/3/REFRESH_END", "FIB refreshing end, the refresh group map is 0.", {}),
    ("HSB/3/ACTIVE", "The state of HSB group 0 changed to Active.", {}),
    ("CFM/5/CFM_LOG", "The user chose Y when deciding whether to save the configuration.", {}),
]
COMWARE = [
    ("IFNET/3/PHY_UPDOWN", "Physical state on the interface GigabitEthernet1/0/1 changed to down.", {"ifName": "GigabitEthernet1/0/1"}),
    ("IFNET/5/LINK_UPDOWN", "Line protocol state on the interface Vlan-interface10 changed to up.", {"ifName": "Vlan-interface10"}),
    ("IFNET/3/LINK_UPDOWN", "Ten-GigabitEthernet1/0/49 link status is DOWN.", {}),
    ("BGP/5/BGP_STATE_CHANGED", "BGP default.: 192.168.1.2 state has changed from ESTABLISHED to IDLE for TCP connection failed.", {}),
    ("OSPF/3/OSPF_NBR_CHG", "OSPF 1 Neighbor 10.1.1.2(Vlan-interface20) changed from Full to Down.", {"peer": "10.1.1.2"}),
    ("ISIS/5/ISIS_NBR_CHG", "IS-IS 1, Level-1 adjacency 0000.0000.0002 (GigabitEthernet1/0/2), state changed to DOWN.", {}),
    ("SHELL/5/SHELL_LOGIN", "admin logged in from 192.168.1.26.", {}),
    (
        "SHELL/6/SHELL_CMD", "-Line=vty0-IPAddr=192.168.1.26-User=admin; Command is display version",
        {"Line": "vty0-IPAddr=192.168.1.26-User=admin"},
    ),
    ("SSHS/6/SSHS_CONNECT", "SSH user admin (IP: 192.168.1.26) connected to the server successfully.", {}),
    ("SSHS/5/SSHS_AUTH_FAIL", "SSH user admin (IP: 192.168.1.26) failed password authentication.", {}),
    ("STM/3/STM_LINK_DOWN", "IRF port 1 went down.", {}),
    ("STM/6/STM_LINK_UP", "IRF port 1 came up.", {}),
    (
        "LAGG/6/LAGG_INACTIVE_PHYSTATE", "Member port GE1/0/1 of aggregation group BAGG1 changed to the inactive state.",
        {"ifName": "GE1/0/1"},
    ),
    (
        "LLDP/6/LLDP_CREATE_NEIGHBOR", "Nearest bridge agent neighbor created on port GigabitEthernet1/0/15 (IfIndex 15).",
        {"ifName": "GigabitEthernet1/0/15"},
    ),
    ("STP/6/STP_NOTIFIED_TC", "Instance 0's port GigabitEthernet1/0/1 was notified a topology change.", {"ifName": "GigabitEthernet1/0/1"}),
    ("DEV/2/FAN_FAILED", "Fan 2 failed.", {}),
    ("DEV/3/POWER_FAILED", "Power 1 failed.", {}),
    ("DEV/1/TEMPERATURE_ALARM", "Temperature is greater than the high-temperature alarming threshold on sensor inflow 1 in slot 1.", {}),
    (
        "VRRP4/6/VRRP_STATUS_CHANGE", "The status of IPv4 virtual router 10 (configured on Vlan-interface10) changed from Backup to Master.",
        {},
    ),
    (
        "ARP/6/DUPLICATE_IP", "IP address 10.3.3.3 conflicted with IP address 10.3.3.3 on the interface GigabitEthernet1/0/9",
        {"ifName": "GigabitEthernet1/0/9"},
    ),
    ("CFGMAN/5/CFGMAN_CFGCHANGED", "-EventIndex=6-CommandSource=snmp-ConfigSource=startup; Configuration changed.", {}),
    ("LOCAL/5/LOCAL_CMDDENY", "-Line=vty0; Permission denied.", {"Line": "vty0"}),
]
RGOS = [
    ("LINK-3-UPDOWN", "Interface GigabitEthernet 0/1, changed state to down.", {"ifName": "GigabitEthernet 0/1"}),
    ("LINEPROTO-5-UPDOWN", "Line protocol on Interface VLAN 10, changed state to up.", {}),
    ("SYS-5-CONFIG_I", "Configured from console by admin on vty1 (192.168.1.9)", {}),
    ("SYS-6-LOGGER", "Log server 192.168.1.10 is unreachable.", {}),
    ("LOGIN-5-LOGIN_SUCCESS", "User login from vty0 (192.168.1.9) OK.", {}),
    ("LOGIN-4-LOGIN_FAILURE", "User login failed from vty0 (192.168.1.9).", {}),
    ("OSPF-5-ADJCHG", "Process 1, Nbr 10.1.1.2-GigabitEthernet 0/1 from Full to Down, InactivityTimer.", {"peer": "10.1.1.2"}),
    ("BGP-5-ADJCHANGE", "neighbor 10.1.1.2 Down BGP Notification sent", {"peer": "10.1.1.2"}),
    ("VRRP-6-STATECHANGE", "VLAN 10 Grp 1 state Backup -> Master", {}),
    ("LACP-5-UNBUNDLE", "Interface Gi0/1 left AggregatePort 1.", {"ifName": "Gi0/1"}),
    ("RLDP-3-LINK_DETECT_ERROR", "Unidirectional link detected on port GigabitEthernet 0/3.", {"ifName": "GigabitEthernet 0/3"}),
    ("NFPP_ARP_GUARD-4-DOS_DETECTED", "Host<IP=192.168.5.9,MAC=0001.0002.0003,port=Gi0/4,VLAN=1> was detected.", {"IP": "192.168.5.9"}),
    ("DOT1X-5-LOGIN", "User 0001.0002.0003 on Gi0/7 authorised.", {"ifName": "Gi0/7"}),
    ("ENVIRON-4-FAN_FAIL", "Fan 1 on slot 1 failed.", {}),
    ("ENVIRON-4-TEMP_HIGH", "Temperature of slot 1 is 71 degrees, above the threshold.", {}),
    ("POWER-2-FAILED", "Power supply 2 failed.", {}),
    ("STP-6-TOPCHANGE", "Topology changed at instance 0, port Gi0/2.", {"ifName": "Gi0/2"}),
    ("SSH-4-AUTH_FAIL", "Authentication of user admin from 192.168.1.9 failed.", {}),
    ("VSU-5-DTM_ACTIVE", "Switch 1 became the active supervisor.", {}),
    ("LLDP-6-NEIGHBOR_ADD", "A neighbor was added on port TenGigabitEthernet 0/49.", {}),
]


def test_there_are_at_least_sixty_of_them() -> None:
    assert len(VRP) + len(COMWARE) + len(RGOS) >= 60
    assert min(len(VRP), len(COMWARE), len(RGOS)) >= 20


@pytest.mark.parametrize(("mnemonic", "text", "fields"), VRP)
@pytest.mark.parametrize("form", [
    "<188>2026-11-23 20:10:19 LD-CORE %%01{}(l)[4997]:{}", "<188>Nov 23 2026 20:10:19+08:00 LD-CORE %%01{}(t):CID=0x80;{}",
    "<188>Nov 23 2026 20:10:19 LD-CORE %%01{}(s)[7]: {}", "<188>2026-11-23T20:10:19+08:00 LD-CORE %%01{}(l):VS=Admin-VS-CID=0x807;{}",
])
def test_vrp(form: str, mnemonic: str, text: str, fields: dict[str, str]) -> None:
    event = read(form.format(mnemonic, text))
    assert (event.mnemonic, event.host, event.priority, event.facility) == (mnemonic, "LD-CORE", int(mnemonic.split("/")[1]), "local7")
    assert event.text.endswith(text.strip())
    assert event.said_ms == 1_795_435_819_000
    assert fields.items() <= event.fields.items()


@pytest.mark.parametrize(("mnemonic", "text", "fields"), COMWARE)
@pytest.mark.parametrize("form", [
    "<187>Nov 23 20:10:19:123 2026 LD-ACC %%10{}: {}", "<187>Nov 23 20:10:19 2026 LD-ACC %%10{}(l): -DevIP=10.0.0.1; {}",
    "<187>2026-11-23T20:10:19 LD-ACC %%10{}: -Slot=1; {}",
])
def test_comware(form: str, mnemonic: str, text: str, fields: dict[str, str]) -> None:
    event = read(form.format(mnemonic, text))
    assert (event.mnemonic, event.host, event.priority) == (mnemonic, "LD-ACC", int(mnemonic.split("/")[1]))
    assert event.text.endswith(text)
    assert event.said_ms // 1000 == 1_795_435_819
    assert fields.items() <= event.fields.items()


@pytest.mark.parametrize(("mnemonic", "text", "fields"), RGOS)
@pytest.mark.parametrize("form", [
    "<189>Nov 23 20:10:19 JX-SW %{}: {}", "<189>*Nov 23 20:10:19: JX-SW %{}: {}", "<189>2026-11-23 20:10:19: JX-SW %{}: {}",
    "<189>000123: *Nov 23 20:10:19: JX-SW %{}: {}",
])
def test_rgos(form: str, mnemonic: str, text: str, fields: dict[str, str]) -> None:
    event = read(form.format(mnemonic, text))
    assert (event.mnemonic, event.host, event.text) == (mnemonic, "JX-SW", text)
    assert event.priority == int(mnemonic.rpartition("-")[0].rpartition("-")[2])
    assert event.said_ms == 1_795_435_819_000
    assert fields.items() <= event.fields.items()


@pytest.mark.parametrize(("line", "mnemonic", "host"), [
    ("<189>Oct  9 14:59:04 2026 SW-CMCC %10SHELL/5/SHELL_LOGIN: VTY logged in from 192.168.1.21", "SHELL/5/SHELL_LOGIN", "SW-CMCC"),
    (
        "<189>Oct 13 16:48:08 2026 10.1.1.1 10IFNET/2/210231A64JX073000020: VTY logged in from 192.168.1.21", "IFNET/2/210231A64JX073000020", "10.1.1.1",
    ),
])
def test_the_forms_of_unicom_and_cmcc(line: str, mnemonic: str, host: str) -> None:
    event = read(line)
    assert (event.mnemonic, event.host, event.text) == (mnemonic, host, "VTY logged in from 192.168.1.21")


@pytest.mark.parametrize(("line", "mnemonic", "host", "program"), [
    ("<189>24: r1: *Mar  1 00:01:02.345 UTC: %SYS-5-CONFIG_I: Configured from console", "SYS-5-CONFIG_I", "r1", ""),
    ("<189>000024: Nov 23 20:10:19.345: %SYS-5-RESTART: System restarted", "SYS-5-RESTART", "", ""),
    (
        "<187>: 2026 Nov 23 20:10:19 CST: %ETHPORT-5-IF_DOWN_LINK_FAILURE: Interface Ethernet1/1 is down", "ETHPORT-5-IF_DOWN_LINK_FAILURE", "", "",
    ),
    ("<187>94307: gw1 RP/0/RSP0/CPU0:Nov 23 20:10:19.345 : ifmgr[214]: %PKT_INFRA-LINK-3-UPDOWN : Interface Te0/2/0/4, Up",
     "PKT_INFRA-LINK-3-UPDOWN", "gw1", "ifmgr"),
    ("<164>Nov 23 2026 20:10:19 fw01 : %ASA-4-106023: Deny tcp src inside:10.1.1.1/1 dst outside:10.2.2.2/2", "ASA-4-106023", "fw01", ""),
    ("<30>Nov 23 20:10:19 web01 sshd[123]: Accepted publickey for root from 10.0.0.9", "", "web01", "sshd"),
    ("<30>1 2026-11-23T20:10:19.003+08:00 srv su 77 ID47 [ex@32473 a=\"x \\\"y\\\"\" b=\"2\"] done", "ID47", "srv", "su"),
    ("<14>1 - - - - - -", "", "", ""),
    ("<28>Nov 23 20:10:19  vmx01 rpd[2902]: RPD_OSPF_NBRUP: OSPF neighbor 1.1.1.1 up", "RPD_OSPF_NBRUP", "vmx01", "rpd"),
    ("<190>Nov 23 20:10:19 1101007123456789(root) 44240403 Event@ERROR: Interface ethernet0/1 turned down", "Event/44240403", "", ""),
    ("<188>date=2026-11-23 time=20:10:19 devname=\"fw 2\" logid=\"0100032001\" type=\"event\" subtype=\"system\" level=\"alert\" msg=\"disk full\"",
     "event/system", "fw 2", ""),
    ("<134>id=tos time=\"2026-11-23 20:10:19\" fw=TopsecOS pri=5 type=mgmt user=superman msg=\"login\"", "mgmt", "TopsecOS", ""),
    ("<134>Nov 23 20:10:19 waf CEF:0|Maker|WAF|1.0|100|SQL injection|9|src=10.0.0.1 dst=10.0.0.2", "100", "waf", ""),
])
def test_other_dialects(line: str, mnemonic: str, host: str, program: str) -> None:
    event = read(line)
    assert (event.mnemonic, event.host, event.program) == (mnemonic, host, program)


def test_structured_data_and_escapes() -> None:
    event = read('<30>1 2026-11-23T20:10:19.003+08:00 srv su 77 ID47 [ex@32473 a="x \\"y\\"" b="2"][o@1 b="3"] \ufeffdone')
    assert (event.fields, event.text) == ({"a": 'x "y"', "b": "2", "o@1.b": "3"}, "done")
    assert event.said_ms == 1_795_435_819_003
    assert read("<30>1 2026-11-23T20:10:19Z h p 1 m [broken").odd == rfc5424.DAMAGED


@pytest.mark.parametrize("code", ["utf-8", "gb18030"])
def test_chinese_in_both_codes(code: str) -> None:
    event = read("<189>2026-11-23 20:10:19 莲都-核心 %%01IFNET/4/IF_STATE(l)[1]:端口 GigabitEthernet0/0/1 变为断开状态", code)
    assert (event.host, event.text) == ("莲都-核心", "端口 GigabitEthernet0/0/1 变为断开状态")


def test_both_codes_in_one_line() -> None:
    raw = "<189>Nov 23 20:10:19 莲都 ".encode() + "%%10IFNET/3/PHY_UPDOWN: 接口断开".encode("gb18030")
    event = read_line(raw, AT, "10.0.0.1")
    assert (event.host, event.text) == ("莲都", "接口断开")


@pytest.mark.parametrize(("line", "said"), [
    ("<1>Dec 31 23:59:59 h p: x", 1_798_732_799_000), ("<1>Jan  1 00:00:01 h p: x", 1_798_732_801_000),
    ("<1>Jan  1 2000 00:00:01 h p: x", 0), ("<1>Feb 30 00:00:01 h p: x", 0), ("<1>Nov 23 25:00:01 h p: x", 0),
])
def test_stamps_without_a_year_and_clocks_that_were_never_set(line: str, said: int) -> None:
    assert read(line).said_ms == said


def test_what_was_repeated_is_counted() -> None:
    event = read("<30>Nov 23 20:10:19 web01 rsyslogd: message repeated 7 times: [ disk is full]")
    assert (event.count, event.text) == (7, "disk is full")


def test_control_characters_and_markup_are_data() -> None:
    event = read("<13>Nov 23 20:10:19 h p: [bold]\x1b[31mred\x07 {x} %s \u202eright")
    assert event.text == "[bold][31mred {x} %s right"


@pytest.mark.parametrize("raw", [
    b"", b"\0", b"<>", b"<999>x", b"<13>", b"%%01", b"%%01/4/:", b"<13>" + b"=" * 60_000, b"<13>" + b"a=" * 30_000, b"<13>1 " + b"x " * 30_000,
    b"<13>1 2026-11-23T20:10:19Z h p 1 m " + b"[" * 60_000, b"<13>1 2026-11-23T20:10:19Z h p 1 m [a " + b'b="' * 20_000, b"\xff" * 65_507,
    b"%" * 60_000, b"<13>" + b"A/4/" * 16_000, b"<13>" + b"peer " * 12_000, b"<13>" + b"interface " * 6_000, b"(" * 65_000, b"\x81" * 65_000,
    b"<13>" + b"A-1-" * 16_000, b"CEF:0|" + b"|" * 60_000, b"<13>" + b"1-" * 30_000,
])
def test_hostile_lines_are_events_of_bounded_size(raw: bytes) -> None:
    event = read_line(raw, AT, "10.0.0.1")
    assert len(event.text) <= 4096
    assert len(event.fields) <= 64
    assert all(len(name) <= 128 and len(value) <= 256 for name, value in event.fields.items())


@given(st.binary(max_size=600))
def test_any_octets_are_an_event(raw: bytes) -> None:
    event = read_line(raw, AT, "10.0.0.1", CST)
    assert 0 <= event.priority <= 7
    assert len(event.text) <= 4096


@given(st.text(alphabet="<>0123456789 ABCdef%/-_:[]()=\"'.,\\|端口Ⅰ\x81\ufeff", max_size=300), st.sampled_from(["utf-8", "gb18030"]))
def test_anything_like_a_line_is_an_event(text: str, code: str) -> None:
    event = read_line(text.encode(code), AT, "10.0.0.1", CST)
    assert len(event.fields) <= 64
