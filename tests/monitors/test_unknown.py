"""A device that no profile describes: what its maker's number and the standard MIBs alone tell of it."""

from monitors.discovery import Discovered
from tests.monitors.test_catalog_cn import ENTITY, Said, play, sensors

NOBODY = "99999.1.7"
MIB2 = "1.3.6.1.2.1."


def facts(found: Discovered) -> list[str]:
    return [found.fact(field) for field in ("vendor", "model", "version", "serial")]


def test_the_makers_number_alone_tells_the_maker() -> None:
    assert play("22736.9", "", {}).fact("vendor") == "Digium"
    assert play("40093.1.1", "", {}).fact("vendor") == "Pantum"
    assert play("54414.1", "", {}).fact("vendor") == "TimeMachines"
    assert play(NOBODY, "", {}).fact("vendor") == ""


def test_its_own_sentence_tells_model_version_and_serial() -> None:
    assert facts(play(NOBODY, "Acme Networks, Inc. XR-2100 Router, SW Version 4.1.7, S/N AC2100553", {})) == [
        "Acme", "XR-2100 Router", "4.1.7", "AC2100553",
    ]  # fmt: skip
    assert facts(play(NOBODY, "MFG:Acme;CMD:PCL;MDL:Laser 200dn;CLS:PRINTER;", {}))[1] == "Laser 200dn"
    assert facts(play(NOBODY, "the box beside the door", {})) == ["", "", "", ""]


def test_a_name_in_its_sentence_does_whatever_the_number() -> None:
    for sentence, name in (("Samlex EVO-4024", "samlex"), ("ORVALDI V3000 on-line 2U LCD", "orvaldi-ups"), ("LogMaster II", "logmaster")):
        assert play(NOBODY, sentence, {}).fact("os") == name
    assert play("935.1", "ORVALDI V3000 on-line 2U LCD", {}).fact("os") == "orvaldi-ups"


def test_a_switch_is_read_by_entity_and_sensor_mibs() -> None:
    sensor = MIB2 + "99.1.1.1."
    found = play(NOBODY, "", {
        ENTITY + "5.1": 3, ENTITY + "7.1": "Chassis", ENTITY + "10.1": "7.2", ENTITY + "11.1": "S123", ENTITY + "13.1": "XS-48",
        ENTITY + "5.2": 8, ENTITY + "7.2": "Inlet", sensor + "1.2": 8, sensor + "2.2": 9, sensor + "3.2": 1, sensor + "4.2": 235,
        sensor + "5.2": 1,
    })  # fmt: skip
    assert facts(found) == ["", "XS-48", "7.2", "S123"]
    assert sensors(found) == {("temperature", sensor + "4.2"): 23.5}
    assert [one.serial for one in found.parts if one.serial] == ["S123"]


def test_a_printer_is_read_by_its_mib() -> None:
    said: Said = {
        MIB2 + "43.5.1.1.17.1": "PR0042", MIB2 + "43.10.2.1.4.1.1": 123456, MIB2 + "25.3.2.1.3.1": "Acme Laser 200dn",
        MIB2 + "43.11.1.1.6.1.1": "Black", MIB2 + "43.11.1.1.8.1.1": 200, MIB2 + "43.11.1.1.9.1.1": 50,
    }  # fmt: skip
    found = play(NOBODY, "", said)
    assert facts(found) == ["", "Acme Laser 200dn", "", "PR0042"]
    assert sorted(sensors(found).values()) == [25, 123456]


def test_what_a_host_calls_its_first_device_is_no_model() -> None:
    assert play(NOBODY, "", {MIB2 + "25.3.2.1.3.1": "GenuineIntel: Xeon"}).fact("model") == ""


def test_a_power_supply_is_read_by_its_mib() -> None:
    ups = MIB2 + "33.1."
    found = play(NOBODY, "", {
        ups + "1.1.0": "Acme Power", ups + "1.2.0": "UP-6000", ups + "1.3.0": "V3.2",
        ups + "2.4.0": 97, ups + "2.5.0": 2180, ups + "4.1.0": 5,
    })  # fmt: skip
    assert facts(found) == ["Acme Power", "UP-6000", "V3.2", ""]
    assert {218, 97, 5} <= set(sensors(found).values())


def test_a_host_is_read_by_host_resources() -> None:
    host = MIB2 + "25."
    found = play(NOBODY, "", {
        host + "3.3.1.2.196608": 12, host + "3.3.1.2.196609": 14, host + "2.3.1.2.1": 0, host + "2.3.1.3.1": "Physical memory",
        host + "2.3.1.4.1": 1024, host + "2.3.1.5.1": 1000, host + "2.3.1.6.1": 250,
    })  # fmt: skip
    assert [one.usage_percent for one in found.measured.processors] == [12, 14]
    assert [one.used_percent for one in found.measured.memory] == [25]


def test_its_neighbours_in_routing_are_read_by_the_standard() -> None:
    peer = MIB2 + "15.3.1."
    found = play(NOBODY, "", {peer + "2.192.0.2.1": 6, peer + "3.192.0.2.1": 2, peer + "9.192.0.2.1": 64512})
    assert [(one.peer, one.remote_as, one.state) for one in found.peers] == [("192.0.2.1", 64512, "established")]
