"""Physical parts (ENTITY-MIB, RFC 6933) as nouns, and the interfaces that they are or are in."""

from core.measured import Part
from core.polling import Oid
from core.text import Value, number_of, text_of
from monitors.answers import Answers, TableAnswer

_CLASSES = {
    1: "other", 2: "unknown", 3: "chassis", 4: "backplane", 5: "container", 6: "powerSupply", 7: "fan", 8: "sensor", 9: "module",
    10: "port", 11: "stack", 12: "cpu", 13: "energyObject", 14: "battery", 15: "storageDrive",
}
"""IANAPhysicalClass."""
_IF_INDEX = (1, 3, 6, 1, 2, 1, 2, 2, 1, 1)
_DEEPEST = 8
_PLACES, _EACH = 3, 100
_COLUMNS = (
    "entPhysicalClass", "entPhysicalContainedIn", "entPhysicalName", "entPhysicalDescr", "entPhysicalModelName", "entPhysicalSerialNum",
    "entPhysicalHardwareRev", "entPhysicalFirmwareRev", "entPhysicalSoftwareRev",
)


def parts_of(answers: Answers) -> tuple[Part, ...]:
    """All parts in the order of their index: of ENTITY-MIB, or where it has none, of the maker's own tables."""
    out: dict[int, Part] = {}
    tables = answers.all_giving("entities")
    for table in [one for one in tables if one.question.name == "entities" and one.rows] or tables:
        _add(out, table)
    return tuple(out[number] for number in sorted(out))


def _add(out: dict[int, Part], table: TableAnswer) -> None:
    classes = table.question.table.columns.get("entPhysicalClass")
    named = (classes.states if classes else {}) or _CLASSES
    for index, kind, inside, *texts in zip(table.rows, *map(table.cells, _COLUMNS), strict=True):
        number = _number(index)
        if number < 0 or number in out or (len(index) != 1 and table.question.name == "entities"):
            continue
        name, descr, model, serial, hardware, firmware, software = map(_text, texts)
        out[number] = Part(
            index=number, kind=named.get(number_of(kind), "unknown"), inside=max(0, number_of(inside)), name=name, descr=descr,
            model=model, serial=serial, hardware=hardware, firmware=firmware, software=software,
        )


def _text(value: Value) -> str:
    """Fields of a fixed width end at the first zero, whatever is left behind it."""
    return text_of(value.split(b"\0", 1)[0] if isinstance(value, bytes) else value, 255)


def _number(index: Oid) -> int:
    """A number that stays the part's own when others come and go: of container and places (JUNIPER-MIB) two digits each."""
    if len(index) in (1, 2):
        return index[-1]
    if len(index) != 1 + _PLACES or max(index) >= _EACH:
        return -1
    number = 0
    for place in (*index[1:], index[0]):
        number = number * _EACH + place
    return number


def ports_of_parts(answers: Answers) -> dict[int, int]:
    """ifIndex by entPhysicalIndex (entAliasMappingTable, RFC 6933), of ports and all that is in them."""
    mapping, entities = answers.giving("port-parts"), answers.giving("entities")
    if mapping is None or not mapping.rows:
        return {}
    pointers = zip(mapping.rows, mapping.cells("entAliasMappingIdentifier"), strict=True)
    ports = {index[0]: to[-1] for index, to in pointers if len(index) == 2 and isinstance(to, tuple) and to[:-1] == _IF_INDEX}
    inside = {} if entities is None else {
        index[0]: number_of(cell) for index, cell in zip(entities.rows, entities.cells("entPhysicalContainedIn"), strict=True) if index
    }
    out = dict(ports)
    for part in inside:
        at = part
        for _ in range(_DEEPEST):
            if at in ports or at not in inside:
                break
            at = inside[at]
        if at in ports:
            out[part] = ports[at]
    return out
