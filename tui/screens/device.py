"""Device 设备: one device with its interfaces, charts, facts, alerts, messages and links."""

import re
import time
from collections.abc import Iterable
from typing import Any, ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.containers import Vertical
from textual.widgets import ContentSwitcher, Label

from core.errors import NotFoundError, YunwangError
from core.i18n import mark, tr
from core.objects import Device, Fact, Link
from core.views import AlertRow, DeviceRow, InterfaceRow, ViewQuery
from core.width import clean, fit
from tui.chart import TrafficChart
from tui.chrome import Painted
from tui.device_events import DeviceEvents
from tui.downtime import Downtimes
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.question import WINDOW, Listing, Question
from tui.tables import DEVICE_ALERTS, FACTS, INTERFACES, LINKS, fact_key, link_key
from tui.tables_measured import MEASURED, Measure, measure_key, measures
from tui.window import Window
from tui.words import NOTHING, STATUS, bits, duration, milliseconds, moment, role, told

TABS = ("interfaces", "measured", "charts", "facts", "alerts", "events", "links", "availability")
TITLES = {
    "interfaces": mark("Interfaces"),
    "measured": mark("Health"),
    "charts": mark("Charts"),
    "facts": mark("Facts"),
    "alerts": mark("Alerts"),
    "events": mark("Events"),
    "links": mark("Links"),
    "availability": mark("Availability"),
}
HOURS = (1, 6, 24)
CHART_PERIOD_S = 30.0
FACTS_PERIOD_S = 5.0
WIDE = 120
"""Cells from which on the head needs one line less."""
MOST_LINKS = 200
_ID = re.compile(r"[0-9a-f]{32}")
METRICS = (("ifHCInOctets", "ifHCOutOctets"), ("ifInOctets", "ifOutOctets"))


class Head(Painted):
    """What the device is and how it is, in two lines or (narrow) three; then the tabs."""

    def __init__(self) -> None:
        super().__init__()
        self.row: DeviceRow | None = None
        self.device: Device | None = None
        self.tab = TABS[0]

    def paint(self, width: int) -> Text:
        text = Text(" ")
        if self.row is None:
            text.append(tr("Loading .."))
        else:
            self._state(text, self.row)
            text.append("   " if width >= WIDE else "\n ")
            text.append(measured(self.row))
            text.append("\n" + fit(" " + "  ".join(declared(self.row)), width).rstrip())
        text.append("\n ")
        self._tabs(text)
        return text

    def _state(self, text: Text, row: DeviceRow) -> None:
        state = STATUS.get(row.status, STATUS["unknown"])
        self.put(text, f"{clean(row.name)}  ", "head")
        self.put(text, str(state), state.tone)
        text.append(f"  {tr('since')} {moment(row.since)}  {tr('running')} {duration(row.uptime_s)}")

    def _tabs(self, text: Text) -> None:
        for name in TABS:
            click = Style.from_meta({"@click": f"screen.show_tab('{name}')"})
            shown = f"[{tr(TITLES[name])}]" if name == self.tab else f" {tr(TITLES[name])} "
            text.append(shown, (self.style_of("key") if name == self.tab else self.style_of("dim")) + click)
            text.append(" ")


def measured(row: DeviceRow) -> str:
    """What the last poll saw."""
    traffic = f"{tr('In')} {bits(row.in_bps)}  {tr('Out')} {bits(row.out_bps)} bit/s"
    return f"{traffic}  {tr('answer')} {milliseconds(row.rtt_ms)} ms  {tr('polled')} {moment(row.polled_at)}"


def declared(row: DeviceRow) -> list[str]:
    """Where it is and whose."""
    return [clean(part) for part in (row.address, role(row.role), row.county, row.site, row.unit, row.platform) if part]


