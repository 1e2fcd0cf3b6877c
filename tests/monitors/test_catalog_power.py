"""Small makers of power, rooms and hosts, over short answers written by hand as their MIBs define them: known by number, and measured."""

import pytest

from tests.monitors.test_catalog_cn import Said, play, sensors

LINUX = "8072.3.2.10"
UNAME = "Linux box 4.19.0 #1 SMP armv7l"
E3 = "21695.1.10.7."
UPDU = "55108.1."
CXC = "7309.5."
CXRC = "7309.4.1."

NAMED: list[tuple[str, str, Said, str]] = [
    ("21695.1.10.7", "", {E3 + "1.1.0": 4711, E3 + "1.2.0": 3100}, "Riedo Networks | e3meter | 3100 |  | 4711"),
    (LINUX, UNAME, {E3 + "1.1.0": 4711, E3 + "1.2.0": 3100}, "Riedo Networks | e3meter | 3100 |  | 4711"),
    ("21695", "", {"21695.1.10.1.1.0": "2.4.1"}, "Riedo Networks | e3meterdc |  | 2.4.1 | "),
    ("55108", "", {UPDU + "1.1.0": "UPDU-24", UPDU + "1.2.0": 20230017}, "Riedo Networks | rnx-updu | UPDU-24 |  | 20230017"),
    (
        "7309.5",
        "",
        {CXC + "1.3.0": "7.20", CXC + "2.1.2.1.5.1.1": "0180062", CXC + "2.1.2.1.6.1.1": "C1"},
        "Alpha | cxc | 0180062 | 7.20 | C1",
    ),
    ("7309.4", "", {CXRC + "2.8.0": "CXRC", CXRC + "2.9.0": "A17", CXRC + "2.11.0": "4.50"}, "Alpha | cxrc | CXRC | 4.50 | A17"),
    ("37662.1.2", "Transfer switch v1.08 (SN 4321)", {}, " | ats |  | 1.08 | 4321"),
    ("2468.1.2.1", "WebPower Smart II Card", {"1.3.6.1.2.1.33.1.1.2.0": "M2000"}, "Ingrasys | webpower-smart2 | M2000 |  | "),
    ("2468.1.2.1", "WebPower card", {"1.3.6.1.2.1.33.1.1.2.0": "M1000"}, "Ingrasys | webpower | M1000 |  | "),
    ("12148.10", "", {"12148.10.2.6.0": "Flatpack2", "12148.10.2.7.0": "S1"}, "Eltek | eltek-webpower | Flatpack2 |  | S1"),
    ("935", "LogWeb", {"935.1.1.1.1.1.1.0": "LM 3000", "935.1.1.1.1.2.4.0": "2.1"}, "Orvaldi | logmaster | LM 3000 | 2.1 | "),
    (LINUX, UNAME, {"21111.1.1.1.6.0": "VER 12.01", "1.3.6.1.2.1.33.1.1.2.0": "V3000"}, "Orvaldi | orvaldi-ups | V3000 | 12.01 | "),
    (
        LINUX,
        UNAME,
        {"53973.1.1.1.1.1.1.0": "ABB", "1.3.6.1.2.1.33.1.1.2.0": "PowerValue 11 RT", "1.3.6.1.2.1.33.1.1.4.0": "3.2"},
        "ABB | abbups | PowerValue 11 RT | 3.2 | ",
    ),
    ("3711.24", "", {"3711.24.1.1.1.1.2.0": "Eagle-i", "3711.24.1.1.1.1.3.0": "3.0"}, "Panduit | panduit-eagle | Eagle-i | 3.0 | "),
    ("3711.1", "Sinetica UPSController.", {}, "Sinetica | sinetica |  |  | "),
    ("40614", "", {"1.3.6.1.2.1.33.1.1.2.0": "EA900"}, "East | istars | EA900 |  | "),
    ("2185.1.3", "", {}, "Imco Power | imcopower-big |  |  | "),
    ("33283.1", "", {}, "Imco Power | imcopower-ls110 |  |  | "),
    ("10520.2.1.3", "", {}, "GE | gepulsar |  |  | "),
    ("17095.2", "", {}, "Controlbox | controlbox |  |  | "),
    ("17095", "", {"17095.2.1.3.0": 22}, "Controlbox | controlbox |  |  | "),
    ("3854.1", "8VD-X20 v2.0.12", {}, "Minkels | minkelsrms | 8VD-X20 | 2.0.12 | "),
    ("28194.1", "", {}, "Exterity | avr-hd |  |  | "),
    ("38516.2.1", "", {}, "Allworx | allworx_voip |  |  | "),
    ("3382.1", "", {}, "Venturi Wireless | venturi |  |  | "),
    ("18418", "", {}, "Endace | osm |  |  | "),
    ("9926.1.1.21.3", "", {}, "Genie Networks | genieatm |  |  | "),
    (LINUX, UNAME, {"6404.3.1.2.9.1.1.0": "E03"}, "Ecreso | ecresofm-os |  |  | "),
    (LINUX, UNAME, {"45065.1.1.1.3.0": "x"}, "Supervyse | supervyse-openbmc |  |  | "),
    ("572.16838", "iPECS-UCP100, a", {}, "Ericsson-LG | elg-ipecs-ucp | iPECS-UCP100 |  | "),
    (
        "",
        "Linux TS-453D 5.10.60",
        {"1.3.6.1.2.1.47.1.1.1.1.12.1": "QNAP Systems Inc.", "1.3.6.1.2.1.47.1.1.1.1.9.1": "5.1.2", "1.3.6.1.2.1.47.1.1.1.1.11.1": "Q1"},
        "QNAP | qnap | TS-453D | 5.1.2 | Q1",
    ),
    (LINUX, UNAME, {"1.3.6.1.2.1.25.1.4.0": "root=/dev/md0 rw syno_hw_version=DS212jv20 ihd_num=2"}, "Synology | dsm | DS212j |  | "),
    ("", "", {"39165.1.1.0": "DS-2CD2332-I"}, "Hikvision | hikvision-cam | DS-2CD2332-I |  | "),
    ("25049.1.41", "", {"25049.17.1.1.0": "4.8.0"}, "Opengear | opengear-lighthouse |  | 4.8.0 | "),
    ("25049.1.50", "", {}, "Opengear | opengear | IM4004 |  | "),
    (LINUX, UNAME, {"11369.10.1.1.0": "Lenovo ix4-300d"}, "Lenovo | lenovoemc | ix4-300d |  | "),
    ("28507.19", "Expert PDU Energy 8311-1 v1.0.5", {}, "Gude | gude-epc | Expert PDU Energy 8311-1 | 1.0.5 | "),
    ("2682.1.4", "NetGuardian 832A v5.5B.0052", {}, "DPS Telecom | netguardian | NetGuardian 832A | 5.5B.0052 | "),
    ("1418.6", "iBoot-PDU8 1.2.3", {}, "Dataprobe | iboot | iBoot-PDU8 | 1.2.3 | "),
    ("1229.1.1", "SEH PS1103 V 16.1.4", {}, "SEH | seh-uds | PS1103 | 16.1.4 | "),
    ("11.5.7.3.2", "", {"232.2.2.4.2.0": "ProLiant DL380 G5"}, "HPE | hpe-ilo | ProLiant DL380 G5 |  | "),
    (LINUX, "ESPHome version 2024.6.0 compiled May 30 2024, 09:07:35, Board lolin32", {}, "ESPHome | esphome | lolin32 | 2024.6.0 | "),
]


