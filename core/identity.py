"""Who may use Yunwang: accounts, offices and roles, grants with their scope, sessions and tokens.

No noun here holds a secret: digests and ciphertexts live in `AccountSecret`, which no route serves. Times are milliseconds since 1970,
UTC; 0: not yet, or never.
"""

from typing import Literal

from core.nouns import Noun

Role = Literal[
    "system-administrator", "security-officer", "auditor", "operator", "approver", "officer-in-charge", "viewer", "unit-contact",
]
"""The first three are the offices of 三员分立 (system administrator 系统管理员, security officer 安全管理员, auditor 审计管理员)."""
OFFICES: tuple[Role, ...] = ("system-administrator", "security-officer", "auditor")


class Actor(Noun, frozen=True, kw_only=True):
    """Who does something: an account, or a process of ours (`system:senses`)."""

    name: str
    uid: int = -1
    origin: str = ""
    """Where from: `unix:PID`, an address, a process."""
    request: str = ""
    """Id of the request, which the logs carry too."""


class Scope(Noun, frozen=True, kw_only=True):
    """Where a grant holds: objects of one of these units or at one of these sites. Both empty: everywhere."""

    units: tuple[str, ...] = ()
    """Names of units; a unit stands for all units below it."""
    sites: tuple[str, ...] = ()


EVERYWHERE = Scope()


class Account(Noun, frozen=True, kw_only=True):
    """One person's account 账号."""

    id: str
    name: str
    """What is typed at login: lower-case letters, digits, `.`, `_`, `-`."""
    display_name: str = ""
    unit: str = ""
    source: Literal["local", "ldap"] = "local"
    uid: int = -1
    """System account whose connections over the Unix socket are this person's; -1: none."""
    certificate: str = ""
    """Subject (RFC 4514) of the client certificate whose connections over TLS are this person's; empty: none."""
    disabled: bool = False
    must_change: bool = False
    """The secret was chosen by somebody else and must be changed at the next login."""
    second_factor: bool = False
    """A TOTP generator is set up."""
    locked_until: int = 0
    created_at: int = 0
    last_login: int = 0


class AccountSecret(Noun, frozen=True, kw_only=True):
    """What proves an account: never listed, exported, journaled or shown. `id` is the account's."""

    id: str
    secret_hash: str = ""
    """argon2id in PHC form."""
    secret_at: int = 0
    secret_history: tuple[str, ...] = ()
    totp_secret: str = ""
    """Sealed by `stores.secrets`."""
    totp_last: int = 0
    """Time step of the last accepted code: none is accepted twice (RFC 6238, 5.2)."""
    failures: int = 0
    """Since the last success, where none is older than the time of a lock."""
    failed_at: int = 0


class Grant(Noun, frozen=True, kw_only=True):
    """A role that an account holds, and where 授权."""

    id: str
    account: str
    """Id of the account."""
    role: Role
    scope: Scope = EVERYWHERE
    valid_from: int = 0
    valid_to: int = 0
    """0: until it is taken back."""


class Session(Noun, frozen=True, kw_only=True):
    """A login 会话; the bearer's secret is kept as its digest only."""

    id: str
    account: str
    secret_digest: str
    created_at: int
    expires_at: int
    origin: str = ""
    ended_at: int = 0


class ApiToken(Noun, frozen=True, kw_only=True):
    """A personal token 令牌 for a program: no more than its owner may, limited to `actions` where these are named."""

    id: str
    name: str
    account: str
    secret_digest: str
    actions: tuple[str, ...] = ()
    """Actions of `core.permissions`; empty: all that the owner may do."""
    created_at: int = 0
    expires_at: int
    revoked_at: int = 0


Restriction = Literal["", "change", "enrol"]
"""What a person must do before anything else: change a secret that somebody else chose or that is too old, set up the second factor."""


class Caller(Noun, frozen=True, kw_only=True):
    """Who asks, resolved once for each request."""

    actor: Actor
    account: str = ""
    """Id of the account; empty: nobody whom we know."""
    grants: tuple[Grant, ...] = ()
    """Those that hold now; their units include all units below."""
    actions: tuple[str, ...] = ()
    """Not empty: a token's limit."""
    trial: bool = False
    """The one account of the trial mode, in the persona of its single grant."""
    trial_over: bool = False
    """The trial's days are used up: only what leads out of it is left."""
    how: Literal["", "session", "token", "socket", "certificate", "trial"] = ""
    """What proved it."""
    session: str = ""
    """Id of the session or of the token."""
    restricted: Restriction = ""
    expires_at: int = 0


