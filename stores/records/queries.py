"""Reading: one function for each question, each on any connection."""

from collections.abc import Sequence
from typing import Any

import msgspec

from core.errors import InvalidInputError, NotFoundError
from core.i18n import tr
from core.messages import Observed
from core.ports import JournalRow, ListQuery, Page
from core.signals import Alert
from stores.records import journal, observing, pages
from stores.records.columns import N, Shape, quoted
from stores.records.connection import Connection
from stores.records.shapes import ALERT, FACT, INTERFACE, KINDS, LINK, NAMED, OBSERVED, STATION

CHUNK = 1000


def shape_of(kind: str) -> Shape[Any]:
    try:
        return KINDS[kind]
    except KeyError:
        raise InvalidInputError(
            tr("There is no kind of record named {kind!r}.", kind=kind), way_out=tr("Kinds: {kinds}.", kinds=", ".join(KINDS))
        ) from None


def get(db: Connection, kind: str, object_id: str) -> Any:
    shape = shape_of(kind)
    row = db.row(f"{shape.select} WHERE id = ?", (object_id,))
    if row is None:
        raise NotFoundError(tr("There is no {kind} {id}.", kind=kind, id=object_id))
    return shape.read(row)


def find(db: Connection, kind: str, name: str) -> Any:
    shape = shape_of(kind)
    if kind not in NAMED:
        return None
    row = db.row(f"{shape.select} WHERE name = ?", (name,))
    return shape.read(row) if row else None


def every(shape: Shape[Any]) -> str:
    """The statement of all rows in their order."""
    return f"{shape.select} ORDER BY {'observed_on, place' if shape in OBSERVED else f'{quoted(shape.order)}, id'}"


def page(db: Connection, kind: str, query: ListQuery) -> Page:
    shape = shape_of(kind)
    statement, values = pages.page_sql(shape, query)
    found = [shape.shown(row) for row in db.rows(statement, values)]
    where, matching = pages.conditions(shape, query)
    total = db.rows(f"SELECT count(*) FROM {shape.table} {where}", matching)[0][0]
    shown, cursor = found[: query.limit], ""
    if len(found) > query.limit:
        field, _ = pages.ordering(shape, query.sort)
        cursor = pages.make_cursor(query, shown[-1][field], shown[-1]["id"])
    return Page(items=tuple(shown), total=total, cursor=cursor)


def observed(db: Connection, device_id: str) -> Observed:
    at = db.row("SELECT at_ms FROM observation WHERE device_id = ?", (device_id,))
    if at is None:
        return Observed(device_id=device_id, at_ms=0, interfaces=(), facts=(), links=())
    return Observed(
        device_id=device_id,
        at_ms=at[0],
        interfaces=_observed_rows(db, INTERFACE, device_id),
        facts=_observed_rows(db, FACT, device_id),
        links=_observed_rows(db, LINK, device_id),
        stations=_observed_rows(db, STATION, device_id),
    )


def _observed_rows(db: Connection, shape: Shape[N], device_id: str) -> tuple[N, ...]:
    return tuple(shape.read(row) for row in db.rows(observing.select(shape), (device_id,)))


def open_alerts(db: Connection) -> list[Alert]:
    return [ALERT.read(row) for row in db.rows(f"{ALERT.select} WHERE cleared_at = 0 ORDER BY raised_at, id")]


def answered(db: Connection, key: str) -> dict[str, Any] | None:
    row = db.row("SELECT result FROM answer WHERE idempotency_key = ?", (key,))
    return msgspec.json.decode(row[0], type=dict[str, Any]) if row else None


def journal_rows(db: Connection, after_seq: int, limit: int) -> Sequence[JournalRow]:
    return [journal.read_row(row) for row in db.rows(journal.SELECT, (after_seq, limit))]


def revision(db: Connection) -> int:
    return int(db.rows("SELECT coalesce(max(seq), 0) FROM journal")[0][0])