@pytest.mark.parametrize(("object_id", "descr", "said", "expected"), NAMED, ids=[f"{one[3]}-{one[0]}" for one in NAMED])
def test_a_device_is_known_by_its_makers_number_and_scalars(object_id: str, descr: str, said: Said, expected: str) -> None:
    found = play(object_id, descr, said)
    names = [found.fact(field) for field in ("vendor", "os", "model", "version", "serial")]
    wanted = [cell.strip() for cell in expected.split("|")]
    assert [name for name, want in zip(names, wanted, strict=True) if want] == [want for want in wanted if want]


MEASURED: list[tuple[str, str, Said, dict[tuple[str, str], float]]] = [
    (
        "e3meter",
        "21695.1.10.7",
        {
            E3 + "2.1.5.1": 230,
            E3 + "2.1.8.1": 231500,
            E3 + "2.1.9.1": 1020,
            E3 + "2.1.10.1": 49980,
            E3 + "2.1.12.1": 0,
            E3 + "2.1.9.2": 40,
            E3 + "2.1.5.2": 3,
            E3 + "2.1.12.2": 1,
            E3 + "3.1.2.1": 2,
            E3 + "3.1.4.1": 231,
            E3 + "3.1.5.1": 405,
            E3 + "3.1.2.2": 1,
            E3 + "3.1.4.2": -52,
            E3 + "3.1.5.2": 0,
        },
        {
            ("power", E3 + "2.1.5.1"): 230,
            ("voltage", E3 + "2.1.8.1"): 231.5,
            ("current", E3 + "2.1.9.1"): 1.02,
            ("frequency", E3 + "2.1.10.1"): 49.98,
            ("current", E3 + "2.1.9.2"): 0.04,
            ("temperature", E3 + "3.1.4.1"): 23.1,
            ("humidity", E3 + "3.1.5.1"): 40.5,
            ("temperature", E3 + "3.1.4.2"): -5.2,
        },
    ),
    (
        "updu",
        "55108",
        {
            UPDU + "3.1.1.7.0.1": 410,
            UPDU + "3.1.1.10.0.1": 229000,
            UPDU + "3.1.1.11.0.1": 1800,
            UPDU + "3.1.1.15.0.1": 0,
            UPDU + "3.1.1.7.0.2": 0,
            UPDU + "3.1.1.15.0.2": 2,
            UPDU + "3.2.1.3.1": 1,
            UPDU + "3.2.1.4.1": 215,
            UPDU + "3.2.1.5.1": 0,
            UPDU + "3.3.1.3.0.1": 12,
            UPDU + "3.3.1.5.0.1": 0,
            UPDU + "3.3.1.3.0.2": 9,
            UPDU + "3.3.1.5.0.2": 2,
        },
        {
            ("power", UPDU + "3.1.1.7.0.1"): 410,
            ("voltage", UPDU + "3.1.1.10.0.1"): 229,
            ("current", UPDU + "3.1.1.11.0.1"): 1.8,
            ("temperature", UPDU + "3.2.1.4.1"): 21.5,
            ("current", UPDU + "3.3.1.3.0.1"): 0.0012,
        },
    ),
    (
        "cxc",
        "7309.5",
        {CXC + "3.1.10.0": 54120, CXC + "3.1.13.0": -1500, CXC + "3.1.14.0": 21000, CXC + "3.1.2.0": 812000, CXC + "3.1.11.0": -1},
        {
            ("voltage", CXC + "3.1.10.0"): 54.12,
            ("current", CXC + "3.1.13.0"): -1.5,
            ("temperature", CXC + "3.1.14.0"): 21,
            ("power", CXC + "3.1.2.0"): 812,
        },
    ),
    (
        "cxrc",
        "7309.4",
        {
            CXRC + "6.2.2.1.3.1": 5412,
            CXRC + "6.2.2.1.3.2": 1250,
            CXRC + "6.2.2.1.3.6": 2150,
            CXRC + "6.2.2.1.3.8": 9900,
            CXRC + "6.2.2.1.3.9": 1,
            CXRC + "6.3.2.1.3.1": 1300,
            CXRC + "6.3.2.1.3.3": 12000,
            CXRC + "6.3.2.1.3.4": 3,
        },
        {
            ("voltage", CXRC + "6.2.2.1.3.1"): 54.12,
            ("current", CXRC + "6.2.2.1.3.2"): 12.5,
            ("temperature", CXRC + "6.2.2.1.3.6"): 21.5,
            ("charge", CXRC + "6.2.2.1.3.8"): 99,
            ("current", CXRC + "6.3.2.1.3.1"): 13,
            ("voltage", CXRC + "6.3.2.1.3.3"): 120,
        },
    ),
    (
        "exeltech",
        "30320",
        {"30320.1.0.0.1.0": 1310, "30320.1.0.2.6.0": 600, "30320.1.0.3.8.0": 41},
        {("voltage", "30320.1.0.0.1.0"): 131, ("frequency", "30320.1.0.2.6.0"): 60, ("temperature", "30320.1.0.3.8.0"): 41},
    ),
    (
        "samlex",
        "49075",
        {"49075.1.3.1.2.0": 1201, "49075.1.3.1.9.0": 33, "49075.1.3.3.8.0": 38},
        {("voltage", "49075.1.3.1.2.0"): 120.1, ("power", "49075.1.3.1.9.0"): 3.3, ("temperature", "49075.1.3.3.8.0"): 38},
    ),
    (
        "imco",
        "2185.1.3",
        {"2185.1.3.11.2.1.3.23.0": 2301, "2185.1.3.11.2.1.7.12.0": 98, "2185.1.3.11.2.1.7.14.0": 45},
        {("voltage", "2185.1.3.11.2.1.3.23.0"): 230.1, ("charge", "2185.1.3.11.2.1.7.12.0"): 98, ("runtime", "2185.1.3.11.2.1.7.14.0"): 45},
    ),
    (
        "cet",
        "12551",
        {"12551.4.1.1.1.1.16.1": 540, "12551.4.1.1.1.1.20.1": 0, "12551.4.1.1.1.1.28.1": 33, "12551.4.1.2.2.1.12.1": 900},
        {("voltage", "12551.4.1.1.1.1.16.1"): 54, ("temperature", "12551.4.1.1.1.1.28.1"): 33, ("power", "12551.4.1.2.2.1.12.1"): 900},
    ),
    (
        "packet power",
        "33688",
        {
            "33688.4.1.1.12.1": 231,
            "33688.4.1.1.13.1": "ddegC",
            "33688.4.1.1.12.2": 3012,
            "33688.4.1.1.13.2": "mV",
            "33688.4.1.1.12.3": 41,
            "33688.4.1.1.13.3": "%",
            "33688.4.1.1.12.4": 7,
            "33688.4.1.1.13.4": "W",
        },
        {("temperature", "33688.4.1.1.12.1"): 23.1, ("voltage", "33688.4.1.1.12.2"): 3.012, ("humidity", "33688.4.1.1.12.3"): 41},
    ),
    (
        "cooling",
        "318.1.3.14",
        {
            "318.1.1.27.1.4.1.2.1.2.1.1": "Supply Air Temperature",
            "318.1.1.27.1.4.1.2.1.3.1.1": 183,
            "318.1.1.27.1.4.1.2.1.4.1.1": "C",
            "318.1.1.27.1.4.1.2.1.5.1.1": 10,
            "318.1.1.27.1.4.1.2.1.3.1.2": 649,
            "318.1.1.27.1.4.1.2.1.4.1.2": "F",
            "318.1.1.27.1.4.1.2.1.5.1.2": 10,
        },
        {("temperature", "318.1.1.27.1.4.1.2.1.3.1.1"): 18.3},
    ),
    (
        "bladecenter",
        "2.3.51.2",
        {
            "2.3.51.2.2.1.1.2.0": "24.00 Centigrade",
            "2.3.51.2.2.1.5.1.0": "Not Readable!",
            "2.3.51.2.2.3.1.0": "55% of maximum",
            "2.3.51.2.2.2.1.1.0": "+5.06 Volts",
        },
        {("temperature", "2.3.51.2.2.1.1.2.0"): 24, ("load", "2.3.51.2.2.3.1.0"): 55, ("voltage", "2.3.51.2.2.2.1.1.0"): 5.06},
    ),
    (
        "netping",
        "25728",
        {
            "25728.8800.1.1.2.1": 23,
            "25728.8800.1.1.3.1": 2,
            "25728.8800.1.1.2.2": 0,
            "25728.8800.1.1.3.2": 0,
            "25728.8400.2.2.0": 41,
            "25728.8400.2.4.0": 22,
        },
        {
            ("temperature", "25728.8800.1.1.2.1"): 23,
            ("state", "25728.8800.1.1.3.1"): 2,
            ("state", "25728.8800.1.1.3.2"): 0,
            ("humidity", "25728.8400.2.2.0"): 41,
            ("temperature", "25728.8400.2.4.0"): 22,
        },
    ),
    (
        "ibm pdu",
        "2.6.223",
        {"2.6.223.8.2.2.1.7.1": 1250, "2.6.223.8.2.2.1.11.1": 1, "2.6.223.8.2.2.1.13.1": 260},
        {("current", "2.6.223.8.2.2.1.7.1"): 1.25, ("state", "2.6.223.8.2.2.1.11.1"): 1, ("power", "2.6.223.8.2.2.1.13.1"): 260},
    ),
    (
        "enexus",
        "12148.9",
        {"12148.9.3.2.0": 5395, "12148.9.3.3.0": 12, "12148.9.3.5.0": 0},
        {("voltage", "12148.9.3.2.0"): 53.95, ("current", "12148.9.3.3.0"): 12, ("state", "12148.9.3.5.0"): 0},
    ),
    (
        "mts",
        "40865",
        {"40865.1.5.0": 2, "40865.1.6.0": 54100, "40865.1.26.0": 1, "40865.1.38.0": 0},
        {("state", "40865.1.5.0"): 2, ("voltage", "40865.1.6.0"): 54.1, ("state", "40865.1.26.0"): 1, ("state", "40865.1.38.0"): 0},
    ),
    (
        "relays",
        "45770",
        {"1.3.6.1.2.1.229.1.2.1.9.1": 259, "1.3.6.1.2.1.229.1.2.1.9.2": 257},
        {("state", "1.3.6.1.2.1.229.1.2.1.9.1"): 259, ("state", "1.3.6.1.2.1.229.1.2.1.9.2"): 257},
    ),
]


@pytest.mark.parametrize(("object_id", "said", "expected"), [one[1:] for one in MEASURED], ids=[one[0] for one in MEASURED])
def test_what_it_measures(object_id: str, said: Said, expected: dict[tuple[str, str], float]) -> None:
    assert sensors(play(object_id, "", said)) == expected
