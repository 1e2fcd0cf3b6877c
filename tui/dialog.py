"""Dialogs over a screen: choose one of many (palette, sort), help, and what happened when something broke."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.geometry import Size
from textual.screen import ModalScreen
from textual.widgets import Input, Label

from core import width as cells
from core.i18n import mark, tr
from core.nouns import Noun
from core.operations import OPERATIONS, Operation
from tui.access import why_not
from tui.chrome import Painted
from tui.columns import Column
from tui.operations import describe
from tui.rows import Rows
from tui.window import Window

T = TypeVar("T")


class Choice(Noun, frozen=True, kw_only=True):
    """One line to choose: what is returned, and what is read."""

    value: str
    text: str
    hint: str = ""
    faint: bool = False
    """It is there, but this person may not; `hint` says who may."""


class Dialog(ModalScreen[T], Generic[T]):
    """Closes with Esc."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f10", "leave", show=False)]

    def action_leave(self) -> None:
        self.dismiss(None)


class Chooser(Dialog[str]):
    """Type to narrow, Enter to choose. Returns the value, or None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False, priority=True),
        Binding("up", "move(-1)", show=False, priority=True),
    ]

    def __init__(self, title: str, choices: Sequence[Choice]) -> None:
        super().__init__()
        self.heading, self.choices = title, choices
        self.window = Window(Choice, lambda choice: choice.value)
        self.window.fill(choices)

    def compose(self) -> ComposeResult:
        columns = [
            Column(mark("Choice"), lambda c: c.text, 16, 90, tone=lambda c: "dim" if c.faint else ""),
            Column(mark("Key"), lambda c: c.hint, 24, 36, rank=1, tone=lambda c: "warn" if c.faint else "dim"),
        ]
        with Vertical(id="box"):
            yield Label(self.heading, classes="title", markup=False)
            yield Input()
            yield Rows(columns, self.window, empty=mark("Nothing is called that."))

    def on_mount(self) -> None:
        self.query_one(Input).focus()
        self._rows.always = True
        self._rows.moved()

    @property
    def _rows(self) -> Rows:
        return self.query_one(Rows)

    def on_input_changed(self, message: Input.Changed) -> None:
        words = message.value.lower().split()
        self.window.fill(c for c in self.choices if all(w in f"{c.text} {c.hint} {c.value}".lower() for w in words))
        self._rows.select_first()
        self._rows.moved()

    def on_input_submitted(self) -> None:
        self._rows.action_open()

    def action_move(self, by: int) -> None:
        self._rows.action_move(by)

    def on_rows_opened(self, message: Rows.Opened) -> None:
        self.dismiss(message.row_id)


class HelpLines(Painted):
    """Every operation, from the registry: those of the screen first. Long sentences go on below their own beginning."""

    def __init__(self, screen_name: str) -> None:
        super().__init__()
        self.screen_name = screen_name

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 -- the signature is Textual's
        return len(self.paint(width).plain.splitlines())

    def paint(self, width: int) -> Text:
        text = Text()
        found = [op for op in OPERATIONS if op.action]
        here = [op for op in found if self.screen_name in op.screen.split()]
        sizes = [max(cells.width(describe(op)[i]) for op in found) for i in (0, 1)]
        for title, ops in (
            (tr("On this screen"), here), (tr("Everywhere"), [op for op in found if not op.screen]),
            (tr("On other screens"), [op for op in found if op.screen and op not in here]),
        ):
            if ops:
                self.put(text, title + "\n", "dim")
            for op in ops:
                self._operation(text, op, sizes, width)
        for line in (
            tr("In lists: arrows, Page Up, Page Down, Home, End move; Enter or a double click opens; Tab goes to the next list."),
            tr("Filter: words must all occur; status=down county=NAME role=PE narrow one field, severity=major rule=NAME alerts."),
            tr("Drag with the mouse to select text; Ctrl+C copies it. With Shift held the terminal selects by itself."),
            tr("Symbols: + up, ~ partial or unsure, x down, ! refused, ? unknown."),
        ):
            text.append("\n" + "\n".join(cells.wrap(line, width)))
        return text

    def _operation(self, text: Text, op: Operation, sizes: list[int], width: int) -> None:
        keys, words, summary = describe(op)
        why = why_not(self.console_app.who.identity, op)
        left = sum(sizes) + 4
        self.put(text, cells.pad(keys, sizes[0]) + "  ", "dim" if why else "key")
        self.put(text, cells.pad(words, sizes[1]) + "  ", "dim" if why else "head")
        lines = cells.wrap(f"{summary} [{why}]" if why else summary, max(12, width - left))
        self.put(text, ("\n" + " " * left).join(lines) + "\n", "dim" if why else "")


class Help(Dialog[None]):
    """Keys and commands."""

    def __init__(self, screen_name: str) -> None:
        super().__init__()
        self.screen_name = screen_name

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Label(tr("Help - Esc closes"), classes="title", markup=False)
            with VerticalScroll():
                yield HelpLines(self.screen_name)


class Accident(Dialog[None]):
    """Something of ours broke; the console goes on."""

    def __init__(self, sentence: str, written_to: str) -> None:
        super().__init__()
        self.sentence, self.written_to = sentence, written_to

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield Label(tr("The console stumbled and has started again."), classes="title", markup=False)
            yield Label(self.sentence, markup=False)
            yield Label("")
            yield Label(tr("Details were written to:"), markup=False)
            yield Label(self.written_to, markup=False)
            yield Label("")
            yield Label(tr("Nothing in the hub was touched. Esc goes on."), markup=False)
