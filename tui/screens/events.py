"""Events 事件日志: what do the devices say, right now?"""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widgets import Label

from core.events import PRIORITIES, EventRow
from core.i18n import mark, tr
from core.views import ViewQuery
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.listing import ListScreen
from tui.screens.question import WINDOW
from tui.tables_events import EVENTS, WORDS, about
from tui.window import Window
from tui.words import count

LEVELS = ("", "4", "3")
"""All, warnings and worse, errors and worse; as `where.priority` takes them."""


class EventsScreen(ListScreen):
    """Live, newest first; the whole of the one under the cursor below."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("events")
    NAME = "events"
    TITLE_ID = mark("Events")
    CSS_PATH = "events.tcss"

    def __init__(self) -> None:
        window: Window[EventRow] = Window(EventRow, lambda row: row.id)
        nothing = mark("Nothing was heard yet.\nyunwang device snippet prints what to paste into a device so that it speaks.")
        super().__init__(Rows(EVENTS, window, id="events", sort="-at_ms", empty=nothing))

    def first_query(self) -> ViewQuery:
        return ViewQuery(view="events", sort="-at_ms", limit=WINDOW)

    def compose_body(self) -> Iterable[Any]:
        yield self.head()
        yield self.rows
        yield Label(id="whole", markup=False)

    def action_severity(self) -> None:
        """The next of: everything, warnings and worse, errors and worse."""
        if self.listing is not None:
            now = self.listing.query.where.get("priority", "")
            self.listing.where(priority=LEVELS[(LEVELS.index(now) + 1) % len(LEVELS)] or None)

    def on_rows_moved(self) -> None:
        self._tell()

    def on_rows_opened(self, message: Rows.Opened) -> None:
        if message.row.device_id:
            self.console_app.open_device(message.row.device_id)

    def subject(self) -> tuple[str, str, str] | None:
        row = self.rows.row
        return ("device", row.device_id, row.device) if isinstance(row, EventRow) and row.device_id else None

    def describe(self) -> None:
        if self.listing is None:
            return
        text = tr("{n} events", n=count(self.rows.window.total) if self.rows.window.known else "..")
        if level := self.listing.query.where.get("priority"):
            text += " | " + tr("{word} and worse", word=tr(WORDS[PRIORITIES[int(level)]]))
        if self.listing.typed:
            text += " | " + tr("filter: {typed}", typed=self.listing.typed)
        self.query_one("#state", Label).update(" " + text)
        self._tell()

    def _tell(self) -> None:
        row = self.rows.row
        self.query_one("#whole", Label).update("\n".join(" " + line for line in about(row)) if isinstance(row, EventRow) else "")
