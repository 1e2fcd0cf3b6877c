"""Routes of the records: lists, single records, what is known of a device, import and export."""

import math
from typing import TYPE_CHECKING, Annotated, Any, Literal

import msgspec
from litestar import Request, Response, Router, delete, get, post, put
from litestar.params import Parameter

from agents.hub.asking import forget_key, key_of_request
from agents.hub.edits import Wish, put_record
from agents.hub.exports import MEDIA, export_file
from agents.hub.front import etag
from agents.hub.hub import Hub
from agents.hub.imports import ACTION, Upload
from agents.hub.leaving import leaving
from agents.hub.naming import locate, must_be_listed
from agents.hub.queries import Number, parse
from agents.hub.records import in_thread
from agents.hub.removing import remove_record
from agents.hub.routes_views import known
from core.errors import InvalidInputError, NotFoundError
from core.history import Changes
from core.i18n import language, tr
from core.identity import Caller
from core.kinds import KEPT
from core.model import LISTED
from core.nouns import Noun
from core.objects import Fact, Link, Site, Unit
from core.permissions import READ_ACTION
from core.ports import ListQuery, Page
from core.scopes import refusal
from core.signals import SeriesKey
from core.sources import IntakeReport

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

MAX_UPLOAD = 64 * 1024 * 1024
MAX_POINTS = 20_000
SMALL_PAGE = 200
"""Rows that are read faster than a thread is woken."""
AnyRequest = Request[None, None, None]  # type: ignore[type-var]


IfMatch = Annotated[
    str, Parameter(header="if-match", max_length=1000, description="ETag of the record as it was read; 412 when it is not so any more."),
]


class SamplesAnswer(Noun, frozen=True, kw_only=True):
    """One series: four lists of the same length, oldest first; null where there is no value."""

    at_ms: list[int]
    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]


@get("/records/{kind:str}", summary="A page of the records of a kind.")
async def records(hub: Hub, caller: Caller, kind: str, request: AnyRequest) -> Response[Page]:
    action = await _served(hub, caller, kind)
    sight, revision = hub.sight(caller, action), await hub.read(hub.store.revision)
    question = kind, request.scope["query_string"], sight
    if known_already := hub.pages.known(question, revision):
        return known_already
    query = parse(request.query_params, ListQuery, units=None, sites=None)
    read = hub.read if query.limit <= SMALL_PAGE and not query.text else in_thread
    return hub.pages.keep(question, revision, await read(hub.store.page, kind, sight.within(query)))


@get("/records/{kind:str}/{name:str}", summary="One record by its name.")
async def record(hub: Hub, caller: Caller, kind: str, name: str) -> Any:
    action = await _served(hub, caller, kind)
    found = await hub.read(locate, hub.store, kind, name) if kind in LISTED else None
    if found is None or not hub.sight(caller, action).sees(*place_of(found)):
        raise NotFoundError(tr("There is no {kind} named {name}.", kind=kind, name=name[:128]))
    return found


@put("/records/{kind:str}/{name:str}", summary="Declares one record or replaces it, by the rules of an import.", status_code=200)
async def put_one(
    hub: Hub, caller: Caller, kind: str, name: str, request: AnyRequest, if_match: IfMatch = "", new: bool = False, dry_run: bool = False,
) -> Response[Any]:
    await hub.allow(caller, "inventory.edit", f"{kind[:64]} {name[:128]}")
    must_be_listed(kind)
    done = await put_record(hub, caller, kind, name, await request.body(), Wish(if_match=if_match, new=new, dry_run=dry_run))
    return Response(done, headers={"etag": etag(msgspec.json.encode(done)).decode()})


@delete("/records/{kind:str}/{name:str}", summary="Removes one record to which no other refers.", status_code=200)
async def remove_one(hub: Hub, caller: Caller, kind: str, name: str, if_match: IfMatch = "", dry_run: bool = False) -> Any:
    await hub.allow(caller, "inventory.edit", f"{kind[:64]} {name[:128]}")
    must_be_listed(kind)
    if dry_run:
        forget_key()
    return await remove_record(hub, caller, kind, name, if_match, dry_run=dry_run)


async def _served(hub: Hub, caller: Caller, kind: str) -> str:
    """The action that reads this kind, which the caller may do. Raises where there is no such kind for anybody."""
    kinds = [one for one in READ_ACTION if one in KEPT]
    if kind not in kinds:
        await hub.allow(caller)
        raise InvalidInputError(
            tr("There is no kind of record named {kind!r}.", kind=kind[:64]), way_out=tr("Kinds: {kinds}.", kinds=", ".join(kinds)),
        )
    await hub.allow(caller, READ_ACTION[kind])
    return READ_ACTION[kind]


