"""Approvals as the hub holds them: the pure decisions of `core.approving` on records, in one transaction each.

A trade asks with `ask` (or `ask_in` its own transaction), looks with `need`, and uses the approval up with `use` in the very
transaction that does what was approved.
"""

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import msgspec

from agents.hub.approvals import rules
from agents.hub.approvals.voices import voice_of
from agents.hub.records import in_thread, now_ms
from core.approval import Approval, Subject
from core.approving import Voice, Word, begin, choose, expire, step, supersede, use, withdraw
from core.errors import ConflictError, ForbiddenError, InvalidInputError, YunwangError
from core.i18n import tr
from core.identity import Actor, Caller
from core.nouns import new_id
from core.ports import ListQuery, RecordStore, RecordWrite
from core.width import clean
from stores.records.masking import masked

if TYPE_CHECKING:
    from agents.hub.hub import Hub

CLOCK = Actor(name="system:approvals", origin="process")
EXPIRE_S = 30.0
MAX_CONTENT = 64 * 1024
MOST_OPEN = 200
"""Requests of one author that may wait at a time."""

log = logging.getLogger(__name__)


class Approvals:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._book: rules.Book | None = None
        self._stamp: tuple[object, ...] | None = None

    async def start(self) -> None:
        self._hub.spawn(self._expire_for_ever())

    async def close(self) -> None:
        """Nothing to close."""

    async def ask(self, caller: Caller, subject: Subject) -> Approval:
        """A new request, or the open one of the same author for the same content. A standard item is approved at once."""
        await self._hub.allow(caller, "approval.ask", subject.title, subject.unit, subject.site)
        return await self._hub.write(caller, lambda write: self.ask_in(write, caller, subject))

    def ask_in(self, write: RecordWrite, caller: Caller, subject: Subject) -> Approval:
        """The same inside a transaction of the caller's trade, which has asked `hub.allow` for `approval.ask`. Runs in a thread."""
        now = now_ms()
        subject = _accepted(subject)
        before = _waiting(self._hub.store, caller.account)
        same = [one for one in before if (one.kind, one.object_id) == (subject.kind, subject.object_id)]
        for one in same:
            if one.digest == subject.digest and one.state == "open" and now < one.expires_at:
                return one
            if (voided := supersede(one, subject, now)) is not one:
                write.put("approval.supersede", voided)
        if len(before) >= MOST_OPEN:
            raise ConflictError(tr("Too many of your requests wait for approval."), way_out=tr("Withdraw some of them."))
        rule = choose(self.book().rules, subject)
        approval = begin(new_id(now), subject, rule, caller.account, caller.actor.name, now)
        write.put("approval.ask", approval)
        return approval

    async def get(self, approval_id: str) -> Approval:
        found: Approval = await self._hub.read(self._hub.store.get, "approval", approval_id)
        return found

    async def need(self, kind: str, object_id: str, digest: str) -> Approval:
        """The approval that allows exactly this now. Raises `ForbiddenError` with what is missing."""
        return await in_thread(self._needed, kind, object_id, digest)

    def _needed(self, kind: str, object_id: str, digest: str) -> Approval:
        query = ListQuery(where={"kind": kind, "object_id": object_id, "digest": digest}, sort="-created_at", limit=20)
        found = [msgspec.convert(item, Approval) for item in self._hub.store.page("approval", query).items]
        now = now_ms()
        for approval in found:
            if approval.state == "approved" and now < approval.expires_at:
                return approval
        waiting = next((one.id for one in found if one.state == "open" and now < one.expires_at), "")
        if waiting:
            raise ForbiddenError(
                tr("This waits for approval {id}.", id=waiting),
                way_out=tr("`yunwang approval show {id}` tells who must approve.", id=waiting),
            )
        raise ForbiddenError(tr("This needs an approval."), way_out=tr("Ask for it; another content or an expired one does not count."))

    def use(self, write: RecordWrite, caller: Caller, approval_id: str, digest: str) -> Approval:
        """Uses the approval up inside the transaction that does what it allows: not used twice, nor without it done. Runs in a thread."""
        used = use(write.get("approval", approval_id), digest, caller.account, now_ms())
        write.put("approval.use", used)
        return used

    async def decide(self, caller: Caller, approval_id: str, word: Word) -> Approval:
        """Approves, rejects or comments. What is refused is journaled."""
        approval = await self.get(approval_id)
        action = "approval.list" if word.verdict == "comment" else "approval.decide"
        await self._hub.allow(caller, action, approval.title, approval.unit, approval.site)

        def change(write: RecordWrite) -> Approval:
            now = now_ms()
            fresh: Approval = write.get("approval", approval_id)
            after = step(fresh, voice_of(self._hub.store, caller, fresh, now), word, now)
            write.put(f"approval.{word.verdict}", after)
            return after

        return await self._audited(caller, f"approval.{word.verdict}", approval, change)

    async def withdraw(self, caller: Caller, approval_id: str, text: str) -> Approval:
        """Takes back one's own."""
        approval = await self.get(approval_id)
        await self._hub.allow(caller, "approval.list", approval.title, approval.unit, approval.site)

        def change(write: RecordWrite) -> Approval:
            voice = Voice(account=caller.account, name=caller.actor.name)
            after = withdraw(write.get("approval", approval_id), voice, text, now_ms())
            write.put("approval.withdraw", after)
            return after

        return await self._audited(caller, "approval.withdraw", approval, change)

    async def _audited(self, caller: Caller, action: str, approval: Approval, change: Any) -> Approval:
        try:
            after: Approval = await self._hub.write(caller, change)
        except ForbiddenError as error:
            await self._hub.note(caller.actor, "refused", {"action": action, "object": approval.id, "reason": error.message})
            raise
        return after

    def book(self) -> rules.Book:
        """The rules in force; read again when their file has changed. Raises what is wrong with them."""
        file = rules.place(self._hub.settings)
        stamp: tuple[object, ...] | None = None
        if file is not None:
            try:
                status = file.stat()
                stamp = (str(file), status.st_mtime_ns, status.st_size, status.st_ino)
            except OSError:
                stamp = (str(file),)
        if self._book is None or stamp != self._stamp:
            self._book = rules.load(self._hub.settings)
            self._stamp = stamp
        return self._book

    async def _expire_for_ever(self) -> None:
        while True:
            try:
                await self.expire_now()
            except YunwangError as error:
                log.warning("Requests for approval could not be expired: %s", error)
            except Exception:
                log.exception("Requests for approval could not be expired.")
            await asyncio.sleep(EXPIRE_S)

    async def expire_now(self) -> int:
        """Ends what time has ended; how many."""
        due = await in_thread(_due, self._hub.store, now_ms())
        for approval_id in due:
            await self._hub.commits.write(CLOCK, lambda write, it=approval_id: _expire_one(write, it))  # type: ignore[misc]
        return len(due)


