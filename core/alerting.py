"""What people do about alerts: choose them, take them on, note, mute, close. Times are milliseconds since 1970, UTC."""

from typing import Annotated, Literal

from msgspec import Meta

from core.i18n import mark, tr
from core.nouns import Noun
from core.questions import ImpactReport
from core.signals import Severity
from core.views import AlertRow
from core.width import clean
from core.work import Window

MOST_AT_ONCE = 500
"""Alerts that one order changes; the rest is told as left."""
MOST_COMMENTS = 200
LONGEST_TEXT = 1000
Verb = Literal["ack", "unack", "comment", "close"]
Being = Literal["open", "cleared", "all"]
StepKind = Literal[
    "raised", "cleared", "closed", "reopened", "severity", "acked", "unacked", "lapsed", "commented", "silenced", "unsilenced",
    "suppressed", "released", "flapping", "calm", "cause",
]
STEPS: dict[StepKind, str] = {
    "raised": mark("raised"), "cleared": mark("over"), "closed": mark("closed"), "reopened": mark("open again"),
    "severity": mark("severity changed"), "acked": mark("taken on"), "unacked": mark("given back"),
    "lapsed": mark("more severe: nobody is on it any more"), "commented": mark("noted"), "silenced": mark("silenced"),
    "unsilenced": mark("not silenced any more"), "suppressed": mark("follows from another"),
    "released": mark("stands for itself"), "flapping": mark("comes and goes"), "calm": mark("holds still"), "cause": mark("cause"),
}
"""What happened to an alert, in words."""
CAUSES: dict[str, str] = {
    "line": mark("the line"), "power": mark("its power"), "line-or-power": mark("the line or its power"), "far-end": mark("the far end"),
}
"""Why a root is down, in words."""
Name = Annotated[str, Meta(max_length=256)]
Words = Annotated[str, Meta(max_length=LONGEST_TEXT)]

_PARTS: dict[str, str] = {
    "system:senses": mark("the polling"), "system:alerts": mark("the alerting"), "system:suppress": mark("the topology"),
    "system:windows": mark("the windows"), "system:rules": mark("the rules"),
}


def actor_words(name: str) -> str:
    """Who did it, for a story: parts of the system in words, people by their names."""
    return tr(_PARTS[name]) if name in _PARTS else clean(name, 60)


class AlertQuery(Noun, frozen=True, kw_only=True):
    """Which alerts. Empty fields match all; those given must all match."""

    ids: Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(max_length=MOST_AT_ONCE)] = ()
    """Whole ids, or the last characters of one. Given: `being` and `roots` do not narrow."""
    text: Name = ""
    """Every word must occur in the device's name, the rule, the sentence or the evidence."""
    least: Severity | Literal[""] = ""
    """This urgent or more, redundancy counted (`core.signals.urgency`)."""
    unit: Name = ""
    """Of this unit or one below."""
    site: Name = ""
    device: Name = ""
    """Id or name; of an object that is no device its id."""
    rule: Name = ""
    """Name, `*` for any characters."""
    being: Being = "open"
    roots: bool = True
    """Without those that follow from another."""
    root: Annotated[str, Meta(max_length=64)] = ""
    """This alert and what follows from it: id, or its last characters. `roots` does not narrow then."""
    unacked: bool = False
    unmuted: bool = False
    since_ms: Annotated[int, Meta(ge=0, le=2**62)] = 0
    """Raised then or later."""

    @property
    def narrows(self) -> bool:
        """Whether it says more than which state they are in."""
        return bool(self.ids or self.text or self.least or self.unit or self.site or self.device or self.rule or self.root or self.since_ms)


class AlertList(Noun, frozen=True, kw_only=True):
    """The most urgent first, then the newest; cleared ones after open ones, newest first."""

    rows: tuple[AlertRow, ...] = ()
    """`device` names whatever it is about, a system or a probe's object too."""
    total: int = 0
    cursor: str = ""
    """Where the next page begins; empty: this is the last."""
    complete: bool = True
    """False: older ones were not looked at; ask with a later `since_ms`."""


class AlertOrder(Noun, frozen=True, kw_only=True):
    """What is to be done to which alerts. everything: a query that narrows nothing is meant so."""

    alerts: AlertQuery
    text: Words = ""
    """Reason, or what is noted."""
    after: Annotated[str, Meta(max_length=128)] = ""
    """Where an order before this one ended: its `cursor`."""
    everything: bool = False
    dry_run: bool = False


class AlertsDone(Noun, frozen=True, kw_only=True):
    """What came of an order. dry_run: what would."""

    done: tuple[str, ...] = ()
    """Ids of those that are changed."""
    same: int = 0
    """Those that were so already."""
    refused: dict[str, str] = {}
    """Why not, by id."""
    left: int = 0
    """Beyond `MOST_AT_ONCE`: order again, `after` the cursor."""
    cursor: str = ""
    dry_run: bool = False


class AlertSilence(Noun, frozen=True, kw_only=True):
    """A silence: over one alert's object, rule and part, or over what is named."""

    alert: Annotated[str, Meta(max_length=64)] = ""
    """Id, or its last characters. whole: everything about its object, not this rule and part alone."""
    whole: bool = False
    units: tuple[Name, ...] = ()
    sites: tuple[Name, ...] = ()
    devices: tuple[Name, ...] = ()
    rules: tuple[Name, ...] = ()
    instances: tuple[Name, ...] = ()
    ends_at: Annotated[int, Meta(ge=0, le=2**62)]
    reason: Words
    everywhere: bool = False
    """Nothing but rules or parts is named, and that is meant."""
    dry_run: bool = False


class AlertSilenced(Noun, frozen=True, kw_only=True):
    """The window, the open alerts that it mutes now, and windows that ask for the opposite at the same time."""

    window: Window
    mutes: int = 0
    conflicts: tuple[Window, ...] = ()
    dry_run: bool = False


class AlertStep(Noun, frozen=True, kw_only=True):
    """One line of an alert's history."""

    at_ms: int
    who: str
    what: StepKind
    text: str = ""
    """Reason, comment, severity, cause; of `suppressed` the root's id, of `silenced` the window's."""


class AlertTold(Noun, frozen=True, kw_only=True):
    """Somebody was told of it."""

    at_ms: int
    """0: the message waits."""
    contact: str
    about: str
    state: str


class Said(Noun, frozen=True, kw_only=True):
    """What its device said by itself around that time."""

    at_ms: int
    text: str
    mnemonic: str = ""
    count: int = 1


class AlertStory(Noun, frozen=True, kw_only=True):
    """One alert with all that helps to understand it."""

    alert: AlertRow
    unit: str = ""
    site: str = ""
    root: AlertRow | None = None
    children: tuple[AlertRow, ...] = ()
    """What it suppresses, the most urgent first; at most two hundred that one sees."""
    children_total: int = 0
    window: Window | None = None
    """What mutes it."""
    history: tuple[AlertStep, ...] = ()
    """Oldest first."""
    history_complete: bool = True
    """False: older rows of the audit trail were archived or are too many."""
    told: tuple[AlertTold, ...] = ()
    """Only for those who may list notifications."""
    said: tuple[Said, ...] = ()
    """Newest first."""
    impact: ImpactReport | None = None
    """What stands and falls with it; None where the graph does not know it."""
