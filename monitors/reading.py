"""From the text of a profile to a `Profile`: every key checked, every mistake named by file, line and key."""

import re
from collections.abc import Iterable
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, TypeVar

import msgspec

from core.errors import InvalidInputError
from monitors.families import Families, Family, full, profiles_of
from monitors.pattern import compiled
from monitors.profile import Column, FactRule, Join, Match, Measure, PoolRule, ProcessorRule, Profile, SensorRule, Table
from monitors.yamlfile import Document, Path

_N = TypeVar("_N", bound=msgspec.Struct)
_LEVELS: dict[type, dict[str, type]] = {
    Profile: {"scalars": Column, "tables": Table},
    Table: {"columns": Column, "joins": Join},
}
"""Fields that map names to nouns: read entry by entry, so that a mistake is found where it stands."""
_ROOT = "ROOT"
_ROOTS = re.compile(r"[0-9]+(\.[0-9]+)*")
_LISTS: dict[str, type] = {"match": Match, "processors": ProcessorRule, "memory": PoolRule, "storage": PoolRule, "sensors": SensorRule}
"""Fields of a profile that list nouns."""


def read_profiles(name: str, text: str) -> tuple[Profile, ...]:
    """All profiles in a YAML text: one, or one for each root, or for each line of a file of families. Raises `InvalidInputError`."""
    document = Document(name, text)
    if isinstance(document.tree, dict) and "families" in document.tree:
        return _families(document)
    if isinstance(document.tree, dict) and "roots" in document.tree:
        return _of_roots(document)
    return (_profile(document, document.tree),)


def read_profile(name: str, text: str) -> Profile:
    """The profile in a YAML text. name: of the file, for messages. Raises `InvalidInputError`."""
    return read_profiles(name, text)[0]


def _of_roots(document: Document) -> tuple[Profile, ...]:
    tree = dict(document.tree)
    roots = tree.pop("roots")
    if not isinstance(roots, list) or not roots or not all(isinstance(root, str) and _ROOTS.fullmatch(root) for root in roots):
        raise document.wrong(("roots",), "a list of numbers below enterprises is expected here, quoted.")
    return tuple(
        _profile(document, {**_rooted(tree, full(root)), "profile": f"{tree.get('profile')}-{root.replace('.', '-')}"}) for root in roots
    )


def _rooted(data: Any, root: str) -> Any:
    if isinstance(data, dict):
        return {key: _rooted(value, root) for key, value in data.items()}
    if isinstance(data, list):
        return [_rooted(value, root) for value in data]
    return root + data[len(_ROOT) :] if isinstance(data, str) and (data == _ROOT or data.startswith(f"{_ROOT}.")) else data


def _families(document: Document) -> tuple[Profile, ...]:
    file = _noun(document, document.tree, (), Families)
    for number, family in enumerate(file.lines):
        if not (family.at or family.descr or family.probe):
            raise document.wrong(("lines", number), "nothing to match by.", "Give at, descr or probe.")
    profiles = profiles_of(file)
    for number, profile in enumerate(profiles):
        for pattern in filter(None, (*(m.descr for m in profile.match), *(r.regex for rules in profile.facts.values() for r in rules))):
            _check_pattern(document, pattern, ("lines", number))
    return profiles


def _profile(document: Document, tree: Any) -> Profile:
    profile: Profile = _noun(document, tree, (), Profile)
    _check_match(document, profile)
    _check_facts(document, profile)
    for scalar, column in profile.scalars.items():
        if column.instead_of or column.when or column.scale_by:
            raise document.wrong(("scalars", scalar), "a scalar has no row that instead_of, when or scale_by could look at.")
    for table_name, table in profile.tables.items():
        _check_table(document, table_name, table)
    for field in _LISTS.keys() - {"match"}:
        for number, rule in enumerate(getattr(profile, field)):
            _check_measure(document, profile, (field, number), rule)
    return profile


