"""Edges: what holds now in `edge`, what ended in `edge_past` with its times, so that any moment can be asked."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from core.edges import Edge
from stores.records.columns import quoted
from stores.records.connection import Connection
from stores.records.shapes import EDGE

PAST = "edge_past"
CHUNK = 500
Row = tuple[Any, ...]
_SELECT = {table: f"SELECT {EDGE.columns} FROM {table}" for table in (EDGE.table, PAST)}
_ENDED = ", ".join("?" if name == "valid_to" else quoted(name) for name in EDGE.fields)
_END = (
    f"INSERT INTO {PAST} ({EDGE.columns}) SELECT {_ENDED} FROM {EDGE.table} WHERE id = ? AND valid_from < ?"
    " ON CONFLICT (id, valid_from) DO UPDATE SET valid_to = excluded.valid_to"
)
_FORGET = f"DELETE FROM {EDGE.table} WHERE id = ?"
_IN = f"SELECT id FROM {EDGE.table} WHERE id IN ({', '.join('?' * CHUNK)})"


def write(db: Connection, came: Sequence[Edge], went: Sequence[str], now_ms: int) -> dict[str, Any]:
    """Ends and begins edges; what the journal says of it. One that comes while it still holds ends as it was at that moment.

    An edge that held for no time at all leaves nothing behind.
    """
    latest = {edge.id: edge for edge in came}
    ended = list(dict.fromkeys(went))
    known = set(ended)
    replaced = [one for one in _there(db, list(latest)) if one not in known]
    end(db, [(one, now_ms) for one in ended] + [(one, latest[one].valid_from) for one in replaced])
    db.many(EDGE.insert, [EDGE.row(edge) for edge in latest.values()])
    return told(latest.values(), ended, len(replaced))


def told(came: Collection[Edge], went: Sequence[str], replaced: int) -> dict[str, Any]:
    """What the journal says: how many, and a digest over the JSON of each that came and the ids of those that went, a line each."""
    digest = hashlib.sha256()
    for edge in came:
        digest.update(msgspec.json.encode(edge) + b"\n")
    for one in went:
        digest.update(one.encode() + b"\n")
    return {"came": len(came), "went": len(went), "replaced": replaced, "sha256": digest.hexdigest()}


def end(db: Connection, ended: Sequence[tuple[str, int]]) -> None:
    """Edges by id with the moment at which they ended."""
    if ended:
        db.many(_END, [(at_ms, one, at_ms) for one, at_ms in ended])
        db.many(_FORGET, [(one,) for one, _ in ended])


def _there(db: Connection, ids: Sequence[str]) -> list[str]:
    """Which of these hold now."""
    found: list[str] = []
    for start in range(0, len(ids), CHUNK):
        part = ids[start : start + CHUNK]
        found += [row[0] for row in db.rows(_IN, [*part, *[""] * (CHUNK - len(part))])]
    return found


def at(db: Connection, at_ms: int) -> Iterator[list[Row]]:
    """Rows of the edges that held then, some at a time; at_ms 0: that hold now."""
    if not at_ms:
        return db.stream(f"{_SELECT[EDGE.table]} ORDER BY id")
    return db.stream(
        f"{_SELECT[EDGE.table]} WHERE valid_from <= ? UNION ALL {_SELECT[PAST]} WHERE valid_from <= ? AND valid_to > ?"
        " ORDER BY id, valid_from", (at_ms, at_ms, at_ms),
    )


def of(db: Connection, object_id: str, at_ms: int) -> list[Edge]:
    """Edges that begin or end at an object."""
    found = db.rows(f"{_SELECT[EDGE.table]} WHERE a = ? OR b = ?", (object_id, object_id))
    if at_ms:
        found += db.rows(f"{_SELECT[PAST]} WHERE a = ? AND valid_to > ?", (object_id, at_ms))
        found += db.rows(f"{_SELECT[PAST]} WHERE b = ? AND a <> ? AND valid_to > ?", (object_id, object_id, at_ms))
    edges = [edge for edge in read(found) if not at_ms or edge.held_at(at_ms)]
    return sorted(edges, key=order)


def order(edge: Edge) -> tuple[str, int]:
    return edge.id, edge.valid_from


def between(db: Connection, start_ms: int, end_ms: int) -> Iterator[list[Row]]:
    """Rows of the edges that came or went in [start, end)."""
    came = "valid_from >= ? AND valid_from < ?"
    return db.stream(
        f"{_SELECT[EDGE.table]} WHERE {came} UNION ALL {_SELECT[PAST]} WHERE {came}"
        f" UNION ALL {_SELECT[PAST]} WHERE valid_to >= ? AND valid_to < ? AND valid_from < ? ORDER BY id, valid_from",
        (start_ms, end_ms, start_ms, end_ms, start_ms, end_ms, start_ms),
    )


def prune(db: Connection, before_ms: int) -> int:
    """Forgets edges that ended before; how many."""
    count = int(db.rows(f"SELECT count(*) FROM {PAST} WHERE valid_to < ?", (before_ms,))[0][0])
    if count:
        db.run(f"DELETE FROM {PAST} WHERE valid_to < ?", (before_ms,))
    return count


def read(rows: Iterable[Row]) -> Iterator[Edge]:
    return map(EDGE.read, rows)
