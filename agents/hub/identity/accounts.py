"""Accounts: made and taken out of use by the administrator, unlocked by the security officer, reset with a second person."""

import re
from typing import TYPE_CHECKING

import msgspec

from agents.hub.identity.hashing import one_time_secret
from agents.hub.identity.second import Second
from agents.hub.identity.writing import Writing, in_turn
from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from core.i18n import tr
from core.identity import OFFICES, Account, AccountChange, AccountSecret, Asked, Caller, NewAccount, OneTimeSecret
from core.nouns import new_id

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

    @in_turn
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

    @in_turn
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

    @in_turn
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

    @in_turn
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


def check_name(name: str) -> None:
    """Raises `InvalidInputError` for what cannot be an account's name."""
    if not NAME.fullmatch(name) or name in RESERVED:
        raise InvalidInputError(
            tr("{name} cannot be the name of an account.", name=repr(name[:40])),
            way_out=tr("2 to 32 small letters, digits, dots, underscores and hyphens, a letter first."),
        )
