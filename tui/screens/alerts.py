"""Alerts 告警: what must somebody know?"""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widgets import Label

from core.alerting import CAUSES
from core.i18n import mark, tr
from core.views import AlertRow, ViewQuery
from core.width import clean
from tui.alert_acts import AlertActs
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.listing import ListScreen
from tui.screens.question import WINDOW
from tui.tables import ALERTS
from tui.window import Window
from tui.words import NOTHING, count, hint, sentence

OPEN = "0"
ROOTS = ""


class AlertsScreen(AlertActs, ListScreen):
    """Open roots, newest first; what follows from them, and cleared ones, on request."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("alerts")
    NAME = "alerts"
    TITLE_ID = mark("Alerts")
    CSS_PATH = "alerts.tcss"

    def __init__(self) -> None:
        window: Window[AlertRow] = Window(AlertRow, lambda row: row.id)
        super().__init__(Rows(ALERTS, window, id="alerts", sort="-raised_at", empty=mark("No alert is open.\nF8 shows cleared ones too.")))

    def first_query(self) -> ViewQuery:
        return ViewQuery(view="alerts", sort="-raised_at", where={"cleared_at": OPEN, "suppressed_by": ROOTS}, limit=WINDOW)

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
            folded = self.listing.query.where.get("suppressed_by") == ROOTS
            self.listing.where(suppressed_by=None if folded else ROOTS)

    def action_consequences(self) -> None:
        """Only what the alert under the cursor suppresses; back to the roots from there."""
        if self.listing is None:
            return
        row = self.rows.row
        if self.listing.query.where.get("suppressed_by"):
            self.listing.where(suppressed_by=ROOTS)
        elif isinstance(row, AlertRow):
            self.listing.where(suppressed_by=row.suppressed_by or row.id)

    def alert(self) -> AlertRow | None:
        return self.rows.row if isinstance(self.rows.row, AlertRow) else None

    def on_rows_moved(self) -> None:
        self._advise()

    def on_rows_opened(self, message: Rows.Opened) -> None:
        self.console_app.open_alert(message.row_id, message.row)

    def action_live(self) -> None:
        self.open_subject()

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
            evidence = "  ".join(f"{clean(name, 40)}={clean(value, 60)}" for name, value in row.evidence.items())
            words = [f"{clean(row.device)}  {sentence(row)}", *([f"> {hint(row)}"] if hint(row) else []), *self._fate(row), evidence]
        self.query_one("#hint", Label).update("\n".join(" " + line for line in words))

    def _fate(self, row: AlertRow) -> list[str]:
        """Who has it, what it stands for, what is behind it: one line where there is anything to say."""
        parts = []
        if row.acked_at:
            parts.append(tr("taken on by {who}: {reason}", who=clean(row.acked_by), reason=clean(row.ack_reason) or NOTHING))
        if row.suppressed:
            parts.append(tr("stands for {n} others (Right shows them)", n=row.suppressed))
        if row.flapping:
            parts.append(tr("comes and goes"))
        if row.cause:
            parts.append(tr("cause: {cause}", cause=tr(CAUSES.get(row.cause, row.cause))))
        if row.comments:
            parts.append(tr("comments: {n}", n=len(row.comments)))
        return ["  ".join(parts)] if parts else []
