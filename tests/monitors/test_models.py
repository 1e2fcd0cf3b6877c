"""Where model, version and serial stand, over short answers written by hand as the makers' MIBs define them."""

import pytest

from tests.monitors.test_catalog_cn import ENTITY, play

Said = dict[str, int | str]
DOT11 = "1.2.840.10036.3.1.2.1."
FIELDS = ("model", "version", "serial")

TOLD: list[tuple[str, str, Said, tuple[str, str, str]]] = [
    ("10002.1", "Linux 2.6.33 #1 Thu mips", {"41112.1.4.1.1.4.1": 5180, DOT11 + "3.5": "NanoStation M5",
                                              DOT11 + "4.5": "XW.ar934x.v5.6.3.28591.151130.1749"},
     ("NanoStation M5", "5.6.3.28591.151130.1749", "")),
    ("7262.2.2", "Horizon Compact", {"7262.2.2.1.3.1.1.0": "DW0123", "7262.2.2.1.3.1.2.0": "64-000342", "7262.2.2.1.3.2.1.0": "1.01.14"},
     ("64-000342", "1.01.14", "DW0123")),
    ("7262.2.4", "", {"7262.2.4.1.5.1.2.0": "DW7", "7262.2.4.1.5.1.3.0": "60-000494", "7262.2.4.1.5.2.1.0": "1.3.6"},
     ("60-000494", "1.3.6", "DW7")),
    ("7262.2.5", "", {"7262.2.5.1.3.1.2.0": "DW8", "7262.2.5.1.3.1.3.0": "60-000582", "7262.2.5.1.3.2.1.1.3.1": "1.2.2"},
     ("60-000582", "1.2.2", "DW8")),
    ("1271.3", "", {"1271.3.4.6.3.1.3.0": "Waveserver Ai", "1271.3.4.14.3.1.5.0": "1.5.1", ENTITY + "11.1": "M7"},
     ("Waveserver Ai", "1.5.1", "M7")),
    ("30005.1.7.100", "", {"30005.1.7.100.1.2.1.1.1.8.0": "BTI 810", "30005.1.7.100.1.2.1.1.1.5.0": "1.3.0"}, ("BTI 810", "1.3.0", "")),
    ("52642.2.1.45", "", {"52642.2.1.45.1.1.5.1.0": "S3900-24T4S", "52642.2.1.45.1.1.3.1.6.1": "1.4.2",
                          "52642.2.1.45.1.1.3.1.10.1": "FS1"}, ("S3900-24T4S", "1.4.2", "FS1")),
    ("259.10.1.52.101", "", {"259.10.1.52.1.1.5.1.0": "ECS4100-12T", "259.10.1.52.1.1.3.1.6.1": "1.2.5.197"},
     ("ECS4100-12T", "1.2.5.197", "")),
    ("193.81.1.1.1", "MINI-LINK Traffic Node", {ENTITY + "2.1": "AMM 6p C", "193.81.2.7.1.2.1.3.1": "MINI-LINK_TN_4.0_R1A"},
     ("AMM 6p C", "MINI-LINK_TN_4.0_R1A", "")),
    ("7571.100.1.1.5", "SAF microwave radio;CFIP Lumina v1.64.27;x;SN: 123456789;", {}, ("CFIP Lumina", "1.64.27", "123456789")),
    ("7571.100.1.1.7.1", "SAF Integra;Prod: Integra-W;Vers: 3.6.0;x;S/N: 370001", {}, ("Integra-W", "3.6.0", "370001")),
    ("30826.1", "SmartOptics, M-Series M-1601, SmartOS 2.4.1", {}, ("M-1601", "2.4.1", "")),
    ("7342", "Omnitron iConverter 10/100M2 v4.5 s/n 00700001", {}, ("10/100M2", "4.5", "00700001")),
    ("2736.1", "EX73934E0VB, Firmware rev: 1.92.3", {}, ("EX73934E0VB", "1.92.3", "")),
    ("9304.100.3110", "IPS-3110-PB Version 1.00.05", {"9304.100.3110.1.2.14.0": "C1"}, ("IPS-3110-PB", "1.00.05", "C1")),
    ("868.2.5.1", "", {"1.0.8802.1.1.2.1.3.3.0": "SISPM1040-384-LRT-C"}, ("SISPM1040-384-LRT-C", "", "")),
    ("9.1.428", "Cisco Internetwork Operating System Software IOS (tm) C2950 Software (C2950-I6K2L2Q4-M), Version 12.1(22)EA4", {},
     ("WS-C2950G-24", "12.1(22)EA4", "")),
    ("12356.101.1.1004", "", {"12356.100.1.1.1.0": "FG100D3G12345678", "12356.101.4.1.1.0": "v4.3.9"},
     ("FortiGate 100D", "v4.3.9", "FG100D3G12345678")),
    ("4491.2.4.1", "headend", {"1.3.6.1.2.1.69.1.1.4.0": "SN77", "1.3.6.1.2.1.69.1.3.5.0": "8.1.7"}, ("", "8.1.7", "SN77")),
]  # fmt: skip


@pytest.mark.parametrize(("object_id", "descr", "said", "expected"), TOLD, ids=[case[0] for case in TOLD])
def test_what_a_device_is_stands_where_its_maker_says(object_id: str, descr: str, said: Said, expected: tuple[str, str, str]) -> None:
    found = play(object_id, descr, said)
    assert tuple(found.fact(field) for field in FIELDS) == expected


def test_a_kernel_is_no_model() -> None:
    assert play("7465.20", "Linux tangram 3.4.113 #1 SMP armv7l", {}).fact("model") == ""
