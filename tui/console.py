"""The console: its screens, its connection to the hub, and every action of the registry that is not one screen's own."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from textual.app import App
from textual.binding import BindingType

from core import i18n
from core.errors import InvalidInputError, NotFoundError, YunwangError
from core.i18n import tr
from core.operations import Operation
from core.views import Overview, ViewQuery
from core.width import clean
from tui.accident import Report, write_report
from tui.dialog import Accident, Choice, Chooser, Help
from tui.feed import Feed, Hub
from tui.link import Link
from tui.operations import bindings, by_word, describe, on_screen
from tui.prompt import Prompt
from tui.screens.alerts import AlertsScreen
from tui.screens.device import DeviceScreen
from tui.screens.devices import DevicesScreen
from tui.screens.overview import OverviewScreen
from tui.screens.question import Question
from tui.theme import THEMES
from tui.window import Window

PULSE_S = 2.0
TRAFFIC_S = 2.0
TRAFFIC_KEPT = 600
BASE = 2
"""Screens at the bottom of the stack: Textual's own, and the one chosen with F2 to F4."""


class YunwangApp(App[None]):
    """One console of one person."""

    CSS_PATH = "console.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = bindings("")

    def __init__(self, hub: Hub, reports: Path, accident: Report | None = None) -> None:
        super().__init__()
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = "dark"
        self.hub, self.reports, self.accident = hub, reports, accident
        self.stumbled: Report | None = None
        self.link = Link()
        self.overview: Overview | None = None
        self.traffic: deque[tuple[float, float, float]] = deque(maxlen=TRAFFIC_KEPT)
        self.history: list[str] = []
        self.deadline_s = 0.0
        """Ends by itself after so long; 0: never."""
        self.on_overview: Callable[[Overview], None] = lambda _overview: None
        self._window: Window[Overview] = Window(Overview, lambda _overview: "")
        self._feed = Feed(self, hub, self._window, self._overview_changed, self.heard, self.say)

    # --- life

    def on_mount(self) -> None:
        for screen in (OverviewScreen(), DevicesScreen(), AlertsScreen()):
            self.install_screen(screen, screen.NAME)
        self.push_screen("overview")
        self._feed.ask(ViewQuery(view="overview"))
        self.run_worker(self._pulse(), group="pulse")
        if self.deadline_s:
            self.set_timer(self.deadline_s, self.exit)
        if self.accident is not None:
            self.push_screen(Accident(self.accident.sentence, self.accident.written_to))

    async def on_unmount(self) -> None:
        self._feed.stop()
        await self.hub.close()

    def _handle_exception(self, error: Exception) -> None:
        """Textual would print its traceback with all local variables; we keep it in a file and start again (see `tui.app`)."""
        if self.stumbled is None:
            self.stumbled = write_report(error, self.reports, time.time())
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._return_code = 1
        self._close_messages_no_wait()

    async def _pulse(self) -> None:
        """While there is no connection: asks for the reason, to show it with its way out."""
        while True:
            if self.link.state != "live":
                try:
                    await self.hub.health()
                except YunwangError as error:
                    lost = "lost" if self.link.state == "lost" else "connecting"
                    self._link_moved(lost, f"{error.message} {error.way_out}".strip())
            await asyncio.sleep(PULSE_S)

    def heard(self, connected: bool) -> None:
        """A feed has, or lost, its connection."""
        if connected:
            self._link_moved("live", "")
        elif self.link.state == "live":
            self._link_moved("lost", "")

    def _link_moved(self, state: Any, problem: str) -> None:
        if self.link.move(state, problem):
            self._chrome_changed()

    def _overview_changed(self, _ids: set[str] | None) -> None:
        overview = self._window.rows.get("")
        if overview is None:
            return
        self.overview = overview
        now = time.monotonic()
        if not self.traffic or now - self.traffic[-1][0] >= TRAFFIC_S:
            self.traffic.append((now, overview.in_bps, overview.out_bps))
        self._chrome_changed()
        self.on_overview(overview)

    def _chrome_changed(self) -> None:
        for screen in self.screen_stack:
            if isinstance(screen, OverviewScreen) and screen.is_mounted:
                screen.overview_changed()
            if isinstance(screen, Question) and screen.is_mounted:
                screen.chrome_changed()

    # --- what screens ask for

    def say(self, error: YunwangError) -> None:
        """An error in words, in the corner."""
        self.notify(f"{error.message} {error.way_out}".strip(), severity="error", markup=False, timeout=8)

    async def device_names(self, prefix: str) -> list[str]:
        """Names that complete a prefix; none while the hub is away."""
        try:
            page = await self.hub.devices(ViewQuery(view="devices", text=prefix, limit=20))
        except YunwangError:
            return []
        return [clean(row.name) for row in page.rows]

    def open_device(self, device_id: str) -> None:
        self.call_later(self._open_device, device_id)

    def show_devices(self, typed: str) -> None:
        """The list of devices with this filter."""
        self.call_later(self._show_devices, typed)

    async def _open_device(self, device_id: str) -> None:
        if isinstance(self.screen, DeviceScreen):
            await self.switch_screen(DeviceScreen(device_id))
        else:
            await self.push_screen(DeviceScreen(device_id))

    async def _show_devices(self, typed: str) -> None:
        await self.action_show("devices")
        if isinstance(self.screen, DevicesScreen) and (listing := self.screen.list_filter()) is not None:
            listing.narrow(typed)

    @property
    def question(self) -> Question | None:
        """The screen in front, where it is one of ours and no dialog."""
        return self.screen if isinstance(self.screen, Question) else None

    # --- actions of the registry

    async def action_show(self, name: str) -> None:
        while len(self.screen_stack) > BASE:
            await self.pop_screen()
        if self.screen is not self.get_screen(name):
            await self.switch_screen(name)

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

    def action_help(self) -> None:
        self.push_screen(Help())

    def action_palette(self) -> None:
        question = self.question
        if question is None:
            return
        choices = [Choice(value=op.id, text=tr(op.summary), hint=describe(op)[0]) for op in on_screen(question.NAME)]
        self.push_screen(Chooser(tr("What do you want to do?"), choices), self._chosen)

    async def _chosen(self, op_id: str | None) -> None:
        op = next((op for op in on_screen(self.question.NAME if self.question else "") if op.id == op_id), None)
        if op is not None:
            await self.perform(op)

    def command(self, line: str) -> None:
        """What was entered in command mode; a leading full-width colon is forgiven."""
        word, _, rest = line.lstrip(":： ").partition(" ")
        if not word:
            return
        op = by_word(word, self.question.NAME if self.question is not None else "")
        if op is None:
            self.say(InvalidInputError(tr("There is no command {word}.", word=clean(word)), way_out=tr("F1 lists all commands.")))
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

    async def perform(self, op: Operation, argument: str = "") -> None:
        """Runs an operation's action, on its screen or here."""
        action = f"{op.action}({argument!r})" if argument else op.action
        await self.run_action(action, self.screen if op.screen else self)

    def action_refresh(self) -> None:
        self._feed.again()
        if self.question is not None:
            self.question.refresh_data()

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
        for screen in {*self.screen_stack, *(self.get_screen(name) for name in ("overview", "devices", "alerts"))}:
            if isinstance(screen, Question) and screen.is_mounted:
                screen.retranslate()

    async def action_back(self) -> None:
        if self.screen.get_selected_text():
            self.screen.clear_selection()
        elif len(self.screen_stack) > BASE:
            await self.pop_screen()
        elif self.question is not None and (listing := self.question.list_filter()) is not None and listing.typed:
            listing.narrow("")
        else:
            await self.action_show("overview")

