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
    (LINUX, UNAME, {"24681.1.2.12.0": "TS-453D"}, "QNAP | qnap | TS-453D | 5.10.0-28-amd64 | "),
    ("311.1.1.3.1.2", "Hardware: Intel64 Family 6 - Software: Windows Version 6.3 (Build 17763 Multiprocessor Free)",
     {"674.10892.1.300.10.1.9.1": "PowerEdge R640", "674.10892.1.300.10.1.11.1": "ABC1234"},
     "Microsoft | windows | Dell PowerEdge R640 | Server 2019 1809 (NT 6.3) | ABC1234"),
    ("8072.3.2.8", "FreeBSD host 13.2-RELEASE FreeBSD 13.2-RELEASE GENERIC amd64", {}, "FreeBSD | freebsd | amd64 | 13.2-RELEASE | "),
    ("2435.2.3.9.1", "Brother NC-8900h, Firmware Ver.1.07",
     {"2435.2.3.9.1.1.7.0": "MFG:Brother;CMD:PJL;MDL:HL-L5200DW series;CLS:PRINTER;"},
     "Brother | brother | HL-L5200DW series | 1.07 | "),
    ("367.1.1", "RICOH Aficio MP 4001",
     {"367.3.2.1.1.1.1.0": "Aficio MP 4001", "367.3.2.1.1.1.2.0": "1.16.1", "367.3.2.1.2.1.4.0": "M5395"},
     "Ricoh | ricoh | Aficio MP 4001 | 1.16.1 | M5395"),
    ("789.2.5", "NetApp Release 9.8P4: Thu May 27", {"789.1.1.5.0": "FAS2720", "789.1.1.9.0": "952"},
     "NetApp | netapp | FAS2720 | 9.8P4 | 952"),
    ("318.1.3.27", "APC Web/SNMP Management Card (MB:v4.1.0 PF:v6.4.0 AF1:v6.4.0 MN:AP9630 HR:08 SN: ZA1 MD:01/01/2012)", {},
     "APC | apc-inrow | AP9630 08 | AOS v6.4.0 / App v6.4.0 | ZA1"),
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
