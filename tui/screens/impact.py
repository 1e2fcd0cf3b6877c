"""Impact 影响面: what fails, and what loses redundancy, when these are gone?"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.widgets import ContentSwitcher

from core.errors import YunwangError
from core.i18n import mark, tr
from core.questions import Harmed, ImpactReport, Thing, UnitHarm
from core.width import clean, fit
from tui.chrome import Painted
from tui.fields import kind_title, protection
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.question import Question
from tui.tables_objects import HARMED, HIT_UNITS, harmed_key
from tui.tabs import Tabs
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
        self.already = -1
        """How many objects are down by themselves; -1: they are left out of account."""

    def paint(self, width: int) -> Text:
        text = Text(" ")
        self.put(text, tr("When these are gone:") + " ", "head")
        names = tr(", ").join(f"{kind_title(one.kind)} {clean(one.name or one.id)}" for one in self.things)
        text.append(fit(names, max(8, width - len(text.plain) * 2)).rstrip() + "\n ")
        if self.report is None:
            text.append(self.problem or tr("Asking .."))
            return text
        if self.already >= 0:
            self.put(text, tr("on top of {n} objects that are down now", n=self.already) + "\n ", "warn")
        self._kinds(text, self.report)
        text.append("\n ")
        self._levels(text, self.report)
        return text

    def _kinds(self, text: Text, report: ImpactReport) -> None:
        if not report.counts:
            self.put(text, "+ " + tr("nothing else fails"), "good")
        for kind in [*FIRST, *sorted(report.counts.keys() - set(FIRST))]:
            if kind in report.counts:
                self._count(text, kind_title(kind), *report.counts[kind])
        if report.hidden:
            self.put(text, tr("{n} of them you may not see", n=report.hidden), "dim")

    def _levels(self, text: Text, report: ImpactReport) -> None:
        self.put(text, tr("Systems by protection level:") + " ", "head")
        if not report.levels:
            self.put(text, tr("none is touched"), "good")
        for one in report.levels:
            self._count(text, protection(one.level), one.down, one.degraded)
        if cii := sum(one.cii for one in report.levels):
            self.put(text, f"{tr('CII')} {count(cii)}", "bad")

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
        self.with_live = False
        self.window: Window[Harmed] = Window(Harmed, harmed_key)
        self.units: Window[UnitHarm] = Window(UnitHarm, lambda row: row.thing.id)
        self.rows = Rows(HARMED, self.window, id="harmed", empty=mark("Nothing else fails or loses redundancy."))
        self.unit_rows = Rows(HIT_UNITS, self.units, id="units", empty=mark("No unit is touched."))
        self.tabs = Tabs({"harmed": mark("Objects"), "units": mark("Units to be told")})

    def compose_body(self) -> Iterable[Any]:
        yield Verdict(self.things)
        yield self.tabs
        with ContentSwitcher(initial="harmed"):
            yield self.rows
            yield self.unit_rows

    def on_mount(self) -> None:
        self.rows.focus()

    def start(self) -> None:
        if not self.window.known:
            self.refresh_data()

    def refresh_data(self) -> None:
        self.aside("impact", self._read)

    def current_rows(self) -> Rows:
        return self.rows if self.tabs.tab == "harmed" else self.unit_rows

    def subject(self) -> tuple[str, str, str] | None:
        row = self.current_rows().row
        return (row.thing.kind, row.thing.id, row.thing.name) if isinstance(row, Harmed | UnitHarm) else None

    def action_tab(self, by: int) -> None:
        self.action_show_tab(self.tabs.step(by))

    def action_show_tab(self, name: str) -> None:
        self.tabs.tab = name
        self.tabs.refresh()
        self.query_one(ContentSwitcher).current = name
        self.current_rows().focus()

    def action_live(self) -> None:
        self.with_live = not self.with_live
        self.refresh_data()

    async def _read(self) -> None:
        if not self.is_attached:
            return
        verdict, ids = self.query_one(Verdict), [one.id for one in self.things]
        try:
            if self.with_live:
                answer = await self.hub.graph.what_if(ids)
                found, verdict.already = answer.added, answer.already_total
            else:
                found, verdict.already = await self.hub.graph.impact(ids), -1
        except YunwangError as error:
            verdict.problem = clean(f"{error.message} {error.way_out}")
            verdict.refresh(layout=True)
            return
        verdict.report, verdict.problem = found, ""
        self.window.fill(found.worst)
        self.units.fill(found.units)
        self.rows.changed(None)
        self.unit_rows.changed(None)
        verdict.refresh(layout=True)

    def on_rows_opened(self, message: Rows.Opened) -> None:
        if isinstance(message.row, Harmed | UnitHarm) and message.row.thing.id:
            thing = message.row.thing
            self.console_app.open_object(thing.kind, thing.id, thing.name)
