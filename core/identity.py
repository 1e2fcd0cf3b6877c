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
    """Since the last success."""


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
    """Ids of operations, or `read`; empty: all that the owner may do."""
    created_at: int = 0
    expires_at: int
    revoked_at: int = 0


class Caller(Noun, frozen=True, kw_only=True):
    """Who asks, resolved once for each request."""

    actor: Actor
    account: str = ""
    """Id of the account; empty: nobody whom we know."""
    grants: tuple[Grant, ...] = ()
    """Those that hold now."""
    actions: tuple[str, ...] = ()
    """Not empty: a token's limit."""
    trial: bool = False
    """The one account of the trial mode, in the persona of its single grant."""


class Identity(Noun, frozen=True, kw_only=True):
    """What `whoami` answers: enough for a screen to show who works and to leave out what would be refused."""

    name: str
    display_name: str = ""
    roles: tuple[Role, ...] = ()
    scopes: tuple[Scope, ...] = ()
    actions: tuple[str, ...] = ()
    """All that this caller may do somewhere."""
    trial: bool = False
    trial_until: int = 0
    personas: tuple[Role, ...] = ()
    must_change: bool = False
    second_factor: bool = False
    expires_at: int = 0
