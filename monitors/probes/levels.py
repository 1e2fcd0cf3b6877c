"""Whether a measured value is as bad as a rule says: thresholds with hysteresis, and states. For values that come one by one, as those of
probes do; the sweep judges its arrays by the same rules in its own way."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from monitors.rules.rule import Rule

ByMetric = Mapping[str, tuple[Rule, ...]]
KINDS = frozenset({"threshold", "state"})


def by_metric(rules: Iterable[Rule]) -> ByMetric:
    """The rules of `KINDS` that are on, by each metric that they are about."""
    found: dict[str, list[Rule]] = defaultdict(list)
    for rule in rules:
        if rule.kind in KINDS and not rule.off:
            for metric in rule.metric:
                found[metric].append(rule)
    return {metric: tuple(some) for metric, some in found.items()}


def is_bad(rule: Rule, value: float, *, was_bad: bool) -> bool | None:
    """None: the rule has nothing to say of it (its level is a limit of a device, which probes do not know)."""
    if rule.kind == "state":
        number = round(value)
        return number not in rule.good if rule.good else number in rule.bad
    level = rule.above if rule.above is not None else rule.below
    if not isinstance(level, int | float):
        return None
    if was_bad and rule.clear is not None:
        level = rule.clear
    return value > level if rule.above is not None else value < level


def limit_of(rule: Rule) -> str:
    """The level as people read it; empty where there is none."""
    level = rule.above if rule.above is not None else rule.below
    return f"{level:g}" if isinstance(level, int | float) else ""