class DeviceScreen(Question):
    """One device, live."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("device")
    NAME = "device"
    TITLE_ID = mark("Device")
    CSS_PATH = "device.tcss"
    FILTERED: ClassVar[tuple[str, ...]] = ("interfaces",)

    def __init__(self, device_id: str) -> None:
        super().__init__()
        self.device_id = device_id
        self.own: Window[DeviceRow] = Window(DeviceRow, lambda row: row.id)
        ports: Window[InterfaceRow] = Window(InterfaceRow, lambda row: str(row.if_index))
        self.alerts: Window[AlertRow] = Window(AlertRow, lambda row: row.id)
        self.facts: Window[Fact] = Window(Fact, fact_key)
        self.links: Window[Link] = Window(Link, link_key)
        self.measures: Window[Measure] = Window(Measure, measure_key)
        nothing = mark("No interface is known yet.\nThey come with the first discovery.")
        self.ports = Rows(INTERFACES, ports, id="ports", sort="if_index", empty=nothing)
        self.listing: Listing | None = None
        self.hours = HOURS[0]
        self.names: dict[str, str] = {}
        self.neighbours: dict[str, str] = {}
        self.port_name = ""

    def compose_body(self) -> Iterable[Any]:
        yield Head()
        with ContentSwitcher(initial="interfaces"):
            yield Vertical(self.ports, id="interfaces")
            empty = mark("Nothing is measured yet.\nProcessors, memory and sensors come with the first discovery.")
            yield Vertical(Rows(MEASURED, self.measures, id="measured-rows", empty=empty), id="measured")
            yield Vertical(Label(id="chart-note", classes="title -quiet", markup=False), TrafficChart(), id="charts")
            yield Vertical(Rows(FACTS, self.facts, id="fact-rows", empty=mark("Nothing has been found out yet.")), id="facts")
            yield Vertical(Rows(DEVICE_ALERTS, self.alerts, id="alert-rows", empty=mark("This device never raised an alert.")), id="alerts")
            yield DeviceEvents(self.device_id, id="events")
            yield Vertical(Rows(LINKS, self.links, id="link-rows", empty=mark("No neighbour is known.")), id="links")
            yield Downtimes("device", self.device_id, id="availability")

    def on_mount(self) -> None:
        self.listing = Listing(self, self.ports, ViewQuery(view="interfaces", device_id=self.device_id, sort="if_index", limit=WINDOW))
        self._row_feed = self.feed(self.own, self._own_changed)
        self._alert_feed = self.feed(self.alerts, lambda ids: self.query_one("#alert-rows", Rows).changed(ids))
        self.set_interval(CHART_PERIOD_S, self._chart_if_seen)
        self.set_interval(FACTS_PERIOD_S, self._facts_if_seen)
        self.ports.focus()

    def start(self) -> None:
        if self.listing is None:
            return
        self.listing.start()
        self._row_feed.ask(ViewQuery(view="devices", where={"id": self.device_id}, limit=1))
        self._alert_feed.ask(ViewQuery(view="alerts", where={"device_id": self.device_id}, sort="-raised_at", limit=WINDOW))

    def refresh_data(self) -> None:
        super().refresh_data()
        self._facts_if_seen()
        self._chart_if_seen()
        if self.query_one(Head).tab == "availability":
            self.query_one(Downtimes).read()
        if self.query_one(Head).tab == "events":
            self.query_one(DeviceEvents).read()

    def list_filter(self) -> Listing | None:
        return self.listing

    def subject(self) -> tuple[str, str, str]:
        row = self.query_one(Head).row
        return "device", row.id if row is not None else self.device_id, row.name if row is not None else ""

    def action_check(self) -> None:
        _, device_id, name = self.subject()
        self.console_app.open_check(device_id, name)

    def on_rows_wanted(self, message: Rows.Wanted) -> None:
        if message.rows is self.ports and self.listing is not None:
            self.listing.wanted(message.first, message.count)

    def on_rows_heading_clicked(self, message: Rows.HeadingClicked) -> None:
        if self.listing is not None and self.focused is self.ports:
            self.listing.sort(message.field)

    def on_rows_opened(self, message: Rows.Opened) -> None:
        match message.row:
            case InterfaceRow(name=name):
                self.port_name = name
                self.action_show_tab("charts")
            case AlertRow() as found:
                self.console_app.open_alert(found.id, found)
            case Link(device_b=name):
                self.console_app.open_device(self.neighbours.get(name, name))

    def action_tab(self, by: int) -> None:
        self.action_show_tab(TABS[(TABS.index(self.query_one(Head).tab) + by) % len(TABS)])

    def action_show_tab(self, name: str) -> None:
        head = self.query_one(Head)
        head.tab = name
        head.refresh(layout=True)
        self.query_one(ContentSwitcher).current = name
        if name == "charts":
            self.set_focus(None)
            self._chart_if_seen()
        else:
            self.query_one(f"#{name} Rows", Rows).focus()
            self._facts_if_seen()

    def action_month(self) -> None:
        self.query_one(Downtimes).ask()
        self.action_show_tab("availability")

    def action_hours(self) -> None:
        self.hours = HOURS[(HOURS.index(self.hours) + 1) % len(HOURS)]
        self.action_show_tab("charts")

    def _own_changed(self, _ids: set[str] | None) -> None:
        head = self.query_one(Head)
        head.row = self.own.rows.get(self.device_id) or next(iter(self.own.rows.values()), None)
        head.refresh(layout=True)

    async def _read_measured(self) -> None:
        try:
            found = measures(await self.hub.measured(self.device_id))
        except YunwangError as error:
            if self.console_app.link.state == "live":
                self.failed(error)
            return
        if not self.measures.known or list(self.measures.rows.values()) != found:
            self.measures.fill(found)
            self.query_one("#measured-rows", Rows).changed(None)

    def _facts_if_seen(self) -> None:
        """Facts, links and measures have no stream: they are read while somebody looks at them."""
        if self.query_one(Head).tab == "measured" and self.is_seen:
            self.run_worker(self._read_measured(), group="measured", exclusive=True)
        if self.query_one(Head).tab in ("facts", "links") and self.is_seen:
            self.run_worker(self._read_facts(), group="facts", exclusive=True)

    async def _read_facts(self) -> None:
        try:
            facts, links = await self.hub.facts(self.device_id), await self.hub.links(self.device_id)
        except YunwangError as error:
            if self.console_app.link.state == "live":
                self.failed(error)
            return
        links = tuple([await self._named(link) for link in links[:MOST_LINKS]])
        pairs: tuple[tuple[str, Window[Any], tuple[Any, ...]], ...] = (("#fact-rows", self.facts, facts), ("#link-rows", self.links, links))
        for name, window, found in pairs:
            if not window.known or tuple(window.rows.values()) != found:
                window.fill(found)
                self.query_one(name, Rows).changed(None)

    async def _named(self, link: Link) -> Link:
        """The neighbour by its name, where discovery knows it as one of our devices; `neighbours` leads back to its id."""
        far = link.device_b
        if far not in self.names and _ID.fullmatch(far):
            try:
                self.names[far] = (await self.hub.device(far)).row.name
            except NotFoundError:
                self.names[far] = far
        name = self.names.get(far, far)
        self.neighbours[name] = far
        return link.replace(device_b=name)

    def _chart_if_seen(self) -> None:
        if self.query_one(Head).tab == "charts" and self.is_seen:
            self.run_worker(self._chart(), group="chart", exclusive=True)

    def _chosen_port(self) -> str:
        """The interface that somebody chose; until then the busiest one."""
        busiest = max(self.ports.window.rows.values(), key=lambda port: port.in_bps + port.out_bps, default=None)
        return self.port_name or (busiest.name if busiest is not None else "")

    async def _chart(self) -> None:
        note, chart, name = self.query_one("#chart-note", Label), self.query_one(TrafficChart), self._chosen_port()
        if not name:
            note.update(" " + tr("Choose an interface on the first tab and press Enter."))
            return
        end = time.time()
        start = end - 3600 * self.hours
        try:
            frames = await self._frames(name, start, end, 2 * max(20, chart.size.width))
        except YunwangError as error:
            note.update(f" {told(error)}")
            return
        chart.show(frames, start, end)
        what = {"name": clean(name, 60) or NOTHING, "hours": self.hours}
        if chart.has_points:
            note.update(" " + tr("{name}, last {hours} h, bit/s: line in, + out. F8: another span.", **what))
        else:
            note.update(" " + tr("{name}, last {hours} h: nothing is stored for this time yet.", **what))

    async def _frames(self, name: str, start: float, end: float, points: int) -> dict[str, Any]:
        frames: dict[str, Any] = {}
        for metrics in METRICS:
            for direction, metric in zip(("In", "Out"), metrics, strict=True):
                frames[direction] = await self.hub.samples(
                    self.device_id, metric, name, start_ms=int(start * 1000), end_ms=int(end * 1000), points=points,
                )
            if any(len(frame.at_ms) for frame in frames.values()):
                break
        return frames

    def on_rows_moved(self, message: Rows.Moved) -> None:
        if isinstance(message.row, InterfaceRow):
            self.port_name = message.row.name
