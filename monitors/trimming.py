"""What of a plan is kept where not all of it can be asked: first columns go, by what they are worth, then rows. Pure.

Of interfaces: states, then octets of ports with a plug; the same of the others; then errors and discards; then what else there is. Between
these stand processors, memory, storage, temperatures and states of parts. Something of every device's ports is always asked.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from core.measured import MEMORY, PROCESSOR, STORAGE
from core.polling import TablePlan
from monitors.meaning import TableMeaning

Planned = tuple[TablePlan, TableMeaning]
LEAST = 32
"""Variables that any device can be asked for: one small answer."""
_STATES = frozenset({"ifOperStatus", "ifAdminStatus"})
_OCTETS = frozenset({"ifHCInOctets", "ifHCOutOctets", "ifInOctets", "ifOutOctets"})
_FAULTS = frozenset({"ifInErrors", "ifOutErrors", "ifInDiscards", "ifOutDiscards", "ifCounterDiscontinuityTime"})
_TIERS = (_STATES, _OCTETS, _FAULTS)
_WORTH_OF_TIERS = {(0, True): 0, (1, True): 1, (0, False): 7, (1, False): 8, (2, True): 9, (2, False): 10, (3, True): 11, (3, False): 12}
"""By tier, and whether the port has a plug; the lowest is asked first."""
_WORTH = {"": 2, PROCESSOR: 3, MEMORY: 4, STORAGE: 5, "yw_temperature": 6, "yw_state": 6}
"""By metric of what is no interface. What is stored nowhere is taken off another value, which would be wrong without it."""
_SENSOR, _OTHER = 13, 14


class Kept(NamedTuple):
    """tables: what is polled; out: name and number of variables of what is not."""

    tables: tuple[Planned, ...]
    out: tuple[tuple[str, int], ...]


class _Piece(NamedTuple):
    """Columns and rows of one table (positions) that are worth the same."""

    worth: int
    table: int
    columns: tuple[int, ...]
    rows: tuple[int, ...]


def trimmed(tables: Sequence[Planned], room: int) -> Kept:
    """As much as fits into `room` variables, or into `LEAST`."""
    left = max(room, LEAST)
    taken: list[dict[int, int]] = [{} for _ in tables]
    cut: list[dict[int, int]] = [{} for _ in tables]
    for piece in sorted(_pieces(tables), key=lambda one: one.worth):
        mine = taken[piece.table]
        open_rows = [row for row in piece.rows if _may_follow(tables[piece.table][1], piece, mine.get(row, 0))]
        fitting = open_rows[: left // len(piece.columns)]
        left -= len(fitting) * len(piece.columns)
        mask = sum(1 << column for column in piece.columns)
        for row in fitting:
            mine[row] = mine.get(row, 0) | mask
        for column in piece.columns:
            cut[piece.table][column] = cut[piece.table].get(column, 0) + len(piece.rows) - len(fitting)
    kept = tuple(part for number, one in enumerate(tables) for part in _parts(one, taken[number]))
    out: dict[str, int] = {}
    for (_, meaning), missing in zip(tables, cut, strict=True):
        for column, count in missing.items():
            if count and (name := meaning.columns[column].metric or meaning.table):
                out[name] = out.get(name, 0) + count
    return Kept(kept, tuple(out.items()))


def _pieces(tables: Sequence[Planned]) -> Iterator[_Piece]:
    for number, (plan, meaning) in enumerate(tables):
        columns, rows = range(len(plan.columns)), range(len(plan.indexes))
        if not meaning.indexes:
            metric = meaning.columns[0].metric
            worth = _WORTH.get(metric, _SENSOR if metric.startswith("yw_") else _OTHER)
            yield _Piece(worth, number, tuple(columns), tuple(rows))
            continue
        tiers = [_tier(meaning.columns[column].metric) for column in columns]
        for (tier, plugged), worth in _WORTH_OF_TIERS.items():
            some = tuple(column for column in columns if tiers[column] == tier)
            ports = sorted((row for row in rows if meaning.physical[row] == plugged), key=lambda row: meaning.indexes[row])
            if some and ports:
                yield _Piece(worth, number, some, tuple(ports))


def _tier(metric: str) -> int:
    return next((tier for tier, names in enumerate(_TIERS) if metric in names), len(_TIERS))


def _may_follow(meaning: TableMeaning, piece: _Piece, has: int) -> bool:
    """A port's less worthy columns are asked only where the more worthy ones are."""
    if not meaning.indexes:
        return True
    tier = _tier(meaning.columns[piece.columns[0]].metric)
    return all(has >> at & 1 for at, column in enumerate(meaning.columns) if _tier(column.metric) < tier)


def _parts(one: Planned, taken: dict[int, int]) -> Iterator[Planned]:
    """What was kept of a table, rows with the same columns together. Those that are not all its rows are asked for by name."""
    plan, meaning = one
    for mask in sorted(set(taken.values()), reverse=True):
        rows = sorted(row for row, has in taken.items() if has == mask)
        columns = [column for column in range(len(plan.columns)) if mask >> column & 1]
        places = {column: at for at, column in enumerate(columns)}
        yield (
            TablePlan(
                columns=tuple(plan.columns[column] for column in columns), indexes=tuple(plan.indexes[row] for row in rows),
                by_name=plan.by_name or len(rows) < len(plan.indexes), text=plan.text,
            ),
            meaning.replace(
                columns=tuple(meaning.columns[column] for column in columns), labels=tuple(meaning.labels[row] for row in rows),
                indexes=tuple(meaning.indexes[row] for row in rows) if meaning.indexes else (),
                physical=tuple(meaning.physical[row] for row in rows) if meaning.physical else (),
                factors=_picked(meaning.factors, places, rows), offsets=_picked(meaning.offsets, places, rows),
                limits=_picked(meaning.limits, places, rows),
            ),
        )


def _picked(by_column: dict[int, tuple[float, ...]], places: dict[int, int], rows: Sequence[int]) -> dict[int, tuple[float, ...]]:
    return {places[column]: tuple(values[row] for row in rows) for column, values in by_column.items() if column in places}
