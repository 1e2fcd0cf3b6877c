"""The profiles of the world's network makers, over short answers written by hand as the makers' MIBs define them."""

import pytest

from monitors.discovery import Discovered
from monitors.profiles import shipped
from tests.monitors.test_catalog_cn import ENTITY, E, play, sensor, sensors

IOS = "Cisco IOS Software, C2960X Software (C2960X-UNIVERSALK9-M), Version 15.2(7)E8, RELEASE SOFTWARE (fc2)"
XE = "Cisco IOS Software [Amsterdam], Catalyst L3 Switch Software (CAT9K_IOSXE), Version 17.3.4, RELEASE SOFTWARE (fc3)"


def facts(found: Discovered) -> dict[str, str]:
    return {fact.field: fact.value for fact in found.observed.facts}


def test_of_ciscos_processors_the_newest_table_that_answers_speaks() -> None:
    old = play("9.1.1208", IOS, {"9.2.1.58.0": 17})
    total = play("9.1.1208", IOS, {"9.2.1.58.0": 17, "9.9.109.1.1.1.1.2.1": 0, "9.9.109.1.1.1.1.5.1": 20, "9.9.109.1.1.1.1.8.1": 21})
    cores = play("9.1.2688", XE, {"9.9.109.1.1.1.1.8.1": 21, "9.9.109.1.1.2.1.5.1.0": 5, "9.9.109.1.1.2.1.5.1.1": 7})
    assert [(p.usage_percent, p.oid) for p in old.measured.processors] == [(17, E + "9.2.1.58.0")]
    assert [(p.usage_percent, p.oid) for p in total.measured.processors] == [(21, E + "9.9.109.1.1.1.1.8.1")]
    assert [p.usage_percent for p in cores.measured.processors] == [5, 7]


def test_of_ciscos_flow_processor_only_the_five_minutes_count() -> None:
    found = play("9.1.1116", XE, {f"9.9.715.1.1.6.1.14.9026.{interval}": interval for interval in (1, 2, 3, 4)})
    assert [(p.usage_percent, p.oid) for p in found.measured.processors] == [(3, E + "9.9.715.1.1.6.1.14.9026.3")]


def test_of_ciscos_pools_those_with_64_bits_speak() -> None:
    found = play("9.1.2688", XE, {
        "9.9.221.1.1.1.1.3.2000.1": "Processor", "9.9.221.1.1.1.1.7.2000.1": 1, "9.9.221.1.1.1.1.8.2000.1": 1,
        "9.9.221.1.1.1.1.18.2000.1": 3 * 2**32, "9.9.221.1.1.1.1.20.2000.1": 2**32, "9.9.48.1.1.1.5.1": 1, "9.9.48.1.1.1.6.1": 9,
    })
    (pool,) = found.measured.memory
    assert (pool.used_percent, pool.total_bytes, pool.oid) == (75, 2**34, E + "9.9.221.1.1.1.1.18.2000.1")


def test_ciscos_sensors_have_scale_and_precision_and_those_that_are_not_operational_do_not_count() -> None:
    def row(number: int, kind: int, scale: int, precision: int, value: int, status: int) -> dict[str, int | str]:
        said = zip((1, 2, 3, 4, 5), (kind, scale, precision, value, status), strict=True)
        return {f"9.9.91.1.1.1.1.{column}.{number}": cell for column, cell in said}

    found = play("9.12.3.1.3.2193", "Cisco NX-OS(tm) Nexus9000 C93180YC-FX3, Version 10.5(2)", {
        **row(1, 14, 9, 2, -652, 1), **row(2, 4, 8, 0, 3300, 1), **row(3, 8, 9, 0, 99, 3), **row(4, 6, 9, 1, 1076, 1),
    })
    values = "9.9.91.1.1.1.1.4."
    assert sensors(found) == {("dbm", values + "1"): -6.52, ("voltage", values + "2"): 3.3, ("power", values + "4"): 107.6}


