"""Families: many kinds of device in one file, each in one line: how it is recognised, and where its model, version and serial stand.

A family becomes a profile of the same name as its `os`, prefixed with `family-`; whoever knows a kind in full writes a profile of its own,
which a line here never contradicts: a family with no `rank` speaks after a profile that matches equally well.
"""

import re
from itertools import product
from typing import Annotated, Any

from msgspec import Meta

from core.nouns import Noun
from monitors.pattern import PATTERN_LIMIT
from monitors.profile import Column, FactRule, Match, Name, Profile, Table

ENTERPRISES = "1.3.6.1.4.1."
_NET_SNMP = "8072.3.2.10"
_KERNELS = ("Linux", "FreeBSD", "NetBSD", "OpenBSD", "SunOS", "Darwin")
_KERNEL = rf"(?:(?:{'|'.join(_KERNELS)}) \S++ \d[\s\S]*+)?+"
_NUMBERS = re.compile(r"\d+(\.\d+)+")
_COLUMN = re.compile(r"(\d+(?:\.\d+)+)\.(\d+)\.\*")
_FEW_ROWS = 16
Places = tuple[Annotated[str, Meta(pattern=r"^[0-9]+(\.[0-9]+)*$")], ...]
Where = str | FactRule
"""Digits: a scalar with its instance, below enterprises or in full from 1.3.6.1, 1.0.8802 or 1.2.840; with `.*` behind: a column, of
which the first row with text speaks; `=text`: this text; else a pattern on sysDescr."""


class Family(Noun, frozen=True, kw_only=True):
    """One line of such a file. At least one of `at`, `descr`, `said` and `probe` is given; an `at` and a `descr` must both hold."""

    os: Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_+-]{0,47}$")]
    vendor: str = ""
    at: Places = ()
    """sysObjectID lies at or under one of these, below enterprises."""
    descr: tuple[str, ...] = ()
    said: tuple[Annotated[str, Meta(pattern=r"^(\(\?i\))?\^")], ...] = ()
    """How sysDescr begins where that is enough, whatever the number: cards that bear another maker's, agents that are plain net-snmp."""
    probe: Places = ()
    """Scalars of the maker's own, below enterprises, one of which the device has."""
    rank: int = -1
    model: tuple[Where, ...] = ()
    version: tuple[Where, ...] = ()
    serial: tuple[Where, ...] = ()

    @property
    def matches(self) -> tuple[Match, ...]:
        """Every way to recognise it."""
        places = [full(place) for place in self.at] or [""]
        probes = [full(place) for place in self.probe] or [""]
        known = (
            Match(object_id=place, descr=descr, probe=probe)
            for place, descr, probe in product(places, self.descr or ("",), probes)
            if place or descr or probe or not self.said
        )
        return (*known, *(Match(object_id=place, descr=said) for said in self.said for place in ("", full(_NET_SNMP))))


class Families(Noun, frozen=True, kw_only=True):
    """A file of families."""

    families: Name
    source: str
    lines: tuple[Family, ...]


def profiles_of(file: Families) -> tuple[Profile, ...]:
    """The profiles that the lines stand for; of one family with several lines the second is numbered."""
    seen: dict[str, int] = {}
    out = []
    for family in file.lines:
        seen[family.os] = seen.get(family.os, 0) + 1
        number = f"-{seen[family.os]}" if seen[family.os] > 1 else ""
        name = f"{file.families}-{family.os.replace('+', 'plus')}{number}"
        out.append(Profile(
            profile=name, title=family.os, source=file.source, match=family.matches, rank=family.rank, facts=_facts(family),
            tables=_tables(family),
        ))
    return tuple(out)


def _facts(family: Family) -> dict[Any, tuple[FactRule, ...]]:
    said = {"model": family.model, "version": family.version, "serial": family.serial}
    facts = {field: tuple(map(rule, wheres)) for field, wheres in said.items() if wheres}
    if family.vendor:
        facts["vendor"] = (FactRule(text=family.vendor),)
    return {**facts, "os": (FactRule(text=family.os),)}


def _tables(family: Family) -> dict[str, Table]:
    columns: dict[str, dict[str, Column]] = {}
    for where in (*family.model, *family.version, *family.serial):
        found = _COLUMN.fullmatch(where) if isinstance(where, str) else None
        if found is not None:
            row, number = found.groups()
            columns.setdefault(_table_name(row), {})[f"c{number}"] = Column(oid=full(f"{row}.{number}"), type="text")
    return {name: Table(columns=of, limit=_FEW_ROWS) for name, of in columns.items()}


def _table_name(row: str) -> str:
    return ("rows-" + row.replace(".", "-"))[:64]


def rule(where: Where) -> FactRule:
    """A fact's rule from its short form."""
    if isinstance(where, FactRule):
        return where
    if column := _COLUMN.fullmatch(where):
        return FactRule(column=f"{_table_name(column[1])}.c{column[2]}")
    if _NUMBERS.fullmatch(where):
        return FactRule(scalar=full(where))
    return FactRule(text=where[1:]) if where.startswith("=") else FactRule(system="sysDescr", regex=_past_kernels(where))


def _past_kernels(pattern: str) -> str:
    """The pattern where it says how the sentence begins: it takes nothing of what a kernel says of itself, unless it names one."""
    flag = "(?i)" if pattern.startswith("(?i)") else ""
    rest = pattern.removeprefix(flag)
    if not rest.startswith("^") or any(kernel in pattern for kernel in _KERNELS) or len(pattern) + len(_KERNEL) > PATTERN_LIMIT:
        return pattern
    return f"{flag}^{_KERNEL}{rest[1:]}"


def full(place: str) -> str:
    """An OID from its short form."""
    return place if place.startswith(("1.3.6.1.", "1.0.8802.", "1.2.840.")) else ENTERPRISES + place

