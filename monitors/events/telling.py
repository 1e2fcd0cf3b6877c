"""What traps mean: names of their variables, a severity, and a sentence in each language, from YAML (`catalog/`)."""

import re
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from typing import Any, NamedTuple

from core.events import STORM, Event, Trap
from core.polling import Oid, VarBind
from core.width import clean
from monitors.events.fields import MAX_VALUE
from monitors.events.words import MAX_TEXT, text_of
from monitors.yamlfile import Document

LANGUAGES = ("zh", "en")
MAX_VARIABLES = 64
_ADDRESS = 0x40
_PLACE = re.compile(r"\{(\w+)\}")
_KEYS = {"oid", "priority", *LANGUAGES}
_DEFAULT = 5
_STORM = {
    "began": {
        "zh": "消息过多：已有 {count} 条不再逐条显示，全部保留在日志中。",
        "en": "More different messages than are shown one by one: {count} so far; all of them are kept.",
    },
    "ended": {
        "zh": "消息风暴结束：{seconds} 秒内共 {count} 条未逐条显示，全部保留在日志中。",
        "en": "The storm of messages is over: {count} in {seconds} s were not shown one by one; all of them are kept.",
    },
}


class Definition(NamedTuple):
    """One notification."""

    name: str
    priority: int
    said: dict[str, str]


class Variable(NamedTuple):
    """One object; values: what its numbers (or OIDs) stand for."""

    name: str
    values: dict[str, str]


class Definitions(NamedTuple):
    """By OID."""

    traps: dict[Oid, Definition]
    variables: dict[Oid, Variable]
    by_name: dict[str, Definition]


@lru_cache(maxsize=1)
def definitions() -> Definitions:
    """What ships with the product."""
    folder = resources.files("monitors.events") / "catalog"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yml")), key=lambda f: f.name)
    return read_definitions([(f.name, f.read_text("utf-8")) for f in files])


def read_definitions(texts: list[tuple[str, str]]) -> Definitions:
    """From files (name, text). Raises `InvalidInputError` that names file, line and key."""
    found = Definitions({}, {}, {})
    for name, text in texts:
        document = Document(name, text)
        tree = document.tree if isinstance(document.tree, dict) else {}
        for key in tree.keys() - {"objects", "traps"}:
            raise document.wrong((key,), "this key is not known.", way_out="docs/events.md names what each key takes.")
        for word, told in (tree.get("objects") or {}).items():
            entry = told if isinstance(told, dict) else {"oid": told}
            values = {str(k): str(v) for k, v in (entry.get("values") or {}).items()}
            found.variables[_oid_of(document, ("objects", word), entry)] = Variable(str(word), values)
        for word, told in (tree.get("traps") or {}).items():
            _trap(document, found, str(word), told)
    return found


def _trap(document: Document, found: Definitions, word: str, told: Any) -> None:
    path = ("traps", word)
    if not isinstance(told, dict) or told.keys() - _KEYS:
        raise document.wrong(path, f"a notification has {', '.join(sorted(_KEYS))}.", way_out="docs/events.md names what each key takes.")
    priority = told.get("priority", _DEFAULT)
    if priority not in range(8):
        raise document.wrong((*path, "priority"), "a severity is a number from 0 to 7.", way_out="0 is an emergency, 7 debugging.")
    oid = _oid_of(document, path, told)
    if oid in found.traps:
        raise document.wrong(path, f"{found.traps[oid].name} has the same OID.", way_out="One of them is wrong.")
    definition = Definition(word, priority, {language: str(told[language]) for language in LANGUAGES if language in told})
    found.traps[oid] = found.by_name[word] = definition


def _oid_of(document: Document, path: tuple[str, ...], entry: Mapping[str, Any]) -> Oid:
    try:
        oid = tuple(int(part) for part in str(entry["oid"]).split("."))
    except (KeyError, ValueError):
        raise document.wrong(path, "it needs an oid.", way_out="Write it as 1.3.6.1.6.3.1.1.5.3.") from None
    return oid


def of_trap(trap: Trap, at_ms: int, source: str, ports: Mapping[str, str] | None = None) -> Event:
    """The trap as an event. ports: of this device the names of its ports by ifIndex, where they are known."""
    definition = definition_of(trap.oid)
    fields: dict[str, str] = {}
    for bound in trap.bindings[:MAX_VARIABLES]:
        variable, index = named(bound.oid)
        name = variable.name if variable else ".".join(map(str, bound.oid))
        value = _shown(bound, variable)
        if name == "ifIndex" and index and not value:
            value = index
        fields.setdefault(name, value)
        if index and "ifIndex" not in fields and name in BY_PORT:
            fields["ifIndex"] = index
    if ports and "ifName" not in fields and (port := ports.get(fields.get("ifIndex", ""))):
        fields["ifName"] = port
    if peer := fields.get("bgpPeerRemoteAddr") or fields.get("ospfNbrIpAddr") or _peer(trap):
        fields["peer"] = peer
    mnemonic = definition.name if definition else ".".join(map(str, trap.oid))
    text = sentence(definition.said.get("en", ""), fields) if definition else ""
    return Event(
        at_ms=at_ms, source=source, kind="trap", mnemonic=mnemonic, facility=".".join(map(str, trap.enterprise or trap.oid[:7])),
        priority=priority_of(definition, fields), host=trap.agent if trap.agent != source else "",
        text=clean(text or text_of_fields(fields) or mnemonic, MAX_TEXT),
        fields=fields, odd=trap.problem, odd_values=trap.problem_values,
    )


