"""What is free, how full prefixes are, and reservations: `yunwang address|prefix|vlan|port free|reserve|release`."""

import sys
import time
from argparse import Namespace

from cli import tables
from cli.asking import ask, clock, plain, print_json
from core.finding import FreeAnswer, ReserveWish
from core.i18n import mark, tr
from core.network import Reservation
from core.settings import Settings
from core.width import clean

WHATS = {"address": mark("addresses"), "prefix": mark("prefixes"), "vlan": mark("VLANs"), "port": mark("ports")}


def addresses(args: Namespace, settings: Settings) -> int:
    return _show(args, ask(settings, lambda hub: hub.finding.free_addresses(args.prefix, args.vpn, args.count)))


def prefixes(args: Namespace, settings: Settings) -> int:
    return _show(args, ask(settings, lambda hub: hub.finding.free_prefixes(args.prefix, args.length, args.vpn, args.count)))


def vlans(args: Namespace, settings: Settings) -> int:
    return _show(args, ask(settings, lambda hub: hub.finding.free_vlans(args.domain, args.between)))


def ports(args: Namespace, settings: Settings) -> int:
    return _show(args, ask(settings, lambda hub: hub.finding.free_ports(args.within, args.count)))


def _show(args: Namespace, answer: FreeAnswer) -> int:
    """One on each line, for other programs to read; the counts beside it. Exit code 1 where nothing is free."""
    if args.json:
        print_json(answer)
    elif answer.what == "port":
        _show_ports(answer)
    else:
        print("\n".join(answer.free))
    if not args.json:
        print(tr("{count} of {total} {what} free in {within}, {reserved} reserved.", count=answer.free_count, total=answer.total,
                 what=tr(WHATS[answer.what]), within=clean(answer.within), reserved=answer.reserved), file=sys.stderr)
    return 0 if answer.free or answer.ports else 1


def _show_ports(answer: FreeAnswer) -> None:
    rows = [
        (one.device, one.port, f"{one.speed_bps // 1_000_000} M" if one.speed_bps else "",
         tr("shut down") if one.admin_down else tr("down"), clock(one.down_since, empty=""), one.site)
        for one in answer.ports
    ]
    if rows:
        headings = [tr("Device"), tr("Port"), tr("Speed"), tr("State"), tr("Down since"), tr("Site")]
        print("\n".join(tables.lines(headings, rows, tables.room())))


def list_prefixes(args: Namespace, settings: Settings) -> int:
    """How full they are."""
    answer = ask(settings, lambda hub: hub.finding.prefixes(args.vpn, args.unit, fullest=args.fullest, limit=args.limit))
    if args.json:
        print_json(answer)
        return 0
    rows = [(one.vpn, one.prefix, f"{one.percent:.1f} %", one.used, one.size, str(one.children or ""), one.unit, one.site)
            for one in answer.rows]
    headings = [tr("VPN"), tr("Prefix"), tr("Used"), tr("Addresses used"), tr("Addresses"), tr("Below"), tr("Unit"), tr("Site")]
    print("\n".join(tables.lines(headings, rows, tables.room())))
    if answer.total > len(answer.rows):
        print(tr("... and {count} more.", count=answer.total - len(answer.rows)), file=sys.stderr)
    return 0


# ---- reservations

def reserve_address(args: Namespace, settings: Settings) -> int:
    where = {"inside": args.address} if "/" in args.address else {"value": args.address}
    return _reserve(args, settings, ReserveWish(what="address", within=args.vpn, **where))


def reserve_prefix(args: Namespace, settings: Settings) -> int:
    where = {"inside": args.prefix} if args.length else {"value": args.prefix}
    return _reserve(args, settings, ReserveWish(what="prefix", within=args.vpn, length=args.length, **where))


def reserve_vlan(args: Namespace, settings: Settings) -> int:
    return _reserve(args, settings, ReserveWish(what="vlan", within=args.domain, value=args.vlan or "", inside=args.between))


def reserve_port(args: Namespace, settings: Settings) -> int:
    return _reserve(args, settings, ReserveWish(what="port", within=args.within, value=args.port or ""))


def _reserve(args: Namespace, settings: Settings, wish: ReserveWish) -> int:
    """Prints what was kept, alone on its line, so that a script can take it."""
    from tui.moments import read_moment

    until = read_moment(args.until, time.time_ns() // 1_000_000) if args.until else 0
    whole = wish.replace(unit=args.unit, reason=args.message, until=until)
    kept = ask(settings, lambda hub: hub.finding.reserve(whole))
    if args.json:
        print_json(kept)
        return 0
    print(f"{kept.within} {kept.value}" if kept.what == "port" else kept.value)
    print(tr("Kept until {until}; {name}", until=clock(kept.until) if kept.until else tr("it is given back"), name=clean(kept.name)),
          file=sys.stderr)
    return 0


def release_address(args: Namespace, settings: Settings) -> int:
    return _release_of(args, settings, "address", args.address, args.vpn)


def release_prefix(args: Namespace, settings: Settings) -> int:
    return _release_of(args, settings, "prefix", args.prefix, args.vpn)


def release_vlan(args: Namespace, settings: Settings) -> int:
    return _release(args, settings, f"vlan|{args.domain}|{args.vlan}")


def release_port(args: Namespace, settings: Settings) -> int:
    return _release(args, settings, f"port|{args.device}|{args.port}")


def release(args: Namespace, settings: Settings) -> int:
    return _release(args, settings, args.name)


def _release_of(args: Namespace, settings: Settings, what: str, value: str, vpn: str) -> int:
    """By its value; of several VPNs the one that is named."""
    from core.errors import ConflictError

    wanted = _canonical(value)
    rows = ask(settings, lambda hub: hub.finding.reservations())
    names = [row.reservation.name for row in rows
             if row.reservation.what == what and row.reservation.value == wanted and vpn in ("", row.reservation.within or "-")]
    if len(names) > 1:
        raise ConflictError(tr("Several VPNs have a reservation of {value}.", value=clean(value)), way_out=tr("Name one with --vpn."))
    return _release(args, settings, names[0] if names else f"{what}|{vpn.removeprefix('-')}|{wanted}")


def _canonical(text: str) -> str:
    import ipaddress

    try:
        return str(ipaddress.ip_network(text, strict=False) if "/" in text else ipaddress.ip_address(text))
    except ValueError:
        return text


def _release(args: Namespace, settings: Settings, name: str) -> int:
    given: Reservation = ask(settings, lambda hub: hub.finding.release(name))
    if args.json:
        print_json(given)
    else:
        print(tr("{name} is free again.", name=clean(given.name)))
    return 0


def list_reservations(args: Namespace, settings: Settings) -> int:
    found = ask(settings, lambda hub: hub.finding.reservations(args.unit))
    if args.json:
        print_json({"reservations": [plain(one.reservation) | {"site": one.site} for one in found]})
        return 0
    if not found:
        print(tr("Nothing is reserved."), file=sys.stderr)
        return 0
    rows = [(one.reservation.name, one.reservation.unit, one.reservation.reason,
             one.reservation.by, clock(one.reservation.made_at), clock(one.reservation.until), one.site) for one in found]
    headings = [tr("Name"), tr("Unit"), tr("Reason"), tr("By"), tr("Since"), tr("Until"), tr("Site")]
    print("\n".join(tables.lines(headings, rows, tables.room())))
    return 0
