"""Alerts 告警: what must somebody know?"""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widgets import Label

from core.i18n import mark, tr
from core.views import AlertRow, ViewQuery
from core.width import clean
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.listing import ListScreen
from tui.screens.question import WINDOW
from tui.tables import ALERTS
from tui.window import Window
from tui.words import count, hint, sentence

OPEN = "0"


class AlertsScreen(ListScreen):
    """Open alerts, newest first; cleared ones on request."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("alerts")
    NAME = "alerts"
    TITLE_ID = mark("Alerts")
    CSS_PATH = "alerts.tcss"

    def __init__(self) -> None:
        window: Window[AlertRow] = Window(AlertRow, lambda row: row.id)
        super().__init__(Rows(ALERTS, window, id="alerts", sort="-raised_at", empty=mark("No alert is open.\nF8 shows cleared ones too.")))

    def first_query(self) -> ViewQuery:
        return ViewQuery(view="alerts", sort="-raised_at", where={"cleared_at": OPEN}, limit=WINDOW)

    def compose_body(self) -> Iterable[Any]:
        yield self.head()
        yield self.rows
        yield Label(id="hint", markup=False)

    def action_all(self) -> None:
        if self.listing is not None:
            self.listing.where(cleared_at=None if "cleared_at" in self.listing.query.where else OPEN)

    def action_roots(self) -> None:
        """Only roots, or their consequences too."""
        if self.listing is not None:
            folded = self.listing.query.where.get("suppressed_by") == ""
            self.listing.where(suppressed_by=None if folded else "")

    def action_consequences(self) -> None:
        """Only what the alert under the cursor suppresses; back to everything from there."""
        if self.listing is None:
            return
        row = self.rows.row
        if self.listing.query.where.get("suppressed_by"):
            self.listing.where(suppressed_by=None)
        elif isinstance(row, AlertRow):
            self.listing.where(suppressed_by=row.suppressed_by or row.id)

    def on_rows_moved(self) -> None:
        self._advise()

    def on_rows_opened(self, message: Rows.Opened) -> None:
        self.console_app.open_device(message.row.device_id)

    def subject(self) -> tuple[str, str, str] | None:
        row = self.rows.row
        return ("device", row.device_id, row.device) if isinstance(row, AlertRow) else None

    def describe(self) -> None:
        if self.listing is None:
            return
        only_open = "cleared_at" in self.listing.query.where
        number = count(self.rows.window.total) if self.rows.window.known else ".."
        text = tr("{n} open alerts", n=number) if only_open else tr("{n} alerts, cleared ones too", n=number)
        of = self.listing.query.where.get("suppressed_by")
        if of is not None:
            text += " | " + (tr("consequences of one alert") if of else tr("consequences folded"))
        if self.listing.typed:
            text += " | " + tr("filter: {typed}", typed=self.listing.typed)
            self.rows.empty = mark("No alert matches the filter.\nEsc in the filter line drops it.")
        else:
            self.rows.empty = mark("No alert is open.\nF8 shows cleared ones too.") if only_open else mark("There has been no alert yet.")
        self.query_one("#state", Label).update(" " + text)
        self._advise()

    def _advise(self) -> None:
        """The whole sentence of the alert under the cursor, and what to do about it."""
        row = self.rows.row
        words = []
        if isinstance(row, AlertRow):
            words = [f"{clean(row.device)}  {sentence(row)}", *([f"> {hint(row)}"] if hint(row) else [])]
        self.query_one("#hint", Label).update("\n".join(" " + line for line in words))
