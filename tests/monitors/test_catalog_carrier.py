"""Carriers' and industrial gear, over short answers written by hand as the makers' MIBs define them."""

import pytest

from tests.monitors.test_catalog_cn import ENTITY, Said, play, sensor, sensors

SCALANCE = "Siemens, SIMATIC NET, SCALANCE XC206-2SFP, 6GK5 206-2BS00-2AC2, HW: Version 1, FW: Version V04.03.01, VPL1234567"

SAID: list[tuple[str, str, Said, str]] = [
    ("5003.8.1.1.32", "Product: Mediant 1000;SW Version: 5.00A.046.004",
     {"5003.9.10.10.2.3.1.0": "Mediant 1000 - MSBG", "5003.9.10.10.2.2.1.0": "6.20A.043.001", "5003.9.10.10.2.3.2.0": 2182014},
     "audiocodes | Mediant 1000 - MSBG | 6.20A.043.001 | 2182014"),
    ("5003.8.1.1.32", "Product: MP-118 FXS;SW Version: 5.40A.032.004", {}, "audiocodes | MP-118 FXS | 5.40A.032.004 | "),
    ("4515.100.1.47", "PL-1000TE", {"4515.1.3.6.1.1.1.2.0": "PL-1000TE", "4515.1.3.6.1.1.1.5.0": "1.3.10", "4515.1.3.6.1.1.1.7.0": "123"},
     "packetlight | PL-1000TE | 1.3.10 | 123"),
    ("2509.9.15", "Aviat WTM 4200", {ENTITY + "13.2": "WTM 4200", ENTITY + "10.2": "2.11.11", ENTITY + "11.2": "AB1"},
     "aviat-wtm | WTM 4200 | 2.11.11 | AB1"),
    ("2544.1.20.1.1", "", {ENTITY + "7.1": "FSP 3000C", ENTITY + "11.1": "LBADVA1", "1.3.6.1.2.1.16.19.2.0": "5.2.2"},
     "adva-aos | FSP 3000C | 5.2.2 | LBADVA1"),
    ("57344.1", "", {"57344.1.3.1.0": "TNA-301", "57344.1.3.2.0": "T1", "57344.1.3.4.0": "1.12.1"}, "tachyon | TNA-301 | 1.12.1 | T1"),
    ("4329.6.1.2", SCALANCE, {}, "scalance | XC206-2SFP | 04.03.01 | VPL1234567"),
    ("248.11.2.1.15", "Hirschmann BOBCAT",
     {"248.11.10.1.1.2.0": "BRS40-0012OOOO-STCY99HHSES", "248.11.10.1.3.1.10.1.5.1.1.1": "09.0.01", "248.11.10.1.1.3.0": "942"},
     "hirschmann | BRS40-0012OOOO-STCY99HHSES | 09.0.01 | 942"),
    ("41916.3.1", "Viptela",
     {"41916.11.1.32.0": 0, "41916.11.1.2.0": "20.3.2", "41916.11.1.1.0": "vedge"}, "viptela | vedge-1000 | 20.3.2 | "),
    ("3715.17", "Luminato",
     {"3715.17.1.11.0": "LCH-A", "3715.17.1.13.0": "8.5.10", "3715.17.1.10.0": "S1"}, "luminato | LCH-A | 8.5.10 | S1"),
    ("4413", "US-16-150W, 5.37.2.12269, Linux 3.6.5", {}, "edgeswitch | US-16-150W | 5.37.2.12269 | "),
]  # fmt: skip


@pytest.mark.parametrize(("object_id", "descr", "said", "facts"), SAID, ids=[one[3].split(" ")[0] for one in SAID])
def test_who_made_what_in_which_version(object_id: str, descr: str, said: Said, facts: str) -> None:
    found = play(object_id, descr, said)
    assert " | ".join(found.fact(field) for field in ("os", "model", "version", "serial")) == facts


