"""Routes of notifications. No answer holds a secret."""

from typing import Annotated

import msgspec
from litestar import Router, delete, get, patch, post, put
from litestar.params import Parameter

from agents.hub.hub import Hub
from agents.hub.notify import again, answering, keeping
from agents.hub.records import in_thread
from core.identity import Caller
from core.notices import (
    Channel,
    ChannelChange,
    ChannelRow,
    Contact,
    Message,
    NewChannel,
    NewContact,
    NewRoute,
    Route,
    Tested,
    TestWish,
    WhoAnswer,
    WhoWish,
)
from core.ports import ListQuery

LIST, SET, TEST = "notify.list", "notify.set", "notify.test"
Named = Annotated[str, Parameter(max_length=64)]


@get("/notify/channels", summary="All channels, with what became of their messages since yesterday.")
async def list_channels(hub: Hub, caller: Caller) -> list[ChannelRow]:
    await hub.allow(caller, LIST)
    return [row.replace(channel=_brief(row.channel)) for row in answering.channels(hub)]


@post("/notify/channels", summary="A new channel, its secret sealed.")
async def add_channel(hub: Hub, caller: Caller, data: NewChannel) -> Channel:
    await hub.allow(caller, SET, data.name)
    return _brief(await keeping.add_channel(hub, caller, data))


@patch("/notify/channels/{name:str}", summary="Changes a channel, turns it on or off.")
async def set_channel(hub: Hub, caller: Caller, name: Named, data: ChannelChange) -> Channel:
    await hub.allow(caller, SET, name)
    return _brief(await keeping.change_channel(hub, caller, name, data))


@delete("/notify/channels/{name:str}", summary="Removes a channel that no contact names.")
async def remove_channel(hub: Hub, caller: Caller, name: Named) -> None:
    await hub.allow(caller, SET, name)
    await keeping.remove(hub, caller, keeping.CHANNEL, name)


@get("/notify/contacts", summary="All contacts.")
async def list_contacts(hub: Hub, caller: Caller) -> list[Contact]:
    await hub.allow(caller, LIST)
    return await keeping.all_of(hub, keeping.CONTACT)


@put("/notify/contacts", summary="Declares a contact, or replaces the one of this name.")
async def put_contact(hub: Hub, caller: Caller, data: NewContact) -> Contact:
    await hub.allow(caller, SET, data.name)
    return await keeping.put_contact(hub, caller, data)


@delete("/notify/contacts/{name:str}", summary="Removes a contact that no route names.")
async def remove_contact(hub: Hub, caller: Caller, name: Named) -> None:
    await hub.allow(caller, SET, name)
    await keeping.remove(hub, caller, keeping.CONTACT, name)


@get("/notify/routes", summary="All routes: which alerts go to whom.")
async def list_routes(hub: Hub, caller: Caller) -> list[Route]:
    await hub.allow(caller, LIST)
    return await keeping.all_of(hub, keeping.ROUTE)


@put("/notify/routes", summary="Declares a route, or replaces the one of this name.")
async def put_route(hub: Hub, caller: Caller, data: NewRoute) -> Route:
    await hub.allow(caller, SET, data.name)
    return await keeping.put_route(hub, caller, data)


@delete("/notify/routes/{name:str}", summary="Removes a route.")
async def remove_route(hub: Hub, caller: Caller, name: Named) -> None:
    await hub.allow(caller, SET, name)
    await keeping.remove(hub, caller, keeping.ROUTE, name)


@get("/notify/messages", summary="Who was told of what, newest first, and what became of it.")
async def list_messages(
    hub: Hub, caller: Caller, contact: Annotated[str, Parameter(max_length=64)] = "", being: Annotated[str, Parameter(max_length=16)] = "",
    limit: Annotated[int, Parameter(ge=1, le=1000)] = 100,
) -> list[Message]:
    await hub.allow(caller, LIST)
    where = {field: value for field, value in (("contact", contact), ("state", being)) if value}
    page = await in_thread(hub.store.page, "notice", ListQuery(where=where, sort="-created_at", limit=limit))
    return [msgspec.convert(item, Message) for item in page.items]


@post("/notify/messages/{message_id:str}/resend", summary="Sends a message once more, now.", status_code=200)
async def resend(hub: Hub, caller: Caller, message_id: Named) -> Message:
    await hub.allow(caller, TEST, message_id)
    return await again.resend(hub, caller, message_id)


@post("/notify/test", summary="Sends a message now, by a channel or by every way of a contact.", status_code=200)
async def test(hub: Hub, caller: Caller, data: TestWish) -> list[Tested]:
    await hub.allow(caller, TEST, data.channel or data.contact)
    return await answering.test(hub, caller, data)


@post("/notify/who", summary="Who would be told of an alert.", status_code=200)
async def who(hub: Hub, caller: Caller, data: WhoWish) -> WhoAnswer:
    await hub.allow(caller, LIST)
    return answering.who(hub, data)


def _brief(channel: Channel) -> Channel:
    """Without the text of the certificate: that it is there is enough."""
    return channel.replace(options={name: "PEM" if name == "authority" else value for name, value in channel.options.items()})


router = Router(
    "/api/v1",
    route_handlers=[
        list_channels, add_channel, set_channel, remove_channel, list_contacts, put_contact, remove_contact, list_routes, put_route,
        remove_route, list_messages, resend, test, who,
    ],
    tags=["notify"],
)
