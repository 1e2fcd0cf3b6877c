"""Review queue 待审队列: what do the sources say against each other, and what does nobody own?"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import partial
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.timer import Timer

from core.errors import InvalidInputError, YunwangError
from core.i18n import mark, tr
from core.review import Decided, DecisionOnLines, DifferenceDetail, FieldSides, Selection
from core.rows import QueueRow
from core.views import ViewQuery
from core.width import clean
from tui.fields import field_title, kind_title
from tui.filters import Filter
from tui.form import Field, Form, Values, confirm
from tui.object_filter import read_fields
from tui.operations import bindings
from tui.pane import Line
from tui.rows import Rows
from tui.screens.question import WINDOW, Listing
from tui.screens.review import Review
from tui.tables_objects import object_key
from tui.tables_queue import CLASSES, QUEUE, alike, alike_words, state, what
from tui.tabs import Tabs
from tui.window import Window
from tui.words import count, moment

TABS = {"open": mark("Open"), "accepted": mark("Accepted"), "rejected": mark("Rejected"), "all": mark("All")}
EMPTY = {
    "open": mark("Nothing waits: what the sources say agrees with what is declared."), "accepted": mark("Nothing was accepted yet."),
    "rejected": mark("Nothing was rejected yet."), "all": mark("The queue was always empty."),
}
REST_S = 0.1
FIELDS = {
    "what": mark("Class"), "object_kind": mark("Type"), "field": mark("Field"), "origin": mark("Told by"), "unit": mark("Unit"),
    "site": mark("Site"), "name": mark("Object"), "by": mark("Decided by"),
}
VALUES = {"what": {name: word.word for name, word in CLASSES.items()}}


class QueueListing(Listing):
    """The filter of the queue."""

    def understood(self, typed: str) -> Filter:
        return read_fields(typed, FIELDS, VALUES)

    def fixed_fields(self) -> set[str]:
        return {"state"}


class QueueScreen(Review):
    """Line by line: what is declared, what is seen, who says so since when; accept, reject, take back."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("queue")
    NAME = "queue"
    TITLE_ID = mark("Review queue")

    def __init__(self) -> None:
        window: Window[QueueRow] = Window(QueueRow, object_key)
        super().__init__(Rows(QUEUE, window, id="queue", sort="-first_seen", empty=EMPTY["open"]))
        self.tabs = Tabs(TABS, self.says)
        self.known: dict[str, tuple[QueueRow, DifferenceDetail]] = {}
        self.asked: QueueRow | None = None
        self._resting: Timer | None = None

    def compose_head(self) -> Iterable[Any]:
        yield self.tabs

    def make_listing(self) -> Listing:
        return QueueListing(self, self.rows, self.first_query())

    def first_query(self) -> ViewQuery:
        return ViewQuery(view="queue", sort="-first_seen", where={"state": "open"}, limit=WINDOW)

    def says(self) -> str:
        window = self.rows.window
        text = tr("{n} lines", n=count(window.total) if window.known else "..")
        return f"{text} | {self.filter_words()}" if self.listing is not None and self.listing.typed else text

    def show_head(self) -> None:
        self.tabs.refresh()

    def subject(self) -> tuple[str, str, str] | None:
        row = self.rows.row
        return (row.object_kind, row.object_id, row.name) if isinstance(row, QueueRow) and row.object_id else None

    # --- tabs

    def action_tab(self, by: int) -> None:
        self.action_show_tab(self.tabs.step(by))

    def action_show_tab(self, name: str) -> None:
        self.tabs.tab = name
        self.rows.empty = EMPTY[name]
        if self.listing is not None:
            self.rows.select_first()
            self.listing.where(state=None if name == "all" else name)

    def narrow(self, typed: str) -> None:
        """Open lines that fit."""
        self.action_show_tab("open")
        if self.listing is not None:
            self.listing.narrow(typed)

    # --- what stands below

    def about(self, row: QueueRow) -> Sequence[Line]:
        known = self.known.get(row.id)
        if (known is None or known[0] != row) and row != self.asked:
            self.asked = row
            self._read_soon(row)
        return [*about_line(row), *(evidence(known[1]) if known is not None else [Line("", tr("Loading .."), "dim")])]

    def refresh_data(self) -> None:
        self.asked = None
        self.known.clear()
        super().refresh_data()

    def _read_soon(self, row: QueueRow) -> None:
        """When the cursor rests on it."""
        if self._resting is not None:
            self._resting.stop()
        read = partial(self._read, row)
        self._resting = self.set_timer(REST_S, lambda: self.aside("difference", read))

    async def _read(self, row: QueueRow) -> None:
        try:
            detail = await self.hub.queue.show(row.id)
        except YunwangError as error:
            if self.console_app.link.state == "live":
                self.failed(error)
            return
        self.known = {**({} if len(self.known) > WINDOW else self.known), row.id: (row, detail)}
        if self.rows.row == row:
            self.describe()

    # --- decisions

    def _chosen(self, *states: str) -> QueueRow | None:
        row = self.rows.row
        if not isinstance(row, QueueRow):
            self.failed(InvalidInputError(tr("Nothing is under the cursor.")))
            return None
        if row.state not in states:
            said = tr("This line is {state}.", state=tr(state(row).word))
            self.failed(InvalidInputError(said, way_out=tr("Ctrl+Z takes a decision back.")))
            return None
        return row

    def action_accept(self) -> None:
        row = self._chosen("open")
        if row is None:
            return
        only = Selection(ids=(row.id,))
        match row.what:
            case "unowned":
                self._ask_field(row, only, "unit", tr("Which unit owns it?"), lambda value: {"set": {"unit": value}})
            case "in-doubt":
                self._ask_field(row, only, "same_as", tr("Which device is it?"), lambda value: {"same_as": value})
            case _:
                self._ask(confirm(tr("Accept"), self._act("accept", only), says=self._says(row)))

    def _ask_field(
        self, row: QueueRow, lines: Selection, name: str, label: str, meant: Callable[[str], dict[str, Any]], says: Sequence[str] = (),
    ) -> None:
        async def act(values: Values) -> str:
            return await self._decide(DecisionOnLines(verdict="accept", lines=lines, **meant(values[name])))

        self._ask(Form(tr("Accept"), [Field(name=name, label=label)], act, says=says or self._says(row)))

    def action_reject(self) -> None:
        if (row := self._chosen("open")) is not None:
            async def act(values: Values) -> str:
                return await self._decide(DecisionOnLines(verdict="reject", lines=Selection(ids=(row.id,)), note=values["note"]))

            field = Field(name="note", label=tr("Note (optional)"), optional=True)
            self._ask(Form(tr("Reject"), [field], act, says=self._says(row)))

    def action_take_back(self) -> None:
        """What was accepted is undone, what was rejected is opened again."""
        if (row := self._chosen("accepted", "rejected")) is not None:
            verdict, title = ("undo", tr("Undo the acceptance?")) if row.state == "accepted" else ("reopen", tr("Open it again?"))
            self._ask(confirm(title, self._act(verdict, Selection(ids=(row.id,))), says=self._says(row)))

    def action_accept_alike(self) -> None:
        if (row := self._chosen("open")) is not None:
            self.aside("alike", partial(self._count_alike, row))

    async def _count_alike(self, row: QueueRow) -> None:
        """A dry run first: how many it would be."""
        lines = Selection(where=alike(row))
        try:
            if row.what == "in-doubt":
                raise InvalidInputError(tr("Lines in doubt are decided one by one."))
            total = (await self.hub.view(ViewQuery(view="queue", where=lines.where, limit=1))).total
            if row.what == "unowned":
                says = [alike_words(row), tr("{n} lines", n=count(total))]
                self._ask_field(row, lines, "unit", tr("Which unit owns them all?"), lambda value: {"set": {"unit": value}}, says)
                return
            found = await self.hub.queue.decide(DecisionOnLines(verdict="accept", lines=lines, dry_run=True))
        except YunwangError as error:
            self.failed(error)
            return
        self._ask(confirm(tr("Accept all like this?"), self._act("accept", lines), says=[alike_words(row), *counted(found)]))

    def _act(self, verdict: Any, lines: Selection) -> Callable[[], Awaitable[str]]:
        async def act() -> str:
            return await self._decide(DecisionOnLines(verdict=verdict, lines=lines))

        return act

    async def _decide(self, decision: DecisionOnLines) -> str:
        """Until nothing is left that fits: the hub takes so many at once. Returns why nothing was done, where nothing was."""
        total, found = 0, await self.hub.queue.decide(decision)
        while found.left and found.done:
            total += found.done
            found = await self.hub.queue.decide(decision)
        return "" if total else told(found)

    def _says(self, row: QueueRow) -> list[str]:
        says = [f"{kind_title(row.object_kind)} {clean(row.name)}", f"{tr(what(row).word)} {field_title(row.field) if row.field else ''}"]
        known = self.known.get(row.id)
        return [*says, *([clean(known[1].would)] if known is not None and known[1].would else [])]

    def _ask(self, form: Form) -> None:
        self.app.push_screen(form, lambda done: self.refresh_data() if done else None)


