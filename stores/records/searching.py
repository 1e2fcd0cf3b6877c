"""Searching the journal in order of time, through its indices, with a bounded amount of work for each call.

One index gives the rows in their order; what no index knows (a word, a beginning of an address) is looked for in at most `STEP` rows of
it, and the cursor tells where the next call goes on. Rows are ordered by time, then by seq: after a step of the clock that differs from
the order of the chain, which seq shows.
"""

import base64
import binascii
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec

from core.audit import MAX_PAGE, PROCESS, REFUSALS, AuditPage, AuditQuery
from core.errors import InvalidInputError
from core.i18n import tr
from core.ports import JournalRow
from stores.records import journal, pages
from stores.records.columns import encode
from stores.records.connection import Connection

STEP = 20_000
"""Rows that one call looks at, for each action it follows."""
TEXT = ("action", "kind", "object_id", "before", "after")
Position = tuple[int, int]
"""at_ms and seq."""


class _Plan(NamedTuple):
    streams: list[tuple[str, list[Any]]]
    """Conditions that an index answers in order of time, one for each stream of rows."""
    rest: str
    """Conditions that must be looked for, or empty."""
    values: list[Any]


class _Part(NamedTuple):
    rows: list[tuple[Any, ...]]
    frontier: Position | None
    """How far this stream was looked at; None: to its end."""


def search(db: Connection, query: AuditQuery) -> AuditPage:
    """One page; the cursor is empty at the end."""
    limit = limit_of(query)
    plan = _plan(db, query)
    parts = [_part(db, query, plan, stream, limit) for stream in plan.streams]
    newest = max if query.oldest_first else min
    back = not query.oldest_first
    rows = sorted((row for part in parts for row in part.rows), key=_position, reverse=back)
    frontiers = [part.frontier for part in parts if part.frontier]
    if frontiers:
        nearest = (min if query.oldest_first else max)(frontiers)
        rows = [row for row in rows if newest(_position(row), nearest) == nearest]
    shown = rows[:limit]
    more = _position(shown[-1]) if len(rows) > limit else nearest if frontiers else None
    return AuditPage(items=tuple(map(journal.read_row, shown)), cursor=make_cursor(query, more) if more else "")


def matches(query: AuditQuery, row: JournalRow) -> bool:
    """Whether a row that comes from elsewhere, an archive, is one of these."""
    return (
        query.actor in ("", row.actor)
        and query.kind in ("", row.kind)
        and query.object_id in ("", row.object_id)
        and query.request in ("", row.request)
        and row.origin.startswith(query.origin)
        and not (query.people and row.actor.startswith(PROCESS))
        and fits(query, row.action)
        and row.at_ms >= query.start_ms
        and (not query.end_ms or row.at_ms < query.end_ms)
        and (not query.word or _has_words(query.word.split()[: pages.MAX_WORDS], row))
    )


def _has_words(words: list[str], row: JournalRow) -> bool:
    texts = [pages.lower(text) for text in (row.action, row.kind, row.object_id, encode(row.before), encode(row.after))]
    return all(any(pages.lower(word) in text for text in texts) for word in words)


def fits(query: AuditQuery, action: str) -> bool:
    """Whether an action is one that is asked for."""
    wanted = not query.action or f"{action}.".startswith(f"{query.action.rstrip('.')}.")
    return wanted and (not query.refused or action.rpartition(".")[2].rpartition("-")[2] in REFUSALS)


def limit_of(query: AuditQuery) -> int:
    if not 1 <= query.limit <= MAX_PAGE:
        raise InvalidInputError(tr("A page has 1 to {limit} rows.", limit=MAX_PAGE))
    return query.limit


def _plan(db: Connection, query: AuditQuery) -> _Plan:
    """Which index leads: the object's, the actor's, the action's, else the time's."""
    rest, values = _rest(query)
    if query.kind and query.object_id:
        streams = [("kind = ? AND object_id = ?", [query.kind, query.object_id])]
    elif query.actor:
        streams = [("actor = ?", [query.actor])]
    elif query.action or query.refused:
        streams = [("action = ?", [action]) for action in _actions(db) if fits(query, action)]
    else:
        streams = [("1 = 1", [])]
    return _Plan(streams, rest, values)


