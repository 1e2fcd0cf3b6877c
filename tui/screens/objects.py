"""Objects 台账: what exists, kind by kind."""

from collections.abc import Iterable
from typing import Any, ClassVar

import msgspec
from textual.binding import BindingType
from textual.containers import Container
from textual.timer import Timer
from textual.widgets import Label

from core.errors import InvalidInputError, YunwangError
from core.i18n import mark, tr
from core.model import MODEL
from core.rows import KindCount, ObjectRow
from core.views import ViewQuery
from tui.dialog import Choice, Chooser
from tui.fields import field_title, kind_title
from tui.filters import Filter
from tui.object_filter import read_objects
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.listing import ListScreen
from tui.screens.question import WINDOW, Listing
from tui.tables_objects import KINDS, OBJECTS, kind_key, object_key
from tui.window import Window
from tui.words import count

COUNTS_PERIOD_S = 10.0
REST_S = 0.15
FIRST_KIND = "unit"
FIELDS_OF = {kind: frozenset(f.name for f in msgspec.structs.fields(noun)) - {"id"} for kind, noun in MODEL.items()}


class ObjectListing(Listing):
    """The filter of one kind's list."""

    def __init__(self, screen: "ObjectsScreen", query: ViewQuery) -> None:
        super().__init__(screen, screen.rows, query)
        self.kind = query.where["object_kind"]

    def understood(self, typed: str) -> Filter:
        return read_objects(typed, FIELDS_OF[self.kind])

    def fixed_fields(self) -> set[str]:
        return {"object_kind"}

    def turn_to(self, kind: str, typed: str) -> None:
        """Lists another kind from its beginning."""
        self.kind = kind
        self.query = ViewQuery(view="objects", where={"object_kind": kind}, limit=WINDOW)
        self.rows.sort = self.query.sort
        self.narrow(typed)


class ObjectsScreen(ListScreen):
    """A list for every kind; the kinds with their counts beside it where there is room."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("objects")
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-mid")]
    NAME = "objects"
    TITLE_ID = mark("Inventory")
    CSS_PATH = "objects.tcss"

    def __init__(self) -> None:
        window: Window[ObjectRow] = Window(ObjectRow, object_key)
        super().__init__(Rows(OBJECTS[FIRST_KIND], window, id="objects", sort="name"))
        self.kind = FIRST_KIND
        self.kinds: Window[KindCount] = Window(KindCount, kind_key)
        self.kind_rows = Rows(KINDS, self.kinds, id="kinds")
        self.kind_rows.always = True
        self._resting: Timer | None = None

    def first_query(self) -> ViewQuery:
        return ViewQuery(view="objects", where={"object_kind": self.kind}, limit=WINDOW)

    def make_listing(self) -> Listing:
        return ObjectListing(self, self.first_query())

    def compose_body(self) -> Iterable[Any]:
        yield self.head()
        with Container(id="split"):
            yield self.kind_rows
            yield self.rows

    def on_mount(self) -> None:
        super().on_mount()
        self.set_interval(COUNTS_PERIOD_S, self._count_if_seen)

    def start(self) -> None:
        super().start()
        self._count_if_seen()

    def refresh_data(self) -> None:
        super().refresh_data()
        self._count_if_seen()

    def current_rows(self) -> Rows:
        return self.rows

    # --- kinds

    def _count_if_seen(self) -> None:
        if self.is_current:
            self.aside("counts", self._count)

    async def _count(self) -> None:
        try:
            found = await self.hub.objects.counts()
        except YunwangError:
            return  # the list itself says what is wrong
        known = self.kinds.known
        self.kinds.fill(one for one in found if one.kind in MODEL)
        if not known:
            self.kind_rows.cursor, self.kind_rows.cursor_id = max(0, self.kinds.index_of(self.kind)), self.kind
        self.kind_rows.changed(None)

    def show_kind(self, kind: str, typed: str = "") -> None:
        """Lists this kind, narrowed to what is typed."""
        if not isinstance(self.listing, ObjectListing):
            self.kind = kind
            return
        if kind != self.kind or typed != self.listing.typed:
            self.kind = kind
            self.rows.columns = OBJECTS[kind]
            self.listing.turn_to(kind, typed)
            self.rows.restyled()
        self.kind_rows.cursor, self.kind_rows.cursor_id = max(0, self.kinds.index_of(kind)), kind
        self.kind_rows.moved()
        self.describe()

    def action_kind(self, name: str = "") -> None:
        if name:
            self._named(name)
            return
        counted = {one.kind: one.objects for one in self.kinds.rows.values()}
        choices = [
            Choice(value=kind, text=kind_title(kind), hint=f"{kind}  {count(counted[kind]) if kind in counted else ''}".rstrip(),
                   faint=not counted.get(kind, 1)) for kind in MODEL
        ]
        self.app.push_screen(Chooser(tr("Which kind?"), choices), lambda kind: self.show_kind(kind) if kind else None)

    def _named(self, name: str) -> None:
        fits = [kind for kind in MODEL if name.casefold() in (kind, kind_title(kind).casefold())]
        if fits:
            self.show_kind(fits[0])
        else:
            self.failed(InvalidInputError(tr("There is no such kind of object."), way_out=tr("F8 lists all kinds.")))

    def on_rows_moved(self, message: Rows.Moved) -> None:
        if message.rows is not self.kind_rows:
            return
        if self._resting is not None:
            self._resting.stop()
        self._resting = self.set_timer(REST_S, lambda: self.show_kind(self.kind_rows.cursor_id or self.kind))

    def on_rows_opened(self, message: Rows.Opened) -> None:
        match message.row:
            case KindCount(kind=kind):
                self.show_kind(kind)
                self.rows.focus()
            case ObjectRow(kind=kind, id=object_id):
                self.console_app.open_object(kind, object_id)

    def subject(self) -> tuple[str, str, str] | None:
        row = self.rows.row
        return (row.kind, row.id, row.name) if isinstance(row, ObjectRow) else None

    def describe(self) -> None:
        if self.listing is None:
            return
        typed, query = self.listing.typed, self.listing.query
        total = count(self.rows.window.total) if self.rows.window.known else ".."
        order = tr("descending") if query.sort.startswith("-") else tr("ascending")
        filtered = tr("filter: {typed}", typed=typed) if typed else tr("all")
        sorted_by = f"{tr('sorted by')} {field_title(query.sort.lstrip('-'))} {order}"
        self.query_one("#state", Label).update(f" {kind_title(self.kind)} {total} | {filtered} | {sorted_by}")
        self.rows.empty = (
            mark("Nothing matches the filter.\nEsc in the filter line drops it.") if typed
            else mark("There is nothing of this kind yet.\nSheets and sources bring it: yunwang inventory import FILE.xlsx")
        )
