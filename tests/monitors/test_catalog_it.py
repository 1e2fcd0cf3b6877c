"""Servers, power, rooms, storage and printers, over short recordings written by hand as the makers' MIBs define them."""

import asyncio
import json
import tarfile
from pathlib import Path

import pytest

from agents.recorded import RecordedSession
from agents.senses.discovery import discover
from core.polling import Kind, Oid
from monitors.answers import SYS_DESCR, SYS_OBJECT_ID
from monitors.discovery import Discovered
from monitors.profile import oid
from monitors.profiles import shipped

E = "1.3.6.1.4.1."
LINUX = "8072.3.2.10"
UNAME = "Linux box 5.10.0-28-amd64 #1 SMP Debian x86_64"
Said = dict[str, int | str]
OBJECT_IDENTIFIER = 6


def play(object_id: str, descr: str, said: Said) -> Discovered:
    """What is found on a device that says this. said: value by OID, below enterprises where it begins with another number than 1.3."""
    held: dict[Oid, tuple[int, int | bytes | Oid | None]] = {
        SYS_DESCR: (Kind.OCTET_STRING, descr.encode()), SYS_OBJECT_ID: (OBJECT_IDENTIFIER, oid(E + object_id)),
    }  # fmt: skip
    for name, value in said.items():
        kind = Kind.INTEGER if isinstance(value, int) else Kind.OCTET_STRING
        held[oid(name if name.startswith("1.3.") else E + name)] = (kind, value if isinstance(value, int) else value.encode())
    return asyncio.run(discover(RecordedSession(held), shipped(), "d", lambda: 1))


def known(found: Discovered) -> str:
    return " | ".join(found.fact(field) for field in ("vendor", "os", "model", "version", "serial"))


def values(found: Discovered) -> dict[tuple[str, str], float]:
    return {(one.kind, one.oid.removeprefix(E)): round(one.value, 3) for one in found.measured.sensors}


