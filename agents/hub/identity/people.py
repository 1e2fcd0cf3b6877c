"""All accounts, grants, sessions and tokens in memory, as the records have them: the hub is their only writer, and every request asks here.

`generation` grows with each change, so that whoever remembers a decision (a stream, a cache) knows when to ask anew.
"""

from collections import defaultdict

from core.identity import OFFICES, Account, AccountSecret, ApiToken, Grant, Role, Session
from core.objects import Unit
from core.ports import RecordStore
from core.scopes import widened

Person = Account | AccountSecret | Grant | Session | ApiToken
NEVER = 2**62


class People:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self.generation = 0
        self.accounts: dict[str, Account] = {}
        """By id, as all that follow but sessions and tokens: these by the digest of the bearer's secret."""
        self.secrets: dict[str, AccountSecret] = {}
        self.grants: dict[str, Grant] = {}
        self.sessions: dict[str, Session] = {}
        self.tokens: dict[str, ApiToken] = {}
        self._names: dict[str, str] = {}
        self._uids: dict[int, str] = {}
        self._certificates: dict[str, str] = {}
        self._held: dict[str, tuple[int, int, tuple[Grant, ...]]] = {}
        self._children: dict[str, list[str]] = {}

    def load(self, store: RecordStore, now_ms: int) -> None:
        """Takes everything from the records anew; sessions that are over are left out."""
        self.__init__()  # type: ignore[misc]
        for kind in ("account", "account_secret", "role_grant", "session", "api_token"):
            for found in store.all(kind):
                if not isinstance(found, Session) or (not found.ended_at and found.expires_at > now_ms):
                    self.put(found)
        self.load_units(store)

    def load_units(self, store: RecordStore) -> None:
        """Which unit is below which."""
        children: dict[str, list[str]] = defaultdict(list)
        for unit in store.all("unit"):
            if isinstance(unit, Unit) and unit.parent:
                children[unit.parent].append(unit.name)
        self._children = dict(children)
        self._changed()

    def put(self, *found: Person) -> None:
        """What was just written."""
        for one in found:
            match one:
                case Account():
                    self._put_account(one)
                case AccountSecret():
                    self.secrets[one.id] = one
                case Grant():
                    self.grants[one.id] = one
                case Session():
                    self._put_session(one)
                case ApiToken():
                    self.tokens[one.secret_digest] = one
        self._changed()

    def _put_account(self, account: Account) -> None:
        old = self.accounts.get(account.id, account)
        self._names.pop(old.name, None)
        self._uids.pop(old.uid, None)
        self._certificates.pop(old.certificate, None)
        self.accounts[account.id] = account
        self._names[account.name] = account.id
        if account.uid >= 0:
            self._uids[account.uid] = account.id
        if account.certificate:
            self._certificates[account.certificate] = account.id

    def _put_session(self, session: Session) -> None:
        if session.ended_at:
            self.sessions.pop(session.secret_digest, None)
        else:
            self.sessions[session.secret_digest] = session

    def drop_grant(self, grant_id: str) -> None:
        self.grants.pop(grant_id, None)
        self._changed()

    def _changed(self) -> None:
        self.generation += 1
        self._held.clear()

    def named(self, name: str) -> Account | None:
        return self.accounts.get(self._names.get(name, ""))

    def of_uid(self, uid: int) -> Account | None:
        return self.accounts.get(self._uids.get(uid, ""))

    def of_certificate(self, subject: str) -> Account | None:
        return self.accounts.get(self._certificates.get(subject, "")) if subject else None

    def granted(self, account_id: str) -> tuple[Grant, ...]:
        """Every grant of an account, past and coming ones too."""
        return tuple(grant for grant in self.grants.values() if grant.account == account_id)

    def held(self, account_id: str, now_ms: int) -> tuple[Grant, ...]:
        """The grants that hold now, their units with all units below. Remembered until one begins or ends."""
        found = self._held.get(account_id)
        if found and found[0] <= now_ms < found[1]:
            return found[2]
        mine = self.granted(account_id)
        holding = tuple(
            grant.replace(scope=widened(grant.scope, self._children)) for grant in mine if holds(grant, now_ms)
        )
        edges = [edge for grant in mine for edge in (grant.valid_from, grant.valid_to) if edge]
        since = max((edge for edge in edges if edge <= now_ms), default=-NEVER)
        self._held[account_id] = since, min((edge for edge in edges if edge > now_ms), default=NEVER), holding
        return holding

    def roles(self, account_id: str, now_ms: int) -> frozenset[Role]:
        return frozenset(grant.role for grant in self.held(account_id, now_ms))

    def holders(self, role: Role, now_ms: int) -> list[Account]:
        """Accounts in use that hold a role now."""
        return [one for one in self.accounts.values() if not one.disabled and role in self.roles(one.id, now_ms)]

    def missing_offices(self, now_ms: int) -> tuple[Role, ...]:
        """Offices that nobody holds."""
        return tuple(office for office in OFFICES if not self.holders(office, now_ms))

    def sessions_of(self, account_id: str) -> list[Session]:
        """Oldest first."""
        return sorted((one for one in self.sessions.values() if one.account == account_id), key=lambda one: (one.created_at, one.id))

    def tokens_of(self, account_id: str) -> list[ApiToken]:
        return sorted((one for one in self.tokens.values() if one.account == account_id), key=lambda one: one.created_at)


def holds(grant: Grant, now_ms: int) -> bool:
    return grant.valid_from <= now_ms and (not grant.valid_to or now_ms < grant.valid_to)
