"""Routes of the objects as screens show them."""

from typing import Annotated

from litestar import Response, Router, get
from litestar.params import Parameter

from agents.hub.hub import Hub
from agents.hub.objects.part import counts, detail, history, must_be_kind
from agents.hub.records import in_thread
from core.identity import Caller
from core.permissions import READ_ACTION
from core.rows import KindCount, ObjectDetail, ObjectEvent
from core.scopes import refusal

Name = Annotated[str, Parameter(max_length=256)]


@get("", summary="How many objects of each kind there are.")
async def kinds(hub: Hub, caller: Caller) -> Response[tuple[KindCount, ...]]:
    await hub.allow(caller)
    sight, revision = hub.sight(caller), await hub.read(hub.store.revision)
    question = "objects", sight
    if known := hub.pages.known(question, revision):
        return known
    return hub.pages.keep(question, revision, await in_thread(counts, hub.store, sight))


@get("/{kind:str}/{name:str}", summary="One object by id, name or key, with its neighbours and what each source says of it.")
async def one(hub: Hub, caller: Caller, kind: str, name: Name) -> ObjectDetail:
    await hub.allow(caller)
    must_be_kind(kind)
    with_queue = not refusal(caller, READ_ACTION["difference"])
    return await detail(hub, kind, name, hub.sight(caller), with_queue=with_queue)


@get("/{kind:str}/{name:str}/events", summary="What was written of an object: who, when, which fields; newest first.")
async def events(hub: Hub, caller: Caller, kind: str, name: Name) -> tuple[ObjectEvent, ...]:
    await hub.allow(caller)
    must_be_kind(kind)
    return await history(hub, kind, name, hub.sight(caller))


router = Router("/api/v1/objects", route_handlers=[kinds, one, events], tags=["objects"])