def test_a_ciscos_supply_that_is_missing_is_a_state_but_its_temperature_is_none() -> None:
    found = play("9.1.875", IOS, {
        "9.9.13.1.3.1.2.1": "Supply", "9.9.13.1.3.1.3.1": 30, "9.9.13.1.3.1.6.1": 5, "9.9.13.1.5.1.2.2": "Power Supply 2",
        "9.9.13.1.5.1.3.2": 5,
    })
    assert sensor(found, "state", "Power Supply 2").states["5"] == "notPresent"
    assert [one for one in found.measured.sensors if one.kind == "temperature"] == []


@pytest.mark.parametrize(("descr", "os", "version"), [
    (IOS, "ios", "15.2(7)E8"),
    (XE, "iosxe", "CAT9K_IOSXE 17.3.4"),
    ("Cisco IOS XR Software (NCS-5500), Version 7.4.1  Copyright (c) 2013-2021 by Cisco Systems, Inc.", "iosxr", "7.4.1"),
    ("Cisco NX-OS(tm) n9000, Software (n9000-dk9), Version 9.3(8), RELEASE SOFTWARE", "nxos", "9.3(8)"),
    ("Cisco Adaptive Security Appliance Version 9.12(4)", "asa", "9.12(4)"),
    ("Cisco Firepower Threat Defense, Version 7.0.1 (Build 84), ASA Version 9.16(2)", "ftd", "7.0.1 (Build 84)"),
    ("Cisco PIX Security Appliance Version 8.0(4)", "pixos", "8.0(4)"),
])
def test_ciscos_systems_are_told_apart_by_what_they_call_themselves(descr: str, os: str, version: str) -> None:
    said = facts(play("9.1.9999", descr, {}))
    assert (said["vendor"], said["os"], said["version"]) == ("Cisco", os, version)


def test_of_junipers_parts_only_those_with_memory_have_a_processor() -> None:
    parts = "2636.3.1.13.1."
    found = play("2636.1.1.1.2.90", "Juniper Networks, Inc. mx5-t internet router, kernel JUNOS 19.4R3.11, Build date: 2020-10-08", {
        parts + "5.9.1.0.0": "Routing Engine", parts + "7.9.1.0.0": 38, parts + "8.9.1.0.0": 87,
        parts + "10.9.1.0.0": 2**31, parts + "11.9.1.0.0": 39,
        parts + "5.4.1.0.0": "Fan Tray", parts + "7.4.1.0.0": 0, parts + "8.4.1.0.0": 0, parts + "10.4.1.0.0": 0, parts + "11.4.1.0.0": 0,
    })
    assert [(p.name, p.usage_percent) for p in found.measured.processors] == [("Routing Engine", 87)]
    assert [(m.used_percent, m.total_bytes) for m in found.measured.memory] == [(39, 2**31)]
    assert sensors(found) == {("temperature", parts + "7.9.1.0.0"): 38}


def test_an_empty_cage_of_junipers_is_no_sensor() -> None:
    optics = "2636.3.60.1.1.1.1."
    found = play("2636.1.1.1.4.82.5", "Juniper Networks, Inc. qfx5100", {
        optics + "5.513": -230, optics + "6.513": 5588, optics + "7.513": -229, optics + "8.513": 42,
        optics + "5.514": 0, optics + "6.514": 0, optics + "7.514": 0, optics + "8.514": 0,
    })
    assert sensors(found) == {
        ("dbm", optics + "5.513"): -2.3, ("current", optics + "6.513"): 0.005588, ("dbm", optics + "7.513"): -2.29,
        ("temperature", optics + "8.513"): 42,
    }
    assert {one.if_index for one in found.measured.sensors} == {513}


def test_what_a_fortigates_sensor_measures_is_told_by_its_name() -> None:
    hw = "12356.101.4.3.2.1."
    rows = {1: ("CPU ON-DIE Temperature", "51.5"), 2: ("PS1 Fan 1", "7200"), 3: ("+12V", "12.1"), 4: ("PS1 Status", "0")}
    found = play("12356.101.1.644", "", {
        **{f"{hw}2.{n}": name for n, (name, _) in rows.items()}, **{f"{hw}3.{n}": value for n, (_, value) in rows.items()},
        "12356.101.4.1.3.0": 6, "12356.101.4.1.4.0": 33, "12356.101.4.1.5.0": 1024, ENTITY + "5.1": 3, ENTITY + "13.1": "FGT_60F",
    })
    assert sensors(found) == {("temperature", hw + "3.1"): 51.5, ("fanspeed", hw + "3.2"): 7200, ("voltage", hw + "3.3"): 12.1}
    assert facts(found)["model"] == "FortiGate 60F"
    assert (found.measured.memory[0].used_percent, found.measured.memory[0].total_bytes) == (33, 2**20)


