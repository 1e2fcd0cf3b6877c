"""Sessions and personal tokens: listed, ended, made, revoked."""

from typing import TYPE_CHECKING

from agents.hub.identity.hashing import TOKEN, digest, new_bearer
from agents.hub.identity.writing import Writing
from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from core.i18n import tr
from core.identity import ApiToken, Caller, NewToken, Session, SessionRow, TokenMade, TokenRow
from core.nouns import new_id
from core.permissions import NEVER_BY_TOKEN, PERMISSIONS
from core.scopes import refusal

if TYPE_CHECKING:
    from agents.hub.identity.part import Identities

DAY_MS = 86_400_000
MOST_DAYS = 366
MOST_TOKENS = 20
"""Of one account, that can still be used."""


class Bearers:
    """What the routes on sessions and tokens do, once the caller was allowed to."""

    def __init__(self, part: "Identities") -> None:
        self._part, self._people = part, part.people

    def sessions(self, caller: Caller, now_ms: int) -> tuple[SessionRow, ...]:
        """Those that last: one's own, or everybody's for who may see them."""
        everybody = not refusal(caller, "session.list")
        found = [one for one in self._people.sessions.values() if self._part.who.lasts(one, now_ms)]
        return tuple(self._row(caller, one) for one in sorted(found, key=lambda one: one.id) if everybody or one.account == caller.account)

    def _row(self, caller: Caller, session: Session) -> SessionRow:
        account = self._people.accounts.get(session.account)
        return SessionRow(
            id=session.id, account=account.name if account else "?", created_at=session.created_at, expires_at=session.expires_at,
            seen_at=self._part.who.seen.get(session.id, 0), origin=session.origin, own=session.id == caller.session,
        )

    async def end(self, caller: Caller, session_id: str, now_ms: int) -> None:
        """Ends a session at once."""
        session = next((one for one in self._people.sessions.values() if one.id == session_id), None)
        if session is None or (session.account != caller.account and refusal(caller, "session.end")):
            raise NotFoundError(tr("There is no such session."), way_out=tr("`yunwang session list` shows them."))
        await self._part.write(caller, lambda write: self._end(write, session, now_ms))

    def _end(self, write: Writing, session: Session, now_ms: int) -> None:
        account = self._people.accounts.get(session.account)
        write.note("session.end", {"account": account.name if account else "?", "session": session.id})
        write.put("session.end", session.replace(ended_at=now_ms))

    async def logout(self, caller: Caller, now_ms: int) -> None:
        """Ends the session that asks; other ways in have none to end."""
        session = next((one for one in self._people.sessions.values() if one.id == caller.session), None)
        if session is None:
            raise ConflictError(tr("There is no session to end."), way_out=tr("`yunwang whoami` tells how you came in."))

        def change(write: Writing) -> None:
            write.note("logout", {"session": session.id})
            write.put("logout", session.replace(ended_at=now_ms))

        await self._part.commit(caller.actor, change)

    def tokens(self, caller: Caller, *, everybody: bool) -> tuple[TokenRow, ...]:
        found = [one for one in self._people.tokens.values() if everybody or one.account == caller.account]
        return tuple(self._token_row(one) for one in sorted(found, key=lambda one: one.id))

    def _token_row(self, token: ApiToken) -> TokenRow:
        account = self._people.accounts.get(token.account)
        return TokenRow(
            id=token.id, name=token.name, account=account.name if account else "?", actions=token.actions, created_at=token.created_at,
            expires_at=token.expires_at, revoked_at=token.revoked_at, last_used=self._part.who.seen.get(token.id, 0),
        )

    async def add(self, caller: Caller, new: NewToken, now_ms: int) -> TokenMade:
        """A token of one's own, for a program. It is shown once."""
        if caller.trial:
            raise ForbiddenError(tr("The trial has one account only."), way_out=tr("Found the three offices with `yunwang setup`."))
        self._check(caller, new, now_ms)
        bearer = new_bearer(TOKEN)
        token = ApiToken(
            id=new_id(now_ms), name=new.name.strip(), account=caller.account, secret_digest=digest(bearer),
            actions=tuple(dict.fromkeys(new.actions)), created_at=now_ms, expires_at=now_ms + new.days * DAY_MS,
        )
        await self._part.write(caller, lambda write: write.put("token.add", token))
        return TokenMade(id=token.id, token=bearer, expires_at=token.expires_at)

    def _check(self, caller: Caller, new: NewToken, now_ms: int) -> None:
        if not new.name.strip() or len(new.name) > 64:
            raise InvalidInputError(tr("A token needs a name of 1 to 64 characters."), way_out=tr("Name the program that will use it."))
        if not 1 <= new.days <= MOST_DAYS:
            raise InvalidInputError(tr("A token lasts 1 to {most} days.", most=MOST_DAYS))
        for action in new.actions:
            if action not in PERMISSIONS or action in NEVER_BY_TOKEN:
                raise InvalidInputError(
                    tr("A token cannot be made for {action}.", action=action[:40]),
                    way_out=tr("`yunwang whoami` lists what you may do; a person's own word is never a token's."),
                )
        usable = [one for one in self._people.tokens_of(caller.account) if not one.revoked_at and one.expires_at > now_ms]
        if len(usable) >= MOST_TOKENS:
            raise ConflictError(tr("You have {most} tokens already.", most=MOST_TOKENS), way_out=tr("Revoke one that is not used."))
        if any(one.name == new.name.strip() for one in usable):
            raise ConflictError(
                tr("You have a token {name} already.", name=new.name), way_out=tr("Revoke it first, or choose another name."),
            )

    async def revoke(self, caller: Caller, token_id: str, now_ms: int) -> None:
        """By id; by name among one's own."""
        found = next((one for one in self._people.tokens.values() if one.id == token_id), None) or next(
            (one for one in self._people.tokens_of(caller.account) if one.name == token_id and not one.revoked_at), None)
        if found is None or (found.account != caller.account and refusal(caller, "token.revoke-any")):
            raise NotFoundError(tr("There is no such token."), way_out=tr("`yunwang token list` shows them."))
        if not found.revoked_at:
            await self._part.write(caller, lambda write: write.put("token.revoke", found.replace(revoked_at=now_ms)))
