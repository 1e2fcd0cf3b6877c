"""What the answers to "who uses this?" are made of."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_args

from core.errors import NotFoundError
from core.finding import How, Use
from core.graph import GraphView, Node
from core.objects import Station
from core.questions import Thing
from inventory.finding.places import place_in

_ORDER: dict[str, int] = {how: place for place, how in enumerate(get_args(How))}
MOST = 1000


def use(view: GraphView, how: How, node: Node, **more: Any) -> Use:
    """One way, with the place of the object."""
    unit, site = place_in(view, node)
    name = node.name or getattr(view.noun(node.id), "mac", "") or node.id
    return Use(how=how, thing=Thing(id=node.id, kind=node.kind, name=name), unit=unit, site=site, **more)


def ordered(uses: Iterable[Use]) -> list[Use]:
    """Each once, in the order of `How`, then by VPN and name."""
    return sorted(dict.fromkeys(uses), key=lambda one: (_ORDER[one.how], one.vpn, one.thing.kind, one.thing.name, one.port, one.detail))


def nouns(view: GraphView, kind: str) -> Iterator[tuple[Node, Any]]:
    return ((node, view.noun(node.id)) for node in view.of_kind(kind))


def reserved(view: GraphView, what: str, value: str, within: str, now_ms: int) -> Iterator[Use]:
    """Reservations of a value; within empty: anywhere."""
    for node, one in nouns(view, "reservation"):
        if one.what == what and one.value == value and (not within or one.within == within) and one.holds(now_ms):
            vpn = one.within if what in ("address", "prefix") else ""
            yield use(view, "reserved", node, vpn=vpn, detail=one.reason, since=one.made_at, until=one.until)


def seen(view: GraphView, stations: Iterable[Station]) -> Iterator[Use]:
    """Where devices see something."""
    for one in stations:
        device = None if one.valid_to else there(view, one.device_id)
        if device is not None:
            detail = " ".join(filter(None, (one.mac, one.address, f"VLAN {one.vlan}" if one.vlan else "", one.source.upper())))
            yield use(view, "seen", device, port=one.port, detail=detail, since=one.valid_from)


def there(view: GraphView, object_id: str) -> Node | None:
    try:
        return view.node(object_id)
    except NotFoundError:
        return None


def behind_machine(view: GraphView, vm_id: str) -> Iterator[Use]:
    """The host of a machine and the switch ports behind it."""
    for host in view.ahead(vm_id, "hosted-by"):
        yield use(view, "hosts", view.node(host))
        yield from plugs(view, host)


def plugs(view: GraphView, host_id: str) -> Iterator[Use]:
    """Switch ports into which a host is plugged."""
    for edge in view.edges(host_id, ("plugged-into",)):
        yield use(view, "plugged", view.node(edge.b), port=edge.b_port, detail=edge.a_port, since=edge.valid_from)


def visible(uses: Sequence[Use], most: int = MOST) -> tuple[tuple[Use, ...], bool]:
    """The first of them, and whether there are more."""
    return tuple(uses[:most]), len(uses) > most
