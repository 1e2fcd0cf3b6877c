"""What one device said of late, out of the logs: a tab of its page."""

import time
from collections.abc import Iterable
from typing import Any

from textual.containers import Vertical
from textual.widgets import Label

from core.errors import YunwangError
from core.events import EventPage, EventQuery, EventRow
from core.i18n import mark, tr
from tui.rows import Rows
from tui.tables_events import EVENTS, about
from tui.window import Window
from tui.words import count, told

HOURS = 24
MOST = 500
SILENT = mark(
    "Nothing was heard from it in the last 24 hours.\nyunwang device snippet prints what to paste into a device so that it speaks.",
)
COLUMNS = tuple(column for column in EVENTS if column.field != "device")


class DeviceEvents(Vertical):
    """Newest first, the whole of the one under the cursor below."""

    DEFAULT_CSS = "DeviceEvents { height: 1fr; } DeviceEvents #said { max-height: 4; }"

    def __init__(self, device_id: str, *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.device_id = device_id
        self.window: Window[EventRow] = Window(EventRow, lambda row: row.id)
        self.rows = Rows(COLUMNS, self.window, empty=SILENT)

    def compose(self) -> Iterable[Any]:
        yield Label(" " + tr("Asking .."), id="heard", classes="title -quiet", markup=False)
        yield self.rows
        yield Label(id="said", markup=False)

    def on_show(self) -> None:
        self.read()

    def on_rows_moved(self, message: Rows.Moved) -> None:
        row = message.row
        self.query_one("#said", Label).update("\n".join(" " + line for line in about(row)) if isinstance(row, EventRow) else "")

    def read(self) -> None:
        """Asks the hub; what was asked before is dropped."""
        from tui.screens.question import Question

        if isinstance(self.screen, Question):
            self.screen.aside("events", self._read)

    async def _read(self) -> None:
        from tui.screens.question import Question

        if not isinstance(self.screen, Question):
            return
        since = int((time.time() - 3600 * HOURS) * 1000)
        try:
            found = await self.screen.hub.events.list(EventQuery(device=self.device_id, start_ms=since, limit=MOST))
        except YunwangError as error:
            self.query_one("#heard", Label).update(" " + told(error))
            return
        if self.is_attached:
            self._show(found)

    def _show(self, found: EventPage) -> None:
        words = tr("{n} messages in the last {hours} h", n=count(len(found.rows)), hours=HOURS)
        self.query_one("#heard", Label).update(" " + (words if found.complete else words + ", " + tr("there are more")))
        self.window.fill([row.replace(id=str(number)) for number, row in enumerate(found.rows)])
        self.rows.changed(None)
