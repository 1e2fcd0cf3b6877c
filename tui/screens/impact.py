"""Impact 影响面: what fails, and what loses redundancy, when these are gone?"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import BindingType

from core.errors import YunwangError
from core.i18n import mark, tr
from core.questions import Harmed, ImpactReport, Thing
from core.width import clean, fit
from tui.chrome import Painted
from tui.fields import kind_title, protection
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.question import Question
from tui.tables_objects import HARMED, harmed_key
from tui.window import Window
from tui.words import count

FIRST = ("unit", "system", "data_line", "component", "access_point", "vm", "host", "device")


class Verdict(Painted):
    """What is supposed to be gone, and what that does, in counts: by kind, then systems by protection level."""

    def __init__(self, things: Sequence[Thing]) -> None:
        super().__init__()
        self.things = things
        self.report: ImpactReport | None = None
        self.problem = ""

    def paint(self, width: int) -> Text:
        text = Text(" ")
        self.put(text, tr("When these are gone:") + " ", "head")
        names = tr(", ").join(f"{kind_title(one.kind)} {clean(one.name)}" for one in self.things)
        text.append(fit(names, max(8, width - len(text.plain) * 2)).rstrip() + "\n ")
        if self.report is None:
            text.append(self.problem or tr("Asking .."))
            return text
        self._kinds(text, self.report)
        text.append("\n ")
        self._levels(text, self.report)
        return text

    def _kinds(self, text: Text, report: ImpactReport) -> None:
        if not report.counts:
            self.put(text, "+ " + tr("nothing else fails"), "good")
        kinds = [*FIRST, *sorted(report.counts.keys() - set(FIRST))]
        for kind in kinds:
            if kind in report.counts:
                self._count(text, kind_title(kind), *report.counts[kind])

    def _levels(self, text: Text, report: ImpactReport) -> None:
        systems = [one for one in report.worst if one.thing.kind == "system"]
        down = Counter(one.protection_level for one in systems if one.harm == "down")
        hurt = Counter(one.protection_level for one in systems if one.harm != "down")
        self.put(text, tr("Systems by protection level:") + " ", "head")
        if not systems:
            self.put(text, tr("none is touched"), "good")
        for level in sorted(down.keys() | hurt.keys(), reverse=True):
            self._count(text, protection(level), down[level], hurt[level])
        if cii := [one for one in systems if one.cii]:
            gone = sum(one.harm == "down" for one in cii)
            self._count(text, tr("CII"), gone, len(cii) - gone)

    def _count(self, text: Text, title: str, down: int, hurt: int) -> None:
        text.append(f"{title} ")
        if down:
            self.put(text, f"x {tr('fails')} {count(down)} ", "bad")
        if hurt:
            self.put(text, f"~ {tr('degraded')} {count(hurt)} ", "warn")
        text.append(" ")


class ImpactScreen(Question):
    """The answer to a what-if: it stands still until F5."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("impact")
    NAME = "impact"
    TITLE_ID = mark("Impact")
    CSS_PATH = "impact.tcss"

    def __init__(self, things: Sequence[Thing]) -> None:
        super().__init__()
        self.things = tuple(things)
        self.window: Window[Harmed] = Window(Harmed, harmed_key)
        self.rows = Rows(HARMED, self.window, id="harmed", empty=mark("Nothing else fails or loses redundancy."))

    def compose_body(self) -> Iterable[Any]:
        yield Verdict(self.things)
        yield self.rows

    def on_mount(self) -> None:
        self.rows.focus()

    def start(self) -> None:
        if not self.window.known:
            self.refresh_data()

    def refresh_data(self) -> None:
        self.aside("impact", self._read)

    def subject(self) -> tuple[str, str, str] | None:
        row = self.rows.row
        return (row.thing.kind, row.thing.id, row.thing.name) if isinstance(row, Harmed) else None

    async def _read(self) -> None:
        verdict = self.query_one(Verdict)
        try:
            found = await self.hub.graph.impact([one.id for one in self.things])
        except YunwangError as error:
            verdict.problem = clean(f"{error.message} {error.way_out}")
            verdict.refresh(layout=True)
            return
        verdict.report, verdict.problem = found, ""
        self.window.fill(found.worst)
        self.rows.changed(None)
        verdict.refresh(layout=True)

    def on_rows_opened(self, message: Rows.Opened) -> None:
        if isinstance(message.row, Harmed):
            thing = message.row.thing
            self.console_app.open_object(thing.kind, thing.id, thing.name)