NAMED: list[tuple[str, str, Said, str]] = [
    (LINUX, UNAME, {}, "Linux | linux | Generic x86 64-bit | 5.10.0-28-amd64 | "),
    (LINUX, UNAME, {"8072.1.3.2.3.1.1.8.104.97.114.100.119.97.114.101": "R740", "8072.1.3.2.3.1.1.6.115.101.114.105.97.108": "S1",
                    "8072.1.3.2.3.1.1.12.109.97.110.117.102.97.99.116.117.114.101.114": "Dell Inc."},
     "Linux | linux | Dell Inc. R740 | 5.10.0-28-amd64 | S1"),
    (LINUX, "Linux pve 6.5.11-8-pve #1 SMP x86_64", {}, "Proxmox | proxmox | Generic x86 64-bit | 6.5.11-8-pve | "),
    (LINUX, UNAME, {"6574.1.5.1.0": "DS220+", "6574.1.5.2.0": "2160PCN", "6574.1.5.3.0": "DSM 7.1-42661"},
     "Synology | dsm | DS220+ | 7.1-42661 | 2160PCN"),
    (LINUX, UNAME, {"24681.1.2.12.0": "TS-453D"}, "QNAP | qnap | TS-453D |  | "),
    ("311.1.1.3.1.2", "Hardware: Intel64 Family 6 - Software: Windows Version 6.3 (Build 17763 Multiprocessor Free)",
     {"674.10892.1.300.10.1.9.1": "PowerEdge R640", "674.10892.1.300.10.1.11.1": "ABC1234"},
     "Microsoft | windows | Dell PowerEdge R640 | Server 2019 1809 (NT 6.3) | ABC1234"),
    ("8072.3.2.8", "FreeBSD host 13.2-RELEASE FreeBSD 13.2-RELEASE GENERIC amd64", {},
     "FreeBSD | freebsd | Generic x86 64-bit | 13.2-RELEASE | "),
    ("2435.2.3.9.1", "Brother NC-8900h, Firmware Ver.1.07",
     {"2435.2.3.9.1.1.7.0": "MFG:Brother;CMD:PJL;MDL:HL-L5200DW series;CLS:PRINTER;"},
     "Brother | brother | HL-L5200DW series | 1.07 | "),
    ("367.1.1", "RICOH Aficio MP 4001",
     {"367.3.2.1.1.1.1.0": "Aficio MP 4001", "367.3.2.1.1.1.2.0": "1.16.1", "367.3.2.1.2.1.4.0": "M5395"},
     "Ricoh | ricoh | Aficio MP 4001 | 1.16.1 | M5395"),
    ("789.2.5", "NetApp Release 9.8P4: Thu May 27", {"789.1.1.5.0": "FAS2720", "789.1.1.9.0": "952"},
     "NetApp | netapp | FAS2720 | 9.8P4 | 952"),
    ("318.1.3.27", "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.4.0 AF1:v6.4.0 MN:AP9630 HR:08 SN: ZA1 MD:01/01/2012)", {},
     "APC | apc | AP9630 08 | AOS v6.4.0 / App v6.4.0 | ZA1"),
    ("10418.17.1.4", "", {"10418.17.2.1.2.0": "PM2024", "10418.17.2.1.7.0": "2.0.1", "10418.17.2.1.4.0": "0520"},
     "Vertiv | avocent | PM2024 | 2.0.1 | 0520"),
    ("11.5.7.1.2", "", {"232.22.2.3.1.1.1.3.1": "BladeSystem c7000", "232.22.2.3.1.1.1.7.1": "GB1"},
                        "HPE | hpblmos | BladeSystem c7000 |  | GB1"),
    ("12925.1", "HPE_3PAR 8400, ID: 40123, Serial number: CZ38123ABC, InForm OS version: 3.2.2 (MU4)", {},
     "HPE | informos | 3PAR 8400 | 3.2.2 | CZ38123ABC"),
    ("211.1.21.1.150", "", {"211.1.21.1.150.1.1.0": "00DXL#########ET103CSA####AB####4601234567"},
     "Fujitsu | fujitsueternusos | ET103CSA |  | 4601234567"),
    ("18928.1", "", {"18928.1.2.1.1.0": "Areca", "18928.1.2.1.2.0": "ARC-1882", "18928.1.2.1.4.0": "V1.51", "18928.1.2.1.3.0": "Y244"},
     "Areca | areca | ARC-1882 | V1.51 | Y244"),
    ("20884.10893.2.101", "",
     {"20884.10893.2.101.4.3.0": "FlexStor II", "20884.10893.2.101.4.4.0": "1.90", "20884.10893.2.101.4.1.0": "BDT1"},
     "BDT | bdt-flexstor | FlexStor II | 1.90 | BDT1"),
    ("2.6.263", "", {"2.6.263.1.2.11.1.0": "3555 L3A 7800123"}, "IBM | ibmtl | 3555 L3A |  | 7800123"),
    ("232.165.2", "", {"232.165.2.1.2.1.3.4": "S1132", "232.165.2.1.2.1.5.4": "2.0", "232.165.2.1.2.1.7.4": "CN1"},
     "HPE | hpe-pdumm | S1132 | 2.0 | CN1"),
    ("16174.1.1.3", "", {"16174.1.1.3.1.2.0": "EM1", "16174.1.1.3.1.5.0": "4.0", "16174.1.1.3.1.7.0": "1234"},
     "Sensatronics | sensatronics-em1 | EM1 | 4.0 | 1234"),
    ("18248.16", "Quido ETH", {}, "Papouch | papouch-quido | Quido ETH |  | "),
    ("28507.66", "Expert Sensor Box", {"28507.66.1.1.2.1.0": "Expert Sensor Box 7213", "28507.66.1.1.2.2.0": "v1.3.1"},
     "Gude | gude-esb | Expert Sensor Box 7213 | v1.3.1 | "),
    ("28507.4", "", {}, "Gude | ets |  |  | "),
    ("19011.1.3.1", "", {"19011.1.3.1.1.1.2.0": "interSeptor", "19011.1.3.1.1.1.3.0": "1.08"},
                         "Jacarta | interseptor | interSeptor | 1.08 | "),
    ("38783.3", "", {"38783.3.1.1.0": "TCW241", "38783.3.1.2.0": "v1.1"}, "Teracom | teracom | TCW241 | v1.1 | "),
    # LIEBERT-GP-AGENT-MIB: the unit's model and serial, the agent's firmware; column 8 is the date of manufacture.
    ("476.1.42", "", {"476.1.42.2.1.2.0": "IS-UNITY-DP", "476.1.42.2.1.3.0": "7.1.4.0", "476.1.42.2.4.2.1.4.1": "GXT4",
                      "476.1.42.2.4.2.1.7.1": "1504300012", "476.1.42.2.4.2.1.8.1": "29FEB16"},
     "Vertiv | liebert | GXT4 | 7.1.4.0 | 1504300012"),
    ("1718.3.1", "Sentry Switched CDU", {"1718.3.1.1.0": "Sentry Switched CDU Version 7.0t", "1718.3.2.1.1.3.1": "TowerA",
                                         "1718.3.2.1.1.7.1": "CW-24V2", "1718.3.2.1.1.6.1": "ACEX0001"},
     "Server Technology | sentry3 | CW-24V2 | 7.0t | ACEX0001"),
    ("1718.4.1", "Sentry Smart PDU", {"1718.4.1.1.1.2.0": "Row 4", "1718.4.1.1.1.3.0": "Version 8.0h", "1718.4.1.2.2.1.4.1": "P1",
                                      "1718.4.1.2.2.1.5.1": "C2S36CE", "1718.4.1.2.2.1.6.1": "tag"},
     "Server Technology | sentry4 | C2S36CE | 8.0h | P1"),
    ("12148.10", "", {"12148.10.2.4.0": "Our company", "12148.10.2.6.0": "CTO30404.001", "12148.10.2.7.0": "1402"},
     "Eltek | eltek-webpower | CTO30404.001 |  | 1402"),
    ("13858", "", {"13858.2.1.2.0": "BC2000", "13858.2.1.3.0": "4.12"}, "Eltek | valere | BC2000 | 4.12 | "),
    ("3833.1.7.255.15", "", {"3833.1.7.255.15.1.4.1.1.2.1": 1234567, "3833.1.7.255.15.1.4.1.1.3.1": "11.840",
                             "3833.1.7.255.15.1.4.1.1.5.1": "PM850"}, "Schneider Electric | powerlogic | PM850 | 11.840 | 1234567"),
    ("3052.10", "SiteBoss 550 2.11.680 STD", {}, "Asentria | siteboss550 | SiteBoss 550 | 2.11.680 STD | "),
    ("26122.3", "", {"26122.3.1.1.0": "6.3.3.0", "26122.3.1.2.0": "TCIS-3"}, "Zenitel | zenitel-vsdevice | TCIS-3 | 6.3.3.0 | "),
    ("14941.3.1.113", "", {}, "ExaGrid | exagridos | EX13T |  | "),
    ("36.2.15.2.22", "host VAX 4000-200 OpenVMS V7.2 Compaq TCP/IP Services", {}, "HPE | openvms | VAX 4000-200 | 7.2 | "),
]  # fmt: skip


