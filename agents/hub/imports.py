"""Import: the workers read and check the file; what it declares goes the way of everything that enters the inventory."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from agents.hub.commits import Key
from agents.hub.records import in_thread, now_ms
from core import i18n
from core.errors import NoAnswerError, UnavailableError
from core.history import MOST, Changes, ObjectChange
from core.i18n import tr
from core.identity import Caller
from core.messages import ImportJob, ImportResult, import_result
from core.nouns import new_id
from core.ports import Bus, RecordWrite
from core.review import DECLARATION
from core.sources import IntakeReport, Told

if TYPE_CHECKING:
    from agents.hub.hub import Hub

ACTION = "inventory.import"
JOB_S = 170.0
COME_BACK_S = 10.0
SHOWN = 500


class Upload(NamedTuple):
    """A file on its way in."""

    filename: str
    content: bytes
    dry_run: bool
    key: Key | None = None
    """Idempotency key of the request; it was not used before."""
    before: Callable[[RecordWrite], None] | None = None
    """Raises what keeps it from being written, inside the transaction."""
    after: Callable[[RecordWrite], Any] | None = None
    """What a repetition with the same key is told; the report where there is none."""
    gone: "asyncio.Future[None] | None" = None
    """Done when who asked went away: what was not checked by then is not written."""


class Importer:
    """One import at a time, so that what was checked is what is written."""

    def __init__(self, hub: "Hub", records_path: str, bus: Bus) -> None:
        self._hub, self._path, self._bus = hub, records_path, bus
        self.one = asyncio.Lock()
        """Held by whoever changes what is declared."""

    async def run(self, caller: Caller, upload: Upload) -> IntakeReport:
        """The report; `revision` is that of the records after it. Raises what the file or the store has against it."""
        async with self.one:
            result = await self._read(upload)
            if result.problems_total:
                return IntakeReport(
                    origin=DECLARATION, dry_run=upload.dry_run, problems=result.problems[:SHOWN], problems_total=result.problems_total,
                    revision=self._hub.store.revision(),
                )
            told = Told(origin=DECLARATION, source="declared", records=result.records, fields=result.fields)
            return await self._hub.intake.take(
                caller, told, dry_run=upload.dry_run, key=upload.key, before=upload.before, after=upload.after,
            )

    async def compare(self, upload: Upload) -> Changes:
        """What an import would change, object by object. Writes nothing."""
        return await in_thread(self._differences, await self._read(upload))

    async def _read(self, upload: Upload) -> ImportResult:
        job = ImportJob(
            id=new_id(now_ms()), filename=upload.filename, content=upload.content, records=self._path, language=i18n.language(),
        )
        return await in_thread(import_result, await self._checked(job, upload.gone))

    def _differences(self, result: ImportResult) -> Changes:
        from inventory.sheets.comparing import compared

        if result.problems_total:
            return Changes(problems=result.problems[:SHOWN], problems_total=result.problems_total)
        found: list[ObjectChange] = []
        for kind, records in result.records.items():
            known = {record.id: record for record in self._hub.store.all(kind)}
            found += [change for record in records if (change := compared(kind, known.get(record.id), record))]
        return Changes(objects=tuple(found[:MOST]), total=len(found))

    async def _checked(self, job: ImportJob, gone: "asyncio.Future[None] | None") -> bytes:
        asking = asyncio.ensure_future(self._ask_workers(msgspec.msgpack.encode(job)))
        first: list[asyncio.Future[Any]] = [asking, gone] if gone else [asking]
        try:
            await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
            if gone and gone.done():
                raise UnavailableError(tr("Who asked for the import went away: nothing was imported."))
            return await asking
        finally:
            if not asking.done():
                asking.cancel()
                await self._bus.publish("work.import.stop", job.id.encode())

    async def _ask_workers(self, job: bytes) -> bytes:
        """Workers that were just restarted are given the time to come back: a job only reads, so it may be asked twice."""
        deadline = time.monotonic() + COME_BACK_S
        while True:
            try:
                return await self._bus.request("work.import", job, JOB_S)
            except NoAnswerError as error:
                if error.way_out:  # the job's own word
                    raise
                if time.monotonic() > deadline:
                    raise UnavailableError(
                        tr("The file could not be checked: the workers do not answer."),
                        way_out=tr("Try again; `yunwang hub status` tells more."),
                    ) from error
            await asyncio.sleep(0.2)
