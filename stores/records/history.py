"""Any moment of the records, out of the journal: from what is there now, back through what every row says was before it.

A moment is a place in the chain: behind all rows that were written before the first one that is later than it, so that a clock that was
set back changes no order.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from core.errors import InvalidInputError
from core.i18n import tr
from core.model import MODEL
from core.ports import Past
from stores.records.columns import Shape
from stores.records.connection import Connection
from stores.records.queries import shape_of

CHUNK = 500
State = dict[str, Any] | None
"""Every field by name as JSON knows it; None: not there."""
_JSON = msgspec.json.Decoder(dict[str, Any])
_ROWS = "SELECT seq, kind, object_id, before, after FROM journal WHERE seq > ? AND kind IN ({}) ORDER BY seq DESC"
_OBJECT = "SELECT before, after FROM journal WHERE kind = ? AND object_id = ? AND seq > ? ORDER BY seq DESC"


def reach(db: Connection, at_ms: int) -> None:
    """Raises `InvalidInputError` where older rows went into the archives and the journal begins later."""
    oldest = db.row("SELECT seq, at_ms FROM journal ORDER BY seq LIMIT 1")
    if oldest is not None and oldest[0] > 1 and at_ms < oldest[1]:
        begins = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(oldest[1] / 1000))
        raise InvalidInputError(
            tr("The history in the database begins at {at}.", at=begins),
            way_out=tr("Ask for a later moment; what was before is in the archives of the audit trail."),
        )


def place(db: Connection, at_ms: int) -> int:
    """seq of the last row of a moment; 0: before all. Raises as `reach` does."""
    reach(db, at_ms)
    later = db.rows("SELECT min(seq) FROM journal WHERE at_ms > ?", (at_ms,))[0][0]
    return int(db.rows("SELECT coalesce(max(seq), 0) FROM journal")[0][0] if later is None else later - 1)


def object_at(db: Connection, kind: str, object_id: str, at_ms: int) -> Any:
    shape = modelled(kind)
    after = place(db, at_ms)
    row = db.row(f"{shape.select} WHERE id = ?", (object_id,))
    state: State = shape.shown(row) if row else None
    for rows in db.stream(_OBJECT, (kind, object_id, after)):
        for before, now in rows:
            state = _back(state, _JSON.decode(before), _JSON.decode(now))
    return noun(shape, state)


def changed(db: Connection, start_ms: int, end_ms: int, kinds: Sequence[str], limit: int) -> list[Past]:
    """Objects that are not at the end what they were at the start; end_ms 0: now."""
    shapes = asked(start_ms, end_ms, kinds)
    wanted = tuple(shapes)
    first = place(db, start_ms)
    last = place(db, end_ms) if end_ms else None
    walk = _Walk(db, shapes, last, limit)
    walk.back(db.stream(_ROWS.format(", ".join("?" * len(wanted))), (first, *wanted)))
    return sorted(walk.found(), key=lambda past: (past.kind, past.id))


def asked(start_ms: int, end_ms: int, kinds: Sequence[str]) -> dict[str, Shape[Any]]:
    """The shapes of the kinds, all where none is named. Raises `InvalidInputError`."""
    if end_ms and end_ms < start_ms:
        raise InvalidInputError(tr("The end of a time comes after its start."))
    return {kind: modelled(kind) for kind in kinds or MODEL}


class _Walk:
    """Back from now to the start; `end` holds objects as they were at the end where that is not now. last: seq of the end."""

    def __init__(self, db: Connection, shapes: dict[str, Shape[Any]], last: int | None, limit: int) -> None:
        self._db, self._shapes, self._last, self._limit = db, shapes, last, limit
        self._now: dict[tuple[str, str], State] = {}
        self._end: dict[tuple[str, str], State] = {}

    def back(self, pieces: Iterable[list[tuple[Any, ...]]]) -> None:
        for rows in pieces:
            self._load({(row[1], row[2]) for row in rows if row[2]} - self._now.keys())
            for seq, kind, object_id, before, after in rows:
                key = kind, object_id
                if not object_id:
                    continue
                if key not in self._end and (self._last is None or seq <= self._last):
                    self._end[key] = self._now[key]
                    self._check()
                self._now[key] = _back(self._now[key], _JSON.decode(before), _JSON.decode(after))

    def _check(self) -> None:
        if len(self._end) > self._limit:
            raise InvalidInputError(
                tr("More than {limit} objects changed in this time.", limit=self._limit),
                way_out=tr("Ask for a shorter time or fewer kinds."),
            )

    def _load(self, keys: set[tuple[str, str]]) -> None:
        """What of these is there now."""
        for kind, shape in self._shapes.items():
            ids = sorted(object_id for one, object_id in keys if one == kind)
            self._now.update(((kind, object_id), None) for object_id in ids)
            for start in range(0, len(ids), CHUNK):
                part = ids[start : start + CHUNK]
                found = self._db.rows(f"{shape.select} WHERE id IN ({', '.join('?' * CHUNK)})", [*part, *[""] * (CHUNK - len(part))])
                self._now.update(((kind, row[0]), shape.shown(row)) for row in found)

    def found(self) -> Iterator[Past]:
        for (kind, object_id), end in self._end.items():
            shape, start = self._shapes[kind], self._now[kind, object_id]
            before, after = noun(shape, start), noun(shape, end)
            if before != after:
                yield Past(kind=kind, id=object_id, before=before, after=after)


def _back(state: State, before: dict[str, Any], after: dict[str, Any]) -> State:
    """The state before a row. Rows of observations name no `id` and none of the fields."""
    if "id" in after and not before:
        return None
    if "id" in before and not after:
        return before
    return {**state, **before} if state is not None else None


def noun(shape: Shape[Any], state: State) -> Any:
    """Fields that the noun no longer has are left out, those that it has gained are as by default."""
    if state is None:
        return None
    return msgspec.convert({name: value for name, value in state.items() if name in shape.types}, shape.noun)


def modelled(kind: str) -> Shape[Any]:
    shape = shape_of(kind)
    if kind not in MODEL:
        raise InvalidInputError(tr("There is no history of {kind}.", kind=kind), way_out=tr("Kinds: {kinds}.", kinds=", ".join(MODEL)))
    return shape
