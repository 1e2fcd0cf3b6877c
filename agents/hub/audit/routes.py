"""Routes of the audit trail. There is none that changes or removes a row."""

import asyncio
import contextlib
import threading
import time
from collections.abc import AsyncIterator, Callable
from typing import Any, Literal

import msgspec
from litestar import Request, Router, get, post
from litestar.response import Stream

from agents.hub.audit.exporting import MEDIA, pieces
from agents.hub.hub import Hub
from agents.hub.queries import MAX_TEXT
from agents.hub.records import in_thread
from core.audit import Archived, ArchiveOrder, AuditPage, AuditQuery, AuditStatus, Progress, Tips
from core.errors import InvalidInputError, YunwangError
from core.failure import Failure
from core.i18n import tr
from core.identity import Caller

AnyRequest = Request[Any, Any, Any]
TELL_S = 0.2
AHEAD = 4
"""Pieces of an export that are ready before somebody takes them."""


@get("/audit", summary="Rows of the audit trail in order of time, newest first unless asked otherwise.")
async def search(hub: Hub, caller: Caller, request: AnyRequest) -> AuditPage:
    await hub.allow(caller, "audit.search")
    return await in_thread(hub.store.search, _query(request))


@get("/audit/status", summary="How far the trail goes, when it was sealed, which archives there are.")
async def status(hub: Hub, caller: Caller) -> AuditStatus:
    await hub.allow(caller, "audit.verify")
    return await hub.audit.status()


@post("/audit/verify", status_code=200, summary="Proves the whole trail; answers lines of JSON, the last one with the verdict.")
async def verify(hub: Hub, caller: Caller, data: Tips) -> Stream:
    await hub.allow(caller, "audit.verify")

    def work(tell: Callable[[bytes], None]) -> None:
        last = 0.0

        def told(done: int, total: int) -> None:
            nonlocal last
            now = time.monotonic()
            if now - last >= TELL_S:
                last = now
                tell(_line(Progress(done=done, total=total)))

        try:
            verdict = hub.audit.verify(caller.actor, data.tips, told)
        except YunwangError as error:
            tell(_line(Progress(failure=Failure.of(error))))
        else:
            tell(_line(Progress(done=verdict.last_seq, total=verdict.last_seq, verdict=verdict)))

    return Stream(_streamed(work), media_type="application/x-ndjson", headers={"cache-control": "no-store"})


@get("/audit/export", summary="Rows of the trail as a file, oldest first; the export itself is journaled before it begins.")
async def export(hub: Hub, caller: Caller, request: AnyRequest, format: Literal["csv", "jsonl"] = "csv") -> Stream:  # noqa: A002
    await hub.allow(caller, "audit.export")
    query = _query(request, "format")
    await in_thread(hub.store.search, query.replace(limit=1))  # what is wrong with it is said before anything is sent
    asked = {name: value for name, value in msgspec.to_builtins(query).items() if name not in ("limit", "cursor", "oldest_first")}
    await hub.note(caller.actor, "audit.export", {"format": format, "newest_seq": hub.store.revision(), "filter": asked})

    def work(tell: Callable[[bytes], None]) -> None:
        with hub.audit.alone() if query.archives else contextlib.nullcontext():
            for piece in pieces(hub.store, hub.audit.folder, query, format):
                tell(piece)

    stream = _streamed(work)
    first = await anext(stream, b"")  # what goes wrong at the beginning is still told as an error
    return Stream(_after(first, stream), media_type=MEDIA[format], headers={"cache-control": "no-store"})


async def _after(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in rest:
        yield piece


@post("/audit/archive", status_code=200, summary="Moves rows that are old enough into signed archives.")
async def archive(hub: Hub, caller: Caller, data: ArchiveOrder) -> Archived:
    await hub.allow(caller, "audit.archive")
    return await in_thread(hub.audit.archive, caller.actor, trust_clock=data.trust_clock)


def _query(request: AnyRequest, *others: str) -> AuditQuery:
    fields = {name: value for name, value in request.query_params.items() if name not in ("lang", *others)}
    for name, value in fields.items():
        if len(value) > MAX_TEXT:
            raise InvalidInputError(tr("The parameter {name} is too long.", name=name[:64]))
    try:
        return msgspec.convert(fields, AuditQuery, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInputError(tr("The parameters were not understood: {reason}.", reason=str(error))) from None


class _Gone(Exception):  # noqa: N818 -- nobody listens any more; no error
    pass


async def _streamed(work: Callable[[Callable[[bytes], None]], None]) -> AsyncIterator[bytes]:
    """What `work` tells in a thread, as it comes; the thread waits for a slow reader and ends when the reader is gone."""
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[bytes | BaseException | None] = asyncio.Queue()
    room, gone = threading.Semaphore(AHEAD), threading.Event()

    def tell(piece: bytes) -> None:
        room.acquire()
        if gone.is_set():
            raise _Gone
        loop.call_soon_threadsafe(queue.put_nowait, piece)

    def run() -> None:
        last: BaseException | None = None
        try:
            work(tell)
        except _Gone:
            return
        except BaseException as error:  # noqa: BLE001 -- told to the reader's side
            last = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody is there
            loop.call_soon_threadsafe(queue.put_nowait, last)

    thread = asyncio.create_task(asyncio.to_thread(run))
    try:
        while (piece := await queue.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            room.release()
            if piece:
                yield piece
    finally:
        gone.set()
        room.release()
        await asyncio.shield(thread)


def _line(noun: Progress) -> bytes:
    return msgspec.json.encode(noun) + b"\n"


router = Router("/api/v1", route_handlers=[search, status, verify, export, archive], tags=["audit"])

