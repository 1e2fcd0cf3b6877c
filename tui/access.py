"""What this person may do, and who may instead. Pure. The hub decides; this only spares a person the refusal."""

from core.i18n import mark, tr
from core.identity import Identity, Role
from core.operations import Operation
from core.permissions import PERMISSIONS

ROLES: dict[str, str] = {
    "system-administrator": mark("system administrator"),
    "security-officer": mark("security officer"),
    "auditor": mark("auditor"),
    "operator": mark("operator"),
    "approver": mark("approver"),
    "officer-in-charge": mark("officer in charge"),
    "viewer": mark("viewer"),
    "unit-contact": mark("unit contact"),
}
"""In the order in which they are named."""
WHOLE = frozenset({"notify.list", "notify.test", "audit.search", "audit.verify", "audit.export", "inventory.crawl"})
"""What belongs to no place: a grant for some units or sites is not enough."""
DAY_MS = 86_400_000


def role_name(role: str) -> str:
    return tr(ROLES[role]) if role in ROLES else role


def role_names(roles: frozenset[Role] | tuple[Role, ...]) -> str:
    return tr(", ").join(role_name(role) for role in ROLES if role in roles)


def may(identity: Identity | None, action: str) -> bool:
    """True also while it is not known who asks: then the hub says it."""
    return not action or identity is None or action in identity.actions


def is_partial(identity: Identity | None, action: str) -> bool:
    """Whether all grants by which this person may do it are for some units or sites alone."""
    if identity is None or len(identity.roles) != len(identity.scopes):
        return False
    holders = PERMISSIONS.get(action, frozenset())
    scopes = [scope for role, scope in zip(identity.roles, identity.scopes, strict=True) if role in holders]
    return bool(scopes) and all(scope.units or scope.sites for scope in scopes)


def why_not(identity: Identity | None, op: Operation) -> str:
    """Why this person cannot do it, in one sentence; empty: they can."""
    if may(identity, op.needs):
        return tr("needs a grant for the whole city") if op.needs in WHOLE and is_partial(identity, op.needs) else ""
    holders = PERMISSIONS.get(op.needs, frozenset())
    return tr("needs: {roles}", roles=role_names(holders)) if holders else tr("nobody may do this")


def who(identity: Identity) -> str:
    """Name and roles, as the header shows them."""
    name = (identity.display_name or identity.name).removesuffix(" (trial)")
    roles = role_names(identity.roles) or tr("no role")
    return f"{name} ({roles})"


def trial_days(identity: Identity | None, now_ms: int) -> int:
    """Days that the trial still lasts, begun ones counted; -1: this is no trial."""
    if identity is None or not identity.trial:
        return -1
    return max(0, -(-(identity.trial_until - now_ms) // DAY_MS))


def tone(identity: Identity | None) -> str:
    """What the header is coloured by: the office, `plain` for everybody else."""
    roles = identity.roles if identity is not None else ()
    return next((role for role in ("system-administrator", "security-officer", "auditor") if role in roles), "plain")
