"""Capacity 容量: which lines, pools, processors, memories and volumes are the fullest?"""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import BindingType

from core.capacity import HOT_PERCENT, KINDS, ORDERS, By, CapacityAnswer, CapacityKind, CapacityQuery, CapacityRow
from core.errors import YunwangError
from core.i18n import mark, tr
from core.width import clean
from core.widths import doubted
from tui.columns import Column
from tui.downtime import measured
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.question import Question
from tui.screens.review import now_ms
from tui.tabs import Tabs
from tui.window import Window
from tui.words import NOTHING, bits, brief

DAYS = (1, 7, 30)
MOST = 200
FULL_PERCENT = 95.0
TABS = {
    "line": mark("Lines"), "pool": mark("Pools"), "cpu": mark("Processors"), "memory": mark("Memory"), "disk": mark("Volumes"),
}
BY = {"utilisation": mark("by mean"), "p95": mark("by 95th percentile"), "growth": mark("by growth")}


def percent(value: float | None) -> str:
    return NOTHING if value is None else f"{value:.1f}"


def fullness(row: CapacityRow) -> str:
    """The tone of how near to full it is."""
    of = row.p95_percent
    return "" if of is None else "bad" if of >= FULL_PERCENT else "warn" if of >= HOT_PERCENT else ""


def width(row: CapacityRow) -> str:
    """What percent are taken of; with a mark where what is declared cannot be true."""
    return (bits(row.capacity_bps) if row.capacity_bps else NOTHING) + ("!" if row.doubt else "")


def growth(row: CapacityRow) -> str:
    return NOTHING if row.growth is None else f"{row.growth:+.1f}"


CAPACITY = (
    Column(mark("Object"), lambda row: clean(row.object), 20, 30),
    Column(mark("Part"), lambda row: brief(row.instance), 14, 28),
    Column(mark("95th, %"), lambda row: percent(row.p95_percent), 7, 8, right=True, tone=fullness),
    Column(mark("Mean, %"), lambda row: percent(row.mean_percent), 7, 8, rank=1, right=True),
    Column(mark("Peak, %"), lambda row: percent(row.peak_percent), 7, 8, rank=2, right=True),
    Column(mark("Measured, %"), lambda row: measured(row.completeness), 7, 10, rank=1, right=True,
           tone=lambda row: "warn" if row.completeness < 0.9 else "dim"),
    Column(mark("Width"), width, 6, 8, rank=3, right=True, tone=lambda row: "bad" if row.doubt else ""),
    Column(mark("Growth, points/30 d"), growth, 8, 12, rank=3, right=True),
    Column(mark("Billed"), lambda row: NOTHING if row.billed_bps is None else bits(row.billed_bps), 6, 8, rank=4, right=True),
    Column(mark("Line"), lambda row: clean(row.label), 10, 34, rank=5),
    Column(mark("Unit"), lambda row: clean(row.unit), 10, 24, rank=6),
    Column(mark("Site"), lambda row: clean(row.site), 10, 24, rank=7),
    Column(mark("Note"), doubted, 24, 90, rank=8, tone=lambda _: "warn"),
)


class CapacityScreen(Question):
    """The fullest first; it stands still until F5."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("capacity")
    NAME = "capacity"
    TITLE_ID = mark("Capacity")

    def __init__(self) -> None:
        super().__init__()
        self.window: Window[CapacityRow] = Window(CapacityRow, lambda row: f"{row.object_id} {row.instance}")
        self.rows = Rows(CAPACITY, self.window, id="capacity", empty=mark("Nothing of this kind was measured in this time."))
        self.tabs = Tabs(TABS, self.says)
        self.by: By = "p95"
        self.days = DAYS[1]
        self.answer: CapacityAnswer | None = None

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
        self.aside("capacity", self._read)

    def says(self) -> str:
        how = f"{tr(BY[self.by])}, {tr('last {n} days', n=self.days)}"
        if self.answer is None:
            return f"{how}  {tr('Asking ..')}"
        if self.answer.total and not self.answer.measured:
            return f"{how}  " + tr("nothing yet: figures come five minutes after the polling began")
        share = f"{measured(self.answer.completeness)} %"
        said = tr("{measured} of {total} measured, {share} of the time", measured=self.answer.measured, total=self.answer.total,
                  share=share)
        doubts = "  ! " + tr("{n} declared wrongly", n=self.answer.doubted) if self.answer.doubted else ""
        return f"{how}  {said}{doubts}"

    def subject(self) -> tuple[str, str, str] | None:
        row = self.rows.row
        return ("device", row.object_id, row.object) if isinstance(row, CapacityRow) and row.kind != "pool" else None

    def on_rows_opened(self) -> None:
        if (found := self.subject()) is not None:
            self.console_app.open_device(found[1])

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

    def action_order(self) -> None:
        self.by = ORDERS[(ORDERS.index(self.by) + 1) % len(ORDERS)]
        self._forget()
        self.refresh_data()

    def action_days(self) -> None:
        self.days = DAYS[(DAYS.index(self.days) + 1) % len(DAYS)]
        self._forget()
        self.refresh_data()

    async def _read(self) -> None:
        kind: CapacityKind = next(one for one in KINDS if one == self.tabs.tab)
        query = CapacityQuery(kind=kind, by=self.by, start_ms=now_ms() - self.days * 86_400_000, limit=MOST)
        try:
            self.answer = await self.hub.capacity.top(query)
        except YunwangError as error:
            self.failed(error)
            return
        self.window.fill(self.answer.rows)
        self.rows.changed(None)
        self.tabs.refresh()
