"""kill -9 of the process that writes the records, again and again, in the middle of its work."""

import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from stores.records import open_records


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.real)])
def test_kill_9_of_the_hub_loses_no_acknowledged_record(kind: str, request: pytest.FixtureRequest, tmp_path: Path, kills: int) -> None:
    """State, journal rows, edges, terms and idempotency key of every acknowledged write are there, and the chain verifies."""
    choose = random.Random(2)
    where = str(tmp_path / "r.db") if kind == "sqlite" else request.getfixturevalue("database")()
    kills = kills if kind == "sqlite" else kills // 4
    program = Path(__file__).with_name("recorder.py")
    acknowledged = -1
    for _ in range(kills):
        child = subprocess.Popen([sys.executable, program, where, str(acknowledged + 1)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(choose.randrange(1, 60)):
            acknowledged = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(word) for word in child.stdout.read().split("\n")[:-1])])
        child.wait()
        child.stdout.close()
        reader = open_records(where, readonly=True)
        rows, half = divmod(reader.revision(), 2)
        assert not half
        assert rows in (acknowledged + 1, acknowledged + 2)
        assert reader.verify().bad_seq == 0
        assert sorted(int(site.id, 16) for site in reader.all("site")) == list(range(rows))
        assert all(reader.answered(f"key-{number}") == {"number": number} for number in range(rows))
        assert [edge.id for edge in reader.edges_at(0)] == [f"e{rows - 1}"]
        assert sorted(int(edge.id[1:]) for edge in reader.edges_between(-1, rows)) == list(range(rows))
        assert [int(hit.id, 16) for hit in reader.lookup(f"机房{rows - 1}") if hit.exact] == [rows - 1]
        reader.close()
        acknowledged = rows - 1
    print(f"\nrecords in {kind}: {kills} kill -9, {acknowledged + 1} acknowledged writes, none lost")  # noqa: T201  soak prints its counts
