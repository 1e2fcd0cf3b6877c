"""A noun as a row: one column for each field, so that lists filter and sort in SQL."""

from collections.abc import Iterable
from functools import cached_property
from typing import Any, Generic, Literal, TypeVar, get_args, get_origin

import msgspec

from core.nouns import Noun

N = TypeVar("N", bound=Noun)


def _sql_type(annotation: Any) -> type:
    """int, float, str or dict for a field's type; dict: kept as JSON. A Literal is as its values are; bool is stored as 0 or 1."""
    origin, values = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        annotation = type(values[0])
    if origin in (dict, tuple) or (isinstance(annotation, type) and issubclass(annotation, Noun)):
        return dict
    if annotation is bool:
        return int
    return annotation if annotation in (int, float) else str


class Shape(Generic[N]):
    """How one kind of noun lies in its table.

    table: also the kind's name. text: the fields in which the words of a filter are looked for. order: the field that stands for
    `name` in a sort where the noun has none.
    """

    def __init__(self, table: str, noun: type[N], *, text: Iterable[str] = (), order: str = "name") -> None:
        self.table, self.noun, self.text, self.order = table, noun, tuple(text), order
        fields = msgspec.structs.fields(noun)
        self.fields = tuple(f.name for f in fields)
        self.types = {f.name: _sql_type(f.type) for f in fields}
        self._bools = tuple(f.name for f in fields if f.type is bool)
        self._json = {f.name: f.type for f in fields if self.types[f.name] is dict}
        self._takes = tuple((f.name, int if f.type is bool else encode if f.name in self._json else None) for f in fields)

    @cached_property
    def columns(self) -> str:
        return ", ".join(map(quoted, self.fields))

    @cached_property
    def select(self) -> str:
        return f"SELECT {self.columns} FROM {self.table}"

    @cached_property
    def insert(self) -> str:
        return f"INSERT INTO {self.table} ({self.columns}) VALUES ({', '.join('?' * len(self.fields))})"

    @cached_property
    def upsert(self) -> str:
        changes = ", ".join(f"{quoted(name)} = excluded.{quoted(name)}" for name in self.fields if name != "id")
        return f"{self.insert} ON CONFLICT (id) DO UPDATE SET {changes}"

    def row(self, noun: N) -> tuple[Any, ...]:
        return tuple(take(getattr(noun, name)) if take else getattr(noun, name) for name, take in self._takes)

    def read(self, row: Iterable[Any]) -> N:
        values = dict(zip(self.fields, row, strict=False))
        for name in self._bools:
            values[name] = bool(values[name])
        for name, type_ in self._json.items():
            values[name] = msgspec.json.decode(values[name], type=type_)
        return self.noun(**values)

    def shown(self, row: Iterable[Any]) -> dict[str, Any]:
        """What `plain` says of the noun in a row, without making it."""
        values = dict(zip(self.fields, row, strict=False))
        for name in self._bools:
            values[name] = bool(values[name])
        for name in self._json:
            values[name] = msgspec.json.decode(values[name])
        return values

    def plain(self, noun: N) -> dict[str, Any]:
        """Every field by name, defaults too, as JSON knows them."""
        return {name: msgspec.to_builtins(getattr(noun, name)) if name in self._json else getattr(noun, name) for name in self.fields}


def quoted(name: str) -> str:
    """A field's name as SQL takes it even where it is a word of SQL."""
    return f'"{name}"'


def encode(value: Any) -> str:
    """Canonical JSON: sorted keys, no spaces, UTF-8. The same value always gives the same text."""
    return msgspec.json.encode(value, order="sorted").decode()
