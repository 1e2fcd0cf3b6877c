"""Audit 审计: who did what, when, from where, and what was it before and after?"""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.binding import BindingType
from textual.timer import Timer

from core.audit import AuditQuery
from core.errors import YunwangError
from core.i18n import mark, tr
from core.ports import JournalRow
from core.rows import AuditRow
from core.views import ViewQuery
from core.width import clean
from tui.audit_filter import read_query
from tui.diff import changes
from tui.files import new_file
from tui.operations import bindings
from tui.pane import Line
from tui.rows import Rows
from tui.screens.question import Listing
from tui.screens.review import Review, now_ms
from tui.tables_work import AUDIT, exact, is_refusal, object_of
from tui.window import Window

PAGE = 200
MOST = 5000
NEAR_END = 40
SOON_S = 0.05
BETWEEN_S = 1.0
NOTHING_YET = mark("Nothing is recorded yet.")
NO_MATCH = mark("No entry matches the filter.\nEsc in the filter line drops it.")


class AuditListing(Listing):
    """The filter of the trail. What is followed is its newest row alone: it says when to read again."""

    def __init__(self, screen: "AuditScreen") -> None:
        newest: Window[AuditRow] = Window(AuditRow, lambda row: row.id)
        query = ViewQuery(view="audit", sort="-seq", limit=1)
        super().__init__(screen, screen.rows, query, screen.feed(newest, screen.news))
        self.trail = screen

    def narrow(self, typed: str) -> None:
        self._later(0, None)  # what was still to be looked for is looked for now, or no longer wanted
        self.typed = typed
        self.rows.select_first()
        self.trail.ask()
        self.on_change()

    def wanted(self, first: int, count: int) -> None:  # noqa: ARG002 -- pages come by `AuditScreen.on_rows_moved`
        return

    def sort(self, field: str) -> None:  # noqa: ARG002 -- a trail has one order
        return


