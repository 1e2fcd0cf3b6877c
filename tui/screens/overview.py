"""Overview 总览: is the city well, and where is it not?"""

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.binding import Binding, BindingType
from textual.containers import Container

from core.i18n import mark, tr
from core.views import AlertRow, DeviceRow, GroupCount, Overview
from tui.chrome import Painted
from tui.fields import kind_title
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.question import Question
from tui.tables import BUSIEST, COUNTIES, NEWEST, county_key
from tui.tables_objects import STATES
from tui.window import Window
from tui.words import NOTHING, SEVERITY, Word, bits, count, percent, sparkline


class Summary(Painted):
    """Devices, alerts, traffic, polling: a line each."""

    def paint(self, width: int) -> Text:
        overview = self.console_app.overview
        text = Text()
        if overview is None:
            self._waiting(text)
            return text
        for line in (self._devices, self._alerts, self._polling):
            line(text, overview)
            text.append("\n")
        self._traffic(text, overview, width)
        return text

    def _waiting(self, text: Text) -> None:
        link = self.console_app.link
        text.append("\n " + (tr("Waiting for the hub ..") if link.state == "connecting" else tr("Loading ..")) + "\n")
        text.append(" " + (link.problem or tr("The console asks again by itself.")) + "\n")

    def _head(self, text: Text, title: str) -> None:
        self.put(text, f" {tr(title)} ", "head")

    def _devices(self, text: Text, overview: Overview) -> None:
        self._head(text, mark("Devices"))
        text.append(count(overview.devices))
        self.put(text, f"  + {tr('up')} {count(overview.up)}", "good")
        self.put(text, f"  x {tr('down')} {count(overview.down)}", "bad" if overview.down else "dim")
        self.put(text, f"  ? {tr('unknown')} {count(overview.unknown)}", "dim")
        if overview.interfaces:
            text.append("  ")
            self._head(text, mark("Interfaces"))
            up, known = overview.interfaces_up, overview.interfaces
            text.append(f"{count(up)}/{count(known)} {percent(up, known)}")

    def _alerts(self, text: Text, overview: Overview) -> None:
        self._head(text, mark("Alerts"))
        if not any(overview.alerts.values()):
            self.put(text, "+ " + tr("none open"), "good")
        for name, word in SEVERITY.items():
            if any(overview.alerts.values()):
                number = overview.alerts.get(name, 0)
                self.put(text, f"{word.symbol.strip()} {tr(word.word)} {count(number)}  ", word.tone if number else "dim")

    def _polling(self, text: Text, overview: Overview) -> None:
        health = overview.polling
        self._head(text, mark("Polling"))
        text.append(tr("{n} variables/s", n=count(health.variables_per_s)))
        text.append(f"  CPU {health.cpu_share:.0%}  {tr('timeouts')} {count(health.timeouts)}  ")
        self.put(text, f"{tr('overdue')} {count(health.overdue)}  ", "warn" if health.overdue else "")
        if health.undiscovered:
            text.append(f"{tr('discovering')} {count(health.undiscovered)}  ")
        self.put(text, ("x " if health.storage_error else "+ ") + tr("storing"), "bad" if health.storage_error else "good")

    def _traffic(self, text: Text, overview: Overview, width: int) -> None:
        start = len(text.plain)
        self._head(text, mark("Traffic"))
        text.append(f"{tr('In')} {bits(overview.in_bps)}  {tr('Out')} {bits(overview.out_bps)} bit/s  ")
        room = max(0, width - cell_len(text.plain[start:]) - 1)
        self.put(text, sparkline([i + o if i >= 0 and o >= 0 else -1.0 for _, i, o in self.console_app.traffic], room), "key")


class Way(NamedTuple):
    """A count that leads to its list: the kind of object and a filter; kind `queue`: the review queue."""

    text: str
    tone: str
    kind: str
    typed: str = ""


