"""What people do about one alert, from the list and from its own screen: take it on, note, silence, go to what it is about."""

from functools import partial

from core.alerting import AlertSilence
from core.errors import InvalidInputError
from core.i18n import tr
from core.views import AlertRow
from core.width import clean
from tui.form import Field, Form, Values, ask_reason
from tui.moments import read_moment, written
from tui.screens.question import Question
from tui.screens.review import now_ms
from tui.words import sentence

SILENCE_MS = 2 * 3_600_000


class AlertActs(Question):
    """A screen with an alert. Subclasses say which one, and what is to be seen afterwards."""

    def alert(self) -> AlertRow | None:
        """The one that is meant."""
        raise NotImplementedError

    def acted(self, done: bool | None) -> None:
        """Something was done about it, or not."""

    def subject(self) -> tuple[str, str, str] | None:
        row = self.alert()
        return (row.object_kind, row.device_id, row.device) if row is not None and row.object_kind else None

    def open_subject(self) -> None:
        """The live page of its device, or the page of whatever it is about."""
        row = self.alert()
        if row is None:
            return
        if row.object_kind == "device":
            self.console_app.open_device(row.device_id)
        elif row.object_kind:
            self.console_app.open_object(row.object_kind, row.device_id, row.device)
        else:
            command = f"yunwang probe show {clean(row.evidence.get('probe', ''), 60) or 'NAME'}"
            self.failed(InvalidInputError(tr("This alert is about nothing in the inventory."), way_out=command))

    def action_ack(self) -> None:
        """Takes it on with a reason; what one took on is given back by the same key."""
        row = self.alert()
        if row is None:
            return
        if row.cleared_at:
            self.failed(InvalidInputError(tr("This alert is over.")))
        elif row.acked_at:
            self._ask(ask_reason(tr("Give the alert back"), partial(self._unack, row.id), says=_about(row), optional=True))
        else:
            self._ask(ask_reason(tr("Take the alert on"), partial(self._ack, row.id), says=_about(row), optional=True))

    async def _ack(self, alert_id: str, reason: str) -> str:
        await self.hub.alerting.ack(alert_id, reason=reason)
        return ""

    async def _unack(self, alert_id: str, reason: str) -> str:
        await self.hub.alerting.unack(alert_id, text=reason)
        return ""

    def action_note(self) -> None:
        row = self.alert()
        if row is not None:
            fields = [Field(name="text", label=tr("Text"))]
            self._ask(Form(tr("Comment"), fields, partial(self._note, row.id), says=_about(row)))

    async def _note(self, alert_id: str, values: Values) -> str:
        await self.hub.alerting.comment(alert_id, text=values["text"])
        return ""

    def action_silence(self) -> None:
        """A window about this rule on this device."""
        row = self.alert()
        if row is None:
            return
        fields = [
            Field(name="end", label=tr("Until"), value=written(now_ms() + SILENCE_MS), note=tr("2026-11-23 18:00, 18:00 or +2h")),
            Field(name="reason", label=tr("Reason")),
        ]
        self._ask(Form(tr("Silence this rule on this device"), fields, partial(self._silence, row), says=_about(row)))

    async def _silence(self, row: AlertRow, values: Values) -> str:
        now = now_ms()
        end = read_moment(values["end"], now)
        if end <= now:
            return tr("The end must lie in the future.")
        await self.hub.alerting.silence(AlertSilence(alert=row.id, ends_at=end, reason=values["reason"]))
        return ""

    def _ask(self, form: Form) -> None:
        self.app.push_screen(form, self.acted)


def _about(row: AlertRow) -> list[str]:
    return [clean(row.device), sentence(row)]