def test_texts_become_states_by_their_codes() -> None:
    found = play("25461.2.3.54", "Palo Alto Networks PA-400 series firewall", {
        "25461.2.1.2.1.11.0": "passive", "25461.2.1.2.4.1.0": "connected", "25461.2.1.2.4.2.0": "not-connected",
        "25461.2.1.2.2.1.0": "PA-440",
    })
    assert sensor(found, "state", "HA state").value == 2
    assert (sensor(found, "state", "Panorama 1").value, sensor(found, "state", "Panorama 2").value) == (1, 0)
    assert facts(found)["model"] == "PA-440"


def test_mikrotiks_gauges_say_their_unit() -> None:
    gauges = "14988.1.1.3.100.1."
    found = play("14988.1", "RouterOS CCR2004-1G-12S+2XS", {
        gauges + "2.13": "voltage", gauges + "3.13": 241, gauges + "4.13": 3,
        gauges + "2.14": "temperature", gauges + "3.14": 45, gauges + "4.14": 1,
        gauges + "2.7401": "psu1-state", gauges + "3.7401": 1, gauges + "4.7401": 6,
    })
    assert sensors(found) == {("voltage", gauges + "3.13"): 24.1, ("temperature", gauges + "3.14"): 45, ("state", gauges + "3.7401"): 1}
    assert facts(found)["model"] == "CCR2004-1G-12S+2XS"


def test_nokias_light_comes_in_tenths_of_microwatts() -> None:
    light = "6527.3.1.2.2.4.31.1."
    found = play("6527.1.3.4", "TiMOS-C-14.0.R5 cpm/hops64 Nokia 7750 SR Copyright (c) 2000-2016 Nokia.", {
        light + "1.1.35684352": 7599, light + "16.1.35684352": 5143, light + "21.1.35684352": 0,
    })
    measured = sensors(found)
    assert measured[("temperature", light + "1.1.35684352")] == pytest.approx(29.683594)
    assert measured[("dbm", light + "16.1.35684352")] == pytest.approx(-2.887835, abs=0.001)
    assert ("dbm", light + "21.1.35684352") not in measured
    assert facts(found)["version"] == "14.0.R5"


def test_load_in_a_sentence_is_found() -> None:
    agent = "674.10895.5000.2.6132.1.1.1.1.4."
    found = play("674.10895.3064", "Dell EMC Networking N1524P, 6.6.0.13, Linux 3.6.5", {
        agent + "9.0": "5 Secs ( 21.4484%)   60 Secs ( 21.6921%)  300 Secs ( 15.238%)", agent + "1.0": 250, agent + "2.0": 1000,
    })
    assert [p.usage_percent for p in found.measured.processors] == [pytest.approx(21.6921)]
    assert found.measured.memory[0].used_percent == 75


