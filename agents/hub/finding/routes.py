"""Routes of search, who uses what, what is free, and reservations."""

from typing import TYPE_CHECKING, Annotated

from litestar import Router, delete, get, post
from litestar.params import Parameter

from agents.hub.finding.part import MOST, device_named, vlan_named
from agents.hub.hub import Hub
from agents.hub.records import in_thread, now_ms
from core.errors import InvalidInputError
from core.finding import Asked, FreeAnswer, PrefixUses, ReservationRow, ReserveWish, SearchAnswer, WhoAnswer
from core.i18n import tr
from core.identity import Caller
from core.network import Reservation

if TYPE_CHECKING:
    from agents.hub.finding.freeing import Asking

Text = Annotated[str, Parameter(max_length=256)]
Limit = Annotated[int, Parameter(ge=1, le=MOST)]
Moment = Annotated[int, Parameter(ge=0, le=1 << 53, description="Milliseconds since 1970; 0: now.")]


@get("/search", summary="Objects of every kind that all words of a text fit, exact ones first.")
async def search(hub: Hub, caller: Caller, text: Text, kind: list[str] | None = None, limit: Limit = 50) -> SearchAnswer:
    await hub.allow(caller)
    return await hub.finding.search(text, kind or (), limit, hub.sight(caller))


@get("/who", summary="Who uses an address, a MAC address, a VLAN (NUMBER or DOMAIN/NUMBER), a VPN, or a port of a device.")
async def who(hub: Hub, caller: Caller, what: Asked, value: Text, port: Text = "", at: Moment = 0) -> WhoAnswer:
    await hub.allow(caller)
    from inventory.finding import offering
    from inventory.finding import who as asks

    finding, sight, now = hub.finding, hub.sight(caller), at or now_ms()
    if what == "address":
        address, _ = offering.address_named(value)
        return await finding.who(what, address, sight, at, lambda view, seen: asks.of_address(view, address, seen, now))
    if what == "mac":
        mac = asks.normal_mac(value.strip())
        if not mac:
            raise InvalidInputError(tr("{text} is no MAC address.", text=repr(value[:64])), way_out=tr("For example 00:1a:2b:3c:4d:5e."))
        past = await in_thread(finding.ended, now)
        return await finding.who(what, mac, sight, at, lambda view, seen: asks.of_mac(view, mac, seen, past))
    if what == "vlan":
        vid, domain = vlan_named(value)
        return await finding.who(what, value, sight, at, lambda view, seen: asks.of_vlan(view, vid, domain, seen, now))
    if what == "vpn":
        return await finding.who(what, value, sight, at, lambda view, _: asks.of_vpn(view, value))
    device = device_named(await finding.view(at), value, sight)
    return await finding.who(
        what, f"{device.name} {port}", sight, at, lambda view, seen: asks.of_port(view, device, port, seen, now),
    )


async def asking(hub: Hub, caller: Caller) -> "Asking":
    """What a question about what is free needs."""
    from agents.hub.finding.freeing import Asking

    return Asking(await hub.finding.view(), await hub.finding.stations(), now_ms(), hub.sight(caller))


@get("/free/addresses", summary="Free addresses of a prefix, in order. vpn: - for none; empty: the only one that has it.")
async def free_addresses(hub: Hub, caller: Caller, prefix: Text, vpn: Text = "", count: Limit = 10) -> FreeAnswer:
    await hub.allow(caller)
    from agents.hub.finding import freeing

    return await in_thread(freeing.addresses, await asking(hub, caller), prefix, vpn, count)


@get("/free/prefixes", summary="Free prefixes of a length inside a prefix, in order.")
async def free_prefixes(
    hub: Hub, caller: Caller, prefix: Text, length: Annotated[int, Parameter(ge=0, le=128)], vpn: Text = "", count: Limit = 10,
) -> FreeAnswer:
    await hub.allow(caller)
    from agents.hub.finding import freeing

    return await in_thread(freeing.prefixes, await asking(hub, caller), prefix, length, vpn, count)


@get("/free/vlans", summary="Free VLANs of a domain, as ranges.")
async def free_vlans(hub: Hub, caller: Caller, domain: Text, between: Text = "") -> FreeAnswer:
    await hub.allow(caller)
    from agents.hub.finding import freeing

    return await in_thread(freeing.vlans, await asking(hub, caller), domain, between)


@get("/free/ports", summary="Ports of a device, or of all devices at a site, that are down and that nothing uses.")
async def free_ports(hub: Hub, caller: Caller, within: Text, count: Limit = 100) -> FreeAnswer:
    await hub.allow(caller)
    from agents.hub.finding import freeing

    about = await asking(hub, caller)
    rows = await hub.finding.interfaces(about.view, within)
    return await in_thread(freeing.ports, about, within, rows, count)


@get("/prefixes", summary="How full prefixes are.")
async def prefixes(
    hub: Hub, caller: Caller, vpn: Text = "", unit: Text = "", fullest: bool = False,
    limit: Annotated[int, Parameter(ge=1, le=10_000)] = 100,
) -> PrefixUses:
    await hub.allow(caller)
    from agents.hub.finding import freeing

    about = await asking(hub, caller)
    return await in_thread(lambda: freeing.uses(about, vpn, unit, limit, fullest=fullest))


@get("/reservations", summary="Reservations that hold.")
async def reservations(hub: Hub, caller: Caller, unit: Text = "") -> tuple[ReservationRow, ...]:
    await hub.allow(caller)
    from agents.hub.finding import freeing

    return await in_thread(freeing.reservations, await asking(hub, caller), unit)


@post("/reservations", summary="Keeps something free for a unit: what is named, or the next one.")
async def reserve(hub: Hub, caller: Caller, data: ReserveWish) -> Reservation:
    return await hub.finding.reserving.add(caller, data)


@delete("/reservations", summary="Gives a reservation back.", status_code=200)
async def release(hub: Hub, caller: Caller, name: Text) -> Reservation:
    return await hub.finding.reserving.remove(caller, name)


router = Router(
    "/api/v1",
    route_handlers=[
        search, who, free_addresses, free_prefixes, free_vlans, free_ports, prefixes, reservations, reserve, release,
    ],
    tags=["finding"],
)
