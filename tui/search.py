"""Search 搜索: one line over whatever is on the screen; what fits is shown while it is typed."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.timer import Timer
from textual.widgets import Input, Label
from textual.worker import Worker

from core.errors import YunwangError
from core.finding import SearchAnswer
from core.i18n import tr
from core.questions import Thing
from core.width import clean
from tui.dialog import Dialog
from tui.rows import Rows
from tui.tables_objects import FOUND, FoundRow
from tui.window import Window
from tui.words import told

if TYPE_CHECKING:
    from tui.console import YunwangApp

PAUSE_S = 0.15
LIMIT = 60
LONGEST = 256


class Search(Dialog[None]):
    """Type names, addresses, MACs, serials, Chinese words, pinyin or its initials; Enter opens, Ctrl+X X-rays."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
        Binding("pagedown", "page(1)", show=False, priority=True),
        Binding("pageup", "page(-1)", show=False, priority=True),
        Binding("ctrl+x", "xray", show=False, priority=True),
    ]

    def __init__(self, text: str = "") -> None:
        super().__init__()
        self.text = text
        self.window: Window[FoundRow] = Window(FoundRow, lambda row: row.id)
        self.window.known = True
        self._pause: Timer | None = None

    @property
    def console_app(self) -> "YunwangApp":
        return cast("YunwangApp", self.app)

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Label(tr("Search: names, addresses, MACs, serials, words, pinyin (rsj)"), classes="title", markup=False)
            yield Input(self.text, max_length=LONGEST, select_on_focus=False)
            yield Rows(FOUND, self.window)
            yield Label("", id="said", classes="title -quiet", markup=False)

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._rows.always = True
        self._say(tr("Enter opens, Ctrl+X X-rays, Esc closes"))

    @property
    def _rows(self) -> Rows:
        return self.query_one(Rows)

    def on_input_changed(self, message: Input.Changed) -> None:
        if self._pause is not None:
            self._pause.stop()
        self.text = message.value.strip()
        self._pause = self.set_timer(PAUSE_S, self._ask)

    def _ask(self) -> None:
        """The question before is dropped with its answer, so that an old answer never replaces a newer one."""
        _worker: Worker[None] = self.run_worker(partial(self._look, self.text), group="search", exclusive=True)

    async def _look(self, text: str) -> None:
        if not self.is_attached:
            return
        if not text:
            self._show(SearchAnswer(text=""))
            return
        self._say(tr("Looking .."))
        try:
            found = await self.console_app.hub.finding.search(text, limit=LIMIT)
        except YunwangError as error:
            self._say(told(error))
            return
        if text == self.text and self.is_attached:
            self._show(found)

    def _show(self, answer: SearchAnswer) -> None:
        grouped: dict[str, list[FoundRow]] = {}
        for one in answer.found:
            group = grouped.setdefault(one.kind, [])
            group.append(FoundRow(id=f"{one.kind}/{one.id}", found=one, first=not group))
        self.window.fill(row for group in grouped.values() for row in group)
        self._rows.select_first()
        self._rows.changed(None)
        self._say(said(answer))

    def _say(self, words: str) -> None:
        if not self.is_attached:  # closed while the hub was thinking
            return
        self.query_one("#said", Label).update(clean(words))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self._rows.action_open()

    def action_move(self, by: int) -> None:
        self._rows.action_move(by)

    def action_page(self, by: int) -> None:
        self._rows.action_page(by)

    def action_xray(self) -> None:
        row = self._rows.row
        if isinstance(row, FoundRow):
            self.dismiss(None)
            self.console_app.open_xray(Thing(id=row.found.id, kind=row.found.kind, name=row.found.name))

    def on_rows_opened(self, message: Rows.Opened) -> None:
        if isinstance(message.row, FoundRow):
            self.dismiss(None)
            found = message.row.found
            self.console_app.open_object(found.kind, found.id, found.name)


def said(answer: SearchAnswer) -> str:
    """How many there are; where there is none, what might have been meant."""
    if not answer.text:
        return tr("Enter opens, Ctrl+X X-rays, Esc closes")
    if answer.found:
        return tr("{n} found, there are more: go on typing", n=len(answer.found)) if answer.more else tr("{n} found", n=len(answer.found))
    if answer.near:
        return tr("Nothing is called that. Near: {words}", words=tr(", ").join(answer.near))
    if answer.unknown:
        return tr("Nothing holds {words}.", words=tr(", ").join(answer.unknown))
    return tr("Nothing is called that.")
