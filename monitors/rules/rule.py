"""What a rule is: one noun for all kinds, as its YAML has it. docs/rules.md explains each key to people."""

from typing import Literal

from core.nouns import Noun
from core.signals import Severity

RuleKind = Literal["poll", "threshold", "state", "change", "rate", "absence", "percentile", "seasonal", "forecast", "composed", "event"]
Sees = Literal["unreachable", "refused", "rebooted", "port-down"]
Limit = Literal["high", "high_warn", "low", "low_warn"]
"""A limit that the device itself names for a sensor."""
LIVE: frozenset[RuleKind] = frozenset({"threshold", "state", "change"})
"""Judged on fresh values, in the sweep."""
WINDOWED: frozenset[RuleKind] = frozenset({"rate", "absence", "percentile", "seasonal", "forecast"})
"""Judged on roll-ups, every few minutes."""


class Words(Noun, frozen=True, kw_only=True):
    """A text in both languages. `{value}`, `{limit}`, `{instance}` and whatever else the evidence holds are filled in."""

    zh: str
    en: str


class Where(Noun, frozen=True, kw_only=True):
    """Which objects: everything that is named must fit, of each list one. Names and instances may hold `*` and `?`."""

    name: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    platform: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    unit: tuple[str, ...] = ()
    """Of the device itself; units below are named too."""
    tag: tuple[str, ...] = ()
    """`#tag` in the device's note."""
    instance: tuple[str, ...] = ()
    alias: tuple[str, ...] = ()
    """Description of the interface."""


class Override(Noun, frozen=True, kw_only=True):
    """Other values where the objects fit. Later overrides win over earlier ones."""

    where: Where
    off: bool = False
    severity: Severity | None = None
    above: float | Limit | None = None
    below: float | Limit | None = None
    clear: float | None = None
    for_s: float | None = None
    raise_polls: int | None = None
    clear_s: float | None = None
    band: float | None = None
    within_days: float | None = None


class Rule(Noun, frozen=True, kw_only=True):
    """When a condition becomes an alert, and when that ends. Which keys belong to which kind: `KEYS`."""

    name: str
    kind: RuleKind
    severity: Severity
    says: Words | None = None
    """None: `core.rules` has its text."""
    hint: Words | None = None
    off: bool = False
    raise_polls: int = 0
    """Raised after so many polls in a row that saw it, if that is sooner than `for_s`; 0: only by time."""
    for_s: float = 0.0
    """Raised once it has held for so long."""
    clear_s: float = 0.0
    """Cleared once it has been gone for so long; a thing that flaps must hold still longer, each time."""
    raise_at_level: int = 0
    """One step more severe where a business system of this protection level 等保级别 or above depends on the device; 0: never."""
    overrides: tuple[Override, ...] = ()
    where: Where = Where()
    """Only these objects at all."""
    during: tuple[str, ...] = ()
    """Spans (see `hours`) in which alone it holds; none: always."""
    not_during: tuple[str, ...] = ()
    """Spans in which it does not hold."""
    zone: str = "+08:00"
    """By which clock the spans are meant."""
    sees: Sees | None = None
    metric: tuple[str, ...] = ()
    above: float | Limit | None = None
    below: float | Limit | None = None
    clear: float | None = None
    """Until where the value must come back; none: the threshold itself."""
    share_of: Literal["", "speed"] = ""
    """The thresholds are percent of the interface's speed; the metric counts octets."""
    bad: tuple[int | str, ...] = ()
    """Of a state: numbers from 0 to 63, or words of what the device says that each number means."""
    good: tuple[int, ...] = ()
    """Of a state: only these are good, every other number is bad."""
    only_after_good: bool = False
    """Only what was good while we watched can go bad."""
    fact: tuple[str, ...] = ()
    """Of a change: facts of discovery instead of figures; names may hold `*`."""
    by: float = 0.0
    """Of a change: at least so much, from one poll to the next."""
    direction: Literal["any", "up", "down"] = "any"
    window_s: float = 0.0
    after_s: float = 0.0
    percentile: float = 95.0
    weeks: int = 4
    band: float = 4.0
    """Of a season: how many times the usual spread (of the same hour of the week) the value may lie off."""
    least: float = 0.0
    """Of a season: smaller differences are none."""
    within_days: float = 0.0
    all: tuple[str, ...] = ()
    any: tuple[str, ...] = ()
    none: tuple[str, ...] = ()
    """Of a composition: other rules, about the same device."""
    mnemonic: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    """Of an event: all must occur in its text."""
    from_kind: Literal["", "trap", "syslog"] = ""
    priority: int = 7
    """Of an event: at least as urgent (0 emergency to 7 debug)."""
    times: int = 1
    """Of events: so many within `window_s`."""
    instance_of: tuple[str, ...] = ()
    """Fields of the event that name what it is about; the first that is there."""
    cleared_by: tuple[str, ...] = ()
    """Mnemonics that end the alert of the same instance."""
    source: str = ""
    """File it stands in, for people."""


COMMON = frozenset({
    "name", "kind", "severity", "says", "hint", "off", "clear_s", "raise_at_level", "overrides", "where", "source", "during", "not_during",
    "zone",
})
_LEVELS = frozenset({"metric", "above", "below", "clear"})
KEYS: dict[RuleKind, frozenset[str]] = {
    "poll": frozenset({"sees", "raise_polls", "for_s"}),
    "threshold": _LEVELS | {"share_of", "for_s", "raise_polls"},
    "state": frozenset({"metric", "bad", "good", "only_after_good", "for_s", "raise_polls"}),
    "change": frozenset({"metric", "fact", "by", "direction"}),
    "rate": _LEVELS | {"window_s", "share_of"},
    "absence": frozenset({"metric", "after_s"}),
    "percentile": _LEVELS | {"window_s", "share_of", "percentile"},
    "seasonal": frozenset({"metric", "weeks", "band", "least", "direction", "share_of"}),
    "forecast": _LEVELS | {"window_s", "share_of", "within_days"},
    "composed": frozenset({"all", "any", "none", "for_s"}),
    "event": frozenset({
        "mnemonic", "words", "from_kind", "priority", "times", "window_s", "instance_of", "cleared_by",
    }),
}
"""Keys of each kind beside `COMMON`."""
NEEDS: dict[RuleKind, tuple[str, ...]] = {
    "poll": ("sees",), "threshold": ("metric",), "state": ("metric",), "change": (), "rate": ("metric", "window_s"),
    "absence": ("metric", "after_s"), "percentile": ("metric", "window_s"), "seasonal": ("metric",),
    "forecast": ("metric", "window_s", "within_days"), "composed": (), "event": (),
}
OPER = {0: "unknown", 1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "not present", 7: "down, as what lies below it is"}
