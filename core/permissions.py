"""Who may do what: one table, action x role. Where is the grant's scope (`core.identity.Scope`).

Actions are ids of operations, and `read`. Whatever is not here nobody may do. Nothing here changes or deletes an audit entry: no such
action exists.
"""

from core.identity import Role

ADMINISTRATOR: Role = "system-administrator"
SECURITY: Role = "security-officer"
AUDITOR: Role = "auditor"
OPERATOR: Role = "operator"
APPROVER: Role = "approver"
IN_CHARGE: Role = "officer-in-charge"
VIEWER: Role = "viewer"
CONTACT: Role = "unit-contact"

ALL: frozenset[Role] = frozenset({ADMINISTRATOR, SECURITY, AUDITOR, OPERATOR, APPROVER, IN_CHARGE, VIEWER, CONTACT})
ONESELF = "oneself"
"""Actions on one's own account: whoever is logged in."""

PERMISSIONS: dict[str, frozenset[Role]] = {
    # what exists and what is happening
    "read": ALL,
    "inventory.export": ALL - {CONTACT},
    "inventory.import": frozenset({ADMINISTRATOR}),
    # accounts are made by the administrator; what they may do is given by the security officer
    "user.list": frozenset({ADMINISTRATOR, SECURITY, AUDITOR}),
    "user.add": frozenset({ADMINISTRATOR}),
    "user.disable": frozenset({ADMINISTRATOR, SECURITY}),
    "user.enable": frozenset({ADMINISTRATOR}),
    "user.unlock": frozenset({SECURITY}),
    "user.reset-secret": frozenset({ADMINISTRATOR}),
    "user.reset-totp": frozenset({SECURITY}),
    "grant.list": frozenset({ADMINISTRATOR, SECURITY, AUDITOR}),
    "grant.add": frozenset({SECURITY}),
    "grant.remove": frozenset({SECURITY}),
    "session.list": frozenset({SECURITY, AUDITOR}),
    "session.end": frozenset({SECURITY}),
    "token.list-all": frozenset({SECURITY, AUDITOR}),
    "token.revoke-any": frozenset({SECURITY}),
    # approvals: who may ask, who may answer; the steps of the rule decide further
    "approval.list": frozenset({ADMINISTRATOR, SECURITY, AUDITOR, OPERATOR, APPROVER, IN_CHARGE}),
    "approval.ask": frozenset({ADMINISTRATOR, SECURITY, OPERATOR, APPROVER}),
    "approval.decide": frozenset({ADMINISTRATOR, SECURITY, AUDITOR, APPROVER, IN_CHARGE}),
    "approval.delegate": frozenset({SECURITY, APPROVER, IN_CHARGE}),
    # audit: read and prove; there is no action that writes it
    "audit.search": frozenset({AUDITOR}),
    "audit.verify": frozenset({AUDITOR, SECURITY, ADMINISTRATOR}),
    "audit.export": frozenset({AUDITOR}),
    "audit.archive": frozenset({AUDITOR}),
    # secrets
    "credential.list": frozenset({ADMINISTRATOR, SECURITY, AUDITOR, OPERATOR}),
    "credential.add": frozenset({ADMINISTRATOR}),
    "credential.remove": frozenset({ADMINISTRATOR}),
    "credential.test": frozenset({ADMINISTRATOR, OPERATOR}),
    "credential.rotate": frozenset({SECURITY}),
    "hostkey.list": frozenset({ADMINISTRATOR, SECURITY, AUDITOR, OPERATOR}),
    "hostkey.accept": frozenset({SECURITY}),
    # work that runs by itself
    "job.list": ALL - {CONTACT},
    "job.run": frozenset({ADMINISTRATOR, OPERATOR}),
    "job.cancel": frozenset({ADMINISTRATOR, OPERATOR}),
    "schedule.list": ALL - {CONTACT},
    "schedule.add": frozenset({ADMINISTRATOR}),
    "schedule.remove": frozenset({ADMINISTRATOR}),
    "window.list": ALL,
    "window.add": frozenset({ADMINISTRATOR, OPERATOR}),
    "window.end": frozenset({ADMINISTRATOR, OPERATOR}),
    # the node itself
    "node.backup": frozenset({ADMINISTRATOR}),
    "node.export": frozenset({ADMINISTRATOR, AUDITOR}),
    "node.storage": frozenset({ADMINISTRATOR, SECURITY, AUDITOR, OPERATOR}),
    "node.metrics": ALL - {CONTACT},
    "hub.stop": frozenset({ADMINISTRATOR}),
}
EXCLUSIVE: tuple[tuple[Role, Role], ...] = (
    (ADMINISTRATOR, SECURITY), (ADMINISTRATOR, AUDITOR), (SECURITY, AUDITOR),
    (AUDITOR, OPERATOR), (AUDITOR, APPROVER), (AUDITOR, IN_CHARGE), (SECURITY, OPERATOR), (SECURITY, APPROVER),
)
"""Pairs of roles that no person holds together, at no place (三员分立)."""


def allowed(roles: frozenset[Role], action: str) -> bool:
    """Whether one of the roles may do this somewhere."""
    return bool(PERMISSIONS.get(action, frozenset()) & roles)