class Ways(Painted, can_focus=True):
    """What exists besides the net, and what waits for a word, in two lines. Left and Right choose, Enter (or a click) leads there."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,up", "choose(-1)", show=False), Binding("right,down", "choose(1)", show=False), Binding("enter", "go", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.place = 0

    def ways(self) -> list[list[Way]]:
        """Line by line."""
        overview = self.console_app.overview
        found = overview.estate if overview is not None else None
        if found is None:
            return []
        machines = sum(found.vms.values())
        business = [
            Way(f"{kind_title('unit')} {count(found.units)}", "", "unit"),
            Way(f"{kind_title('system')} {count(found.systems)}", "", "system"),
            Way(f"{tr('Waits for review')} {count(found.queue)}", "warn" if found.queue else "dim", "queue"),
            Way(f"{tr('Unowned')} {count(found.unowned)}", "warn" if found.unowned else "dim", "queue", "what=unowned"),
        ]
        cloud = [
            Way(f"{kind_title('cloud_platform')} {count(found.platforms)}", "", "cloud_platform"),
            Way(f"{kind_title('host')} {count(found.hosts_up)}/{count(found.hosts)}",
                "bad" if found.hosts_up < found.hosts else "", "host", "state=down" if found.hosts_up < found.hosts else ""),
            Way(f"{kind_title('vm')} {count(machines)}", "", "vm"),
            *(self._machines(state, number) for state, number in found.vms.items() if number),
        ]
        return [business, cloud] if found.platforms or machines or found.hosts else [business]

    def _machines(self, state: str, number: int) -> Way:
        word = STATES.get(state, Word("?", mark("other states"), "dim"))
        return Way(f"{word} {count(number)}", word.tone, "vm", f"state={state}" if state in STATES else "")

    def paint(self, width: int) -> Text:  # noqa: ARG002 -- cut by the widget
        text, number = Text(), 0
        for title, line in zip((mark("Business"), mark("Cloud")), self.ways(), strict=False):
            text.append("\n" if number else "")
            self.put(text, f" {tr(title)} ", "head")
            for way in line:
                chosen = self.has_focus and number == self.place
                style = Style(reverse=True) if chosen else self.style_of(way.tone) if way.tone else Style()
                text.append(way.text, style + Style.from_meta({"@click": f"screen.way({number})"}))
                text.append("  ")
                number += 1
        return text

    def action_choose(self, by: int) -> None:
        if total := sum(map(len, self.ways())):
            self.place = (self.place + by) % total
            self.refresh()

    def action_go(self) -> None:
        self.go(self.place)

    def go(self, number: int) -> None:
        """Follows a count to its list."""
        ways = [way for line in self.ways() for way in line]
        if number < len(ways):
            way = ways[number]
            if way.kind == "queue":
                self.console_app.show_queue(way.typed)
            else:
                self.console_app.show_objects(way.kind, way.typed)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


class Welcome(Painted):
    """Nothing is in the inventory yet: how to begin."""

    def paint(self, width: int) -> Text:  # noqa: ARG002 -- long lines are cut by the widget
        text = Text("\n")
        self.put(text, " " + tr("There is no device in the inventory yet.") + "\n\n", "head")
        for line in (
            tr("Add a device, or a net:    Ctrl+V"),
            tr("Write an empty workbook:  yunwang inventory template"),
            tr("Fill it in, then import:   yunwang inventory import FILE.xlsx"),
            tr("Or look at a made-up city: yunwang demo"),
        ):
            text.append("   " + line + "\n")
        text.append("\n " + tr("Devices appear here by themselves once they are imported."))
        return text


class OverviewScreen(Question):
    """Numbers of the whole city, then where to look."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("overview")
    NAME = "overview"
    TITLE_ID = mark("Overview")
    CSS_PATH = "overview.tcss"

    def __init__(self) -> None:
        super().__init__()
        self.counties: Window[GroupCount] = Window(GroupCount, county_key)
        self.busiest: Window[DeviceRow] = Window(DeviceRow, lambda row: row.id)
        self.newest: Window[AlertRow] = Window(AlertRow, lambda row: row.id)

    def compose_body(self) -> Iterable[Any]:
        yield Summary()
        yield Ways()
        yield Welcome()
        yield Container(
            Container(
                Rows(COUNTIES, self.counties, id="counties", empty=mark("No county yet.")),
                Rows(BUSIEST, self.busiest, id="busiest", empty=mark("No traffic measured yet.")),
                id="places",
            ),
            Rows(NEWEST, self.newest, id="newest", empty=mark("No alert is open.")),
            id="lists",
        )

    def start(self) -> None:
        self.query_one("#counties").focus()
        self.overview_changed()

    def overview_changed(self) -> None:
        """A new overview came in."""
        overview = self.console_app.overview
        self.query_one(Summary).refresh(layout=True)
        ways = self.query_one(Ways)
        ways.display = bool(ways.ways())
        ways.refresh(layout=True)
        empty = overview is not None and not overview.devices
        self.query_one(Welcome).display = empty
        self.query_one("#lists").display = overview is not None and not empty
        if overview is None:
            return
        for name, window, rows in (
            ("#counties", self.counties, overview.counties),
            ("#newest", self.newest, overview.newest_alerts),
            ("#busiest", self.busiest, overview.busiest),
        ):
            self._fill(name, window, rows)

    def _fill(self, name: str, window: Window[Any], rows: tuple[Any, ...]) -> None:
        before, order = dict(window.rows), list(window.order)
        known = window.known
        window.fill(rows)
        same = known and order == window.order
        self.query_one(name, Rows).changed({i for i, row in window.rows.items() if before.get(i) != row} if same else None)

    def action_way(self, number: int) -> None:
        self.query_one(Ways).go(number)

    def on_rows_opened(self, message: Rows.Opened) -> None:
        app = self.console_app
        match message.row:
            case GroupCount(name=name):
                app.show_devices(f"county={name}" if name and name != NOTHING else "")
            case AlertRow() as found:
                app.open_alert(found.id, found)
            case DeviceRow(id=device_id):
                app.open_device(device_id)
