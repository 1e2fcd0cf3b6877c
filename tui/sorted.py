"""A window whose rows stand in an order of the console's own. Pure. For lists that are short enough to be held whole."""

from collections.abc import Callable
from typing import Any, TypeVar

from core.nouns import Noun
from core.views import ViewDelta
from tui.window import Window

Row = TypeVar("Row", bound=Noun)


class SortedWindow(Window[Row]):
    """`rank` of a row decides its place; the hub's order decides among equals."""

    def __init__(self, kind: type[Row], key: Callable[[Row], str], rank: Callable[[Row], Any]) -> None:
        super().__init__(kind, key)
        self.rank = rank

    def apply(self, delta: ViewDelta) -> set[str] | None:
        before = list(self.order)
        changed = super().apply(delta)
        self._sort()
        return changed if self.order == before else None

    def resort(self) -> bool:
        """Time went on, or somebody else looks: True when a row has another place now."""
        before = list(self.order)
        self._sort()
        return self.order != before

    def _sort(self) -> None:
        self.order = sorted(self.order, key=lambda row_id: self.rank(self.rows[row_id]) if row_id in self.rows else ())
