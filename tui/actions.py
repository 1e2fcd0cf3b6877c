"""Every action of the registry that belongs to no screen, and the one way in which any operation begins."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from textual.app import App
from textual.screen import Screen

from core import i18n
from core.capacity import Measured
from core.errors import ForbiddenError, InvalidInputError, LoginNeededError, NotFoundError, YunwangError
from core.i18n import tr
from core.operations import Operation
from core.operations.console import SCREENS
from core.questions import Thing
from core.views import AlertRow, ViewQuery
from core.width import clean
from tui.access import why_not
from tui.dialog import Choice, Chooser, Help
from tui.operations import begun_by, by_id, by_word, describe, on_screen
from tui.prompt import Prompt
from tui.screens.alert import AlertScreen
from tui.screens.availability import AvailabilityScreen, DowntimeScreen
from tui.screens.capacity import CapacityScreen
from tui.screens.check import CheckScreen
from tui.screens.device import DeviceScreen
from tui.screens.devices import DevicesScreen
from tui.screens.first import FirstScreen
from tui.screens.impact import ImpactScreen
from tui.screens.object import ObjectScreen
from tui.screens.objects import ObjectsScreen
from tui.screens.question import Question
from tui.screens.queue import QueueScreen
from tui.screens.xray import XrayScreen
from tui.search import Search
from tui.words import told

if TYPE_CHECKING:
    from tui.feed import Feed, Hub
    from tui.who import Who

WHILE_LOCKED = ("console.quit", "console.language", "console.theme")
BASE = 2
"""Screens at the bottom of the stack: Textual's own, and the chosen one."""
DEEPEST = 20
"""Screens that Esc leads back through; further on the last one is replaced."""


