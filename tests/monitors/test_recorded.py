"""A recorded device is asked like a live one; `yunwang profile` on recordings, own profiles and mistakes in them."""

import json
from pathlib import Path
from typing import Any

import pytest

from agents.recorded import read_recording
from cli.main import main
from core.errors import InvalidInputError, NotFoundError
from core.polling import Kind

WALK = r'''.1.3.6.1.2.1.1.1.0 = STRING: "a \"box\"
of two lines"
.1.3.6.1.2.1.1.2.0 = OID: .1.3.6.1.4.1.99999.1
.1.3.6.1.2.1.1.3.0 = Timeticks: (4711) 0:00:47.11
.1.3.6.1.2.1.2.2.1.2.7 = STRING: eth7
.1.3.6.1.2.1.2.2.1.3.7 = INTEGER: ethernetCsmacd(6)
.1.3.6.1.2.1.2.2.1.6.7 = Hex-STRING: 00 1A 2B 3C
4D 5E
.1.3.6.1.2.1.4.20.1.3.10.0.0.1 = IpAddress: 255.255.255.0
.1.3.6.1.4.1.99999.2.1.0 = Gauge32: 42
.1.3.6.1.4.1.99999.2.2.0 = No Such Instance currently exists at this OID
'''
REC = """1.3.6.1.2.1.1.1.0|4|a box
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1
1.3.6.1.2.1.1.3.0|67|4711
1.3.6.1.2.1.2.2.1.2.7|4x|65746837
1.3.6.1.2.1.2.2.1.3.7|2|6
1.3.6.1.4.1.99999.2.1.0|66|42
nonsense
1.3.6.1.4.1.99999.2.2.0|2|none
"""
OWN = """profile: own
title: Own
source: made up
match: [{object_id: 1.3.6.1.4.1.99999}]
facts: {vendor: [{text: Example}]}
scalars: {degrees: {oid: 1.3.6.1.4.1.99999.2.1.0}}
sensors: [{value: degrees, kind: temperature, name: Inlet}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("box.walk", WALK), ("box.snmprec", REC), ("own.yml", OWN), ("bad.yml", OWN.replace("kind:", "kined:"))):
        (tmp_path / name).write_text(text)
    return tmp_path


async def test_what_snmpwalk_prints_is_read_with_all_types(folder: Path) -> None:
    session = read_recording(folder / "box.walk")
    asked = [(1, 3, 6, 1, 2, 1, 1, 1, 0), (1, 3, 6, 1, 2, 1, 1, 2, 0), (1, 3, 6, 1, 2, 1, 1, 3, 0), (1, 3, 6, 1, 2, 1, 2, 2, 1, 6, 7),
             (1, 3, 6, 1, 2, 1, 4, 20, 1, 3, 10, 0, 0, 1), (1, 3, 6, 1, 4, 1, 99999, 2, 2, 0)]
    assert [(b.kind, b.value) for b in await session.get(asked)] == [
        (4, b'a "box"\nof two lines'), (6, (1, 3, 6, 1, 4, 1, 99999, 1)), (Kind.TIMETICKS, 4711), (4, bytes.fromhex("001a2b3c4d5e")),
        (Kind.IP_ADDRESS, b"\xff\xff\xff\0"), (Kind.NO_SUCH_INSTANCE, None),
    ]
    assert await session.holding([(1, 3, 6, 1, 2, 1, 2), (1, 3, 6, 1, 2, 1, 3)]) == [True, False]


def test_what_is_no_recording_is_refused(folder: Path) -> None:
    with pytest.raises(InvalidInputError, match=r"own\.yml"):
        read_recording(folder / "own.yml")
    with pytest.raises(NotFoundError):
        read_recording(folder / "nothing")


@pytest.mark.parametrize("recording", ["box.walk", "box.snmprec"])
def test_a_new_model_is_a_new_file(folder: Path, recording: str, monkeypatch: Any, capsys: Any) -> None:
    code, out, _ = run(monkeypatch, capsys, "profile", "test", str(folder / recording), "--profile", str(folder / "own.yml"), "--json")
    found = json.loads(out)
    assert code == 0
    assert (found["vendor"], found["profiles"][0]) == ("Example", "own")
    assert [(s["descr"], s["value"], s["unit"]) for s in found["sensors"]] == [("Inlet", 42, "°C")]
    assert [p["ifIndex"] for p in found["ports"]] == [7]
    assert [t["rows"] for t in found["tables"] if t["table"] == "interfaces"] == [1]


def test_a_mistake_is_named_by_file_line_and_key(folder: Path, monkeypatch: Any, capsys: Any) -> None:
    code, _, said = run(monkeypatch, capsys, "profile", "test", str(folder / "box.walk"), "--profile", str(folder / "bad.yml"))
    assert code == InvalidInputError.exit_code
    assert "bad.yml:7" in said
    assert "Did you mean kind?" in said


def test_profiles_are_listed_and_shown(folder: Path, monkeypatch: Any, capsys: Any) -> None:
    assert "standard-ospf" in run(monkeypatch, capsys, "profile", "list", "ospf")[1]
    assert run(monkeypatch, capsys, "profile", "show", "standard-ospf")[1].startswith("profile: standard-ospf")
    code, _, said = run(monkeypatch, capsys, "profile", "show", "standard-opsf")
    assert code == NotFoundError.exit_code
    assert "standard-ospf" in said
    assert run(monkeypatch, capsys, "profile", "test", str(folder / "no.walk"))[0] == NotFoundError.exit_code


def run(monkeypatch: Any, capsys: Any, *words: str) -> tuple[int, str, str]:
    """Exit code, output, errors."""
    monkeypatch.setattr("sys.argv", ["yunwang", "--lang", "en", *words])
    try:
        code = main()
    except SystemExit as end:
        code = int(end.code or 0)
    out, errors = capsys.readouterr()
    return code, out, errors
