"""What each kind of probe takes: its port, its options, its credential; and what is wrong with a definition, before it is ever run."""

import re
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlsplit

from core.errors import InvalidInputError
from core.i18n import tr
from core.objects import CredentialKind
from core.probes import NewProbe, Probe, ProbeKind
from monitors.probes import dns, pages, prometheus

URL_KINDS = frozenset({"http", "openstack", "prometheus"})
"""Whose target is a URL; the others name a host."""
_HOST = re.compile(r"[0-9A-Za-z_.:%-]{1,253}")
_READING = re.compile(r"\s*(select|with|values|table|show)\b", re.IGNORECASE)
Check = Callable[[str], object]


class Rule(NamedTuple):
    """port: the usual one, 0: it must be named, -1: there is none. options: name, and what is wrong with a value. least_s: the shortest
    interval, so that a probe is no load of its own."""

    port: int
    options: dict[str, Check]
    needed: tuple[str, ...] = ()
    credentials: tuple[CredentialKind, ...] = ()
    login_needed: bool = False
    least_s: int = 5


def _any(text: str) -> object:
    return text


def _one_of(*words: str) -> Check:
    def check(text: str) -> None:
        if text not in words:
            raise InvalidInputError(tr("{text} is not known here.", text=text[:64]), way_out=tr("One of: {words}", words=", ".join(words)))

    return check


def _between(low: int, high: int) -> Check:
    def check(text: str) -> None:
        if not text.isdecimal() or not low <= int(text[:9]) <= high:
            raise InvalidInputError(tr("{text} is no number from {low} to {high}.", text=text[:64], low=low, high=high))

    return check


def _statement(text: str) -> None:
    if not _READING.match(text) or ";" in text.rstrip().rstrip(";"):
        raise InvalidInputError(
            tr("Only one statement that reads is run."),
            way_out="SELECT count(*) AS rows, max(moved_at) AS latest FROM ...",
        )


def _engine(text: str) -> None:
    if text != "postgresql":
        raise InvalidInputError(
            tr("Of databases only PostgreSQL is covered; MySQL, DM and others are not yet."),
            way_out=tr("Ask its exporter with a probe of the kind prometheus."),
        )


_TLS: dict[str, Check] = {"authority": _any}
RULES: dict[ProbeKind, Rule] = {
    "icmp": Rule(-1, {"count": _between(1, 20), "size": _between(24, 1400), "spacing_ms": _between(10, 1000)}),
    "tcp": Rule(0, {"contains": _any, "tls": _one_of("yes", "no"), "host": _any, "verify": _one_of("yes", "no"), **_TLS}),
    "http": Rule(
        0, {
            "status": pages.statuses, "contains": _any, "lacks": _any, "method": _one_of("GET", "HEAD"), "host": _any,
            "follow": _between(0, 5), "verify": _one_of("yes", "no"), **_TLS,
        },
        credentials=("password", "token"),
    ),
    "dns": Rule(53, {"name": _any, "type": _one_of(*dns.TYPES), "expect": _any}, ("name",)),
    "ntp": Rule(123, {}),
    "ssh": Rule(22, {"contains": _any}),
    "sql": Rule(
        5432, {
            "engine": _engine, "database": _any, "statement": _statement, "tls": _one_of("prefer", "require", "verify-full"), **_TLS,
        },
        ("database", "statement"), ("password",), login_needed=True, least_s=30,
    ),
    "host": Rule(22, {}, credentials=("ssh",), login_needed=True, least_s=30),
    "openstack": Rule(
        0, {"project": _any, "domain": _any, "region": _any, "login": _one_of("password", "application-credential"), **_TLS},
        credentials=("password",), login_needed=True, least_s=60,
    ),
    "prometheus": Rule(
        0, {"query": _any, "metric": prometheus.metric_named, "labels": _any, **_TLS}, ("query", "metric"),
        ("password", "token"), least_s=10,
    ),
}


def check(probe: Probe | NewProbe) -> None:
    """Raises `InvalidInputError` with what is wrong and what to write instead."""
    rule = RULES[probe.kind]
    for name, value in probe.options.items():
        if name not in rule.options:
            known = ", ".join(sorted(rule.options)) or "-"
            raise InvalidInputError(
                tr("A probe of the kind {kind} knows no option {name}.", kind=probe.kind, name=name[:32]),
                way_out=tr("It knows: {names}", names=known),
            )
        if value:
            rule.options[name](value)
    for name in rule.needed:
        if not probe.options.get(name):
            raise InvalidInputError(
                tr("A probe of the kind {kind} needs the option {name}.", kind=probe.kind, name=name), way_out=f"--option {name}=...",
            )
    _check_target(probe)
    if rule.login_needed and not probe.credential:
        raise InvalidInputError(
            tr("A probe of the kind {kind} needs a credential.", kind=probe.kind), way_out=tr("Name one: --credential NAME"),
        )
    if probe.credential and not rule.credentials:
        raise InvalidInputError(tr("A probe of the kind {kind} sends no credential.", kind=probe.kind))
    if probe.interval_s < rule.least_s or probe.timeout_ms > probe.interval_s * 1000:
        raise InvalidInputError(
            tr("Its interval must be at least {least} s and longer than its timeout.", least=rule.least_s), way_out="--interval 60",
        )


def _check_target(probe: Probe | NewProbe) -> None:
    target = probe.target
    if not target and not probe.object:
        raise InvalidInputError(tr("It needs a target, or an object that has an address."), way_out="--target HOST, --object NAME")
    if probe.kind == "tcp" and not probe.port:
        raise InvalidInputError(tr("Which port? TCP has no usual one."), way_out="--port 443")
    if probe.kind == "host" and target:
        raise InvalidInputError(
            tr("A host is probed at the address that the inventory has of it: its credential goes nowhere else."),
            way_out=tr("Name the device: --object NAME"),
        )
    if not target:
        return
    if probe.kind in URL_KINDS:
        place_of(target)
    elif not _HOST.fullmatch(target):
        raise InvalidInputError(tr("{text} is no host or address.", text=target[:64]))


class Place(NamedTuple):
    """A URL in its parts. path: with the question mark and what follows."""

    scheme: str
    host: str
    port: int
    path: str


def place_of(url: str) -> Place:
    """Raises `InvalidInputError` for what is no address of HTTP, and for one with a password in it."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        parts, host, port = urlsplit(""), "", None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or not url.isascii():
        raise InvalidInputError(
            tr("{url} is no address of a page.", url=url[:200]),
            way_out=tr("For example https://portal.city.local/login, without a password in it."),
        )
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Place(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)
