"""What to ask an unknown device, and what its answers make of it: interfaces, facts, links and a poll plan. Pure.

The order: `SYSTEM` in one GET, then `questions`, the tables (`first` is enough to poll) with the probes of each, then `conclude`.
"""

from collections.abc import Container, Iterable, Mapping

from core.measured import BgpPeer, Member, OspfNeighbour, Part
from core.messages import Observed
from core.neighbours import Neighbour
from core.nouns import Noun
from core.objects import Fact
from core.polling import Oid, VarBind
from core.text import Value, text_of
from monitors.answers import (
    SYS_CONTACT,
    SYS_DESCR,
    SYS_LOCATION,
    SYS_NAME,
    SYS_OBJECT_ID,
    SYS_UPTIME,
    Answers,
    Identity,
    Questions,
    TableAnswer,
    TableQuestion,
)
from monitors.budget import Budget, Pace, planned
from monitors.facts import facts_of
from monitors.gauging import gauging
from monitors.interfaces import interfaces_in, zeroed
from monitors.meaning import Polled
from monitors.measures import Measured, measured_of
from monitors.neighbours import links_of, neighbours_of
from monitors.parts import parts_of
from monitors.peers import Routed, addresses_of, members_of, ospf_of, peers_of, vlans_of, vrfs_of
from monitors.plan import polled_of
from monitors.profile import Profile, Table, oid
from monitors.profiles import Catalogue


class Discovered(Noun, frozen=True, kw_only=True):
    """Everything discovery makes of a device."""

    observed: Observed
    polled: Polled
    profiles: tuple[str, ...]
    marks: tuple[str, ...]
    """What is wrong with what the device says, in sentences; also among its facts, as `mark`."""
    neighbours: tuple[Neighbour, ...] = ()
    """Who is at the other ends, with the addresses by which they may be reached."""
    measured: Measured = Measured()
    """Processors, memory, storage, sensors."""
    peers: tuple[BgpPeer, ...] = ()
    parts: tuple[Part, ...] = ()
    """Physical parts 部件 (ENTITY-MIB)."""
    ospf: tuple[OspfNeighbour, ...] = ()
    members: tuple[Member, ...] = ()
    vlans: dict[int, str] = {}
    """Of makers' own tables: name by number."""
    vrfs: dict[str, str] = {}
    addresses: tuple[Routed, ...] = ()
    zeroed: frozenset[int] = frozenset()
    """Interfaces by ifIndex that answer with an address of zeros; theirs is empty in `observed`."""
    pace: Pace = Pace(1, Budget().variables)
    """How often it can be asked for everything, and for how much."""
    slow: bool = False
    """It is polled less often, or asked for less, than others."""
    complete: bool
    """False after the first part alone."""

    def fact(self, field: str) -> str:
        """The value of a fact, or nothing."""
        return next((f.value for f in self.observed.facts if f.field == field), "")


def identify(bindings: Iterable[VarBind]) -> Identity:
    """The system group from its GET, whatever types came."""
    values = {b.oid: b.value for b in bindings}
    object_id, uptime = values.get(SYS_OBJECT_ID), values.get(SYS_UPTIME)
    return Identity(
        descr=text_of(values.get(SYS_DESCR), 1024),
        object_id=object_id if isinstance(object_id, tuple) else (),
        name=text_of(values.get(SYS_NAME), 255),
        location=text_of(values.get(SYS_LOCATION), 255),
        contact=text_of(values.get(SYS_CONTACT), 255),
        uptime=uptime if isinstance(uptime, int) else -1,
    )


def probes(catalogue: Catalogue, identity: Identity) -> tuple[Oid, ...]:
    """Scalars to ask before `questions`: which of several makers whose agents call themselves alike."""
    return catalogue.probes(identity.object_id, identity.descr)


def questions(catalogue: Catalogue, identity: Identity, probed: Mapping[Oid, Value] | None = None) -> Questions:
    """What else to ask. The more particular profile's table replaces a general one of the same name. probed: the answers to `probes`."""
    profiles = catalogue.matching(identity.object_id, identity.descr, probed or {})
    tables: dict[str, Table] = {}
    for profile in profiles:
        for name, table in profile.tables.items():
            tables.setdefault(name, table)
    measured = _measured(profiles, tables)
    first = [_question(name, table, {n for n, c in table.columns.items() if c.first}) for name, table in tables.items()]
    whole = [
        _question(name, table, {n for n, c in table.columns.items() if c.discovered} | measured.get(name, set()))
        for name, table in tables.items()
    ]
    return Questions(profiles, tuple(_scalars(profiles)), tuple(q for q in first if q.columns), tuple(whole))


