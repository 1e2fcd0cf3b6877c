"""A poll plan as requests: which variables go into which datagram, encoded once. Pure.

Tables are read by GETBULK from the row before the first one wanted; what it returns is checked, so a plan that skips rows or a
column with holes is noticed, and such a device is asked by GET with full names from then on.
"""

from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from core.polling import Oid, PollPlan, TablePlan, Target
from links.snmp import ber

_VALUE = 5
"""Bytes of a number's value to reckon with; a guess that adaptation mends."""
_PER_VARIABLE = 6
"""Bytes of headers around a name and a value."""
_OVERHEAD = 40
MOST_VARIABLES = 400
_MOST_SCALARS = 32


class Ask(NamedTuple):
    """One request of a plan: variables `start` to `start + variables` of its device."""

    data: bytes
    id_at: int
    start: int
    variables: int
    weight: int
    """Bytes that the answer is expected to take."""
    text: bool = False
    """The values come as texts, which the block decoder does not read."""


@lru_cache(maxsize=65536)
def encoded(oid: Oid) -> bytes:
    """An OID's contents, remembered: columns and scalars are the same on thousands of devices."""
    return ber.oid_body(oid)


def encoded_names(plan: PollPlan) -> list[bytes]:
    """The encoded OID of every variable, in the plan's order."""
    out = [encoded(oid) for oid in plan.scalars]
    for table in plan.tables:
        columns = [encoded(column) for column in table.columns]
        out += [column + index for index in map(ber.subids, table.indexes) for column in columns]
    return out


def asks(
    target: Target, plan: PollPlan, bodies: list[bytes], budget: int, by_name: bool, absent: Collection[int] = ()
) -> list[Ask]:
    """All requests of a plan, answers of at most about `budget` bytes. bodies: `encoded_names(plan)`. by_name: GET instead of GETBULK.

    absent: variables that must not be asked for (v1 refuses a whole request for one of them).
    """
    numbers = bodies[: plan.texts]
    if by_name or target.version == "1":
        out = list(_by_name(target, numbers, budget, absent))
    else:
        out = list(_in_bulk(target, plan, numbers, budget))
    if len(numbers) < len(bodies):
        out += [ask._replace(text=True) for ask in _by_name(target, bodies, budget, absent, len(numbers))]
    return out


def ask_for(target: Target, bodies: list[bytes], start: int, count: int) -> Ask:
    """One GET for variables `start` to `start + count`."""
    version = ber.V1 if target.version == "1" else ber.V2C
    wanted = bodies[start : start + count]
    data, at = ber.request(version, target.secret.community.encode(), ber.GET, wanted)
    return Ask(data, at, start, count, _weight(wanted))


def _by_name(target: Target, bodies: list[bytes], budget: int, absent: Collection[int] = (), start: int = 0) -> Iterator[Ask]:
    size = _OVERHEAD
    for number, body in enumerate(bodies[start:], start):
        more = len(body) + _PER_VARIABLE + _VALUE
        full = size + more > budget or number - start >= MOST_VARIABLES
        if number > start and (full or number in absent):
            yield ask_for(target, bodies, start, number - start)
            start, size = number, _OVERHEAD
        if number in absent:
            start, size = number + 1, _OVERHEAD
        else:
            size += more
    if start < len(bodies):
        yield ask_for(target, bodies, start, len(bodies) - start)


def _in_bulk(target: Target, plan: PollPlan, bodies: list[bytes], budget: int) -> Iterator[Ask]:
    leading = list(plan.scalars)
    start = len(leading)
    tables = [table for table in plan.tables if table.indexes and table.columns and not table.by_name]
    if not tables:
        yield from _by_name(target, bodies, budget)
        return
    if start > _MOST_SCALARS:
        yield from _by_name(target, bodies[:start], budget)
        leading = []
    first = 0 if leading else start
    for table in tables:
        for ask in _rows_of(target, table, bodies, (first, start), leading, budget):
            yield ask
            first = start = ask.start + ask.variables
            leading = []
    yield from _by_name(target, bodies, budget, (), start)


def _rows_of(
    target: Target, table: TablePlan, bodies: list[bytes], at: tuple[int, int], leading: list[Oid], budget: int
) -> Iterator[Ask]:
    """GETBULKs over one table; the scalars `leading` ride in front of its first."""
    first, start = at
    width, row, total = len(table.columns), 0, len(table.indexes)
    columns = [encoded(column) for column in table.columns]
    while row < total:
        count = _fitting(bodies, first, start, width, total - row, budget)
        before = ber.subids(table.indexes[row - 1]) if row else b""
        asked = [encoded(_before(oid)) for oid in leading] + [column + before for column in columns]
        data, id_at = ber.request(ber.V2C, target.secret.community.encode(), ber.GETBULK, asked, len(leading), count)
        stop = start + count * width
        yield Ask(data, id_at, first, stop - first, _weight(bodies[first:stop]))
        row, first, start, leading = row + count, stop, stop, []


def _fitting(bodies: list[bytes], first: int, start: int, width: int, rows: int, budget: int) -> int:
    """How many rows fit into the budget, at least one."""
    size = _weight(bodies[first:start])
    for row in range(rows):
        at = start + row * width
        size += sum(map(len, bodies[at : at + width])) + width * (_PER_VARIABLE + _VALUE)
        if row and (size > budget or (row + 1) * width > MOST_VARIABLES):
            return row
    return rows


def _before(oid: Oid) -> Oid:
    """A name just before the one wanted, for GETNEXT."""
    return oid[:-1] if oid[-1] == 0 else (*oid[:-1], oid[-1] - 1)


def _weight(bodies: list[bytes]) -> int:
    return _OVERHEAD + sum(map(len, bodies)) + len(bodies) * (_PER_VARIABLE + _VALUE)


def runs_of(variables: list[int]) -> list[list[int]]:
    """Ascending numbers as runs of consecutive ones."""
    if not variables:
        return []
    return [part.tolist() for part in np.split(np.array(variables), np.nonzero(np.diff(variables) != 1)[0] + 1)]