@pytest.mark.parametrize(("object_id", "descr", "said", "expected"), NAMED)
def test_a_kind_is_known_by_name(object_id: str, descr: str, said: Said, expected: str) -> None:
    assert known(play(object_id, descr, said)) == expected


def test_a_ups_with_a_precise_battery_shows_no_coarse_one() -> None:
    ups = "318.1.1.1."
    said: Said = {ups + "2.2.1.0": 98, ups + "2.3.1.0": 985, ups + "2.2.2.0": 24, ups + "2.2.3.0": 360000, ups + "4.1.1.0": 2}
    found = play("318.1.3.5.3", "APC", said)
    assert values(found) == {
        ("charge", ups + "2.3.1.0"): 98.5, ("temperature", ups + "2.2.2.0"): 24,
        ("runtime", ups + "2.2.3.0"): 60, ("state", ups + "4.1.1.0"): 2,
    }  # fmt: skip
    assert next(one.states["2"] for one in found.measured.sensors if one.kind == "state") == "onLine"


def test_a_raritan_value_has_the_decimals_that_its_settings_say() -> None:
    pdu = "13742.6."
    said: Said = {pdu + "3.3.4.1.7.1.1.1": 3, pdu + "5.2.3.1.4.1.1.1": 3497, pdu + "3.3.4.1.7.1.1.5": 0, pdu + "5.2.3.1.4.1.1.5": 673}
    found = play("13742.6", "PX2", said)
    assert values(found) == {("current", pdu + "5.2.3.1.4.1.1.1"): 3.497, ("power", pdu + "5.2.3.1.4.1.1.5"): 673}


