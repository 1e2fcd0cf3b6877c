"""Lists: filter, sort and page in SQL. Names of fields come from the shape, values only ever travel as parameters."""

import base64
import binascii
from collections.abc import Iterable
from typing import Any

import msgspec

from core.errors import InvalidInputError
from core.i18n import tr
from core.ports import ListQuery
from stores.records.columns import Shape, encode, quoted

MAX_LIMIT = 10_000
MAX_WORDS = 16

Where = tuple[str, list[Any]]


def conditions(shape: Shape[Any], query: ListQuery) -> Where:
    """The WHERE clause (empty or beginning with WHERE) and its parameters."""
    parts, values = [], []
    for word in query.text.split()[:MAX_WORDS]:
        part, more = has_word(shape.text, word)
        parts.append(part)
        values += more
    for name, text in query.where.items():
        parts.append(f"{quoted(_known(shape, name))} = ?")
        values.append(_typed(shape, name, text))
    part, more = _scoped(shape, query)
    parts += [part] if part else []
    return ("WHERE " + " AND ".join(parts) if parts else ""), values + more


def has_word(fields: Iterable[str], word: str) -> Where:
    """One of the fields holds the word; ASCII letters in either case."""
    fields = tuple(fields)
    condition = " OR ".join(f"lower({quoted(name)}) LIKE ? ESCAPE '!'" for name in fields) or "1 = 0"
    return f"({condition})", [f"%{_literal(word)}%"] * len(fields)


def _scoped(shape: Shape[Any], query: ListQuery) -> Where:
    """The caller's scope: records of these units or at these sites."""
    if query.units is None and query.sites is None:
        return "", []
    parts: list[str] = []
    values: list[Any] = []
    for field, names in ((place_field(shape, "unit"), query.units), (place_field(shape, "site"), query.sites)):
        if field and names:
            parts.append(f"{quoted(field)} IN ({', '.join('?' * len(names))})")
            values += names
    return f"({' OR '.join(parts)})" if parts else "1 = 0", values


def place_field(shape: Shape[Any], place: str) -> str:
    """The field that says to which unit or site a record belongs: the own name of a unit or site; empty where there is none."""
    return "name" if shape.table == place else place if place in shape.types else ""


def in_scope(shape: Shape[Any], record: Any, query: ListQuery) -> bool:
    """What `_scoped` says in SQL."""
    if query.units is None and query.sites is None:
        return True
    places = ((place_field(shape, "unit"), query.units), (place_field(shape, "site"), query.sites))
    return any(field and getattr(record, field) in (names or ()) for field, names in places)


def ordering(shape: Shape[Any], sort: str) -> tuple[str, bool]:
    """Field and whether it descends."""
    name, down = sort.removeprefix("-"), sort.startswith("-")
    if name == "name" and "name" not in shape.types:
        name = shape.order
    return _known(shape, name), down


def page_sql(shape: Shape[Any], query: ListQuery) -> tuple[str, list[Any]]:
    """The statement of one page, asking for one row more than the limit so that the end is known."""
    where, values = conditions(shape, query)
    name, down = ordering(shape, query.sort)
    field = quoted(name)
    if query.cursor:
        value, last = read_cursor(shape, query)
        sign = "<" if down else ">"
        where += f"{' AND' if where else 'WHERE'} ({field} {sign} ? OR ({field} = ? AND id > ?))"
        values += [value, value, last]
    direction = "DESC" if down else "ASC"
    statement = f"{shape.select} {where} ORDER BY {field} {direction}, id ASC LIMIT ?"
    values.append(limit_of(query) + 1)
    return (f"{statement} OFFSET ?", [*values, query.offset]) if query.offset > 0 else (statement, values)


def limit_of(query: ListQuery) -> int:
    if not 1 <= query.limit <= MAX_LIMIT:
        raise InvalidInputError(tr("A page has 1 to {limit} rows.", limit=MAX_LIMIT))
    return query.limit


def make_cursor(query: ListQuery, value: Any, last_id: str) -> str:
    value = int(value) if isinstance(value, bool) else value
    return base64.urlsafe_b64encode(encode([query.sort, value, last_id]).encode()).decode()


def read_cursor(shape: Shape[Any], query: ListQuery) -> tuple[str | int | float, str]:
    field, _ = ordering(shape, query.sort)
    try:
        sort, value, last = msgspec.json.decode(
            base64.b64decode(query.cursor, altchars=b"-_", validate=True), type=tuple[str, str | int | float, str]
        )
    except (binascii.Error, ValueError, msgspec.MsgspecError):
        raise _foreign_cursor() from None
    number = shape.types[field] is not str
    if sort != query.sort or isinstance(value, str) is number or (isinstance(value, int) and abs(value) > 2**63 - 1):
        raise _foreign_cursor()
    return value, last


def _foreign_cursor() -> InvalidInputError:
    return InvalidInputError(tr("This cursor does not continue this list."), way_out=tr("Ask for the first page again."))


def lower(text: str) -> str:
    """ASCII letters in lower case, as SQL's `lower()` does on every store."""
    return "".join(c.lower() if c.isascii() else c for c in text)


def _literal(word: str) -> str:
    """A word for LIKE, in which `%` and `_` mean themselves."""
    return lower(word).replace("!", "!!").replace("%", "!%").replace("_", "!_")


def _known(shape: Shape[Any], name: str) -> str:
    if name not in shape.types or shape.types[name] is dict:
        raise InvalidInputError(
            tr("{kind} has no field {field} to filter or sort by.", kind=shape.table, field=name),
            way_out=tr("Fields: {fields}.", fields=", ".join(n for n, t in shape.types.items() if t is not dict)),
        )
    return name


def _typed(shape: Shape[Any], name: str, text: str) -> Any:
    type_ = shape.types[name]
    if type_ is str:
        return text
    text = {"true": "1", "false": "0"}.get(text.lower(), text)
    try:
        number = type_(text)
    except ValueError:
        raise InvalidInputError(tr("{field} is a number, not {value!r}.", field=name, value=text)) from None
    if isinstance(number, int) and abs(number) > 2**63 - 1:
        raise InvalidInputError(tr("{field} is a number, not {value!r}.", field=name, value=text))
    return number
