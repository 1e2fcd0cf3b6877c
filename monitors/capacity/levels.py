"""What was promised, by the level that the model gives a thing."""

from typing import Any, NamedTuple

from core.sections import Availability

BACKBONE = frozenset({"P", "PE", "core", "aggregation", "firewall"})


class Target(NamedTuple):
    """level: `level-1` to `level-5`, `-cii` behind it for critical infrastructure; `city`, `county`, `township`; `backbone`, `device`."""

    level: str
    percent: float


def target(kind: str, noun: Any, promised: Availability) -> Target:
    """Of a system, a unit, a device or a host."""
    if kind == "system":
        percent = float(getattr(promised, f"system_{noun.protection_level}"))
        if noun.cii:
            return Target(f"level-{noun.protection_level}-cii", max(percent, promised.system_cii))
        return Target(f"level-{noun.protection_level}", percent)
    if kind == "unit":
        return Target(noun.level, float(getattr(promised, f"unit_{noun.level}")))
    if kind == "device" and noun.role in BACKBONE:
        return Target("backbone", promised.backbone)
    return Target("device", promised.device)
