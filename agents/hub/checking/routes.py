"""The route that tries a device."""

from typing import Annotated

from litestar import Router, post
from litestar.params import Parameter

from agents.hub.checking.device import check
from agents.hub.hub import Hub
from agents.hub.routes_views import known
from core.identity import Caller
from core.node import Check
from core.permissions import allowed

ACTION = "credential.test"
Port = Annotated[int, Parameter(ge=1, le=65_535, description="Where it listens for SSH.")]


@post("/devices/{name:str}/check", summary="Tries what a device needs to be monitored: ICMP, SNMP, SSH, traps, log lines.", status_code=200)
async def check_device(hub: Hub, caller: Caller, name: str, ssh_port: Port = 22) -> tuple[Check, ...]:
    """Who may not test at all learns nothing of devices."""
    there = hub.table.id_of(name)
    may = allowed(frozenset(grant.role for grant in caller.grants), ACTION)
    if not may or not there or not hub.table.sees(hub.sight(caller), there):
        await hub.allow(caller, ACTION, name)
    device_id = known(hub, caller, name)
    place = await hub.custody.trying.place(hub.table.devices_by_id([device_id])[0].name)
    device = place.device
    await hub.allow(caller, ACTION, name, *((device.unit, device.site) if device else ("", "")))
    return await check(hub, caller.actor, place, hub.sight(caller), ssh_port)


router = Router("/api/v1", route_handlers=[check_device], tags=["custody"])
