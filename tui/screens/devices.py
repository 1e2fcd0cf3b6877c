"""Devices 设备: which device is it, and how does it feel?"""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.binding import BindingType
from textual.widgets import Label

from core.i18n import mark, tr
from core.views import DeviceRow, ViewQuery
from tui.operations import bindings
from tui.rows import Rows
from tui.screens.listing import ListScreen
from tui.screens.question import WINDOW
from tui.tables import DEVICES
from tui.window import Window
from tui.words import count


class DevicesScreen(ListScreen):
    """The list of all devices, live."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("devices")
    NAME = "devices"
    TITLE_ID = mark("Devices")
    CSS_PATH = "devices.tcss"

    def __init__(self) -> None:
        window: Window[DeviceRow] = Window(DeviceRow, lambda row: row.id)
        super().__init__(Rows(DEVICES, window, id="devices", sort="name", empty=""))

    def first_query(self) -> ViewQuery:
        return ViewQuery(view="devices", sort="name", limit=WINDOW)

    def compose_body(self) -> Iterable[Any]:
        yield self.head()
        yield self.rows

    def on_rows_opened(self, message: Rows.Opened) -> None:
        self.console_app.open_device(message.row_id)

    def subject(self) -> tuple[str, str, str] | None:
        row = self.rows.row
        return ("device", row.id, row.name) if isinstance(row, DeviceRow) else None

    def describe(self) -> None:
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
