"""Records on their way into their tables: in bulk they are written many at a time, and the transaction reads them as if they were there.

The first records of a kind are written at once. From `FEW` on everything that is known by an id or a name is learnt with one statement,
so that what is new costs no look-up of its own.
"""

from typing import Any, NamedTuple

from core.errors import ConflictError
from core.i18n import tr
from core.model import KEYED
from stores.records.columns import Shape, quoted
from stores.records.connection import Connection
from stores.records.faults import check
from stores.records.shapes import KINDS, NAMED

FEW, MANY = 64, 2000


class _Known(NamedTuple):
    """ids: all that there are. unique: id by name or key, where the kind has such."""

    ids: set[str]
    unique: dict[str, str]


def unique_field(kind: str) -> str:
    """The field of which a value is given once among the kind; empty: none."""
    return "name" if kind in NAMED else "key" if kind in KEYED else ""


class Batch:
    """One transaction's records."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._count: dict[str, int] = {}
        self._known: dict[str, _Known] = {}
        self._new: dict[str, dict[str, Any]] = {}
        self._changed: dict[str, dict[str, Any]] = {}

    def get(self, shape: Shape[Any], object_id: str) -> Any:
        """None where there is none."""
        for waiting in (self._new, self._changed):
            if (found := waiting.get(shape.table, {}).get(object_id)) is not None:
                return found
        known = self._known.get(shape.table)
        if known is not None and object_id not in known.ids:
            return None
        row = self._db.row(f"{shape.select} WHERE id = ?", (object_id,))
        return shape.read(row) if row else None

    def find(self, shape: Shape[Any], name: str) -> Any:
        if shape.table not in NAMED:
            return None
        if (known := self._known.get(shape.table)) is not None:
            found = known.unique.get(name)
            return self.get(shape, found) if found else None
        row = self._db.row(f"{shape.select} WHERE name = ?", (name,))
        return shape.read(row) if row else None

    def put(self, shape: Shape[Any], record: Any, old: Any) -> None:
        """old: what there was, or None. Raises `ConflictError` where its name or key is another's."""
        kind, field = shape.table, unique_field(shape.table)
        known = self._learn(shape)
        if field and (old is None or getattr(old, field) != getattr(record, field)):
            self._refuse_taken(shape, field, getattr(record, field), known)
        if known is None:
            self._db.run(shape.upsert, shape.row(record))
            return
        check(shape.row(record))
        if field and old is not None and getattr(old, field) != getattr(record, field):
            self._rename(kind, record.id, known, getattr(old, field))
        known.ids.add(record.id)
        if field:
            known.unique[getattr(record, field)] = record.id
        waiting = self._new if old is None or record.id in self._new.get(kind, ()) else self._changed
        waiting.setdefault(kind, {})[record.id] = record
        if len(waiting[kind]) >= MANY:
            self.flush(kind)

    def _rename(self, kind: str, object_id: str, known: _Known, old: str) -> None:
        """Another record may take the old name now: what waits under it goes first."""
        known.unique.pop(old, None)
        if any(object_id in waiting.get(kind, ()) for waiting in (self._new, self._changed)):
            self.flush(kind)

    def _learn(self, shape: Shape[Any]) -> _Known | None:
        kind, field = shape.table, unique_field(shape.table)
        count = self._count[kind] = self._count.get(kind, 0) + 1
        if count == FEW:
            rows = self._db.rows(f"SELECT id, {quoted(field or 'id')} FROM {kind}")
            self._known[kind] = _Known({row[0] for row in rows}, {row[1]: row[0] for row in rows} if field else {})
        return self._known.get(kind)

    def _refuse_taken(self, shape: Shape[Any], field: str, value: str, known: _Known | None) -> None:
        """Looked at first: an error of the database itself would end a transaction of PostgreSQL, and others may share it."""
        statement = f"SELECT id FROM {shape.table} WHERE {quoted(field)} = ?"
        if value in known.unique if known is not None else self._db.row(statement, (value,)):
            raise taken(shape.table, field, value)

    def gone(self, kind: str, object_id: str, record: Any) -> None:
        """It is no more in its table, from which the caller took it after a flush."""
        if (known := self._known.get(kind)) is not None:
            known.ids.discard(object_id)
            if field := unique_field(kind):
                known.unique.pop(getattr(record, field), None)

    def flush(self, kind: str = "") -> None:
        """What changed goes before what is new, which may bear its name."""
        for one in [kind] if kind else list(dict.fromkeys((*self._changed, *self._new))):
            shape = KINDS[one]
            for waiting, statement in ((self._changed, shape.upsert), (self._new, shape.insert)):
                if records := waiting.pop(one, None):
                    self._db.many(statement, [shape.row(record) for record in records.values()])


def taken(kind: str, field: str, value: str) -> ConflictError:
    if field == "name":
        return ConflictError(tr("There is already a {kind} named {name}.", kind=kind, name=value), way_out=tr("Choose another name."))
    return ConflictError(
        tr("There is already a {kind} with the key {key}.", kind=kind, key=value),
        way_out=tr("A platform gives a key once; look at the other."),
    )
