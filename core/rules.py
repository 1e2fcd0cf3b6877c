"""What the rules say to a person: data that monitors (which raises alerts) and every screen (which shows them) share.

Texts are message ids, filled with the evidence of an alert.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple, Protocol

from core.i18n import language, mark, tr_in
from core.width import clean

MAX_VALUE = 256


class RuleText(NamedTuple):
    """What happened, and what to do about it."""

    sentence: str
    hint: str


TEXTS = {
    "device-unreachable": RuleText(
        mark("The device does not answer ({misses} polls in a row)."),
        mark("Check its power and uplink, then whether SNMP answers: yunwang poll {address}"),
    ),
    "polling-refused": RuleText(
        mark("The device cannot be polled: {reason}"),
        mark("Compare user, authentication and privacy with the device's SNMPv3 settings; nothing is tried in between."),
    ),
    "device-rebooted": RuleText(
        mark("The device restarted {uptime} s before this poll."), mark("Look for a power failure or a software fault in its log."),
    ),
    "host-key-changed": RuleText(
        mark("The SSH host key of {instance} changed from {pinned} to {offered}; nothing logs in there any more."),
        mark("Read the fingerprint on the device's own console. Is it the new one: yunwang hostkey accept {instance} {offered}"),
    ),
    "interface-down": RuleText(
        mark("Interface {instance}: {oper}."),
        mark("Check the far end, the cable and the optics; `shutdown` it if it is out of use."),
    ),
}

REFUSED = mark("It refuses our SNMP credential.")


_LEARNT: dict[str, Mapping[str, RuleText]] = {}
"""Texts that rules bring along, by rule and language."""
_PLACE = re.compile(r"\{([a-z_]+)\}")


class Told(Protocol):
    """A row that carries what its rule says."""

    @property
    def rule(self) -> str: ...

    @property
    def instance(self) -> str: ...

    @property
    def evidence(self) -> dict[str, str]: ...

    @property
    def said(self) -> dict[str, str]: ...

    @property
    def hints(self) -> dict[str, str]: ...


def learn(texts: Mapping[str, Mapping[str, RuleText]]) -> None:
    """Takes over what the rules in force say, by rule and language; what was learnt before is forgotten."""
    _LEARNT.clear()
    _LEARNT.update(texts)


def said(row: Told) -> str:
    """What happened, in the current language: as the hub told it, whose rules these are."""
    return clean(row.said.get(language(), "")) or sentence(row.rule, row.instance, row.evidence)


def advised(row: Told) -> str:
    """What to do about it, as the hub told it; empty where nothing is known."""
    return clean(row.hints.get(language(), "")) or hint(row.rule, row.instance, row.evidence)


def sentence(rule: str, instance: str, evidence: Mapping[str, str], lang: str = "") -> str:
    """What happened, in the current language or `lang`; of a rule that has no text, its name and what it saw."""
    if rule in _LEARNT:
        return _put_in(_LEARNT[rule][lang or language()].sentence, instance, evidence)
    if rule in TEXTS:
        return _filled(TEXTS[rule].sentence, instance, evidence, lang)
    seen = " ".join(f"{clean(name)}={clean(value)}" for name, value in sorted(evidence.items()))
    return " ".join(part for part in (clean(rule), clean(instance), seen) if part)


def hint(rule: str, instance: str, evidence: Mapping[str, str], lang: str = "") -> str:
    """What to do about it; empty where nothing is known."""
    if rule in _LEARNT:
        return _put_in(_LEARNT[rule][lang or language()].hint, instance, evidence)
    return _filled(TEXTS[rule].hint, instance, evidence, lang) if rule in TEXTS else ""


def _put_in(template: str, instance: str, evidence: Mapping[str, str]) -> str:
    """A site wrote the template: places are filled in, nothing else in it is looked at."""
    values = {"alias": "", **evidence, "instance": instance}
    return _PLACE.sub(lambda place: clean(values.get(place[1], "?"), MAX_VALUE), template).strip()


_LINK = {"down": mark("link down"), "up": mark("link up")}
"""What is said of a port is not what is said of a device."""


def _filled(template: str, instance: str, evidence: Mapping[str, str], lang: str = "") -> str:
    lang = lang or language()
    values = {"misses": "?", "uptime": "?", "oper": "down", "address": "", **evidence, "instance": instance}
    values["oper"] = tr_in(lang, _LINK.get(values["oper"], values["oper"]))
    values["reason"] = values.get("reason") or tr_in(lang, REFUSED)
    return tr_in(lang, template, **{name: clean(value, MAX_VALUE) for name, value in values.items()})
