"""What stands around every screen: the bar above, the banner, the keys below."""

import time
from typing import TYPE_CHECKING, ClassVar, cast

from rich.cells import cell_len
from rich.style import Style
from rich.text import Text
from textual.widget import Widget

from core.i18n import tr
from core.operations import Operation
from core.width import clean, fit
from tui.access import tone, trial_days, who, why_not
from tui.link import Link
from tui.operations import key_name, on_screen, sure_key
from tui.words import SEVERITY, count, duration

if TYPE_CHECKING:
    from tui.console import YunwangApp


OFFICE_TONES = ("system-administrator", "security-officer", "auditor", "plain")


class Painted(Widget):
    """A widget of a few lines, drawn as styled text in the width it has."""

    TONES: ClassVar[dict[str, str]] = {
        "good": "success", "warn": "warning", "bad": "error", "dim": "quiet", "key": "accent", "head": "primary", "who": "accent",
    }

    def __init__(self) -> None:
        super().__init__()
        self.auto_links = False
        """What can be clicked keeps its own colours."""

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
        return Style(color=self.app.theme_variables[token][:7], bold=tone in ("bad", "key", "head", "who")) if token else Style()

    def put(self, text: Text, words: str, tone: str = "") -> None:
        text.append(words, self.style_of(tone) if tone else None)


class Bar(Painted):
    """Product, screen, who works, open alerts, connection, clock; coloured by the office of who works."""

    def __init__(self, title: str) -> None:
        super().__init__()
        self.title = title

    def on_mount(self) -> None:
        self.set_interval(1.0, self.refresh)

    def refresh_words(self) -> None:
        """Somebody else works, or the connection changed."""
        for office in OFFICE_TONES:
            self.set_class(tone(self.console_app.who.identity) == office, f"-{office}")
        self.refresh()

    def paint(self, width: int) -> Text:
        left = Text(" ")
        self.put(left, tr("Yunwang"), "head")
        left.append(" " + clean(tr(self.title)))
        identity = self.console_app.who.identity
        name = "  " + clean(who(identity), 60) if identity is not None else ""
        end = self._end()
        room = width - cell_len(left.plain) - cell_len(end.plain)
        alerts = next((text for text in (self._alerts(words=True), self._alerts(words=False))
                       if cell_len(text.plain) + cell_len(name) + 1 <= room), Text())
        self.put(left, fit(name, max(0, min(cell_len(name), room - cell_len(alerts.plain) - 1))), "who")
        right = alerts + end
        space = width - cell_len(left.plain) - cell_len(right.plain)
        return left + Text(" " * space) + right if space >= 0 else Text(fit(left.plain + right.plain, width))

    def _alerts(self, *, words: bool) -> Text:
        overview, text = self.console_app.overview, Text()
        for severity, word in SEVERITY.items() if overview is not None else ():
            if overview is not None and (n := overview.alerts.get(severity, 0)) and word.tone == "bad":
                self.put(text, f"{word.symbol.strip()}{tr(word.word) + ' ' if words else ''}{count(n)}  ", word.tone)
        return text

    def _end(self) -> Text:
        link, text = self.console_app.link, Text()
        self.put(text, connection(link), "good" if link.state == "live" else "bad" if link.state == "lost" else "warn")
        text.append(time.strftime("  %H:%M:%S "))
        return text


def connection(link: Link) -> str:
    """The state of the connection in words; while it is lost, for how long."""
    if link.state == "live":
        return f"+ {tr('connected')}"
    if link.state == "connecting":
        return f"~ {tr('connecting')}"
    return f"x {tr('connection lost, trying again')} {duration(link.age_s())}"


class Banner(Painted):
    """What every screen carries: the trial, a demo city, samples that are not stored, no hub."""

    def refresh_words(self) -> None:
        self.set_class(bool(self._words()), "-shown")
        self.refresh()

    def paint(self, width: int) -> Text:
        return Text(fit(" " + self._words(), width))

    def _words(self) -> str:
        return "  |  ".join(words for words in (self._trial(), self._fault() or self._city()) if words)

    def _trial(self) -> str:
        days = trial_days(self.console_app.who.identity, int(time.time() * 1000))
        if days < 0:
            return ""
        return tr("TRIAL, {n} days left: nothing is changed on devices", n=days) if days else tr("TRIAL is over: `yunwang setup` goes on")

    def _fault(self) -> str:
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
        return ""

    def _city(self) -> str:
        """What the hub asks every screen to carry. That it is a trial is said with its days already."""
        overview, identity = self.console_app.overview, self.console_app.who.identity
        banner = overview.banner if overview is not None else ""
        said = identity is not None and identity.trial and banner.startswith("Trial:")
        return clean(tr(banner)) if banner and not said else ""


class Keys(Painted):
    """The keys of this screen; each can be clicked. Where they do not fit, those that the menu of screens has too go first."""

    SPARE: ClassVar[tuple[str, ...]] = (
        "console.alerts", "console.devices", "console.overview", "console.command", "console.filter", "console.impact", "console.xray",
    )

    def __init__(self, screen_name: str) -> None:
        super().__init__()
        self.screen_name = screen_name

    def paint(self, width: int) -> Text:
        text = Text()
        identity = self.console_app.who.identity
        for op in self._fitting(width):
            key = key_name(sure_key(op))
            click = Style.from_meta({"@click": f"app.operate('{op.id}')"})
            why = why_not(identity, op)
            text.append(key, self.style_of("dim" if why else "key") + click)
            text.append(" " + tr(op.label), (self.style_of("dim") + Style(strike=True) if why else Style()) + click)
            text.append(" ")
        return text

    def _fitting(self, width: int) -> list[Operation]:
        found = [op for op in on_screen(self.screen_name) if op.label]
        for spare in ("", *self.SPARE):
            found = [op for op in found if op.id != spare]
            if sum(cell_len(key_name(sure_key(op))) + cell_len(tr(op.label)) + 2 for op in found) - 1 <= width:
                break
        return found
