"""The rules that the product watches from the first day: data that `judge` runs. What they say stands in `core.rules`."""

from core.nouns import Noun
from core.signals import Severity


class Rule(Noun, frozen=True, kw_only=True):
    """When a condition becomes an alert, and when that ends."""

    name: str
    severity: Severity
    raise_polls: int
    """Raised after so many polls in a row that saw it ..."""
    raise_s: float
    """... or once it has held for so long, whatever comes first."""
    clear_s: float
    """Cleared once it has been gone for so long; a thing that flaps must hold still longer, each time."""


RULES: tuple[Rule, ...] = (
    Rule(name="device-unreachable", severity="critical", raise_polls=2, raise_s=90, clear_s=0),
    Rule(name="polling-refused", severity="major", raise_polls=1, raise_s=0, clear_s=0),
    Rule(name="device-rebooted", severity="warning", raise_polls=1, raise_s=0, clear_s=600),
    Rule(name="interface-down", severity="major", raise_polls=1, raise_s=0, clear_s=60),
)
BY_NAME = {rule.name: rule for rule in RULES}
OPER = {0: "unknown", 1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "not present", 7: "down, as what lies below it is"}
