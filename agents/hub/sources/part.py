"""Sources: kept as records, asked by jobs of the workers, which get what they need here and bring back what they read."""

import logging
from typing import TYPE_CHECKING, Any

import msgspec

from agents.hub.commits import Key
from agents.hub.jobs.kinds import Kind
from agents.hub.records import in_thread
from agents.hub.sources import keeping
from agents.hub.sources.checking import origin_of
from agents.hub.sources.landing import Landing, records_of
from core.errors import ForbiddenError, InvalidInputError, NoAnswerError, UnavailableError
from core.i18n import language, mark, tr
from core.identity import Actor, Caller
from core.messages import Done
from core.model import MODEL
from core.ports import ListQuery, RecordStore
from core.sources import (
    IntakeReport,
    Piece,
    Pieces,
    SourceAnswer,
    SourceAsk,
    SourceConfig,
    SourceGiven,
    SourceRow,
    SourceTest,
    SourceWanted,
    SyncWish,
)
from core.work import Job

if TYPE_CHECKING:
    from agents.hub.hub import Hub

SYNC, IMPORT, PUSH = "inventory.sync", "inventory.import", "source.push"
KINDS = frozenset({SYNC, IMPORT, PUSH})
TEST_S = 90.0
SYNCS_AT_ONCE = 2
_SUMMARIES = {
    SYNC: mark("Ask a source of the inventory."), IMPORT: mark("Ask a source of the inventory, and take over also what nobody declared."),
    PUSH: mark("Write to a NetBox what it lacks."),
}

log = logging.getLogger(__name__)


