"""The rules that the product watches from the first day: data that `judge` runs. Sentences are message ids, filled with evidence."""

from core.i18n import tr
from core.nouns import Noun
from core.signals import Alert, Severity


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
    text: str
    hint: str


RULES: tuple[Rule, ...] = (
    Rule(
        name="device-unreachable",
        severity="critical",
        raise_polls=2,
        raise_s=90,
        clear_s=0,
        text="The device does not answer ({misses} polls in a row).",
        hint="Check its power and uplink, then whether SNMP answers: yunwang poll {address}",
    ),
    Rule(
        name="polling-refused",
        severity="major",
        raise_polls=1,
        raise_s=0,
        clear_s=0,
        text="The device refuses our SNMP credential.",
        hint="Compare user, authentication and privacy with the device's SNMPv3 settings; nothing is tried in between.",
    ),
    Rule(
        name="device-rebooted",
        severity="warning",
        raise_polls=1,
        raise_s=0,
        clear_s=600,
        text="The device restarted {uptime} s before this poll.",
        hint="Look for a power failure or a software fault in its log.",
    ),
    Rule(
        name="interface-down",
        severity="major",
        raise_polls=1,
        raise_s=0,
        clear_s=60,
        text="Interface {instance} is {oper}.",
        hint="Check the far end, the cable and the optics; `shutdown` it if it is out of use.",
    ),
)
BY_NAME = {rule.name: rule for rule in RULES}
OPER = {0: "unknown", 1: "up", 2: "down", 3: "testing", 4: "unknown", 5: "dormant", 6: "not present", 7: "down, as what lies below it is"}


def sentence(alert: Alert) -> str:
    """What the alert says, in the current language."""
    rule = BY_NAME.get(alert.rule)
    return _filled(rule.text, alert) if rule else alert.rule


def hint(alert: Alert) -> str:
    """What to do about it."""
    rule = BY_NAME.get(alert.rule)
    return _filled(rule.hint, alert) if rule else ""


def _filled(template: str, alert: Alert) -> str:
    values = {"misses": "?", "uptime": "?", "oper": "down", "address": "", **alert.evidence, "instance": alert.instance}
    if "oper" in alert.evidence:
        values["oper"] = tr(alert.evidence["oper"])
    return tr(template, **values)
