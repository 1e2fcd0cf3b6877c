"""`yunwang search`, and who uses an address, a VLAN, a VPN, a port."""

import sys
import time
from argparse import Namespace
from collections.abc import Sequence

from cli import tables
from cli.asking import ask, clock, print_json
from core.finding import Asked, Found, SearchAnswer, Use, WhoAnswer
from core.i18n import language, mark, tr
from core.model import TITLES
from core.settings import Settings
from core.width import clean

HOWS = {
    "record": mark("declared"), "prefix": mark("in prefix"), "subnet": mark("in subnet"), "gateway": mark("gateway of"),
    "bears": mark("borne by"), "hosts": mark("host or machine"), "floating": mark("floating address"), "translates": mark("translated by"),
    "balances": mark("balanced by"), "allows": mark("named in rule"), "seen": mark("seen by"), "plugged": mark("plugged in"),
    "reserved": mark("reserved"), "enters": mark("access point"), "linked": mark("linked to"), "leaves": mark("egress"),
    "network": mark("network"), "vlan": mark("VLAN"), "device": mark("device"), "unit": mark("unit"), "carried": mark("cable"),
    "session": mark("BGP session"),
}
FIELDS = {
    "short_name": mark("short name"), "address": mark("address"), "addresses": mark("addresses"), "mac": mark("MAC"), "macs": mark("MACs"),
    "serial": mark("serial number"), "prefix": mark("prefix"), "model": mark("model"), "note": mark("note"), "contact": mark("contact"),
    "phone": mark("phone"), "mail": mark("mail"), "company": mark("company"), "carrier": mark("carrier"), "number": mark("number"),
    "purpose": mark("purpose"), "gateway": mark("gateway"), "reason": mark("reason"), "county": mark("county"), "key": mark("key"),
    "outside": mark("outside"), "inside": mark("inside"), "peer": mark("peer"), "members": mark("members"), "endpoint": mark("endpoint"),
    "duty": mark("duty"), "chief_data_officer": mark("chief data officer"), "data_steward": mark("data steward"),
}
"""What fields are called, by which something was found."""


def search(args: Namespace, settings: Settings) -> int:
    """A line for each object; exit code 1 where there is none."""
    text = " ".join(args.text)
    answer = ask(settings, lambda hub: hub.finding.search(text, args.kind or (), args.limit))
    if args.json:
        print_json(answer)
    elif answer.found:
        _show(answer)
    else:
        _nothing(answer)
    return 0 if answer.found else 1


def _show(answer: SearchAnswer) -> None:
    rows = [
        (title(one.kind), one.name or one.address, one.unit, one.site, one.address, one.state, one.note, _why(one)) for one in answer.found
    ]
    headings = [tr("Kind"), tr("Name"), tr("Unit"), tr("Site"), tr("Address"), tr("State"), tr("About"), tr("Found by")]
    print("\n".join(tables.lines(*_without_empty(headings, rows), tables.room())))
    if answer.more:
        print(tr("There are more; name more words, --kind, or a higher --limit."), file=sys.stderr)


def _without_empty(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[list[str], list[list[str]]]:
    """A column in which nothing stands takes no room."""
    kept = [n for n in range(len(headings)) if any(row[n] for row in rows)]
    return [headings[n] for n in kept], [[row[n] for n in kept] for row in rows]


def _why(one: Found) -> str:
    return "; ".join(f"{tr(FIELDS.get(field, field))}: {value}" for field, value in one.why.items() if value != one.address)


def _nothing(answer: SearchAnswer) -> None:
    print(tr("Nothing is called so: {text}", text=clean(answer.text, 200)), file=sys.stderr)
    if answer.unknown:
        print(tr("No object fits: {words}", words=clean(" ".join(answer.unknown))), file=sys.stderr)
    if answer.near:
        print(tr("Near: {names}", names=clean(", ".join(answer.near))), file=sys.stderr)
    else:
        print(tr("A shorter word, the initials in pinyin, or a prefix finds more; `yunwang address show` says who uses an address."),
              file=sys.stderr)


def title(kind: str) -> str:
    """What a kind is called in the language that is spoken."""
    zh, en = TITLES.get(kind, (kind, kind))
    return zh if language() == "zh" else en


# ---- who uses it

def address(args: Namespace, settings: Settings) -> int:
    """Of an address, or of a MAC address."""
    from core.terms import hex_mac

    what: Asked = "mac" if hex_mac(args.address.strip()) else "address"
    return _who(args, settings, what, args.address)


def vlan(args: Namespace, settings: Settings) -> int:
    return _who(args, settings, "vlan", args.vlan)


def vpn(args: Namespace, settings: Settings) -> int:
    return _who(args, settings, "vpn", args.name)


def port(args: Namespace, settings: Settings) -> int:
    return _who(args, settings, "port", args.device, args.port)


def _who(args: Namespace, settings: Settings, what: Asked, value: str, ifname: str = "") -> int:
    from cli.moments import parse_moment

    at_ms = parse_moment(args.at, time.time_ns() // 1_000_000) if args.at else 0
    answer = ask(settings, lambda hub: hub.finding.who(what, value, ifname, at_ms))
    if args.json:
        print_json(answer)
    elif answer.uses:
        _show_uses(answer)
    else:
        print(tr("Nobody uses {value}, as far as you may see.", value=clean(answer.value)), file=sys.stderr)
    return 0 if answer.uses else 1


def _show_uses(answer: WhoAnswer) -> None:
    rows = [_use_row(one) for one in answer.uses]
    headings = [tr("How"), tr("VPN"), tr("Kind"), tr("Name"), tr("Port"), tr("Detail"), tr("Unit"), tr("Site"), tr("Until")]
    print("\n".join(tables.lines(*_without_empty(headings, rows), tables.room())))
    if answer.more:
        print(tr("There is more; ask for a part of it."), file=sys.stderr)


def _use_row(one: Use) -> list[str]:
    return [
        tr(HOWS[one.how]), one.vpn, title(one.thing.kind), one.thing.name, one.port, one.detail, one.unit, one.site,
        clock(one.until, empty=""),
    ]