class Sources:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.landing = Landing(hub)

    async def start(self) -> None:
        for name in (SYNC, IMPORT):
            self._hub.work.register(Kind(
                name=name, entry="agents.sync:run", action=name, resumable=True, at_once=SYNCS_AT_ONCE, summary=_SUMMARIES[name],
                check=_check,
            ))
        self._hub.work.register(Kind(
            name=PUSH, entry="agents.sync:push", action=PUSH, resumable=True, at_once=1, summary=_SUMMARIES[PUSH], check=_check,
        ))
        await self._hub.bus.subscribe("hub.source", self._give, workers=2)
        await self._hub.bus.subscribe("hub.piece", self._piece)
        await self._hub.bus.subscribe("hub.pieces", self._pieces, workers=SYNCS_AT_ONCE)

    async def close(self) -> None:
        """Nothing to close."""

    async def rows(self) -> list[SourceRow]:
        """All sources by name, each with its newest job."""
        return await in_thread(_rows, self._hub.store)

    async def sync(self, caller: Caller, name: str, wish: SyncWish) -> Job:
        """Asks a source now, as a job. Raises `NotFoundError`."""
        config = await keeping.named(self._hub, name)
        kind = IMPORT if wish.accept_new else SYNC
        return await self._hub.work.submit(kind, {"source": config.name, "dry_run": wish.dry_run}, caller)

    async def push(self, caller: Caller, name: str, *, dry_run: bool) -> Job:
        config = await keeping.named(self._hub, name)
        if config.kind != "netbox":
            raise InvalidInputError(tr("Only a NetBox is written to; {name} is none.", name=name))
        return await self._hub.work.submit(PUSH, {"source": config.name, "dry_run": dry_run}, caller)

    async def test(self, actor: Actor, name: str) -> SourceTest:
        """Whether it can be read, found out by the workers."""
        given = await self._given(actor, await keeping.named(self._hub, name))
        found = (await self._ask(given)).test
        return found or SourceTest(name=name, ok=False, message=tr("The workers do not know this source."))

    async def import_file(self, caller: Caller, config: SourceConfig, filename: str, content: bytes, *, dry_run: bool) -> IntakeReport:
        """What a file of a source tells, as if the source had been asked by this person."""
        answer = await self._ask(SourceGiven(config=config, filename=filename, content=content))
        if answer.told is None:
            raise InvalidInputError(tr("The file tells nothing."))
        records = {kind: records_of(kind, [piece]) for kind, piece in answer.records.items() if kind in MODEL}
        told = answer.told.replace(records=records, origin=origin_of(config))
        report: IntakeReport = await self._hub.intake.take(caller, told, dry_run=dry_run, accept_new=True)
        return report

    async def _ask(self, given: SourceGiven) -> SourceAnswer:
        body = msgspec.msgpack.encode(SourceAsk(given=given, language=language()))
        try:
            return msgspec.msgpack.decode(await self._hub.bus.request("work.source", body, TEST_S), type=SourceAnswer)
        except NoAnswerError as error:
            if error.way_out:  # the source's own silence
                raise
            raise UnavailableError(
                tr("The workers do not answer."), way_out=tr("Try again; `yunwang hub status` tells more."),
            ) from error

    async def _given(self, actor: Actor, config: SourceConfig) -> SourceGiven:
        """With its secret, whose reading is written down."""
        if not config.credential:
            return SourceGiven(config=config)
        credential = await self._hub.custody.trying.credential(config.credential)
        secret = await self._hub.custody.secrets.apart(self._hub.custody.secrets.read, credential)
        await self._hub.note(actor, "secret.read", {"credentials": [credential.name], "for_source": config.name})
        return SourceGiven(config=config, username=credential.username, secret=secret.reveal())

    def _job(self, job_id: str) -> Job:
        """A running job of ours. Raises `ForbiddenError`: nothing else gets a secret, and nothing else is listened to."""
        job = self._hub.work.jobs.get(job_id)
        if job is None or job.state != "running" or job.kind not in KINDS:
            raise ForbiddenError(tr("No job of this name asks a source."))
        return job

    async def _give(self, body: bytes) -> bytes:
        job = self._job(msgspec.msgpack.decode(body, type=SourceWanted).job)
        config = await keeping.named(self._hub, str(job.arguments["source"]))
        if not config.enabled:
            way_out = tr("Switch it on: yunwang source set {name} --on", name=config.name)
            raise InvalidInputError(tr("The source {name} is switched off.", name=config.name), way_out=way_out)
        report = await in_thread(self._hub.store.answered, _key(job).text)
        if report is not None:
            return msgspec.msgpack.encode(SourceGiven(config=config, report=msgspec.convert(report["result"], IntakeReport)))
        given = await self._given(Actor(name="system:workers", origin="process", request=job.id), config)
        return msgspec.msgpack.encode(given.replace(expected=await in_thread(_counts, self._hub.store)))

    async def _piece(self, body: bytes) -> bytes:
        piece = msgspec.msgpack.decode(body, type=Piece)
        self._job(piece.job)
        self.landing.take(piece)
        return msgspec.msgpack.encode(Done(count=piece.number))

    async def _pieces(self, body: bytes) -> bytes:
        """One transaction for all that was told: what fails half way changes nothing."""
        end = msgspec.msgpack.decode(body, type=Pieces)
        job = self._job(end.job)
        config = await keeping.named(self._hub, str(job.arguments["source"]))
        told = await in_thread(self.landing.whole, end)
        dry_run = bool(job.arguments.get("dry_run"))
        if job.cancel_wanted:
            raise InvalidInputError(tr("Cancelled."))
        report = await self._hub.intake.take(
            self._author(job), told.replace(origin=origin_of(config)), dry_run=dry_run, key=None if dry_run else _key(job),
            accept_new=job.kind == IMPORT,
        )
        return msgspec.msgpack.encode(report)

    def _author(self, job: Job) -> Caller:
        account = self._hub.identity.people.named(job.author)
        return Caller(actor=Actor(name=job.author, origin="job", request=job.id), account=account.id if account else "")


def _key(job: Job) -> Key:
    return Key(f"sync:{job.id}", "sync")


def _check(arguments: dict[str, Any]) -> dict[str, Any]:
    name, dry_run = arguments.get("source"), arguments.get("dry_run", False)
    if not isinstance(name, str) or not name or not isinstance(dry_run, bool) or arguments.keys() - {"source", "dry_run"}:
        raise InvalidInputError(
            tr("This job needs the name of a source."), way_out="--argument source=NAME [--argument dry_run=true]",
        )
    return {"source": name, "dry_run": dry_run}


def _counts(store: RecordStore) -> dict[str, int]:
    return {kind: store.page(kind, ListQuery(limit=1)).total for kind in MODEL}


def _rows(store: RecordStore) -> list[SourceRow]:
    newest: dict[str, dict[str, Any]] = {}
    for kind in (SYNC, IMPORT):
        for item in store.page("job", ListQuery(where={"kind": kind}, sort="-created_at", limit=500)).items:
            name = item["arguments"].get("source", "")
            if name not in newest or newest[name]["created_at"] < item["created_at"]:
                newest[name] = item
    rows = []
    for config in sorted(store.all("source"), key=lambda one: str(one.name)):
        row, job = SourceRow(source=config, origin=origin_of(config)), newest.get(config.name)
        if job is not None:
            at_ms = job.get("started_at") or job["due_at"]
            row = row.replace(job=job["id"], state=job.get("state", "waiting"), at_ms=at_ms, message=job.get("message", ""))
        rows.append(row)
    return rows



