"""The profiles of Chinese makers, over short answers written by hand as the makers' MIBs define them: what is made of each."""

from collections.abc import Mapping

import pytest

from agents.discovering import shown
from core.measured import Sensor
from core.polling import Kind, Oid, VarBind
from core.text import Value
from inventory.crawl.tables import Tables
from monitors.answers import SYS_DESCR, SYS_OBJECT_ID, Answers, TableAnswer
from monitors.discovery import Discovered, answered, conclude, gate_of, identify, is_open, probes, questions
from monitors.profile import oid
from monitors.profiles import shipped

Said = dict[str, int | str]
E = "1.3.6.1.4.1."
ENTITY = "1.3.6.1.2.1.47.1.1.1.1."


def play(object_id: str, descr: str, said: Said) -> Discovered:
    """What is found on a device that says this. said: value by OID, below enterprises where it begins with another number than 1."""
    held: dict[Oid, Value] = {
        oid(name if name.startswith(("1.3.6.", "1.0.8802.", "1.2.840.")) else E + name): value.encode() if isinstance(value, str) else value
        for name, value in said.items()
    }
    identity = identify([VarBind(SYS_DESCR, Kind.OCTET_STRING, descr.encode()), VarBind(SYS_OBJECT_ID, 6, oid(E + object_id))])
    asked = questions(shipped(), identity, {name: held.get(name) for name in probes(shipped(), identity)})
    scalars = {name: held.get(name) for name in asked.scalars}
    tables: dict[str, TableAnswer] = {}
    for question in sorted(asked.whole, key=lambda question: bool(gate_of(question))):
        if is_open(question, scalars, tables):
            tables[question.name] = answered(question, _rows(question.oids, held), "", {})
    return conclude(asked, Answers(identity, scalars, tables), "d", 1, complete=True)


def _rows(columns: tuple[Oid, ...], held: Mapping[Oid, Value]) -> dict[Oid, list[Value]]:
    rows: dict[Oid, list[Value]] = {}
    for at, column in enumerate(columns):
        for name, value in held.items():
            if name[: len(column)] == column:
                rows.setdefault(name[len(column) :], [None] * len(columns))[at] = value
    return dict(sorted(rows.items()))


def sensors(found: Discovered) -> dict[tuple[str, str], float]:
    return {(one.kind, one.oid.removeprefix(E)): round(one.value, 6) for one in found.measured.sensors}


def sensor(found: Discovered, kind: str, name: str) -> Sensor:
    return next(one for one in found.measured.sensors if (one.kind, one.name) == (kind, name))


STATE = "2011.5.25.31.1.1.1.1."
OPTICS = "2011.5.25.31.1.1.3.1."
VRP5 = "Huawei Versatile Routing Platform Software VRP (R) software, Version 5.170 (S5735 V200R021C00SPC600)"
VRP8 = "Huawei Versatile Routing Platform Software VRP (R) software, Version 8.180 (CE6881 V200R019C10SPC800)"


def test_of_huaweis_parts_only_those_with_memory_are_processors_and_pools() -> None:
    found = play("2011.2.23.500", VRP5, {
        ENTITY + "5.1": 3, ENTITY + "5.9": 9, ENTITY + "7.9": "MPU Board 0",
        STATE + "5.1": 0, STATE + "5.9": 17, STATE + "7.1": 0, STATE + "7.9": 31, STATE + "9.1": 0, STATE + "9.9": 1073741824,
        STATE + "11.1": 2147483647, STATE + "11.9": 46, STATE + "12.9": 70,
        "2011.5.25.19.1.8.5.1.1.4.0.36": "V200R021SPH120", "2011.5.25.188.1.1.0": "2102351ABC10K1000042",
    })  # fmt: skip
    (processor,), (pool,) = found.measured.processors, found.measured.memory
    assert (processor.name, processor.usage_percent) == ("MPU Board 0", 17)
    assert (pool.used_percent, pool.total_bytes) == (31, 1073741824)
    assert sensors(found) == {("temperature", STATE + "11.9"): 46}
    assert sensor(found, "temperature", "MPU Board 0").high == 70
    assert found.fact("version") == "5.170 (V200R021C00SPC600) [V200R021SPH120]"
    assert found.fact("release") == "V200R021C00SPC600"
    assert found.fact("serial") == "2102351ABC10K1000042"


def test_optical_power_of_huawei_is_microwatts_or_hundredths_of_a_dbm_by_its_generation() -> None:
    said: Said = {ENTITY + "7.7": "10GE1/0/1", OPTICS + "6.7": 3300, OPTICS + "7.7": 6000, OPTICS + "8.7": 500, OPTICS + "9.7": -250}
    older, newer = play("2011.2.23.500", VRP5, said), play("2011.2.239.30", VRP8, said)
    assert sensors(older)["dbm", OPTICS + "8.7"] == -3.0103
    assert sensors(newer)["dbm", OPTICS + "8.7"] == 5.0
    for found in (older, newer):
        assert sensors(found)["dbm", OPTICS + "9.7"] == -2.5
        assert sensors(found)["voltage", OPTICS + "6.7"] == 3.3
        assert sensors(found)["current", OPTICS + "7.7"] == 0.006
    assert sensor(older, "dbm", "Rx 10GE1/0/1")


def test_bias_current_of_huawei_in_milliamperes_is_told_by_its_size_and_nothing_is_made_of_absent_optics() -> None:
    found = play("2011.2.360.1", VRP8, {
        OPTICS + "5.7": 35, OPTICS + "7.7": 34, OPTICS + "8.7": -1, OPTICS + "9.7": -1,
        OPTICS + "5.8": -255, OPTICS + "6.8": -1, OPTICS + "7.8": -1, OPTICS + "8.8": 2147483647, OPTICS + "9.8": -1,
    })  # fmt: skip
    assert sensors(found) == {("temperature", OPTICS + "5.7"): 35, ("current", OPTICS + "7.7"): 0.034}


def test_fans_and_supplies_of_huawei_that_are_not_there_are_left_out() -> None:
    fan, power = "2011.5.25.31.1.1.10.1.", "2011.5.25.31.1.1.18.1."
    found = play("2011.2.23.500", VRP5, {
        fan + "5.0.1": 35, fan + "6.0.1": 1, fan + "7.0.1": 1, fan + "5.0.2": 0, fan + "6.0.2": 2, fan + "7.0.2": 2,
        power + "5.0.1": 1, power + "6.0.1": 2, power + "7.0.1": 1500, power + "8.0.1": 12000, power + "5.0.2": 2, power + "6.0.2": 4,
    })  # fmt: skip
    assert sensors(found) == {
        ("percent", fan + "5.0.1"): 35, ("state", fan + "7.0.1"): 1,
        ("state", power + "6.0.1"): 2, ("current", power + "7.0.1"): 1.5, ("voltage", power + "8.0.1"): 12,
    }  # fmt: skip
    assert next(one for one in found.measured.sensors if one.oid.endswith("18.1.6.0.1")).states["2"] == "not supplying"


