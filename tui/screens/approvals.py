"""Approvals 审批: what waits for my word, and what became of what I asked for?"""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.timer import Timer

from core.approval import Approval
from core.errors import InvalidInputError, YunwangError
from core.i18n import mark, tr
from core.identity import Identity
from core.rows import ApprovalRow
from core.views import ViewQuery
from core.width import clean
from tui.access import role_names
from tui.diff import flat
from tui.form import ask_reason
from tui.operations import bindings
from tui.pane import Line
from tui.rows import Rows
from tui.screens.question import WINDOW
from tui.screens.review import Review
from tui.sorted import SortedWindow
from tui.tables_work import APPROVAL_STATES, APPROVALS, RISKS, approval_kind, state_of, steps_done
from tui.tabs import Tabs
from tui.words import moment

TABS = {"open": mark("To be decided"), "mine": mark("Asked by me"), "all": mark("All")}
EMPTY = {
    "open": mark("Nothing waits for a decision."),
    "mine": mark("You have not asked for anything."),
    "all": mark("Nothing has been asked for yet."),
}
REST_S = 0.1
VERDICTS = {"approve": mark("approved"), "reject": mark("rejected"), "comment": mark("commented")}


def waits_for(identity: Identity | None, row: ApprovalRow) -> bool:
    """Whether this person may give a step that is still open; the author never."""
    if identity is None or row.state != "open" or row.author == identity.account:
        return False
    roles = set(identity.roles)
    return any(number not in row.fulfilled and roles & set(step) for number, step in enumerate(row.steps))