def test_what_a_dell_probe_counts_is_told_by_its_type() -> None:
    row = "674.10892.5.4.600.30.1."
    found = play("674.10892.5", "", {row + "6.1.1": 10, row + "7.1.1": 23, row + "6.1.3": 252, row + "7.1.3": 26})
    assert values(found) == {("current", row + "6.1.1"): 1, ("power", row + "6.1.3"): 252}


def test_an_absent_part_of_a_server_is_no_sensor() -> None:
    fan, supply = "232.6.2.6.7.1.", "232.6.2.9.3.1."
    found = play("232.9.4.10", "Integrated Lights-Out 5 2.55 Oct 01 2021", {
        fan + "4.0.1": 3, fan + "9.0.1": 2, fan + "4.0.2": 2, fan + "9.0.2": 1,
        supply + "3.0.1": 3, supply + "4.0.1": 2, supply + "7.0.1": 143,
    })  # fmt: skip
    assert values(found) == {("state", fan + "9.0.1"): 2, ("state", supply + "4.0.1"): 2, ("power", supply + "7.0.1"): 143}


def test_text_of_an_array_is_a_number_with_the_unit_behind_it() -> None:
    row = "1.3.6.1.3.94.1.8.1."
    found = play("674", "DELL EMC ME4024", {
        row + "3.80.1": '"CPU Temperature"', row + "6.80.1": '"CPU Temperature: 62 C 143.60F"', row + "6.80.2": '"Voltage 5V Rail: 5.02V"',
        row + "6.80.3": '"Overall Unit Status: OK"',
    })  # fmt: skip
    assert values(found) == {("temperature", row + "6.80.1"): 62, ("voltage", row + "6.80.2"): 5.02, ("state", row + "6.80.3"): 1}


def test_sizes_and_loads_of_a_qnap_come_as_texts() -> None:
    nas = "24681.1.2."
    found = play("24681.1", "", {nas + "1.0": "12.50 %", nas + "2.0": "1000.0 MB", nas + "3.0": "250.0 MB", nas + "5.0": "47 C/117 F",
                                 nas + "15.1.2.1": "Fan 1", nas + "15.1.3.1": "1205 RPM"})  # fmt: skip
    assert [one.usage_percent for one in found.measured.processors] == [12.5]
    assert [(one.total_bytes, one.used_percent) for one in found.measured.memory] == [(1000 << 20, 75)]
    assert values(found) == {("temperature", nas + "5.0"): 47, ("fanspeed", nas + "15.1.3.1"): 1205}


def test_a_flexible_entry_of_vertiv_is_what_its_unit_says() -> None:
    row = "476.1.42.3.9.20.1."
    said: Said = {}
    for number, (name, value, unit) in enumerate((("Supply air", "21.5", "deg C"), ("Humidity", "44", "% RH"), ("State", "on", "")), 1):
        said |= {f"{row}10.1.2.1.{number}": name, f"{row}20.1.2.1.{number}": value, f"{row}30.1.2.1.{number}": unit}
    assert values(play("476.1.42", "", said)) == {("temperature", row + "20.1.2.1.1"): 21.5, ("humidity", row + "20.1.2.1.2"): 44}