COMWARE = [
    ("h3c-comware", "25506.1.1", "25506.2.", "25506.8.", "H3C"),
    ("h3c-comware-old", "2011.10.1.5", "2011.10.2.", "2011.10.8.", "H3C"),
    ("h3c-comware-3com", "43.45.1.1", "43.45.1.10.2.", "43.45.1.10.8.", "3Com"),
]


@pytest.mark.parametrize(("profile", "object_id", "base", "device", "vendor"), COMWARE)
def test_comware_below_each_of_its_enterprise_numbers(profile: str, object_id: str, base: str, device: str, vendor: str) -> None:
    descr = "H3C Comware Platform Software, Software Version 7.1.070, Release 6328P03\r\nH3C S5130S-28S-EI\r\nCopyright (c) New H3C"
    state, optics = base + "6.1.1.1.1.", base + "70.1.1.1."
    found = play(object_id, descr, {
        ENTITY + "5.2": 3, ENTITY + "5.20": 9, ENTITY + "7.20": "Board", ENTITY + "5.30": 10, ENTITY + "5.40": 7, ENTITY + "7.40": "Fan 1",
        state + "6.2": 0, state + "6.20": 12, state + "8.2": 0, state + "8.20": 44,
        state + "12.20": 41, state + "12.30": 41, state + "12.2": 65535,
        state + "19.20": 2, state + "19.40": 41,
        optics + "9.1": -215, optics + "12.1": -3696, optics + "15.1": 38, optics + "16.1": 329, optics + "17.1": 610,
        optics + "12.2": 2147483647,
        device + "35.9.1.2.1.2.1": 1, device + "35.9.1.2.1.2.2": 2,
    })  # fmt: skip
    assert profile in found.profiles
    assert [found.fact(f) for f in ("vendor", "os", "model", "version", "release")] == [
        vendor, "comware", "S5130S-28S-EI", "7.1.070", "Release 6328P03",
    ]  # fmt: skip
    assert [(p.name, p.usage_percent) for p in found.measured.processors] == [("Board", 12)]
    assert [(p.name, p.used_percent) for p in found.measured.memory] == [("Board", 44)]
    assert sensors(found) == {
        ("temperature", state + "12.20"): 41, ("state", state + "19.40"): 41,
        ("dbm", optics + "9.1"): -2.15, ("dbm", optics + "12.1"): -36.96, ("temperature", optics + "15.1"): 38,
        ("voltage", optics + "16.1"): 3.29, ("current", optics + "17.1"): 0.0061,
        ("state", device + "35.9.1.2.1.2.1"): 1, ("state", device + "35.9.1.2.1.2.2"): 2,
    }  # fmt: skip


@pytest.mark.parametrize(("enterprise", "os"), [("4881", "ruijie"), ("52642", "fs-ruijie")])
def test_ruijie_and_what_fs_sells_of_it(enterprise: str, os: str) -> None:
    base = f"{enterprise}.1.1.10.2."
    found = play(f"{enterprise}.1.1.10.1.500", "Ruijie Switch(S5750C-28GT4XS-H) By Ruijie Networks", {
        base + "1.1.2.0": "S5750_RGOS 11.4(1)B70P2", base + "1.1.24.0": "G1N50AB000001", base + "36.1.1.3.0": 9,
        base + "35.1.1.1.3.1": 40, base + "35.1.1.1.6.1": 1048576, base + "35.1.1.1.7.1": 419430,
        base + "1.1.44.1.4.1.0.1": "air_inlet", base + "1.1.44.1.5.1.0.1": 28, base + "1.1.44.1.5.1.0.2": -255,
        base + "105.1.1.1.2.25": "TenGigabitEthernet 0/25", base + "105.1.1.1.15.25": 1, base + "105.1.1.1.76.25": -812,
        base + "105.1.1.1.15.26": 2, base + "105.1.1.1.76.26": -10000, base + "105.1.1.1.17.26": 0,
    })  # fmt: skip
    assert [found.fact(f) for f in ("os", "model", "version", "serial")] == [
        os, "S5750C-28GT4XS-H", "S5750_RGOS 11.4(1)B70P2", "G1N50AB000001",
    ]  # fmt: skip
    assert [p.usage_percent for p in found.measured.processors] == [9]
    assert [p.total_bytes for p in found.measured.memory] == [1 << 30]
    assert round(found.measured.memory[0].used_percent) == 40
    assert sensors(found) == {("temperature", base + "1.1.44.1.5.1.0.1"): 28, ("dbm", base + "105.1.1.1.76.25"): -8.12}
    assert sensor(found, "dbm", "Rx TenGigabitEthernet 0/25")


def test_zte_switches_and_access() -> None:
    switch = play("3902.3.100.40", "ZXR10 ROS Version V4.08.24 ZXR10_5952E Software, Version ZXR10 5900E V2.9.11.R1.P02", {
        "3902.3.3.1.1.5.1": 20, "3902.3.3.1.1.12.1": 14, "3902.3.3.1.1.4.1": 33, "3902.3.3.1.1.3.1": 512,
    })  # fmt: skip
    assert [p.usage_percent for p in switch.measured.processors] == [14]
    assert [(p.used_percent, p.total_bytes) for p in switch.measured.memory] == [(33, 512 << 20)]
    card = "3902.1015.2.1.1.3.1."
    olt = play("3902.1015.320.1.1.1", "C320 Version V2.1.0 Software, Copyright (c) by ZTE Corporation Compiled", {
        card + "4.1.1.3": "SMXA", card + "5.1.1.3": 1, card + "9.1.1.3": 12, card + "11.1.1.3": 47,
        card + "5.1.1.4": 4, card + "9.1.1.4": 0,
    })  # fmt: skip
    assert [olt.fact(f) for f in ("os", "model", "version")] == ["zxa10", "C320", "V2.1.0"]
    assert [(p.name, p.usage_percent) for p in olt.measured.processors] == [("SMXA", 12)]
    assert [p.used_percent for p in olt.measured.memory] == [47]
    assert sensors(olt)["state", card + "5.1.1.4"] == 4


def test_optics_of_access_ports() -> None:
    pon = "2011.6.128.1.1.2.23.1."
    huawei = play("2011.2.248", "Huawei Integrated Access Software", {
        pon + "1.4194304000": 43, pon + "2.4194304000": 326, pon + "3.4194304000": 15, pon + "4.4194304000": 412,
        pon + "4.4194304256": 2147483647,
    })  # fmt: skip
    assert sensors(huawei) == {
        ("temperature", pon + "1.4194304000"): 43, ("voltage", pon + "2.4194304000"): 3.26, ("current", pon + "3.4194304000"): 0.015,
        ("dbm", pon + "4.4194304000"): 4.12,
    }  # fmt: skip
    zte = play("3902.1015.320.1.1.1", "C320", {"3902.1015.2.1.3.2.0": 34, "3902.1015.3.1.13.1.4.268501248": 6850})
    assert sensors(zte) == {("temperature", "3902.1015.2.1.3.2.0"): 34, ("dbm", "3902.1015.3.1.13.1.4.268501248"): 6.85}