@pytest.mark.parametrize(("object_id", "descr", "said", "os", "wanted"), [
    ("8741.1", "SonicWALL NSA 2650 (SonicOS Enhanced 6.5.4.7-83n)", {"8741.2.1.1.1.0": "NSA 2650", "8741.1.3.1.3.0": 12},
     "sonicwall", {"vendor": "SonicWall", "model": "NSA 2650", "version": "6.5.4.7-83n"}),
    ("5951.1", "NetScaler NS12.1: Build 55.18.nc, Date: Nov 12 2019", {"5951.4.1.1.14.0": "ABC123"},
     "netscaler", {"version": "NS12.1: Build 55.18.nc", "serial": "ABC123"}),
    ("22610.1.3.14", "Thunder Series Unified Gateway TH1030S", {"22610.2.4.1.6.2.0": "TH10"}, "acos", {"serial": "TH10"}),
    ("207.1.14.86", "Allied Telesis router/switch, AW+ v5.4.6-0.1", {}, "awplus", {"version": "5.4.6-0.1"}),
    ("6027.1.3.25", "Dell Networking OS\nOperating System Version: 2.0\nApplication Software Version: 9.14(2.4)\nSeries: S4048-ON", {},
     "dnos", {"version": "9.14(2.4)", "model": "S4048-ON"}),
    ("674.11000.5000.100.2.1.9", "Dell EMC Networking OS10 Enterprise.\nOS Version: 10.5.2.4\nSystem Type: S4128T-ON", {},
     "dell-os10", {"version": "10.5.2.4", "model": "S4128T-ON"}),
    ("1916.2.238", "ExtremeXOS (X460G2-48t-10G4) version 22.7.1.2 22.7.1.2-patch1-9", {}, "xos", {"model": "X460G2-48t-10G4"}),
    ("4413", "EdgeSwitch 24-Port Lite, 1.9.3-4927832, Linux 3.6.5-03329b4a", {}, "edgeswitch", {"model": "EdgeSwitch 24-Port Lite"}),
    ("6027.1.3.14", "Dell Force10 OS\nOperating System Version: 1.0\nApplication Software Version: 8.3.5.3\nSeries: S55", {},
     "ftos", {"version": "8.3.5.3", "model": "S55"}),
    ("1991.1.3.62", "Brocade Communications Systems, Inc. Stacking System ICX6450-24, IronWare Version 08.0.30kT311", {},
     "ironware", {"model": "ICX6450-24", "version": "08.0.30kT311"}),
    ("6486.801.1.1.2.1.10.1.1", "Alcatel-Lucent Enterprise OS6900-X20 8.3.1.314.R01 GA, June 04, 2017.", {},
     "aos7", {"model": "OS6900-X20", "version": "8.3.1.314.R01"}),
    ("12356.107.1.10004", "web", {"12356.107.2.1.1.0": "FortiWeb-1000D", "12356.107.2.1.2.0": "FortiWeb-1000D 6.3.5"},
     "fortiweb", {"model": "FortiWeb-1000D", "version": "FortiWeb-1000D 6.3.5"}),
    ("12356.113.100.403", "auth", {"12356.113.1.2.0": "FAC1", "12356.113.1.3.0": "6.4"}, "fortiauthenticator", {"serial": "FAC1"}),
    ("9.1.1069", "Cisco Controller", {"14179.1.1.1.14.0": "8.10.151.0", "14179.1.1.1.4.0": "FCW2"}, "ciscowlc", {"serial": "FCW2"}),
    ("14823.1.2.59", "ArubaOS (MODEL: 225), Version 6.4.4.8-4.2.4.11", {}, "aruba-instant", {"model": "225"}),
    ("8072.3.2.8", "pfSense fw.local 2.7.2-RELEASE FreeBSD 14.0-CURRENT amd64", {}, "pfsense", {"version": "2.7.2-RELEASE"}),
    ("15004.2.1", "RUGGEDCOM RSG2100", {"15004.4.2.3.1.0": "RSG2100-1"}, "ros", {"serial": "RSG2100-1"}),
])
def test_makers_are_known_by_what_they_say(
    object_id: str, descr: str, said: dict[str, int | str], os: str, wanted: dict[str, str],
) -> None:
    found = facts(play(object_id, descr, said))
    assert (found["os"], {field: found.get(field) for field in wanted}) == (os, wanted)


def test_each_table_of_the_catalogue_is_bounded() -> None:
    rows = {f"{p.profile}.{name}": t.limit for p in shipped().profiles if p.match for name, t in p.tables.items()}
    assert [name for name, limit in rows.items() if limit > 4096] == []


