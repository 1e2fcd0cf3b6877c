"""Object 对象: what is it, what does it hang on, who says so, what became of it?"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, ClassVar

from rich.text import Text
from textual.binding import BindingType
from textual.timer import Timer
from textual.widgets import ContentSwitcher

from core.capacity import MEASURED
from core.edges import REFERENCES
from core.errors import InvalidInputError, YunwangError
from core.i18n import mark, tr
from core.model import KEYED
from core.review import Statement
from core.rows import Neighbour, ObjectDetail, ObjectEvent, ObjectRow
from core.views import AlertRow, ViewQuery
from core.width import clean, fit
from tui.chrome import Painted
from tui.downtime import Downtimes
from tui.fields import field_title, kind_title, value_text
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.question import WINDOW, Question
from tui.tables import DEVICE_ALERTS
from tui.tables_objects import EVENTS, NEIGHBOURS, OBJECT_FIELDS, PLAIN_FIELDS, SHOWN, EventLine, FieldRow, object_key, state_word
from tui.tabs import Tabs
from tui.window import Window
from tui.words import NOTHING

PERIOD_S = 10.0
SOON_S = 0.3
MOST_ITEMS = 500


class Head(Painted):
    """What it is, in one line."""

    def __init__(self, kind: str, name: str) -> None:
        super().__init__()
        self.kind, self.name_ = kind, name
        self.detail: ObjectDetail | None = None
        self.problem = ""

    def paint(self, width: int) -> Text:
        text = Text(" ")
        self.put(text, kind_title(self.kind) + "  ", "dim")
        row = self.detail.row if self.detail is not None else None
        self.put(text, clean(row.name if row is not None else self.name_) + "  ", "head")
        if row is None:
            text.append(self.problem or tr("Loading .."))
            return Text(fit(text.plain, width)) if self.problem else text
        if state := str(row.fields.get("state", "")):
            word = state_word(state)
            self.put(text, f"{word}  ", word.tone)
        for field in ("protection_level", "unit", "system", "project", "site", "address"):
            if said := value_text(field, row.fields.get(field), row.called):
                text.append(f"{said}  ")
        if row.fields.get("cii"):
            self.put(text, f"{tr('CII')}  ", "warn")
        text.truncate(width)
        return text


class ObjectScreen(Question):
    """One object of any kind."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("object")
    NAME = "object"
    TITLE_ID = mark("Object")
    CSS_PATH = "object.tcss"

    def __init__(self, kind: str, object_id: str, name: str = "") -> None:
        """object_id: its id, or its name or key."""
        super().__init__()
        self.kind, self.object_id, self.name_ = kind, object_id, name
        self.detail: ObjectDetail | None = None
        self.own: Window[ObjectRow] = Window(ObjectRow, object_key)
        self.fields: Window[FieldRow] = Window(FieldRow, lambda row: row.field)
        self.neighbours: Window[Neighbour] = Window(Neighbour, lambda row: f"{row.id}{row.ahead}")
        self.alerts: Window[AlertRow] = Window(AlertRow, object_key)
        self.events: Window[EventLine] = Window(EventLine, object_key)
        titles = {"fields": mark("Fields"), "relations": mark("Relations"), "events": mark("History")}
        titles |= {"alerts": mark("Alerts")} if kind == "device" else {}
        self.measured = next((one for one in MEASURED if one == kind), None)
        titles |= {"availability": mark("Availability")} if self.measured else {}
        self.tabs = Tabs(titles, self._note)
        self._soon: Timer | None = None

    def compose_body(self) -> Iterable[Any]:
        yield Head(self.kind, self.name_ or self.object_id)
        yield self.tabs
        with ContentSwitcher(initial="fields"):
            yield Rows(OBJECT_FIELDS, self.fields, id="fields")
            yield Rows(NEIGHBOURS, self.neighbours, id="relations", empty=mark("Nothing is known to hang together with it."))
            yield Rows(EVENTS, self.events, id="events", empty=mark("The journal holds nothing of it any more; its archives may."))
            if self.kind == "device":
                yield Rows(DEVICE_ALERTS, self.alerts, id="alerts", empty=mark("This device never raised an alert."))
            if self.measured:
                yield Downtimes(self.measured, self.object_id, id="availability")

    def on_mount(self) -> None:
        self._feed = self.feed(self.own, lambda _ids: self._read_soon())
        self._alert_feed = self.feed(self.alerts, lambda ids: self.query_one("#alerts", Rows).changed(ids))
        self.set_interval(PERIOD_S, lambda: self._read_soon() if self.is_seen else None)
        self.query_one("#fields").focus()

    def start(self) -> None:
        self._read_soon(0.0)

    def refresh_data(self) -> None:
        super().refresh_data()
        self._read_soon(0.0)
        if self.tabs.tab == "availability":
            self.query_one(Downtimes).read()

    def subject(self) -> tuple[str, str, str]:
        row = self.detail.row if self.detail is not None else None
        return (self.kind, row.id, row.name) if row is not None else (self.kind, self.object_id, self.name_)

    def current_rows(self) -> Rows:
        return self.query_one(f"#{self.tabs.tab} Rows" if self.tabs.tab == "availability" else f"#{self.tabs.tab}", Rows)

    # --- reading

    def _read_soon(self, wait_s: float = SOON_S) -> None:
        if self._soon is not None:
            self._soon.stop()
        self._soon = self.set_timer(max(wait_s, 0.001), lambda: self.aside("object", self._read))

    async def _read(self) -> None:
        try:
            found = await self.hub.objects.get(self.kind, self.object_id)
        except YunwangError as error:
            self._not_read(error)
            return
        if not self.is_attached:  # closed while the hub was thinking
            return
        if found == self.detail:
            return
        first, self.detail, self.object_id = self.detail is None, found, found.row.id
        head = self.query_one(Head)
        head.detail = found
        head.refresh()
        rows = field_rows(found)
        self.query_one("#fields", Rows).columns = OBJECT_FIELDS if any(row.origin for row in rows) else PLAIN_FIELDS
        self.query_one("#fields", Rows).restyled()
        self._fill("#fields", self.fields, rows)
        self._fill("#relations", self.neighbours, sorted(found.neighbours, key=_order))
        self.tabs.refresh()
        self._read_events()
        if first:
            self._feed.ask(ViewQuery(view="objects", where={"object_kind": self.kind, "id": self.object_id}, limit=1))
            if self.kind == "device":
                self._alert_feed.ask(
                    ViewQuery(view="alerts", where={"device_id": self.object_id}, sort="-raised_at", limit=WINDOW),
                )

    def _not_read(self, error: YunwangError) -> None:
        """Before the first answer the head says why; later what was read stays."""
        if self.detail is None and self.is_attached:
            head = self.query_one(Head)
            head.problem = clean(f"{error.message} {error.way_out}")
            head.refresh()
        elif self.console_app.link.state == "live":
            self.failed(error)

    def _read_events(self) -> None:
        if self.tabs.tab == "events":
            self.aside("events", self._events)

    async def _events(self) -> None:
        try:
            found = await self.hub.objects.events(self.kind, self.object_id)
        except YunwangError as error:
            if self.console_app.link.state == "live":
                self.failed(error)
            return
        if self.is_attached:
            self._fill("#events", self.events, event_lines(found))

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        if self.detail is not None:
            for feed in self.feeds:
                feed.again()

    def _fill(self, name: str, window: Window[Any], rows: Iterable[Any]) -> None:
        before, order, known = dict(window.rows), list(window.order), window.known
        window.fill(rows)
        same = known and order == window.order
        self.query_one(name, Rows).changed({i for i, row in window.rows.items() if before.get(i) != row} if same else None)

    def _note(self) -> str:
        if self.detail is None:
            return ""
        total, shown = self.detail.neighbours_total, len(self.detail.neighbours)
        text = tr("{n} relations", n=total) if shown == total else tr("{n} relations, the first {shown} are shown", n=total, shown=shown)
        waiting = len(self.detail.differences)
        return text + (f"  {tr('{n} lines in the review queue', n=waiting)}" if waiting else "")

    # --- what can be done

    def action_tab(self, by: int) -> None:
        self.action_show_tab(self.tabs.step(by))

    def action_show_tab(self, name: str) -> None:
        self.tabs.tab = name
        self.tabs.refresh()
        self.query_one(ContentSwitcher).current = name
        self.current_rows().focus()
        self._read_events()

    def action_month(self) -> None:
        if self.measured is None:
            self.failed(InvalidInputError(tr("Only devices, hosts, systems and units have an availability.")))
            return
        self.query_one(Downtimes).ask()
        self.action_show_tab("availability")

    def action_live(self) -> None:
        """Of the device that this is, or of the one under the cursor."""
        row = self.current_rows().row
        near = row.object_id if isinstance(row, Neighbour) and row.kind == "device" else ""
        if self.kind == "device" or near:
            self.console_app.open_device(self.object_id if self.kind == "device" else near)
        else:
            self.failed(InvalidInputError(tr("Only devices are polled.")))

    def on_rows_opened(self, message: Rows.Opened) -> None:
        match message.row:
            case Neighbour(object_id=object_id, kind=kind, name=name) if object_id:
                self.console_app.open_object(kind, object_id, name)
            case AlertRow() as found:
                self.console_app.open_alert(found.id, found)
            case FieldRow(field=field, value=value) if value:
                self._open_field(field.partition("/")[0], value)

    def _open_field(self, field: str, value: str) -> None:
        """What a field refers to."""
        target = next((one.target for one in REFERENCES.get(self.kind, ()) if one.field == field), "")
        if not target or self.detail is None:
            return
        held = self.detail.row.fields.get(field)
        self.console_app.open_object(target, held if isinstance(held, str) else value, value)