def test_light_and_gain_of_transponders_and_amplifiers() -> None:
    packetlight, adva, xtc = "4515.1.9.1.1.1.", "2544.1.20.1.", "21296.2.2.2."
    amplifier = play("4515.100.1.47", "PL-1000RO", {
        packetlight + "3.40": -31, packetlight + "12.40": 200, packetlight + "14.40": 169, "4515.1.3.1.43.0": 36,
    })  # fmt: skip
    assert sensors(amplifier) == {
        ("dbm", packetlight + "3.40"): -3.1, ("dbm", packetlight + "14.40"): 16.9,
        ("quality_factor", packetlight + "12.40"): 20, ("temperature", "4515.1.3.1.43.0"): 36,
    }  # fmt: skip
    assert {one.if_index for one in amplifier.measured.sensors if one.kind == "dbm"} == {40}
    terminal = play("2544.1.20.1.1", "", {adva + "3.2.1.1.1.7": -112, adva + "5.2.2.1.2.7": 251, adva + "5.2.5.1.1.7": -12})
    assert sensors(terminal) == {
        ("dbm", adva + "3.2.1.1.1.7"): -11.2, ("temperature", adva + "5.2.2.1.2.7"): 25.1,
        ("chromatic_dispersion", adva + "5.2.5.1.1.7"): -12,
    }  # fmt: skip
    xt = play("21296.1.3", "", {xtc + "1.13.1.1.9.1": 29, xtc + "3.10.1.1.3.900": -2150, xtc + "3.38.1.1.4.901": -45})
    assert sensors(xt) == {
        ("temperature", xtc + "1.13.1.1.9.1"): 29, ("dbm", xtc + "3.10.1.1.3.900"): -21.5, ("dbm", xtc + "3.38.1.1.4.901"): -0.45,
    }  # fmt: skip


def test_radio_links_feel_their_heat_and_say_whether_they_send() -> None:
    radio = "193.81.3.4.3.1."
    minilink = play("193.81.1.1.1", "MINI-LINK Traffic Node", {radio + "1.1.8.5": 41, radio + "2.1.7.6": 3})
    assert sensors(minilink) == {("temperature", radio + "1.1.8.5"): 41, ("state", radio + "2.1.7.6"): 3}
    tachyon = play("8072.3.2.10", "Linux tna", {
        "57344.1.3.6.0": 12, "57344.1.3.7.0": 40, "57344.1.2.2.1.5.1": 64800, "57344.1.2.4.1.5.1": "station",
    })  # fmt: skip
    assert [p.usage_percent for p in tachyon.measured.processors] == [12]
    assert [p.used_percent for p in tachyon.measured.memory] == [40]
    assert sensors(tachyon) == {("frequency", "57344.1.2.2.1.5.1"): 64_800_000_000, ("state", "57344.1.2.4.1.5.1"): 2}


def test_an_industrial_switch_tells_supplies_plug_and_light() -> None:
    tree = "4329.20.1.1.1.1."
    found = play("4329.6.1.2", SCALANCE, {
        tree + "28.1.0": 1, tree + "28.4.0": 1, tree + "35.1.0": 5, tree + "79.7.1.16.1": 44, tree + "46.10.1.32.9": -61,
    })  # fmt: skip
    assert sensor(found, "state", "Power supply 1").states["1"] == "inactive"
    assert sensors(found)["temperature", tree + "79.7.1.16.1"] == 44
    assert sensors(found)["dbm", tree + "46.10.1.32.9"] == -6.1


def test_fans_of_an_edgeswitch_have_one_number_those_of_fastpath_two() -> None:
    box = "4413.1.1.43.1."
    edge = play("4413", "EdgeSwitch 24-Port 250W, 1.7.1.5010917, Linux 3.6.5", {
        box + "6.1.3.1": 2, box + "6.1.4.1": 4300, box + "8.1.5.0": 47,
    })  # fmt: skip
    assert sensors(edge) == {("state", box + "6.1.3.1"): 2, ("fanspeed", box + "6.1.4.1"): 4300, ("temperature", box + "8.1.5.0"): 47}
    other = play("4413.1.2.2", "FASTPATH Switching", {box + "6.1.4.1.0": 2, box + "6.1.5.1.0": 4300})
    assert sensors(other) == {("state", box + "6.1.4.1.0"): 2, ("fanspeed", box + "6.1.5.1.0"): 4300}


