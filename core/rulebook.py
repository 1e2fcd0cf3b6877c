"""Rules as people read them, and what a rule would have raised."""

from core.nouns import Noun
from core.signals import Severity

TEST_JOB = "rule.test"
MOST_SHOWN = 500
MOST_OBJECTS = 200


class RuleRow(Noun, frozen=True, kw_only=True):
    """One rule of those in force."""

    name: str
    kind: str
    severity: Severity
    off: bool = False
    source: str = ""
    """File and line."""
    own: bool = False
    """The site's, not shipped."""
    says: dict[str, str] = {}
    """What it says, by language; places in braces are filled with the evidence."""
    hint: dict[str, str] = {}
    body: dict[str, object] = {}
    """Its other keys, as far as they are not as usual."""
    open: int = 0
    """How many alerts of it are open now, as far as the caller sees."""


class RuleBook(Noun, frozen=True, kw_only=True):
    """problems: files that are left out, each with its mistake by file, line and key."""

    folder: str = ""
    """Where the site's own rules are."""
    rules: tuple[RuleRow, ...] = ()
    problems: tuple[str, ...] = ()
    kept: bool = False
    """Because of the problems, what was read before them holds, of all files."""


class Reloaded(Noun, frozen=True, kw_only=True):
    """The rules were read anew. With problems nothing has changed."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    """Also those that are off now."""
    closed: int = 0
    """Open alerts of rules that are gone: they are closed with this as the reason."""
    problems: tuple[str, ...] = ()
    dry_run: bool = False


class RuleTest(Noun, frozen=True, kw_only=True):
    """What to try over which time. Either `name`, a rule in force, or `text`: YAML, all of its rules or the one called `name`."""

    name: str = ""
    text: str = ""
    file: str = ""
    """What the text is called in messages."""
    device: str = ""
    """Only this device or object, by id or name; empty: all."""
    units: tuple[str, ...] | None = None
    """Only what is of these units, or at these sites; None both: all. The hub says so, by what the caller sees."""
    sites: tuple[str, ...] | None = None
    start_ms: int
    end_ms: int = 0
    """0: now."""


class WouldFire(Noun, frozen=True, kw_only=True):
    """One alert that there would have been."""

    device: str
    instance: str = ""
    severity: Severity
    raised_at: int
    cleared_at: int = 0
    """0: it would still be open at the end."""
    evidence: dict[str, str] = {}


class Tested(Noun, frozen=True, kw_only=True):
    """One rule over the time that was looked at."""

    rule: str
    kind: str
    count: int = 0
    open: int = 0
    """Of them still open at the end."""
    objects: int = 0
    """Devices and objects that it is about, as far as there are samples of them."""
    series: int = 0
    thin: int = 0
    """Of these, how many are too short for what the rule looks back: nothing can be said of them."""
    seconds: int = 0
    """All of them together."""
    first_at: int = 0
    """When the first was raised, and the last; 0: none was."""
    last_at: int = 0
    per_object: dict[str, int] = {}
    """How many of each object, those with most first; at most `MOST_OBJECTS`."""
    firing: int = 0
    """Objects that would have had any."""
    alerts: tuple[WouldFire, ...] = ()
    """The newest `MOST_SHOWN`, newest first."""
    why_not: str = ""
    """Why it could not be tried; empty: it was."""


class TestReport(Noun, frozen=True, kw_only=True):
    start_ms: int
    end_ms: int
    rules: tuple[Tested, ...] = ()
