"""Routes of the past."""

from typing import Annotated

from litestar import Router, get
from litestar.params import Parameter

from agents.hub.history.then import changes, then
from agents.hub.hub import Hub
from agents.hub.naming import must_be_listed
from agents.hub.queries import Number
from agents.hub.records import in_thread
from core.errors import InvalidInputError
from core.history import Changes, ObjectThen
from core.i18n import tr
from core.identity import Caller
from core.model import MODEL

Name = Annotated[str, Parameter(max_length=256)]
Kinds = Annotated[str, Parameter(max_length=1024, description="Kinds, separated by commas; empty: all of the model.")]
Start = Annotated[int, Parameter(ge=0, le=2**62, description="Milliseconds since 1970.")]


@get("", summary="What changed between two moments, object by object, field by field.")
async def changed(hub: Hub, caller: Caller, start: Start, end: Number = 0, kinds: Kinds = "") -> Changes:
    await hub.allow(caller)
    wanted = tuple(filter(None, kinds.split(",")))
    if unknown := [kind for kind in wanted if kind not in MODEL]:
        raise InvalidInputError(
            tr("There is no kind of record named {kind!r}.", kind=unknown[0][:64]), way_out=tr("Kinds: {kinds}.", kinds=", ".join(MODEL)),
        )
    return await in_thread(changes, hub.store, start, end, wanted, hub.sight(caller))


@get("/{kind:str}/{name:str}", summary="One object as it was at a moment.")
async def one(hub: Hub, caller: Caller, kind: str, name: Name, at: Number = 0) -> ObjectThen:
    await hub.allow(caller)
    must_be_listed(kind)
    if kind not in MODEL:
        raise InvalidInputError(tr("The past of credentials is in the audit trail alone."), way_out=tr("yunwang audit search"))
    return await in_thread(then, hub.store, kind, name, at, hub.sight(caller))


router = Router("/api/v1/history", route_handlers=[changed, one], tags=["history"])
