"""The console: its screens, its connection to the hub, who works at it."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.events import Event, InputEvent
from textual.screen import Screen

from core.errors import YunwangError
from core.questions import Thing
from core.views import Overview, ViewQuery
from tui.accident import Report, write_report
from tui.actions import Actions
from tui.dialog import Accident
from tui.feed import Feed, Hub
from tui.link import Link
from tui.operations import bindings
from tui.screens.alerts import AlertsScreen
from tui.screens.approvals import ApprovalsScreen
from tui.screens.audit import AuditScreen
from tui.screens.devices import DevicesScreen
from tui.screens.events import EventsScreen
from tui.screens.identity import IdentityScreen
from tui.screens.jobs import JobsScreen
from tui.screens.messages import MessagesScreen
from tui.screens.objects import ObjectsScreen
from tui.screens.overview import OverviewScreen
from tui.screens.question import Question
from tui.screens.queue import QueueScreen
from tui.screens.windows import WindowsScreen
from tui.theme import THEMES
from tui.who import Who
from tui.window import Window
from tui.words import told

PULSE_S = 2.0
ATTENDED_S = 60.0
TRAFFIC_S = 5.0
"""As often as the hub remembers it."""
TRAFFIC_KEPT = 720
STANDING: tuple[type[Question], ...] = (
    OverviewScreen, DevicesScreen, AlertsScreen, EventsScreen, MessagesScreen, ObjectsScreen, QueueScreen, JobsScreen, ApprovalsScreen,
    WindowsScreen, AuditScreen, IdentityScreen,
)
"""The screens that one goes to; each is made once."""


class YunwangApp(Actions):
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
        self.who = Who(self)
        self.overview: Overview | None = None
        self.traffic: deque[tuple[float, float, float]] = deque(maxlen=TRAFFIC_KEPT)
        """Monotonic seconds, bit/s in and out."""
        self.history: list[str] = []
        self.marked: dict[str, Thing] = {}
        self.touched_at = time.monotonic()
        self.deadline_s = 0.0
        """Ends by itself after so long; 0: never."""
        self.on_overview: Callable[[Overview], None] = lambda _overview: None
        self._window: Window[Overview] = Window(Overview, lambda _overview: "")
        self.feed = Feed(self, hub, self._window, self._overview_changed, self.heard, self.say)

    # --- life

    def on_mount(self) -> None:
        for screen in STANDING:
            self.install_screen(screen(), screen.NAME)
        self.push_screen("overview")
        self.feed.ask(ViewQuery(view="overview"))
        self.run_worker(self._pulse(), group="pulse")
        if self.deadline_s:
            self.set_timer(self.deadline_s, self.exit)
        if self.accident is not None:
            self.push_screen(Accident(self.accident.sentence, self.accident.written_to))

    async def on_unmount(self) -> None:
        self.feed.stop()
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
        """Keeps the header true: why there is no connection, and who works."""
        while True:
            if self.link.state != "live":
                try:
                    await self.hub.health()
                except YunwangError as error:
                    lost = "lost" if self.link.state == "lost" else "connecting"
                    self._link_moved(lost, told(error))
                else:
                    await self.who.ask()
            elif self.who.is_due and self.is_attended:
                await self.who.ask()
            await asyncio.sleep(PULSE_S)

    async def on_event(self, event: Event) -> None:
        if isinstance(event, InputEvent):
            self.touched_at = time.monotonic()
        await super().on_event(event)

    @property
    def is_attended(self) -> bool:
        """Whether the console may ask by itself. A session that ends when nobody is there must not be kept alive by what nobody asked for:
        then only the streams go on, which are no sign of life.
        """
        identity = self.who.identity
        return identity is None or identity.how != "session" or time.monotonic() - self.touched_at < ATTENDED_S

    def heard(self, connected: bool) -> None:
        """A feed has, or lost, its connection."""
        if connected:
            self._link_moved("live", "")
            if self.who.identity is None:
                self.run_worker(self.who.ask(), group="who", exclusive=True)
        elif self.link.state == "live":
            self._link_moved("lost", "")

    async def _remember(self) -> None:
        """What the hub knows of the last hour's traffic, before what this console saw itself."""
        try:
            past = await self.hub.traffic()
        except YunwangError:
            return
        now, now_ms = time.monotonic(), time.time() * 1000
        points = [(now - (now_ms - at) / 1000, i, o) for at, i, o in zip(past.at_ms, past.in_bps, past.out_bps, strict=True)]
        seen = list(self.traffic)
        self.traffic.clear()
        self.traffic.extend([*(point for point in points if not seen or point[0] < seen[0][0]), *seen])
        self.chrome_changed()

    def _link_moved(self, state: Any, problem: str) -> None:
        was = self.link.state
        if self.link.move(state, problem):
            self.chrome_changed()
            if self.link.state == "live" != was:
                self.run_worker(self._remember(), group="past", exclusive=True)

    def _overview_changed(self, _ids: set[str] | None) -> None:
        overview = self._window.rows.get("")
        if overview is None:
            return
        self.overview = overview
        now = time.monotonic()
        if not self.traffic or now - self.traffic[-1][0] >= TRAFFIC_S:
            self.traffic.append((now, overview.in_bps, overview.out_bps))
        self.chrome_changed()
        self.on_overview(overview)

    def chrome_changed(self) -> None:
        """Connection, overview or identity changed."""
        for screen in self.screen_stack:
            if isinstance(screen, OverviewScreen) and screen.is_mounted:
                screen.overview_changed()
            if isinstance(screen, Question) and screen.is_mounted:
                screen.chrome_changed()

    def identity_changed(self) -> None:
        """Somebody else works, or may do other things than before."""
        self.chrome_changed()
        for screen in self.screen_stack:
            if isinstance(screen, Question) and screen.is_mounted:
                screen.identity_changed()

    def standing_screens(self) -> list[Screen[Any]]:
        return [self.get_screen(screen.NAME) for screen in STANDING]
