"""Old rows of the journal move into signed archives; only what is on disk, synced and read back leaves the database."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from core.audit import Archived, Segment
from core.errors import ConflictError, StorageError
from core.i18n import tr
from core.identity import Actor
from stores.audit import segment as segments
from stores.audit.signing import Signer
from stores.files import set_aside
from stores.records import edging
from stores.records.connection import Connection
from stores.records.journal import SEAL
from stores.records.store import Records

DAY_MS = 86_400_000
SEGMENT_ROWS = 50_000
ARCHIVE = "audit.archive"
FORGET = "graph.forget"
WITNESS = "witnessed_s"
"""Field of a seal: for how many seconds the hub ran, by the clock that never steps, since the seal before it."""
_CHUNK = 5000
_SEALS = "SELECT seq, after FROM journal WHERE action = ? AND seq < ? ORDER BY seq DESC LIMIT ?"


def archive(
    store: Records, folder: Path, actor: Actor, now_ms: int, keep_days: int, *,
    trust_clock: bool = False, progress: Callable[[int, int], None] | None = None, segment_rows: int = SEGMENT_ROWS,
) -> Archived:
    """Moves rows that are older than `keep_days` into archives in `folder`, a transaction for each archive.

    Old is a row only if the hub was also seen running for so long after it, by its seals: a clock that jumped ahead removes nothing.
    trust_clock: a person says that the clock is right. progress: rows done and in all.
    Raises `StorageError` and leaves the rows where they are when an archive cannot be written and read back.
    """
    by_clock = _last_before(store, now_ms - keep_days * DAY_MS)
    witnessed, days = _last_witnessed(store, keep_days)
    last = by_clock if trust_clock else min(by_clock, witnessed)
    first = _first(store)
    total = max(last - first + 1, 0)
    done: list[Segment] = []
    if total:
        signer = Signer(folder)
        while first <= last:
            upto = min(last, first + segment_rows - 1)
            ready = _left_over(store, folder, first, last) or segments.write(folder, _rows(store, first, upto), signer)
            _move(store, ready, actor, now_ms)
            done.append(ready)
            first = ready.last_seq + 1
            if progress:
                progress(total - (last - ready.last_seq), total)
    held = max(by_clock - max(last, first - 1), 0)
    return Archived(segments=tuple(done), rows=total, held=held, witnessed_days=round(days, 2))


def _move(store: Records, done: Segment, actor: Actor, now_ms: int) -> None:
    """One transaction: the rows leave, and a row says where they are."""
    with store.maintenance() as db:
        _still_the_same(db, done)
        with store.write(actor, now_ms) as write:
            write.note(ARCHIVE, {name: getattr(done, name) for name in done.__struct_fields__})
        db.run("INSERT INTO journal_release (upto_seq) VALUES (?)", (done.last_seq,))
        db.run("DELETE FROM journal WHERE seq <= ?", (done.last_seq,))
        db.run("DELETE FROM journal_release WHERE upto_seq = ?", (done.last_seq,))
        _forget_edges(store, db, actor, now_ms)


def _forget_edges(store: Records, db: Connection, actor: Actor, now_ms: int) -> None:
    """Edges that ended before the history in the database begins: nobody can ask for a moment at which they held."""
    begins = db.rows("SELECT at_ms FROM journal ORDER BY seq LIMIT 1")[0][0]
    if count := edging.prune(db, begins):
        with store.write(actor, now_ms) as write:
            write.note(FORGET, {"edges": count, "before_ms": begins})


def _still_the_same(db: Connection, done: Segment) -> None:
    """What was archived is what would be removed."""
    first, count = db.rows("SELECT min(seq), count(*) FROM journal WHERE seq <= ?", (done.last_seq,))[0]
    tip = db.row("SELECT digest FROM journal WHERE seq = ?", (done.last_seq,))
    if (first, count) != (done.first_seq, done.last_seq - done.first_seq + 1) or tip is None or tip[0] != done.tip:
        raise ConflictError(
            tr("The rows of the archive {file} are not those of the records.", file=done.file), way_out=tr("Run `yunwang audit verify`."),
        )


def _rows(store: Records, first: int, upto: int) -> Iterator[tuple[Any, ...]]:
    return itertools.takewhile(lambda row: row[0] <= upto, store.raw_journal(first - 1))


def _first(store: Records) -> int:
    with store.snapshot() as db:
        return int(db.rows("SELECT coalesce(min(seq), 1) FROM journal")[0][0])


def _last_before(store: Records, at_ms: int) -> int:
    """The newest row such that it and all before it are older than this: a clock that stepped back for a while makes none of them older."""
    with store.snapshot() as db:
        young = db.rows("SELECT min(seq) FROM journal WHERE at_ms >= ?", (at_ms,))[0][0]
        return int(young - 1 if young is not None else db.rows("SELECT coalesce(max(seq), 0) FROM journal")[0][0])


def _last_witnessed(store: Records, keep_days: int) -> tuple[int, float]:
    """The newest row after which seals saw the hub running for `keep_days`; 0: none. And the days that they saw."""
    seen, needed = 0.0, keep_days * 86_400
    before = 2**62
    with store.snapshot() as db:
        while rows := db.rows(_SEALS, (SEAL, before, _CHUNK)):
            for seq, after in rows:
                if seen >= needed:
                    return seq, seen / 86_400
                found = msgspec.json.decode(after, type=dict[str, Any]).get(WITNESS, 0)
                seen += max(0.0, float(found)) if isinstance(found, int | float) else 0.0
            before = rows[-1][0]
    return 0, seen / 86_400


def _left_over(store: Records, folder: Path, first: int, last: int) -> Segment | None:
    """An archive from here on that was finished, but whose transaction never came, or was taken back by a restored backup.

    Where it holds other rows than the records do it is set aside, never removed.
    """
    found = None
    for name in segments.names(folder):
        begin, end = segments.bounds(name)
        if end < first or found:
            continue
        if begin == first and end <= last and _agrees(store, folder, name):
            found = segments.statement(folder, name)
            continue
        for file in sorted(folder.glob(f"{name}.*")):
            set_aside(file, folder / "superseded", f"rows from {first} on were still in the database, and others")
    return found


def _agrees(store: Records, folder: Path, name: str) -> bool:
    try:
        segment = segments.check(folder, name)
    except StorageError:
        return False
    with store.snapshot() as db:
        tip = db.row("SELECT digest FROM journal WHERE seq = ?", (segment.last_seq,))
    return tip is not None and tip[0] == segment.tip
