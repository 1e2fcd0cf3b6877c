"""Routes of credentials, sets and host keys. No answer holds a secret."""

from typing import Annotated

from litestar import Router, delete, get, post, put
from litestar.params import Parameter

from agents.hub.custody import credentials
from agents.hub.custody.trying import Place
from agents.hub.hub import Hub
from agents.hub.records import in_thread
from core.custody import (
    CredentialRow,
    CredentialSet,
    HostKey,
    HostKeyWish,
    NewCredential,
    NewCredentialSet,
    NewSecret,
    Rotation,
    TryResult,
    TryWish,
)
from core.identity import Caller
from core.permissions import allowed

Named = Annotated[str, Parameter(max_length=64)]


@get("/credentials", summary="All credentials, without their secrets.")
async def list_credentials(hub: Hub, caller: Caller) -> list[CredentialRow]:
    await hub.allow(caller, "credential.list")
    return await in_thread(credentials.rows, hub.store, hub.custody.keyring)


@post("/credentials", summary="A new credential, its secret sealed.")
async def add_credential(hub: Hub, caller: Caller, data: NewCredential) -> CredentialRow:
    await hub.allow(caller, "credential.add", data.name)
    return await credentials.add(hub, caller, data)


@put("/credentials/{name:str}/secret", summary="Another secret for a credential.")
async def set_secret(hub: Hub, caller: Caller, name: Named, data: NewSecret) -> CredentialRow:
    await hub.allow(caller, "credential.set", name)
    return await credentials.set_secret(hub, caller, name, data.secret)


@delete("/credentials/{name:str}", summary="Removes a credential that nothing uses.")
async def remove_credential(hub: Hub, caller: Caller, name: Named) -> None:
    await hub.allow(caller, "credential.remove", name)
    await credentials.remove(hub, caller, name)


@post("/credentials/{name:str}/test", summary="Tries a credential on a device.", status_code=200)
async def test_credential(hub: Hub, caller: Caller, name: Named, data: TryWish) -> TryResult:
    place = await _place(hub, caller, data.host)
    return await hub.custody.trying.test(caller.actor, name, data, place)


@post("/credential-tests", summary="Tries the credentials of the device's set in their order, until one is accepted.", status_code=200)
async def test_set(hub: Hub, caller: Caller, data: TryWish) -> list[TryResult]:
    place = await _place(hub, caller, data.host)
    return await hub.custody.trying.test_set(caller.actor, data, place)


@post("/credential-rotations", summary="A new key, and everything sealed with it.", status_code=200)
async def rotate(hub: Hub, caller: Caller) -> Rotation:
    await hub.allow(caller, "credential.rotate")
    return await hub.custody.rotate(caller.actor)


@get("/credential-sets", summary="All credential sets.")
async def list_sets(hub: Hub, caller: Caller) -> list[CredentialSet]:
    await hub.allow(caller, "credential-set.list")
    return await in_thread(lambda: sorted(hub.store.all("credential_set"), key=lambda one: str(one.name)))


@post("/credential-sets", summary="Declares a credential set, or replaces the one of this name.", status_code=200)
async def put_set(hub: Hub, caller: Caller, data: NewCredentialSet) -> CredentialSet:
    await hub.allow(caller, "credential-set.add", data.name)
    return await credentials.put_set(hub, caller, data)


@delete("/credential-sets/{name:str}", summary="Removes a credential set.")
async def remove_set(hub: Hub, caller: Caller, name: Named) -> None:
    await hub.allow(caller, "credential-set.remove", name)
    await credentials.remove_set(hub, caller, name)


@get("/host-keys", summary="All host keys, those that changed first.")
async def list_host_keys(hub: Hub, caller: Caller) -> list[HostKey]:
    await hub.allow(caller, "hostkey.list")
    return await in_thread(lambda: sorted(hub.store.all("host_key"), key=lambda one: (one.state != "changed", one.address, one.port)))


@post("/host-keys/accept", summary="The offered key of a host becomes the pinned one.", status_code=200)
async def accept_host_key(hub: Hub, caller: Caller, data: HostKeyWish) -> HostKey:
    await hub.allow(caller, "hostkey.accept", data.address)
    return await hub.custody.host_keys.accept(caller, data)


@post("/host-keys/remove", summary="Forgets the key of a host.", status_code=204)
async def remove_host_key(hub: Hub, caller: Caller, data: HostKeyWish) -> None:
    await hub.allow(caller, "hostkey.remove", data.address)
    await hub.custody.host_keys.remove(caller, data)


async def _place(hub: Hub, caller: Caller, host: str) -> Place:
    """Where it is to be tried: an operator of some sites only on devices there. Who may not test at all learns nothing of hosts."""
    if not allowed(frozenset(grant.role for grant in caller.grants), "credential.test"):
        await hub.allow(caller, "credential.test", host)
    place = await hub.custody.trying.place(host)
    await hub.allow(caller, "credential.test", host, *((place.device.unit, place.device.site) if place.device else ("", "")))
    return place


router = Router(
    "/api/v1",
    route_handlers=[
        list_credentials, add_credential, set_secret, remove_credential, test_credential, test_set, rotate, list_sets, put_set, remove_set,
        list_host_keys, accept_host_key, remove_host_key,
    ],
    tags=["custody"],
)