class Identity(Noun, frozen=True, kw_only=True):
    """What `whoami` answers: enough for a screen to show who works and to leave out what would be refused."""

    name: str
    display_name: str = ""
    account: str = ""
    how: str = ""
    roles: tuple[Role, ...] = ()
    scopes: tuple[Scope, ...] = ()
    """One for each role, as it was granted."""
    actions: tuple[str, ...] = ()
    """All that this caller may do somewhere."""
    trial: bool = False
    trial_until: int = 0
    personas: tuple[Role, ...] = ()
    """Not empty: the roles that can be chosen (`X-Yunwang-Persona`, `--as`, `YUNWANG_AS`); `roles` holds the chosen one."""
    must_change: bool = False
    must_enrol: bool = False
    second_factor: bool = False
    secret_until: int = 0
    """When the secret must be changed; 0: never."""
    expires_at: int = 0


class LoginRequest(Noun, frozen=True, kw_only=True):
    """What a login sends. The code of the second factor may follow in a second try, when the first answer asks for it."""

    name: str
    secret: str
    code: str = ""


class LoginAnswer(Noun, frozen=True, kw_only=True):
    """need `code`: the secret was right, ask for the code and log in again with it. Else `token` is the bearer's secret."""

    need: Literal["", "code"] = ""
    token: str = ""
    identity: Identity | None = None


class SecretChange(Noun, frozen=True, kw_only=True):
    """One's own password, old and new."""

    old: str
    new: str


class CodeGiven(Noun, frozen=True, kw_only=True):
    """A code of the second factor."""

    code: str


class Enrolment(Noun, frozen=True, kw_only=True):
    """A new TOTP generator, not yet confirmed: shown once, never kept in clear."""

    secret: str
    """Base32."""
    uri: str
    """otpauth://, what the QR code says."""


class NewAccount(Noun, frozen=True, kw_only=True):
    """An account to make."""

    name: str
    display_name: str = ""
    unit: str = ""
    source: Literal["local", "ldap"] = "local"
    uid: int = -1
    certificate: str = ""


class AccountChange(Noun, frozen=True, kw_only=True):
    """What is to be different about an account; None: it stays as it is."""

    display_name: str | None = None
    unit: str | None = None
    uid: int | None = None
    certificate: str | None = None


class OneTimeSecret(Noun, frozen=True, kw_only=True):
    """A secret that is shown once and must be changed at the first login; empty for accounts of the directory."""

    name: str
    secret: str = ""


class NewGrant(Noun, frozen=True, kw_only=True):
    """A role to give."""

    account: str
    """Name."""
    role: Role
    scope: Scope = EVERYWHERE
    valid_from: int = 0
    valid_to: int = 0


class Asked(Noun, frozen=True, kw_only=True):
    """What needed a second person: `done`, or the approval that is waited for; afterwards the same is asked again."""

    done: bool
    approval: str = ""
    id: str = ""
    """Of what was made."""
    secret: str = ""
    """A one-time secret, where one was made."""


class NewToken(Noun, frozen=True, kw_only=True):
    """A personal token to make."""

    name: str
    actions: tuple[str, ...] = ()
    days: int = 90


class TokenMade(Noun, frozen=True, kw_only=True):
    """The token itself: shown once."""

    id: str
    token: str
    expires_at: int


class TokenRow(Noun, frozen=True, kw_only=True):
    """A token as lists show it."""

    id: str
    name: str
    account: str
    """Name."""
    actions: tuple[str, ...] = ()
    created_at: int = 0
    expires_at: int = 0
    revoked_at: int = 0
    last_used: int = 0
    """Since the hub started; 0: not."""


class SessionRow(Noun, frozen=True, kw_only=True):
    """A session that lasts."""

    id: str
    account: str
    """Name."""
    created_at: int
    expires_at: int
    seen_at: int = 0
    origin: str = ""
    own: bool = False
    """The one that asks."""


class Officer(Noun, frozen=True, kw_only=True):
    """One of the first three accounts."""

    role: Role
    name: str
    display_name: str = ""
    uid: int = -1


class Founding(Noun, frozen=True, kw_only=True):
    """What `yunwang setup` founds: the unit that runs this hub, and one account for each of the three offices."""

    unit: str
    level: Literal["city", "county", "township"] = "city"
    officers: tuple[Officer, ...]
