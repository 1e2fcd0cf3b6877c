"""What rows say about each other and about what is known: names, references, the tree of units, addresses, credentials."""

from collections.abc import Callable

from core.credentials import mismatch, problems_of
from core.i18n import tr
from core.objects import CredentialRef, Device, Unit
from inventory.book import Book, Entry
from inventory.cells import sentences, shown
from inventory.columns import LEVELS
from inventory.problems import Problems

_RANK = {level: rank for rank, level in enumerate(LEVELS)}


def judge(book: Book, problems: Problems) -> None:
    """Reports every contradiction. Fields in doubt were reported with their cells and are passed over."""
    for kind, entries in book.entries.items():
        _unique_names(entries, problems)
        _references(kind, book, problems)
    for rule in _RULES:
        rule(book, problems)


def _report(problems: Problems, entry: Entry, field: str, message: str) -> None:
    problems.add(entry.sheet, entry.row, message, column=entry.layout.place(field))


def _unique_names(entries: list[Entry], problems: Problems) -> None:
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.name and (before := first.setdefault(entry.name, entry)) is not entry:
            _report(problems, entry, "name", tr("{name} stands here twice, first in row {row} of {sheet}.",
                                                name=shown(entry.name), row=before.row, sheet=before.sheet))


def _references(kind: str, book: Book, problems: Problems) -> None:
    names = {other: book.known[other].keys() | {entry.name for entry in entries} for other, entries in book.entries.items()}
    for entry in book.entries[kind]:
        for column in entry.layout.kind.columns:
            target, name = column.reference, entry.get(column.field)
            if not name or target is None or column.field not in entry.layout.at or name in names[target] or book.in_doubt(target, name):
                continue
            message = tr("There is no {kind} {name}, neither in this file nor in the inventory.", kind=tr(target), name=shown(name))
            _report(problems, entry, column.field, sentences(message, problems.near(target, name, names[target])))


def _unit_tree(book: Book, problems: Problems) -> None:
    circles = _unit_circles(book, problems)
    _unit_levels(book, circles, problems)


def _unit_circles(book: Book, problems: Problems) -> set[str]:
    """Reports each circle once and returns the names in circles."""
    units = {entry.name: entry for entry in book.entries["unit"] if entry.name}
    parents = {unit.name: unit.parent for unit in book.others("unit") if isinstance(unit, Unit)}
    parents.update({name: entry.get("parent") or "" for name, entry in units.items()})
    settled: set[str] = set()
    circles: set[str] = set()
    for name, entry in units.items():
        road: dict[str, None] = {}
        at = name
        while at and at not in settled and at not in road:
            road[at] = None
            at = parents.get(at, "")
        if at and at not in settled:
            circle = list(road)[list(road).index(at) :]
            circles.update(circle)
            chain = " → ".join([*map(shown, circle[:5]), *([".."] if len(circle) > 5 else []), shown(at)])
            _report(problems, units.get(at, entry), "parent", tr("Units stand above each other in a circle: {chain}.", chain=chain))
        settled.update(road)
    return circles


def _unit_levels(book: Book, circles: set[str], problems: Problems) -> None:
    units = {entry.name: entry for entry in book.entries["unit"] if entry.name}
    levels = {unit.name: unit.level for unit in book.others("unit") if isinstance(unit, Unit)}
    levels.update({name: entry.get("level") for name, entry in units.items() if entry.get("level")})
    for entry in book.entries["unit"]:
        level, above = entry.get("level"), levels.get(entry.get("parent") or "")
        if level and above and entry.name not in circles and _RANK[level] < _RANK[above]:
            message = tr("A unit of level {level} cannot stand below {parent}, which is of level {above}.",
                         level=tr(level), parent=shown(entry.get("parent")), above=tr(above))
            _report(problems, entry, "level", message)
    for unit in book.others("unit"):
        parent = units.get(unit.parent) if isinstance(unit, Unit) else None
        if isinstance(unit, Unit) and parent and parent.get("level") and _RANK[unit.level] < _RANK[parent.get("level")]:
            message = tr("{unit}, a unit of level {level}, stands below this one.", unit=shown(unit.name), level=tr(unit.level))
            _report(problems, parent, "level", message)


def _addresses(book: Book, problems: Problems) -> None:
    taken: dict[tuple[str, int], Device | Entry] = {(d.address, d.snmp_port): d for d in book.others("device") if isinstance(d, Device)}
    for entry in book.entries["device"]:
        address, port = entry.get("address"), entry.get("snmp_port")
        if address is None or port is None:
            continue
        owner = taken.setdefault((address, port), entry)
        if owner is not entry:
            message = tr("{address} port {port} belongs to {owner} already.", address=address, port=port, owner=_owner(owner))
            _report(problems, entry, "address", message)


def _owner(owner: Device | Entry) -> str:
    if isinstance(owner, Device):
        return tr("the device {name} of the inventory", name=shown(owner.name))
    return tr("row {row} of {sheet}", row=owner.row, sheet=owner.sheet)


def _sites(book: Book, problems: Problems) -> None:
    for entry in book.entries["site"]:
        if entry.get("level") in ("county", "township") and entry.get("county") == "":
            _report(problems, entry, "county", tr("A county or township site must name its county."))


def _systems(book: Book, problems: Problems) -> None:
    for entry in book.entries["system"]:
        level = entry.get("protection_level")
        if entry.get("cii") and level and level < 3:
            _report(problems, entry, "protection_level", tr("Critical information infrastructure needs protection level 3 or above."))


def _credentials(book: Book, problems: Problems) -> None:
    for entry in book.entries["credential"]:
        for field, message in problems_of(*(entry.get(name) for name in ("kind", "username", "auth", "priv"))):
            _report(problems, entry, field, message)


def _versions(book: Book, problems: Problems) -> None:
    kinds = {c.name: c.kind for c in book.others("credential") if isinstance(c, CredentialRef)}
    kinds.update({entry.name: entry.get("kind") for entry in book.entries["credential"]})
    for entry in book.entries["device"]:
        if mismatch(entry.get("snmp_version"), kinds.get(entry.get("credential") or "")):
            message = tr("SNMP version {version} does not go with the credential {name}, which is of another kind.",
                         version=entry.get("snmp_version"), name=shown(entry.get("credential")))
            _report(problems, entry, "snmp_version" if "snmp_version" in entry.layout.at else "credential", message)
    changed = {entry.name: entry for entry in book.entries["credential"]}
    for device in book.others("device"):
        if isinstance(device, Device) and (owner := changed.get(device.credential)) and mismatch(device.snmp_version, owner.get("kind")):
            _report(problems, owner, "kind", tr("The device {name} uses this credential with SNMP version {version}.",
                                                name=shown(device.name), version=device.snmp_version))


_RULES: tuple[Callable[[Book, Problems], None], ...] = (_unit_tree, _addresses, _sites, _systems, _credentials, _versions)
