"""The proof: whatever was done to the trail is found, and the first row that does not hold is named."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.audit import ROOT, Tip, Verdict, read_tips
from core.identity import Actor
from stores.audit import Verifier, archive, seal
from stores.records import Records, journal, open_records
from stores.records.sqlite import GUARDS

DAY = 86_400_000
LI = Actor(name="li", origin="unix:7", request="r1")
TEXTS = ("request", "actor", "origin", "action", "kind", "object_id", "before", "after", "previous", "digest")


def fill(store: Records, rows: int, first: int = 1) -> None:
    with store.together():
        for number in range(first, first + rows):
            with store.write(LI, number * DAY) as write:
                write.note("test", {"number": number, "text": "人民路"})


def verdict_of(path: Path, folder: Path, tips: tuple[Tip, ...] = ()) -> Verdict:
    store = open_records(path, readonly=True)
    try:
        return Verifier(store, folder, tips).run()
    finally:
        store.close()


def digests(path: Path) -> dict[int, str]:
    db = sqlite3.connect(path)
    found = dict(db.execute("SELECT seq, digest FROM journal"))
    db.close()
    return found


def rewrite(path: Path, first: int, change: Callable[[list[dict[str, Any]]], None]) -> None:
    """What somebody does who owns the file and knows the code: changes rows and computes the chain anew from there on."""
    db = sqlite3.connect(path, isolation_level=None)
    for guard in GUARDS:
        db.execute(f"DROP TRIGGER {guard}")
    rows = db.execute(f"SELECT {journal.COLUMNS} FROM journal WHERE seq >= ? ORDER BY seq", (first,)).fetchall()  # noqa: S608
    told = [dict(zip(journal.FIELDS, row, strict=True)) for row in rows]
    previous = told[0]["previous"]
    change(told)
    for row in told:
        row["before"], row["after"] = json.loads(row["before"]), json.loads(row["after"])
    db.execute("DELETE FROM journal WHERE seq >= ?", (first,))
    db.executemany(journal.INSERT, journal.chain(told, first - 1, previous))
    db.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_change_of_any_field_is_found_and_named(tmp_path: Path, data: st.DataObject) -> None:
    sound = tmp_path / "sound.db"
    if not sound.exists():
        store = open_records(sound)
        fill(store, 12)
        store.close()
    path = tmp_path / "records.db"
    shutil.copy(sound, path)
    seq = data.draw(st.integers(1, 12))
    field = data.draw(st.sampled_from((*TEXTS, "at_ms", "zone_s")))
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("DROP TRIGGER journal_update")
    old = db.execute(f"SELECT {field} FROM journal WHERE seq = ?", (seq,)).fetchone()[0]  # noqa: S608
    texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=80)
    new = data.draw(texts if field in TEXTS else st.integers(-9, 2**40))
    db.execute(f"UPDATE journal SET {field} = ? WHERE seq = ?", (new, seq))  # noqa: S608
    db.close()
    found = verdict_of(path, tmp_path / "audit")
    if new == old:
        assert found.good
    else:
        assert (found.bad_seq, found.rows, found.good) == (seq, seq - 1, False)
        assert str(seq) in found.reason


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations(range(1, 9)), cut=st.integers(0, 8))
def test_any_other_order_is_found(tmp_path: Path, order: list[int], cut: int) -> None:
    sound, path = tmp_path / "sound.db", tmp_path / "records.db"
    if not sound.exists():
        store = open_records(sound)
        fill(store, 8)
        store.close()
    shutil.copy(sound, path)
    db = sqlite3.connect(path, isolation_level=None)
    for guard in GUARDS:
        db.execute(f"DROP TRIGGER {guard}")
    rows = db.execute("SELECT * FROM journal ORDER BY seq").fetchall()
    db.execute("DELETE FROM journal")
    for seq, number in enumerate(order[:cut], 1):
        db.execute(journal.INSERT, (seq, *rows[number - 1][1:]))
    db.close()
    found = verdict_of(path, tmp_path / "none")
    first = next((seq for seq, number in enumerate(order[:cut], 1) if seq != number), 0)
    assert found.bad_seq == first
    assert (found.rows if first else found.last_seq) == (first - 1 if first else cut)


def test_rows_cut_off_at_the_end_show_against_a_tip(store: Records, path: Path, as_root: Callable[..., None], tmp_path: Path) -> None:
    fill(store, 10)
    tip = Tip(seq=10, digest=digests(path)[10])
    assert verdict_of(path, tmp_path, (tip,)).tips == 1
    as_root("DELETE FROM journal WHERE seq > 7")
    assert verdict_of(path, tmp_path).good
    found = verdict_of(path, tmp_path, (tip,))
    assert (found.bad_seq, found.rows) == (8, 7)
    assert "cut off" in found.reason


def test_a_chain_computed_anew_shows_against_a_tip(store: Records, path: Path, tmp_path: Path) -> None:
    fill(store, 10)
    store.close()
    tips = tuple(Tip(seq=seq, digest=digest) for seq, digest in digests(path).items() if seq in (3, 6, 9))
    rewrite(path, 5, lambda rows: rows[0].update(actor="nobody"))
    assert verdict_of(path, tmp_path).good
    found = verdict_of(path, tmp_path, tips)
    assert (found.bad_seq, found.tips) == (6, 1)
    assert "kept elsewhere" in found.reason


def test_a_row_that_was_slipped_in_shows_against_a_tip(store: Records, path: Path, tmp_path: Path) -> None:
    fill(store, 6)
    store.close()
    tip = Tip(seq=6, digest=digests(path)[6])
    rewrite(path, 3, lambda rows: rows.insert(1, {**rows[0], "action": "harmless"}))
    assert verdict_of(path, tmp_path).rows == 7
    assert verdict_of(path, tmp_path, (tip,)).bad_seq == 6


@pytest.fixture
def archived(store: Records, path: Path, tmp_path: Path) -> Path:
    """Thirty rows, of which twenty lie in two archives; the folder of the archives."""
    fill(store, 30)
    archive(store, tmp_path / "audit", LI, (190 + 21) * DAY, 190, trust_clock=True, segment_rows=10)
    assert verdict_of(path, tmp_path / "audit").archived == 20
    return tmp_path / "audit"


FIRST, SECOND = "audit-000000000001-000000000010", "audit-000000000011-000000000020"


def flip(file: Path, at: int = 60) -> None:
    content = bytearray(file.read_bytes())
    content[at % len(content)] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)


@pytest.mark.parametrize(
    ("name", "bad"),
    [(f"{FIRST}.jsonl.zst", 1), (f"{FIRST}.json", 1), (f"{FIRST}.sig", 1), (f"{SECOND}.jsonl.zst", 11), (f"{SECOND}.sig", 11)],
)
def test_a_changed_archive_is_found(archived: Path, path: Path, name: str, bad: int) -> None:
    flip(archived / name)
    found = verdict_of(path, archived)
    assert (found.bad_seq, found.rows) == (bad, bad - 1)
    assert name.partition(".")[0] in found.reason


def test_a_missing_archive_is_found(archived: Path, path: Path) -> None:
    for file in archived.glob(f"{FIRST}.*"):
        file.unlink()
    assert verdict_of(path, archived).bad_seq == 1
    for file in archived.glob(f"{SECOND}.*"):
        file.unlink()
    found = verdict_of(path, archived)
    assert (found.good, found.first_seq, found.rows) == (True, 21, 12)
    assert "not at hand" in found.notes[0]


def test_the_newest_archive_is_missed_at_the_seam(archived: Path, path: Path) -> None:
    for file in archived.glob(f"{SECOND}.*"):
        file.unlink()
    found = verdict_of(path, archived)
    assert (found.bad_seq, found.rows) == (11, 10)


def test_an_archive_made_anew_with_another_key_is_found(archived: Path, path: Path, tmp_path: Path) -> None:
    """Whoever owns the machine can sign again, but not with what the trail names."""
    from stores.audit import segment
    from stores.audit.signing import Signer

    told = segment.statement(archived, FIRST)
    rows = list(segment.read(archived, told))
    for file in archived.glob(f"{FIRST}.*"):
        file.unlink()
    (archived / "signing.key").unlink()
    segment.write(archived, iter(rows), Signer(archived))
    found = verdict_of(path, archived)
    assert found.bad_seq == 1
    assert "does not name" in found.reason


def test_rows_removed_at_the_seam_are_found(archived: Path, path: Path, as_root: Callable[..., None]) -> None:
    as_root("DELETE FROM journal WHERE seq = 21")
    found = verdict_of(path, archived)
    assert (found.bad_seq, found.rows) == (21, 20)


def test_without_archives_the_beginning_must_be_stated_by_the_trail(archived: Path, path: Path, as_root: Callable[..., None]) -> None:
    as_root("DELETE FROM journal WHERE seq < 25")
    found = verdict_of(path, archived / "none")
    assert (found.bad_seq, found.rows) == (1, 0)


def test_tips_of_archived_rows_agree_too(archived: Path, path: Path) -> None:
    line = msgspec.json.decode((archived / f"{FIRST}.json").read_bytes())
    assert verdict_of(path, archived, (Tip(seq=10, digest=line["tip"]),)).tips == 1
    assert verdict_of(path, archived, (Tip(seq=9, digest=line["tip"]),)).bad_seq == 9
    assert "not at hand" in verdict_of(path, archived / "none", (Tip(seq=9, digest=line["tip"]),)).notes[-1]


def test_the_hash_may_change_on_a_living_chain(path: Path, tmp_path: Path) -> None:
    for name in ("sha256", "sm3", "sha256", "sm3"):
        store = open_records(path, hash_name=name)
        fill(store, 3, store.revision() + 1)
        seal(store, LI, 5, 1.0)
        store.close()
    found = verdict_of(path, tmp_path / "audit")
    assert (found.good, found.rows, found.seals) == (True, 16, 4)
    assert [digest.startswith("sm3:") for digest in digests(path).values()] == ([False] * 4 + [True] * 4) * 2
    assert found.tip.startswith("sm3:")


def test_sm3_is_the_hash_of_the_standard() -> None:
    """GB/T 32905-2016, A.1: the digest of `abc`."""
    import hashlib

    assert hashlib.new("sm3", b"abc").hexdigest() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"


def test_a_row_cannot_claim_a_weaker_hash(store: Records, path: Path, as_root: Callable[..., None], tmp_path: Path) -> None:
    fill(store, 3)
    as_root("UPDATE journal SET digest = 'md5:' || digest WHERE seq = 3")
    assert verdict_of(path, tmp_path).bad_seq == 3


def test_tips_are_read_from_tip_files_and_from_syslog() -> None:
    a, b = "a" * 64, "sm3:" + "b" * 64
    lines = [
        json.dumps({"at": "2026-11-23T13:00:00Z", "node": "n", "seq": 12, "digest": a}), "noise", f"seq=x digest={a}",
        f'<110>1 2026-11-23T13:00:00.000Z node yunwang 1 audit.seal [tip@32473 seq="34" digest="{b}"]', "x" * 100_000,
    ]
    assert read_tips(lines) == [Tip(seq=12, digest=a), Tip(seq=34, digest=b)]


def test_an_empty_trail_holds(path: Path, store: Records, tmp_path: Path) -> None:
    found = verdict_of(path, tmp_path / "audit")
    assert (found.good, found.rows, found.tip) == (True, 0, ROOT)
    assert verdict_of(path, tmp_path / "audit", (Tip(seq=3, digest="a" * 64),)).bad_seq == 1