def test_a_negative_scale_of_a_rittal_divides() -> None:
    row = "2606.7.4.2.2.1."
    said: Said = {row + "3.1.2": "Temperature.Value", row + "5.1.2": "C", row + "7.1.2": -10, row + "11.1.2": 234}
    assert values(play("2606.7.4", "Rittal CMC III PU", said)) == {("temperature", row + "11.1.2"): 23.4}


BLADES = "232.22.2."
MEASURED: dict[str, tuple[str, str, Said, dict[tuple[str, str], float]]] = {
    "volts are tenths, hertz are tenths": (
        "534.10.2", "", {"534.10.2.2.2.1.2.1": 2301, "534.10.2.2.2.1.3.1": 500, "534.10.2.2.4.0": 4},
        {("voltage", "534.10.2.2.2.1.2.1"): 230.1, ("frequency", "534.10.2.2.2.1.3.1"): 50, ("state", "534.10.2.2.4.0"): 4}),
    "the largest number is no current": (
        "6302.2.1", "", {"6302.2.1.2.2.0": 53500, "6302.2.1.2.3.0": 2147483647}, {("voltage", "6302.2.1.2.2.0"): 53.5}),
    "power that the unit has no sensor for": (
        "10418.17.1.4", "", {"10418.17.2.5.3.1.50.1.1": 87, "10418.17.2.5.3.1.60.1.1": 0, "10418.17.2.5.3.1.65.1.1": 0,
                             "10418.17.2.5.3.1.70.1.1": 0},
        {("current", "10418.17.2.5.3.1.50.1.1"): 8.7}),
    "a line that is not active": (
        "28507.87", "", {"28507.87.1.5.1.2.1.2.1": 1, "28507.87.1.5.1.2.1.5.1": 1520, "28507.87.1.5.1.2.1.2.2": 0,
                         "28507.87.1.5.1.2.1.5.2": 0,
                         "28507.87.1.3.1.2.1.3.1": 1},
        {("current", "28507.87.1.5.1.2.1.5.1"): 1.52, ("state", "28507.87.1.3.1.2.1.3.1"): 1}),
    "Celsius and Fahrenheit, and a door": (
        "3699.1.1.10", "", {"3699.1.1.10.1.5.1.1.2.1": 1, "3699.1.1.10.1.5.1.1.7.1": 215, "3699.1.1.10.1.5.1.1.8.1": 0,
                            "3699.1.1.10.1.5.1.1.2.2": 1, "3699.1.1.10.1.5.1.1.7.2": 707, "3699.1.1.10.1.5.1.1.8.2": 1,
                            "3699.1.1.10.1.5.1.1.2.3": 14, "3699.1.1.10.1.5.1.1.7.3": 1, "3699.1.1.10.1.5.1.1.8.3": 0},
        {("temperature", "3699.1.1.10.1.5.1.1.7.1"): 21.5, ("temperature", "3699.1.1.10.1.5.1.1.7.2"): 21.5,
         ("state", "3699.1.1.10.1.5.1.1.7.3"): 1}),
    "three values of a Web-Graph": (
        "5040.1.2.16", "", {"5040.1.2.16.1.4.1.1.1": 234, "5040.1.2.16.1.4.1.1.2": 455, "5040.1.2.16.1.4.1.1.3": 10132},
        {("temperature", "5040.1.2.16.1.4.1.1.1"): 23.4, ("humidity", "5040.1.2.16.1.4.1.1.2"): 45.5,
         ("pressure", "5040.1.2.16.1.4.1.1.3"): 101.32}),
    "a sensor without humidity, and none": (
        "19011.1.3.1", "", {"19011.1.3.1.1.3.2.1.2.1": 4, "19011.1.3.1.1.3.2.1.3.1": 225, "19011.1.3.1.1.3.2.1.5.1": 0,
                            "19011.1.3.1.1.3.2.1.2.2": 2, "19011.1.3.1.1.3.2.1.3.2": 0},
        {("state", "19011.1.3.1.1.3.2.1.2.1"): 4, ("state", "19011.1.3.1.1.3.2.1.2.2"): 2, ("temperature",
         "19011.1.3.1.1.3.2.1.3.1"): 22.5}),
    "an absent fan and an unknown temperature": (
        "11.5.7.1.2", "", {BLADES + "3.1.2.1.6.1.1.1": 22, BLADES + "3.1.3.1.8.1.1.1": 2, BLADES + "3.1.3.1.11.1.1.1": 1,
                           BLADES + "5.1.1.1.16.1.1.1": 3, BLADES + "5.1.1.1.10.1.1.1": 512, BLADES + "5.1.1.1.12.1.1.1": -1,
                           BLADES + "5.1.1.1.17.1.1.1": 3},
        {("temperature", BLADES + "3.1.2.1.6.1.1.1"): 22, ("power", BLADES + "5.1.1.1.10.1.1.1"): 512,
         ("state", BLADES + "5.1.1.1.17.1.1.1"): 3}),
    "a part that is not installed": (
        "211.1.21.1.150", "", {"211.1.21.1.150.6.0": 3, "211.1.21.1.150.2.16.2.1.3.0": 1, "211.1.21.1.150.2.16.2.1.3.1": 4},
        {("state", "211.1.21.1.150.6.0"): 3, ("state", "211.1.21.1.150.2.16.2.1.3.0"): 1}),
    "a battery among the voltages, a state that is a word": (
        "18928.1", "", {"18928.1.2.2.1.8.1.2.1": "12V", "18928.1.2.2.1.8.1.3.1": 12099, "18928.1.2.2.1.8.1.2.9": "Battery Status",
                        "18928.1.2.2.1.8.1.3.9": 255, "18928.1.2.5.1.1.5.1": "Degraded"},
        {("voltage", "18928.1.2.2.1.8.1.3.1"): 12.099, ("state", "18928.1.2.5.1.1.5.1"): 2}),
    "a battery that is discharged": (
        "20246.2.3.1.1.1", "", {"20246.2.3.1.1.1.2.3.1.0": 5412, "20246.2.3.1.1.1.2.3.3.0": -25, "20246.2.3.1.1.1.2.3.4.0": 2147483647},
        {("voltage", "20246.2.3.1.1.1.2.3.1.0"): 54.12, ("current", "20246.2.3.1.1.1.2.3.3.0"): -2.5}),
    "minus one is no load": (
        "232.165.2", "", {"232.165.2.2.1.1.2.1": 231, "232.165.2.2.1.1.3.1": 512, "232.165.2.3.1.1.2.1.1": -1},
        {("voltage", "232.165.2.2.1.1.2.1"): 231, ("current", "232.165.2.2.1.1.3.1"): 5.12}),
    "thousandths": (
        "38783.3", "", {"38783.3.3.1.1.1.0": 23625, "38783.3.3.1.1.2.0": 45100, "38783.3.3.2.1.0": 12034},
        {("temperature", "38783.3.3.1.1.1.0"): 23.625, ("humidity", "38783.3.3.1.1.2.0"): 45.1, ("voltage", "38783.3.3.2.1.0"): 12.034}),
    "a probe that is not there": (
        "46651.1", "", {"46651.1.1.1.0": 24, "46651.1.1.2.0": -41, "46651.1.1.8.0": 2400},
        {("temperature", "46651.1.1.1.0"): 24, ("fanspeed", "46651.1.1.8.0"): 2400}),
    "hundredths and ten thousandths": (
        "31034.12", "", {"31034.12.1.1.2.6.1.1.4.1.1": 9800, "31034.12.1.1.2.6.1.1.5.1.1": 1234, "31034.12.1.1.2.6.1.1.7.1.1": 23045},
        {("power_factor", "31034.12.1.1.2.6.1.1.4.1.1"): 0.98, ("current", "31034.12.1.1.2.6.1.1.5.1.1"): 12.34,
         ("voltage", "31034.12.1.1.2.6.1.1.7.1.1"): 230.45}),
    "a Rittal sensor is what its type says": (
        "2606.4", "Rittal CMC-TC", {"2606.4.2.3.5.2.1.2.1": 10, "2606.4.2.3.5.2.1.4.1": 4, "2606.4.2.3.5.2.1.5.1": 24},
        {("state", "2606.4.2.3.5.2.1.4.1"): 4, ("temperature", "2606.4.2.3.5.2.1.5.1"): 24}),
    "texts with decimals": (
        "39145.13", "", {"39145.13.6.0": "121.5", "39145.13.8.0": "12.3"}, {("voltage", "39145.13.6.0"): 121.5, ("current",
                         "39145.13.8.0"): 12.3}),
    "an element is what it calls itself": (
        "39052.1", "", {"39052.1.3.1.6.1": "temperature", "39052.1.3.1.9.1": "23.5", "39052.1.3.1.6.2": "dry", "39052.1.3.1.9.2": "0"},
        {("temperature", "39052.1.3.1.9.1"): 23.5}),
    "one number, an ampere of one model": (
        "34278.8.6", "Janitza UMG 96RM", {"34278.1.7.0": 4250, "34278.1.13.0": 4294967196},
        {("current", "34278.1.7.0"): 4.25, ("power", "34278.1.13.0"): -100}),
    "and a volt of another": ("34278.8.6", "Janitza UMG 604", {"34278.1.7.0": 4250}, {("voltage", "34278.1.7.0"): 425}),
    "below zero": ("18248.16", "Quido ETH", {"18248.16.1.1.0": -55}, {("temperature", "18248.16.1.1.0"): -5.5}),
    "wetness that is off": (
        "16174.1.1.3", "", {"16174.1.1.3.3.1.4.0": 23, "16174.1.1.3.3.1.7.0": 40, "16174.1.1.3.3.1.10.0": -1},
        {("temperature", "16174.1.1.3.3.1.4.0"): 23, ("humidity", "16174.1.1.3.3.1.7.0"): 40}),
}  # fmt: skip