def test_switches_of_huawei_before_vrp_5() -> None:
    found = play("2011.2.23.23", "Quidway S3526E Quidway Routing Platform Software VRP (R) Software, Version 3.10", {
        "2011.6.3.4.1.2.0.0.0": 22, "2011.6.3.5.1.1.2.0.0.0": 67108864, "2011.6.3.5.1.1.3.0.0.0": 16777216,
    })  # fmt: skip
    assert [found.fact(f) for f in ("os", "model", "version", "platform")] == ["vrp", "S3526E", "3.10", "huawei_vrp"]
    assert [p.usage_percent for p in found.measured.processors] == [22]
    assert [p.used_percent for p in found.measured.memory] == [75]


FIREWALLS: list[tuple[str, str, Said, str, list[float], list[float]]] = [
    ("28557.1.147", "Hillstone SG-6000-E1700 StoneOS 5.5R8P10",
     {"28557.2.2.1.1.0": "2510148202000001", "28557.2.2.1.3.0": 8, "28557.2.2.1.4.0": 2097152, "28557.2.2.1.5.0": 1048576},
     "Hillstone stoneos SG-6000-E1700 5.5R8P10 2510148202000001", [8], [50]),
    ("31648.1.42", "DPtech FW1000-GA-E ConPlat Software Version 3.10 Release 5410P02",
     {"31648.3.3.0": "0200H1", "31648.3.10.0": 4096, "31648.3.15.3.0": 11, "31648.3.15.5.0": 36},
     "DPtech dptech-conplat FW1000-GA-E 3.10 Release 5410P02 0200H1", [11], [36]),
    ("14331.1.4", "TopsecOS NGFW4000-UF TOS 3.3.010.021",
     {"14331.5.5.1.4.5.0": 21, "14331.5.5.1.4.7.0": 262144, "14331.5.5.1.4.8.0": 1048576},
     "Topsec topsec-tos NGFW4000-UF 3.3.010.021", [21], [75]),
    ("14331.1.4", "TopsecOS", {"14331.5.5.1.4.2.0": 17, "14331.5.5.1.4.5.0": 90}, "Topsec topsec-tos", [17], []),
    ("8072.3.2.10", "Linux Sangfor 2.6.30", {"35047.1.3.0": 1, "35047.1.6.2.0": "12%"}, "Sangfor sangfor kernel 2.6.30", [12], []),
    ("5651.1.102.1", "Maipu MyPower S4320-28TF Software Version 6.2.24(integrity)",
     {"5651.3.600.9.1.1.3.1": 7, "5651.3.600.10.1.1.10.1": 52}, "Maipu mypoweros MyPower S4320-28TF 6.2.24(integrity)", [7], [52]),
    ("6339.1.1.1.227", "CS6200-28X-EI Device, Compiled Nov 09 2018 SoftWare Version 7.0.3.5(R0102) Serial No.:SW0450101234 Copyright",
     {"6339.100.1.8.1.10.1": 39, "6339.100.1.8.1.11.1": 10, "6339.100.1.8.1.12.1": 25},
     "DCN dcn-software CS6200-28X-EI 7.0.3.5(R0102) SW0450101234", [10], [25]),
    ("3807.1.481005", "S4800 FiberHome INP (R) Software, Version V210R220,Hw Version N/A",
     {"3807.1.8012.1.4.1.1.2.1": 1234, "3807.1.8012.1.4.1.1.12.1": "Cpu-1"}, "FiberHome fiberhome-switch S4800 FiberHome INP V210R220",
     [12.34], []),
    ("8886.6.133", "ROS_4.15.1086.ISCOM2924GF-4C.1.20140925",
     {"8886.1.1.1.5.1.1.1.3.1": 40, "8886.1.1.1.5.1.1.1.3.3": 15}, "Raisecom raisecom-ros ISCOM2924GF-4C 4.15.1086", [15], []),
    ("6339.1.1.1.1", "S4600-28P-SI Device, SoftWare Version 7.0.3.5",
     {"6339.100.1.11.10.0": 4, "6339.100.1.11.6.0": 400, "6339.100.1.11.7.0": 100}, "DCN dcn-software S4600-28P-SI 7.0.3.5", [4], [25]),
    ("259.10.1.45.104", "ECS4120-28F", {"259.10.1.45.1.39.2.1.0": 12, "259.10.1.45.1.39.3.1.0": 1000, "259.10.1.45.1.39.3.3.0": 400},
     "Edgecore edgecos ECS4120-28F", [12], [60]),
    ("15227.1.1", "Venus USG-2000", {"15227.1.3.1.1.1.0": "9%", "15227.1.3.1.1.2.0": "41%"}, "Venustech venustech USG-2000", [9], [41]),
    ("3320.1.168", "BDCOM(tm) S2528-B Software, Version 2.1.1C Build 34174 Compiled",
     {"3320.9.109.1.1.1.1.5.1": 6, "3320.9.48.1.0": 61}, "BDCOM bdcom S2528-B 2.1.1C Build 34174", [6], [61]),
]  # fmt: skip


@pytest.mark.parametrize(("object_id", "descr", "said", "facts", "processors", "memory"), FIREWALLS)
def test_firewalls_and_switches_of_other_makers(
    object_id: str, descr: str, said: Said, facts: str, processors: list[float], memory: list[float],
) -> None:  # fmt: skip
    found = play(object_id, descr, said)
    assert " ".join(filter(None, map(found.fact, ("vendor", "os", "model", "version", "serial")))) == facts
    assert [p.usage_percent for p in found.measured.processors] == processors
    assert [round(p.used_percent, 2) for p in found.measured.memory] == memory


def test_optics_of_raisecom_are_told_by_the_second_number_of_their_index() -> None:
    base = "8886.1.18.2.2.1.1.2."
    found = play("8886.6.133", "ROS", {
        base + "9.1": 41500, base + "9.2": 6100, base + "9.3": -5200, base + "9.4": -21300, base + "9.5": 3310, base + "10.4": 0,
    })  # fmt: skip
    assert sensors(found) == {
        ("temperature", base + "9.1"): 41.5, ("current", base + "9.2"): 0.0061, ("dbm", base + "9.3"): -5.2, ("dbm", base + "9.4"): -21.3,
        ("voltage", base + "9.5"): 3.31,
    }  # fmt: skip