def _rest(query: AuditQuery) -> tuple[str, list[Any]]:
    parts: list[str] = []
    values: list[Any] = []
    led_by_object = bool(query.kind and query.object_id)
    for field, value in (("kind", query.kind), ("object_id", query.object_id)):
        if value and not led_by_object:
            parts.append(f"{field} = ?")
            values.append(value)
    if query.actor and led_by_object:
        parts.append("actor = ?")
        values.append(query.actor)
    if query.request:
        parts.append("request = ?")
        values.append(query.request)
    if query.origin:
        parts.append("substr(origin, 1, ?) = ?")
        values += [len(query.origin), query.origin]
    if query.people:
        parts.append("substr(actor, 1, ?) <> ?")
        values += [len(PROCESS), PROCESS]
    for word in query.word.split()[: pages.MAX_WORDS]:
        part, more = pages.has_word(TEXT, word)
        parts.append(part)
        values += more
    if (query.action or query.refused) and (query.actor or led_by_object):
        parts.append("action IN ({})")
    return " AND ".join(parts), values


def _actions(db: Connection) -> list[str]:
    """Every action there is, a step along the index for each."""
    found: list[str] = []
    last = ""
    while row := db.row("SELECT min(action) FROM journal WHERE action > ?", (last,)):
        if row[0] is None:
            break
        last = row[0]
        found.append(last)
    return found


def _part(db: Connection, query: AuditQuery, plan: _Plan, stream: tuple[str, list[Any]], limit: int) -> _Part:
    leading, values = stream
    values = list(values)
    for condition, bound in (("at_ms >= ?", query.start_ms), ("at_ms < ?", query.end_ms)):
        if bound:
            leading += f" AND {condition}"
            values.append(bound)
    direction, sign = ("ASC", ">") if query.oldest_first else ("DESC", "<")
    if query.cursor:
        at, seq = read_cursor(query)
        leading += f" AND at_ms {sign}= ? AND (at_ms {sign} ? OR seq {sign} ?)"
        values += [at, at, seq]
    order = f"ORDER BY at_ms {direction}, seq {direction}"
    rest, more, frontier = plan.rest, list(plan.values), None
    if "action IN ({})" in rest:
        actions = [action for action in _actions(db) if fits(query, action)]
        rest = rest.replace("action IN ({})", f"action IN ({', '.join('?' * len(actions))})" if actions else "1 = 0")
        more += actions
    if not rest:
        rows = db.rows(f"SELECT {journal.COLUMNS} FROM journal WHERE {leading} {order} LIMIT ?", [*values, limit + 1])
        return _Part(rows, None)
    edge = db.row(f"SELECT at_ms, seq FROM journal WHERE {leading} {order} LIMIT 1 OFFSET ?", [*values, STEP - 1])
    if edge:
        frontier = (edge[0], edge[1])
    inner = f"SELECT {journal.COLUMNS} FROM journal WHERE {leading} {order} LIMIT ?"
    rows = db.rows(f"SELECT {journal.COLUMNS} FROM ({inner}) AS part WHERE {rest} {order} LIMIT ?", [*values, STEP, *more, limit + 1])
    return _Part(rows, frontier if len(rows) <= limit else None)


def _position(row: Sequence[Any]) -> Position:
    return row[_AT], row[_SEQ]


_AT, _SEQ = journal.FIELDS.index("at_ms"), journal.FIELDS.index("seq")


def make_cursor(query: AuditQuery, position: Position) -> str:
    return base64.urlsafe_b64encode(encode([int(query.oldest_first), *position]).encode()).decode()


def read_cursor(query: AuditQuery) -> Position:
    try:
        turned, at, seq = msgspec.json.decode(base64.b64decode(query.cursor, altchars=b"-_", validate=True), type=tuple[int, int, int])
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        turned, at, seq = -1, 0, 0
    if turned != int(query.oldest_first) or max(abs(at), abs(seq)) >= 2**63:
        raise InvalidInputError(tr("This cursor does not continue this list."), way_out=tr("Ask for the first page again."))
    return at, seq
