"""A file as understood, beside what is known already: what the rules of import look at."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from inventory.sheets.cells import held
from inventory.sheets.headings import Layout


def squeezed(text: str) -> str:
    """The text without white space and invisible characters."""
    return "".join(char for char in text if not char.isspace() and char.isprintable())


def _easy(name: str) -> bool:
    return len(name) < 100 and name.isascii() and name.isprintable() and name == name.strip()


class Existing:
    """The records as they are, each kind read when it is first asked for."""

    def __init__(self, read: Callable[[str], Iterable[Any]]) -> None:
        self._read = read
        self._named: dict[str, dict[str, Any]] = {}
        self._odd: dict[str, dict[str, Any]] = {}
        self._called: dict[str, dict[str, list[str]]] = {}

    @classmethod
    def of(cls, records: Mapping[str, Iterable[Any]]) -> "Existing":
        """These, and no others."""
        return cls(lambda kind: records.get(kind, ()))

    def named(self, kind: str) -> dict[str, Any]:
        """By name, or by key where the kind has keys."""
        if kind not in self._named:
            self._named[kind] = {getattr(record, "key", record.name): record for record in self._read(kind)}
        return self._named[kind]

    def odd(self, kind: str, text: str) -> Any:
        """The record whose name a cell cannot hold as it is, by what the cell holds instead."""
        if kind not in self._odd:
            self._odd[kind] = {held(name): record for name, record in self.named(kind).items() if not _easy(name)}
        return self._odd[kind].get(text)

    def called(self, kind: str) -> dict[str, list[str]]:
        """Keys by what else people call the objects of a kind that has keys: the name, and of a VM its addresses."""
        if kind not in self._called:
            found = self._called[kind] = {}
            for key, record in self.named(kind).items():
                found.setdefault(record.name, []).append(key)
            for port in self._read("vport") if kind == "vm" else ():
                for address in port.addresses if port.vm else ():
                    if port.vm not in found.setdefault(address, []):
                        found[address].append(port.vm)
        return self._called[kind]


class Entry(NamedTuple):
    """One row as understood. `values` lacks the fields whose cells cannot be accepted."""

    sheet: str
    row: int
    layout: Layout
    values: dict[str, Any]
    known: Any = None
    """The record that it is about, where there is one."""
    same: bool = False
    """It says nothing new."""

    @property
    def name(self) -> str:
        """Name, or key where the kind has keys."""
        return str(self.values.get("key" if self.layout.kind.keyed else "name", ""))

    def get(self, field: str) -> Any:
        return self.values.get(field)


class Book:
    """Everything that a file says, beside what is known already."""

    def __init__(self, existing: Existing) -> None:
        self.existing = existing
        self.entries: dict[str, list[Entry]] = {}
        """By kind, in the order of the file."""
        self.unreadable: set[str] = set()
        """Kinds whose sheet could not be understood: references to them are not judged."""
        self.misspelt: set[tuple[str, str]] = set()
        """Kind and squeezed text of names that cannot be accepted: a reference to one is no second mistake."""

    def changing(self, kind: str) -> Iterator[Entry]:
        """Rows that say something new: what they say is judged, what holds already is not."""
        return (entry for entry in self.entries.get(kind, ()) if not entry.same)

    def in_doubt(self, kind: str, name: str) -> bool:
        return kind in self.unreadable or (kind, squeezed(name)) in self.misspelt

    def others(self, kind: str) -> Iterator[Any]:
        """Existing records that the file leaves as they are."""
        changed = {entry.name for entry in self.changing(kind)}
        return (record for name, record in self.existing.named(kind).items() if name not in changed)

    def names(self, kind: str) -> "set[str]":
        """All that a reference to this kind may say."""
        return self.existing.named(kind).keys() | {entry.name for entry in self.entries.get(kind, ())}