def _measured(profiles: tuple[Profile, ...], tables: Mapping[str, Table]) -> dict[str, set[str]]:
    """The columns that rules look at, by table."""
    out: dict[str, set[str]] = {}
    for rule in (rule for profile in profiles for rule in profile.measures):
        for name in rule.columns:
            join, dot, far = name.partition(".")
            if not dot:
                out.setdefault(rule.table, set()).add(name)
            elif rule.table in tables and join in tables[rule.table].joins:
                out.setdefault(tables[rule.table].joins[join].table, set()).add(far)
    return out


def _question(name: str, table: Table, wanted: Container[str]) -> TableQuestion:
    columns = tuple(n for n in table.columns if n in wanted)
    return TableQuestion(name, table, columns, tuple(oid(table.columns[n].oid) for n in columns))


def _scalars(profiles: tuple[Profile, ...]) -> dict[Oid, None]:
    out: dict[Oid, None] = {}
    for profile in profiles:
        out |= dict.fromkeys(oid(column.oid) for column in profile.scalars.values())
        out |= dict.fromkeys(oid(t.ask_if) for t in profile.tables.values() if t.ask_if and not t.ask_if[0].isalpha())
        said = [one for rules in profile.facts.values() for rule in rules for one in rule.all]
        out |= dict.fromkeys(oid(full) for one in said for full in (one.scalar, one.by) if full)
    return out


def gate_of(question: TableQuestion) -> str:
    """The table that must be read before this one, or nothing."""
    table = question.table
    return table.ask_unless or (table.ask_if if table.ask_if[:1].isalpha() else "")


def is_open(question: TableQuestion, scalars: Mapping[Oid, Value], tables: Mapping[str, TableAnswer]) -> bool:
    """Whether the table is to be read, after what was read before."""
    table = question.table
    if table.ask_unless in tables and tables[table.ask_unless].rows:
        return False
    if table.ask_if and not table.ask_if[0].isalpha():
        return scalars.get(oid(table.ask_if)) is not None
    return not table.ask_if or bool(table.ask_if in tables and tables[table.ask_if].rows)


def answered(question: TableQuestion, rows: Mapping[Oid, list[Value]], problem: str, probed: Mapping[str, Value]) -> TableAnswer:
    """A table's rows with what the probes told about its other columns. probed: value of a sample cell by column."""
    there = {name for name, value in probed.items() if isinstance(value, int)}
    there |= {name for at, name in enumerate(question.columns) if any(cells[at] is not None for cells in rows.values())}
    return TableAnswer(question, dict(rows), frozenset(there), problem)


def conclude(
    asked: Questions, answers: Answers, device_id: str, now_ms: int, *, complete: bool, budget: Budget | None = None,
    seconds_each: float = 0.0,
) -> Discovered:
    """What the answers make of the device. complete: whether the rest was asked too; seconds_each: what it needs for one variable, 0:
    not known."""
    interfaces, odd = interfaces_in(device_id, answers.all_giving("interfaces"))
    marks = [odd] if odd else []
    marks += [f"{t.question.name}: {t.problem}" for t in answers.tables.values() if t.problem and t.question.table.gives != "interfaces"]
    measured = measured_of(asked.profiles, answers)
    columns = {gauge.column for gauge in measured.gauges}
    all_of_it = polled_of(asked.profiles, answers, interfaces, columns)
    plan = planned(all_of_it, gauging(measured.gauges), budget or Budget(), seconds_each)
    marks += plan.marks
    facts = facts_of(device_id, asked.profiles, answers, now_ms)
    if marks:
        facts += (_mark(device_id, " ".join(marks), now_ms),)
    neighbours = neighbours_of(answers, interfaces)
    observed = Observed(
        device_id=device_id,
        at_ms=now_ms,
        interfaces=tuple(interfaces.values()),
        facts=facts,
        links=links_of(device_id, neighbours, now_ms),
    )
    names = tuple(p.profile for p in asked.profiles)
    return Discovered(
        observed=observed, polled=plan.polled, pace=plan.pace, slow=plan.slow, profiles=names, marks=tuple(marks),
        neighbours=neighbours, complete=complete,
        measured=measured, peers=peers_of(answers), parts=parts_of(answers), ospf=ospf_of(answers),
        members=members_of(answers), vlans=vlans_of(answers), vrfs=vrfs_of(answers), addresses=addresses_of(answers),
        zeroed=frozenset[int]().union(*map(zeroed, answers.all_giving("interfaces"))),
    )


def _mark(device_id: str, text: str, now_ms: int) -> Fact:
    return Fact(object_id=device_id, field="mark", value=text[:1024], source="observed", confidence=1.0, valid_from=now_ms)
