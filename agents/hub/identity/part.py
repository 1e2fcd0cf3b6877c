"""Identity as a part of the hub: people in memory, who asks, and every change of people as one transaction."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from agents.hub.authorize import Refusals
from agents.hub.identity.accounts import Accounts
from agents.hub.identity.bearers import Bearers
from agents.hub.identity.granting import Granting
from agents.hub.identity.hashing import Hashing, Threads
from agents.hub.identity.login import Login
from agents.hub.identity.oneself import Oneself
from agents.hub.identity.people import People
from agents.hub.identity.trial import BANNER, Trial
from agents.hub.identity.who import Who
from agents.hub.identity.writing import Writing
from agents.hub.records import in_thread, now_ms
from core.errors import SettingsError, YunwangError
from core.i18n import tr
from core.identity import Account, AccountSecret, Actor, Caller, Session
from core.paths import data_dir
from core.permissions import conflict
from core.ports import RecordWrite
from core.scopes import may_push

if TYPE_CHECKING:
    from agents.hub.hub import Hub
    from stores.secrets import Keyring

T = TypeVar("T")
Commit = Callable[[Callable[[RecordWrite], Any]], Awaitable[Any]]

LOOK_S = 600.0
"""Seconds between two looks at the clock of the trial and at sessions that are over."""
SYSTEM = Actor(name="system:identity", origin="process")
KEEP_ENDED_MS = 86_400_000
MOST_CHECKED = 500
DIRECTORY_AT_ONCE = 8
"""A directory that is slow must not keep those waiting whom it does not know."""

log = logging.getLogger(__name__)


class Identities:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self.hub, self.settings = hub, hub.settings
        self.people = People()
        self.hashing = Hashing()
        self._directory = Threads("directory", DIRECTORY_AT_ONCE)
        self.turn = asyncio.Lock()
        """Held while accounts and grants change: what was checked still holds when it is written."""
        self.trial = Trial(data_dir(hub.settings), now_ms())
        self.who = Who(self.people, self.trial, hub.settings.accounts)
        self.login = Login(self)
        self.accounts, self.oneself, self.granting, self.bearers = Accounts(self), Oneself(self), Granting(self), Bearers(self)
        self._notes = Refusals()
        self._writing: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        now = now_ms()
        await in_thread(self.people.load, self.hub.store, now)
        self.who.start(now)
        if self.people.accounts:
            self.trial.end(now)
        await self._report_conflicts(now)
        self.hub.spawn(self._look_for_ever())

    async def close(self) -> None:
        await asyncio.gather(*self._writing, return_exceptions=True)
        self.hashing.close()
        self._directory.close()

    @property
    def banner(self) -> str:
        """Message id that every screen carries; empty: none."""
        return BANNER if self.trial.on else ""

    @property
    def generation(self) -> int:
        """Grows when anything changes who may do what."""
        return self.people.generation

    def resolve(
        self, peer: Actor, authorization: str = "", persona: str = "", certificate: str = "", *, alive: bool = True,
    ) -> Caller:
        """Who asks, from memory: some microseconds. Raises `LoginNeededError` for a session or token that is over.

        alive: a sign of life of the session; False for what a program asks by itself.
        """
        return self.who.resolve(peer, authorization, persona, certificate, now_ms(), alive=alive)

    def offices_complete(self) -> bool:
        """Whether each of the three offices is held by somebody."""
        return not self.people.missing_offices(now_ms())

    def may_push(self, caller: Caller, unit: str = "", site: str = "") -> bool:
        """Whether this caller may have anything written to a device there."""
        return may_push(self.offices_complete(), caller, unit, site)

    async def load_units(self) -> None:
        """The tree of units has changed: scopes are widened anew."""
        await in_thread(self.people.load_units, self.hub.store)

    @property
    def keyring(self) -> "Keyring":
        return self.hub.custody.keyring

    def seal_totp(self, account: Account, secret: str) -> str:
        return self.keyring.seal_text(f"totp:{account.id}", secret.encode())

    def open_totp(self, account: Account, kept: AccountSecret) -> str:
        return self.keyring.unseal_text(f"totp:{account.id}", kept.totp_secret).decode()

    async def ask_directory(self, name: str, secret: str) -> bool:
        """Whether the directory accepts the secret. Raises `UnavailableError` when it cannot be asked."""
        rules = self.settings.accounts
        if not rules.ldap_url:
            raise SettingsError(tr("There is no directory to ask."), way_out=tr("Set accounts.ldap_url, or give the account a password."))
        from links.directory import Directory

        directory = Directory(rules.ldap_url, rules.ldap_bind, rules.ldap_authority)
        return await self._directory.run(directory.accepts, name, secret)

    async def write(self, caller: Caller, change: Callable[[Writing], T]) -> T:
        """One transaction on behalf of a request; what it returned, which is kept under the request's key and so holds no secret."""
        return await self._whole(change, lambda run: self.hub.write(caller, run))

    async def commit(self, actor: Actor, change: Callable[[Writing], T]) -> T:
        """One transaction that no key repeats."""
        return await self._whole(change, lambda run: self.hub.commits.write(actor, run))

    async def _whole(self, change: Callable[[Writing], T], commit: Commit) -> T:
        """Committed and taken into memory, both or neither: also when whoever asked hangs up in between."""
        task: asyncio.Task[T] = asyncio.create_task(self._committed(change, commit))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)
        try:
            return await asyncio.shield(task)
        except asyncio.CancelledError:
            await asyncio.wait({task})  # whoever holds the turn holds it until this is done
            raise

    async def _committed(self, change: Callable[[Writing], T], commit: Commit) -> T:
        latest: list[Writing] = []

        def run(write: RecordWrite) -> T:
            latest[:] = [Writing(write)]
            return change(latest[0])

        result: T = await commit(run)
        self.people.put(*latest[0].people)
        for grant_id in latest[0].dropped:
            self.people.drop_grant(grant_id)
        return result

    async def note_some(self, actor: Actor, action: str, detail: dict[str, object]) -> None:
        """Journals it, but the same of one origin only once a minute."""
        if self._notes.is_new(actor, action, now_ms()):
            await self.hub.note(actor, action, detail)

    async def _report_conflicts(self, now: int) -> None:
        """Roles that no person may hold together came into the records in another way: they count for nothing until one is taken away."""
        for account in self.people.accounts.values():
            if pair := conflict(self.people.roles(account.id, now)):
                log.error("The account %s holds %s and %s: neither counts.", account.name, *pair)
                await self.hub.note(SYSTEM, "identity.conflict", {"account": account.name, "roles": list(pair)})

    async def _look_for_ever(self) -> None:
        while True:
            self.trial.look(now_ms())
            try:
                await self.end_old_sessions(now_ms())
            except YunwangError as error:
                log.warning("Sessions that are over could not be ended: %s", error)
            await asyncio.sleep(LOOK_S)

    async def end_old_sessions(self, now: int) -> int:
        """Writes the end of sessions that are over, and forgets those that ended a day ago; how many were ended."""
        over = [one for one in self.people.sessions.values() if not self.who.lasts(one, now)][:MOST_CHECKED]
        old = await in_thread(_forgettable, self.hub, now)

        def change(write: Writing) -> None:
            for one in over:
                write.put("session.expire", one.replace(ended_at=now))
            for one in old:
                write.inside.delete("session.forget", "session", one.id)

        if over or old:
            await self.commit(SYSTEM, change)
        lasting = {session.id for session in self.people.sessions.values()} | {token.id for token in self.people.tokens.values()}
        for forgotten in self.who.seen.keys() - lasting:
            del self.who.seen[forgotten]
        return len(over)


def _forgettable(hub: "Hub", now: int) -> list[Session]:
    found = (one for one in hub.store.all("session") if (one.ended_at or one.expires_at) < now - KEEP_ENDED_MS)
    return [one for _, one in zip(range(MOST_CHECKED), found, strict=False)]