def test_huaweis_power_access_and_storage_are_told_apart() -> None:
    smu = play("8072.3.2.10", "Linux GSE200M 2.6.27", {
        "2011.6.164.1.1.1.4.0": "x", "2011.6.164.1.3.1.6.0": 548, "2011.6.164.1.4.4.2.1.3.5": 985,
    })  # fmt: skip
    assert smu.fact("os") == "huawei-smu"
    assert sensors(smu) == {("voltage", "2011.6.164.1.3.1.6.0"): 54.8, ("charge", "2011.6.164.1.4.4.2.1.3.5"): 98.5}
    board = "2011.2.6.7.1.1.2.1."
    olt = play("2011.2.248", "Huawei Integrated Access Software", {
        board + "5.0.9": 23, board + "6.0.9": 71, board + "7.0.9": "H801MCUD1", board + "10.0.9": 48,
        board + "5.0.1": -1, board + "10.0.1": 2147483647,
    })  # fmt: skip
    assert [olt.fact(f) for f in ("os", "model")] == ["smartax", "MA5608T"]
    assert [(p.name, p.usage_percent) for p in olt.measured.processors] == [("H801MCUD1", 23)]
    assert sensors(olt) == {("temperature", board + "10.0.9"): 48}
    assert play("2011.2.185", "Huawei Integrated Access Software", {}).fact("os") == "smartax-mdu"
    ups = play("2011.6.174.4.1.2.4", "SNMP Card for HUAWEI UPS5000", {"1.3.6.1.2.1.33.1.1.2.0": "UPS5000-E 60kVA"})
    assert [ups.fact(f) for f in ("os", "model")] == ["huaweiups", "UPS5000-E 60kVA"]
    own: Said = {"2011.6.174.1.2.100.1.2.1": "UPS5000-A", "2011.6.174.1.2.101.1.1.1": 4, "2011.6.174.1.6.100.1.4.1": 600,
                 "2011.6.174.1.4.100.1.8.1": 125, "2011.6.174.1.3.100.1.4.1": 4998}  # fmt: skip
    on_battery = play("8072.3.2.10", "Linux SmartLi", own)
    assert [on_battery.fact(f) for f in ("os", "model")] == ["huaweiups", "UPS5000-A"]
    assert sensors(on_battery) == {
        ("state", "2011.6.174.1.2.101.1.1.1"): 4, ("runtime", "2011.6.174.1.6.100.1.4.1"): 10,
        ("power", "2011.6.174.1.4.100.1.8.1"): 12500, ("frequency", "2011.6.174.1.3.100.1.4.1"): 49.98,
    }  # fmt: skip
    controller = "34774.4.1.23.5.2.1."
    storage = play("34774.1", "Linux OceanStor", {
        "34774.4.1.1.1.0": "2102350BVB10H8000001", "34774.4.1.1.4.0": 25, "34774.4.1.1.5.0": 100,
        controller + "1.2.48.65": "0A", controller + "2.2.48.65": 1, controller + "8.2.48.65": 5, controller + "9.2.48.65": 60,
    })  # fmt: skip
    assert [storage.fact(f) for f in ("os", "serial")] == ["oceanstor", "2102350BVB10H8000001"]
    assert [(p.name, p.usage_percent) for p in storage.measured.processors] == [("Controller 0A", 5)]
    assert [v.used_percent for v in storage.measured.storage] == [25]


@pytest.mark.parametrize(("enterprise", "vendor"), [("2011", "Huawei"), ("58132", "xFusion")])
def test_servers_of_huawei_and_xfusion_by_their_ibmc(enterprise: str, vendor: str) -> None:
    base = f"{enterprise}.2.235.1.1."
    found = play(f"{enterprise}.2.235", "Hardware management system", {
        base + "1.1.0": 2, base + "1.6.0": "TaiShan 200 (Model 2280)", base + "1.7.0": "2102312PXE10K8000007",
        base + "8.50.1.2.1": 8400, base + "8.50.1.3.1": 2, base + "8.50.1.4.1": 1, base + "8.50.1.2.2": 0, base + "8.50.1.3.2": 1,
        base + "26.50.1.2.1": "Inlet Temp", base + "26.50.1.3.1": 235, base + "26.50.1.3.2": 65535,
    })  # fmt: skip
    assert not found.fact("platform")
    assert [found.fact(f) for f in ("vendor", "os", "model", "serial")] == [
        vendor,
        "ibmc",
        "TaiShan 200 (Model 2280)",
        "2102312PXE10K8000007",
    ]
    assert sensors(found) == {
        ("state", base + "1.1.0"): 2, ("fanspeed", base + "8.50.1.2.1"): 8400, ("state", base + "8.50.1.4.1"): 1,
        ("temperature", base + "26.50.1.3.1"): 23.5,
    }  # fmt: skip
    assert sensor(found, "state", "Health").states["3"] == "major"


@pytest.mark.parametrize(("enterprise", "vendor"), [("2011", "Huawei"), ("56813", "FutureMatrix")])
def test_vrp_under_another_makers_name_hangs_its_tree_below_that_makers_number(enterprise: str, vendor: str) -> None:
    state, optics = (at.replace("2011", enterprise, 1) for at in (STATE, OPTICS))
    found = play(f"{enterprise}.2.23.700", VRP5, {state + "5.9": 30, state + "7.9": 40, state + "19.9": 2048, optics + "8.7": -500})
    assert [found.fact(f) for f in ("vendor", "os", "platform")] == [vendor, "vrp", "huawei_vrp"]
    assert [p.usage_percent for p in found.measured.processors] == [30]
    assert [p.total_bytes for p in found.measured.memory] == [2048 << 20]
    assert sensors(found) == {("dbm", optics + "8.7"): -5}


def test_switches_of_tp_link() -> None:
    found = play("11863.5.33", "JetStream 28-Port Gigabit Smart Switch", {
        "11863.6.1.1.5.0": "T2600G-28TS 3.0", "11863.6.1.1.6.0": "3.0.2 Build 20180808 Rel.60325(s)", "11863.6.1.1.8.0": "2184300000123",
        "11863.6.4.1.1.1.1.4.1": 18, "11863.6.4.1.2.1.1.2.1": 55, "11863.6.96.1.7.1.1.3.49177": "3.298",
    })  # fmt: skip
    assert [found.fact(f) for f in ("os", "model", "version", "serial")] == [
        "jetstream", "T2600G-28TS 3.0", "3.0.2 Build 20180808 Rel.60325(s)", "2184300000123",
    ]  # fmt: skip
    assert [p.usage_percent for p in found.measured.processors] == [18]
    assert sensors(found) == {("voltage", "11863.6.96.1.7.1.1.3.49177"): 3.298}


@pytest.mark.parametrize(("said", "dbm"), [("0.5012", -3.0), ("-5.21", -5.21)])
def test_light_of_tp_link_in_milliwatts_and_in_dbm(said: str, dbm: float) -> None:
    found = play("11863.5.33", "", {"11863.6.96.1.7.1.1.5.49177": said})
    assert sensors(found) == {("dbm", "11863.6.96.1.7.1.1.5.49177"): pytest.approx(dbm, abs=0.01)}


def test_cameras_say_numbers_as_text() -> None:
    camera = play("39165.1.1", "", {
        "39165.1.1.0": "DS-2CD2T47", "39165.1.3.0": "V5.5.82 build 190909", "39165.1.7.0": "21 PERCENT",
        "39165.1.10.0": "512 MB", "39165.1.11.0": "64 PERCENT",
    })  # fmt: skip
    assert [camera.fact(f) for f in ("os", "model", "version")] == ["hikvision-cam", "DS-2CD2T47", "V5.5.82 build 190909"]
    assert [p.usage_percent for p in camera.measured.processors] == [21]
    assert [(p.used_percent, p.total_bytes) for p in camera.measured.memory] == [(64, 512 << 20)]


