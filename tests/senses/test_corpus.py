"""Recordings of real devices: ports must be right; how much else is known is printed."""

import ast
import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agents.senses.discovery import discover
from core.polling import Oid, Session
from monitors.discovery import Discovered
from monitors.profiles import shipped

Variables = dict[Oid, tuple[int, Any]]
BASELINE = 0.99
LEAST = {"vendor": 0.9, "os": 0.75, "version": 0.8, "serial": 0.55}
"""Shares of what is stated that must be known; so that nothing that was once recognised is lost unnoticed."""


@pytest.fixture(scope="module")
def corpus(pytestconfig: pytest.Config) -> dict[str, bytes]:
    """Files of the test corpus by name, read in place."""
    archive = Path(pytestconfig.rootpath).parent / "shared" / "corpus" / "snmp-dev.tar.xz"
    if not archive.exists():
        pytest.skip("the recordings are not beside this checkout")
    with tarfile.open(archive) as tar:
        return {m.name: file.read() for m in tar if (file := tar.extractfile(m))}


def value(tag: str, text: str) -> tuple[int, Any]:
    """One value of a recording: decimal BER tag, `x` for hexadecimal, `e` for escapes."""
    number, suffix = int(tag.rstrip("xe")), tag.lstrip("0123456789")
    if number in (2, 65, 66, 67, 70):
        return number, int(text)
    if number == 6:
        return number, oid(text)
    if suffix == "x":
        return number, bytes.fromhex(text)
    if suffix == "e":
        return number, ast.literal_eval("b'" + text.replace("'", "\\'") + "'")
    return number, bytes(map(int, text.split("."))) if number == 64 else text.encode("latin-1")


def oid(text: str) -> Oid:
    return tuple(int(part) for part in text.strip(".").split("."))


def recording(raw: bytes) -> Variables:
    out: Variables = {}
    for line in io.StringIO(raw.decode("latin-1")):
        parts = line.strip().split("|", 2)
        try:
            out[oid(parts[0])] = value(parts[1], parts[2] if len(parts) > 2 else "")
        except (ValueError, IndexError, SyntaxError):
            continue
    return out


def plain(text: object) -> str:
    return "".join(c for c in str(text).lower() if c.isalnum())


async def test_ports_of_real_devices_are_found_named_and_in_their_state(
    corpus: dict[str, bytes], recorded: Callable[[Variables], Session], capsys: pytest.CaptureFixture[str]
) -> None:
    right = wanted = 0
    known = {"vendor": [0, 0], "os": [0, 0], "version": [0, 0], "serial": [0, 0]}
    for line in corpus["dev/facts.jsonl"].splitlines():
        truth = json.loads(line)
        found = await discover(recorded(recording(corpus[f"dev/snmprec/{truth['file']}.snmprec"])), shipped(), "d", lambda: 1)
        some, many = ports(truth.get("ports") or [], found)
        right, wanted = right + some, wanted + many
        for field, score in known.items():
            if truth.get(field):
                said = plain(found.fact(field))
                score[0] += bool(said) and (said in plain(truth[field]) or plain(truth[field]) in said)
                score[1] += 1
    with capsys.disabled():
        print(f"\nrecordings: ports {right}/{wanted}, " + ", ".join(f"{k} {a}/{b}" for k, (a, b) in known.items()))  # noqa: T201
    assert right / wanted >= BASELINE
    assert all(known[field][0] / known[field][1] >= least for field, least in LEAST.items())


def ports(truth: list[dict[str, Any]], found: Discovered) -> tuple[int, int]:
    """How many ports have the right index, name and state; and of how many."""
    ours = {i.if_index: i for i in found.observed.interfaces}
    good = 0
    for port in truth:
        one = ours.get(port.get("ifIndex", 0))
        names = {plain(port[k]) for k in ("ifName", "ifDescr", "rawIfName", "rawIfDescr") if port.get(k)}
        states = {"1": 1, "2": 2, "3": 3, "4": 4, "5": 5, "6": 6, "7": 7, "up": 1, "down": 2, "testing": 3, "unknown": 4}
        states |= {"dormant": 5, "notPresent": 6, "lowerLayerDown": 7}
        oper = states.get(str(port.get("ifOperStatus")))
        good += one is not None and (not names or bool({plain(one.name), plain(one.descr)} & names)) and oper in (None, one.oper_status)
    return good, len(truth)
