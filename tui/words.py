"""Numbers, times and states in words for a screen. Pure; every word goes through `core.i18n.tr` at the moment it is shown.

Symbols are ASCII: `●` and `→` take one cell in some terminals and two in others, and would push columns out of line.
"""

import math
import time
from typing import NamedTuple

from core import rules
from core.errors import YunwangError
from core.i18n import mark, tr
from core.views import AlertRow
from core.width import clean

NOTHING = "-"
BLOCKS = " ▁▂▃▄▅▆▇█"
_BRIEF = (
    ("Ten-GigabitEthernet", "XGE"), ("XGigabitEthernet", "XGE"), ("TenGigabitEthernet", "Te"), ("TenGigE", "Te"), ("FortyGigE", "40GE"),
    ("Twenty-FiveGigE", "25GE"), ("HundredGigE", "100GE"), ("GigabitEthernet", "GE"), ("FastEthernet", "Fa"),
    ("Bridge-Aggregation", "BAGG"), ("Route-Aggregation", "RAGG"),
)
"""As VRP, Comware and IOS shorten them themselves: the numbers, which tell ports apart, stand at the end."""


class Word(NamedTuple):
    """A state for people: a symbol, a word (message id) and a tone (`good`, `warn`, `bad`, `dim` or empty)."""

    symbol: str
    word: str
    tone: str

    def __str__(self) -> str:
        return f"{self.symbol} {tr(self.word)}"


STATUS = {
    "up": Word("+", mark("up"), "good"),
    "partial": Word("~", mark("partial"), "warn"),
    "down": Word("x", mark("down"), "bad"),
    "refused": Word("!", mark("refused"), "warn"),
    "unknown": Word("?", mark("unknown"), "dim"),
}
SEVERITY = {
    "critical": Word("!!", mark("critical"), "bad"),
    "major": Word("! ", mark("major"), "bad"),
    "minor": Word("* ", mark("minor"), "warn"),
    "warning": Word("~ ", mark("warning"), "warn"),
    "info": Word("- ", mark("info"), "dim"),
}
OPERATIONAL = {
    1: Word("+", mark("link up"), "good"),
    2: Word("x", mark("link down"), "bad"),
    3: Word("~", mark("testing"), "warn"),
    4: Word("?", mark("unknown"), "dim"),
    5: Word("~", mark("dormant"), "dim"),
    6: Word("-", mark("not present"), "dim"),
    7: Word("x", mark("lower layer down"), "warn"),
}
SHUT = Word("-", mark("shut"), "dim")
ROLES = {
    "core": mark("core"),
    "aggregation": mark("aggregation"),
    "access": mark("access"),
    "firewall": mark("firewall"),
    "load-balancer": mark("load balancer"),
    "gap": mark("gap"),
    "server": mark("server"),
    "other": mark("other"),
}
LEVELS = {"city": mark("city"), "county": mark("county"), "township": mark("township")}


def bits(bps: float) -> str:
    """A rate in bit/s: `1.2G`; `-` where nothing is known."""
    if bps < 0 or bps != bps:
        return NOTHING
    for unit in ("", "k", "M", "G", "T", "P"):
        if bps < 999.5:
            return f"{bps:.0f}{unit}" if not unit or bps >= 99.95 else f"{bps:.1f}{unit}"
        bps /= 1000
    return f"{bps:.0f}E"


def count(number: float) -> str:
    """A whole number with thousands marked; `-` below zero."""
    return NOTHING if number < 0 else f"{number:,.0f}"


def rate(per_s: float) -> str:
    """A small rate per second: `0`, `0.02`, `35`, `1.2k`."""
    if per_s < 0 or per_s != per_s:
        return NOTHING
    if per_s >= 99.5:
        return bits(per_s)
    return "0" if per_s < 0.005 else f"{per_s:.2f}" if per_s < 1 else f"{per_s:.1f}"


def percent(part: float, whole: float) -> str:
    """A share; `100%` only of the whole."""
    if 0.995 * whole <= part < whole:
        return f"{math.floor(1000 * part / whole) / 10:.1f}%"
    return NOTHING if whole <= 0 or part < 0 else f"{part / whole:.1%}" if part < whole * 0.0995 else f"{part / whole:.0%}"


def milliseconds(ms: float) -> str:
    return NOTHING if ms < 0 else f"{ms:.1f}" if ms < 99.95 else f"{ms:.0f}"


def duration(seconds: float) -> str:
    """Two units at most: `3d4h`, in Chinese `3天4时`."""
    if seconds < 0:
        return NOTHING
    minutes, s = divmod(int(seconds), 60)
    hours, m = divmod(minutes, 60)
    d, h = divmod(hours, 24)
    if d:
        return tr("{d}d{h}h", d=d, h=h) if h and d < 100 else tr("{d}d", d=d)
    if h:
        return tr("{h}h{m}m", h=h, m=m) if m else tr("{h}h", h=h)
    if m:
        return tr("{m}m{s}s", m=m, s=s) if s else tr("{m}m", m=m)
    return tr("{s}s", s=s)


def moment(ms: int, now_ms: int = 0) -> str:
    """A time of day in the console's zone, with the date when it is not the day of `now_ms` (0: now); `-` for 0."""
    if ms <= 0:
        return NOTHING
    then, now = time.localtime(ms / 1000), time.localtime(now_ms / 1000 if now_ms else None)
    return time.strftime("%H:%M:%S" if then[:3] == now[:3] else "%m-%d %H:%M", then)


def since(ms: int, now_ms: int) -> str:
    """How long ago; `-` for 0."""
    return NOTHING if ms <= 0 else duration(max(0, now_ms - ms) / 1000)


def role(name: str) -> str:
    return tr(ROLES[name]) if name in ROLES else clean(name)


def level(name: str) -> str:
    return tr(LEVELS[name]) if name in LEVELS else clean(name)


def severity(name: str) -> Word:
    return SEVERITY.get(name, Word("? ", clean(name), "dim"))


def told(error: YunwangError) -> str:
    """What is wrong and the way out, as one text: after a Chinese full stop without a space."""
    space = "" if error.message.endswith(("。", "！", "？")) else " "
    return clean(f"{error.message}{space}{error.way_out}".strip())


def because(alert: AlertRow) -> str:
    """What mutes it: a window, or the alert that is its cause."""
    if alert.suppressed_by:
        return tr("another alert")
    return tr("a window") if alert.silenced_by else ""


def sentence(alert: AlertRow) -> str:
    """What happened, in the language of the screen."""
    return rules.said(alert)


def hint(alert: AlertRow) -> str:
    """What to do about it; empty where nothing is known."""
    return rules.advised(alert)


def sparkline(values: list[float], cells: int) -> str:
    """The last `cells` values as block characters, scaled from zero to their largest; unknown values are blank."""
    shown = [v if v >= 0 else -1.0 for v in values[-cells:]]
    top = max(shown, default=0.0)
    marks = (" " if v < 0 else BLOCKS[1 + round(7 * v / top)] if top > 0 else BLOCKS[1] for v in shown)
    return "".join(marks)


def brief(port: str) -> str:
    """A port's name for a narrow column."""
    name = clean(port)
    for long, short in _BRIEF:
        if name.startswith(long):
            return short + name[len(long) :]
    return name
