"""Messages 通知记录: who was told of what, by which channel, when; and why not."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from textual.binding import BindingType

from core.errors import InvalidInputError, NotFoundError, YunwangError
from core.i18n import mark, tr
from core.notices import Contact, Message, Tested, TestWish
from core.views import ViewQuery
from core.width import clean
from tui.dialog import Choice, Chooser
from tui.form import confirm
from tui.operations import bindings
from tui.pane import Line
from tui.rows import Rows
from tui.screens.question import WINDOW
from tui.screens.review import Review
from tui.tables_messages import MESSAGES, STATES, about
from tui.window import Window
from tui.words import count

SHOWN = ("", "waiting", "failed")


class MessagesScreen(Review):
    """The newest first; what is under the cursor word by word."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("messages")
    NAME = "messages"
    TITLE_ID = mark("Messages sent")

    def __init__(self) -> None:
        window: Window[Message] = Window(Message, lambda row: row.id)
        nobody = mark("Nobody was told of anything yet.\nWho is told of what: yunwang notify channel-add, contact-set, route-set.")
        super().__init__(Rows(MESSAGES, window, id="messages", sort="-created_at", empty=nobody))

    def first_query(self) -> ViewQuery:
        return ViewQuery(view="messages", sort="-created_at", limit=WINDOW)

    def says(self) -> str:
        if self.listing is None:
            return ""
        text = tr("{n} messages", n=count(self.rows.window.total) if self.rows.window.known else "..")
        state = self.listing.query.where.get("state")
        return text + (f" | {tr(STATES[state].word)}" if state in STATES else "")

    def about(self, row: Message) -> Sequence[Line]:
        return about(row)

    def action_states(self) -> None:
        """The next of: all, those that wait, those that failed."""
        if self.listing is not None:
            now = self.listing.query.where.get("state", "")
            following = SHOWN[(SHOWN.index(now) + 1) % len(SHOWN)] if now in SHOWN else ""
            self.listing.where(state=following or None)

    def _row(self) -> Message | None:
        row = self.rows.row
        if isinstance(row, Message):
            return row
        self.failed(InvalidInputError(tr("Nothing is under the cursor.")))
        return None

    def action_resend(self) -> None:
        row = self._row()
        if row is None:
            return

        async def act() -> str:
            await self.hub.notify.resend(row.id)
            return ""

        says = [clean(row.subject), tr("To {contact}.", contact=clean(row.contact) or clean(row.channel))]
        self.app.push_screen(confirm(tr("Send it once more"), act, says=says), lambda done: self.refresh_data() if done else None)

    def action_alert(self) -> None:
        row = self._row()
        if row is None:
            return
        if row.alerts:
            self.console_app.open_alert(row.alerts[0])
        else:
            self.failed(InvalidInputError(tr("This message tells of no alert.")))

    # --- trying a contact

    def action_try_contact(self) -> None:
        self.aside("contacts", self._choose)

    async def _choose(self) -> None:
        try:
            contacts = await self.hub.notify.contacts()
            if not contacts:
                raise NotFoundError(tr("No contact is declared."), way_out="yunwang notify contact-set NAME --way CHANNEL=ADDRESS")
        except YunwangError as error:
            self.failed(error)
            return
        choices = [Choice(value=one.name, text=clean(one.name), hint=_ways(one)) for one in contacts]
        self.app.push_screen(Chooser(tr("Whom to send a message to try?"), choices), self._chosen)

    def _chosen(self, name: str | None) -> None:
        if name:
            self.app.notify(tr("A message to {name} is on its way ..", name=clean(name)), markup=False, timeout=4)
            self.aside("try", partial(self._try, name))

    async def _try(self, name: str) -> None:
        try:
            found = await self.hub.notify.test(TestWish(contact=name))
        except YunwangError as error:
            self.failed(error)
            return
        for one in found:
            self.app.notify(_came(one), severity="information" if one.ok else "error", markup=False, timeout=10)
        self.refresh_data()


def _ways(contact: Contact) -> str:
    return clean(tr(", ").join(f"{way.channel} {way.to}".strip() for way in contact.ways), 60)


def _came(one: Tested) -> str:
    """What came of one way."""
    where = " ".join(filter(None, (clean(one.channel), clean(one.to))))
    return f"{where}: {clean(one.message, 300)} {clean(one.way_out, 200)}".rstrip()
