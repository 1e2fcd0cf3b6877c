"""The line below: command mode and the filter."""

from collections.abc import Awaitable, Callable
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Label

from tui.operations import by_word, on_screen

Mode = Literal["command", "filter"]
LONGEST = 512
REMEMBERED = 100


class CommandSuggester(Suggester):
    """Completes command words, choices, and names of devices (asked of the hub)."""

    def __init__(self, screen_name: str, names: Callable[[str], Awaitable[list[str]]]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self.screen_name, self._names = screen_name, names

    async def get_suggestion(self, value: str) -> str | None:
        word, space, rest = value.partition(" ")
        if not word:
            return None
        if not space:
            words = [w for op in on_screen(self.screen_name) for w in op.colon if w.startswith(word.lower()) and len(w) > 1]
            return next(iter(words), None)
        op = by_word(word, self.screen_name)
        if op is None or not op.arguments or not rest:
            return None
        choices = op.arguments[0].choices or (await self._names(rest) if op.arguments[0].name == "NAME" else ())
        return next((f"{word} {choice}" for choice in choices if choice.startswith(rest)), None)


class Line(Input):
    """The input of the prompt: Tab takes the suggestion, Up and Down go through what was typed before, Esc closes."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "complete", show=False, priority=True),
        Binding("up", "older(1)", show=False),
        Binding("down", "older(-1)", show=False),
        Binding("escape", "leave", show=False),
    ]

    class Left(Message):
        """Esc was pressed."""

    def __init__(self, history: list[str]) -> None:
        super().__init__(max_length=LONGEST, select_on_focus=False)
        self.history, self._back = history, 0

    def action_complete(self) -> None:
        self.cursor_position = len(self.value)
        self.action_cursor_right()

    def action_older(self, by: int) -> None:
        self._back = max(0, min(len(self.history), self._back + by))
        self.value = self.history[-self._back] if self._back else ""
        self.cursor_position = len(self.value)

    def action_leave(self) -> None:
        self.post_message(self.Left())

    def reset(self, text: str) -> None:
        self._back = 0
        self.value = text
        self.cursor_position = len(text)


class Prompt(Horizontal):
    """Opens as `:` or `/`; says what was typed, and what was entered."""

    class Typed(Message):
        """The filter's text changed."""

        def __init__(self, text: str) -> None:
            super().__init__()
            self.text = text

    class Entered(Message):
        """Enter was pressed."""

        def __init__(self, mode: Mode, text: str) -> None:
            super().__init__()
            self.mode, self.text = mode, text

    class Closed(Message):
        """The prompt is gone; after Esc the filter is dropped."""

        def __init__(self, mode: Mode, escaped: bool) -> None:
            super().__init__()
            self.mode, self.escaped = mode, escaped

    def __init__(self, screen_name: str, history: list[str], names: Callable[[str], Awaitable[list[str]]]) -> None:
        super().__init__()
        self.mode: Mode = "command"
        self._history = history
        self._suggester = CommandSuggester(screen_name, names)

    def compose(self) -> ComposeResult:
        yield Label(":", markup=False)
        yield Line(self._history)

    @property
    def line(self) -> Line:
        return self.query_one(Line)

    @property
    def is_open(self) -> bool:
        return self.has_class("-open")

    def open(self, mode: Mode, text: str = "") -> None:
        self.mode = mode
        self.query_one(Label).update(":" if mode == "command" else "/")
        self.line.suggester = self._suggester if mode == "command" else None
        self.line.reset(text)
        self.add_class("-open")
        self.line.focus()

    def close(self, *, escaped: bool = False) -> None:
        self.remove_class("-open")
        self.post_message(self.Closed(self.mode, escaped))

    def on_line_left(self, message: Line.Left) -> None:
        message.stop()
        self.close(escaped=True)

    def on_input_changed(self, message: Input.Changed) -> None:
        message.stop()
        if self.mode == "filter" and self.is_open:
            self.post_message(self.Typed(message.value))

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        text = message.value.strip()
        if self.mode == "command" and text and self._history[-1:] != [text]:
            self._history.append(text)
            del self._history[:-REMEMBERED]
        self.close()
        self.post_message(self.Entered(self.mode, text))
