"""What the screens of work share: a list, and what is under the cursor in words, below it or beside it."""

import time
from collections.abc import Iterable, Sequence
from typing import Any

from textual.containers import Container
from textual.widgets import Label

from core.i18n import tr
from tui.pane import Line, Pane
from tui.screens.listing import ListScreen

TICK_S = 1.0


def now_ms() -> int:
    return int(time.time() * 1000)


class Review(ListScreen):
    """A screen of one list. Subclasses say where the rows come from, and what there is to say about one of them."""

    CSS_PATH = "review.tcss"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (16, "-tall")]

    def says(self) -> str:
        """The line above the list."""
        raise NotImplementedError

    def about(self, row: Any) -> Sequence[Line]:
        """What there is to say about a row."""
        raise NotImplementedError

    def compose_head(self) -> Iterable[Any]:
        yield self.head()

    def compose_body(self) -> Iterable[Any]:
        yield from self.compose_head()
        with Container(id="review"):
            yield self.rows
            yield Pane()

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(TICK_S, self._tick)

    def identity_changed(self) -> None:
        super().identity_changed()
        self.describe()

    def on_rows_moved(self) -> None:
        self.describe()

    def on_rows_opened(self) -> None:
        """Enter goes into the words about the row, where they can be scrolled; Tab and Enter lead back."""
        self.query_one(Pane).focus()

    def describe(self) -> None:
        """The line above, and the words about the row under the cursor."""
        if self.listing is None:
            return
        self.show_head()
        row = self.rows.row
        self.query_one(Pane).show(self.about(row) if row is not None else ())

    def show_head(self) -> None:
        text = self.says()
        if self.listing is not None and self.listing.typed:
            text += f" | {self.filter_words()}"
        self.query_one("#state", Label).update(" " + text)

    def filter_words(self) -> str:
        return tr("filter: {typed}", typed=self.listing.typed if self.listing is not None else "")

    def _tick(self) -> None:
        if self.is_current:
            self.time_passed()

    def time_passed(self) -> None:
        """Once a second while the screen is seen: for what depends on the clock."""
