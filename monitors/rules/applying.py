"""Which rules hold for an object, and with which values: `where` and `overrides` of rules against a device and its parts."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from core.objects import Device
from monitors.rules.rule import Override, Rule, Where

_TAG = re.compile(r"#([\w\-]+)")


class Subject(NamedTuple):
    """What rules ask of a device."""

    name: str = ""
    role: str = ""
    platform: str = ""
    site: str = ""
    unit: str = ""
    tags: frozenset[str] = frozenset()


NOBODY = Subject()
EVERYTHING = Where()


def subject_of(device: Device, platform: str = "") -> Subject:
    """platform: as it was observed, where none is declared."""
    return Subject(
        device.name, device.role, device.platform or platform, device.site, device.unit, frozenset(_TAG.findall(device.note)),
    )


def is_about(where: Where, subject: Subject) -> bool:
    """Whether the device fits, whatever its parts are called."""
    return (
        _fits(where.name, subject.name) and _is_one(where.role, subject.role) and _is_one(where.platform, subject.platform)
        and _fits(where.site, subject.site) and _fits(where.unit, subject.unit)
        and (not where.tag or not subject.tags.isdisjoint(where.tag))
    )


def fits_part(where: Where, instance: str, alias: str = "") -> bool:
    """Whether a part of such a device fits."""
    return _fits(where.instance, instance) and _fits(where.alias, alias)


def for_device(rules: Iterable[Rule], subject: Subject) -> tuple[Rule, ...]:
    """Rules that are on for a device, their overrides for the whole device put into them. Overrides that name parts stay."""
    return tuple(found for rule in rules if (found := rule if is_same_for_all(rule) else _for_device(rule, subject)) is not None)


def is_same_for_all(rule: Rule) -> bool:
    """Whether every device is judged by the rule as it stands."""
    return not rule.off and not rule.overrides and rule.where == EVERYTHING


@lru_cache(maxsize=65536)
def _for_device(rule: Rule, subject: Subject) -> Rule | None:
    if not is_about(rule.where, subject):
        return None
    left = []
    for override in rule.overrides:
        if is_about(override.where, subject):
            if override.where.instance or override.where.alias:
                left.append(override)
            else:
                rule = _put_over(rule, override)
    return None if rule.off else rule.replace(overrides=tuple(left))


def for_part(rule: Rule, instance: str, alias: str = "") -> Rule | None:
    """The rule of a device (`for_device`) for one of its parts; None: it is off there."""
    if not fits_part(rule.where, instance, alias):
        return None
    for override in rule.overrides:
        if fits_part(override.where, instance, alias):
            rule = _put_over(rule, override)
    return None if rule.off else rule


def is_plain(rule: Rule) -> bool:
    """Whether all parts of a device are judged alike."""
    return not (rule.overrides or rule.where.instance or rule.where.alias)


def _put_over(rule: Rule, override: Override) -> Rule:
    changes = {
        name: value
        for name in ("severity", "above", "below", "clear", "for_s", "raise_polls", "clear_s", "band", "within_days")
        if (value := getattr(override, name)) is not None
    }
    if {"above", "below"} & changes.keys() and "clear" not in changes:
        changes["clear"] = None
    if "for_s" in changes and "raise_polls" not in changes:
        changes["raise_polls"] = 0
    return rule.replace(off=override.off, **changes)


def _is_one(wanted: tuple[str, ...], value: str) -> bool:
    return not wanted or value in wanted


def _fits(wanted: tuple[str, ...], value: str) -> bool:
    return not wanted or any(fnmatchcase(value, one) for one in wanted)