@pytest.mark.parametrize(("object_id", "descr", "said", "expected"), MEASURED.values(), ids=MEASURED.keys())
def test_what_a_device_of_power_or_rooms_measures(object_id: str, descr: str, said: Said, expected: dict[tuple[str, str], float]) -> None:
    assert values(play(object_id, descr, said)) == expected


def test_sizes_of_a_fluidfs_come_as_texts_in_megabytes() -> None:
    nas = "674.11000.2000.200.1."
    found = play("674.11000.2000.200.1", "", {nas + "38.1.0": "2000", nas + "38.3.0": "500", nas + "41.1.2.1": "home",
                                              nas + "41.1.3.1": "100",
                                              nas + "41.1.4.1": "25"})  # fmt: skip
    volumes = [(one.name, one.total_bytes, one.used_percent) for one in found.measured.storage]
    assert volumes == [("NAS pool", 2000 << 20, 25), ("home", 100 << 20, 25)]


def test_every_family_of_the_vocabulary_has_a_rule(pytestconfig: pytest.Config) -> None:
    """The names that another tool has for its kinds of device: each must be known here, but for those that are no kind."""
    archive = Path(pytestconfig.rootpath).parent / "shared" / "corpus" / "snmp-dev.tar.xz"
    if not archive.exists():
        pytest.skip("the vocabulary is not beside this checkout")
    with tarfile.open(archive) as tar:
        words = next(json.load(file) for m in tar if m.name.endswith("os_vocab.json") and (file := tar.extractfile(m)))
    rules = [rule for profile in shipped().profiles for rule in profile.facts.get("os", ())]
    ours = {text for rule in rules for text in (rule.text, rule.format, *rule.map.values())}
    none = {"default", "generic", "ping"}
    missing = [word for word, more in words.items() if word not in ours | none and more.get("text") not in ours]
    assert missing == [], f"{len(missing)} families have no rule"
