"""The hub's part that looks after the audit trail: seals, tips, proofs, archives."""

import asyncio
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from agents.hub.audit.tips import Outbox
from agents.hub.jobs.kinds import Kind
from agents.hub.records import in_thread, now_ms
from core.audit import Archived, AuditStatus, Tip, Verdict
from core.errors import ConflictError, StorageError, YunwangError
from core.i18n import mark, tr
from core.identity import Actor
from core.paths import data_dir
from stores import audit
from stores.records import Records

if TYPE_CHECKING:
    from agents.hub.hub import Hub
    from agents.job import Run

RETRY_S = 60.0
MAX_UNSENT = 1000
AUDITOR = Actor(name="system:audit", origin="process")
Told = Callable[[int, int], None]

log = logging.getLogger(__name__)


class Audit:
    """Seals the chain every `audit.seal_minutes` by the steady clock, and at the start when that is due."""

    def __init__(self, hub: "Hub") -> None:
        self._hub, self._settings = hub, hub.settings.audit
        self.store = cast("Records", hub.store)
        self.folder = data_dir(hub.settings) / "audit"
        self._faults = {"seal": "", "send": ""}
        self._outbox = Outbox(self._settings)
        self._unsent: deque[tuple[Tip, int]] = deque(maxlen=MAX_UNSENT)
        self._steady = time.monotonic()
        self._one = threading.Lock()

    async def start(self) -> None:
        self._hub.work.register(Kind(
            "audit.verify", runner=self._verify_job, action="audit.verify", summary=mark("Prove the whole audit trail"),
        ))
        self._hub.work.register(Kind(
            "audit.archive", runner=self._archive_job, action="audit.archive",
            summary=mark("Move old rows of the audit trail into archives"),
        ))
        self._hub.spawn(self._run())

    async def close(self) -> None:
        """Nothing waits here: the next start seals when it is due."""

    async def _run(self) -> None:
        due = time.monotonic() + await self._first_pause()
        while True:
            await self._send()
            wait = max(0.0, due - time.monotonic())
            await asyncio.sleep(min(wait, RETRY_S) if self._unsent else wait)
            if time.monotonic() < due:
                continue
            due = time.monotonic() + self._settings.seal_minutes * 60.0
            try:
                await self.seal()
            except Exception as error:
                if not isinstance(error, YunwangError):
                    log.exception("The seal failed.")
                self._told("seal", str(error) or type(error).__name__)
                due = time.monotonic() + RETRY_S

    async def _first_pause(self) -> float:
        """At once when a seal is due, by a clock that shows no nonsense; an empty journal needs none."""
        if self.store.unguarded:
            log.warning("The triggers that guard the journal were missing and were put up again.")
            await self._hub.note(AUDITOR, "audit.guard-missing", {})
        last = await in_thread(audit.last_seal, self.store)
        period = self._settings.seal_minutes * 60.0
        if last is None:
            return 0.0 if self.store.revision() else period
        if self._outbox.used:
            self._unsent.append((last.tip, last.at_ms))
        since = (now_ms() - last.at_ms) / 1000
        return period - since if 0 <= since < period else 0.0

    async def seal(self) -> Tip:
        """Seals now."""
        steady = time.monotonic()
        at = now_ms()
        tip = await in_thread(audit.seal, self.store, AUDITOR, at, steady - self._steady)
        self._steady = steady
        self._told("seal", "")
        if self._outbox.used:
            self._unsent.append((tip, at))
        return tip

    async def _send(self) -> None:
        while self._unsent:
            try:
                await in_thread(self._outbox.send, *self._unsent[0])
            except YunwangError as error:
                self._told("send", str(error))
                return
            self._unsent.popleft()
        self._told("send", "")

    @property
    def trouble(self) -> str:
        """Why the chain could not be sealed, or its tip not be sent away; empty: all is well."""
        return self._faults["seal"] or self._faults["send"]

    def _told(self, what: str, fault: str) -> None:
        """Each new fault is logged once, and its end."""
        if fault != self._faults[what]:
            log.warning("The audit chain: %s", fault or "all is well again.")
        self._faults[what] = fault

    def verify(self, actor: Actor, tips: Iterable[Tip], told: Told) -> Verdict:
        """Walks everything, one walk or archiving at a time; its outcome is journaled. Call it in a thread. told: may raise to stop it."""
        with self.alone():
            verdict = audit.Verifier(self.store, self.folder, tips, told).run()
        with self.store.write(actor, now_ms()) as write:
            write.note("audit.verify", outcome(verdict))
        return verdict

    def archive(self, actor: Actor, *, trust_clock: bool = False, told: Told | None = None) -> Archived:
        """Moves what is old enough into archives. Call it in a thread."""
        with self.alone():
            return audit.archive(
                self.store, self.folder, actor, now_ms(), self._settings.keep_days, trust_clock=trust_clock, progress=told,
            )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """While rows must not move between records and archives. Raises `ConflictError` where somebody has that already."""
        if not self._one.acquire(blocking=False):
            raise ConflictError(
                tr("The audit trail is being verified or archived already."), way_out=tr("Wait for it: `yunwang job list`."),
            )
        try:
            yield
        finally:
            self._one.release()

    async def status(self) -> AuditStatus:
        return await in_thread(self._status)

    def _status(self) -> AuditStatus:
        last = audit.last_seal(self.store)
        newest = self.store.revision()
        oldest = self.store.journal(0, 1)
        return AuditStatus(
            newest_seq=newest, oldest_seq=oldest[0].seq if oldest else 0, oldest_at=oldest[0].at_ms if oldest else 0,
            sealed_seq=last.tip.seq if last else 0, sealed_at=last.at_ms if last else 0, tip=last.tip.digest if last else "",
            unsent=len(self._unsent), trouble=self.trouble, hash=self._settings.hash, archives=audit.archives(self.folder),
        )

    def _verify_job(self, run: "Run") -> dict[str, Any]:
        verdict = self.verify(AUDITOR, (), run.tell)
        if not verdict.good:
            raise StorageError(broken(verdict), way_out=tr("Run `yunwang audit verify` and keep what it says."))
        return outcome(verdict)

    def _archive_job(self, run: "Run") -> dict[str, Any]:
        found = self.archive(AUDITOR, told=run.tell)
        return {"rows": found.rows, "held": found.held, "archives": [segment.file for segment in found.segments]}


def outcome(verdict: Verdict) -> dict[str, Any]:
    """What the trail keeps of a walk along it."""
    return {"good": verdict.good, "rows": verdict.rows, "last_seq": verdict.last_seq, "bad_seq": verdict.bad_seq, "reason": verdict.reason}


def broken(verdict: Verdict) -> str:
    """One sentence about a chain that does not hold."""
    return tr("The audit trail does not hold at row {seq}: {reason}.", seq=verdict.bad_seq, reason=verdict.reason)
