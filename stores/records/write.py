"""One open transaction: state, journal, index of search, idempotency key."""

from collections.abc import Sequence
from typing import Any

import msgspec

from core.audit import ROOT
from core.edges import Edge
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.i18n import tr
from core.identity import Actor
from core.kinds import HIDDEN, Kept
from core.messages import Observed
from stores.records import edging, journal, masking, observing
from stores.records.batch import Batch
from stores.records.columns import Shape, encode
from stores.records.connection import Connection
from stores.records.indexing import Index
from stores.records.queries import observed, shape_of
from stores.records.shapes import BY_NOUN, EDGE, OBSERVED

_ANSWER = (
    "INSERT INTO answer (idempotency_key, at_ms, result) VALUES (?, ?, ?)"
    " ON CONFLICT (idempotency_key) DO NOTHING RETURNING idempotency_key"
)
"""A conflict is no error of the database, which would end a transaction of PostgreSQL that others may share."""
MANY = 2000
"""Journal rows that are held back at most."""


class Write:
    """Records and journal rows go out at the latest when the transaction ends; what is read in it is as if they had.

    hash_name: of the chain.
    """

    def __init__(self, db: Connection, actor: Actor, now_ms: int, idempotency_key: str, hash_name: str) -> None:
        self._db, self._actor, self._now, self._key, self._hash = db, actor, now_ms, idempotency_key, hash_name
        self._batch, self._index = Batch(db), Index(db)
        self._rows: list[dict[str, Any]] = []
        self._result: dict[str, Any] = {}
        self._always = {
            "at_ms": now_ms, "zone_s": journal.zone_s(now_ms), "request": actor.request, "actor": actor.name, "origin": actor.origin,
        }

    def get(self, kind: str, object_id: str) -> Any:
        found = self._batch.get(shape_of(kind), object_id)
        if found is None:
            raise NotFoundError(tr("There is no {kind} {id}.", kind=kind, id=object_id))
        return found

    def find(self, kind: str, name: str) -> Any:
        return self._batch.find(shape_of(kind), name)

    def put(self, action: str, record: Kept) -> None:
        """Inserts or replaces by id. A record that already is so leaves no trace."""
        shape: Shape[Any] = BY_NOUN[type(record)]
        if not record.id:
            raise InvalidInputError(tr("A record without an id cannot be stored."))
        old = self._batch.get(shape, record.id)
        if old == record:
            return
        before, after = _changes(shape, old, record)
        self._batch.put(shape, record, old)
        self._index.change(shape, record.id, old, record)
        self._journal(action, shape.table, record.id, before, after)

    def observe(self, action: str, found: Observed) -> None:
        self._batch.flush("device")
        if not self._db.row("SELECT id FROM device WHERE id = ?", (found.device_id,)):
            raise NotFoundError(tr("There is no device {id}.", id=found.device_id))
        old = observed(self._db, found.device_id)
        new = observing.keep_beginnings(old, found)
        self._db.run(
            "INSERT INTO observation (device_id, at_ms) VALUES (?, ?) ON CONFLICT (device_id) DO UPDATE SET at_ms = excluded.at_ms",
            (new.device_id, new.at_ms),
        )
        before, after = observing.difference(old, new)
        changed = observing.changed(old, new)
        for name, shape in observing.SETS:
            if name in changed:
                self._replace(shape, new.device_id, getattr(new, name))
        if before:
            self._journal(action, "device", new.device_id, before, after)

    def _replace(self, shape: Shape[Any], device_id: str, items: tuple[Any, ...]) -> None:
        self._db.run(f"DELETE FROM {shape.table} WHERE observed_on = ?", (device_id,))
        rows = ((*shape.row(item), device_id, place) for place, item in enumerate(items))
        self._db.many(observing.insert(shape), rows)

    def delete(self, action: str, kind: str, object_id: str) -> None:
        shape = shape_of(kind)
        self._batch.flush(kind)
        old = self._batch.get(shape, object_id)
        if old is None:
            raise NotFoundError(tr("There is no {kind} {id}.", kind=kind, id=object_id))
        if kind == "device":
            for observed_shape in OBSERVED:
                self._db.run(f"DELETE FROM {observed_shape.table} WHERE observed_on = ?", (object_id,))
            self._db.run("DELETE FROM observation WHERE device_id = ?", (object_id,))
        self._db.run(f"DELETE FROM {shape.table} WHERE id = ?", (object_id,))
        self._batch.gone(kind, object_id, old)
        self._index.change(shape, object_id, old, None)
        self._journal(action, kind, object_id, shape.plain(old), {})

    def edges(self, came: Sequence[Edge], went: Sequence[str]) -> None:
        if came or went:
            self._batch.flush(EDGE.table)
            self._journal("graph.edges", "", "", {}, edging.write(self._db, came, went, self._now))

    def note(self, action: str, detail: dict[str, Any]) -> None:
        self._journal(action, "", "", {}, detail)

    def answer(self, result: dict[str, Any]) -> None:
        self._result = result

    @property
    def revision(self) -> int:
        return self._tail()[0] + len(self._rows)

    def _tail(self) -> tuple[int, str]:
        """seq and digest of the newest row that is in the chain."""
        return self._db.tail or self._db.row("SELECT seq, digest FROM journal ORDER BY seq DESC LIMIT 1") or (0, ROOT)

    def _journal(self, action: str, kind: str, object_id: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        if kind in HIDDEN:
            before, after = {}, {}
        row = {"action": action, "kind": kind, "object_id": object_id}
        told = {name: masking.of_record(kind, msgspec.to_builtins(fields)) for name, fields in (("before", before), ("after", after))}
        self._rows.append({**self._always, **row, **told})
        if len(self._rows) >= MANY:
            self._link()

    def _link(self) -> None:
        """Journal rows into the chain."""
        if self._rows:
            seq, previous = self._tail()
            linked = list(journal.chain(self._rows, seq, previous, self._hash))
            self._db.many(journal.INSERT, linked)
            self._db.tail = linked[-1][0], linked[-1][-1]
            self._rows.clear()

    def finish(self) -> None:
        """The last statements before the commit."""
        self._batch.flush()
        self._index.flush()
        self._link()
        if self._key:
            row = (self._key, self._now, encode(self._result))
            if not self._db.rows(_ANSWER, row):
                raise ConflictError(tr("This was already done."), way_out=tr("Read it anew and try again."))


def _changes(shape: Shape[Any], old: Any, new: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    after = shape.plain(new)
    if old is None:
        return {}, after
    before = shape.plain(old)
    changed = [name for name in shape.fields if before[name] != after[name]]
    return {name: before[name] for name in changed}, {name: after[name] for name in changed}
