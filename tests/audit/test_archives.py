"""Archives: what moves, what stays, what a crash at any step leaves, and how anybody can check one."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import zstandard

from agents.hub.audit.exporting import pieces
from core.audit import AuditQuery
from core.errors import ConflictError, StorageError
from core.identity import Actor
from stores import audit
from stores.audit import Verifier, archive, archived_rows, seal, segment
from stores.records import Records, open_records

DAY = 86_400_000
LI = Actor(name="li")
KEEP = 190


def fill(store: Records, rows: int, first: int = 1) -> None:
    with store.together():
        for number in range(first, first + rows):
            with store.write(LI, number * DAY) as write:
                write.note("test", {"number": number, "text": "人民路 ' \u2028"})


def witness(store: Records, at_ms: int, days: float) -> None:
    seal(store, LI, at_ms, days * 86_400)


def test_old_rows_move_into_signed_files_and_the_chain_holds_over_the_seam(store: Records, tmp_path: Path) -> None:
    fill(store, 300)
    witness(store, 300 * DAY, 0)
    witness(store, 490 * DAY, KEEP)
    moved = archive(store, tmp_path / "audit", LI, (KEEP + 250) * DAY, KEEP, segment_rows=100)
    assert [(one.first_seq, one.last_seq) for one in moved.segments] == [(1, 100), (101, 200), (201, 249)]
    assert (moved.rows, moved.held) == (249, 0)
    assert store.journal(0, 1)[0].seq == 250
    verdict = Verifier(store, tmp_path / "audit").run()
    assert (verdict.good, verdict.rows, verdict.archived, verdict.seals) == (True, 305, 249, 2)
    fill(store, 3, 500)
    assert Verifier(store, tmp_path / "audit").run().rows == 308
    assert [row.action for row in store.journal(302, 3)] == ["audit.archive"] * 3


def test_nothing_is_old_enough(store: Records, tmp_path: Path) -> None:
    fill(store, 10)
    assert archive(store, tmp_path / "audit", LI, 190 * DAY, KEEP, trust_clock=True).rows == 0
    assert not (tmp_path / "audit").exists()


def test_the_whole_journal_may_be_old(store: Records, tmp_path: Path) -> None:
    """The row that names the archive stays, and the chain goes on from it."""
    fill(store, 10)
    assert archive(store, tmp_path / "audit", LI, 500 * DAY, KEEP, trust_clock=True).rows == 10
    fill(store, 2, 501)
    assert [row.seq for row in store.journal()] == [11, 12, 13]
    assert Verifier(store, tmp_path / "audit").run().rows == 13


def test_a_clock_that_jumps_ahead_by_a_year_archives_nothing(store: Records, tmp_path: Path) -> None:
    """The hub was seen running for two days, whatever the clock says."""
    fill(store, 10)
    witness(store, 11 * DAY, 1)
    witness(store, 12 * DAY + 365 * DAY, 1)
    moved = archive(store, tmp_path / "audit", LI, 12 * DAY + 365 * DAY, KEEP)
    assert (moved.rows, moved.held, moved.witnessed_days) == (0, 11, 2.0)
    assert store.journal(0, 1)[0].seq == 1
    assert archive(store, tmp_path / "audit", LI, 12 * DAY + 365 * DAY, KEEP, trust_clock=True).rows == 11


def test_a_clock_that_stepped_back_keeps_order_and_hides_no_young_row(store: Records, tmp_path: Path) -> None:
    """Rows keep their order by number; a young row before old-looking ones keeps those too."""
    for at in (400, 401, 10, 11, 402):
        with store.write(LI, at * DAY) as write:
            write.note("test", {"at": at})
    assert [row.at_ms // DAY for row in store.journal()] == [400, 401, 10, 11, 402]
    moved = archive(store, tmp_path / "audit", LI, 403 * DAY, KEEP, trust_clock=True)
    assert moved.rows == 0
    assert store.verify().good


def test_an_archive_can_be_checked_with_ordinary_tools(store: Records, tmp_path: Path, need: Callable[[str], str]) -> None:
    openssl = need("openssl")
    fill(store, 5)
    folder = tmp_path / "audit"
    archive(store, folder, LI, 500 * DAY, KEEP, trust_clock=True)
    stem = "audit-000000000001-000000000005"
    key, statement = next(folder.glob("public-*.pub")), folder / f"{stem}.json"
    check = [openssl, "pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", key, "-in", statement, "-sigfile", folder / f"{stem}.sig"]
    assert subprocess.run(check, check=False, capture_output=True).returncode == 0
    told = json.loads(statement.read_bytes())
    packed = (folder / told["file"]).read_bytes()
    assert hashlib.sha256(packed).hexdigest() == told["sha256"]
    previous = told["previous"]
    for line in zstandard.ZstdDecompressor().stream_reader(packed).read().decode().split("\n")[:-1]:
        row = json.loads(line)
        digest = row.pop("digest")
        body = json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
        assert (row["previous"], hashlib.sha256(body).hexdigest()) == (previous, digest)
        previous = digest
    assert previous == told["tip"]
    assert (folder / "signing.key").stat().st_mode & 0o777 == 0o600
    assert (folder / told["file"]).stat().st_mode & 0o077 == 0


STEPS = ("_write_rows", "_sha256", "publish", "_publish", "check", "_still_the_same")


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("after", [False, True])
def test_an_error_at_any_step_loses_nothing(
    store: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str, after: bool,
) -> None:
    """Fault injection before and after each step: rows stay, the chain holds, the next archiving finishes."""
    fill(store, 30)
    folder = tmp_path / "audit"
    module = audit.archive.__globals__ if step == "_still_the_same" else vars(segment)
    real = module[step]

    def broken(*args: object, **kwargs: object) -> object:
        if after:
            real(*args, **kwargs)
        raise StorageError("torn out")

    with monkeypatch.context() as patch:
        patch.setitem(module, step, broken)
        with pytest.raises(StorageError, match="torn out"):
            archive(store, folder, LI, 500 * DAY, KEEP, trust_clock=True, segment_rows=10)
    assert [row.seq for row in store.journal()] == list(range(1, 31))
    assert Verifier(store, folder).run().good
    assert archive(store, folder, LI, 500 * DAY, KEEP, trust_clock=True, segment_rows=10).rows == 30
    verdict = Verifier(store, folder).run()
    assert (verdict.good, verdict.rows, verdict.archived) == (True, 33, 30)


PROGRAM = """
import os, sys
from pathlib import Path
from core.identity import Actor
from stores import audit
from stores.records import open_records

