"""Recorded devices, played by the Python player."""

import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from lab import protocol
from lab.player import RecordedAnswers
from lab.protocol import BULK, GET, NEXT
from lab.recordings import Recording, Shelf

LINES = """1.3.6.1.2.1.1.1.0|4|Small switch
1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.2011.2.23.1
1.3.6.1.2.1.1.3.0|67|8640000
1.3.6.1.2.1.2.2.1.6.1|4x|00a0b1c2d3e4
1.3.6.1.2.1.2.2.1.10.1|65|4294967296
1.3.6.1.2.1.4.20.1.1.10.0.0.1|64|10.0.0.1
1.3.6.1.2.1.31.1.1.1.6.1|70|18446744073709551615
1.3.6.1.2.1.99.1.1.1.4.1|2|-42
1.3.6.1.4.1.9.1|4e|a\\x00b
1.3.6.1.4.1.9.2|5|
"""
WRONG = """nonsense
1.3.6.1.4.1.9.3|2|not a number
1.3.6.1.4.1.9.4|99|x
1.3.6.1.4.1.9.5|64|1.2.3.400
1.3.99999999999|2|1
|4|x
1.3.6.1.4.1.9.6|4x|zz
"""
CORPUS = Path(__file__).parents[3] / "shared" / "corpus" / "snmp-dev.tar.xz"


@pytest.fixture
def shelf(tmp_path):
    (tmp_path / "small.snmprec").write_text(LINES + WRONG, "latin-1")
    (tmp_path / "small@12.snmprec").write_text("1.3.6.1.2.1.17.1.2.0|2|12\n", "latin-1")
    return Shelf(tmp_path)


def test_values_are_as_recorded(shelf, request_of, values_of):
    recording = shelf.find(b"small")
    assert (len(recording), recording.skipped) == (10, 7)
    answer, _ = protocol.answer(request_of(BULK, [(1, 3)], 0, 50), recording, 4096)
    status, got = values_of(answer)
    assert status == 0
    assert [(kind, body) for _, kind, body in got[:10]] == [
        (4, b"Small switch"),
        (6, bytes((0x2B, 6, 1, 4, 1, 0x8F, 0x5B, 2, 23, 1))), (67, b"\x00\x83\xd6\x00"),
        (4, bytes.fromhex("00a0b1c2d3e4")),
        (65, b"\x00"), (64, b"\x0a\x00\x00\x01"), (70, b"\x00" + b"\xff" * 8), (2, b"\xd6"), (4, b"a\x00b"), (5, b""),
    ]  # fmt: skip
    assert {kind for _, kind, _ in got[10:]} == {protocol.END_OF_MIB}


def test_communities_choose_recordings_and_contexts(shelf):
    answers = RecordedAnswers(shelf, 1400, 0.0, 0.0, 1)
    for community, there in (
        (b"small", True),
        (b"small@12", True),
        (b"other", False),
        (b"../small", False),
        (b"", False),
        (b"\xff\x00", False),
    ):
        data = protocol.tlv(
            0x30, protocol.integer(1) + protocol.tlv(4, community) + bytes.fromhex("a00b02010102010002010030 00".replace(" ", ""))
        )
        assert (answers(data, b"")[0] is not None) == there, community


def test_missing_instances_and_objects(shelf, request_of, values_of):
    asked = [(1, 3, 6, 1, 2, 1, 2, 2, 1, 6, 2), (1, 3, 6, 1, 2, 1, 77, 1), (1, 3, 6, 1, 2, 1, 1, 3, 0)]
    answer, count = protocol.answer(request_of(GET, asked), shelf.find(b"small"), 1400)
    assert ([kind for _, kind, _ in values_of(answer)[1]], count) == ([protocol.NO_SUCH_INSTANCE, protocol.NO_SUCH_OBJECT, 67], 3)
    answer, _ = protocol.answer(request_of(NEXT, [(1, 3, 6, 1, 2, 1, 4, 20)], version=0), shelf.find(b"small"), 1400)
    assert values_of(answer)[1][0][0] == (1, 3, 6, 1, 2, 1, 4, 20, 1, 1, 10, 0, 0, 1)
    answer, _ = protocol.answer(request_of(NEXT, [(1, 3, 6, 1, 2, 1, 31)], version=0), shelf.find(b"small"), 1400)
    assert values_of(answer)[1][0][0] == (1, 3, 6, 1, 2, 1, 99, 1, 1, 1, 4, 1), "version 1 has no 64 bits"


@pytest.mark.real
@pytest.mark.parametrize(("address", "peer"), [("127.0.0.1", "127.0.0.1:{port}"), ("::1", "udp6:[::1]:{port}")])
def test_over_the_wire_with_delay(shelf, need, address, peer):
    command = [sys.executable, "-P", "-m", "lab.player", "--recordings", str(shelf.folder), "--address", address, "--delay-ms", "5"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as player:
        try:
            port = player.stdout.readline().split()[1]
            done = subprocess.run(
                [need("snmpbulkwalk"), "-v2c", "-c", "small", "-On", peer.format(port=port), ".1.3.6.1.2.1.1"],
                capture_output=True, text=True, timeout=20, env={"MIBS": ""}, check=True,
            )  # fmt: skip
        finally:
            player.terminate()
    assert done.stdout.splitlines()[0] == '.1.3.6.1.2.1.1.1.0 = STRING: "Small switch"'
    assert len(done.stdout.splitlines()) == 3


@pytest.mark.skipif(not CORPUS.is_file(), reason="the recordings of the test corpus are not beside this checkout")
def test_recordings_of_real_devices_walk_to_their_end(tmp_path, request_of, values_of):
    with tarfile.open(CORPUS) as archive:
        members = [m for m in archive.getmembers() if m.name.endswith(".snmprec") and m.size < 400_000][:12]
        archive.extractall(tmp_path, members, filter="data")
    for path in sorted(tmp_path.rglob("*.snmprec")):
        recording, at, seen = Recording(path), (0, 0), 0
        while True:
            status, got = values_of(protocol.answer(request_of(BULK, [at], 0, 60), recording, 8192)[0])
            assert status == 0
            fresh = [oid for oid, kind, _ in got if kind != protocol.END_OF_MIB]
            assert fresh == sorted(set(fresh))
            seen += len(fresh)
            if len(fresh) < len(got):
                break
            at = fresh[-1]
        assert seen == len(recording) > 0
