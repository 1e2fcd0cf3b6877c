"""A file as understood, beside what is known already: what the rules of import look at."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from core.nouns import Noun
from core.objects import BusinessSystem, CredentialRef, Device, Record, Site, Unit
from inventory.headings import Layout


def squeezed(text: str) -> str:
    """The text without white space and invisible characters."""
    return "".join(char for char in text if not char.isspace() and char.isprintable())


class Existing(Noun, frozen=True, kw_only=True):
    """The records as they are."""

    units: tuple[Unit, ...] = ()
    systems: tuple[BusinessSystem, ...] = ()
    sites: tuple[Site, ...] = ()
    devices: tuple[Device, ...] = ()
    credentials: tuple[CredentialRef, ...] = ()

    def by_name(self, kind: str) -> dict[str, Record]:
        return {record.name: record for record in getattr(self, f"{kind}s")}


class Entry(NamedTuple):
    """One row as understood. `values` lacks the fields whose cells cannot be accepted."""

    sheet: str
    row: int
    layout: Layout
    values: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.values.get("name", ""))

    def get(self, field: str) -> Any:
        return self.values.get(field)


class Book(NamedTuple):
    """Everything that a file says, beside what is known already."""

    entries: Mapping[str, list[Entry]]
    """By kind, in the order of the file."""
    known: Mapping[str, dict[str, Record]]
    """Existing records by kind and name."""
    unreadable: set[str]
    """Kinds whose sheet could not be understood: references to them are not judged."""
    misspelt: set[tuple[str, str]]
    """Kind and squeezed text of names that cannot be accepted: a reference to one is no second mistake."""

    def in_doubt(self, kind: str, name: str) -> bool:
        return kind in self.unreadable or (kind, squeezed(name)) in self.misspelt

    def others(self, kind: str) -> Iterable[Record]:
        """Existing records that the file leaves as they are."""
        named = {entry.name for entry in self.entries[kind]}
        return (record for name, record in self.known[kind].items() if name not in named)
