"""Facts of a device from its profiles' rules: the most particular profile speaks first, the first rule that yields text wins."""

import re
from collections.abc import Mapping

from core.objects import Fact
from core.text import Value, number_of, oid_text, text_of
from monitors.answers import Answers, Identity, TableAnswer
from monitors.pattern import search
from monitors.profile import FactRule, Profile, oid

_ENTITY_COLUMNS = {
    "descr": "entPhysicalDescr",
    "name": "entPhysicalName",
    "hardware": "entPhysicalHardwareRev",
    "firmware": "entPhysicalFirmwareRev",
    "software": "entPhysicalSoftwareRev",
    "serial": "entPhysicalSerialNum",
    "manufacturer": "entPhysicalMfgName",
    "model": "entPhysicalModelName",
    "asset": "entPhysicalAssetID",
}
_CLASSES = {"chassis": (3,), "stack": (11, 3), "module": (9,)}
"""PhysicalClass (RFC 6933)."""
_ZEROS = re.compile(r"(?:00[ :.]{0,2})+")
"""An agent's empty field, printed as octets."""
_PLACE = re.compile(r"\{([0-9])\}")
_NOTHING = frozenset(("", "n/a", "none", "unknown", "null", "-", "not specified", "default string", "to be filled by o.e.m."))


def facts_of(device_id: str, profiles: tuple[Profile, ...], answers: Answers, now_ms: int) -> tuple[Fact, ...]:
    """All facts: sysName, sysDescr and sysObjectID as they are, and one for each field that a rule yields."""
    identity = answers.identity
    system = {"sysName": identity.name, "sysDescr": identity.descr, "sysObjectID": oid_text(identity.object_id)}
    found: dict[str, tuple[str, float]] = {field: (value, 1.0) for field, value in system.items() if value}
    for profile in profiles:
        own = _first(profile.facts.get("os", ()), answers)
        another = own is not None and "os" in found and found["os"][0] != own[0]
        for field, rules in profile.facts.items():
            if field in found:
                continue
            # What another kind of system would read in the sentence: the version of its kernel, not of what runs on it.
            mine = tuple(rule for rule in rules if rule.system is None) if another and field == "version" else rules
            if fact := _first(mine, answers):
                found[field] = fact
    return tuple(
        Fact(object_id=device_id, field=field, value=value, source="observed", confidence=sure, valid_from=now_ms)
        for field, (value, sure) in found.items()
    )


def _first(rules: tuple[FactRule, ...], answers: Answers) -> tuple[str, float] | None:
    for rule in rules:
        text = _refined(rule, _raw(rule, answers))
        if _says(text):
            more = (found[0] for one in rule.also if (found := _first((one,), answers)))
            return rule.glue.join((text, *more)), rule.confidence
    return None


def _says(text: str) -> bool:
    """Whether it is a fact, and not what an agent puts where it knows none."""
    return text.lower() not in _NOTHING and not _ZEROS.fullmatch(text)


def _raw(rule: FactRule, answers: Answers) -> str:
    if rule.text:
        return rule.text
    if rule.system is not None:
        return _system(answers.identity)[rule.system]
    if rule.scalar:
        value = answers.scalars.get(oid(rule.scalar))
        return _shown(value)
    if rule.column:
        cells = _cells(rule, answers)
        return next((text for text in map(_shown, cells) if _says(text)), "")
    return _entity(rule, answers.giving("entities"))


def _cells(rule: FactRule, answers: Answers) -> list[Value]:
    """What stands in the rule's column: in every row, or in the one whose index a scalar tells."""
    table, _, column = rule.column.partition(".")
    if table not in answers.tables:
        return []
    cells = answers.tables[table].cells(column)
    if not rule.by:
        return cells
    wanted = (answers.scalars.get(oid(rule.by)),)
    return [cell for index, cell in zip(answers.tables[table].rows, cells, strict=True) if index == wanted]


def _shown(value: Value) -> str:
    return str(value) if isinstance(value, int) else text_of(value) or oid_text(value)


def _system(identity: Identity) -> Mapping[str, str]:
    return {
        "sysDescr": identity.descr,
        "sysObjectID": oid_text(identity.object_id),
        "sysName": identity.name,
        "sysLocation": identity.location,
        "sysContact": identity.contact,
    }


def _entity(rule: FactRule, entities: TableAnswer | None) -> str:
    """The field of the first part of the wanted class that has one; `any` takes every part."""
    if entities is None or rule.entity is None:
        return ""
    wanted = _CLASSES.get(rule.entity_class)
    cells = zip(entities.cells("entPhysicalClass"), entities.cells(_ENTITY_COLUMNS[rule.entity]), strict=True)
    texts = (text_of(value) for kind, value in cells if wanted is None or number_of(kind) in wanted)
    return next((text for text in texts if _says(text)), "")


def _refined(rule: FactRule, text: str) -> str:
    groups: tuple[str | None, ...] = ()
    if text and rule.regex:
        found = search(rule.regex, text)
        groups = () if found is None else found.groups()
        text = "" if found is None else (found[1] if found.re.groups else found[0]) or ""
    if rule.map:
        text = rule.map.get(text, "")
    if text and rule.format:
        said = (text, *groups)
        text = _PLACE.sub(lambda place: said[n] or "" if (n := int(place[1])) < len(said) else "", rule.format)
    return text.strip()
