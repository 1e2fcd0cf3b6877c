"""What a screen holds of a view: a window of rows kept up to date by the hub's deltas. Pure: no widget, no socket."""

from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

import msgspec

from core.nouns import Noun
from core.views import ViewDelta

Row = TypeVar("Row", bound=Noun)


class Window(Generic[Row]):
    """`total` rows match the filter; of them the rows `offset` to `offset + len(order)` are here, by id."""

    def __init__(self, kind: type[Row], key: Callable[[Row], str]) -> None:
        self.kind, self.key = kind, key
        self.total, self.offset, self.known = 0, 0, False
        self.order: list[str] = []
        self.rows: dict[str, Row] = {}

    def __len__(self) -> int:
        return self.total

    def id_at(self, index: int) -> str:
        """Id of a row by its place in the whole list; empty where it is outside the window."""
        place = index - self.offset
        return self.order[place] if 0 <= place < len(self.order) else ""

    def at(self, index: int) -> Row | None:
        return self.rows.get(self.id_at(index))

    def index_of(self, row_id: str) -> int:
        """Place in the whole list; -1 where it is outside the window."""
        try:
            return self.order.index(row_id) + self.offset
        except ValueError:
            return -1

    def covers(self, first: int, count: int) -> bool:
        """Whether every existing row of this stretch is here."""
        return self.known and first >= self.offset and min(first + count, self.total) <= self.offset + len(self.order)

    def apply(self, delta: ViewDelta) -> set[str] | None:
        """Takes an event in. Returns the ids whose content changed, or None when places may have changed."""
        if delta.kind == "resync":
            return set()
        fresh = {self.key(row): row for row in self._read(delta.rows)}
        if delta.kind == "snapshot":
            self.rows = fresh
            self._place(delta, list(delta.order) if delta.order is not None else list(fresh))
            return None
        changed = {row_id for row_id, row in fresh.items() if self.rows.get(row_id) != row}
        self.rows.update(fresh)
        if delta.order is None and delta.total == self.total and delta.offset == self.offset:
            return changed
        self._place(delta, list(delta.order) if delta.order is not None else self.order)
        return None

    def fill(self, rows: Iterable[Row]) -> None:
        """Holds exactly these rows: for lists that come whole."""
        self.rows = {self.key(row): row for row in rows}
        self.order = list(self.rows)
        self.total, self.offset, self.known = len(self.order), 0, True

    def _place(self, delta: ViewDelta, order: list[str]) -> None:
        self.order, self.total, self.offset, self.known = order, delta.total, delta.offset, True
        kept = set(order)
        self.rows = {row_id: row for row_id, row in self.rows.items() if row_id in kept}

    def _read(self, rows: Iterable[dict[str, Any]]) -> list[Row]:
        return [msgspec.convert(row, self.kind, strict=False) for row in rows]