MEASURED: list[tuple[str, str, Said, set[tuple[str, str, float]]]] = [
    ("6321.1.2.4", "E9-2 AXOS", {"6321.1.2.4.2.4.2.1.3.7": 1, "6321.1.2.4.2.4.2.1.4.7": 45123, "6321.1.2.4.2.4.2.1.6.7": 50119,
                                 "6321.1.2.4.2.4.2.1.8.7": 3290, "6321.1.2.4.2.4.2.1.3.8": 0, "6321.1.2.4.2.4.2.1.6.8": 50119},
     {("state", "6321.1.2.4.2.4.2.1.3.7", 1), ("state", "6321.1.2.4.2.4.2.1.3.8", 0), ("temperature", "6321.1.2.4.2.4.2.1.4.7", 45.123),
      ("dbm", "6321.1.2.4.2.4.2.1.6.7", 7.0), ("voltage", "6321.1.2.4.2.4.2.1.8.7", 3.29)}),
    ("15004.2.1", "RSG2300-RM-HI", {"15004.4.2.2.3.0": 41, "15004.4.2.2.4.0": 1},
     {("temperature", "15004.4.2.2.3.0", 41), ("state", "15004.4.2.2.4.0", 1)}),
    ("17163.1.1", "", {"17163.1.1.2.9.0": 31, "17163.1.1.2.7.0": 10000},
     {("temperature", "17163.1.1.2.9.0", 31), ("state", "17163.1.1.2.7.0", 10000)}),
    ("266.1.3", "", {"266.20.1.12.0": 48, "266.20.1.15.0": 3312},
     {("temperature", "266.20.1.12.0", 48), ("voltage", "266.20.1.15.0", 3.312)}),
    ("3181.10.6.3", "", {"3181.10.6.1.30.104.0": 52, "3181.10.6.1.33.101.1.6.3": 4200},
     {("temperature", "3181.10.6.1.30.104.0", 52), ("power", "3181.10.6.1.33.101.1.6.3", 4.2)}),
    ("25049.1.90", "Opengear/IM7248-2-DAC Version 4.4.1",
     {"25049.17.13.1.5.1": 39, "25049.17.13.1.4.1": 150, "25049.10.19.9.1.1.4.1": 40500},
     {("temperature", "25049.17.13.1.5.1", 39), ("current", "25049.17.13.1.4.1", 1.5), ("temperature", "25049.10.19.9.1.1.4.1", 40.5)}),
    ("42359.2.2", "", {"42359.2.2.1.1.1.1.5.1": 812, "42359.2.2.1.3.11.1.6.1": 1},
     {("count", "42359.2.2.1.1.1.1.5.1", 812), ("state", "42359.2.2.1.3.11.1.6.1", 1)}),
    ("19046.1.7.30", "", {"19046.2.3.11.1.2.1.8.1": 6100, "19046.2.3.11.1.3.1.6.1": 33},
     {("fanspeed", "19046.2.3.11.1.2.1.8.1", 6100), ("temperature", "19046.2.3.11.1.3.1.6.1", 33)}),
    ("1271.4.1", "6500 Reconfigurable Line System", {"1271.4.1.1.1.1.1.1.29.1": "35", "1271.4.1.1.1.2.1.1.1.48.1": "-12.4"},
     {("temperature", "1271.4.1.1.1.1.1.1.29.1", 35), ("dbm", "1271.4.1.1.1.2.1.1.1.48.1", -12.4)}),
    ("1872.1.13.3.1", "Alteon Application Switch 5208", {"1872.2.5.4.3.1.1.7.1": 3, "1872.2.5.1.3.1.4.0": 1},
     {("state", "1872.2.5.4.3.1.1.7.1", 3), ("state", "1872.2.5.1.3.1.4.0", 1)}),
]  # fmt: skip


