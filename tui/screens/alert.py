"""One alert 告警详情: what is it, what follows from it, what happened, who was told, what did its device say?"""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import BindingType

from core.alerting import AlertStory
from core.errors import YunwangError
from core.i18n import mark, tr
from core.views import AlertRow, ViewQuery
from core.width import clean
from tui.alert_acts import AlertActs
from tui.alert_story import paragraphs
from tui.operations import bindings
from tui.pane import Line, Page
from tui.window import Window
from tui.words import sentence, told


class AlertScreen(AlertActs):
    """Read anew whenever the alert changes."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("alert")
    NAME = "alert"
    TITLE_ID = mark("Alert")

    def __init__(self, alert_id: str, row: AlertRow | None = None) -> None:
        """row: what is known of it until the hub has answered."""
        super().__init__()
        self.alert_id, self.row = alert_id, row
        self.story: AlertStory | None = None
        self.window: Window[AlertRow] = Window(AlertRow, lambda one: one.id)
        self.follower = self.feed(self.window, self._changed)

    def compose_body(self) -> Iterable[Any]:
        yield Page()

    def on_mount(self) -> None:
        self.query_one(Page).focus()
        self._show()

    def start(self) -> None:
        self.follower.ask(ViewQuery(view="alerts", where={"id": self.alert_id}, sort="-raised_at", limit=1))

    def alert(self) -> AlertRow | None:
        return self.row

    def action_live(self) -> None:
        self.open_subject()

    def acted(self, done: bool | None) -> None:
        if done:
            self.refresh_data()

    def refresh_data(self) -> None:
        super().refresh_data()
        self._read_soon()

    def retranslate(self) -> None:
        super().retranslate()
        self._show()

    def _changed(self, _ids: set[str] | None) -> None:
        self.row = self.window.rows.get(self.alert_id, self.row)
        self._read_soon()

    def _read_soon(self) -> None:
        self.aside("story", self._read)

    async def _read(self) -> None:
        try:
            self.story = await self.hub.alerting.story(self.alert_id)
        except YunwangError as error:
            self.failed(error)
            self.query_one(Page).show([Line("", told(error), "bad")])
            return
        self.row = self.story.alert
        self._show()

    def _show(self) -> None:
        if self.story is not None:
            self.query_one(Page).show(paragraphs(self.story), keep=True)
        else:
            known = f"{clean(self.row.device)}  {sentence(self.row)}" if self.row is not None else ""
            self.query_one(Page).show([Line("", known or tr("Asking .."))])
