"""Who asks: a bearer's secret, a client certificate, the uid behind the Unix socket, or the trial's one account, in this order.

Answers come from memory; a request costs one SHA-256 and a few look-ups. Sessions end by themselves: after `idle_minutes` without a
request (counted anew when the hub starts, since that is not worth a row of the journal for each request) and after `session_hours`.
"""

from agents.hub.identity.hashing import TOKEN, digest
from agents.hub.identity.people import People
from agents.hub.identity.trial import PERSONAS, Trial
from core import scopes
from core.errors import ForbiddenError, InvalidInputError, LoginNeededError
from core.i18n import tr
from core.identity import OFFICES, Account, Actor, ApiToken, Caller, Identity, Restriction, Role, Session
from core.permissions import ROLES
from core.sections import Accounts

DAY_MS, HOUR_MS, MINUTE_MS = 86_400_000, 3_600_000, 60_000
CLOCK_SLACK_MS = 300_000
"""How far the clock may have been set back since a login."""
MAX_BEARER = 512


class Who:
    """Belongs to one event loop."""

    def __init__(self, people: People, trial: Trial, rules: Accounts) -> None:
        self.people, self.trial, self.rules = people, trial, rules
        self.seen: dict[str, int] = {}
        """When a session or token was last used, by id, since the hub started."""
        self._started = 0

    def start(self, now_ms: int) -> None:
        self._started = now_ms

    def resolve(self, peer: Actor, authorization: str, persona: str, certificate: str, now_ms: int, *, alive: bool = True) -> Caller:
        """The caller of one request. Raises `LoginNeededError` for a session that is over; nobody is a caller without an account.

        alive: this request is a sign of life of its session; False for what a program asks by itself while nobody is there.
        """
        role = _role(persona)
        if authorization:
            found = self._bearer(peer, authorization, now_ms)
            if alive:
                self.seen[found.session] = now_ms
        else:
            found = self._by_connection(peer, certificate, role or PERSONAS[0], now_ms)
        if role and found.account:
            return _as(found, role)
        return found

    def _by_connection(self, peer: Actor, certificate: str, persona: Role, now_ms: int) -> Caller:
        account, how = self.people.of_certificate(certificate), "certificate"
        if account is None and peer.uid >= 0:
            account, how = self.people.of_uid(peer.uid), "socket"
        if account is None:
            return self.trial.caller(peer, persona, now_ms) or Caller(actor=peer)
        if account.disabled:
            return Caller(actor=peer)
        if self.needs_second_factor(account, now_ms):
            raise LoginNeededError(
                tr("The account {name} needs its second factor; the connection alone is not enough.", name=account.name),
                way_out=tr("Log in with `yunwang login`."),
            )
        return self._caller(account, peer, now_ms).replace(how=how)

    def _bearer(self, peer: Actor, authorization: str, now_ms: int) -> Caller:
        scheme, _, secret = authorization.partition(" ")
        if scheme.lower() != "bearer" or not secret or len(secret) > MAX_BEARER:
            raise LoginNeededError(tr("The authorization was not understood."), way_out=tr("Log in with `yunwang login`."))
        key = digest(secret.strip())
        if secret.startswith(TOKEN):
            return self._of_token(self.people.tokens.get(key), peer, now_ms)
        return self._of_session(self.people.sessions.get(key), peer, now_ms)

    def _of_session(self, session: Session | None, peer: Actor, now_ms: int) -> Caller:
        account = self.people.accounts.get(session.account) if session else None
        if session is None or account is None or account.disabled or not self.lasts(session, now_ms):
            raise LoginNeededError(tr("The session has ended."), way_out=tr("Log in again with `yunwang login`."))
        return self._caller(account, peer, now_ms).replace(
            how="session", session=session.id, restricted=self.restriction(account, now_ms), expires_at=session.expires_at,
        )

    def lasts(self, session: Session, now_ms: int) -> bool:
        """Whether a session is neither ended, nor idle for too long, nor too old. A clock set back before its login ends it too."""
        seen = max(session.created_at, self.seen.get(session.id, self._started))
        idle = now_ms - seen >= self.rules.idle_minutes * MINUTE_MS
        return not session.ended_at and not idle and session.created_at - CLOCK_SLACK_MS <= now_ms < session.expires_at

    def _of_token(self, token: ApiToken | None, peer: Actor, now_ms: int) -> Caller:
        account = self.people.accounts.get(token.account) if token else None
        if token is None or account is None or account.disabled or token.revoked_at or not token.created_at - CLOCK_SLACK_MS <= now_ms:
            raise LoginNeededError(tr("The token is not valid."), way_out=tr("Make a new one with `yunwang token add`."))
        if now_ms >= token.expires_at:
            raise LoginNeededError(
                tr("The token {name} has expired.", name=token.name), way_out=tr("Make a new one with `yunwang token add`."),
            )
        if self.restriction(account, now_ms) == "enrol":
            raise LoginNeededError(
                tr("The owner of the token {name} needs a second factor first.", name=token.name),
                way_out=tr("Log in with `yunwang login`."),
            )
        return self._caller(account, peer, now_ms).replace(
            how="token", session=token.id, actions=token.actions, expires_at=token.expires_at,
        )

    def _caller(self, account: Account, peer: Actor, now_ms: int) -> Caller:
        actor = Actor(name=account.name, uid=peer.uid, origin=peer.origin, request=peer.request)
        return Caller(actor=actor, account=account.id, grants=self.people.held(account.id, now_ms))

    def needs_second_factor(self, account: Account, now_ms: int) -> bool:
        """Whether it must have a generator; one that has it is asked for it in any case."""
        if account.second_factor or self.rules.second_factor == "everybody":
            return True
        return self.rules.second_factor == "offices" and not self.people.roles(account.id, now_ms).isdisjoint(OFFICES)

    def restriction(self, account: Account, now_ms: int) -> Restriction:
        """What this person must do first."""
        if account.source == "local" and (account.must_change or 0 < self.secret_until(account) <= now_ms):
            return "change"
        return "enrol" if self.needs_second_factor(account, now_ms) and not account.second_factor else ""

    def secret_until(self, account: Account) -> int:
        secret = self.people.secrets.get(account.id)
        if account.source != "local" or not self.rules.age_days or secret is None:
            return 0
        return secret.secret_at + self.rules.age_days * DAY_MS

    def identity(self, caller: Caller) -> Identity:
        """What `whoami` answers."""
        found = Identity(
            name=caller.actor.name, account=caller.account, how=caller.how, roles=tuple(grant.role for grant in caller.grants),
            scopes=tuple(self.people.grants.get(grant.id, grant).scope for grant in caller.grants), actions=scopes.actions(caller),
            expires_at=caller.expires_at, must_change=caller.restricted == "change", must_enrol=caller.restricted == "enrol",
        )
        account = self.people.accounts.get(caller.account)
        if account is None:
            return found.replace(trial=caller.trial, trial_until=self.trial.until, personas=PERSONAS)
        return found.replace(
            display_name=account.display_name, second_factor=account.second_factor, secret_until=self.secret_until(account),
        )


def _role(persona: str) -> Role | None:
    if not persona:
        return None
    if persona not in ROLES:
        raise InvalidInputError(
            tr("There is no role {name}.", name=persona[:40]), way_out=tr("Roles: {roles}.", roles=", ".join(ROLES)),
        )
    return next(role for role in ROLES if role == persona)


def _as(caller: Caller, role: Role) -> Caller:
    """The caller in one of the roles held: never more than before."""
    grants = tuple(grant for grant in caller.grants if grant.role == role)
    if not grants:
        raise ForbiddenError(
            tr("{actor} does not hold the role {role}.", actor=caller.actor.name, role=tr(role)),
            way_out=tr("`yunwang whoami` lists yours."),
        )
    return caller.replace(grants=grants)
