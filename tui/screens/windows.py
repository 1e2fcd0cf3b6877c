"""Windows 窗口: what is under maintenance, frozen, silent or specially protected, now and soon?"""

from collections.abc import Sequence
from typing import ClassVar, cast, get_args

from textual.binding import BindingType

from core.errors import InvalidInputError
from core.i18n import mark, tr
from core.rows import WindowRow
from core.views import ViewQuery
from core.width import clean
from core.work import WindowKind
from tui.dialog import Choice
from tui.form import Field, Form, Values, ask_reason
from tui.moments import read_moment, written
from tui.operations import bindings
from tui.pane import Line
from tui.rows import Rows
from tui.screens.question import WINDOW
from tui.screens.review import Review, now_ms
from tui.sorted import SortedWindow
from tui.tables_work import PHASES, WINDOW_KINDS, WINDOWS, phase, reach
from tui.words import duration

ORDER = {"holds": 0, "coming": 1, "ended": 2, "past": 2}
EFFECTS = {
    "maintenance": mark("Alerts of what is under maintenance are marked; nobody is called."),
    "freeze": mark("No change is carried out while it holds."),
    "silence": mark("Alerts are marked and nobody is called; they are still recorded."),
    "protection": mark("No change is carried out while it holds, and the watch is reinforced."),
}


def _rank(row: WindowRow) -> tuple[int, int]:
    now = phase(row)
    return ORDER[now], row.starts_at if now == "coming" else -row.ends_at


class WindowsScreen(Review):
    """Those that hold now first, then those to come, then the past."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("windows")
    NAME = "windows"
    TITLE_ID = mark("Windows")

    def __init__(self) -> None:
        window = SortedWindow(WindowRow, lambda row: row.id, _rank)
        super().__init__(Rows(WINDOWS, window, id="windows", empty=mark("No window was ever set.\nF7 adds one.")))
        self._phases: tuple[str, ...] = ()

    def first_query(self) -> ViewQuery:
        return ViewQuery(view="windows", sort="-starts_at", limit=WINDOW)

    def says(self) -> str:
        window = self.rows.window
        phases = [phase(row) for row in window.rows.values()]
        return tr("{now} in force, {coming} coming, {n} in all", now=phases.count("holds"), coming=phases.count("coming"),
                  n=window.total if window.known else "..")

    def time_passed(self) -> None:
        window = self.rows.window
        phases = tuple(phase(row) for row in window.rows.values())
        if phases != self._phases and isinstance(window, SortedWindow):
            self._phases = phases
            window.resort()
            self.rows.moved()
            self.describe()

    def about(self, row: WindowRow) -> Sequence[Line]:
        now, state = now_ms(), PHASES[phase(row)]
        left = {"holds": tr("{span} left", span=duration((row.ends_at - now) / 1000)),
                "coming": tr("begins in {span}", span=duration((row.starts_at - now) / 1000))}.get(phase(row), "")
        return [
            Line(clean(row.name), ""),
            Line(tr("State"), f"{state}   {left}", state.tone),
            Line(tr("Kind"), f"{tr(WINDOW_KINDS.get(row.kind, row.kind))}: {tr(EFFECTS.get(row.kind, ''))}"),
            Line(tr("From"), written(row.starts_at)),
            Line(tr("Until"), written(row.ends_at)),
            *([Line(tr("Ended early"), written(row.ended_early_at))] if row.ended_early_at else []),
            Line(tr("Where"), reach(row)),
            Line(tr("Reason"), clean(row.reason)),
            Line(tr("Added by"), clean(row.author)),
        ]

    # --- adding and ending

    def action_add(self) -> None:
        now = now_ms()
        fields = [
            Field(name="kind", label=tr("Kind"), choices=tuple(Choice(value=k, text=tr(WINDOW_KINDS[k])) for k in get_args(WindowKind))),
            Field(name="name", label=tr("Name")),
            Field(name="start", label=tr("From"), value=written(now)),
            Field(name="end", label=tr("Until"), value=written(now + 2 * 3_600_000), note=tr("2026-11-23 18:00, 18:00 or +2h")),
            Field(name="units", label=tr("Units"), optional=True),
            Field(name="sites", label=tr("Sites"), optional=True),
            Field(name="devices", label=tr("Devices"), optional=True, note=tr("Names, separated by commas; all three empty: everywhere.")),
            Field(name="reason", label=tr("Reason")),
        ]
        self.app.push_screen(Form(tr("Add a window"), fields, self._add), lambda done: self.refresh_data() if done else None)

    async def _add(self, values: Values) -> str:
        now = now_ms()
        start = read_moment(values["start"], now)
        end = read_moment(values["end"], max(now, start))
        if end <= max(start, now):
            return tr("The end must lie after the beginning, and in the future.")
        added = await self.hub.work.add_window(
            kind=cast("WindowKind", values["kind"]), name=values["name"], starts_at=start, ends_at=end, units=names(values["units"]),
            sites=names(values["sites"]), devices=names(values["devices"]), reason=values["reason"],
        )
        if added.conflicts:
            against = tr(", ").join(clean(one.name) for one in added.conflicts)
            self.app.notify(tr("It asks for the opposite of: {names}", names=against), severity="warning", markup=False, timeout=10)
        return ""

    def action_end(self) -> None:
        row = self.rows.row
        if not isinstance(row, WindowRow) or phase(row) not in ("holds", "coming"):
            self.failed(InvalidInputError(tr("Only a window that holds or is coming can be ended.")))
            return

        async def act(_reason: str) -> str:
            await self.hub.work.end_window(row.id)
            return ""

        says = [clean(row.name), tr("It ends now and stays in the list.")]
        self.app.push_screen(ask_reason(tr("End early"), act, says=says), lambda done: self.refresh_data() if done else None)


def names(typed: str) -> tuple[str, ...]:
    """Names separated by commas, Chinese ones too."""
    return tuple(part.strip() for part in typed.replace("，", ",").replace("、", ",").split(",") if part.strip())
