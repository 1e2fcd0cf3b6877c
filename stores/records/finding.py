"""Search: objects of the model that all words of a text fit, found through the index of terms with a bounded amount of work.

A word that fits at most `CUT` rows of the index is taken whole; the rarest leads, and what it finds is held against the others. Where
every word fits more, the rows of one of them are walked in the order of the index, at most `BUDGET` of them: of very many hits the first
are shown, not the best. What the text is exactly is asked for first and never cut.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice
from typing import NamedTuple

from core.errors import InvalidInputError
from core.i18n import tr
from core.model import MODEL
from core.ports import Hit
from core.terms import Word, parse
from stores.records import wording
from stores.records.connection import Connection
from stores.records.indexing import FIRST_KINDS, LINE, SHIFT, span
from stores.records.queries import shape_of

CUT = 1000
BUDGET = 3000
PIECE = 500
MOST = 2000
"""Hits that may be asked for."""
_END = "\x01"
"""Behind a term that is meant as it is; no term has a control character."""
END_OF_ALL = chr(0x10FFFF)
"""Behind all terms that begin so."""
_RANGE = "term >= ? AND term < ?"
_IN = f"FROM search_object WHERE number IN ({', '.join('?' * PIECE)})"
_OBJECTS, _TERMS = f"SELECT number, object_id, name, unit, site {_IN}", f"SELECT number, terms {_IN}"

Ranges = tuple[tuple[str, str], ...]


class _Found(NamedTuple):
    number: int
    id: str
    name: str
    unit: str
    site: str


class _Scope(NamedTuple):
    """spans: from and below of the numbers of the kinds that are asked for, empty: all. units, sites: None, None: all."""

    spans: tuple[tuple[int, int], ...]
    units: frozenset[str] | None
    sites: frozenset[str] | None

    @property
    def numbers(self) -> tuple[str, list[int]]:
        if not self.spans:
            return "", []
        return f" AND ({' OR '.join(['number >= ? AND number < ?'] * len(self.spans))})", [end for one in self.spans for end in one]

    def sees(self, one: _Found) -> bool:
        if self.units is None and self.sites is None:
            return True
        return one.unit in (self.units or ()) or one.site in (self.sites or ())


def lookup(
    db: Connection, text: str, kinds: Sequence[str], limit: int, units: Sequence[str] | None, sites: Sequence[str] | None,
) -> list[Hit]:
    """Exact ones first, then by kind and name."""
    if not 1 <= limit <= MOST:
        raise InvalidInputError(tr("A search gives 1 to {limit} hits.", limit=MOST))
    words = [_condition(word) for word in parse(text)]
    conditions = list(dict.fromkeys(one for ranges in words for one in ranges))
    if not conditions:
        return []
    scope = _Scope(_spans(kinds), units if units is None else frozenset(units), sites if sites is None else frozenset(sites))
    search = _Search(db, scope, limit)
    exact = search.exactly(wording.exact(text))
    rest = search.fitting(conditions, {one.number for one in exact}) if len(exact) < limit else []
    return [*_hits(exact, exact=True), *_hits(rest, exact=False)][:limit]


def _spans(kinds: Sequence[str]) -> tuple[tuple[int, int], ...]:
    for kind in kinds:
        shape_of(kind)
    return tuple(span(kind) for kind in FIRST_KINDS if kind in kinds and kind in MODEL) or (((-1, -1),) if kinds else ())


def _condition(word: Word) -> list[Ranges]:
    """Each must be met by one of its ranges."""
    if word.all_of:
        return [((term, term + _END),) for term in word.all_of]
    return [tuple((low, high.replace("\x00", _END)) for low, high in word.any_of)]


def _hits(found: Iterable[_Found], exact: bool) -> Iterator[Hit]:
    for one in found:
        yield Hit(kind=FIRST_KINDS[(one.number >> SHIFT) - 1], id=one.id, name=one.name, exact=exact)


def _order(one: _Found) -> tuple[int, str, str]:
    return one.number >> SHIFT, one.name, one.id


class _Search:
    """One question on one connection."""

    def __init__(self, db: Connection, scope: _Scope, limit: int) -> None:
        self._db, self._scope, self._limit = db, scope, limit
        self._cut = max(CUT, limit)

    def exactly(self, text: str) -> list[_Found]:
        return self._best(sorted(self._numbers((f"={text}", f"={text}{_END}"), self._cut)), self._cut)

    def fitting(self, conditions: list[Ranges], without: set[int]) -> list[_Found]:
        """All conditions are met; at most `limit` and as many as are left out."""
        taken = [self._whole(one) for one in conditions]
        taken.append(self._placed())
        complete = sorted((numbers for numbers in taken if numbers is not None), key=len)
        open_ones = [one for one, numbers in zip(conditions, taken, strict=False) if numbers is None]
        if complete:
            held = set.intersection(*complete) - without
            return self._best(self._filter(sorted(held), open_ones), self._cut)
        return self._best(self._walk(open_ones, without), self._limit)

    def _whole(self, ranges: Ranges) -> set[int] | None:
        """The numbers that meet a condition; None: too many rows, which are counted before any of them is fetched."""
        where, values = self._scope.numbers
        statement = f"SELECT count(*) FROM (SELECT 1 FROM search_term WHERE {_RANGE}{where} LIMIT ?) AS few"
        left = self._cut
        for one in ranges:
            left -= self._db.rows(statement, [*one, *values, left + 1])[0][0]
            if left < 0:
                return None
        return {number for one in ranges for number in self._numbers(one, self._cut)}

    def _placed(self) -> set[int] | None:
        """The numbers in the scope of the caller; None: too many, or all."""
        if self._scope.units is None and self._scope.sites is None:
            return None
        found: set[int] = set()
        where, values = self._scope.numbers
        for place, names in (("unit", self._scope.units), ("site", self._scope.sites)):
            for name in sorted(names or ()):
                rows = self._db.rows(f"SELECT number FROM search_object WHERE {place} = ?{where} LIMIT ?", [name, *values, self._cut + 1])
                found.update(row[0] for row in rows)
                if len(found) > self._cut:
                    return None
        return found

    def _numbers(self, one: tuple[str, str], limit: int, after: int = 0) -> list[int]:
        where, values = self._scope.numbers
        statement = f"SELECT number FROM search_term WHERE {_RANGE}{where} ORDER BY term, number LIMIT ? OFFSET ?"
        return [row[0] for row in self._db.rows(statement, [*one, *values, limit, after])]

    def _walk(self, conditions: list[Ranges], without: set[int]) -> Iterator[int]:
        """Numbers in the order of the index, until the work that one question may make is done."""
        lead, *others = sorted(conditions, key=lambda ranges: -len(ranges[0][0]))
        seen = set(without)
        left = max(BUDGET, self._cut)
        for one in lead:
            for after in range(0, left, self._cut):
                if left <= 0:
                    return
                numbers = self._numbers(one, min(self._cut, left), after)
                left -= len(numbers)
                fresh = [number for number in dict.fromkeys(numbers) if number not in seen]
                seen.update(fresh)
                yield from self._filter(sorted(fresh), others)
                if len(numbers) < self._cut:
                    break

    def _filter(self, numbers: Sequence[int], conditions: Sequence[Ranges]) -> Iterator[int]:
        """Those that meet every condition, in their order, looked at only as far as somebody asks for more."""
        if not conditions:
            yield from numbers
            return
        for start in range(0, len(numbers), PIECE):
            part = numbers[start : start + PIECE]
            met = {number for number, terms in self._db.rows(_TERMS, _filled(part)) if all(_meets(terms, one) for one in conditions)}
            yield from (number for number in part if number in met)

    def _best(self, numbers: Iterable[int], enough: int) -> list[_Found]:
        """The first of them by kind and name that the caller sees; once there are `enough` of a kind, no more of it are looked at."""
        found: list[_Found] = []
        for _, of_kind in groupby(numbers, key=lambda number: number >> SHIFT):
            while part := list(islice(of_kind, PIECE)):
                found += self._objects(part)
                if len(found) >= enough:
                    break
            if len(found) >= self._limit:
                break
        return sorted(found, key=_order)[: self._limit]

    def _objects(self, numbers: list[int]) -> list[_Found]:
        if not numbers:
            return []
        return [one for row in self._db.rows(_OBJECTS, _filled(numbers)) if self._scope.sees(one := _Found(*row))]


def _meets(terms: str, ranges: Ranges) -> bool:
    """Whether one of an object's terms, one a line, lies in one of the ranges."""
    for low, high in ranges:
        if high == low + END_OF_ALL:
            if LINE + low in terms:
                return True
        elif high == low + _END:
            if f"{LINE}{low}{LINE}" in terms:
                return True
        elif any(low <= term < high for term in terms.split(LINE)):
            return True
    return False


def _filled(numbers: Sequence[int]) -> list[int]:
    """As many as the statement has marks for; no object has the number 0."""
    return [*numbers, *[0] * (PIECE - len(numbers))]
