"""The last way back in, for whoever administers the machine: while the hub is stopped, an account gets a new one-time password.

It is for the day on which too few of the three offices can log in to help each other. It needs the system account that owns the records,
and it cannot be done in silence: the journal says who did it and from which terminal, and the auditor reads that.
"""

import os
import pwd

from agents.hub.identity.hashing import hashed_now, one_time_secret
from agents.hub.records import now_ms
from agents.places import Lock, prepare, settled
from core.errors import NotFoundError
from core.i18n import tr
from core.identity import Account, AccountSecret, Actor
from core.settings import Settings
from stores.records import open_records, records_at

ACTION = "user.rescue"


def rescue(settings: Settings, name: str) -> str:
    """A one-time password for the account, which is enabled and unlocked and has lost its second factor, sessions and tokens.

    Raises `ConflictError` while a hub runs, `NotFoundError` for a name that is none.
    """
    settings = settled(settings)
    prepare(settings)
    lock = Lock(settings)
    try:
        lock.take()
        return _rescue(settings, name)
    finally:
        lock.release()


def _rescue(settings: Settings, name: str) -> str:
    secret, now = one_time_secret(), now_ms()
    hashed = hashed_now(secret)
    store = open_records(records_at(settings), hash_name=settings.audit.hash)
    try:
        with store.write(_rescuer(), now) as write:
            account: Account | None = write.find("account", name)
            if account is None:
                raise NotFoundError(
                    tr("There is no account {name}.", name=name[:64]), way_out=tr("The names of accounts are in the audit trail."),
                )
            write.note(ACTION, {"account": name})
            kept: AccountSecret = write.get("account_secret", account.id)
            source = "local" if account.source == "ldap" else account.source
            write.put(ACTION, account.replace(disabled=False, locked_until=0, must_change=True, second_factor=False, source=source))
            write.put(ACTION, kept.replace(secret_hash=hashed, secret_at=now, totp_secret="", failures=0, failed_at=0))
            for session in store.all("session"):
                if session.account == account.id and not session.ended_at:
                    write.put(ACTION, session.replace(ended_at=now))
            for token in store.all("api_token"):
                if token.account == account.id and not token.revoked_at:
                    write.put(ACTION, token.replace(revoked_at=now))
    finally:
        store.close()
    return secret


def _rescuer() -> Actor:
    """The system account, and the terminal it sits at."""
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid:{uid}"
    try:
        terminal = os.ttyname(0)
    except OSError:
        terminal = "no terminal"
    return Actor(name=f"{name} (rescue)", uid=uid, origin=f"machine:{terminal}")