def told(done: Decided) -> str:
    """Why nothing was done; empty where something was."""
    if done.done or not done.refused:
        return ""
    return next(iter(done.refused.values()))


def counted(found: Decided) -> list[str]:
    """What a dry run found."""
    says = [tr("{n} lines would be accepted, {records} objects written.", n=found.done, records=found.records)]
    if found.left:
        says.append(tr("{n} more follow after these.", n=found.left))
    if found.refused_total:
        says.append(tr("{n} cannot be accepted: {reason}", n=found.refused_total, reason=next(iter(found.refused.values()), "")))
    return says


def about_line(row: QueueRow) -> list[Line]:
    """A line of the queue in words."""
    found, decided = what(row), state(row)
    lines = [
        Line(f"{kind_title(row.object_kind)} {clean(row.name)}", ""),
        Line(tr("Class"), f"{found}{'  ' + field_title(row.field) if row.field else ''}", found.tone),
        *(Line(title, clean(text)) for title, text in (
            (tr("Declared"), row.declared), (tr("Observed"), row.observed), (tr("Configured"), row.configured),
            (tr("Evidence"), row.reason), (tr("Told by"), row.origin), (tr("Unit"), row.unit), (tr("Site"), row.site),
        ) if text),
        Line(tr("Since"), f"{moment(row.first_seen)}   {tr('last')} {moment(row.last_seen)}"),
    ]
    if row.state != "open":
        lines.append(Line(tr("State"), f"{decided}   {clean(row.by)}   {moment(row.at_ms)}   {clean(row.note)}", decided.tone))
    return lines


def evidence(detail: DifferenceDetail) -> list[Line]:
    """What acceptance would do, and every field on which the sources do not agree."""
    lines = [Line(tr("Would do"), clean(detail.would), "good")] if detail.would else []
    if detail.rivals:
        lines.append(Line(tr("May be"), clean(tr(", ").join(detail.rivals))))
    for side in detail.sides:
        if side.differs or side.proposed:
            lines += _side(side)
    return lines


def _side(side: FieldSides) -> list[Line]:
    lines = [Line(field_title(side.field), "")]
    if side.holds:
        lines.append(Line("  " + tr("holds now"), clean(side.holds)))
    for voice in side.voices:
        gone = " " + tr("(says it no more)") if voice.gone else ""
        lines.append(Line("", f"  {clean(voice.origin)}: {clean(voice.value)}   {moment(voice.since)}{gone}", "dim" if voice.gone else ""))
    if side.proposed:
        lines.append(Line("  " + tr("after acceptance"), clean(side.proposed), "good"))
    return lines
