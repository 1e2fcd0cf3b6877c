"""A small form over a screen: fields, one act, its error beside the fields, which keep what was typed."""

from collections.abc import Awaitable, Callable, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widget import Widget
from textual.widgets import Input, Label, Static

from core.errors import YunwangError
from core.i18n import tr
from core.nouns import Noun
from core.width import clean, pad, width
from tui.dialog import Choice, Dialog
from tui.words import told

Values = dict[str, str]
Act = Callable[[Values], Awaitable[str]]
"""Does what the form is for; returns an empty text, or what the person must mend (the form stays open). Errors are shown likewise."""
LONGEST = 1024


class Field(Noun, frozen=True, kw_only=True):
    """One field. `label` and `note` are words of the screen's language."""

    name: str
    label: str
    value: str = ""
    secret: bool = False
    choices: tuple[Choice, ...] = ()
    optional: bool = False
    note: str = ""


class Pick(Widget, can_focus=True):
    """One of few choices: Left and Right (or Space, or a click) change it; all are seen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "turn(-1)", show=False), Binding("right,space", "turn(1)", show=False),
    ]

    def __init__(self, field: Field) -> None:
        super().__init__(id=f"field-{field.name}")
        self.choices = field.choices
        self.place = next((i for i, choice in enumerate(field.choices) if choice.value == field.value), 0)

    @property
    def value(self) -> str:
        return self.choices[self.place].value

    def action_turn(self, by: int) -> None:
        self.place = (self.place + by) % len(self.choices)
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        left = 0
        for place, choice in enumerate(self.choices):
            left += width(choice.text) + 3
            if event.x < left:
                self.place = place
                break
        self.refresh()

    def render(self) -> str:
        parts = (f"({choice.text})" if place == self.place else f" {choice.text} " for place, choice in enumerate(self.choices))
        return " ".join(parts).replace("[", "\\[")


class Form(Dialog[bool]):
    """Tab, Up and Down move between fields, Enter goes on and at the last field does it, F8 or Ctrl+S does it at once. True when done."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f8,ctrl+s", "send", show=False, priority=True),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
        Binding("enter", "go_on", show=False),
    ]

    def __init__(self, title: str, fields: Sequence[Field], act: Act, *, says: Sequence[str] = (), may_leave: bool = True) -> None:
        """says: lines above the fields. may_leave: Esc closes it without the act."""
        super().__init__()
        self.heading, self.fields, self.act, self.says, self.may_leave = title, tuple(fields), act, tuple(says), may_leave
        self.working = False

    def compose(self) -> ComposeResult:
        cells = max((width(field.label) for field in self.fields), default=0) + 1
        with Vertical(id="box", classes="-form"):
            yield Label(self.heading, classes="title", markup=False)
            with VerticalScroll(can_focus=False):
                yield from self.compose_above()
                for field in self.fields:
                    with Horizontal(classes="field"):
                        yield Label(pad(field.label, cells), classes="label", markup=False)
                        yield self._input(field)
                    if field.note:
                        yield Label(" " * cells + field.note, classes="-quiet", markup=False)
            yield Static("", id="problem", markup=False)
            yield Label(self.keys(), classes="-quiet", markup=False)

    def compose_above(self) -> ComposeResult:
        for line in self.says:
            yield Static(line, classes="says", markup=False)

    def keys(self) -> str:
        """The line below."""
        if not self.may_leave:
            return tr("Enter goes on, F8 confirms, F10 quits")
        return tr("Enter goes on, F8 confirms, Esc cancels") if self.fields else tr("Enter confirms, Esc cancels")

    def _input(self, field: Field) -> Widget:
        if field.choices:
            return Pick(field)
        return Input(field.value, password=field.secret, max_length=LONGEST, id=f"field-{field.name}", select_on_focus=False)

    def on_mount(self) -> None:
        self.focus_first()

    def focus_first(self) -> None:
        """The first field that is still empty."""
        empty = next((f for f in self.fields if not f.choices and not self.value(f.name)), None)
        first = empty or next(iter(self.fields), None)
        if first is not None:
            self.query_one(f"#field-{first.name}").focus()

    def value(self, name: str) -> str:
        field = self.query_one(f"#field-{name}")
        return field.value if isinstance(field, Input | Pick) else ""

    def clear(self, *names: str) -> None:
        for name in names:
            self.query_one(f"#field-{name}", Input).value = ""

    def values(self) -> Values:
        return {field.name: self.value(field.name) if field.secret else self.value(field.name).strip() for field in self.fields}

    def on_input_submitted(self, message: Input.Submitted) -> None:
        message.stop()
        self.action_go_on()

    def action_go_on(self) -> None:
        last = f"field-{self.fields[-1].name}" if self.fields else ""
        if not self.fields or (self.focused is not None and self.focused.id == last):
            self.action_send()
        else:
            self.focus_next()

    def action_leave(self) -> None:
        if self.may_leave and not self.working:
            self.dismiss(False)

    def action_send(self) -> None:
        if self.working:
            return
        missing = next((f for f in self.fields if not f.optional and not f.choices and not self.value(f.name).strip()), None)
        if missing is not None:
            self.problem(tr("{field} is missing.", field=missing.label))
            self.query_one(f"#field-{missing.name}").focus()
            return
        self.working = True
        self.problem(tr("Working .."))
        self.run_worker(self._send(), group="form", exclusive=True)

    async def _send(self) -> None:
        try:
            wrong = await self.act(self.values())
        except YunwangError as error:
            wrong = told(error)
        finally:
            self.working = False
        if wrong:
            self.problem(clean(wrong))
            self.refused()
        else:
            self.dismiss(True)

    def refused(self) -> None:
        """The act failed: the cursor stays where it is."""

    def problem(self, words: str) -> None:
        self.query_one("#problem", Static).update(words)


def ask_reason(title: str, act: Callable[[str], Awaitable[str]], *, says: Sequence[str] = (), optional: bool = False) -> Form:
    """A form with one line for the reason."""

    async def send(values: Values) -> str:
        return await act(values["reason"])

    label = tr("Reason (optional)") if optional else tr("Reason")
    return Form(title, [Field(name="reason", label=label, optional=optional)], send, says=says)


def confirm(title: str, act: Callable[[], Awaitable[str]], *, says: Sequence[str] = ()) -> Form:
    """A question that Enter answers with yes."""

    async def send(_values: Values) -> str:
        return await act()

    return Form(title, [], send, says=says)
