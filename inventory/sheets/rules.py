"""What the rules share: where a mistake is reported, circles, and things that may exist only once."""

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping
from typing import Any

from core.i18n import tr
from inventory.sheets.book import Book, Entry
from inventory.sheets.cells import shown
from inventory.sheets.problems import Problems


def report(problems: Problems, entry: Entry, field: str, message: str) -> None:
    problems.add(entry.sheet, entry.row, message, column=entry.layout.place(field))


def circles(of: Mapping[str, Collection[str]], begin: Collection[str]) -> list[list[str]]:
    """The circles through these names, as the names along each."""
    state: dict[str, int] = {}  # 1: on the road, 2: settled
    found: list[list[str]] = []
    for start in begin:
        if start in state:
            continue
        road, waiting = [start], [iter(of.get(start, ()))]
        state[start] = 1
        while road:
            name = next(waiting[-1], None)
            if name is None:
                state[road.pop()] = 2
                waiting.pop()
            elif state.get(name) == 1:
                circle = road[road.index(name) :]
                found += [circle] if any(one in begin for one in circle) else []
            elif name not in state:
                state[name] = 1
                road.append(name)
                waiting.append(iter(of.get(name, ())))
    return found


def chain(circle: list[str]) -> str:
    return " → ".join([*map(shown, circle[:5]), *([".."] if len(circle) > 5 else []), shown(circle[0])])


def once(
    book: Book, kind: str, field: str, keys: Callable[[Callable[[str], Any]], Iterable[Hashable]],
    message: Callable[[Entry, str], str], problems: Problems,
) -> None:
    """Reports a row that claims what another one has.

    keys: what a record claims, out of its fields. message: from the row and who has it.
    """
    taken: dict[Hashable, str] = {}
    for record in book.others(kind):
        for key in keys(lambda name, record=record: getattr(record, name)):  # type: ignore[misc]
            taken[key] = tr("{name} of the inventory", name=shown(record.name))
    for entry in book.changing(kind):
        for key in keys(entry.get):
            place = tr("row {row} of {sheet}", row=entry.row, sheet=entry.sheet)
            owner = taken.setdefault(key, place)
            if owner != place:
                report(problems, entry, field, message(entry, owner))
                break