class ApprovalsScreen(Review):
    """The review queue: those that wait for me first."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("approvals")
    NAME = "approvals"
    TITLE_ID = mark("Approvals")

    def __init__(self) -> None:
        window = SortedWindow(ApprovalRow, lambda row: row.id, lambda row: not waits_for(self.console_app.who.identity, row))
        super().__init__(Rows(APPROVALS, window, id="approvals", empty=EMPTY["open"]))
        self.tabs = Tabs(TABS, self.says)
        self.known: dict[str, tuple[ApprovalRow, Approval]] = {}
        self.asked: ApprovalRow | None = None
        """Whose content is on its way, or could not be read."""
        self._resting: Timer | None = None

    def compose_head(self) -> Iterable[Any]:
        yield self.tabs

    def first_query(self) -> ViewQuery:
        return ViewQuery(view="approvals", sort="-created_at", where={"state": "open"}, limit=WINDOW)

    def says(self) -> str:
        window = self.rows.window
        waiting = sum(waits_for(self.console_app.who.identity, row) for row in window.rows.values())
        text = tr("{n} in all, {waiting} waiting for me", n=window.total if window.known else "..", waiting=waiting)
        return f"{text} | {self.filter_words()}" if self.listing is not None and self.listing.typed else text

    def show_head(self) -> None:
        self.tabs.refresh()

    def refresh_data(self) -> None:
        self.asked = None
        super().refresh_data()

    def identity_changed(self) -> None:
        window = self.rows.window
        if isinstance(window, SortedWindow) and window.resort():
            self.rows.moved()
        super().identity_changed()
        if self.tabs.tab == "mine":
            self.action_show_tab("mine")

    # --- what stands below

    def about(self, row: ApprovalRow) -> Sequence[Line]:
        known = self.known.get(row.id)
        if (known is None or known[0] != row) and row != self.asked:
            self.asked = row
            self._read_soon(row)
        state, risk = state_of(APPROVAL_STATES, row.state), state_of(RISKS, row.risk)
        steps = [
            Line(tr("Step {n}", n=number + 1), ("+ " if number in row.fulfilled else ". ") + role_names(step),
                 "good" if number in row.fulfilled else "")
            for number, step in enumerate(row.steps)
        ]
        lines = [
            Line(clean(row.title), "", "bad" if waits_for(self.console_app.who.identity, row) else "head"),
            Line(tr("State"), f"{state}   {tr('risk')} {risk}   {tr('steps')} {steps_done(row)}", state.tone),
            Line(tr("Asked by"), f"{clean(row.author_name)}   {moment(row.created_at)}   {tr('until')} {moment(row.expires_at)}"),
            Line(tr("Kind"), f"{approval_kind(row.kind)}   {tr('rule')} {clean(row.rule)}"),
            *([Line(tr("Where"), clean(" ".join(filter(None, (row.unit, row.site)))))] if row.unit or row.site else []),
            Line(tr("Hash"), clean(row.digest)),
            *(steps or [Line(tr("Steps"), tr("pre-approved as a standard item"))]),
        ]
        return [*lines, *(self._content(known[1]) if known is not None else [Line("", tr("Loading .."), "dim")])]

    def _content(self, approval: Approval) -> list[Line]:
        lines = [Line(tr("What will be done"), "")]
        content = [(name, value) for name, value in flat(approval.subject.content) if value not in ("", "[]", "{}", "null")]
        lines += [Line("  " + clean(name), value) for name, value in content] or [Line("", tr("nothing is described"))]
        if approval.decisions:
            lines.append(Line(tr("What was said"), ""))
        for word in approval.decisions:
            name = clean(word.name)
            if word.on_behalf_of:
                name = tr("{name} on behalf of {giver}", name=name, giver=clean(word.on_behalf_of_name or word.on_behalf_of))
            text = f"{moment(word.at_ms)} {tr(VERDICTS[word.verdict])}" + (f": {clean(word.text)}" if word.text else "")
            lines.append(Line("  " + name, text, {"approve": "good", "reject": "bad"}.get(word.verdict, "")))
        return lines

    def _read_soon(self, row: ApprovalRow) -> None:
        """When the cursor rests on it."""
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST_S, lambda: self.run_worker(self._read(row), group="approval", exclusive=True))

    async def _read(self, row: ApprovalRow) -> None:
        try:
            approval = await self.hub.approvals.get(row.id)
        except YunwangError as error:
            if self.console_app.link.state == "live":
                self.failed(error)
            return
        self.known = {**({} if len(self.known) > WINDOW else self.known), row.id: (row, approval)}
        if self.rows.row == row:
            self.describe()

    # --- tabs

    def action_tab(self, by: int) -> None:
        self.action_show_tab(self.tabs.step(by))

    def action_show_tab(self, name: str) -> None:
        self.tabs.tab = name
        self.rows.empty = EMPTY[name]
        identity = self.console_app.who.identity
        mine = identity.account if identity is not None else ""
        if self.listing is not None:
            self.rows.select_first()
            self.listing.where(state="open" if name == "open" else None, author=mine if name == "mine" else None)

    # --- words

    def _chosen(self) -> ApprovalRow | None:
        row = self.rows.row
        if not isinstance(row, ApprovalRow):
            self.failed(InvalidInputError(tr("Nothing is under the cursor.")))
            return None
        return row

    def _says(self, row: ApprovalRow) -> list[str]:
        return [clean(row.title), f"{tr('Hash')} {clean(row.digest)[:16]}.."]

    def action_approve(self) -> None:
        if (row := self._chosen()) is not None:
            async def act(text: str) -> str:
                await self.hub.approvals.approve(row.id, row.digest, text)
                return ""

            self._ask(ask_reason(tr("Approve"), act, says=self._says(row), optional=True))

    def action_reject(self) -> None:
        if (row := self._chosen()) is not None:
            async def act(text: str) -> str:
                await self.hub.approvals.reject(row.id, row.digest, text)
                return ""

            self._ask(ask_reason(tr("Reject"), act, says=self._says(row)))

    def action_comment(self) -> None:
        if (row := self._chosen()) is not None:
            async def act(text: str) -> str:
                await self.hub.approvals.comment(row.id, row.digest, text)
                return ""

            self._ask(ask_reason(tr("Comment"), act, says=self._says(row)))

    def action_withdraw(self) -> None:
        if (row := self._chosen()) is not None:
            async def act(text: str) -> str:
                await self.hub.approvals.withdraw(row.id, text)
                return ""

            self._ask(ask_reason(tr("Withdraw"), act, says=self._says(row), optional=True))

    def _ask(self, form: Any) -> None:
        self.app.push_screen(form, lambda done: self.refresh_data() if done else None)
