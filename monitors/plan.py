"""From the rows a device has to what is polled of it: columns that exist for the same rows are asked together."""

from collections.abc import Container, Iterator, Mapping
from typing import NamedTuple

from core.objects import Interface
from core.polling import Oid, PollPlan, TablePlan
from core.text import Value, number_of, text_of, unique
from monitors.answers import SYS_UPTIME, Answers, TableAnswer, TableQuestion
from monitors.interfaces import is_physical
from monitors.meaning import UPTIME, ColumnMeaning, PlanMeaning, Polled, TableMeaning
from monitors.profile import Column, Join, Profile, Table, oid

_ETHERNET = 6
_NARROW_OCTETS = ("ifInOctets", "ifOutOctets")
_CREDIBLE_BPS = 10_000_000
"""Tunnels and the like give speeds of a few kbit/s that mean nothing."""
_ROOM = 1.5


def probes_of(question: TableQuestion, rows: Mapping[Oid, list[Value]]) -> dict[Oid, str]:
    """Which polled columns, whose cells are not read, a device must be asked for once: OID of a sample cell to its column."""
    out: dict[Oid, str] = {}
    table = question.table
    for name, column in table.columns.items():
        if column.poll and name not in question.columns:
            at = question.columns.index(column.when) if column.when else None
            sample = _sample(question, at, rows)
            if sample is not None and _wanted_somewhere(question, name, rows):
                out[oid(column.oid) + sample] = name
    return out


def _sample(question: TableQuestion, at: int | None, rows: Mapping[Oid, list[Value]]) -> Oid | None:
    """A row that has column `at` and is typical: of interfaces an Ethernet port, else the first."""
    kind = question.columns.index("ifType") if question.table.gives == "interfaces" and "ifType" in question.columns else None
    first: Oid | None = None
    for index, cells in rows.items():
        if at is None or cells[at] is not None:
            if kind is None or cells[kind] == _ETHERNET:
                return index
            first = index if first is None else first
    return first


def _wanted_somewhere(question: TableQuestion, name: str, rows: Mapping[Oid, list[Value]]) -> bool:
    """False for a 32-bit counter when every row has the 64-bit one."""
    betters = _betters(question.table, name)
    at = [question.columns.index(b) for b in betters if b in question.columns]
    return not at or any(all(cells[a] is None for a in at) for cells in rows.values())


def _betters(table: Table, name: str) -> list[str]:
    """Discovered columns whose presence in a row makes this one needless: the better column itself, or what it goes by."""
    return [c.when or better for better, c in table.columns.items() if c.instead_of == name]


def polled_of(
    profiles: tuple[Profile, ...], answers: Answers, interfaces: Mapping[Oid, Interface], measured: Container[Oid] = (),
) -> Polled:
    """What is polled of a device beside its measures. interfaces: what became of the rows of that table; other rows of it are not polled.

    measured: columns that are polled as measures, and not once more.
    """
    scalars, meanings = [SYS_UPTIME], [UPTIME]
    for profile in profiles:
        for name, column in profile.scalars.items():
            full = oid(column.oid)
            if column.poll and full not in scalars and full not in measured and isinstance(answers.scalars.get(full), int):
                scalars.append(full)
                meanings.append(_meaning(name, column))
    plans: list[TablePlan] = []
    tables: list[TableMeaning] = []
    for answer in answers.tables.values():
        owner = next((p.profile for p in profiles if p.tables.get(answer.question.name) is answer.question.table), "")
        for plan, meaning in _compiled(answer, answers, interfaces, measured):
            plans.append(plan)
            tables.append(meaning.replace(profile=owner))
    whole = PollPlan(scalars=tuple(scalars), tables=tuple(plans))
    return Polled(plan=whole, meaning=PlanMeaning(scalars=tuple(meanings), tables=tuple(tables)))