def _order(row: Neighbour) -> tuple[Any, ...]:
    return (not row.ahead, row.edge, row.kind, row.name, row.port)


def field_rows(detail: ObjectDetail) -> list[FieldRow]:
    """Every field, those of the list first; one line for each value where there are several."""
    row, out = detail.row, []
    order = [field for field in SHOWN[row.kind].split() if field in row.fields]
    doubted = {one.field for one in detail.differences if one.what == "field"}
    for field in [*order, *(field for field in row.fields if field not in order)]:
        said = _said(detail.statements, field)
        differs = field in doubted or len({text for text, _ in said.values()}) > 1
        values = _values(row, field)
        out.append(FieldRow(
            field=field, title=field_title(field), value=values[0], differs=differs, **_sides(said, differs=differs),
        ))
        out += [FieldRow(field=f"{field}/{n}", title="", value=text) for n, text in enumerate(values[1:MOST_ITEMS], 1)]
    return out


def event_lines(events: Iterable[ObjectEvent]) -> list[EventLine]:
    """One line for each field, newest first; what changed no field stands alone."""
    out: list[EventLine] = []
    for event in events:
        fields = list({**event.before, **event.after}) or [""]
        for place, field in enumerate(fields):
            before, after = (value_text(field, side.get(field)) for side in (event.before, event.after))
            if before or after or not field or len(fields) == 1:
                out.append(EventLine(
                    id=f"{event.seq}/{place}", field=field_title(field) if field else "", before=before, after=after,
                    at_ms=event.at_ms, actor=event.actor, action=event.action,
                    first=not out or not out[-1].id.startswith(f"{event.seq}/"),
                ))
    return out


def _values(row: ObjectRow, field: str) -> list[str]:
    value = row.fields.get(field)
    if isinstance(value, list) and value:
        target = next((one.target for one in REFERENCES.get(row.kind, ()) if one.field == field), "")
        if target in KEYED:
            return [tr("{n}, see the relations", n=len(value))]
        return [clean(str(one)) for one in value]
    return [value_text(field, value, row.called) or NOTHING]


def _said(statements: Iterable[Statement], field: str) -> dict[str, tuple[str, Statement]]:
    """By kind of source, what the surest says of a field."""
    found: dict[str, tuple[str, Statement]] = {}
    for one in sorted(statements, key=lambda one: (one.confidence, one.since)):
        if field in one.fields:
            found[one.source] = value_text(field, _decoded(one.fields[field])), one
    return found


def _decoded(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _sides(said: Mapping[str, tuple[str, Statement]], *, differs: bool) -> dict[str, Any]:
    """What each says, where they do not agree; who said it last."""
    sides: dict[str, Any] = {source: text for source, (text, _) in said.items()} if differs else {}
    newest = max((one for _, one in said.values()), key=lambda one: (differs and one.source != "declared", one.since), default=None)
    return sides | ({"origin": newest.origin, "since": newest.since} if newest is not None else {})
