"""Alerts 告警: what must somebody know?"""

from collections.abc import Iterable
from functools import partial
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widgets import Label

from core.alerting import AlertSilence
from core.i18n import mark, tr
from core.views import AlertRow, ViewQuery
from core.width import clean
from tui.form import Field, Form, Values, ask_reason
from tui.moments import read_moment, written
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.listing import ListScreen
from tui.screens.question import WINDOW
from tui.screens.review import now_ms
from tui.tables import ALERTS
from tui.window import Window
from tui.words import NOTHING, count, hint, sentence

OPEN = "0"
ROOTS = ""
SILENCE_MS = 2 * 3_600_000
CAUSES = {
    "line": mark("the line"), "power": mark("its power"), "line-or-power": mark("the line or its power"), "far-end": mark("the far end"),
}


class AlertsScreen(ListScreen):
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

    # --- what people do about one

    def action_ack(self) -> None:
        """Takes it on with a reason; what one took on is given back by the same key."""
        row = self.rows.row
        if not isinstance(row, AlertRow):
            return
        if row.acked_at:
            self.app.push_screen(ask_reason(tr("Give the alert back"), partial(self._unack, row.id), says=self._about(row), optional=True))
        else:
            self.app.push_screen(ask_reason(tr("Take the alert on"), partial(self._ack, row.id), says=self._about(row), optional=True))

    async def _ack(self, alert_id: str, reason: str) -> str:
        await self.hub.alerting.ack(alert_id, reason=reason)
        return ""

    async def _unack(self, alert_id: str, reason: str) -> str:
        await self.hub.alerting.unack(alert_id, text=reason)
        return ""

    def action_note(self) -> None:
        row = self.rows.row
        if isinstance(row, AlertRow):
            fields = [Field(name="text", label=tr("Text"))]
            self.app.push_screen(Form(tr("Comment"), fields, partial(self._note, row.id), says=self._about(row)))

    async def _note(self, alert_id: str, values: Values) -> str:
        await self.hub.alerting.comment(alert_id, text=values["text"])
        return ""

    def action_silence(self) -> None:
        """A window about this rule on this device."""
        row = self.rows.row
        if not isinstance(row, AlertRow):
            return
        fields = [
            Field(name="end", label=tr("Until"), value=written(now_ms() + SILENCE_MS), note=tr("2026-11-23 18:00, 18:00 or +2h")),
            Field(name="reason", label=tr("Reason")),
        ]
        self.app.push_screen(Form(tr("Silence this rule on this device"), fields, partial(self._silence, row), says=self._about(row)))

    async def _silence(self, row: AlertRow, values: Values) -> str:
        now = now_ms()
        end = read_moment(values["end"], now)
        if end <= now:
            return tr("The end must lie in the future.")
        await self.hub.alerting.silence(AlertSilence(alert=row.id, ends_at=end, reason=values["reason"]))
        return ""

    def _about(self, row: AlertRow) -> list[str]:
        return [clean(row.device), sentence(row)]

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