def _compiled(
    answer: TableAnswer, answers: Answers, interfaces: Mapping[Oid, Interface], measured: Container[Oid],
) -> Iterator[tuple[TablePlan, TableMeaning]]:
    """Plans of one table: columns grouped by the rows in which they are polled."""
    ports = answer.question.table.gives == "interfaces"
    labels = {index: i.name for index, i in interfaces.items()} if ports else labels_of(answer, answers)
    groups: dict[tuple[Oid, ...], list[str]] = {}
    known: dict[Needs, tuple[Oid, ...]] = {}
    usable = [(index, cells) for index, cells in answer.rows.items() if index in labels]
    for name, column in answer.question.table.columns.items():
        if oid(column.oid) in measured or (needs := _needs_of(answer, name)) is None:
            continue
        if needs not in known:
            known[needs] = tuple(index for index, cells in usable if needs.met(cells))
        if rows := known[needs]:
            groups.setdefault(rows, []).append(name)
    for rows, names in groups.items():
        columns = [answer.question.table.columns[n] for n in names]
        yield (
            TablePlan(columns=tuple(oid(c.oid) for c in columns), indexes=rows),
            TableMeaning(
                table=answer.question.name,
                columns=tuple(_meaning(n, c) for n, c in zip(names, columns, strict=True)),
                labels=tuple(labels[r] for r in rows),
                indexes=tuple(interfaces[r].if_index for r in rows) if ports else (),
                physical=tuple(is_physical(interfaces[r]) for r in rows) if ports else (),
                limits={p: _limits(rows, interfaces) for p, n in enumerate(names) if ports and n in _NARROW_OCTETS},
                factors={p: _factors(answer, c.scale_by, rows) for p, c in enumerate(columns) if c.scale_by},
            ),
        )


class Needs(NamedTuple):
    """What a row must have so that a column is polled in it: numbers in these cells, nothing in those."""

    have: tuple[int, ...]
    lack: tuple[int, ...]

    def met(self, cells: list[Value]) -> bool:
        for at in self.have:
            if not isinstance(cells[at], int):
                return False
        return all(cells[at] is None for at in self.lack)


def _needs_of(answer: TableAnswer, name: str) -> Needs | None:
    """None: the column is not polled, or not there."""
    question, column = answer.question, answer.question.table.columns[name]
    if column.poll is None or name not in answer.present:
        return None
    needs = [n for n in (name if name in question.columns else "", column.when) if n]
    if any(n not in question.columns for n in needs):
        return None
    lack = [b for b in _betters(question.table, name) if b in answer.present and b in question.columns]
    return Needs(tuple(map(question.columns.index, needs)), tuple(map(question.columns.index, lack)))


def _meaning(name: str, column: Column) -> ColumnMeaning:
    low, high = column.valid or (float("-inf"), float("inf"))
    return ColumnMeaning(
        name=name,
        metric=column.metric or name,
        counter=column.poll == "counter",
        store=column.store,
        scale=column.scale,
        offset=column.offset,
        signed=column.signed,
        low=low,
        high=high,
    )


def _factors(answer: TableAnswer, column: str, rows: tuple[Oid, ...]) -> tuple[float, ...]:
    cells = dict(zip(answer.rows, answer.cells(column), strict=True))
    return tuple(float(number_of(cells[row], 1)) for row in rows)


def _limits(rows: tuple[Oid, ...], interfaces: Mapping[Oid, Interface]) -> tuple[float, ...]:
    """Octets per second that each interface can carry, with some room; unbounded where the speed is nothing to go by."""
    speeds = [interfaces[row].speed_bps for row in rows]
    return tuple(speed / 8 * _ROOM if speed >= _CREDIBLE_BPS else float("inf") for speed in speeds)


def labels_of(answer: TableAnswer, answers: Answers, label: tuple[str, ...] = ()) -> dict[Oid, str]:
    """What each row of a table is called: the first of the profile's candidates that has text, else its index; unique.

    label: other candidates than the table's.
    """
    sources = [_column(answer, answers, candidate) for candidate in label or answer.question.table.label]
    names = [next((text for text in candidates if text), "") for candidates in zip(*sources, strict=True)] if sources else []
    plain = [".".join(map(str, index)) for index in answer.rows]
    return dict(zip(answer.rows, unique(names, plain) if names else plain, strict=True))


def _column(answer: TableAnswer, answers: Answers, candidate: str) -> list[str]:
    """Text of `column` or `join.column`, row by row."""
    name, dot, far = candidate.partition(".")
    if not dot:
        return [_shown(cell) for cell in answer.cells(name)]
    join = answer.question.table.joins[name]
    other = answers.tables.get(join.table)
    if other is None:
        return [""] * len(answer.rows)
    texts = dict(zip(other.rows, map(_shown, other.cells(far)), strict=True))
    return [texts.get(index, "") for index in reached(answer, join)]


def reached(answer: TableAnswer, join: Join) -> list[Oid]:
    """The index of the other table's row that each row reaches; one that nothing has where the row does not tell."""
    columns = [answer.cells(name) for name in join.columns]
    return [
        (*(index[p] for p in join.index if -len(index) <= p < len(index)), *(_last(cells[at]) for cells in columns))
        for at, index in enumerate(answer.rows)
    ]


def _last(value: Value) -> int:
    """The number of a cell; of an OID, which points to a row, its last one."""
    return (value[-1] if value else -1) if isinstance(value, tuple) else number_of(value, -1)


def _shown(value: Value) -> str:
    return str(value) if isinstance(value, int) else text_of(value, 255)
