"""What stands around every screen: the bar above, the banner, the keys below."""

import time
from typing import TYPE_CHECKING, ClassVar, cast

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.widget import Widget

from core.i18n import tr
from core.width import clean, fit
from tui.link import Link
from tui.operations import key_name, on_screen, sure_key
from tui.words import SEVERITY, count, duration

if TYPE_CHECKING:
    from tui.console import YunwangApp


class Painted(Widget):
    """A widget of a few lines, drawn as styled text in the width it has."""

    TONES: ClassVar[dict[str, str]] = {
        "good": "success", "warn": "warning", "bad": "error", "dim": "quiet", "key": "accent", "head": "primary",
    }

    @property
    def console_app(self) -> "YunwangApp":
        return cast("YunwangApp", self.app)

    def paint(self, width: int) -> Text:
        """The lines, in the language of this moment."""
        raise NotImplementedError

    def render(self) -> Text:
        return self.paint(self.size.width)

    def style_of(self, tone: str) -> Style:
        """A Rich style for a tone in the current theme."""
        token = self.TONES.get(tone)
        return Style(color=self.app.theme_variables[token][:7], bold=tone in ("bad", "key", "head")) if token else Style()

    def put(self, text: Text, words: str, tone: str = "") -> None:
        text.append(words, self.style_of(tone) if tone else None)


class Bar(Painted):
    """Product, screen, open alerts, connection, clock."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title

    def on_mount(self) -> None:
        self.set_interval(1.0, self.refresh)

    def paint(self, width: int) -> Text:
        left, right = Text(" "), Text()
        self.put(left, tr("Yunwang"), "head")
        left.append(" " + clean(tr(self.title)))
        overview = self.console_app.overview
        for name, word in SEVERITY.items() if overview is not None and width >= 60 else ():
            if overview is not None and (n := overview.alerts.get(name, 0)) and word.tone == "bad":
                self.put(right, f"{word.symbol.strip()}{tr(word.word)} {count(n)}  ", word.tone)
        link = self.console_app.link
        self.put(right, connection(link), "good" if link.state == "live" else "bad" if link.state == "lost" else "warn")
        right.append(time.strftime("  %H:%M:%S "))
        room = max(1, width - cell_len(right.plain))
        shown = fit(left.plain, room)
        return (left + Text(" " * max(0, room - cell_len(left.plain))) if cell_len(left.plain) <= room else Text(shown)) + right


def connection(link: Link) -> str:
    """The state of the connection in words; while it is lost, for how long."""
    if link.state == "live":
        return f"+ {tr('connected')}"
    if link.state == "connecting":
        return f"~ {tr('connecting')}"
    return f"x {tr('connection lost, trying again')} {duration(link.age_s())}"


class Banner(Painted):
    """A warning that every screen carries: a demo city, samples that are not stored, no hub."""

    def refresh_words(self) -> None:
        self.set_class(bool(self._words()), "-shown")
        self.refresh()

    def paint(self, width: int) -> Text:
        return Text(fit(" " + self._words(), width))

    def _words(self) -> str:
        app = self.console_app
        if app.link.state != "live" and app.link.problem:
            return app.link.problem
        if app.overview is None:
            return ""
        health = app.overview.polling
        if health.storage_error:
            return tr("Samples are not being stored: {reason}", reason=clean(health.storage_error))
        if health.polling_error:
            return tr("Polling met a fault of our own and goes on: {reason}", reason=clean(health.polling_error))
        return clean(tr(app.overview.banner)) if app.overview.banner else ""


class Keys(Painted):
    """The keys of this screen; each can be clicked."""

    def __init__(self, screen_name: str) -> None:
        super().__init__()
        self.screen_name = screen_name

    def paint(self, width: int) -> Text:
        text = Text()
        for op in on_screen(self.screen_name):
            key = key_name(sure_key(op))
            if not op.label:
                continue
            words = f"{key} {tr(op.label)}"
            if cell_len(text.plain) + cell_len(words) + 1 > width:
                break
            space = "screen" if op.screen else "app"
            click = Style.from_meta({"@click": f"{space}.{op.action}" + ("" if op.action.endswith(")") else "()")})
            text.append(key, self.style_of("key") + click)
            text.append(" " + tr(op.label), click)
            text.append(" ")
        return text