@pytest.mark.parametrize(("descr", "vendor"), [
    ("Linux host 4.19.90-52.22.v2207.ky10.x86_64 #1 SMP", "Kylinsoft"),
    ("Linux host 4.19.90-2305.1.0.0199.56.uel20.x86_64 #1 SMP", "UnionTech"),
    ("Linux host 5.10.0-153.12.0.92.oe2203sp2.x86_64 #1 SMP", "openEuler"),
])  # fmt: skip
def test_the_domestic_linuxes_are_told_by_their_kernel(descr: str, vendor: str) -> None:
    found = play("8072.3.2.10", descr, {})
    assert [found.fact(f) for f in ("os", "vendor", "version")] == ["linux", vendor, descr.split()[2]]


def test_lies_of_a_device_make_no_measure() -> None:
    found = play("2011.2.23.500", VRP5, {
        ENTITY + "7.9": "[bold red]MPU\x1b[2J", STATE + "5.9": 4294967295, STATE + "7.9": 250, STATE + "11.9": -40000, STATE + "13.9": "x",
        OPTICS + "8.9": -2147483648, OPTICS + "9.9": 2147483647, OPTICS + "5.9": "hot",
    })  # fmt: skip
    assert not found.measured.processors
    assert not found.measured.memory
    assert not found.measured.sensors


REGISTERED = [
    # What the makers' MIBs register as sysObjectID, and the system that stands there.
    ("42111.650", "", "aaron"), ("35833.37", "", "deva-db7001"), ("30631.1.17", "", "terra-receivers"), ("7312.2468.1", "", "clickshare"),
    ("22408.1.1.2", "", "primekey"), ("41036.2", "", "cms"), ("40748.1.3.1.2", "", "ionodes"), ("8962.4.1", "", "mlos-atd"),
    ("6404.3.1.2", "", "ecresofm-os"), ("21222.1.4.1", "", "profline-sfd"), ("52326.2.1", "", "alpineoe-tdcmedfa"),
    ("33234.1.1", "", "halon"),
    ("7779.1.1402", "", "nios"), ("368.1.1", "AXIS Q1615; Network Camera; 6.50.1.2", "axiscam"), ("13827.11", "", "endrun"),
    ("5597.30", "", "mbg-ltos6"), ("25597.1", "", "feos"), ("25049.1.82", "Opengear/CM7148-2-DAC Console Server", "opengear"),
    ("13315.2.1", "", "bluecatnetworks"), ("25766.1.12", "", "christie-projector"), ("23128.1000.1.1", "", "nitro"),
    ("10072.2.2", "", "gwd"), ("34592.1.3", "", "cdata"), ("37950.1.1.5", "", "vsolution"), ("11606.10.1.1", "", "pbn"),
    ("27514.1.1.1.217", "", "qtech"), ("40418.7.17", "", "snr"), ("6339.1.1.1.227", "", "dcn-software"),
    ("52642.1.37.1.1", "", "fs-centec"), ("52642.1.99.5801", "", "fs-centec"),
    ("13464.1.3.27.0", "", "fs-gbn"), ("40989.10.16.20", "", "fs-nmu"),
    ("52642.1.1.10.1.153", "", "fs-ruijie"), ("4881.1.1.10.1.100", "", "ruijie"),
    ("3807.1.480001", "", "fiberhome-switch"), ("5875.800.1001.11", "", "fiberhome"), ("8886.6.181", "ROS Version 4.14", "raisecom-ros"),
    ("3902.1082.1001.320", "", "zxa10"), ("3902.3.100.40", "", "zxr10"), ("3902.1004.9836", "", "zxdsl"), ("3320.1.241", "", "bdcom"),
    ("11863.5.33", "", "jetstream"), ("11863.3.2.10", "", "tplink"), ("28557.1.30", "", "stoneos"),
    ("5651.1.102.21", "", "mypoweros"), ("50001.1", "", "hikvision-nvr"),
    ("39165.1.1", "", "hikvision-cam"), ("1004849.2.10.2", "", "dahua-nvr"), ("2011.2.235.1", "", "ibmc"), ("34774.4.1", "", "oceanstor"),
    ("2011.2.23.500", VRP5, "vrp"), ("25506.1.1", "H3C Comware Platform Software", "comware"),
]  # fmt: skip


@pytest.mark.parametrize(("object_id", "descr", "os"), REGISTERED)
def test_what_the_makers_register_is_called_by_its_name(object_id: str, descr: str, os: str) -> None:
    found = play(object_id, descr, {})
    assert found.fact("os") == os
    assert found.fact("vendor")


DCN_TREES = [
    ("6339.1.1.1.227", "6339.100.", "dcn-software"), ("27514.1.1.1.217", "27514.100.", "qtech"), ("40418.7.17", "40418.7.100.", "snr"),
]


@pytest.mark.parametrize(("object_id", "base", "os"), DCN_TREES)
def test_the_tree_of_dcn_under_each_of_its_names(object_id: str, base: str, os: str) -> None:
    found = play(object_id, "S4600-52P Device, Compiled Nov 09 2018 SoftWare Version 7.0.3.5(R0102) Serial No.:N123456789", {
        base + "1.8.1.7.1": 536870912, base + "1.8.1.10.1": 41, base + "1.8.1.11.1": 17, base + "1.8.1.12.1": 63,
        base + "1.8.1.10.2": -100, base + "1.8.1.11.2": 4, base + "1.8.1.12.2": 0,
        base + "30.1.1.2.25": "31", base + "30.1.1.7.25": "3.29", base + "30.1.1.12.25": "6.22", base + "30.1.1.17.25": "-5.12",
        base + "30.1.1.22.25": "-2.31", base + "30.1.1.2.26": "NULL", base + "30.1.1.17.26": "NULL",
    })  # fmt: skip
    assert [found.fact(f) for f in ("os", "model", "version", "serial")] == [os, "S4600-52P", "7.0.3.5(R0102)", "N123456789"]
    assert [p.usage_percent for p in found.measured.processors] == [17, 4]
    assert [(p.used_percent, p.total_bytes) for p in found.measured.memory] == [(63, 512 << 20)]
    assert sensors(found) == {
        ("temperature", base + "1.8.1.10.1"): 41, ("temperature", base + "30.1.1.2.25"): 31, ("voltage", base + "30.1.1.7.25"): 3.29,
        ("current", base + "30.1.1.12.25"): 0.00622, ("dbm", base + "30.1.1.17.25"): -5.12, ("dbm", base + "30.1.1.22.25"): -2.31,
    }  # fmt: skip


def test_fs_on_centec_tells_each_channel_of_a_module() -> None:
    base = "52642.1."
    found = play("52642.1.37.1.1", "FSOS S5850 Version 7.1.0", {
        base + "1.1.5.0": 4096000, base + "1.1.12.0": 1024000, base + "1.2.11.0": 88,
        base + "37.1.1.1.4.1.1.1": 1, base + "37.1.1.1.5.1.1.1": 40, base + "37.1.1.1.4.1.2.1": 3, base + "37.1.1.1.5.1.2.1": 0,
        base + "37.1.3.1.4.1.1": 36, base + "37.1.10.2.1.5.17": "28.50", base + "37.1.10.6.1.5.17": "-2.10,-2.35,-1.98,-3.01",
    })  # fmt: skip
    assert [p.usage_percent for p in found.measured.processors] == [12]
    assert [p.used_percent for p in found.measured.memory] == [25]
    values = sorted((one.kind, round(one.value, 3)) for one in found.measured.sensors)
    assert values == [
        ("dbm", -3.01), ("dbm", -2.35), ("dbm", -2.1), ("dbm", -1.98), ("percent", 40), ("state", 1), ("temperature", 28.5),
        ("temperature", 36),
    ]  # fmt: skip