# sysObjectID as the makers register their products, and what they say in sysDescr.
REGISTERED = [
    ("664.1.1339", "NetVanta 1335, Version: R10.9.6", "adtran-aos", "Adtran"),
    ("22420.1.1", "", "aen", "Accedian"),
    ("6141.1.101", "3930 Service Delivery Switch", "ciena-sds", "Ciena"),
    ("6141.1.66", "5142", "ciena-saos", "Ciena"),
    ("1271.3.1.1.1", "Waveserver", "ciena-waveserver", "Ciena"),
    ("14823.1.6.1", "", "clearpass", "Aruba"),
    ("25049.1.101", "Opengear/IM7248 4.5.0", "opengear", "Opengear"),
    ("23695", "Pepwave MAX HD2", "pepwave", "Peplink"),
    ("23867.1.2.1", "Silver Peak Systems, Inc. EC-S", "vxoa", "Silver Peak"),
    ("25053.3.1.11.1", "", "ruckuswireless-sz", "Ruckus"),
    ("11256", "SN310A", "ns-bsd", "Stormshield"),
    ("35424", "Viprinet 310", "viprinux", "Viprinet"),
    ("259.10.1.24", "ECS4510-28T", "edgecos", "Edgecore"),
    ("6486.801.1.1.2.1.11.1.1", "Alcatel-Lucent Enterprise OS6860 8.4.1.233.R02", "aos7", "Alcatel-Lucent Enterprise"),
    ("6486.800.1.1.2.1.11.1.1", "Alcatel-Lucent OS6450-P24 6.7.1.61.R01", "aos6", "Alcatel-Lucent Enterprise"),
    ("45.3.65", "Ethernet Routing Switch 5520-48T-PWR  HW:02  FW:5.0.0.4 SW:v5.1.0.014", "boss", "Extreme"),
    ("171.10.113.2.1", "DGS-3420-28TC Gigabit Ethernet Switch", "dlink", "D-Link"),
    ("2281.1.7", "High capacity wireless mobile backhaul", "ceraos", "Ceragon"),
    ("31926.1", "EH-1200", "siklu", "Siklu"),
    ("43356.1.1.1", "Mimosa Firmware B5c", "mimosa", "Mimosa"),
    ("46242", "WS-12-250-AC", "netonix", "Netonix"),
    ("26928.1.1", "AP230, HiveOS 10.0r8", "hiveos-wireless", "Aerohive"),
    ("24693.1.2703", "FB2700", "firebrick", "FireBrick"),
    ("3417.1.1.26", "Blue Coat SG-S400, Version: SGOS 6.7.4.4", "sgos", "Blue Coat"),
    ("7571.100.1.1.7.2", "", "saf-integra-w", "SAF"),
    ("7571.100.1.1.7.10", "", "saf-integra-x", "SAF"),
    ("7262.2.5", "", "horizon-compactplus", "DragonWave"),
    ("6321.1.2.4.1", "", "axos", "Calix"),
    ("6321.1.2.2.5.3", "Calix E7-2", "exa", "Calix"),
    ("8691.7.69", "EDS-G512E-8PoE", "moxa-etherdevice", "Moxa"),
    ("33555.4", "", "ray3", "Racom"),
    ("36673.100", "", "ocnos", "IP Infusion"),
    ("30826.2.1", "", "smartos-dcp-m", "SmartOptics"),
    ("10002.1", "", "airos", "Ubiquiti"),
]


@pytest.mark.parametrize(("object_id", "descr", "os", "vendor"), REGISTERED, ids=[row[2] for row in REGISTERED])
def test_a_maker_and_its_system_are_known_by_the_number_that_it_registered(object_id: str, descr: str, os: str, vendor: str) -> None:
    said = facts(play(object_id, descr, {}))
    assert (said["os"], said["vendor"]) == (os, vendor)


