"""Logging in: every try costs and answers the same, whether there is such an account or not.

Failures are counted durably; the fifth locks the account for a while. Tries on one name wait for each other, so that a hundred at once
are not a hundred guesses. What is wrong is told by one sentence for name, secret and code alike.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakValueDictionary

from agents.hub.identity import totp
from agents.hub.identity.hashing import SESSION, digest, new_bearer
from agents.hub.identity.throttle import MINUTE_MS, ORIGIN_FAILURES, ORIGIN_MINUTES, Failures, origin_of
from agents.hub.identity.writing import Writing
from core.errors import ForbiddenError, LoginNeededError
from core.i18n import tr
from core.identity import Account, AccountSecret, Actor, Caller, LoginAnswer, LoginRequest, Session
from core.nouns import new_id

if TYPE_CHECKING:
    from agents.hub.identity.part import Identities

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
ONE_TIME_DAYS = 7
"""How long a secret that somebody else chose opens the account."""
MOST_SESSIONS = 10
"""Of one account; one more ends the oldest."""
MOST_NAME = 64
"""Characters of a name that are looked at: more is nobody's."""


class Login:
    """Belongs to one event loop."""

    def __init__(self, part: "Identities") -> None:
        self._part, self._rules = part, part.settings.accounts
        self._origins = Failures(ORIGIN_FAILURES, ORIGIN_MINUTES)
        self._strangers = Failures(self._rules.failures, self._rules.lock_minutes)
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def login(self, peer: Actor, request: LoginRequest, now_ms: int) -> LoginAnswer:
        """A new session, or the wish for a code. Raises `ForbiddenError`."""
        await self._check_origin(peer, now_ms)
        request = request.replace(name=request.name[:MOST_NAME])
        async with self._turn(request.name):
            account = self._part.people.named(request.name)
            await self._check_lock(peer, account, request.name, now_ms)
            if not await self._proves(account, request.secret) or account is None or account.disabled:
                raise await self._failed(peer, account, request.name, now_ms)
            if self._is_stale(account, now_ms):
                raise ForbiddenError(tr("This one-time password has expired."), way_out=tr("Ask the administrator for a new one."))
            if account.second_factor and not request.code:
                return LoginAnswer(need="code")
            step = self._step(account, request.code, now_ms) if account.second_factor else 0
            if account.second_factor and not step:
                raise await self._failed(peer, account, request.name, now_ms)
            return await self._open(peer, account, request.secret, step, now_ms)

    async def confirm(self, peer: Actor, account: Account, secret: str, now_ms: int) -> None:
        """That the person before the screen knows the secret: counted like a login. Raises `ForbiddenError`."""
        await self._check_origin(peer, now_ms)
        async with self._turn(account.name):
            await self._check_lock(peer, account, account.name, now_ms)
            if not await self._proves(account, secret):
                raise await self._failed(peer, account, account.name, now_ms)

    def _turn(self, name: str) -> asyncio.Lock:
        return self._turns.setdefault(name, asyncio.Lock())

    async def _check_origin(self, peer: Actor, now_ms: int) -> None:
        if until := self._origins.blocked_until(origin_of(peer), now_ms):
            await self._part.note_some(peer, "login.refused", {"reason": "origin"})
            minutes = (until - now_ms) // MINUTE_MS + 1
            raise ForbiddenError(
                tr("Too many logins from here have failed."),
                way_out=tr("Wait {minutes} minutes, or log in from elsewhere.", minutes=minutes),
            )

    async def _check_lock(self, peer: Actor, account: Account | None, name: str, now_ms: int) -> None:
        until = account.locked_until if account else self._strangers.blocked_until(name, now_ms)
        if until > now_ms:
            shown = account.name if account else _shortened(name)
            await self._part.note_some(peer, "login.refused", {"reason": "locked", "account": shown})
            raise ForbiddenError(
                tr("The account is locked after too many wrong logins."),
                way_out=tr("Wait {minutes} minutes, or ask the security officer for `yunwang user unlock`.",
                           minutes=(until - now_ms) // MINUTE_MS + 1),
            )

    async def _proves(self, account: Account | None, secret: str) -> bool:
        """Whether the secret is the account's. The directory is asked for its own people; everybody else costs one hash."""
        if account and account.source == "ldap" and not account.disabled:
            return await self._part.ask_directory(account.name, secret)
        kept = self._part.people.secrets.get(account.id) if account else None
        return await self._part.hashing.verify(kept.secret_hash if kept else "", secret)

    def _is_stale(self, account: Account, now_ms: int) -> bool:
        kept = self._part.people.secrets.get(account.id)
        return account.source == "local" and account.must_change and kept is not None and now_ms >= kept.secret_at + ONE_TIME_DAYS * DAY_MS

    def _step(self, account: Account, code: str, now_ms: int) -> int:
        kept = self._part.people.secrets[account.id]
        return totp.accepted(self._part.open_totp(account, kept), code, now_ms, kept.totp_last)

    async def _failed(self, peer: Actor, account: Account | None, name: str, now_ms: int) -> ForbiddenError:
        """Counts and journals it; what to tell."""
        self._origins.add(origin_of(peer), now_ms)
        if account is None:
            self._strangers.add(name, now_ms)
            await self._part.hub.note(peer, "login.failed", {"account": _shortened(name), "known": False})
        else:
            await self._part.commit(peer, self._count(account, now_ms))
        return LoginNeededError(
            tr("The name, the password or the code is wrong."), way_out=tr("Try again; after {count} wrong logins the account is locked.",
                                                                          count=self._rules.failures),
        )

    def _count(self, account: Account, now_ms: int) -> Callable[[Writing], None]:
        lock_ms = self._rules.lock_minutes * MINUTE_MS

        def change(write: Writing) -> None:
            secret: AccountSecret = write.get("account_secret", account.id)
            failures = secret.failures + 1 if 0 <= now_ms - secret.failed_at < lock_ms else 1
            write.note("login.failed", {"account": account.name, "known": True, "disabled": account.disabled, "failures": failures})
            if failures >= self._rules.failures:
                failures = 0
                write.put("user.lock", write.get("account", account.id).replace(locked_until=now_ms + lock_ms))
            write.put("login.failed", secret.replace(failures=failures, failed_at=now_ms))

        return change

    async def _open(self, peer: Actor, account: Account, secret: str, step: int, now_ms: int) -> LoginAnswer:
        """A session, and all that a success changes, in one transaction."""
        bearer = new_bearer(SESSION)
        session = Session(
            id=new_id(now_ms), account=account.id, secret_digest=digest(bearer), created_at=now_ms,
            expires_at=now_ms + self._rules.session_hours * HOUR_MS, origin=peer.origin,
        )
        actor = Actor(name=account.name, uid=peer.uid, origin=peer.origin, request=peer.request)
        surplus = self._part.people.sessions_of(account.id)[: -(MOST_SESSIONS - 1)]
        stronger = await self._rehashed(account, secret)

        def change(write: Writing) -> None:
            write.put("login", write.get("account", account.id).replace(last_login=now_ms))
            kept: AccountSecret = write.get("account_secret", account.id)
            hashed = stronger or kept.secret_hash
            write.put("login", kept.replace(failures=0, failed_at=0, totp_last=max(kept.totp_last, step), secret_hash=hashed))
            for one in (session, *(old.replace(ended_at=now_ms) for old in surplus)):
                write.put("login", one)

        await self._part.commit(actor, change)
        self._part.who.seen[session.id] = now_ms
        caller: Caller = self._part.who.resolve(peer, f"Bearer {bearer}", "", "", now_ms)
        return LoginAnswer(token=bearer, identity=self._part.who.identity(caller))

    async def _rehashed(self, account: Account, secret: str) -> str:
        """A hash with today's parameters, where the kept one has weaker ones."""
        kept = self._part.people.secrets[account.id].secret_hash
        return await self._part.hashing.make(secret) if kept and self._part.hashing.is_weaker(kept) else ""


def _shortened(name: str) -> str:
    """Of a name that is none: people type passwords into the wrong field."""
    return f"{name[:2]}... ({len(name)})"
