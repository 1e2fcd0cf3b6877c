"""Accounts: made and taken out of use by the administrator, unlocked by the security officer, reset with a second person."""

import re
from typing import TYPE_CHECKING

import msgspec

from agents.hub.identity import totp
from agents.hub.identity.hashing import one_time_secret
from agents.hub.identity.second import Second
from agents.hub.identity.writing import Writing
from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from core.i18n import tr
from core.identity import OFFICES, Account, AccountChange, AccountSecret, Asked, Caller, Enrolment, NewAccount, OneTimeSecret
from core.nouns import new_id
from core.passwords import problems

if TYPE_CHECKING:
    from agents.hub.identity.part import Identities

NAME = re.compile(r"[a-z][a-z0-9._-]{1,31}")
RESERVED = frozenset({"system", "nobody", "trial", "unknown"})
MOST = 5000
"""Accounts of one node."""


class Accounts:
    """What the routes on accounts do, once the caller was allowed to."""

    def __init__(self, part: "Identities") -> None:
        self._part, self._people = part, part.people
        self._second = Second(part.hub)

    def named(self, name: str) -> Account:
        found = self._people.named(name)
        if found is None:
            raise NotFoundError(tr("There is no account {name}.", name=name[:64]), way_out=tr("`yunwang user list` shows them."))
        return found

    async def add(self, caller: Caller, new: NewAccount, now_ms: int) -> OneTimeSecret:
        """A new account, with a secret that is shown once."""
        self._check(caller, new)
        secret = "" if new.source == "ldap" else one_time_secret()
        hashed = await self._part.hashing.make(secret) if secret else ""
        account = Account(
            id=new_id(now_ms), name=new.name, display_name=new.display_name.strip(), unit=new.unit, source=new.source, uid=new.uid,
            certificate=new.certificate.strip(), must_change=bool(secret), created_at=now_ms,
        )

        def change(write: Writing) -> OneTimeSecret:
            if new.unit and write.find("unit", new.unit) is None:
                raise NotFoundError(
                    tr("There is no unit {name}.", name=new.unit[:64]), way_out=tr("`yunwang inventory list unit` shows them."),
                )
            if write.find("account", new.name) is not None:
                raise ConflictError(tr("There is already an account {name}.", name=new.name), way_out=tr("Choose another name."))
            write.put("user.add", account)
            write.put("user.add", AccountSecret(id=account.id, secret_hash=hashed, secret_at=now_ms))
            return OneTimeSecret(name=new.name)

        made = await self._part.write(caller, change)
        return made.replace(secret=secret)

    def _check(self, caller: Caller, new: NewAccount) -> None:
        if caller.trial:
            raise ForbiddenError(tr("The trial has one account only."), way_out=tr("Found the three offices with `yunwang setup`."))
        check_name(new.name)
        if len(new.display_name) > 64 or len(new.certificate) > 512:
            raise InvalidInputError(tr("The name to show or the certificate's subject is too long."))
        if len(self._people.accounts) >= MOST:
            raise ConflictError(tr("There are {most} accounts already.", most=MOST), way_out=tr("Use those that are disabled again."))
        self._check_ways_in("", new.uid, new.certificate.strip())

    def _check_ways_in(self, account_id: str, uid: int, certificate: str) -> None:
        """Raises where a uid or a certificate cannot be this account's."""
        for taken in (self._people.of_uid(uid), self._people.of_certificate(certificate)):
            if taken and taken.id != account_id:
                raise ConflictError(
                    tr("This uid or certificate is {name}'s already.", name=taken.name), way_out=tr("One person, one account."),
                )
        if uid == 0:
            raise InvalidInputError(tr("The system's root is no person."), way_out=tr("Name the uid of a person's own system account."))

    async def set(self, caller: Caller, name: str, wish: AccountChange) -> Asked:
        """Other particulars. Another way in for somebody who holds a role needs a second person: it would be another person's way in."""
        account = self.named(name)
        wanted = {field: value for field, value in msgspec.structs.asdict(wish).items() if value is not None}
        after = account.replace(**wanted)
        if len(after.display_name) > 64 or len(after.certificate) > 512:
            raise InvalidInputError(tr("The name to show or the certificate's subject is too long."))
        self._check_ways_in(account.id, after.uid, after.certificate)

        def change(write: Writing) -> None:
            if after.unit and write.find("unit", after.unit) is None:
                raise NotFoundError(
                    tr("There is no unit {name}.", name=after.unit[:64]), way_out=tr("`yunwang inventory list unit` shows them."),
                )
            write.put("user.set", write.get("account", account.id).replace(**wanted))

        if (after.uid, after.certificate) == (account.uid, account.certificate) or not self._people.granted(account.id):
            await self._part.write(caller, change)
            return Asked(done=True, id=account.id)
        content = {"account": account.name, "uid": after.uid, "certificate": after.certificate}
        title = tr("Another way in for {name}", name=account.name)
        return await self._second.do(self._part, caller, "secret-reset", account, title, content, change)

    async def disable(self, caller: Caller, name: str, now_ms: int) -> None:
        """Out of use: its sessions end, its tokens are revoked; the account stays for the audit."""
        account = self.named(name)
        if account.id == caller.account:
            raise ForbiddenError(tr("Nobody disables the own account."), way_out=tr("Ask another administrator."))
        self.check_not_last(account, now_ms)

        def change(write: Writing) -> None:
            write.put("user.disable", write.get("account", account.id).replace(disabled=True))
            self._end_all(write, account, now_ms)

        await self._part.write(caller, change)

    def check_not_last(self, account: Account, now_ms: int) -> None:
        """Raises `ConflictError` where an office would be left without anybody."""
        for office in OFFICES:
            if [one.id for one in self._people.holders(office, now_ms)] == [account.id]:
                raise ConflictError(
                    tr("{name} is the only {office}: nobody would hold this office.", name=account.name, office=tr(office)),
                    way_out=tr("Give the office to somebody else first."),
                )

    def _end_all(self, write: Writing, account: Account, now_ms: int) -> None:
        for session in self._people.sessions_of(account.id):
            write.put("session.end", session.replace(ended_at=now_ms))
        for token in self._people.tokens_of(account.id):
            if not token.revoked_at:
                write.put("token.revoke", token.replace(revoked_at=now_ms))

    async def enable(self, caller: Caller, name: str) -> None:
        account = self.named(name)
        await self._part.write(caller, lambda write: write.put("user.enable", write.get("account", account.id).replace(disabled=False)))

    async def unlock(self, caller: Caller, name: str) -> None:
        account = self.named(name)

        def change(write: Writing) -> None:
            write.put("user.unlock", write.get("account", account.id).replace(locked_until=0))
            write.put("user.unlock", write.get("account_secret", account.id).replace(failures=0, failed_at=0))

        await self._part.write(caller, change)

    async def reset_secret(self, caller: Caller, name: str, now_ms: int) -> Asked:
        """A new one-time secret. For who holds a role a second person approves it first: else an administrator could be anybody."""
        account = self._resettable(caller, name)
        if account.source == "ldap":
            raise InvalidInputError(tr("The password of {name} is the directory's.", name=name), way_out=tr("Change it there."))
        secret = one_time_secret()
        hashed = await self._part.hashing.make(secret)

        def change(write: Writing) -> None:
            kept: AccountSecret = write.get("account_secret", account.id)
            write.put("user.reset-secret", write.get("account", account.id).replace(must_change=True, locked_until=0))
            write.put("user.reset-secret", kept.replace(secret_hash=hashed, secret_at=now_ms, failures=0, failed_at=0))
            self._end_all(write, account, now_ms)

        if not self._people.granted(account.id):
            await self._part.write(caller, change)
            return Asked(done=True, id=account.id, secret=secret)
        title = tr("Reset the password of {name}", name=account.name)
        asked = await self._second.do(self._part, caller, "secret-reset", account, title, {"account": account.name}, change)
        return asked.replace(secret=secret) if asked.done else asked

    async def reset_totp(self, caller: Caller, name: str, now_ms: int) -> Asked:
        """Takes a lost generator away, once a second person has approved it; the next login sets up a new one."""
        account = self._resettable(caller, name)
        if not account.second_factor:
            raise ConflictError(tr("{name} has no second factor.", name=name), way_out=tr("The next login sets one up where it is needed."))

        def change(write: Writing) -> None:
            kept: AccountSecret = write.get("account_secret", account.id)
            write.put("user.reset-totp", write.get("account", account.id).replace(second_factor=False))
            write.put("user.reset-totp", kept.replace(totp_secret=""))
            self._end_all(write, account, now_ms)

        title = tr("Reset the second factor of {name}", name=account.name)
        return await self._second.do(self._part, caller, "totp-reset", account, title, {"account": account.name}, change)

    def _resettable(self, caller: Caller, name: str) -> Account:
        account = self.named(name)
        if account.id == caller.account:
            raise ForbiddenError(tr("Nobody resets the own account."), way_out=tr("Ask another administrator or security officer."))
        return account

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


def check_name(name: str) -> None:
    """Raises `InvalidInputError` for what cannot be an account's name."""
    if not NAME.fullmatch(name) or name in RESERVED:
        raise InvalidInputError(
            tr("{name} cannot be the name of an account.", name=repr(name[:40])),
            way_out=tr("2 to 32 small letters, digits, dots, underscores and hyphens, a letter first."),
        )
