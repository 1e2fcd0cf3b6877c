"""Reading: one function for each question, each on any connection."""

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec
from sqlite_utils import Database

from core.errors import InvalidInputError, NotFoundError
from core.i18n import tr
from core.messages import Observed
from core.objects import Link
from core.ports import JournalRow, ListQuery, Page
from core.signals import Alert
from stores.records import journal, observing, pages
from stores.records.columns import N, Shape
from stores.records.shapes import ALERT, FACT, INTERFACE, KINDS, LINK, NAMED

CHUNK = 1000


def shape_of(kind: str) -> Shape[Any]:
    try:
        return KINDS[kind]
    except KeyError:
        raise InvalidInputError(
            tr("There is no kind of record named {kind!r}.", kind=kind), way_out=tr("Kinds: {kinds}.", kinds=", ".join(KINDS))
        ) from None


def get(db: Database, kind: str, object_id: str) -> Any:
    shape = shape_of(kind)
    row = db.execute(f"{shape.select} WHERE id = ?", (object_id,)).fetchone()
    if row is None:
        raise NotFoundError(tr("There is no {kind} {id}.", kind=kind, id=object_id))
    return shape.read(row)


def find(db: Database, kind: str, name: str) -> Any:
    shape = shape_of(kind)
    if kind not in NAMED:
        return None
    row = db.execute(f"{shape.select} WHERE name = ?", (name,)).fetchone()
    return shape.read(row) if row else None


def every(db: Database, kind: str) -> list[Any]:
    shape = shape_of(kind)
    return [shape.read(row) for row in db.execute(f"{shape.select} ORDER BY {shape.order}, id")]


def page(db: Database, kind: str, query: ListQuery) -> Page:
    shape = shape_of(kind)
    statement, values = pages.page_sql(shape, query)
    nouns = [shape.read(row) for row in db.execute(statement, values)]
    where, matching = pages.conditions(shape, query)
    total = db.execute(f"SELECT count(*) FROM {shape.table} {where}", matching).fetchone()[0]
    shown, cursor = nouns[: query.limit], ""
    if len(nouns) > query.limit:
        field, _ = pages.ordering(shape, query.sort)
        cursor = pages.make_cursor(query, getattr(shown[-1], field), shown[-1].id)
    return Page(items=tuple(shape.plain(noun) for noun in shown), total=total, cursor=cursor)


def observed(db: Database, device_id: str) -> Observed:
    at = db.execute("SELECT at_ms FROM observation WHERE device_id = ?", (device_id,)).fetchone()
    if at is None:
        return Observed(device_id=device_id, at_ms=0, interfaces=(), facts=(), links=())
    return Observed(
        device_id=device_id,
        at_ms=at[0],
        interfaces=_observed_rows(db, INTERFACE, device_id),
        facts=_observed_rows(db, FACT, device_id),
        links=_observed_rows(db, LINK, device_id),
    )


def _observed_rows(db: Database, shape: Shape[N], device_id: str) -> tuple[N, ...]:
    return tuple(shape.read(row) for row in db.execute(observing.select(shape), (device_id,)))


def all_links(db: Database) -> list[Link]:
    return [LINK.read(row) for row in db.execute(f"{LINK.select} ORDER BY observed_on, place")]


def open_alerts(db: Database) -> list[Alert]:
    return [ALERT.read(row) for row in db.execute(f"{ALERT.select} WHERE cleared_at = 0 ORDER BY raised_at, id")]


def answered(db: Database, key: str) -> dict[str, Any] | None:
    row = db.execute("SELECT result FROM answer WHERE idempotency_key = ?", (key,)).fetchone()
    return msgspec.json.decode(row[0], type=dict[str, Any]) if row else None


def journal_rows(db: Database, after_seq: int, limit: int) -> Sequence[JournalRow]:
    return [journal.read_row(row) for row in db.execute(journal.SELECT, (after_seq, limit))]


def raw_journal(db: Database) -> Iterator[Sequence[Any]]:
    """Every row in order, a thousand at a time, so that a long journal needs no memory."""
    last = -(2**62)
    while rows := db.execute(journal.SELECT, (last, CHUNK)).fetchall():
        yield from rows
        last = rows[-1][0]


def revision(db: Database) -> int:
    return int(db.execute("SELECT coalesce(max(seq), 0) FROM journal").fetchone()[0])