def _expire_one(write: RecordWrite, approval_id: str) -> None:
    write.put("approval.expire", expire(write.get("approval", approval_id), now_ms()))


def _accepted(subject: Subject) -> Subject:
    """The subject with its secrets masked, within bounds."""
    if not rules.is_digest(subject.digest) or not subject.kind or not subject.title.strip():
        raise InvalidInputError(tr("A request for approval needs its kind, a title and the digest of its content."))
    content = masked(msgspec.to_builtins(subject.content))
    if len(msgspec.json.encode(content)) > MAX_CONTENT:
        raise InvalidInputError(
            tr("What is to be approved is larger than {limit} KiB.", limit=MAX_CONTENT // 1024), way_out=tr("Ask for it in parts."),
        )
    return subject.replace(content=content, title=clean(subject.title, 200).strip())


def _waiting(store: RecordStore, author: str) -> list[Approval]:
    """What an author has asked for and can still be used."""
    found: list[Approval] = []
    for state in ("open", "approved"):
        page = store.page("approval", ListQuery(where={"author": author, "state": state}, sort="-created_at", limit=MOST_OPEN))
        found += [msgspec.convert(item, Approval) for item in page.items]
    return found


def _due(store: RecordStore, now: int) -> list[str]:
    found: list[str] = []
    for state in ("open", "approved"):
        page = store.page("approval", ListQuery(where={"state": state}, sort="expires_at", limit=100))
        found += [item["id"] for item in page.items if item["expires_at"] <= now]
    return found


