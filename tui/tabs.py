"""One line of tabs, each of which can be clicked."""

from collections.abc import Callable, Mapping

from rich.style import Style
from rich.text import Text

from core.i18n import tr
from tui.chrome import Painted


class Tabs(Painted):
    """Names and their titles (message ids); `note` is what stands behind them."""

    def __init__(self, titles: Mapping[str, str], note: Callable[[], str] = lambda: "") -> None:
        super().__init__()
        self.titles, self.note = titles, note
        self.tab = next(iter(titles))

    def step(self, by: int) -> str:
        """The name of the tab so many further on."""
        names = list(self.titles)
        return names[(names.index(self.tab) + by) % len(names)]

    def paint(self, width: int) -> Text:  # noqa: ARG002 -- cut by the widget
        text = Text(" ")
        for name, title in self.titles.items():
            click = Style.from_meta({"@click": f"screen.show_tab('{name}')"})
            chosen = name == self.tab
            text.append(f"[{tr(title)}]" if chosen else f" {tr(title)} ", self.style_of("key" if chosen else "dim") + click)
            text.append(" ")
        self.put(text, " " + self.note(), "dim")
        return text