def test_a_domain_name_appliance_with_its_services() -> None:
    base = "7779.3.1.1.2.1."
    found = play("7779.1.1402", "Linux 3.14.25", {
        base + "4.0": "IB-1425", base + "6.0": "1405201709900101", base + "7.0": "8.4.4-386831", base + "8.1.1.0": 12, base + "8.2.1.0": 37,
        base + "8.3.1.0": 0, base + "17.0": "+41.00 C", base + "9.1.2.2": 1, base + "10.1.2.28": 3,
    })  # fmt: skip
    assert [found.fact(f) for f in ("model", "version", "serial")] == ["IB-1425", "8.4.4-386831", "1405201709900101"]
    assert [p.usage_percent for p in found.measured.processors] == [12]
    assert [p.used_percent for p in found.measured.memory] == [37, 0]
    assert sensors(found) == {("temperature", base + "17.0"): 41, ("state", base + "9.1.2.2"): 1, ("state", base + "10.1.2.28"): 3}
    assert sensor(found, "state", "node fan1").states["3"] == "failed"


def test_of_an_olt_of_gw_delight_only_its_own_boards_are_measured() -> None:
    base = "10072.2.20.1.1."
    found = play("10072.2.2", "GFA6900M", {
        base + "1.1.1.8.1": "V2.0.B10", base + "2.1.1.18.1.1": "GW20170001", base + "2.1.1.5.1.1": 4, base + "2.1.1.10.1.1": 43,
        base + "2.1.1.19.1.1": 9, base + "2.1.1.20.1.1": 55, base + "2.1.1.5.16844801.1": 4, base + "2.1.1.19.16844801.1": 80,
        base + "2.1.1.20.16844801.1": 80,
    })  # fmt: skip
    assert [found.fact(f) for f in ("os", "model", "version", "serial")] == ["gwd", "GFA6900M", "V2.0.B10", "GW20170001"]
    assert [(p.usage_percent, q.used_percent) for p, q in zip(found.measured.processors, found.measured.memory, strict=True)] == [(9, 55)]
    assert sensors(found) == {("temperature", base + "2.1.1.10.1.1"): 43, ("state", base + "2.1.1.5.1.1"): 4}


def test_hardware_of_zxr10_routers_and_of_ros_6() -> None:
    base = "3902.3.6002.2."
    router = play("3902.3.100.6002.2", "ZXR10 ROS Version V4.00.10 ZXR10 M6000 Software", {
        base + "1.1.5.1.1.1.0": 8192, base + "1.1.6.1.1.1.0": 25, base + "1.1.9.1.1.1.0": 6, base + "1.1.13.1.1.1.0": "MPU-1",
        base + "3.1.7.1.1.1.1": 1, base + "4.1.3.1.1": 33, base + "4.1.5.1.1": 65,
    })  # fmt: skip
    assert [(p.name, p.usage_percent) for p in router.measured.processors] == [("MPU-1", 6)]
    assert [(p.used_percent, p.total_bytes) for p in router.measured.memory] == [(25, 8 << 30)]
    assert sensors(router) == {("state", base + "3.1.7.1.1.1.1"): 1, ("temperature", base + "4.1.3.1.1"): 33}
    assert next(one for one in router.measured.sensors if one.kind == "temperature").high == 65
    base = "8886.60."
    ros = play("8886.6.345", "ROS Version 6.1", {
        base + "1.1.1.2.1.2.1.2.3": 14, base + "1.3.1.1.1.0": 1048576, base + "1.3.1.1.2.0": 524288,
        base + "131.1.1.4.0": "5610000001", base + "131.1.1.9.0": "RAX721-B", base + "18.1.2.2.1.1.2.7.3": -4500,
    })  # fmt: skip
    assert [ros.fact(f) for f in ("os", "model", "serial")] == ["raisecom-ros", "RAX721-B", "5610000001"]
    assert [p.usage_percent for p in ros.measured.processors] == [14]
    assert [p.used_percent for p in ros.measured.memory] == [50]
    assert sensors(ros) == {("dbm", base + "18.1.2.2.1.1.2.7.3"): -4.5}


def test_values_that_come_as_text_are_read_with_their_unit() -> None:
    base = "22408.1.1.2.1."
    pki = play("22408.1.1.2", "", {
        base + "7.118.101.114.115.105.111.110.1": "PrimeKeyAppliance.3.5.0",
        base + "3.99.112.117.1": "34", base + "4.102.97.110.49.1": "1025",
        base + "5.114.97.105.100.49.1": "0", base + "4.118.100.98.49.1": "35",
    })  # fmt: skip
    assert pki.fact("version") == "3.5.0"
    assert sensors(pki) == {
        ("temperature", base + "3.99.112.117.1"): 34, ("fanspeed", base + "4.102.97.110.49.1"): 1025,
        ("state", base + "5.114.97.105.100.49.1"): 0, ("percent", base + "4.118.100.98.49.1"): 35,
    }  # fmt: skip
    base = "30631.1.17.1."
    tv = play("30631.1.17", "", {base + "1.2.0": 652, base + "1.3.0": 131, base + "1.4.0": 385, base + "10.1.0": 40})
    assert sensors(tv) == {
        ("signal", base + "1.2.0"): 65.2, ("snr", base + "1.3.0"): 13.1, ("bitrate", base + "1.4.0"): 38_500_000,
        ("bitrate", base + "10.1.0"): 4_000_000,
    }  # fmt: skip
    radio = play("35833.37", "", {"35833.37.3.39.0": 10368, "35833.37.3.42.0": 4200, "35833.37.3.1.0": 98500})
    assert sensors(radio) == {
        ("temperature", "35833.37.3.39.0"): 40.5, ("fanspeed", "35833.37.3.42.0"): 4200, ("frequency", "35833.37.3.1.0"): 98_500_000,
    }  # fmt: skip


def test_time_servers_say_whether_their_clock_is_right() -> None:
    base = "5597.30.0."
    lantime = play("5597.3", "LANTIME M300 V7.04.008", {
        base + "0.2.0": "7.04.008", base + "0.3.0": "030711004442", base + "2.1.0": 2, base + "2.2.0": 1, base + "5.2.1.0": 41,
        base + "1.2.1.4.1": 1, base + "1.2.1.5.1": 150, base + "1.2.1.6.1": 9, base + "1.2.1.7.1": 12, base + "5.0.2.1.2.1": 2,
    })  # fmt: skip
    assert [lantime.fact(f) for f in ("os", "model", "version", "serial")] == ["mbg-ltos6", "M300", "7.04.008", "030711004442"]
    assert sensors(lantime) == {
        ("state", base + "2.1.0"): 2, ("count", base + "2.2.0"): 1, ("temperature", base + "5.2.1.0"): 41,
        ("state", base + "1.2.1.4.1"): 1, ("state", base + "1.2.1.5.1"): 150, ("count", base + "1.2.1.6.1"): 9,
        ("state", base + "5.0.2.1.2.1"): 2,
    }  # fmt: skip
    base = "5597.7.2."
    micro = play("8072.3.2.10", "Linux microsync", {base + "4.2.1.5.0": 0, base + "3.1.1.3.1": 3, base + "3.1.1.4.1": 0,
                                                    base + "3.1.1.6.1": 7})  # fmt: skip
    assert micro.fact("os") == "mbg-meinbergos"
    assert sensors(micro) == {("state", base + "4.2.1.5.0"): 0, ("state", base + "3.1.1.3.1"): 3}


