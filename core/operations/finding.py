"""Operations that find: search, who uses a thing, what is free, reservations, and the forms that other programs read."""

from core.model import MODEL
from core.operations.noun import JSON, Argument, Operation

_AT = Argument(name="--at", help="As it was then: 2026-11-23T08:30, 90m, 12h, 7d ago.", default="", metavar="TIME")
_COUNT = Argument(name="--count", help="At most so many.", type="int", default=10, metavar="N")
_VPN = Argument(name="--vpn", help="The VPN that is meant; - for none. Without it, the only one that has a prefix there.", default="",
                metavar="NAME")
_KEEPING = (
    Argument(name="--unit", help="For which unit.", default="", metavar="NAME"),
    Argument(name="-m --message", help="The reason.", default="", metavar="TEXT"),
    Argument(name="--until", help="When it is free again: 2026-12-31, +30d; without it, when it is given back.", default="",
             metavar="TIME"),
    JSON,
)
_PREFIX = Argument(name="PREFIX", help="A prefix: 10.1.2.0/24, 2001:db8::/48.")
_DOMAIN = Argument(name="DOMAIN", help="Domain of the VLANs: the name of a switch, or of a physical network of the cloud.")
_BETWEEN = Argument(name="--between", help="Only VLANs of this range.", default="", metavar="LOW-HIGH")
_WITHIN = Argument(name="WITHIN", help="Name of a device, or of a site.")