folder, at = Path(sys.argv[1]), int(sys.argv[2])
calls = 0

def count(name, *_):
    global calls
    if name in ("os.rename", "open", "os.truncate", "sqlite3.connect") :
        calls += 1
        if calls == at:
            os.kill(os.getpid(), 9)

store = open_records(folder / "records.db")
sys.addaudithook(count)
audit.archive(store, folder / "audit", Actor(name="li"), 500 * 86_400_000, 190, trust_clock=True, segment_rows=10)
"""


def test_kill_9_at_every_file_operation_loses_nothing(tmp_path: Path) -> None:
    """The process dies at its first file operation, its second, and so on, until it lives to the end."""
    store = open_records(tmp_path / "records.db")
    fill(store, 40)
    store.close()
    step = os.environ.get("YUNWANG_SOAK") != "1"
    for at in range(1, 200, 5 if step else 1):
        ended = subprocess.run([sys.executable, "-c", PROGRAM, tmp_path, str(at)], check=False).returncode
        store = open_records(tmp_path / "records.db", readonly=True)
        verdict = Verifier(store, tmp_path / "audit").run()
        store.close()
        assert verdict.good, f"killed at operation {at}: {verdict.reason}"
        assert verdict.rows >= 40
        if ended != -signal.SIGKILL:
            assert (ended, verdict.archived) == (0, 40)
            return
    pytest.fail("it never came to its end")


def test_an_archive_with_other_rows_is_set_aside_and_kept(store: Records, tmp_path: Path) -> None:
    """A backup was restored: rows that had been archived came anew, differently."""
    folder = tmp_path / "audit"
    other = open_records(tmp_path / "other.db")
    fill(other, 10, 3)
    archive(other, folder, LI, 500 * DAY, KEEP, trust_clock=True)
    other.close()
    fill(store, 20)
    assert archive(store, folder, LI, 500 * DAY, KEEP, trust_clock=True).rows == 20
    assert Verifier(store, folder).run().good
    assert len(list((folder / "superseded").glob("audit-000000000001-000000000010.*"))) >= 3


def test_the_same_archive_is_taken_as_it_is(store: Records, tmp_path: Path) -> None:
    """A restored backup has rows online that an archive holds already: it is adopted, not written again."""
    fill(store, 10)
    folder = tmp_path / "audit"
    signer = segment.signing.Signer(folder)
    made = segment.write(folder, store.raw_journal(), signer)
    before = (folder / made.file).stat().st_mtime_ns
    moved = archive(store, folder, LI, 500 * DAY, KEEP, trust_clock=True)
    assert moved.segments == (made,)
    assert (folder / made.file).stat().st_mtime_ns == before
    assert Verifier(store, folder).run().archived == 10


def test_rows_that_do_not_hold_are_not_archived(store: Records, tmp_path: Path, as_root: Callable[..., None]) -> None:
    """Evidence of tampering stays where it is."""
    fill(store, 10)
    as_root("UPDATE journal SET actor = 'nobody' WHERE seq = 4")
    with pytest.raises(StorageError, match="row 4 was changed"):
        archive(store, tmp_path / "audit", LI, 500 * DAY, KEEP, trust_clock=True)
    assert store.revision() == 10


def test_a_key_that_others_may_read_is_refused(store: Records, tmp_path: Path) -> None:
    fill(store, 3)
    segment.signing.Signer(tmp_path / "audit")
    (tmp_path / "audit" / "signing.key").chmod(0o644)
    with pytest.raises(StorageError, match="Others may read"):
        archive(store, tmp_path / "audit", LI, 500 * DAY, KEEP, trust_clock=True)
    (tmp_path / "audit" / "signing.key").chmod(0o600)
    (tmp_path / "audit" / "signing.key").write_text("no key")
    with pytest.raises(StorageError, match="no Ed25519 key"):
        archive(store, tmp_path / "audit", LI, 500 * DAY, KEEP, trust_clock=True)
    assert store.revision() == 3


@pytest.mark.real
def test_a_full_disk_refuses_the_archive_and_keeps_the_rows(store: Records, small_disk: Path) -> None:
    fill(store, 50)
    (small_disk / "ballast").write_bytes(bytes(3 << 20))
    with suppress(OSError), (small_disk / "more").open("wb", buffering=0) as out:
        while out.write(bytes(4096)):
            pass
    with pytest.raises(StorageError) as error:
        archive(store, small_disk / "audit", LI, 500 * DAY, KEEP, trust_clock=True)
    assert error.value.way_out
    assert (store.revision(), store.journal(0, 1)[0].seq) == (50, 1)
    (small_disk / "ballast").unlink()
    assert archive(store, small_disk / "audit", LI, 500 * DAY, KEEP, trust_clock=True).rows == 50


def test_the_rows_may_not_be_removed_in_any_other_way(store: Records) -> None:
    fill(store, 5)
    for statement, values in (("DELETE FROM journal WHERE seq = ?", (2,)), ("UPDATE journal SET at_ms = ? WHERE seq = ?", (1, 2))):
        with pytest.raises(ConflictError, match="new rows only"), store.maintenance() as db:
            db.run(statement, values)
    assert store.verify().rows == 5


def test_archived_rows_are_found_too(store: Records, tmp_path: Path) -> None:
    fill(store, 40)
    folder = tmp_path / "audit"
    archive(store, folder, LI, 500 * DAY, KEEP, trust_clock=True, segment_rows=10)

    def seqs(**query: object) -> list[int]:
        return [row.seq for rows in archived_rows(folder, AuditQuery(**query)) for row in rows]  # type: ignore[arg-type]

    assert seqs() == list(range(1, 41))
    assert seqs(actor="nobody") == []
    assert seqs(word='"number":7') == [7]
    assert seqs(start_ms=12 * DAY, end_ms=15 * DAY) == [12, 13, 14]
    for file in folder.glob("audit-000000000021-*.zst"):
        file.unlink()
    assert seqs(start_ms=12 * DAY, end_ms=15 * DAY) == [12, 13, 14]
    with pytest.raises(StorageError):
        seqs()


def test_an_export_goes_over_the_seam_without_a_gap_or_a_double(store: Records, tmp_path: Path) -> None:
    fill(store, 40)
    folder = tmp_path / "audit"
    archive(store, folder, LI, (KEEP + 21) * DAY, KEEP, trust_clock=True, segment_rows=10)
    for query, expected in ((AuditQuery(archives=True), 42), (AuditQuery(), 22), (AuditQuery(archives=True, action="test"), 40)):
        lines = b"".join(pieces(store, folder, query, "jsonl")).splitlines()
        assert [json.loads(line)["seq"] for line in lines] == list(range(42 - expected + 1 if expected == 22 else 1, 43))[:expected]
