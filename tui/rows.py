"""A table of any length on the Line API: only the visible lines are ever made, and only lines that changed are drawn again."""

from collections.abc import Sequence
from typing import Any, ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from core.i18n import tr
from core.width import fit, right
from tui.columns import Column, Placed, arrange
from tui.window import Window

TONES = ("good", "warn", "bad", "dim")


class Rows(ScrollView, can_focus=True):
    """Shows a `Window`. The first line is the heading; the cursor stays with its row while rows move."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--heading", "rows--cursor", *(f"rows--{tone}" for tone in TONES)}
    DEFAULT_CSS = "Rows { height: 1fr; overflow-x: hidden; overflow-y: auto; scrollbar-size-vertical: 1; scrollbar-gutter: stable; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False),
        Binding("down,j", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("home,g", "jump(0)", show=False),
        Binding("end,G", "jump(-1)", show=False),
        Binding("enter", "open", show=False),
    ]

    class Opened(Message):
        """A row was chosen with Enter or a second click."""

        def __init__(self, rows: "Rows", row_id: str, row: Any) -> None:
            super().__init__()
            self.rows, self.row_id, self.row = rows, row_id, row

        @property
        def control(self) -> "Rows":
            return self.rows

    class Moved(Opened):
        """The cursor stands on another row."""

    class Wanted(Message):
        """Rows came into sight that the window does not hold."""

        def __init__(self, rows: "Rows", first: int, count: int) -> None:
            super().__init__()
            self.rows, self.first, self.count = rows, first, count

    class HeadingClicked(Message):
        """The heading of a sortable column was clicked."""

        def __init__(self, field: str) -> None:
            super().__init__()
            self.field = field

    def __init__(self, columns: Sequence[Column], window: Window[Any], *, id: str | None = None, sort: str = "", empty: str = "") -> None:  # noqa: A002
        super().__init__(id=id)
        self.columns, self.window, self.sort, self.empty = columns, window, sort, empty
        self.cursor, self.cursor_id = 0, ""
        self.always = False
        """Shows the cursor without the focus, too."""
        self._placed: list[Placed] = []
        self._width = 0
        """Cells that `_placed` and `_strips` are made for; 0: make them anew."""
        self._strips: dict[tuple[int, bool], Strip] = {}

    # --- what the screen calls

    def changed(self, ids: set[str] | None) -> None:
        """The window took a delta in: `ids` changed content, or (None) rows moved."""
        if ids is None:
            self.moved()
            return
        for row_id in ids:
            index = self.window.index_of(row_id)
            if self._top() <= index < self._top() + self._height() and self._forget(index):
                self._refresh_index(index)

    def moved(self) -> None:
        """Rows came, went or changed places; the cursor follows its row where it is still in the window."""
        if self.cursor_id and (place := self.window.index_of(self.cursor_id)) >= 0:
            self.cursor = place
        self.cursor = min(self.cursor, max(0, self.window.total - 1))
        self.cursor_id = self.window.id_at(self.cursor) or self.cursor_id
        self._strips.clear()
        self._fit_height()
        self.refresh()
        self._ask()

    def restyled(self) -> None:
        """Language, theme or sort changed."""
        self._width = 0
        self.refresh()

    def select_first(self) -> None:
        """Back to the top: the list is another one now."""
        self.cursor, self.cursor_id = 0, ""
        self.scroll_to(y=0, animate=False)

    @property
    def row(self) -> Any | None:
        """The row under the cursor, where it is known."""
        return self.window.at(self.cursor)

    def plain(self, index: int) -> str:
        """A line as text, for the clipboard."""
        row = self.window.at(index)
        return "" if row is None else "\t".join(column.text(row) for column in self.columns)

    def go(self, index: int) -> None:
        """Puts the cursor on a row."""
        self._go(index)

    # --- keys and mouse

    def action_move(self, by: int) -> None:
        self._go(self.cursor + by)

    def action_page(self, by: int) -> None:
        self._go(self.cursor + by * max(1, self._height() - 1))

    def action_jump(self, to: int) -> None:
        self._go(self.window.total - 1 if to < 0 else to)

    def action_open(self) -> None:
        row = self.row
        if row is not None:
            self.post_message(self.Opened(self, self.window.id_at(self.cursor), row))

    def on_click(self, event: events.Click) -> None:
        place = event.get_content_offset(self)
        if place is None:
            return
        if place.y == 0:
            field = self._field_at(place.x)
            if field:
                self.post_message(self.HeadingClicked(field))
            return
        index = self._top() + place.y - 1
        if index >= self.window.total:
            return
        again = index == self.cursor and event.chain > 1
        self._go(index)
        if again:
            self.action_open()

    def on_resize(self) -> None:
        self.restyled()
        self._fit_height()
        self._ask()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if round(old_value) != round(new_value):
            self._ask()

    # --- drawing

    def render_line(self, y: int) -> Strip:
        self._arrange()
        if y == 0:
            return self._heading()
        index = self._top() + y - 1
        if index >= self.window.total:
            return self._below(y)
        under = index == self.cursor and (self.has_focus or self.always)
        strip = self._strips.get((index, under))
        if strip is None:
            strip = self._strips[index, under] = self._line(index, under)
        return self._selected(strip, index).apply_offsets(0, index)

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        first, last = self._top(), min(self.window.total, self._top() + self._height())
        lines = [""] * first + [self._line(index, False).text.rstrip() for index in range(first, last)]
        return selection.extract("\n".join(lines)), "\n"

    def selection_updated(self, selection: Selection | None) -> None:  # noqa: ARG002 -- the signature is Textual's
        self._strips.clear()
        self.refresh()

    def _line(self, index: int, under: bool) -> Strip:
        base = self.rich_style
        row = self.window.at(index)
        if row is None:
            waiting = Segment(fit("..", self._width), base + self._tone("dim"))
            return Strip([waiting], self._width)
        cursor = self.get_component_rich_style("rows--cursor") if under else Style()
        segments, used = [], 0
        for number, (column, cells) in enumerate(self._placed):
            text = column.text(row)
            shown = right(text, cells) if column.right else fit(text, cells)
            tone = column.tone(row) if column.tone else ""
            segments.append(Segment((" " if number else "") + shown, base + self._tone(tone) + cursor))
            used += cells + bool(number)
        segments.append(Segment(" " * max(0, self._width - used), base + cursor))
        return Strip(segments).adjust_cell_length(self._width, base)

    def _heading(self) -> Strip:
        style = self.get_component_rich_style("rows--heading")
        segments = []
        for number, (column, cells) in enumerate(self._placed):
            turned = "v" if self.sort.startswith("-") else "^"
            title = tr(column.title) + (turned if column.field and self.sort.lstrip("-") == column.field else "")
            segments.append(Segment((" " if number else "") + (right(title, cells) if column.right else fit(title, cells)), style))
        return Strip(segments).adjust_cell_length(self._width, style)

    def _below(self, y: int) -> Strip:
        lines = tr(self.empty).splitlines() if self.empty and self.window.known and not self.window.total else []
        if not self.window.known:
            lines = [tr("Loading ..")]
        text = lines[y - 2] if 0 <= y - 2 < len(lines) else ""
        return Strip([Segment(fit(" " + text, self._width), self.rich_style + self._tone("dim"))], self._width)

    def _selected(self, strip: Strip, index: int) -> Strip:
        selection = self.text_selection
        span = selection.get_span(index) if selection is not None else None
        if span is None:
            return strip
        start = cell_len(strip.text[: span[0]])
        end = strip.cell_length if span[1] == -1 else cell_len(strip.text[: span[1]])
        style = self.screen.get_component_rich_style("screen--selection")
        parts = list(strip.divide([start, end, strip.cell_length]))
        return Strip.join([parts[0], parts[1].apply_style(style), *parts[2:]]) if len(parts) > 1 else strip

    def _tone(self, tone: str) -> Style:
        return self.get_component_rich_style(f"rows--{tone}", partial=True) if tone in TONES else Style()

    # --- places

    def _arrange(self) -> None:
        cells = max(1, self.scrollable_content_region.width)
        if self._width != cells:
            self._width = cells
            self._placed = arrange(self.columns, self._width, self.sort)
            self._strips.clear()

    def _top(self) -> int:
        return int(self.scroll_offset.y)

    def _height(self) -> int:
        return max(1, self.scrollable_content_region.height - 1)

    def _field_at(self, x: int) -> str:
        left = 0
        for column, cells in self._placed:
            if x < left + cells + 1:
                return column.field
            left += cells + 1
        return ""

    def _fit_height(self) -> None:
        self.virtual_size = Size(self.size.width, self.window.total + 1)

    def _forget(self, index: int) -> bool:
        """Drops a line's strips; False when its text is still the same."""
        old = [self._strips.pop((index, under), None) for under in (False, True)]
        text = self._line(index, False).text
        return all(strip is None or strip.text != text for strip in old)

    def _refresh_index(self, index: int) -> None:
        self.refresh(Region(0, index - self._top() + 1, self.size.width, 1))

    def _go(self, index: int) -> None:
        if not self.window.total:
            return
        old, self.cursor = self.cursor, max(0, min(index, self.window.total - 1))
        self.cursor_id = self.window.id_at(self.cursor)
        top, height = self._top(), self._height()
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False)
        elif self.cursor >= top + height:
            self.scroll_to(y=self.cursor - height + 1, animate=False)
        for place in {old, self.cursor}:
            self._refresh_index(place)
        if (row := self.row) is not None and old != self.cursor:
            self.post_message(self.Moved(self, self.cursor_id, row))

    def _ask(self) -> None:
        if self.window.known and not self.window.covers(self._top(), self._height()):
            self.post_message(self.Wanted(self, self._top(), self._height()))

    def on_focus(self) -> None:
        self._refresh_index(self.cursor)

    def on_blur(self) -> None:
        self._refresh_index(self.cursor)