SEARCH: tuple[Operation, ...] = (
    Operation(
        id="search",
        summary="Find anything by name, address, prefix, range, MAC, serial number, Chinese word or pinyin.",
        verb="search",
        arguments=(
            Argument(name="TEXT", help="Words that must all fit: rsj, 人社, 10.1.0.0/16, 10.1.2.3-9, 001a-2b3c-4d5e.", many="+"),
            Argument(name="--kind", help="Only this kind; may be repeated.", many="*", choices=tuple(MODEL), metavar="KIND"),
            Argument(name="--limit", help="At most so many.", type="int", default=50, metavar="N"),
            JSON,
        ),
        handler="cli.search:search",
    ),
)
ADDRESSES: tuple[Operation, ...] = (
    Operation(
        id="address.show", summary="Show who uses an address or a MAC address: records, machines, switch ports, translations, rules.",
        noun="address", verb="show",
        arguments=(Argument(name="ADDRESS", help="IPv4, IPv6, or a MAC address in any notation."), _AT, JSON), handler="cli.search:address",
    ),
    Operation(
        id="address.free", summary="List free addresses of a prefix.", noun="address", verb="free",
        arguments=(_PREFIX, _VPN, _COUNT, JSON), handler="cli.free:addresses",
    ),
    Operation(
        id="address.reserve", summary="Keep an address, or the next free one of a prefix.", noun="address", verb="reserve",
        arguments=(Argument(name="ADDRESS", help="An address, or a prefix to take the next free one of."), _VPN, *_KEEPING),
        handler="cli.free:reserve_address", needs="reservation.add",
    ),
    Operation(
        id="address.release", summary="Give a reserved address back.", noun="address", verb="release",
        arguments=(Argument(name="ADDRESS", help="The address."), _VPN, JSON), handler="cli.free:release_address",
        needs="reservation.remove",
    ),
    Operation(
        id="prefix.list", summary="List prefixes with how full they are.", noun="prefix", verb="list",
        arguments=(
            Argument(name="--vpn", help="Only of this VPN; - for none.", default="", metavar="NAME"),
            Argument(name="--unit", help="Only of this unit.", default="", metavar="NAME"),
            Argument(name="--fullest", help="The fullest first.", type="flag"),
            Argument(name="--limit", help="At most so many.", type="int", default=100, metavar="N"), JSON,
        ),
        handler="cli.free:list_prefixes",
    ),
    Operation(
        id="prefix.free", summary="List free prefixes of a length inside a prefix.", noun="prefix", verb="free",
        arguments=(_PREFIX, Argument(name="--length", help="Their length.", type="int", default=24, metavar="N"), _VPN, _COUNT, JSON),
        handler="cli.free:prefixes",
    ),
    Operation(
        id="prefix.reserve", summary="Keep a prefix, or with --length the next free one inside it.", noun="prefix", verb="reserve",
        arguments=(
            _PREFIX, Argument(name="--length", help="Keep the next free one of this length inside.", type="int", default=0, metavar="N"),
            _VPN, *_KEEPING,
        ),
        handler="cli.free:reserve_prefix", needs="reservation.add",
    ),
    Operation(
        id="prefix.release", summary="Give a reserved prefix back.", noun="prefix", verb="release", arguments=(_PREFIX, _VPN, JSON),
        handler="cli.free:release_prefix", needs="reservation.remove",
    ),
)
VLANS: tuple[Operation, ...] = (
    Operation(
        id="vlan.show", summary="Show who uses a VLAN: prefixes, access points, networks of the cloud, ports.", noun="vlan", verb="show",
        arguments=(Argument(name="VLAN", help="Its number, or DOMAIN/NUMBER."), _AT, JSON), handler="cli.search:vlan",
    ),
    Operation(
        id="vlan.free", summary="List free VLANs of a domain.", noun="vlan", verb="free", arguments=(_DOMAIN, _BETWEEN, JSON),
        handler="cli.free:vlans",
    ),
    Operation(
        id="vlan.reserve", summary="Keep a VLAN of a domain, or the next free one.", noun="vlan", verb="reserve",
        arguments=(
            _DOMAIN, Argument(name="VLAN", help="Its number; without it, the next free one.", many="?", default=""), _BETWEEN, *_KEEPING,
        ),
        handler="cli.free:reserve_vlan", needs="reservation.add",
    ),
    Operation(
        id="vlan.release", summary="Give a reserved VLAN back.", noun="vlan", verb="release",
        arguments=(_DOMAIN, Argument(name="VLAN", help="Its number."), JSON), handler="cli.free:release_vlan", needs="reservation.remove",
    ),
    Operation(
        id="vpn.show", summary="Show who uses a VPN: units, access points, devices, prefixes.", noun="vpn", verb="show",
        arguments=(Argument(name="NAME", help="Name of the VPN."), _AT, JSON), handler="cli.search:vpn",
    ),
)
PORTS: tuple[Operation, ...] = (
    Operation(
        id="port.show", summary="Show who uses a port of a device: links, access points, hosts and their machines, stations.", noun="port",
        verb="show", arguments=(Argument(name="DEVICE", help="Name of the device."), Argument(name="PORT", help="ifName."), _AT, JSON),
        handler="cli.search:port",
    ),
    Operation(
        id="port.free", summary="List ports that are down and that nothing uses.", noun="port", verb="free",
        arguments=(_WITHIN, Argument(name="--count", help="At most so many.", type="int", default=100, metavar="N"), JSON),
        handler="cli.free:ports",
    ),
    Operation(
        id="port.reserve", summary="Keep a port, or the next free one of a device or site.", noun="port", verb="reserve",
        arguments=(_WITHIN, Argument(name="PORT", help="ifName; without it, the next free one.", many="?", default=""), *_KEEPING),
        handler="cli.free:reserve_port", needs="reservation.add",
    ),
    Operation(
        id="port.release", summary="Give a reserved port back.", noun="port", verb="release",
        arguments=(Argument(name="DEVICE", help="Name of the device."), Argument(name="PORT", help="ifName."), JSON),
        handler="cli.free:release_port", needs="reservation.remove",
    ),
    Operation(
        id="reservation.list", summary="List what is reserved, for whom and until when.", noun="reservation", verb="list",
        arguments=(Argument(name="--unit", help="Only for this unit.", default="", metavar="NAME"), JSON),
        handler="cli.free:list_reservations",
    ),
    Operation(
        id="reservation.release", summary="Give a reservation back by its name or id.", noun="reservation", verb="release",
        arguments=(Argument(name="NAME", help="As `reservation list` shows it."), JSON), handler="cli.free:release",
        needs="reservation.remove",
    ),
)
PUBLISH: tuple[Operation, ...] = (
    Operation(
        id="inventory.publish",
        summary="Write what exists as other programs read it: Ansible inventory, Prometheus targets, topology as DOT or SVG.",
        noun="inventory", verb="publish",
        arguments=(
            Argument(name="FORMAT", help="What reads it.", choices=("ansible", "prometheus", "dot", "svg")),
            Argument(name="--list", help="ansible: all groups and hosts, as an inventory script is asked; the default.", type="flag"),
            Argument(name="--host", help="ansible: the variables of one host.", default="", metavar="NAME"),
            Argument(name="--port", help="prometheus: port of each target; 0: the address alone.", type="int", default=0, metavar="N"),
            Argument(name="--layer", help="dot, svg: what is drawn.", choices=("geographic", "l2", "l3", "business"), default="geographic"),
            Argument(name="--unit", help="dot, svg: only what belongs to this unit.", default="", metavar="NAME"),
            Argument(name="--site", help="dot, svg: only what stands at this site.", default="", metavar="NAME"),
            Argument(name="--county", help="dot, svg: only what stands in this county.", default="", metavar="NAME"),
            Argument(name="--vpn", help="dot, svg: only what is in this VPN.", default="", metavar="NAME"),
            Argument(name="-o --output", help="Write to this file instead of standard output.", default="", metavar="FILE"),
        ),
        handler="cli.publish:publish", needs="inventory.export",
    ),
)
OPERATIONS: tuple[Operation, ...] = (*SEARCH, *ADDRESSES, *VLANS, *PORTS, *PUBLISH)
