"""All sheets that people fill in, in the order in which they refer to each other.

Import, export, the template, the command line and the lab's workbook all read `SHEETS`; nothing else knows a heading.
"""

from collections.abc import Iterator, Mapping

from core.edges import REFERENCES
from core.model import MODEL, TITLES
from inventory.sheets import cloud, extranet, network, organisation
from inventory.sheets.column import Column, SheetKind

__all__ = ["BY_KIND", "OTHERS", "SHEETS", "Column", "SheetKind", "referring", "title"]

SHEETS: tuple[SheetKind, ...] = (
    *organisation.SHEETS[:3], *network.PLACES, *extranet.NETS, *network.DEVICES, *extranet.ENDS, *network.ADDRESSING, *cloud.PLATFORMS,
    *cloud.TOLD, *organisation.SHEETS[3:],
)
BY_KIND: Mapping[str, SheetKind] = {sheet.kind: sheet for sheet in SHEETS}
OTHERS: tuple[str, ...] = tuple(kind for kind in MODEL if kind not in BY_KIND)
"""Kinds that are exported and never imported: a platform, a device or a reservation speaks of them, no sheet."""


def title(kind: str, language: str) -> str:
    """What a kind is called."""
    if kind in TITLES:
        zh, en = TITLES[kind]
        return zh if language == "zh" else en
    return BY_KIND[kind].zh if language == "zh" else kind


def referring(kind: str) -> Iterator[tuple[str, str]]:
    """Kind and field of everything that may refer to records of a kind."""
    found = {(sheet.kind, column.field) for sheet in SHEETS for column in sheet.columns if column.reference == kind}
    found |= {(one, reference.field) for one, references in REFERENCES.items() for reference in references if reference.target == kind}
    yield from sorted(found)