def place_of(found: Any) -> tuple[str, str]:
    """Unit and site that a record belongs to; empty: none."""
    unit = found.name if isinstance(found, Unit) else getattr(found, "unit", "")
    return unit, found.name if isinstance(found, Site) else getattr(found, "site", "")


@get("/devices/{name:str}/facts", summary="What was observed on a device.")
async def facts(hub: Hub, caller: Caller, name: str) -> tuple[Fact, ...]:
    await hub.allow(caller)
    return (await in_thread(hub.store.observed, known(hub, caller, name))).facts


@get("/devices/{name:str}/links", summary="The links of a device.")
async def links(hub: Hub, caller: Caller, name: str) -> tuple[Link, ...]:
    await hub.allow(caller)
    return (await in_thread(hub.store.observed, known(hub, caller, name))).links


@get("/devices/{name:str}/series", summary="What is measured on a device.")
async def series(hub: Hub, caller: Caller, name: str) -> tuple[SeriesKey, ...]:
    await hub.allow(caller)
    return tuple(await hub.samples.series_of(known(hub, caller, name)))


@get("/devices/{name:str}/samples", summary="One series over [start, end), milliseconds since 1970.")
async def samples(
    hub: Hub, caller: Caller, name: str, metric: str, start: Number, end: Number, instance: str = "", points: Number = 0,
) -> SamplesAnswer:
    await hub.allow(caller)
    return await answer_of(hub, SeriesKey(known(hub, caller, name), metric, instance), start, end, points)


async def answer_of(hub: Hub, key: SeriesKey, start: int, end: int, points: int) -> SamplesAnswer:
    """One series as it goes out."""
    if not 0 <= points <= MAX_POINTS or start > end:
        raise InvalidInputError(tr("The period or the number of points makes no sense."))
    frame = await hub.samples.read(key, start, end, points)
    return SamplesAnswer(at_ms=frame.at_ms.tolist(), mean=_numbers(frame.mean), low=_numbers(frame.low), high=_numbers(frame.high))


def _numbers(values: "npt.NDArray[np.float64]") -> list[float | None]:
    return [value if math.isfinite(value) else None for value in values.tolist()]


@post("/imports", summary="Imports a sheet (csv or xlsx) whole or not at all.", request_max_body_size=MAX_UPLOAD, status_code=200)
async def import_(
    hub: Hub, caller: Caller, request: AnyRequest, filename: str, dry_run: bool = False,
) -> IntakeReport:
    await hub.allow(caller, ACTION, filename[:255])
    if dry_run:
        forget_key()
    body = await request.body()
    with leaving(request) as gone:
        return await hub.import_file(caller, Upload(filename[:255], body, dry_run, key_of_request(), gone=gone))


@post(
    "/imports/diff", summary="What an import of this sheet would change, field by field.", request_max_body_size=MAX_UPLOAD,
    status_code=200,
)
async def diff(hub: Hub, caller: Caller, request: AnyRequest, filename: str) -> Changes:
    await hub.allow(caller, ACTION, filename[:255])
    forget_key()
    body = await request.body()
    with leaving(request) as gone:
        return await hub.importer.compare(Upload(filename[:255], body, True, gone=gone))


@get("/export/{kind:str}", summary="All records of a kind, or of all kinds, as a file.")
async def export(hub: Hub, caller: Caller, kind: str, format: Literal["csv", "xlsx", "json", "sqlite"] = "csv") -> Response[bytes]:  # noqa: A002
    await hub.allow(caller, "inventory.export", kind[:64])
    sight = hub.sight(caller, "inventory.export")
    within = caller.replace(trial_over=False, actions=())  # what ends with the trial, or a token is not for, is reading; this is exporting
    hidden = frozenset(one for one in LISTED if refusal(within, READ_ACTION[one]))
    content = await in_thread(export_file, hub.store, kind, format, language(), lambda one: sight.sees(*place_of(one)), hidden)
    await hub.note(caller.actor, "inventory.export", {"kind": kind, "format": format})
    return Response(content, media_type=MEDIA[format])


router = Router(
    "/api/v1", tags=["records"],
    route_handlers=[records, record, put_one, remove_one, facts, links, series, samples, import_, diff, export],
)