def test_appliances_that_look_for_attacks() -> None:
    base = "25597.11."
    fireeye = play("25597.1", "", {
        base + "1.1.2.0": "FireEyeNX4500", base + "1.1.3.0": "AB123", base + "5.1.2.0": "9.0.1", base + "1.1.4.0": 33,
        base + "2.1.3.1.2.1": "Disk 1", base + "2.1.3.1.4.1": 2, base + "4.1.3.1.4.1": 5400,
    })  # fmt: skip
    assert [fireeye.fact(f) for f in ("os", "model", "version", "serial")] == ["feos", "FireEyeNX4500", "9.0.1", "AB123"]
    assert sensors(fireeye) == {
        ("temperature", base + "1.1.4.0"): 33, ("state", base + "2.1.3.1.4.1"): 2, ("fanspeed", base + "4.1.3.1.4.1"): 5400,
    }  # fmt: skip
    base = "8962.2.1."
    nsp = play("8962.2.1", "", {
        base + "2.1.1.4.0": "NS7100", base + "2.1.1.5.0": "J012", base + "2.1.1.13.0": 1, base + "3.1.1.5.1.1.2": 17,
        base + "2.1.7.3.0": 2,
    })  # fmt: skip
    assert [nsp.fact(f) for f in ("os", "model", "serial")] == ["mlos-nsp", "NS7100", "J012"]
    assert [p.usage_percent for p in nsp.measured.processors] == [17]
    assert sensor(nsp, "state", "Power supply 1").states["2"] == "failed"


def test_sensors_and_amplifiers_that_answer_in_text() -> None:
    base = "31440.10."
    eds = play("31440", "", {
        "31440.1.2.0": "OW-SERVER", "31440.1.4.0": "2.1", base + "3.1.4.1": "Rack 7", base + "3.1.7.1": 7, base + "3.1.7.2": 0,
        base + "12.1.1.1": "23.5", base + "12.1.2.1": "41.2", base + "13.1.2.1": "1013.2", base + "5.1.1.2": "85.0",
    })  # fmt: skip
    assert [eds.fact(f) for f in ("os", "model", "version")] == ["eds", "OW-SERVER", "2.1"]
    assert sensors(eds) == {
        ("temperature", base + "12.1.1.1"): 23.5, ("humidity", base + "12.1.2.1"): 41.2, ("pressure", base + "13.1.2.1"): 101.32,
    }  # fmt: skip
    assert sensor(eds, "temperature", "EDS0065 Rack 7").value == 23.5
    base = "52326."
    edfa = play("52326.2.1", "", {
        base + "2.1.1.1.4.1": "V1.2", base + "2.1.1.1.6.1": "A1B2", base + "2.1.1.1.8.1": "31.5", base + "1.1.1.1.6.1.1": "17.2",
        base + "1.1.1.1.10.1.1": "-4.1", base + "2.1.5.1.9.1": 6000, base + "2.1.5.1.10.1": 0, base + "2.1.5.1.11.1": 0,
        base + "2.1.5.1.12.1": 0,
    })  # fmt: skip
    assert [edfa.fact(f) for f in ("os", "version", "serial")] == ["alpineoe-tdcmedfa", "V1.2", "A1B2"]
    assert sensors(edfa) == {
        ("temperature", base + "2.1.1.1.8.1"): 31.5, ("dbm", base + "1.1.1.1.6.1.1"): 17.2, ("dbm", base + "1.1.1.1.10.1.1"): -4.1,
        ("fanspeed", base + "2.1.5.1.9.1"): 6000, ("state", base + "2.1.5.1.10.1"): 0,
    }  # fmt: skip
    base = "23180.2.1.1.2.1."
    tv = play("23180.2.1.1.2", "", {base + "6.2.0": "000123456789", base + "6.3.0": "2.10", base + "7.15.10.2.0": "229.5",
                                    base + "7.10.1.1.0": 1})  # fmt: skip
    assert [tv.fact(f) for f in ("os", "version", "serial")] == ["televes-fs", "2.10", "000123456789"]
    assert sensors(tv) == {("voltage", base + "7.15.10.2.0"): 229.5, ("state", base + "7.10.1.1.0"): 1}


def test_pools_of_an_array_and_what_a_server_uses() -> None:
    pool = "34774.4.1.23.4.2.1."
    array = play("34774.4.1", "", {
        pool + "2.1.48": "StoragePool001", pool + "5.1.48": 1, pool + "7.1.48": 1000, pool + "9.1.48": 250,
        "34774.4.1.1.2.0": 61, "34774.4.1.23.5.6.1.13.1": "2U 2-Controller 25x2.5-Inch Disks",
    })  # fmt: skip
    assert [(v.name, v.used_percent, v.total_bytes) for v in array.measured.storage] == [("Pool StoragePool001", 75, 1000 << 20)]
    assert array.fact("model") == "2U 2-Controller 25x2.5-Inch Disks"
    base = "2011.2.235.1.1."
    server = play("2011.2.235", "", {
        base + "1.13.0": 212, base + "1.23.0": 4, base + "1.25.0": 61, base + "18.50.1.2.1": 2, base + "18.50.1.3.1": 3,
        base + "18.50.1.6.1": "Disk0", base + "18.50.1.2.2": 1, base + "18.50.1.3.2": 5, base + "18.50.1.20.1": 255,
    })  # fmt: skip
    assert [p.usage_percent for p in server.measured.processors] == [4]
    assert [m.used_percent for m in server.measured.memory] == [61]
    assert sensors(server) == {("power", base + "1.13.0"): 212, ("state", base + "18.50.1.3.1"): 3}


