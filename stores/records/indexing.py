"""The index of search: written in the transaction that changes a record, made anew when what it is made of has changed.

An object has a number, of which the upper part tells its kind, so that the numbers of a term come in order of the kinds. Each of its
terms is a row (term, number), and all of them stand in its own row, one a line: there a second word is looked for. `=` and a text is the
term of what it is exactly.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

from core.model import MODEL
from stores.records import pages, wording
from stores.records.columns import Shape
from stores.records.connection import Connection
from stores.records.shapes import KINDS

SHIFT = 40
MANY = 2000
FIRST_KINDS = (
    "unit", "system", "component", "site", "device", "vm", "host", "access_point", "vpn_instance", "circuit", "prefix", "ip_address",
    "vlan", "person", "team", "data_line", "rack", "zone", "egress", "ha_group", "cable", "policy_rule", "nat_mapping", "bgp_session",
    "cloud_platform", "tenant", "project", "availability_zone", "floating_ip", "load_balancer", "vpc", "subnet", "router",
    "security_group", "volume", "snapshot", "image", "vport", "quota", "reservation",
)
"""In the order in which hits are shown. A new kind is added at the end: its place is part of the numbers that are stored."""
PLACES = {kind: place for place, kind in enumerate(FIRST_KINDS)}
_TEXT = (str, "")
COLUMNS: dict[str, tuple[dict[str, tuple[type, Any]], tuple[str, ...]]] = {
    "search_object": (
        {"number": (int, 0), "kind": _TEXT, "object_id": _TEXT, "name": _TEXT, "unit": _TEXT, "site": _TEXT, "terms": _TEXT},
        ("number",),
    ),
    "search_term": ({"term": _TEXT, "number": (int, 0)}, ("term", "number")),
    "search_version": ({"version": (int, 0)}, ("version",)),
}
_NUMBER = "SELECT number, terms FROM search_object WHERE kind = ? AND object_id = ?"
_OBJECT = "INSERT INTO search_object (number, kind, object_id, name, unit, site, terms) VALUES (?, ?, ?, ?, ?, ?, ?)"
_TERM = "INSERT INTO search_term (term, number) VALUES (?, ?)"
_FORGET_TERM = "DELETE FROM search_term WHERE term = ? AND number = ?"
_ALTER = "UPDATE search_object SET name = ?, unit = ?, site = ?, terms = ? WHERE number = ?"
_FORGET = "DELETE FROM search_object WHERE number = ?"
LINE = "\n"
"""Between the terms of an object, before the first and behind the last."""


class _Entry(NamedTuple):
    """How an object stands in the index."""

    shape: Shape[Any]
    record: Any
    words: tuple[tuple[str, str], ...]
    name: str
    unit: str
    site: str


class _Lines:
    """Rows to take out, to change and to put in."""

    def __init__(self) -> None:
        self.gone: list[tuple[Any, ...]] = []
        self.changed: list[tuple[Any, ...]] = []
        self.came: list[tuple[Any, ...]] = []


def _entry(shape: Shape[Any], record: Any) -> _Entry:
    fields = [pages.place_field(shape, place) for place in ("unit", "site")]
    unit, site = (getattr(record, field) if field else "" for field in fields)
    return _Entry(shape, record, wording.texts(shape, record), record.name, unit, site)


class Index:
    """One transaction's changes of the index."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._next: dict[str, int] = {}
        self._waiting: dict[tuple[str, str], tuple[_Entry | None, _Entry | None]] = {}

    def change(self, shape: Shape[Any], object_id: str, old: Any, new: Any) -> None:
        """old, new: the record before and after; None: there is none."""
        if shape.table not in MODEL:
            return
        key = shape.table, object_id
        before = self._waiting[key][0] if key in self._waiting else old and _entry(shape, old)
        self._waiting[key] = before, new and _entry(shape, new)
        if len(self._waiting) >= MANY:
            self.flush()

    def flush(self) -> None:
        """What is gone goes first: what came may have its place."""
        waiting, self._waiting = self._waiting, {}
        lines, objects = _Lines(), _Lines()
        for (kind, object_id), (before, after) in waiting.items():
            if before is None and after is not None:
                self._enter(lines, objects, kind, after)
            elif before is not None and (after is None or before[2:] != after[2:]):
                number, terms = self._db.rows(_NUMBER, (kind, object_id))[0]
                self._alter(lines, objects, number, set(terms.split(LINE)) - {""}, after)
        for statement, rows in (
            (_FORGET_TERM, lines.gone), (_FORGET, objects.gone), (_ALTER, objects.changed), (_OBJECT, objects.came), (_TERM, lines.came),
        ):
            if rows:
                self._db.many(statement, sorted(rows) if statement is _TERM else rows)

    def _enter(self, lines: _Lines, objects: _Lines, kind: str, entry: _Entry) -> None:
        number, terms = self._fresh(kind), sorted(_terms(entry))
        objects.came.append((number, kind, entry.record.id, entry.name, entry.unit, entry.site, _joined(terms)))
        lines.came += ((term, number) for term in terms)

    def _alter(self, lines: _Lines, objects: _Lines, number: int, old: set[str], entry: _Entry | None) -> None:
        new = set() if entry is None else _terms(entry)
        lines.gone += ((term, number) for term in old - new)
        lines.came += ((term, number) for term in new - old)
        if entry is None:
            objects.gone.append((number,))
        else:
            objects.changed.append((entry.name, entry.unit, entry.site, _joined(sorted(new)), number))

    def _fresh(self, kind: str) -> int:
        if kind not in self._next:
            low, high = span(kind)
            found = self._db.rows("SELECT max(number) FROM search_object WHERE number >= ? AND number < ?", (low, high))[0][0]
            self._next[kind] = low if found is None else found + 1
        self._next[kind] += 1
        return self._next[kind] - 1


def _terms(entry: _Entry) -> set[str]:
    exacts = wording.exacts(entry.shape, entry.record)
    return {*wording.terms_of(entry.shape, entry.record), *(f"={text}" for text in exacts)}


def _joined(terms: Iterable[str]) -> str:
    return f"{LINE}{LINE.join(terms)}{LINE}"


def span(kind: str) -> tuple[int, int]:
    """The numbers that objects of a kind may have: from, below. None of them is 0."""
    return (PLACES[kind] + 1) << SHIFT, (PLACES[kind] + 2) << SHIFT


def refresh(db: Connection) -> None:
    """Makes the whole index anew where another version of the terms made it."""
    if db.rows("SELECT version FROM search_version") != [(wording.TERMS_VERSION,)]:
        refill(db)


def refill(db: Connection) -> None:
    """Inside a transaction; bounded memory."""
    for table in COLUMNS:
        db.run(f"DELETE FROM {table}")
    index = Index(db)
    for kind in MODEL:
        for rows in db.stream(f"{KINDS[kind].select} ORDER BY id"):
            for row in rows:
                record = KINDS[kind].read(row)
                index.change(KINDS[kind], record.id, None, record)
            index.flush()
    db.run("INSERT INTO search_version (version) VALUES (?)", (wording.TERMS_VERSION,))