def _noun(document: Document, data: Any, path: Path, kind: type[_N]) -> _N:
    if not isinstance(data, dict):
        raise document.wrong(path, "keys with values are expected here.")
    _check_keys(document, data, path, kind)
    ready = dict(data)
    if kind is Families and "lines" in data:
        ready["lines"] = _list(document, data["lines"], ("lines",), Family)
    for field, inner in _LEVELS.get(kind, {}).items():
        if field in data:
            ready[field] = _entries(document, data[field], (*path, field), inner)
    if kind is Profile and "facts" in data:
        ready["facts"] = _facts(document, data["facts"])
    for field, inner in _LISTS.items() if kind is Profile else ():
        if field in data:
            ready[field] = _list(document, data[field], (field,), inner)
    try:
        return msgspec.convert(ready, kind, strict=True)
    except msgspec.ValidationError as error:
        where = re.search(r"\$\.([A-Za-z_]+)", str(error))
        reason = re.sub(r" - at `[^`]*`$", "", str(error))
        raise document.wrong((*path, where[1]) if where else path, f"{reason[:1].lower()}{reason[1:]}.") from None


@lru_cache(maxsize=64)
def _keys(kind: type) -> tuple[str, ...]:
    return tuple(f.encode_name for f in msgspec.structs.fields(kind))


def _check_keys(document: Document, data: dict[Any, Any], path: Path, kind: type) -> None:
    known = _keys(kind)
    for key in data:
        if key not in known:
            raise document.wrong((*path, key if isinstance(key, int) else str(key)), "there is no such key.", _near(str(key), known))


def _entries(document: Document, data: Any, path: Path, kind: type[_N]) -> dict[Any, _N]:
    if not isinstance(data, dict):
        raise document.wrong(path, "names with their keys are expected here.")
    return {name: _noun(document, body, (*path, name), kind) for name, body in data.items()}


def _list(document: Document, data: Any, path: Path, kind: type[_N]) -> list[_N]:
    if not isinstance(data, list):
        raise document.wrong(path, "a list is expected here.")
    return [_noun(document, item, (*path, number), kind) for number, item in enumerate(data)]


def _facts(document: Document, data: Any) -> dict[Any, list[FactRule]]:
    if not isinstance(data, dict):
        raise document.wrong(("facts",), "names with their rules are expected here.")
    return {field: _list(document, rules, ("facts", field), FactRule) for field, rules in data.items()}


def _check_pattern(document: Document, pattern: str, path: Path) -> None:
    try:
        compiled(pattern)
    except InvalidInputError as error:
        raise document.wrong(path, error.message, error.way_out) from None


def _check_match(document: Document, profile: Profile) -> None:
    for number, match in enumerate(profile.match):
        if not match.object_id and not match.descr and not match.probe:
            raise document.wrong(("match", number), "nothing to match by.", "Give object_id, descr, probe or more than one.")
        if match.value and not match.probe:
            raise document.wrong(("match", number, "value"), "there is no probe whose value could be looked at.")
        for key, pattern in (("descr", match.descr), ("value", match.value)):
            if pattern:
                _check_pattern(document, pattern, ("match", number, key))


def _check_facts(document: Document, profile: Profile) -> None:
    for field, rules in profile.facts.items():
        for number, rule in enumerate(rules):
            _check_fact(document, profile, ("facts", field, number), rule)


def _check_fact(document: Document, profile: Profile, path: Path, rule: FactRule) -> None:
    if [bool(rule.text), rule.system is not None, bool(rule.scalar), rule.entity is not None, bool(rule.column)].count(True) != 1:
        raise document.wrong(path, "a rule has exactly one of text, system, scalar, entity, column.")
    table, _, column = rule.column.partition(".")
    if table and not (table in profile.tables and column in profile.tables[table].columns):
        raise document.wrong((*path, "column"), f"{rule.column} is no column of a table of this profile.")
    if rule.by and not table:
        raise document.wrong((*path, "by"), "by tells the row of a column; there is no column.")
    if rule.regex:
        _check_pattern(document, rule.regex, (*path, "regex"))
    for number, more in enumerate(rule.also):
        _check_fact(document, profile, (*path, "also", number), more)


