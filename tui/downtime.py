"""When one object did not work, how long, planned or not, and why: a list that a tab or a screen shows. It reads when it is seen."""

import time
from collections.abc import Iterable
from typing import Any, NamedTuple

from rich.text import Text
from textual.containers import Vertical

from core import months
from core.capacity import AvailabilityAnswer, AvailabilityQuery, AvailabilityRow, Measured, Outage
from core.errors import YunwangError
from core.i18n import mark, tr
from core.width import clean
from tui.chrome import Painted
from tui.columns import Column
from tui.dialog import Choice, Chooser
from tui.rows import Rows
from tui.window import Window
from tui.words import NOTHING, duration, told

DAY_MS = 86_400_000
DAYS = ("7", "30")
MONTHS = 13
HEAD_LINES = 2


def percent(value: float | None, digits: int = 2) -> str:
    return NOTHING if value is None else f"{value:.{digits}f}"


def measured(share: float) -> str:
    """Percent of the time; a little is not nothing."""
    return "<0.1" if 0 < share < 0.0005 else percent(share * 100, 1)


def met(row: AvailabilityRow) -> str:
    """The tone of whether the target was met."""
    return "" if row.met is None else "good" if row.met else "bad"


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def lasted(seconds: int) -> str:
    return duration(seconds) if seconds else NOTHING


def when(at_ms: int) -> str:
    """A moment of any month, to the minute."""
    return time.strftime("%m-%d %H:%M", time.localtime(at_ms / 1000))


class Period(NamedTuple):
    """`30`: the last days; `2026-10`: a month."""

    word: str

    def query(self, kind: Measured, name: str, now_ms: int, limit: int) -> AvailabilityQuery:
        start, end = (now_ms - int(self.word) * DAY_MS, 0) if self.word in DAYS else months.parse(self.word)
        return AvailabilityQuery(kind=kind, name=name, start_ms=start, end_ms=end, limit=limit)

    def says(self) -> str:
        return tr("last {n} days", n=self.word) if self.word in DAYS else self.word


def periods(now_ms: int) -> list[Choice]:
    """What can be chosen."""
    return [Choice(value=word, text=Period(word).says()) for word in (*DAYS, *months.latest(now_ms, MONTHS))]


class Head(Painted):
    """The figures of one object, in two lines."""

    def __init__(self) -> None:
        super().__init__()
        self.row: AvailabilityRow | None = None
        self.period, self.problem = Period(DAYS[-1]), ""

    def paint(self, width: int) -> Text:
        text = Text(f" {self.period.says()}  ")
        row = self.row
        if row is None:
            text.append(self.problem or tr("Asking .."))
        elif row.percent is None:
            text.append(tr("Nothing that says whether it works was measured in this time."))
        else:
            self.put(text, f"{percent(row.percent, 3)} %  ", met(row))
            text.append(tr("target {percent} %", percent=percent(row.target_percent)))
            self.put(text, "  " + (tr("met") if row.met else tr("target missed")), met(row))
            text.append("  " + tr("measured {share} of the time", share=f"{measured(row.completeness)} %"))
            text.append("\n " + "  ".join([
                f"{tr('out of service')} {lasted(row.down_s)}", f"{tr('planned')} {lasted(row.planned_s)}",
                f"{tr('unknown')} {lasted(row.unknown_s)}", f"{tr('degraded')} {lasted(row.degraded_s)}", tr("{n} outages", n=row.outages),
            ]))
        lines = text.split("\n")
        for line in lines:
            line.truncate(width)
        return Text("\n").join(lines)


NEVER_DOWN = mark("It was never down in this time, as far as it was measured.")
OUTAGES = (
    Column(mark("From"), lambda one: when(one.start_ms), 11, 11),
    Column(mark("Until"), lambda one: when(one.end_ms), 11, 11),
    Column(mark("Lasted"), lambda one: lasted((one.end_ms - one.start_ms) // 1000), 7, 9, right=True),
    Column(mark("Planned"), lambda one: tr("planned") if one.planned else tr("no"), 7, 8, tone=lambda one: "dim" if one.planned else "bad"),
    Column(mark("Cause"), lambda one: clean(one.because) or NOTHING, 12, 80, rank=1),
)


class Downtimes(Vertical):
    """name: of the object, or its id."""

    DEFAULT_CSS = "Downtimes { height: 1fr; }"

    def __init__(self, kind: Measured, name: str, period: str = DAYS[-1], *, id: str | None = None) -> None:  # noqa: A002
        super().__init__(id=id)
        self.kind, self.name_, self.period = kind, name, Period(period)
        self.window: Window[Outage] = Window(Outage, lambda one: f"{one.start_ms} {one.planned}")
        self.head = Head()
        self.head.period = self.period
        self.rows = Rows(OUTAGES, self.window, empty=NEVER_DOWN)

    def compose(self) -> Iterable[Any]:
        self.head.styles.height = HEAD_LINES
        yield self.head
        yield self.rows

    def on_show(self) -> None:
        self.read()

    def ask(self) -> None:
        """Lets a person choose the time."""
        self.app.push_screen(Chooser(tr("Which time?"), periods(now_ms())), self.choose)

    def choose(self, word: str | None) -> None:
        """Another period; None: the same."""
        if word:
            self.period = self.head.period = Period(word)
            self.head.row, self.head.problem = None, ""
            self.head.refresh()
            self.window.fill(())
            self.window.known = False
            self.rows.changed(None)
            self.read()

    def read(self) -> None:
        """Asks the hub; what was asked before is dropped."""
        from tui.screens.question import Question

        if isinstance(self.screen, Question) and self.name_:
            self.screen.aside("downtime", self._read)

    async def _read(self) -> None:
        from tui.screens.question import Question

        if not isinstance(self.screen, Question):
            return
        try:
            answer: AvailabilityAnswer = await self.screen.hub.capacity.availability(self.period.query(self.kind, self.name_, now_ms(), 1))
        except YunwangError as error:
            self.head.row, self.head.problem = None, told(error)
            self.head.refresh()
            return
        if self.is_attached and answer.rows:
            self.head.row = answer.rows[0]
            self.head.refresh()
            self.rows.empty = NEVER_DOWN if answer.rows[0].percent is not None else ""
            self.window.fill(answer.rows[0].last[::-1])
            self.rows.changed(None)
