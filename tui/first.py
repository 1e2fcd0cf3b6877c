"""The first ten minutes with a device: what is known of it so far, which step is next, and all that in words. Pure."""

import ipaddress
from collections.abc import Iterator, Sequence
from typing import Literal

from core.crawl import CrawlReport
from core.custody import CredentialRow, CredentialSet, NewCredentialSet, TryResult
from core.errors import InvalidInputError
from core.i18n import mark, tr
from core.jobs import ENDED, STATES
from core.nouns import Noun
from core.objects import Fact
from core.review import DifferenceDetail
from core.trying import set_for
from core.views import AlertRow, DeviceRow
from core.width import clean
from core.work import Job
from tui.fields import field_title
from tui.pane import Line
from tui.words import STATUS, milliseconds, moment, severity

Step = Literal["where", "read", "accept", "queue", "wait", "watch"]
NEXT: dict[Step, str] = {
    "where": mark("F7: say which device it is, and which credential opens it"),
    "read": mark("F7: ask the device what it is"),
    "accept": mark("F7: accept it into the inventory"),
    "queue": mark("F7: open the review queue with what was found"),
    "wait": mark("It is being asked; F8 stops that"),
    "watch": mark("F7: open its live page; F4 shows all alerts"),
}
FACTS = {
    "vendor": mark("Maker"), "model": mark("Model"), "os": mark("Software"), "version": mark("Version"), "serial": mark("Serial number"),
}
SNMP = frozenset({"snmp-community", "snmp-v3"})
MOST_ALERTS = 5


class First(Noun, frozen=True, kw_only=True):
    """Where one stands."""

    prefix: str = ""
    """CIDR."""
    port: int = 161
    credential: str = ""
    tried: TryResult | None = None
    """What the one device said to the credential."""
    job: Job | None = None
    report: CrawlReport | None = None
    found: DifferenceDetail | None = None
    """The line of the queue of the one device."""
    device: DeviceRow | None = None
    facts: tuple[Fact, ...] = ()
    alerts: tuple[AlertRow, ...] = ()

    @property
    def address(self) -> str:
        """Of the one device; empty: a net is meant."""
        net = ipaddress.ip_network(self.prefix) if self.prefix else None
        return str(net.network_address) if net is not None and net.num_addresses == 1 else ""


def step(now: First) -> Step:
    """What comes next."""
    if now.job is not None and now.job.state not in ENDED:
        return "wait"
    if now.device is not None:
        return "watch"
    if not now.credential or (now.tried is not None and now.tried.answer != "ok"):
        return "where"
    if now.report is None or not (now.report.read or now.report.known):
        return "read"
    if now.address:
        return "accept" if now.found is not None else "queue"
    return "queue"


def prefix_of(typed: str) -> str:
    """CIDR of what a person typed: an address, or a prefix. Raises `InvalidInputError`."""
    try:
        return str(ipaddress.ip_network(typed.strip(), strict=False))
    except ValueError:
        raise InvalidInputError(
            tr("{text} is neither an address nor a prefix.", text=clean(typed, 60)), way_out=tr("Like 10.1.8.1 or 10.1.8.0/24."),
        ) from None


def port_of(typed: str) -> int:
    """Raises `InvalidInputError`."""
    if not typed.isascii() or not typed.isdigit() or not 0 < int(typed[:6]) <= 65_535:
        raise InvalidInputError(tr("A port is a number from 1 to 65535."))
    return int(typed)


def openers(rows: Sequence[CredentialRow]) -> list[CredentialRow]:
    """Those that open devices by SNMP."""
    return [row for row in rows if row.kind in SNMP]


def set_needed(prefix: str, credential: str, sets: Sequence[CredentialSet]) -> NewCredentialSet | None:
    """The credential set without which this credential would not be sent there; None: one that holds it is there."""
    holding = set_for(str(ipaddress.ip_network(prefix).network_address), sets)
    if holding is not None and credential in holding.credentials:
        return None
    old = next((one for one in sets if one.name == prefix), None)
    others = tuple(name for name in (old.credentials if old is not None else ()) if name != credential)
    return NewCredentialSet(name=prefix, prefixes=(prefix,), credentials=(credential, *others)[:32])