def _check_table(document: Document, name: str, table: Table) -> None:
    path: Path = ("tables", name)
    if not table.columns:
        raise document.wrong((*path, "columns"), "a table needs a column.")
    if not any(c.discovered for c in table.columns.values()):
        raise document.wrong((*path, "columns"), "no column is discovered, so nobody would know the rows.", "Set discover: true on one.")
    for key, column in table.columns.items():
        _check_column(document, table, (*path, "columns", key), column)
    for key, join in table.joins.items():
        if not join.index and not join.columns:
            raise document.wrong((*path, "joins", key), "a join has index, column or both.")
        for name in join.columns:
            _discovered(document, table, (*path, "joins", key, "column"), name)
    for label in table.label:
        first, dot, rest = label.partition(".")
        if not dot:
            _discovered(document, table, (*path, "label"), first)
        elif first not in table.joins or not rest:
            raise document.wrong((*path, "label"), f"{first} is not among the joins.")


def _check_measure(document: Document, profile: Profile, path: Path, rule: Measure) -> None:
    """What it names must be there; a table of another profile is looked at when the catalogue is put together."""
    if rule.regex:
        _check_pattern(document, rule.regex, (*path, "regex"))
    if rule.each and not rule.regex:
        raise document.wrong((*path, "each"), "each needs a regex.")
    for key in ("matching", "excluding", "total_of", "less_of", "less_in"):
        for name, pattern in getattr(rule, key, {}).items():
            _check_pattern(document, pattern, (*path, key, name))
    _check_columns(document, profile, path, rule)
    _check_kind(document, path, rule)


def _check_columns(document: Document, profile: Profile, path: Path, rule: Measure) -> None:
    table = profile.tables.get(rule.table)
    known = table.columns if table else None if rule.table else profile.scalars
    for name in rule.columns:
        join, dot, _ = name.partition(".")
        if dot and (not rule.table or (table is not None and join not in table.joins)):
            raise document.wrong(path, f"{join} is not among the joins of the table.")
        if not dot and known is not None and name not in known:
            raise document.wrong(path, f"there is no {'column' if rule.table else 'scalar'} {name}.", _near(name, known))


def _check_kind(document: Document, path: Path, rule: Measure) -> None:
    if isinstance(rule, ProcessorRule) and bool(rule.usage) == bool(rule.idle):
        raise document.wrong(path, "a processor has either usage or idle.")
    if isinstance(rule, PoolRule) and not (rule.percent or rule.percent_free or sum(map(bool, (rule.used, rule.free, rule.total))) >= 2):
        raise document.wrong(path, "this does not tell how full it is.", "Give two of used, free, total, or a percentage.")
    if isinstance(rule, SensorRule) and (rule.kind is None) == (not rule.kind_by):
        raise document.wrong(path, "a sensor has either kind or kind_by.")


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), 1, 0.5)
    return f"Did you mean {near[0]}?" if near else f"Known here: {', '.join(known)}."


def _check_column(document: Document, table: Table, path: Path, column: Column) -> None:
    if column.instead_of and column.instead_of not in table.columns:
        raise document.wrong((*path, "instead_of"), f"there is no column {column.instead_of}.")
    for key, other in (("when", column.when), ("scale_by", column.scale_by)):
        if other:
            _discovered(document, table, (*path, key), other)
    if column.poll and column.type != "number":
        raise document.wrong((*path, "poll"), "only numbers are polled.")
    if column.first and not column.discovered:
        raise document.wrong((*path, "first"), "only a discovered column can be read first.")
    if column.when and any(c.first for c in table.columns.values()) and not table.columns[column.when].first:
        raise document.wrong((*path, "when"), f"{column.when} must be read first too.")
    if column.valid and column.valid[0] >= column.valid[1]:
        raise document.wrong((*path, "valid"), "the lower limit is not below the upper.")


def _discovered(document: Document, table: Table, path: Path, name: str) -> None:
    if name not in table.columns or not table.columns[name].discovered:
        raise document.wrong(path, f"{name} is not a discovered column of this table.")
