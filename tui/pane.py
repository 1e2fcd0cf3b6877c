"""What is under the cursor, in words: a scrollable text that wraps to its width and is never read as markup."""

from collections.abc import Sequence
from typing import ClassVar, NamedTuple

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.geometry import Size

from core.width import clean, pad, width, wrap
from tui.chrome import Painted

LONGEST = 2000
"""Characters of one value."""


class Line(NamedTuple):
    """One paragraph: a label before it (or none), words, a tone."""

    label: str
    words: str
    tone: str = ""


class PaneText(Painted):
    """The paragraphs."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: tuple[Line, ...] = ()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 -- the signature is Textual's
        return max(1, len(self.paint(width).plain.split("\n")))

    def paint(self, width_: int) -> Text:
        text = Text()
        indent = max((width(line.label) for line in self.lines if line.words), default=0) + 1
        for number, line in enumerate(self.lines):
            if number:
                text.append("\n")
            if not line.words:
                self.put(text, line.label, line.tone or "head")
                continue
            self.put(text, pad(line.label, indent) if line.label else "", "dim")
            left = indent if line.label else 0
            parts = wrap(clean(line.words, LONGEST), max(8, width_ - left))
            self.put(text, ("\n" + " " * left).join(parts), line.tone)
        return text


class Page(VerticalScroll, can_focus=True):
    """The whole of a screen in words: it has the focus, so that the keys scroll it."""

    def compose(self) -> ComposeResult:
        yield PaneText()

    def show(self, lines: Sequence[Line], *, keep: bool = False) -> None:
        """Shows these paragraphs from their beginning, unless they are the same. keep: from where somebody reads."""
        text = self.query_one(PaneText)
        if text.lines != tuple(lines):
            text.lines = tuple(lines)
            text.refresh(layout=True)
            if not keep:
                self.scroll_home(animate=False)


class Pane(Page):
    """Words beside a list: takes the focus with Tab, so that long texts can be scrolled with the keys; Esc gives it back."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,enter", "app.focus_previous", show=False)]
