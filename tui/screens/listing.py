"""What every screen of one list does: shows it, filters and sorts it, follows it live."""

from textual.widgets import Label

from core.views import ViewQuery
from tui.rows import Rows
from tui.screens.question import Listing, Question


class ListScreen(Question):
    """A screen of one list. Subclasses say what the list follows first, and what stands in the line above it."""

    def __init__(self, rows: Rows) -> None:
        super().__init__()
        self.rows = rows
        self.listing: Listing | None = None

    def first_query(self) -> ViewQuery:
        """What the list follows when the screen is opened first."""
        raise NotImplementedError

    def make_listing(self) -> Listing:
        return Listing(self, self.rows, self.first_query())

    def head(self) -> Label:
        """The line above the list."""
        return Label(id="state", classes="title -quiet", markup=False)

    def on_mount(self) -> None:
        self.listing = self.make_listing()
        self.listing.on_change = self.describe
        self.rows.focus()
        self.describe()

    def start(self) -> None:
        if self.listing is not None:
            self.listing.start()

    def list_filter(self) -> Listing | None:
        return self.listing

    def retranslate(self) -> None:
        super().retranslate()
        self.describe()

    def describe(self) -> None:
        """Says anew what is shown; called after each change."""
        raise NotImplementedError

    def on_rows_wanted(self, message: Rows.Wanted) -> None:
        if self.listing is not None:
            self.listing.wanted(message.first, message.count)

    def on_rows_heading_clicked(self, message: Rows.HeadingClicked) -> None:
        if self.listing is not None:
            self.listing.sort(message.field)
