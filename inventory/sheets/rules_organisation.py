"""Rules of units, sites, systems, components and data lines."""

from core.i18n import tr
from inventory.sheets.book import Book
from inventory.sheets.cells import shown
from inventory.sheets.problems import Problems
from inventory.sheets.rules import chain, circles, report
from inventory.sheets.words import LEVELS

_RANK = {level: rank for rank, level in enumerate(LEVELS)}


def _unit_tree(book: Book, problems: Problems) -> None:
    if "unit" not in book.entries:
        return
    rows = {entry.name: entry for entry in book.changing("unit") if entry.name}
    above = {unit.name: unit.parent for unit in book.others("unit")}
    above.update({name: entry.get("parent") or "" for name, entry in rows.items()})
    circled: set[str] = set()
    for circle in circles({name: [parent] for name, parent in above.items() if parent}, rows):
        circled.update(circle)
        entry = next(rows[name] for name in circle if name in rows)
        at = circle.index(entry.name)
        message = tr("Units stand above each other in a circle: {chain}.", chain=chain([*circle[at:], *circle[:at]]))
        report(problems, entry, "parent", message)
    _unit_levels(book, circled, problems)


def _unit_levels(book: Book, circled: set[str], problems: Problems) -> None:
    rows = {entry.name: entry for entry in book.changing("unit") if entry.name}
    levels = {unit.name: unit.level for unit in book.others("unit")}
    levels.update({name: entry.get("level") for name, entry in rows.items() if entry.get("level")})
    for entry in book.changing("unit"):
        level, above = entry.get("level"), levels.get(entry.get("parent") or "")
        if level and above and entry.name not in circled and _RANK[level] < _RANK[above]:
            message = tr("A unit of level {level} cannot stand below {parent}, which is of level {above}.",
                         level=tr(level), parent=shown(entry.get("parent")), above=tr(above))
            report(problems, entry, "level", message)
    for unit in book.others("unit"):
        parent = rows.get(unit.parent)
        if parent and parent.get("level") and _RANK[unit.level] < _RANK[parent.get("level")]:
            message = tr("{unit}, a unit of level {level}, stands below this one.", unit=shown(unit.name), level=tr(unit.level))
            report(problems, parent, "level", message)


def _sites(book: Book, problems: Problems) -> None:
    for entry in book.changing("site"):
        if entry.get("level") in ("county", "township") and entry.get("county") == "":
            report(problems, entry, "county", tr("A county or township site must name its county."))


def _systems(book: Book, problems: Problems) -> None:
    for entry in book.changing("system"):
        level = entry.get("protection_level")
        if entry.get("cii") and level and level < 3:
            report(problems, entry, "protection_level", tr("Critical information infrastructure needs protection level 3 or above."))
    if not any(entry.get("depends_on") for entry in book.changing("system")):
        return
    rows = {entry.name: entry for entry in book.changing("system") if entry.name}
    needs = {system.name: system.depends_on for system in book.others("system")}
    needs.update({name: entry.get("depends_on") or () for name, entry in rows.items()})
    for circle in circles(needs, rows):
        entry = next(rows[name] for name in circle if name in rows)
        at = circle.index(entry.name)
        message = tr("Systems need each other in a circle: {chain}.", chain=chain([*circle[at:], *circle[:at]]))
        report(problems, entry, "depends_on", message)


def _components(book: Book, problems: Problems) -> None:
    for entry in book.changing("component"):
        vms, devices, needed = entry.get("runs_on"), entry.get("devices"), entry.get("needed")
        if vms is None or devices is None or needed is None:
            continue
        if (count := len(vms) + len(devices)) and needed > count:
            report(problems, entry, "needed", tr("{needed} machines must live, but it runs on {count} only.", needed=needed, count=count))


def _data_lines(book: Book, problems: Problems) -> None:
    for entry in book.changing("data_line"):
        if entry.get("source_system") and entry.get("source_system") == entry.get("target_system"):
            report(problems, entry, "target_system", tr("A data line leads from one system to another, not back to itself."))


RULES = (_unit_tree, _sites, _systems, _components, _data_lines)
