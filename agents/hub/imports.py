"""Import: the workers read and check the file, the hub writes it in one transaction, once for each idempotency key."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec

from agents.hub.commits import Key
from agents.hub.records import in_thread, now_ms
from core import i18n
from core.errors import NoAnswerError, UnavailableError
from core.i18n import tr
from core.identity import Actor
from core.messages import ImportJob, ImportResult
from core.nouns import new_id
from core.objects import KINDS, Record
from core.ports import Bus, RecordStore, RecordWrite
from core.views import ImportReport

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

    def __init__(self, store: RecordStore, records_path: str, bus: Bus) -> None:
        self._store, self._path, self._bus = store, records_path, bus
        self._one = asyncio.Lock()

    async def run(self, actor: Actor, upload: Upload) -> ImportReport:
        """The report; `revision` is that of the records after it. Raises what the file or the store has against it."""
        async with self._one:
            job = ImportJob(
                id=new_id(now_ms()), filename=upload.filename, content=upload.content, records=self._path, language=i18n.language(),
            )
            result = msgspec.msgpack.decode(await self._checked(job, upload.gone), type=ImportResult)
            return await in_thread(self._finish, actor, result, upload)

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

    def _finish(self, actor: Actor, result: ImportResult, upload: Upload) -> ImportReport:
        report = ImportReport(dry_run=upload.dry_run)
        if result.problems_total:
            return report.replace(
                problems=result.problems[:SHOWN], problems_total=result.problems_total, revision=self._store.revision(),
            )
        writes, report = self._compare(result, report)
        if report.dry_run:
            return report
        key = upload.key
        with self._store.write(actor, now_ms(), key.text if key else "") as write:
            if upload.before:
                upload.before(write)
            for record in writes:
                write.put(ACTION, record)
            report = report.replace(revision=self._store.revision() + len(writes))
            if key:
                write.answer(key.answer(upload.after(write) if upload.after else report))
        return report

    def _compare(self, result: ImportResult, report: ImportReport) -> tuple[list[Record], ImportReport]:
        """The records that must be written, with their ids, and the counts."""
        added, changed, unchanged = Counter[str](), Counter[str](), Counter[str]()
        writes: list[Record] = []
        now = now_ms()
        for kind in KINDS:
            records: tuple[Record, ...] = getattr(result, f"{kind}s")
            known = {record.id: record for record in self._store.all(kind)} if records else {}
            for record in records:
                if not record.id:
                    added[kind] += 1
                    writes.append(record.replace(id=new_id(now)))
                elif known.get(record.id) == record:
                    unchanged[kind] += 1
                else:
                    changed[kind] += 1
                    writes.append(record)
        counts = {"added": dict(added), "changed": dict(changed), "unchanged": dict(unchanged)}
        return writes, msgspec.structs.replace(report, revision=self._store.revision(), **counts)
