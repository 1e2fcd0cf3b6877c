"""What a person changes about the own account: the password, the second factor."""

from typing import TYPE_CHECKING

from agents.hub.identity import totp
from agents.hub.identity.writing import Writing
from core.errors import ConflictError, ForbiddenError, InvalidInputError
from core.i18n import tr
from core.identity import Account, AccountSecret, Caller, Enrolment
from core.passwords import problems

if TYPE_CHECKING:
    from agents.hub.identity.part import Identities


class Oneself:
    """What the routes on oneself do."""

    def __init__(self, part: "Identities") -> None:
        self._part, self._people = part, part.people

    async def change_secret(self, caller: Caller, old: str, new: str, now_ms: int) -> None:
        """One's own password. All other sessions end."""
        account = self._own(caller)
        if account.source == "ldap":
            raise InvalidInputError(tr("The password of {name} is the directory's.", name=account.name), way_out=tr("Change it there."))
        await self._part.login.confirm(caller.actor, account, old, now_ms)
        rules, kept = self._part.settings.accounts, self._people.secrets[account.id]
        if wrong := problems(new, account.name, rules):
            raise InvalidInputError(tr("This password cannot be used."), way_out=" ".join(wrong))
        for former in (kept.secret_hash, *kept.secret_history[: rules.history]):
            if await self._part.hashing.verify(former, new):
                raise InvalidInputError(
                    tr("This password was used before."), way_out=tr("The last {count} may not come back.", count=rules.history + 1),
                )
        hashed = await self._part.hashing.make(new)

        def change(write: Writing) -> None:
            now: AccountSecret = write.get("account_secret", account.id)
            history = (now.secret_hash, *now.secret_history)[: rules.history]
            write.put("user.passwd", write.get("account", account.id).replace(must_change=False))
            write.put("user.passwd", now.replace(secret_hash=hashed, secret_at=now_ms, secret_history=history))
            for session in self._people.sessions_of(account.id):
                if session.id != caller.session:
                    write.put("session.end", session.replace(ended_at=now_ms))

        await self._part.commit(caller.actor, change)

    def _own(self, caller: Caller) -> Account:
        account = self._people.accounts.get(caller.account)
        if account is None or caller.trial:
            raise ForbiddenError(tr("The trial's account has neither password nor second factor."))
        return account

    async def enrol(self, caller: Caller) -> Enrolment:
        """A new generator, kept beside the old one until a code of it was told."""
        account = self._own(caller)
        if account.second_factor:
            raise ConflictError(
                tr("The second factor is set up already."),
                way_out=tr("If it is lost, ask the security officer for `yunwang user reset-totp`."),
            )
        made = totp.new(account.name)
        sealed = self._part.seal_totp(account, made.secret)

        def change(write: Writing) -> None:
            write.put("user.enrol", write.get("account_secret", account.id).replace(totp_secret=sealed, totp_last=0))

        await self._part.commit(caller.actor, change)
        return made

    async def confirm(self, caller: Caller, code: str, now_ms: int) -> None:
        """The generator counts from now on."""
        account = self._own(caller)
        kept = self._people.secrets[account.id]
        if account.second_factor or not kept.totp_secret:
            raise ConflictError(tr("There is no new second factor to confirm."), way_out=tr("Begin with `yunwang user enrol`."))
        step = totp.accepted(self._part.open_totp(account, kept), code, now_ms, kept.totp_last)
        if not step:
            raise InvalidInputError(
                tr("The code is wrong."), way_out=tr("Type the newest code; look whether the generator's clock is right."),
            )

        def change(write: Writing) -> None:
            write.put("user.enrol", write.get("account", account.id).replace(second_factor=True))
            write.put("user.enrol", write.get("account_secret", account.id).replace(totp_last=step))

        await self._part.commit(caller.actor, change)