# Where the MIBs of the makers have model, version and serial.
TOLD: list[tuple[str, str, dict[str, int | str], str, str, str]] = [
    ("664.1.1339", "", {"664.5.53.1.1.12.0": "NetVanta 1335", "664.5.53.1.1.14.0": "R10.9.6", "664.5.53.1.1.13.0": "LBADTN1"},
     "NetVanta 1335", "R10.9.6", "LBADTN1"),
    ("22420.1.1", "", {"22420.1.1.1.0": "AMN-1000-TE", "22420.1.1.4.0": "AEN_6.1", "22420.1.1.6.0": "C036-01"}, "AMN-1000-TE",
     "AEN_6.1", "C036-01"),
    ("14823.1.6.1", "", {"14823.1.6.1.1.1.1.1.1.7": "CP-VA-500", "14823.1.6.1.1.1.1.1.2.7": "S1",
     "14823.1.6.1.1.1.1.1.3.7": "6.7.5"}, "CP-VA-500", "6.7.5", "S1"),
    ("23695", "", {"23695.200.1.1.1.1.1.0": "Balance 20", "23695.200.1.1.1.1.2.0": "1824-A", "23695.200.1.1.1.1.3.0": "8.1.0"},
     "Balance 20", "8.1.0", "1824-A"),
    ("25053.3.1.11.1", "", {"25053.1.8.1.1.1.1.1.1.3.65": "SZ104", "25053.1.8.1.1.1.1.1.1.9.65": "3.6.1",
     "25053.1.8.1.1.1.1.1.1.1.65": "111"},
     "SZ104", "3.6.1", "111"),
    ("259.10.1.24", "", {"259.10.1.24.1.1.5.1.0": "ECS4510-28T", "259.10.1.24.1.1.3.1.6.1": "1.5.2.14", "259.10.1.24.1.1.3.1.10.1": "EC1"},
     "ECS4510-28T", "1.5.2.14", "EC1"),
    ("30140.5.1", "Linux", {"30140.6.1.0": "ICR-3241", "30140.6.2.0": "6.2.8", "30140.6.3.0": "ACZ1"}, "ICR-3241", "6.2.8", "ACZ1"),
    ("33555.1", "", {"33555.1.1.1.1.0": "RAy2-11", "33555.1.1.2.2.0": "2.1.7.0", "33555.1.1.1.2.0": 12345}, "RAy2-11", "2.1.7.0", "12345"),
    ("36673.100", "", {"36673.100.1.2.1.1.11.1": "AS7946", "36673.100.1.2.12.1.1.1": "6.0.0", "36673.100.1.2.1.1.3.1": "EC2"},
     "AS7946", "6.0.0", "EC2"),
    ("23867.1.2.1", "", {"23867.3.1.1.1.2.0": "EC-S", "23867.3.1.1.1.1.0": "8.3.0", "23867.3.1.1.1.6.0": "00-1B"}, "EC-S", "8.3.0",
     "00-1B"),
]


@pytest.mark.parametrize(("object_id", "descr", "said", "model", "version", "serial"), TOLD, ids=[row[0] for row in TOLD])
def test_model_version_and_serial_stand_where_the_mib_says(
    object_id: str, descr: str, said: dict[str, int | str], model: str, version: str, serial: str,
) -> None:
    found = facts(play(object_id, descr, said))
    assert (found["model"], found["version"], found["serial"]) == (model, version, serial)


def test_of_ocnos_hundredths_are_made_whole_and_what_is_not_available_is_left_out() -> None:
    at = "36673.100.1.2."
    found = play("36673.100", "", {
        at + "3.1.2.1.1.1": 3150, at + "3.1.7.1.1.1": 3301, at + "3.1.12.1.1.1": 6500, at + "3.1.17.1.1.1": -2345,
        at + "3.1.22.1.1.1": -100001,
        at + "4.1.1.1": 8192, at + "4.1.2.1": 25, at + "6.1.2.1.1": 2, at + "6.1.7.1.1": 23040, at + "6.1.11.1.1": -100002,
        at + "9.1.2.1.1.1": 9600, at + "9.1.5.1.1.1": 2, at + "10.1.2.1.1": "CPU", at + "10.1.3.1.1": 4250, at + "16.1.2.1.1": 1234,
    })
    assert sensors(found) == {
        ("temperature", at + "3.1.2.1.1.1"): 31.5, ("voltage", at + "3.1.7.1.1.1"): 3.301, ("current", at + "3.1.12.1.1.1"): 0.0065,
        ("dbm", at + "3.1.17.1.1.1"): -2.345, ("state", at + "6.1.2.1.1"): 2, ("voltage", at + "6.1.7.1.1"): 230.4,
        ("fanspeed", at + "9.1.2.1.1.1"): 9600, ("state", at + "9.1.5.1.1.1"): 2, ("temperature", at + "10.1.3.1.1"): 42.5,
    }
    assert [p.usage_percent for p in found.measured.processors] == [12.34]
    assert [(m.used_percent, m.total_bytes) for m in found.measured.memory] == [(25, 8 * 2**30)]