BY_PORT = frozenset(("ifDescr", "ifName", "ifAlias", "ifAdminStatus", "ifOperStatus", "ifType"))


def said(event: Event) -> dict[str, str]:
    """A defined trap, or a storm, as a sentence in each language; empty: its text is all there is."""
    if event.mnemonic == STORM:
        return of_storm(event.fields)
    definition = definitions().by_name.get(event.mnemonic) if event.kind == "trap" else None
    return {language: sentence(text, event.fields) for language, text in definition.said.items()} if definition else {}


def of_storm(fields: Mapping[str, str]) -> dict[str, str]:
    """That it goes on, or is over."""
    told = _STORM["ended" if fields.get("storm") == "ended" else "began"]
    return {language: sentence(text, fields) for language, text in told.items()}


@lru_cache(maxsize=1)
def _sizes() -> tuple[int, ...]:
    """Of the names of all objects, the longest first."""
    return tuple(sorted({len(oid) for oid in definitions().variables}, reverse=True))


@lru_cache(maxsize=65536)
def named(oid: Oid) -> tuple[Variable | None, str]:
    """The object that an instance belongs to, and its index as text (empty for a scalar)."""
    variables = definitions().variables
    for size in _sizes():
        if size <= len(oid) and (known := variables.get(oid[:size])) is not None:
            index = ".".join(map(str, oid[size:]))
            return known, "" if index == "0" else index
    return None, ""


def definition_of(oid: Oid) -> Definition | None:
    """What a trap means; also of makers whose definition leaves out the 0 that v1 puts before its number, and the other way round."""
    known = definitions()
    if (found := known.traps.get(oid)) is not None:
        return found
    if len(oid) > 2 and oid[-2] == 0:
        return known.traps.get((*oid[:-2], oid[-1]))
    return known.traps.get((*oid[:-1], 0, oid[-1])) if oid else None


def _shown(bound: VarBind, variable: Variable | None) -> str:
    value = bound.value
    if isinstance(value, bytes):
        return octets(bound.kind, value)
    text = ".".join(map(str, value)) if isinstance(value, tuple) else "" if value is None else str(value)
    if variable is not None and variable.values:
        return variable.values.get(text, text)
    if isinstance(value, tuple):
        meant, index = named(value)
        return f"{meant.name}{f'.{index}' if index else ''}" if meant else text
    return text


def octets(kind: int, value: bytes) -> str:
    """A value's octets for a person: an address, text, or numbers."""
    if kind == _ADDRESS and len(value) == 4:
        return ".".join(map(str, value))
    if len(value) <= MAX_VALUE and value.isascii() and (text := value.decode("ascii")).isprintable():
        return text.strip()
    text = text_of(value, 4 * MAX_VALUE)
    if len(value) <= 32 and not text.isprintable():
        return value.hex(":")
    return clean(text, MAX_VALUE)


def _peer(trap: Trap) -> str:
    """The neighbour that only the index of its variables names (BGP4-MIB)."""
    return next((".".join(map(str, bound.oid[-4:])) for bound in trap.bindings[:8] if is_peer(bound.oid)), "")


def is_peer(oid: Oid) -> bool:
    """Whether its index ends in the address of a neighbour."""
    if oid[:9] == (1, 3, 6, 1, 2, 1, 15, 3, 1):
        return len(oid) == 14
    return oid[:11] == (1, 3, 6, 1, 4, 1, 9, 9, 187, 1, 2) and len(oid) >= 18


def priority_of(definition: Definition | None, fields: Mapping[str, str]) -> Any:
    """As defined; of a log line inside a trap as that line says (CISCO-SYSLOG-MIB counts from 1)."""
    severity = fields.get("clogHistSeverity", "")
    if len(severity) == 1 and severity in "12345678":
        return int(severity) - 1
    return definition.priority if definition else _DEFAULT


def text_of_fields(fields: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in fields.items())


def sentence(template: str, fields: Mapping[str, str]) -> str:
    """The template with its places filled."""
    parts = _parts(template)
    return "".join([part if number % 2 == 0 else _filled(part, fields) for number, part in enumerate(parts)])


@lru_cache(maxsize=4096)
def _parts(template: str) -> tuple[str, ...]:
    """Text and names of places in turn."""
    return tuple(_PLACE.split(template))


def _filled(name: str, fields: Mapping[str, str]) -> str:
    if name == "port":
        return fields.get("ifName") or fields.get("ifDescr") or fields.get("ifIndex") or "?"
    if name == "entity":
        return fields.get("entPhysicalName") or fields.get("entPhysicalDescr") or fields.get("hwEntityPhysicalIndex") or fields.get(
            "hh3cEntityExtPhysicalIndex", "?",
        )
    return fields.get(name, "?")