class Actions(App[None]):
    """What the console can be asked to do. `tui.console` makes it whole."""

    hub: "Hub"
    who: "Who"
    feed: "Feed"
    """Of the overview."""
    marked: dict[str, Thing]
    """What a what-if supposes to be gone, by id."""

    @property
    def question(self) -> Question | None:
        """The screen in front, where it is one of ours and no dialog."""
        return self.screen if isinstance(self.screen, Question) else None

    def standing_screens(self) -> list[Screen[Any]]:
        """The screens that one goes to."""
        raise NotImplementedError

    def say(self, error: YunwangError) -> None:
        """An error in words, in the corner; where nobody is logged in, the login."""
        if isinstance(error, LoginNeededError):
            self.who.log_in(error)
            return
        self.notify(told(error), severity="error", markup=False, timeout=8)

    def follow_again(self) -> None:
        """Follows everything afresh: as another person, or because somebody pressed F5."""
        self.feed.again()
        if (question := self.question) is not None:
            question.call_after_refresh(question.refresh_data)  # one that was opened a moment ago has no widgets yet

    # --- how an operation begins: by key, click, menu or command

    async def action_operate(self, op_id: str) -> None:
        await self.perform(by_id(op_id))

    async def perform(self, op: Operation, argument: str = "") -> None:
        """Runs an operation's action, on its screen or here; who may not is told who may."""
        if self.who.is_locked and op.id not in WHILE_LOCKED:
            return
        if why := why_not(self.who.identity, op):
            self.say(ForbiddenError(tr("You may not do this: {what}", what=tr(op.summary)), way_out=why))
            return
        action = f"{op.action}({argument!r})" if argument else op.action
        await self.run_action(action, self.screen if op.screen else self)

    def command(self, line: str) -> None:
        """What was entered in command mode; a leading full-width colon is forgiven."""
        word, _, rest = line.lstrip(":： ").partition(" ")
        if not word:
            return
        screen = self.question.NAME if self.question is not None else ""
        op = by_word(word, screen)
        if op is None:
            self.say(_no_command(word, begun_by(word, screen)))
            return
        argument = rest.strip()
        if argument and not op.arguments:
            self.say(InvalidInputError(tr("The command {word} takes no argument.", word=clean(word))))
            return
        if argument and op.arguments[0].choices and argument not in op.arguments[0].choices:
            choices = ", ".join(op.arguments[0].choices)
            self.say(InvalidInputError(tr("{word} is one of: {choices}.", word=clean(word), choices=choices)))
            return
        self.call_later(self.perform, op, argument)

    def action_palette(self) -> None:
        self._choose(tr("What do you want to do?"), on_screen(self.question.NAME) if self.question is not None else [])

    def action_go(self) -> None:
        self._choose(tr("Where to?"), list(SCREENS))

    def _choose(self, title: str, operations: list[Operation]) -> None:
        if self.question is None:
            return
        identity = self.who.identity
        choices = [
            Choice(value=op.id, text=tr(op.summary), hint=why or describe(op)[0], faint=bool(why))
            for op in operations for why in (why_not(identity, op),)
        ]
        self.push_screen(Chooser(title, choices), self._chosen)

    async def _chosen(self, op_id: str | None) -> None:
        if op_id:
            await self.perform(by_id(op_id))

    # --- where to go

    async def action_show(self, name: str) -> None:
        while len(self.screen_stack) > BASE:
            await self.pop_screen()
        if self.screen is not self.get_screen(name):
            await self.switch_screen(name)

    def open_device(self, device_id: str) -> None:
        self.call_later(self._open_device, device_id)

    def show_devices(self, typed: str) -> None:
        """The list of devices with this filter."""
        self.call_later(self._show_devices, typed)

    def open_object(self, kind: str, object_id: str, name: str = "") -> None:
        """The page of an object, by id, name or key. name: what is shown until the hub has answered."""
        self.call_later(self._open, ObjectScreen(kind, object_id, name))

    def open_xray(self, thing: Thing) -> None:
        self.call_later(self._open, XrayScreen(thing))

    def open_impact(self, things: list[Thing]) -> None:
        self.call_later(self._open, ImpactScreen(things))

    def open_first(self) -> None:
        """The first ten minutes with devices of one's own."""
        self.call_later(self._open, FirstScreen())

    def open_alert(self, alert_id: str, row: AlertRow | None = None) -> None:
        """Everything about one alert. row: what is known of it already."""
        self.call_later(self._open, AlertScreen(alert_id, row))

    def action_capacity(self) -> None:
        self.call_later(self._open, CapacityScreen())

    def action_availability(self) -> None:
        self.call_later(self._open, AvailabilityScreen())

    def open_downtime(self, kind: Measured, name: str, period: str) -> None:
        """When one object did not work. period: as in `tui.downtime.Period`."""
        self.call_later(self._open, DowntimeScreen(kind, name, period))

    def open_check(self, device_id: str, name: str) -> None:
        """What a device lacks in order to be monitored."""
        self.call_later(self._open, CheckScreen(device_id, name))

    async def _open(self, screen: Screen[Any]) -> None:
        if len(self.screen_stack) < DEEPEST:
            await self.push_screen(screen)
        else:
            await self.switch_screen(screen)

    def show_objects(self, kind: str, typed: str = "") -> None:
        """The list of a kind with this filter."""
        self.call_later(self._show_objects, kind, typed)

    async def _show_objects(self, kind: str, typed: str) -> None:
        await self.action_show("objects")
        if isinstance(self.screen, ObjectsScreen):
            self.screen.show_kind(kind, typed)

    def show_queue(self, typed: str = "") -> None:
        """The open lines of the review queue with this filter."""
        self.call_later(self._show_queue, typed)

    async def _show_queue(self, typed: str) -> None:
        await self.action_show("queue")
        if isinstance(self.screen, QueueScreen):
            self.screen.narrow(typed)

    async def _open_device(self, device_id: str) -> None:
        if isinstance(self.screen, DeviceScreen):
            await self.switch_screen(DeviceScreen(device_id))
        else:
            await self.push_screen(DeviceScreen(device_id))

    async def _show_devices(self, typed: str) -> None:
        await self.action_show("devices")
        if isinstance(self.screen, DevicesScreen) and (listing := self.screen.list_filter()) is not None:
            listing.narrow(typed)

    async def device_names(self, prefix: str) -> list[str]:
        """Names that complete a prefix; none while the hub is away."""
        try:
            page = await self.hub.devices(ViewQuery(view="devices", text=prefix, limit=20))
        except YunwangError:
            return []
        return [clean(row.name) for row in page.rows]

    def action_device(self, name: str = "") -> None:
        if name:
            self.run_worker(self._find_device(name), group="find", exclusive=True)
        elif self.question is not None:
            self.action_command("device ")

    async def _find_device(self, name: str) -> None:
        try:
            page = await self.hub.devices(ViewQuery(view="devices", text=name, limit=20))
            exact = [row for row in page.rows if name in (row.name, row.address, row.id)]
            if not page.rows:
                raise NotFoundError(tr("No such device: {name}", name=clean(name)), way_out=tr("F3 lists all devices, F6 filters them."))
        except YunwangError as error:
            self.say(error)
            return
        if len(exact) == 1 or page.total == 1:
            self.open_device((exact or page.rows)[0].id)
        else:
            self.show_devices(name)

    async def action_back(self) -> None:
        if self.screen.get_selected_text():
            self.screen.clear_selection()
        elif len(self.screen_stack) > BASE:
            await self.pop_screen()
        elif self.question is not None and (listing := self.question.list_filter()) is not None and listing.typed:
            listing.narrow("")
        else:
            await self.action_show("overview")

    # --- what can be done anywhere

    def action_filter(self, text: str = "") -> None:
        question = self.question
        listing = question.list_filter() if question is not None else None
        if question is None:
            return
        if listing is None:
            self.call_later(self._filter_devices, text)
        elif text:
            listing.narrow(text)
        else:
            question.query_one(Prompt).open("filter", listing.typed)

    async def _filter_devices(self, text: str) -> None:
        await self.action_show("devices")
        self.action_filter(text)

    def action_command(self, text: str = "") -> None:
        if self.question is not None:
            self.question.query_one(Prompt).open("command", text)

    def action_search(self, text: str = "") -> None:
        if self.question is not None:
            self.push_screen(Search(text))

    def action_help(self) -> None:
        self.push_screen(Help(self.question.NAME if self.question is not None else ""))

    def action_refresh(self) -> None:
        self.follow_again()
        self.run_worker(self.who.ask(), group="who", exclusive=True)

    def action_copy(self) -> None:
        rows = self.question.current_rows() if self.question is not None else None
        text = self.screen.get_selected_text() or (rows.plain(rows.cursor) if rows is not None else "")
        if text:
            self.copy_to_clipboard(text)
            self.notify(tr("Copied."), markup=False, timeout=2)

    def action_language(self, language: str = "") -> None:
        i18n.use(language or ("en" if i18n.language() == "zh" else "zh"))
        self._retranslate()

    def action_theme(self, name: str = "") -> None:
        self.theme = name or ("light" if self.theme == "dark" else "dark")
        self.call_after_refresh(self._retranslate)

    def _retranslate(self) -> None:
        for screen in {*self.screen_stack, *self.standing_screens()}:
            if isinstance(screen, Question) and screen.is_mounted:
                screen.retranslate()

    # --- who works

    async def action_persona(self, office: str = "") -> None:
        await self.who.take(office)

    def action_login(self) -> None:
        self.who.log_in(may_leave=True)

    async def action_logout(self) -> None:
        await self.who.log_out()


def _no_command(word: str, begun: Iterable[str]) -> InvalidInputError:
    """begun: what it may have been meant to be."""
    if meant := ", ".join(begun):
        return InvalidInputError(tr("{word} may be one of: {choices}.", word=clean(word), choices=meant))
    return InvalidInputError(tr("There is no command {word}.", word=clean(word)), way_out=tr("F1 lists all commands."))