def test_an_olt_of_the_titan_platform_by_its_slots_shelves_and_modules() -> None:
    base, slot, optic = "3902.1082.", "3902.3.6002.2.1.1.", "3902.1082.30.40.2.4.1."
    olt = play("3902.1082.1001.620", "C620 Version V1.2.1 Software", {
        slot + "5.1.1.1.0": 4096, slot + "6.1.1.1.0": 40, slot + "8.1.1.1.0": 12, slot + "13.1.1.1.0": "SFUQ-1/1/1",
        base + "10.1.2.4.1.5.1.1.1": 1, base + "10.1.2.4.1.9.1.1.1": 100, base + "10.1.2.4.1.11.1.1.1": 100,
        base + "10.10.2.1.5.1.3.1.1": 31, base + "10.10.2.1.5.1.7.1.1": 215000, base + "10.10.2.1.5.1.8.1.1": 0,
        base + "10.10.2.3.11.1.1.1.1.20": 1, base + "10.10.2.3.11.1.2.1.1.20": 53,
        optic + "2.268501248": -19500, optic + "3.268501248": 4120, optic + "5.268501248": 21500, optic + "6.268501248": 3287,
        optic + "8.268501248": 38250, optic + "8.268501249": 0, optic + "6.268501249": 0,
    })  # fmt: skip
    assert [olt.fact(f) for f in ("os", "model")] == ["zxa10", "C620"]
    assert [(p.name, p.usage_percent) for p in olt.measured.processors] == [("SFUQ-1/1/1", 12)]
    assert [(p.used_percent, p.total_bytes) for p in olt.measured.memory] == [(40, 4 << 30)]
    assert sensors(olt) == {
        ("state", base + "10.1.2.4.1.5.1.1.1"): 1, ("temperature", base + "10.10.2.1.5.1.3.1.1"): 31,
        ("power", base + "10.10.2.1.5.1.7.1.1"): 215, ("state", base + "10.10.2.3.11.1.1.1.1.20"): 1,
        ("voltage", base + "10.10.2.3.11.1.2.1.1.20"): 53, ("dbm", optic + "2.268501248"): -19.5, ("dbm", optic + "3.268501248"): 4.12,
        ("current", optic + "5.268501248"): 0.0215, ("voltage", optic + "6.268501248"): 3.287,
        ("temperature", optic + "8.268501248"): 38.25,
    }  # fmt: skip


def test_securesync_and_cyberoam() -> None:
    base = "18837.3.2.2."
    clock = play("18837.1.4.2", "", {
        base + "1.11.0": "5.9.6", base + "1.16.0": "013402", base + "1.5.0": 1, base + "1.7.0": 3, base + "1.19.0": "52.00",
        base + "2.1.1.3.1": "gps0", base + "2.1.1.8.1": 11,
    })  # fmt: skip
    assert [clock.fact(f) for f in ("os", "model", "version", "serial")] == ["orolia-securesync", "NetClock 9489", "5.9.6", "013402"]
    assert play("18837.1.3.1", "", {}).fact("model") == "SecureSync"
    assert sensors(clock) == {
        ("state", base + "1.5.0"): 1, ("count", base + "1.7.0"): 3, ("temperature", base + "1.19.0"): 52, ("count", base + "2.1.1.8.1"): 11,
    }  # fmt: skip
    base = "21067.2.1."
    wall = play("21067.2", "", {
        base + "1.1.0": "C1AB", base + "1.2.0": "CR200iNG", base + "1.3.0": "10.6.6 MR-6", base + "2.2.1.0": 9, base + "2.4.1.0": 2048,
        base + "2.4.2.0": 50, base + "2.3.1.0": 1000, base + "2.3.2.0": 10,
    })  # fmt: skip
    assert [wall.fact(f) for f in ("os", "model", "version", "serial")] == ["cyberoam-utm", "CR200iNG", "10.6.6 MR-6", "C1AB"]
    assert [(m.used_percent, m.total_bytes) for m in wall.measured.memory] == [(50, 2 << 30)]
    assert [p.usage_percent for p in wall.measured.processors] == [9]
    assert [v.used_percent for v in wall.measured.storage] == [10]


def test_parts_without_entity_mib_keep_their_number_when_others_come() -> None:
    """Juniper: containers, and what stands in them at places; 2.1.2.0 is the second supply."""
    box, part = "2636.3.1.6.1.", "2636.3.1.8.1."
    said: Said = {
        box + "3.1": 0, box + "4.1": 0, box + "6.1": "chassis frame", box + "3.2": 1, box + "4.2": 1, box + "6.2": "PEM slot",
        part + "1.2.1.2.0": 2, part + "6.2.1.2.0": "PEM 1", part + "7.2.1.2.0": "1GA1", part + "6.7.100.0.0": "too far",
    }
    found = play("2636.1.1.1.2.82", "Juniper Networks, Inc. qfx5100", said)
    assert [(one.index, one.kind, one.inside, one.descr, one.serial) for one in found.parts] == [
        (1, "chassis", 0, "chassis frame", ""), (2, "container", 1, "PEM slot", ""), (1_020_002, "unknown", 2, "PEM 1", "1GA1"),
    ]  # fmt: skip
    more = play("2636.1.1.1.2.82", "Juniper Networks, Inc. qfx5100", {**said, part + "1.2.1.1.0": 2, part + "6.2.1.1.0": "PEM 0"})
    assert {one.index: one.descr for one in more.parts}[1_020_002] == "PEM 1"
    assert len(more.parts) == 4
    own = play("2636.1.1.1.2.82", "Juniper Networks, Inc. qfx5100", {**said, ENTITY + "5.7": 3, ENTITY + "2.7": "Chassis"})
    assert [one.index for one in own.parts] == [7]
    padded = play("2011.2.80.8", "Huawei Integrated Access Software", {ENTITY + "5.7": 3, ENTITY + "7.7": "H821MABC\0\0\0\n00 00"})
    assert [one.name for one in padded.parts] == ["H821MABC"]


def test_a_port_that_says_zeros_is_told_from_one_that_says_nothing() -> None:
    port = "1.3.6.1.2.1.2.2.1."
    found = play("2011.2.23.1", VRP5, {
        port + "2.1": "NULL0", port + "6.1": "\0\0\0\0\0\0", port + "2.2": "LoopBack0", port + "6.2": "", port + "2.3": "MEth0",
        port + "6.3": "\2\0\0\0\0\3",
    })  # fmt: skip
    assert {one.if_index: one.phys_address for one in found.observed.interfaces} == {1: "", 2: "", 3: "02:00:00:00:00:03"}
    assert found.zeroed == {1}
    shown_ports = shown(found, Tables())["ports"]
    assert [one["ifPhysAddress"] for one in shown_ports] == ["00:00:00:00:00:00", "", "02:00:00:00:00:03"]


def test_an_inspur_servers_parts_are_states_and_what_does_not_apply_is_none() -> None:
    tree = "37945.2.1."
    tag = "5.1.1.3.19.9." + ".".join(str(ord(letter)) for letter in "Asset Tag")
    found = play("8072.3.2.10", "Linux AMI 3.14.17 #1 armv6l", {
        tree + tag: "219876543", tree + "2.1.1.1.3.1": 1, tree + "2.1.1.1.3.2": 0, tree + "2.3.1.1.3.1": 3, tree + "1.6.1.1.9.1": 2,
        tree + "6.2.1.1.9.1": "Normal", tree + "6.2.1.1.9.2": "N/A", tree + "6.3.1.1.2.1": "Degraded",
    })
    assert [found.fact(field) for field in ("vendor", "os", "serial")] == ["Inspur", "inspur-bmc", "219876543"]
    assert {name.removeprefix(tree): value for (_, name), value in sensors(found).items()} == {
        "2.1.1.1.3.1": 1, "2.3.1.1.3.1": 3, "1.6.1.1.9.1": 2, "6.2.1.1.9.1": 1, "6.3.1.1.2.1": 2,
    }  # fmt: skip
