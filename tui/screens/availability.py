"""Availability 可用率: who kept what was promised, and who did not? Then one object: when was it down, and why?"""

from collections.abc import Iterable
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import BindingType

from core.capacity import MEASURED, AvailabilityAnswer, AvailabilityRow, Measured
from core.errors import YunwangError
from core.i18n import mark, tr
from core.levels import level
from core.width import clean
from tui.chrome import Painted
from tui.columns import Column
from tui.dialog import Chooser
from tui.downtime import DAYS, Downtimes, Period, lasted, measured, met, now_ms, percent, periods
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.question import Question
from tui.tabs import Tabs
from tui.window import Window
from tui.words import NOTHING

MOST = 2000
TABS: dict[str, str] = {"system": mark("Systems"), "unit": mark("Units"), "device": mark("Devices"), "host": mark("Hosts")}
AVAILABILITY = (
    Column(mark("Name"), lambda row: clean(row.name), 26, 44),
    Column(mark("Available, %"), lambda row: percent(row.percent, 3), 8, 10, right=True, tone=met),
    Column(mark("Target, %"), lambda row: percent(row.target_percent), 6, 8, rank=1, right=True),
    Column(mark("Measured, %"), lambda row: measured(row.completeness), 7, 10, rank=1, right=True,
           tone=lambda row: "warn" if row.completeness < 0.9 else "dim"),
    Column(mark("Out of service"), lambda row: lasted(row.down_s), 7, 9, rank=1, right=True),
    Column(mark("Outages"), lambda row: str(row.outages) if row.outages else NOTHING, 5, 7, rank=2, right=True),
    Column(mark("Longest"), lambda row: lasted(row.longest_s), 7, 9, rank=3, right=True),
    Column(mark("Planned"), lambda row: lasted(row.planned_s), 7, 9, rank=4, right=True),
    Column(mark("Degraded"), lambda row: lasted(row.degraded_s), 7, 9, rank=5, right=True),
    Column(mark("Unknown"), lambda row: lasted(row.unknown_s), 7, 9, rank=5, right=True),
    Column(mark("Level"), lambda row: level(row.level), 8, 14, rank=6),
    Column(mark("Unit"), lambda row: clean(row.unit), 10, 26, rank=7),
    Column(mark("Site"), lambda row: clean(row.site), 10, 26, rank=8),
)


class AvailabilityScreen(Question):
    """Those that missed their target first; it stands still until F5."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("availability")
    NAME = "availability"
    TITLE_ID = mark("Availability")

    def __init__(self) -> None:
        super().__init__()
        self.window: Window[AvailabilityRow] = Window(AvailabilityRow, lambda row: row.object_id)
        self.rows = Rows(AVAILABILITY, self.window, id="availability", empty=mark("Nothing of this kind is in the inventory."))
        self.tabs = Tabs(TABS, self.says)
        self.period = Period(DAYS[-1])
        self.answer: AvailabilityAnswer | None = None

    def compose_body(self) -> Iterable[Any]:
        yield self.tabs
        yield self.rows

    def on_mount(self) -> None:
        self.rows.focus()

    def start(self) -> None:
        if self.answer is None:
            self.refresh_data()

    def refresh_data(self) -> None:
        self.answer = None
        self.tabs.refresh()
        self.aside("availability", self._read)

    def says(self) -> str:
        if self.answer is None:
            return f"{self.period.says()}  {tr('Asking ..')}"
        return f"{self.period.says()}  " + tr("{missed} below their target, {measured} of {total} measured", missed=self.answer.missed,
                                              measured=self.answer.measured, total=self.answer.total)

    def subject(self) -> tuple[str, str, str] | None:
        row = self.rows.row
        return (row.kind, row.object_id, row.name) if isinstance(row, AvailabilityRow) else None

    def on_rows_opened(self) -> None:
        if isinstance(row := self.rows.row, AvailabilityRow):
            self.console_app.open_downtime(row.kind, row.name, self.period.word)

    def action_tab(self, by: int) -> None:
        self.action_show_tab(self.tabs.step(by))

    def action_show_tab(self, name: str) -> None:
        self.tabs.tab = name
        self.rows.select_first()
        self._forget()
        self.refresh_data()

    def _forget(self) -> None:
        """What is shown is not what is asked for any more."""
        self.window.fill(())
        self.window.known = False
        self.rows.changed(None)

    def action_month(self) -> None:
        self.app.push_screen(Chooser(tr("Which time?"), periods(now_ms())), self._chosen)

    def _chosen(self, word: str | None) -> None:
        if word:
            self.period = Period(word)
            self._forget()
            self.refresh_data()

    async def _read(self) -> None:
        kind: Measured = next(one for one in MEASURED if one == self.tabs.tab)
        try:
            self.answer = await self.hub.capacity.availability(self.period.query(kind, "", now_ms(), MOST))
        except YunwangError as error:
            self.failed(error)
            return
        self.window.fill(self.answer.rows)
        self.rows.changed(None)
        self.tabs.refresh()


class Title(Painted):
    """Whose downtimes these are."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__()
        self.kind, self.name_ = kind, name

    def paint(self, width: int) -> Text:
        text = Text(" ")
        self.put(text, tr(TABS[self.kind]) + "  ", "dim")
        self.put(text, clean(self.name_), "head")
        text.truncate(width)
        return text


class DowntimeScreen(Question):
    """One object: its figures, and each stretch without service."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("downtime")
    NAME = "downtime"
    TITLE_ID = mark("Downtime")
    CSS = "DowntimeScreen Title { height: 1; }"

    def __init__(self, kind: Measured, name: str, period: str) -> None:
        super().__init__()
        self.kind, self.name_ = kind, name
        self.downtimes = Downtimes(kind, name, period)

    def compose_body(self) -> Iterable[Any]:
        yield Title(self.kind, self.name_)
        yield self.downtimes

    def on_mount(self) -> None:
        self.downtimes.rows.focus()

    def refresh_data(self) -> None:
        self.downtimes.read()

    def subject(self) -> tuple[str, str, str]:
        row = self.downtimes.head.row
        return self.kind, row.object_id if row is not None else "", self.name_

    def action_month(self) -> None:
        self.downtimes.ask()
