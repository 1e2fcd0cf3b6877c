"""What holds: each record out of what is declared and, where nobody declared anything, the best of what the sources say."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import msgspec

from core.review import Statement
from inventory.intake.binding import rank
from inventory.intake.saying import Field, by_name, fields_of, made, text_of, value_of
from inventory.intake.world import Draft, name_of
from inventory.recognise import short_name


class Said(NamedTuple):
    """What one source says of a field, in the names of the inventory."""

    statement: Statement
    text: str


Voices = dict[str, list[Said]]
"""By field, the best first."""


class Tongue:
    """The names that a source uses, and whom they mean."""

    def __init__(self, draft: Draft) -> None:
        self._draft = draft
        self._means: dict[tuple[str, str, str], str] = {}
        for one in draft.statements.values():
            if one.object_id:
                self._means[one.origin, one.object_kind, one.name] = one.object_id

    def name(self, origin: str, kind: str, told: str) -> str:
        """Name or key of the record that is meant; empty: it is not among the records."""
        if kind not in self._draft.records:
            return told
        known = self._means.get((origin, kind, told), "")
        if known and (record := self._draft.records[kind].get(known)) is not None:
            return name_of(record)
        return told if self._draft.named(kind, told) is not None else ""

    def text(self, origin: str, field: Field, text: str) -> str:
        """The same value in the names of the inventory; empty where it names nothing that is there."""
        if not field.target:
            return text
        value = value_of(text)
        if isinstance(value, tuple):
            names = tuple(filter(None, (self.name(origin, field.target, one) for one in value)))
            return text if names == value else text_of(names) if names else ""
        found = self.name(origin, field.target, value)
        return text if found == value else text_of(found) if found else ""


def voices(kind: str, statements: Iterable[Statement], tongue: Tongue) -> Voices:
    """What all of them say of each field of the noun."""
    known = by_name(kind)
    out: Voices = {}
    for one in sorted(statements, key=rank):
        for name, text in one.fields.items():
            field = known.get(name)
            if field is not None and (found := tongue.text(one.origin, field, text)):
                out.setdefault(name, []).append(Said(one, found))
    return out


def same(kind: str, field: str, one: str, other: str) -> bool:
    """Whether two values of a field say the same, written differently or not."""
    if one == other:
        return True
    a, b = value_of(one), value_of(other)
    if isinstance(a, str) and isinstance(b, str):
        if kind == "device" and field == "name":
            return short_name(a) == short_name(b)
        short, long = sorted((a.strip().casefold(), b.strip().casefold()), key=len)
        return short == long or (kind == "device" and field == "model" and bool(short) and _is_beginning(short, long))
    if isinstance(a, tuple) and isinstance(b, tuple):
        return sorted(map(str, a)) == sorted(map(str, b))
    return bool(a == b)


def _is_beginning(short: str, long: str) -> bool:
    """`ZXR10` of `ZXR10 M6000-8S`: less exact, and no contradiction."""
    return long.startswith(short) and not long[len(short)].isalnum()


def filled(draft: Draft, kind: str, declared: Mapping[str, str], found: Voices) -> tuple[dict[str, str], dict[str, str]]:
    """All fields that hold, and by field the rule that let in what nobody declared."""
    out, by = dict(declared), {}
    for field, says in found.items():
        if field in declared:
            continue
        best = says[0]
        rule = draft.rule_for(kind, "field", field, best.statement.origin, empty=True)
        if rule:
            out[field] = best.text
            by[field] = rule
    return out, by


def derive(draft: Draft, kind: str, object_id: str, found: Voices) -> Any:
    """The record as it follows from all that is said; None where it cannot be without what nobody says."""
    old = draft.records[kind].get(object_id)
    declared = draft.declaration(kind, object_id)
    fields, by = filled(draft, kind, declared, found)
    for field in fields_of(kind):
        if field.required and field.name not in fields:
            if field.name in found:
                fields[field.name] = found[field.name][0].text
            elif old is not None:
                fields[field.name] = text_of(getattr(old, field.name))
    try:
        record = made(kind, object_id, fields)
    except msgspec.ValidationError:
        return None
    for field_name, rule in by.items():
        if old is None or getattr(old, field_name) != getattr(record, field_name):
            draft.accept(rule, kind)
    return record


def rename(draft: Draft, kind: str, names: Mapping[str, str]) -> None:
    """Whoever names one of these by its old name names it by the new one from now on."""
    for other, records in draft.records.items():
        fields = [field for field in (fields_of(other) if other != "credential" else ()) if field.target == kind]
        if not fields:
            continue
        for record in list(records.values()):
            changes = {
                field.name: after for field in fields
                if (after := _renamed(getattr(record, field.name), names)) != getattr(record, field.name)
            }
            if not changes:
                continue
            draft.put(other, record.replace(**changes))
            if draft.has_declaration(record.id):
                declared = draft.declaration(other, record.id)
                again = {name: text_of(value) for name, value in changes.items() if name in declared}
                draft.declare(other, record.id, getattr(record, "name", ""), {**declared, **again})


def _renamed(value: Any, names: Mapping[str, str]) -> Any:
    if isinstance(value, tuple):
        return tuple(names.get(one, one) for one in value)
    return names.get(value, value)


def unknown_names(draft: Draft, kind: str, noun: Any, origin: str, tongue: Tongue) -> list[tuple[str, str]]:
    """Kind and name of what a told noun names and nobody knows."""
    out: list[tuple[str, str]] = []
    for field in fields_of(kind):
        if not field.target or field.target not in draft.records:
            continue
        value = getattr(noun, field.name)
        names = value if isinstance(value, tuple) else (value,)
        out += ((field.target, name) for name in names if name and not tongue.name(origin, field.target, name))
    return out


def referred(draft: Draft) -> dict[tuple[str, str], str]:
    """By kind and name of what is referred to, the name of one that does."""
    out: dict[tuple[str, str], str] = {}
    for kind, records in draft.records.items():
        fields = [field for field in (fields_of(kind) if kind != "credential" else ()) if field.target]
        for record in records.values() if fields else ():
            for field in fields:
                value = getattr(record, field.name)
                for name in value if isinstance(value, tuple) else (value,):
                    if name:
                        out.setdefault((field.target, name), record.name)
    return out
