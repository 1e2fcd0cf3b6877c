"""One open transaction: state, journal, idempotency key."""

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
from stores.records import edging, journal, observing, queries
from stores.records.columns import Shape, encode
from stores.records.connection import Connection
from stores.records.masking import masked
from stores.records.queries import observed, shape_of
from stores.records.shapes import BY_NOUN, NAMED, OBSERVED

_ANSWER = (
    "INSERT INTO answer (idempotency_key, at_ms, result) VALUES (?, ?, ?)"
    " ON CONFLICT (idempotency_key) DO NOTHING RETURNING idempotency_key"
)
"""A conflict is no error of the database, which would end a transaction of PostgreSQL that others may share."""


class Write:
    """Statements run at once, the journal rows are linked and written when the transaction ends. hash_name: of the chain."""

    def __init__(self, db: Connection, actor: Actor, now_ms: int, idempotency_key: str, hash_name: str) -> None:
        self._db, self._actor, self._now, self._key, self._hash = db, actor, now_ms, idempotency_key, hash_name
        self._rows: list[dict[str, Any]] = []
        self._result: dict[str, Any] = {}

    def get(self, kind: str, object_id: str) -> Any:
        return queries.get(self._db, kind, object_id)

    def find(self, kind: str, name: str) -> Any:
        return queries.find(self._db, kind, name)

    def put(self, action: str, record: Kept) -> None:
        """Inserts or replaces by id. A record that already is so leaves no trace."""
        shape: Shape[Any] = BY_NOUN[type(record)]
        if not record.id:
            raise InvalidInputError(tr("A record without an id cannot be stored."))
        row = self._db.row(f"{shape.select} WHERE id = ?", (record.id,))
        old = shape.read(row) if row else None
        if old == record:
            return
        if shape.table in NAMED and (old is None or old.name != getattr(record, "name", "")):
            self._refuse_taken(shape, getattr(record, "name", ""))
        before, after = _changes(shape, old, record)
        self._db.run(shape.upsert, shape.row(record))
        self._journal(action, shape.table, record.id, before, after)

    def _refuse_taken(self, shape: Shape[Any], name: str) -> None:
        """Looked at first: an error of the database itself would end a transaction of PostgreSQL, and others may share it."""
        if self._db.row(f"SELECT id FROM {shape.table} WHERE name = ?", (name,)):
            raise ConflictError(
                tr("There is already a {kind} named {name}.", kind=shape.table, name=name), way_out=tr("Choose another name."),
            )

    def observe(self, action: str, found: Observed) -> None:
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
        row = self._db.row(f"{shape.select} WHERE id = ?", (object_id,))
        if row is None:
            raise NotFoundError(tr("There is no {kind} {id}.", kind=kind, id=object_id))
        if kind == "device":
            for observed_shape in OBSERVED:
                self._db.run(f"DELETE FROM {observed_shape.table} WHERE observed_on = ?", (object_id,))
            self._db.run("DELETE FROM observation WHERE device_id = ?", (object_id,))
        self._db.run(f"DELETE FROM {shape.table} WHERE id = ?", (object_id,))
        self._journal(action, kind, object_id, shape.plain(shape.read(row)), {})

    def edges(self, came: Sequence[Edge], went: Sequence[str]) -> None:
        if came or went:
            self._journal("graph.edges", "", "", {}, edging.write(self._db, came, went, self._now))

    def note(self, action: str, detail: dict[str, Any]) -> None:
        self._journal(action, "", "", {}, detail)

    def answer(self, result: dict[str, Any]) -> None:
        self._result = result

    def _journal(self, action: str, kind: str, object_id: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        if kind in HIDDEN:
            before, after = {}, {}
        self._rows.append(
            {
                "at_ms": self._now,
                "zone_s": journal.zone_s(self._now),
                "request": self._actor.request,
                "actor": self._actor.name,
                "origin": self._actor.origin,
                "action": action,
                "kind": kind,
                "object_id": object_id,
                "before": masked(msgspec.to_builtins(before)),
                "after": masked(msgspec.to_builtins(after)),
            }
        )

    def finish(self) -> None:
        """The last statements before the commit."""
        if self._rows:
            seq, previous = self._db.tail or self._db.row("SELECT seq, digest FROM journal ORDER BY seq DESC LIMIT 1") or (0, ROOT)
            linked = list(journal.chain(self._rows, seq, previous, self._hash))
            self._db.many(journal.INSERT, linked)
            self._db.tail = linked[-1][0], linked[-1][-1]
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
