"""What rows say about each other and about what is known: names and references of every kind; then the rules of single kinds."""

from collections.abc import Callable

from core.i18n import language, tr
from core.model import KEYED
from inventory.sheets import rules_extranet, rules_network, rules_organisation
from inventory.sheets.book import Book, Entry
from inventory.sheets.cells import sentences, shown
from inventory.sheets.columns import title
from inventory.sheets.problems import Problems
from inventory.sheets.rules import report


def judge(book: Book, problems: Problems) -> None:
    """Reports every contradiction. Fields in doubt were reported with their cells and are passed over."""
    for kind, entries in book.entries.items():
        _unique_names(entries, problems)
        _references(kind, book, problems)
    for rule in _RULES:
        rule(book, problems)


def _unique_names(entries: list[Entry], problems: Problems) -> None:
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.name and (before := first.setdefault(entry.name, entry)) is not entry:
            report(problems, entry, "name", tr("{name} stands here twice, first in row {row} of {sheet}.",
                                               name=shown(entry.name), row=before.row, sheet=before.sheet))


def _references(kind: str, book: Book, problems: Problems) -> None:
    names: dict[str, set[str]] = {}
    for entry in book.changing(kind):
        for column in entry.layout.kind.columns:
            target, value = column.reference, entry.get(column.field)
            if not value or target is None or target in KEYED or column.field not in entry.layout.at:
                continue
            known = names.setdefault(target, book.names(target)) if target not in names else names[target]
            for name in value if column.many else (value,):
                if name in known or book.in_doubt(target, name):
                    continue
                message = tr("There is no {kind} {name}, neither in this file nor in the inventory.",
                             kind=title(target, language()), name=shown(name))
                report(problems, entry, column.field, sentences(message, problems.near(target, name, known)))


_RULES: tuple[Callable[[Book, Problems], None], ...] = (*rules_organisation.RULES, *rules_network.RULES, *rules_extranet.RULES)