class AuditScreen(Review):
    """Newest first; more is read as one comes near the end."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("audit")
    NAME = "audit"
    TITLE_ID = mark("Audit")

    def __init__(self) -> None:
        self.held: Window[JournalRow] = Window(JournalRow, lambda row: str(row.seq))
        super().__init__(Rows(AUDIT, self.held, id="audit", empty=NOTHING_YET))
        self.only_refused, self.only_people = False, True
        self.cursor = ""
        self.verdict = ""
        self._soon: Timer | None = None
        self._reading = self._again = False

    def make_listing(self) -> Listing:
        return AuditListing(self)

    def says(self) -> str:
        known = f"{len(self.held.order)}{'+' if self.cursor else ''}" if self.held.known else ".."
        whose = tr("what people did (Ctrl+N: processes, too)") if self.only_people else tr("people and processes")
        refused = tr("only refusals and failures") if self.only_refused else ""
        parts = [self.verdict, tr("{n} entries, newest first", n=known), refused, whose]
        return " | ".join(part for part in parts if part)

    # --- reading

    def wanted_rows(self, cursor: str = "") -> AuditQuery:
        """What the filter asks for."""
        found = read_query(self.listing.typed if self.listing is not None else "", now_ms())
        people = self.only_people and not found.actor
        return found.replace(refused=self.only_refused, people=people, limit=PAGE, cursor=cursor)

    def news(self, _ids: set[str] | None) -> None:
        """A row was added: reads again unless somebody is further down. What is being read is not begun anew for it."""
        if not ((self.rows.cursor == 0 and self.console_app.is_attended) or not self.held.known):
            return
        if self._reading:
            self._again = True
        else:
            self.ask()

    def refresh_data(self) -> None:
        super().refresh_data()
        self.ask()

    def ask(self, cursor: str = "") -> None:
        """Several wishes at once become one question."""
        if self._soon is not None:
            self._soon.stop()
        self._soon = self.set_timer(SOON_S, lambda: self.run_worker(self._read(cursor), group="trail", exclusive=True))

    async def _read(self, cursor: str) -> None:
        self._reading = True
        try:
            page = await self.hub.audit.search(self.wanted_rows(cursor))
        except YunwangError as error:
            if self.console_app.link.state == "live":
                self.failed(error)
            return
        finally:
            self._reading = False
        if self._again and not cursor:
            self._again = False
            self.set_timer(BETWEEN_S, lambda: self.news(None))
        before = [self.held.rows[row_id] for row_id in self.held.order] if cursor else []
        if not cursor and self.rows.cursor == 0:
            self.rows.select_first()
        self.held.fill([*before, *page.items])
        self.cursor = page.cursor
        narrowed = self.only_refused or (self.listing is not None and self.listing.typed)
        self.rows.empty = NO_MATCH if narrowed else NOTHING_YET
        self.rows.changed(None)
        self.describe()
        if page.cursor and not page.items:
            self.ask(page.cursor)

    def on_rows_moved(self) -> None:
        super().on_rows_moved()
        if self.cursor and len(self.held.order) - self.rows.cursor < NEAR_END and len(self.held.order) < MOST:
            self.ask(self.cursor)

    # --- what stands below

    def about(self, row: JournalRow) -> Sequence[Line]:
        what = " ".join(filter(None, (row.kind, object_of(row), row.object_id if object_of(row) != row.object_id else "")))
        found = changes(row.before, row.after)
        return [
            Line(f"{row.seq}  {clean(row.action)}", "", "bad" if is_refusal(row) else "head"),
            Line(tr("Who"), clean(row.actor)),
            Line(tr("From where"), clean(row.origin) + (f"   {tr('request')} {clean(row.request)}" if row.request else "")),
            Line(tr("Local time"), exact(row.at_ms, row.zone_s)),
            Line(tr("UTC"), exact(row.at_ms, 0)),
            *([Line(tr("Object"), clean(what))] if what else []),
            *(found or [Line("", tr("Nothing was changed by it."), "dim")]),
            Line(tr("Digest"), clean(row.digest), "dim"),
            Line(tr("Previous"), clean(row.previous), "dim"),
        ]

    # --- actions

    def action_refused(self) -> None:
        self.only_refused = not self.only_refused
        self.rows.select_first()
        self.ask()
        self.describe()

    def action_people(self) -> None:
        self.only_people = not self.only_people
        self.rows.select_first()
        self.ask()
        self.describe()

    def action_verify(self) -> None:
        self.verdict = tr("verifying ..")
        self.describe()
        self.run_worker(self._verify(), group="verify", exclusive=True)

    async def _verify(self) -> None:
        self.verdict = ""
        try:
            async for step in self.hub.audit.verify():
                if step.verdict is None:
                    self.verdict = tr("verifying {done} of {total} ..", done=step.done, total=step.total)
                elif step.verdict.good:
                    self.verdict = "+ " + tr("the chain holds: {n} entries, tip {tip}", n=step.verdict.rows, tip=step.verdict.tip[:12])
                else:
                    seq, why = step.verdict.bad_seq, clean(step.verdict.reason)
                    self.verdict = "x " + tr("entry {seq} does not hold: {reason}", seq=seq, reason=why)
                self.describe()
        except YunwangError as error:
            self.failed(error)
        self.describe()

    def action_export(self, file: str = "") -> None:
        name = file or time.strftime("audit-%Y%m%d-%H%M%S.csv")
        self.run_worker(self._export(Path(name).expanduser().absolute()), group="export", exclusive=True)

    async def _export(self, file: Path) -> None:
        try:
            form = "jsonl" if file.suffix in (".json", ".jsonl") else "csv"
            with new_file(file) as write:
                async for piece in self.hub.audit.pieces(self.wanted_rows(), form):
                    await asyncio.to_thread(write, piece)
        except YunwangError as error:
            self.failed(error)
        else:
            self.app.notify(tr("Written: {file}", file=file), markup=False, timeout=8)