def lines(now: First) -> list[Line]:
    """Every step with what came of it, then what to press."""
    return [*_opening(now), *_asking(now), *_watching(now), Line("", ""), Line("", tr(NEXT[step(now)]), "key")]


def _opening(now: First) -> Iterator[Line]:
    yield Line(tr("1 Where"), f"{now.address or now.prefix}  {tr('port {port}', port=now.port)}" if now.prefix else "-",
               "" if now.prefix else "dim")
    yield Line(tr("2 Credential"), clean(now.credential) or "-", "" if now.credential else "dim")
    if now.tried is None:
        words = tr("every device is tried as it is found") if now.prefix and not now.address else "-"
        yield Line(tr("3 Test"), words, "dim")
    elif now.tried.answer == "ok":
        yield Line(tr("3 Test"), f"+ {clean(now.tried.message)}  {now.tried.took_ms} ms", "good")
        if now.tried.about:
            yield Line(" ", clean(now.tried.about))
    else:
        yield Line(tr("3 Test"), f"x {clean(now.tried.message)} {clean(now.tried.way_out)}", "bad")


def _asking(now: First) -> Iterator[Line]:
    name = tr("4 Facts")
    if now.job is None:
        yield Line(name, "-", "dim")
    elif now.report is None:
        bad = now.job.state in ENDED
        done = f" {now.job.done}/{now.job.total}" if now.job.total else ""
        yield Line(name, f"{tr(STATES[now.job.state])}{done} {clean(tr(now.job.message))}", "bad" if bad else "warn")
    else:
        yield from _told(name, now.report)
    if now.device is None and now.found is not None:
        for side in now.found.sides:
            if value := side.proposed or side.observed:
                yield Line(f"  {field_title(side.field)}", clean(value))


def _told(name: str, report: CrawlReport) -> Iterator[Line]:
    words = tr("{read} devices read, {known} of them in the inventory already, {silent} silent, {refused} refused.",
               read=report.read, known=report.known, silent=report.silent, refused=report.refused)
    yield Line(name, words, "good" if report.read or report.known else "bad")
    for one in report.unreadable[:MOST_ALERTS]:
        yield Line(" ", f"{clean(one.name)}: {clean(one.reason)}", "warn")


def _watching(now: First) -> Iterator[Line]:
    if now.device is None:
        yield Line(tr("5 Inventory"), "-" if now.found is None else tr("waits in the review queue"), "dim")
        yield Line(tr("6 Watched"), "-", "dim")
        return
    row, state = now.device, STATUS.get(now.device.status, STATUS["unknown"])
    yield Line(tr("5 Inventory"), f"+ {clean(row.name)}  {clean(row.unit)} {clean(row.site)}", "good")
    polled = f"{tr('polled')} {moment(row.polled_at)}  {tr('answer')} {milliseconds(row.rtt_ms)} ms"
    yield Line(tr("6 Watched"), f"{state}  {polled if row.polled_at else tr('not polled yet')}", state.tone)
    known = {fact.field: fact.value for fact in now.facts}
    for field, title in FACTS.items():
        if known.get(field):
            yield Line(f"  {tr(title)}", clean(known[field]))
    if row.ports:
        yield Line(f"  {tr('Ports')}", tr("{up} of {all} up", up=row.ports_up, all=row.ports))
    for alert in now.alerts[:MOST_ALERTS]:
        word = severity(alert.severity)
        yield Line(f"  {tr('Alert')}", f"{word}  {clean(alert.rule)} {clean(alert.instance)}  {moment(alert.raised_at)}", word.tone)
    if not now.alerts:
        yield Line(f"  {tr('Alert')}", tr("none so far; they come as the rules say"), "dim")