@pytest.mark.parametrize(("object_id", "descr", "said", "expected"), MEASURED, ids=[one[0] for one in MEASURED])
def test_what_carriers_and_plants_measure(object_id: str, descr: str, said: Said, expected: set[tuple[str, str, float]]) -> None:
    found = play(object_id, descr, said)
    assert {(kind, name, round(value, 3)) for (kind, name), value in sensors(found).items()} == expected


def test_processors_of_steelheads_versa_and_zhone() -> None:
    for object_id, name in (("17163.1.1", "17163.1.1.5.1.4.0"), ("42359.2.2", "42359.2.2.1.1.1.1.2.1"), ("5504.1.5", "5504.3.3.3.1.5.1")):
        assert [p.usage_percent for p in play(object_id, "", {name: 23}).measured.processors] == [23]


def test_what_is_in_use_of_a_forwarding_plane_and_how_many_subscribers_there_are() -> None:
    plane, system = "6527.3.1.2.2.3.46.1.", "6527.3.1.2.33.1.107.1."
    found = play("6527.1.3.17", "TiMOS-C-20.10.R4 cpm/hops64 Nokia 7750 SR Copyright", {plane + "8.1.1.1": 91, system + "65.1": 4012})
    assert sensors(found) == {("count", plane + "8.1.1.1"): 91, ("count", system + "65.1"): 4012}


def test_a_field_of_zeros_is_no_fact() -> None:
    zeros = "00 00 00 00 00 00 00 00"
    found = play("2011.2.185", "Huawei Integrated Access Software", {ENTITY + "5.1": 3, ENTITY + "13.1": zeros, ENTITY + "11.1": zeros})
    assert (found.fact("model"), found.fact("serial")) == ("", "")


@pytest.mark.parametrize(("number", "model"), [(3011, "PowerConnect 6248"), (3004, "PowerConnect 5324"), (3045, "N4064")])
def test_dells_switches_are_known_by_their_numbers(number: int, model: str) -> None:
    assert play(f"674.10895.{number}", "Ethernet Switch", {}).fact("model") == model


def test_an_old_cisco_without_parts_is_what_it_is_registered_as() -> None:
    ios = "Cisco IOS Software, 3800 Software (C3825-ADVENTERPRISEK9-M), Version 12.4(15)T9, RELEASE SOFTWARE (fc5)"
    assert play("9.1.543", ios, {}).fact("model") == "cisco3825"
    assert play("9.1.99999", ios, {ENTITY + "7.1": "C29xx Stacking"}).fact("model") == "C29xx Stacking"


def test_tm_series_dasan_and_pulse_secure() -> None:
    node = "8708.2.3.2.1.1.1."
    xtm = play("8708.3.1.1", "", {node + "2.100000000": "TM-3000/II", node + "11.100000000": "AB123", "8708.2.2.2.2.14.0": "33.1"})
    assert [xtm.fact(field) for field in ("os", "model", "version", "serial")] == ["infinera-xtm", "TM-3000/II", "33.1", "AB123"]
    dasan = play("6296.1.101.13", "V5812G NOS 6.07 #0001", {"6296.9.1.1.1.8.0": 21})
    assert (dasan.fact("model"), [p.usage_percent for p in dasan.measured.processors]) == ("V5812G", [21])
    pulse = play("12532.256.6.1", "", {"12532.10.0": 4, "12532.11.0": 35, "12532.12.0": 210, "12532.25.0": 12})
    assert [p.used_percent for p in (*pulse.measured.memory, *pulse.measured.storage)] == [35, 12]
    assert sensors(pulse) == {("count", "12532.12.0"): 210}
