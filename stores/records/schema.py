"""The tables, made from the shapes, and brought up to date when a writer opens them.

A field that a noun has gained becomes a column with the field's default. What is more than that is a numbered migration.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import msgspec

from core.errors import StorageError
from core.i18n import tr
from core.model import KEYED
from stores.records import indexing, journal
from stores.records.columns import Shape, encode, quoted
from stores.records.connection import Connection
from stores.records.shapes import KINDS, NAMED, OBSERVED, PAST_EDGE

Migration = Callable[[Connection], None]
Columns = dict[str, tuple[type, Any]]
"""Type and default value by name."""

OWN: dict[str, tuple[Columns, tuple[str, ...]]] = {
    "observation": ({"device_id": (str, ""), "at_ms": (int, 0)}, ("device_id",)),
    "journal": ({name: (int if name in ("seq", "at_ms", "zone_s") else str, "") for name in journal.FIELDS}, ("seq",)),
    "journal_release": ({"upto_seq": (int, 0)}, ("upto_seq",)),
    "answer": ({"idempotency_key": (str, ""), "at_ms": (int, 0), "result": (str, "")}, ("idempotency_key",)),
    **indexing.COLUMNS,
    "migration": ({"number": (int, 0), "name": (str, "")}, ("number",)),
}
"""Tables that are no nouns, with their keys. `journal_release`: up to where an archive transaction may remove rows; empty between them."""
REFERENCES = {
    "observation": ("device_id", "device", "id"),
    **{shape.table: ("observed_on", "observation", "device_id") for shape in OBSERVED},
}
CLUSTERED = ("search_term",)
"""Tables whose key holds the whole row, where the database can keep the one in the other."""
INDICES = {
    **{f"{table}_name": f"UNIQUE INDEX {{}} ON {table} (name)" for table in sorted(NAMED)},
    **{f"{table}_by_key": f"UNIQUE INDEX {{}} ON {table} (\"key\")" for table in sorted(KEYED)},
    "edge_a": "INDEX {} ON edge (a)",
    "edge_b": "INDEX {} ON edge (b)",
    "edge_from": "INDEX {} ON edge (valid_from)",
    "edge_past_a": "INDEX {} ON edge_past (a, valid_to)",
    "edge_past_b": "INDEX {} ON edge_past (b, valid_to)",
    "edge_past_from": "INDEX {} ON edge_past (valid_from)",
    "edge_past_to": "INDEX {} ON edge_past (valid_to)",
    "search_object_id": "UNIQUE INDEX {} ON search_object (kind, object_id)",
    "search_object_unit": "INDEX {} ON search_object (unit, number)",
    "search_object_site": "INDEX {} ON search_object (site, number)",
    "statement_object": "INDEX {} ON statement (object_id)",
    "statement_origin": "INDEX {} ON statement (origin)",
    "difference_state": "INDEX {} ON difference (state, first_seen)",
    "difference_object": "INDEX {} ON difference (object_id)",
    "alert_cleared": "INDEX {} ON alert (cleared_at)",
    "alert_device": "INDEX {} ON alert (device_id)",
    "answer_at": "INDEX {} ON answer (at_ms)",
    "journal_time": "INDEX {} ON journal (at_ms, seq)",
    "journal_actor": "INDEX {} ON journal (actor, at_ms, seq)",
    "journal_action": "INDEX {} ON journal (action, at_ms, seq)",
    "journal_object": "INDEX {} ON journal (kind, object_id, at_ms, seq)",
}


def _nothing(_db: Connection) -> None:
    """What the shapes say is all there is to do."""


MIGRATIONS: tuple[tuple[int, str, Migration], ...] = (
    (1, "records, observations, journal", _nothing),
    (2, "edges that ended, index of search", _nothing),
)
"""Number, name, change beyond new tables and columns. Never edited once released; only added to."""

NEWEST = MIGRATIONS[-1][0]


@cache
def tables() -> dict[str, tuple[Columns, tuple[str, ...]]]:
    """Every table with its columns and its key, in the order in which they may be filled."""
    found: dict[str, tuple[Columns, tuple[str, ...]]] = {shape.table: (_columns(shape), ("id",)) for shape in KINDS.values()}
    found |= OWN
    found[PAST_EDGE.table] = (_columns(PAST_EDGE), ("id", "valid_from"))
    for shape in OBSERVED:
        more: Columns = {"observed_on": (str, ""), "place": (int, 0)}
        found[shape.table] = ({**_columns(shape), **more}, ("observed_on", "place"))
    return found


def _columns(shape: Shape[Any]) -> Columns:
    defaults = {f.name: f.default if f.default is not msgspec.NODEFAULT else f.default_factory for f in msgspec.structs.fields(shape.noun)}
    return {name: (str if type_ is dict else type_, _default(type_, defaults[name])) for name, type_ in shape.types.items()}


def _default(type_: type, value: Any) -> Any:
    if callable(value):
        value = value()
    if value is msgspec.NODEFAULT:
        value = type_() if type_ is not dict else {}
    return encode(value) if type_ is dict else type_(value)


def version(db: Connection) -> int:
    """Number of the newest migration the database has seen; 0 for a new one."""
    if "migration" not in db.columns():
        return 0
    return int(db.rows("SELECT coalesce(max(number), 0) FROM migration")[0][0])


def migrate(db: Connection, where: object) -> bool:
    """Brings the database up to date in one transaction. Refuses one from the future. True: the guard of the journal was missing."""
    there = check(db, where)
    with db.atomic():
        _complete(db, there)
        for number, name, change in MIGRATIONS:
            if number > (version(db) if there else 0):
                change(db)
                db.run("INSERT INTO migration (number, name) VALUES (?, ?)", (number, name))
        indexing.refresh(db)
        return db.guard() and "journal_release" in there


def _complete(db: Connection, there: dict[str, list[str]]) -> None:
    """Adds the tables, columns and indices that are missing."""
    for table, (columns, key) in tables().items():
        if table not in there:
            db.run(_create(db, table, columns, key))
            continue
        for name in columns.keys() - set(there[table]):
            db.run(f"ALTER TABLE {table} ADD COLUMN {_column(db, name, *columns[name])}")
    for name, body in INDICES.items():
        start, _, rest = body.partition("INDEX ")
        db.run(f"CREATE {start}INDEX IF NOT EXISTS {rest.format(name)}")


def _create(db: Connection, table: str, columns: Columns, key: tuple[str, ...]) -> str:
    parts = [_column(db, name, type_) for name, (type_, _) in columns.items()]
    parts.append(f"PRIMARY KEY ({', '.join(map(quoted, key))})")
    if table in REFERENCES:
        field, other, its = REFERENCES[table]
        parts.append(f"FOREIGN KEY ({field}) REFERENCES {other} ({its})")
    end = db.CLUSTERED if table in CLUSTERED else ""
    return f"CREATE TABLE {table} ({', '.join(parts)}){end}"


def _column(db: Connection, name: str, type_: type, default: Any = None) -> str:
    text = f"{quoted(name)} {db.TYPES[type_]} NOT NULL"
    return text if default is None else f"{text} DEFAULT {_literal(default)}"


def _literal(value: Any) -> str:
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else repr(value)


def check(db: Connection, where: object, readonly: bool = False) -> dict[str, list[str]]:
    """The columns of every table. Raises `StorageError` for a database that another version wrote."""
    there = db.columns()
    found = version(db) if there else 0
    wanted = tables()
    unknown = [f"{table}.{name}" for table, names in there.items() if table in wanted for name in names if name not in wanted[table][0]]
    if found > NEWEST or unknown:
        raise StorageError(
            tr("{path} was written by a newer Yunwang (schema {found}; this one knows {known}).", path=where,
               found=", ".join(unknown) or found, known=NEWEST),
            way_out=tr("Start the newer version, or restore a backup made by this one."),
        )
    missing = [table for table, (columns, _) in wanted.items() if columns.keys() - set(there.get(table, ()))]
    if readonly and (found < NEWEST or missing):
        raise StorageError(
            tr("{path} has an older schema ({found}; this version reads {known}).", path=where, found=found, known=NEWEST),
            way_out=tr("Start the hub once; it brings the records up to date."),
        )
    return there
