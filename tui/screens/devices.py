"""Devices 设备: which device is it, and how does it feel?"""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widgets import Label

from core.i18n import mark, tr
from core.views import DeviceRow, ViewQuery
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.question import WINDOW, Listing, Question
from tui.tables import DEVICES
from tui.window import Window
from tui.words import count


class DevicesScreen(Question):
    """The list of all devices, live."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("devices")
    NAME = "devices"
    TITLE_ID = mark("Devices")
    CSS_PATH = "devices.tcss"

    def __init__(self) -> None:
        super().__init__()
        window: Window[DeviceRow] = Window(DeviceRow, lambda row: row.id)
        self.rows = Rows(DEVICES, window, id="devices", sort="name", empty="")
        self.listing: Listing | None = None

    def compose_body(self) -> Iterable[Any]:
        yield Label(id="state", classes="title -quiet", markup=False)
        yield self.rows

    def on_mount(self) -> None:
        self.listing = Listing(self, self.rows, ViewQuery(view="devices", sort="name", limit=WINDOW))
        self.listing.on_change = self._describe
        self.rows.focus()
        self._describe()

    def start(self) -> None:
        if self.listing is not None:
            self.listing.start()

    def list_filter(self) -> Listing | None:
        return self.listing

    def retranslate(self) -> None:
        super().retranslate()
        self._describe()

    def on_rows_wanted(self, message: Rows.Wanted) -> None:
        if self.listing is not None:
            self.listing.wanted(message.first, message.count)

    def on_rows_heading_clicked(self, message: Rows.HeadingClicked) -> None:
        if self.listing is not None:
            self.listing.sort(message.field)

    def on_rows_opened(self, message: Rows.Opened) -> None:
        self.console_app.open_device(message.row_id)

    def _describe(self) -> None:
        if self.listing is None:
            return
        typed, query = self.listing.typed, self.listing.query
        total = count(self.rows.window.total) if self.rows.window.known else ".."
        column = next((tr(c.title) for c in DEVICES if c.field == query.sort.lstrip("-")), query.sort)
        order = tr("descending") if query.sort.startswith("-") else tr("ascending")
        filtered = tr("filter: {typed}", typed=typed) if typed else tr("all")
        self.query_one("#state", Label).update(f" {tr('{n} devices', n=total)} | {filtered} | {tr('sorted by')} {column} {order}")
        self.rows.empty = (
            mark("No device matches the filter.\nEsc in the filter line drops it.") if typed or query.where
            else mark("There is no device in the inventory yet.\nImport a workbook: yunwang inventory import FILE.xlsx")
        )