def test_of_radlans_optics_each_result_says_its_unit() -> None:
    at = "89.90.1.2.1."
    rows = {5: (2, 38, 7), 6: (2, 3290000, 8), 7: (2, 6100, 10), 8: (2, -2345, 17), 9: (2, 500, 11), 3: (2, 12, 6), 1: (4, 0, 7)}
    found = play("35265.1.52", "MES2324F", {
        f"{at}{column}.49.{kind}": cell for kind, row in rows.items() for column, cell in zip((2, 3, 4), row, strict=True)
    })
    assert sensors(found) == {
        ("temperature", at + "3.49.5"): 38, ("voltage", at + "3.49.6"): 3.29, ("current", at + "3.49.7"): 0.0061,
        ("dbm", at + "3.49.8"): -2.345, ("dbm", at + "3.49.9"): pytest.approx(-3.0103),
    }
    assert {one.if_index for one in found.measured.sensors} == {49}


def test_of_omniswitches_optics_the_lanes_speak_before_the_ports() -> None:
    ports, lanes = "6486.801.1.2.1.5.1.1.2.5.1.", "6486.801.1.2.1.5.1.1.2.6.1."
    found = play("6486.801.1.1.2.1.11.1.1", "Alcatel-Lucent Enterprise OS6860 8.4.1.233.R02", {
        ports + "1.1001": 30000, ports + "21.1001": -3000,
        lanes + "2.1001.1": 31500, lanes + "12.1001.1": 6500, lanes + "17.1001.1": -2100, lanes + "22.1001.1": -200000,
        "6486.801.1.2.1.16.1.1.1.1.1.11.0": 17, "6486.801.1.2.1.16.1.1.1.1.1.8.0": 55,
    })
    assert sensors(found) == {
        ("temperature", lanes + "2.1001.1"): 31.5, ("current", lanes + "12.1001.1"): 0.0065, ("dbm", lanes + "17.1001.1"): -2.1,
    }
    assert [p.usage_percent for p in found.measured.processors] == [17]
    assert [m.used_percent for m in found.measured.memory] == [55]


def test_of_edgemax_thousandths_are_made_whole_and_a_supply_without_battery_has_no_charge() -> None:
    at = "41112.1.5."
    found = play("41112.1.5", "EdgePower", {
        at + "2.2.1.2.1": 54100, at + "2.2.1.3.1": 310, at + "2.2.1.4.1": 16771, at + "3.2.1.3.1": 1, at + "3.2.1.6.1": 33250,
        at + "3.2.1.7.1": 0, at + "3.2.1.9.1": 0, at + "3.2.1.7.2": 1, at + "3.2.1.9.2": 87, at + "3.2.1.10.2": 360000,
        at + "4.2.1.3.1": 41500,
    })
    assert sensors(found) == {
        ("voltage", at + "2.2.1.2.1"): 54.1, ("current", at + "2.2.1.3.1"): 0.31, ("power", at + "2.2.1.4.1"): 16.771,
        ("state", at + "3.2.1.3.1"): 1, ("temperature", at + "3.2.1.6.1"): 33.25, ("state", at + "3.2.1.7.2"): 1,
        ("charge", at + "3.2.1.9.2"): 87, ("runtime", at + "3.2.1.10.2"): pytest.approx(60, abs=0.001), ("temperature",
         at + "4.2.1.3.1"): 41.5,
    }


def test_of_alliedwares_optics_power_comes_in_ten_thousandths_of_a_milliwatt() -> None:
    at = "207.8.4.4.3.28.1."
    found = play("207.1.14.119", "Allied Telesis router/switch, AW+ v5.4.7", {
        at + "1.1.3.5001.1": 35127, at + "2.1.3.5001.1": 33012, at + "3.1.3.5001.1": 6400, at + "4.1.3.5001.1": 5000,
        at + "5.1.3.5001.1": 0,
    })
    assert sensors(found) == {
        ("temperature", at + "1.1.3.5001.1"): 35.127, ("voltage", at + "2.1.3.5001.1"): 3.3012, ("current", at + "3.1.3.5001.1"): 0.0064,
        ("dbm", at + "4.1.3.5001.1"): pytest.approx(-3.0103),
    }


