"""What all screens share: the chrome around, feeds that run only while the screen is seen, the prompt."""

from collections.abc import Callable, Coroutine, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.worker import Worker

from core.errors import InvalidInputError, YunwangError
from core.i18n import tr
from core.questions import Thing
from core.views import ViewQuery
from tui.chrome import Banner, Bar, Keys
from tui.dialog import Choice, Chooser
from tui.feed import Feed, Hub
from tui.filters import Filter, read
from tui.prompt import Prompt
from tui.rows import Rows
from tui.window import Window

if TYPE_CHECKING:
    from tui.console import YunwangApp

WINDOW = 200


class Question(Screen[None]):
    """A screen that answers one question."""

    NAME: ClassVar[str] = ""
    TITLE_ID: ClassVar[str] = ""
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (160, "-wide")]

    def __init__(self) -> None:
        super().__init__()
        self.feeds: list[Feed] = []

    @property
    def console_app(self) -> "YunwangApp":
        return cast("YunwangApp", self.app)

    @property
    def hub(self) -> Hub:
        return self.console_app.hub

    def compose(self) -> ComposeResult:
        yield Bar(self.TITLE_ID)
        yield Banner()
        with Container(id="body"):
            yield from self.compose_body()
        yield Prompt(self.NAME, self.console_app.history, self.console_app.device_names)
        yield Keys(self.NAME)

    def compose_body(self) -> Iterable[Any]:
        raise NotImplementedError

    @property
    def is_seen(self) -> bool:
        """Whether it is in front of somebody: else it asks for nothing by itself."""
        return self.is_current and self.console_app.is_attended

    def feed(self, window: Window[Any], tell: Callable[[set[str] | None], None]) -> Feed:
        """A feed that reports to this screen."""
        made = Feed(self, self.hub, window, tell, self.console_app.heard, self.failed)
        self.feeds.append(made)
        return made

    def start(self) -> None:
        """Begins to follow what the screen shows."""

    def aside(self, group: str, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Asks the hub while the screen goes on; a question before of the same group is dropped with its answer."""
        _worker: Worker[None] = self.run_worker(work, group=group, exclusive=True)

    def refresh_data(self) -> None:
        """Asks for everything anew."""
        for feed in self.feeds:
            feed.again()

    def failed(self, error: YunwangError) -> None:
        self.console_app.say(error)

    def on_screen_resume(self) -> None:
        self.start()
        self.chrome_changed()
        self.identity_changed()

    def on_screen_suspend(self) -> None:
        if self.app.screen is not self and isinstance(self.app.screen, Question):
            for feed in self.feeds:
                feed.stop()

    def chrome_changed(self) -> None:
        """The connection or the overview changed."""
        for banner in self.query(Banner):
            banner.refresh_words()
        for bar in self.query(Bar):
            bar.refresh_words()

    def identity_changed(self) -> None:
        """Somebody else works, or may do other things than before."""
        for keys in self.query(Keys):
            keys.refresh()

    def retranslate(self) -> None:
        """The language or the theme changed."""
        for rows in self.query(Rows):
            rows.restyled()
        for widget in self.query("*"):
            widget.refresh(layout=True)
        self.chrome_changed()

    # --- the object under the cursor

    def subject(self) -> tuple[str, str, str] | None:
        """Kind, id and name of the object that is looked at; None: there is none."""
        return None

    def _thing(self) -> Thing | None:
        if (found := self.subject()) is None or not found[1]:
            self.failed(InvalidInputError(tr("Nothing is under the cursor.")))
            return None
        kind, object_id, name = found
        return Thing(id=object_id, kind=kind, name=name)

    def action_object(self) -> None:
        if (thing := self._thing()) is not None:
            self.console_app.open_object(thing.kind, thing.id, thing.name)

    def action_xray(self) -> None:
        if (thing := self._thing()) is not None:
            self.console_app.open_xray(thing)

    def action_impact(self) -> None:
        if (thing := self._thing()) is not None:
            self.console_app.open_impact([thing])

    def action_first(self) -> None:
        self.console_app.open_first()

    def current_rows(self) -> Rows | None:
        """The list that has the focus, or the only one."""
        focused = self.focused
        return focused if isinstance(focused, Rows) else next(iter(self.query(Rows)), None)

    def action_copy_text(self) -> None:
        """What Ctrl+C does on every Textual screen."""
        self.console_app.action_copy()

    def action_sort(self) -> None:
        if (listing := self.list_filter()) is not None:
            self.app.push_screen(Chooser(tr("Sort by"), listing.choices(tr)), lambda field: listing.sort(field) if field else None)

    def action_turn(self) -> None:
        if (listing := self.list_filter()) is not None:
            listing.turn()

    def list_filter(self) -> "Listing | None":
        """The list that filter and sort are about."""
        return None

    def on_prompt_closed(self, message: Prompt.Closed) -> None:
        if (rows := self.current_rows()) is not None:
            rows.focus()
        if message.mode == "filter" and message.escaped and (listing := self.list_filter()) is not None:
            listing.narrow("")

    def on_prompt_typed(self, message: Prompt.Typed) -> None:
        if (listing := self.list_filter()) is not None:
            listing.narrow_soon(message.text)

    def on_prompt_entered(self, message: Prompt.Entered) -> None:
        if message.mode == "command":
            self.console_app.command(message.text)
        elif (listing := self.list_filter()) is not None:
            listing.narrow(message.text)


class Listing:
    """A filtered, sorted, paged list on a screen: turns what people ask into the query that its feed follows."""

    def __init__(self, screen: Question, rows: Rows, query: ViewQuery, feed: Feed | None = None) -> None:
        """feed: what follows the query, where that is not simply the rows' window."""
        self.screen, self.rows, self.query = screen, rows, query
        self.typed = ""
        self.feed = feed or screen.feed(rows.window, self._changed)
        self._timer: Any = None
        self.on_change: Callable[[], None] = lambda: None

    def start(self) -> None:
        self.feed.ask(self.query)

    def wanted(self, first: int, count: int) -> None:
        """Rows came into sight: moves the window so that they lie in its middle."""
        limit = max(WINDOW, 3 * count)
        self._follow(self.query.replace(offset=max(0, first - (limit - count) // 2), limit=limit), wait_s=0.1)

    def narrow_soon(self, typed: str) -> None:
        """While a person is typing: waits for a pause."""
        self._later(0.25, lambda: self.narrow(typed))

    def understood(self, typed: str) -> Filter:
        """What was typed, as the hub understands it."""
        return read(typed)

    def narrow(self, typed: str) -> None:
        found = self.understood(typed)
        fixed = {k: v for k, v in self.query.where.items() if k in self.fixed_fields()}
        self.typed = typed
        self.rows.select_first()
        self._follow(self.query.replace(text=found.text, where=fixed | found.where, offset=0))
        self.on_change()

    def fixed_fields(self) -> set[str]:
        """Fields of `where` that the filter line does not own."""
        return {"cleared_at", "device_id"}

    def where(self, **fields: str | None) -> None:
        """Sets or (None) drops fields of the filter that have their own key."""
        kept = {k: v for k, v in self.query.where.items() if k not in fields}
        self._follow(self.query.replace(where=kept | {k: v for k, v in fields.items() if v is not None}, offset=0))
        self.on_change()

    def sort(self, field: str) -> None:
        """Sorts by a field; by the same again the other way round. Numbers begin with the largest."""
        old = self.query.sort
        descending = not old.startswith("-") if old.lstrip("-") == field else any(c.field == field and c.right for c in self.rows.columns)
        self._resort(("-" if descending else "") + field)

    def turn(self) -> None:
        old = self.query.sort
        self._resort(old[1:] if old.startswith("-") else "-" + old)

    def choices(self, title: Callable[[str], str]) -> list[Choice]:
        return [Choice(value=c.field, text=title(c.title), hint=c.field) for c in self.rows.columns if c.field]

    def _resort(self, sort: str) -> None:
        self.rows.sort = sort
        self.rows.select_first()
        self._follow(self.query.replace(sort=sort, offset=0))
        self.rows.restyled()
        self.on_change()

    def _follow(self, query: ViewQuery, wait_s: float = 0.0) -> None:
        self.query = query
        if wait_s:
            self._later(wait_s, lambda: self.feed.ask(self.query))
        else:
            self._later(0, None)
            self.feed.ask(query)

    def _later(self, wait_s: float, what: Callable[[], None] | None) -> None:
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.screen.set_timer(wait_s, what) if what is not None else None

    def _changed(self, ids: set[str] | None) -> None:
        self.rows.changed(ids)
        self.on_change()
