"""The one road by which anything enters the inventory: planned on what is known, written in one transaction."""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from agents.hub.commits import Key
from agents.hub.queue.knowing import load
from agents.hub.records import in_thread, now_ms
from core.identity import Actor, Caller
from core.kinds import KEPT
from core.model import MODEL
from core.nouns import new_id
from core.ports import RecordWrite
from core.review import DECLARATION
from core.sources import IntakeReport, Told

if TYPE_CHECKING:
    from agents.hub.hub import Hub
    from inventory.intake import Plan, World

IMPORT, SYNC = "inventory.import", "inventory.sync"
SHOWN_LIVE = frozenset({"device", "site", "unit", "credential"})
"""Kinds that stand in the living picture, too."""
READ = frozenset((*MODEL, "credential", "statement", "difference", "accept_rule"))
MANY_ROWS = 1000
KIND_OF = {noun: kind for kind, noun in KEPT.items()}
Planner = Callable[["World"], "Plan"]


class _OvertakenError(Exception):
    """Somebody else was faster."""



log = logging.getLogger(__name__)


class Intake:
    """A part of the hub. One plan at a time, so that what was compared is what is written."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._one = asyncio.Lock()

    async def start(self) -> None:
        """Nothing to start."""

    async def close(self) -> None:
        """Waits until what is being written is written."""
        async with self._one:
            pass

    async def take(
        self, caller: Caller, told: Told, *, dry_run: bool = False, key: Key | None = None,
        before: Callable[[RecordWrite], None] | None = None, after: Callable[[RecordWrite], Any] | None = None, accept_new: bool = False,
        pinned: Mapping[str, str] | None = None,
    ) -> IntakeReport:
        """What became of a source's words. The caller's right was asked for before.

        key: idempotency key of the request, not used before. before: raises, inside the transaction, what keeps it from being written.
        after: what a repetition with the same key is told; the report where there is none. accept_new: what nobody declared comes into
        the inventory, because the person who imports said so. pinned: by name, ids of devices that told it themselves.
        """
        from inventory import intake as road

        def plan(world: "World") -> "Plan":
            return road.take(world, told, now_ms(), _fresh_id, accept_new=accept_new, pinned=pinned)

        action = IMPORT if told.origin == DECLARATION else SYNC
        done, revision = await self.write(
            caller.actor, action, told.records, plan, dry_run=dry_run, key=key, before=before, after=after, note=told.origin,
        )
        report: IntakeReport = done.report
        return report.replace(dry_run=dry_run, revision=revision)

    async def write(
        self, actor: Actor, action: str, kinds: Iterable[str], planner: Planner, *, dry_run: bool = False, key: Key | None = None,
        before: Callable[[RecordWrite], None] | None = None, after: Callable[[RecordWrite], Any] | None = None, note: str = "",
    ) -> tuple["Plan", int]:
        """Plans on all that is known of these kinds and writes the plan; the plan and the revision of the records after it."""
        async with self._one:
            plan, revision = await in_thread(self._run, actor, action, tuple(kinds), planner, dry_run, key, before, after, note)
        if not dry_run and self._is_shown(plan):
            await self._hub.reload()
        return plan, revision

    def _is_shown(self, plan: "Plan") -> bool:
        kinds = {kind for kind, _ in plan.deletes} | {KIND_OF[type(noun)] for noun in plan.puts}
        return not SHOWN_LIVE.isdisjoint(kinds)

    def _run(
        self, actor: Actor, action: str, kinds: tuple[str, ...], planner: Planner, dry_run: bool, key: Key | None,
        before: Callable[[RecordWrite], None] | None, after: Callable[[RecordWrite], Any] | None, note: str,
    ) -> tuple["Plan", int]:
        store = self._hub.store
        while True:
            revision = store.revision()
            plan = planner(load(store, kinds))
            if dry_run or (plan.empty and not (key or before)):
                return plan, store.revision()
            with contextlib.suppress(_OvertakenError), store.write(actor, now_ms(), key.text if key else "") as write:
                if before:
                    before(write)
                self._refuse_overtaken(revision)
                self._put(write, action, plan, note)
                written = write.revision
                if key:
                    report = plan.report.replace(revision=written) if isinstance(plan.report, IntakeReport) else plan.report
                    write.answer(key.answer(after(write) if after else report))
                return plan, written

    def _refuse_overtaken(self, revision: int) -> None:
        """Inside the transaction: nobody wrote what the plan was made on since it was read. Else it is made again."""
        store = self._hub.store
        if store.revision() != revision:
            rows = store.journal(revision, MANY_ROWS)
            if len(rows) == MANY_ROWS or any(row.kind in READ for row in rows):
                raise _OvertakenError

    def _put(self, write: RecordWrite, action: str, plan: "Plan", origin: str) -> None:
        for kind, object_id in plan.deletes:
            write.delete(action, kind, object_id)
        for noun in plan.puts:
            write.put(action, noun)
        for name, detail in plan.notes:
            write.note(name, {**detail, **({"origin": origin} if origin else {})})


def _fresh_id() -> str:
    return new_id(now_ms())