def test_a_sensor_of_blue_coat_has_the_scale_that_it_says() -> None:
    at = "3417.2.1.1.1.1.1."
    rows: dict[int, tuple[int | str, ...]] = {
        1: (5, 0, 41, "CPU"), 2: (6, 0, 5600, "Fan"), 3: (4, -3, 3312, "+3.3V"), 4: (2, 0, 1, "Intrusion"),
    }
    found = play("3417.1.1.26", "Blue Coat SG-S400", {
        f"{at}{column}.{n}": cell for n, row in rows.items() for column, cell in zip((3, 4, 5, 9), row, strict=True)
    })
    assert sensors(found) == {("temperature", at + "5.1"): 41, ("fanspeed", at + "5.2"): 5600, ("voltage", at + "5.3"): 3.312}


def test_the_model_of_sr_os_is_the_name_of_the_type_that_the_chassis_says() -> None:
    chassis = "6527.3.1.2.2.1."
    descr = "TiMOS-C-16.0.R6 cpm/hops64 Nokia 7750 SR Copyright (c) 2000-2019 Nokia."
    types = {f"{chassis}6.1.2.{number}": name for number, name in ((5, "7750 SR-1"), (7, "7750 SR-7"), (8, "7750 SR-12"))}
    assert facts(play("6527.1.3.4", descr, {**types, f"{chassis}3.1.4.1": 8}))["model"] == "7750 SR-12"
    assert facts(play("6527.1.3.4", descr, {**types, f"{chassis}3.1.4.1": 9}))["model"] == "7750 SR"


def test_ports_that_hold_a_virtual_chassis_together_are_ports_and_polled() -> None:
    name = "12." + ".".join(str(ord(letter)) for letter in "vcp-255/0/50")
    said: dict[str, int | str] = {"1.3.6.1.2.1.2.2.1.2.501": "ge-0/0/0", "1.3.6.1.2.1.2.2.1.8.501": 1}
    for member in (0, 1):
        said |= {f"2636.3.40.1.4.1.2.1.{column}.{member}.{name}": value for column, value in ((3, 1), (4, 1 + member), (7, 9), (8, 9))}
    # An index that lies about the length of its name, one whose name has no number, one that is no text.
    lies = ("2.99.118.99.112", "2.3.118.99.112", "2.2.10.49")
    said |= {f"2636.3.40.1.4.1.2.1.4.{lie}": 1 for lie in lies}
    found = play("2636.1.1.1.2.31", "Juniper Networks, Inc. ex4200-24t , kernel JUNOS 12.3R11.2", said)
    ports = {one.if_index: (one.name, one.oper_status) for one in found.observed.interfaces}
    assert ports == {501: ("ge-0/0/0", 1), 10_000_050: ("fpc0.vcp-255/0/50", 1), 10_001_050: ("fpc1.vcp-255/0/50", 2)}
    polled = next(table for table in found.polled.meaning.tables if table.table == "juniper-vc-ports")
    assert dict(zip(polled.labels, polled.indexes, strict=True))["fpc1.vcp-255/0/50"] == 10_001_050
    assert any("3 rows" in mark for mark in found.marks)


def test_interfaces_of_sr_os_virtual_routers_join_those_of_the_base_router() -> None:
    """A number that two routers use, or that the base router uses, names nothing; a name that is taken is told apart."""
    routed = "6527.3.1.2.3.4.1.4."
    found = play("6527.1.3.4", "TiMOS-C-14.0.R5 cpm/hops64 Nokia 7750 SR Copyright (c) 2000-2016 Nokia.", {
        "1.3.6.1.2.1.2.2.1.2.1": "system, Loopback IP interface", "1.3.6.1.2.1.31.1.1.1.1.1": "system", "1.3.6.1.2.1.2.2.1.8.1": 1,
        # A row of IF-MIB with an index of two is a lie, and no other row suffers from it.
        "1.3.6.1.2.1.31.1.1.1.1.9.1": "liar",
        f"{routed}1.1": "system", f"{routed}255.1280": "management", f"{routed}20.1281": "system",
        f"{routed}20.2": "to-a", f"{routed}21.2": "to-b", f"{routed}22.1": "to-c",
    })
    assert {one.if_index: one.name for one in found.observed.interfaces} == {1: "system", 1280: "management", 1281: "system#1281"}
