"""Who may do what: one table, action x role. Where is the grant's scope (`core.identity.Scope`).

Actions are mostly ids of operations, and `read`. Whatever is not here nobody may do. Nothing here changes or deletes an audit entry: no
such action exists.
"""

from core.identity import OFFICES, Role
from core.model import MODEL

ADMINISTRATOR: Role = "system-administrator"
SECURITY: Role = "security-officer"
AUDITOR: Role = "auditor"
OPERATOR: Role = "operator"
APPROVER: Role = "approver"
IN_CHARGE: Role = "officer-in-charge"
VIEWER: Role = "viewer"
CONTACT: Role = "unit-contact"

ROLES: tuple[Role, ...] = (ADMINISTRATOR, SECURITY, AUDITOR, OPERATOR, APPROVER, IN_CHARGE, VIEWER, CONTACT)
ALL: frozenset[Role] = frozenset(ROLES)
READ = "read"
WHOAMI, ONESELF, TOKENS = "whoami", "oneself", "token.own"
"""Who one is, actions on one's own account, and on one's own tokens: whoever is logged in, with or without a role."""
OWN: frozenset[str] = frozenset({WHOAMI, ONESELF, TOKENS})
BEFORE_ALL: frozenset[str] = frozenset({WHOAMI, ONESELF})
"""What is left to somebody who must change the password or set up the second factor first: a token would be a way round it."""
PUSH, SIGN, FOUND = "device.push", "report.sign", "setup.found"

PERMISSIONS: dict[str, frozenset[Role]] = {
    # what exists and what is happening
    READ: ALL,
    "inventory.export": ALL - {CONTACT},
    "inventory.import": frozenset({ADMINISTRATOR}),
    "inventory.edit": frozenset({ADMINISTRATOR}),
    "inventory.sync": frozenset({ADMINISTRATOR, OPERATOR}),
    "inventory.crawl": frozenset({ADMINISTRATOR}),
    "source.list": frozenset({ADMINISTRATOR, SECURITY, AUDITOR, OPERATOR}),
    "source.add": frozenset({ADMINISTRATOR}),
    "source.set": frozenset({ADMINISTRATOR}),
    "source.test": frozenset({ADMINISTRATOR, OPERATOR}),
    "source.push": frozenset({ADMINISTRATOR}),
    "source.remove": frozenset({ADMINISTRATOR}),
    "device.replace": frozenset({ADMINISTRATOR}),
    "reservation.add": frozenset({ADMINISTRATOR, OPERATOR}),
    "reservation.remove": frozenset({ADMINISTRATOR, OPERATOR}),
    "probe.add": frozenset({ADMINISTRATOR}),
    "probe.set": frozenset({ADMINISTRATOR}),
    "probe.remove": frozenset({ADMINISTRATOR}),
    "probe.test": frozenset({ADMINISTRATOR, OPERATOR}),
    "rule.test": frozenset({ADMINISTRATOR, SECURITY, AUDITOR, OPERATOR}),
    "rule.reload": frozenset({ADMINISTRATOR}),
    "event.search": frozenset({ADMINISTRATOR, SECURITY, AUDITOR, OPERATOR}),
    "capacity.report": frozenset({ADMINISTRATOR, AUDITOR, OPERATOR}),
    # what the sources say against each other
    "queue.list": ALL - {CONTACT},
    "queue.accept": frozenset({ADMINISTRATOR}),
    "queue.reject": frozenset({ADMINISTRATOR}),
    "queue.rule-list": ALL - {CONTACT},
    "queue.rule-add": frozenset({ADMINISTRATOR}),
    "queue.rule-remove": frozenset({ADMINISTRATOR}),
    # one's own account: secret, second factor, tokens, sessions
    WHOAMI: ALL,
    ONESELF: ALL,
    TOKENS: ALL,
    # accounts are made by the administrator; what they may do is given by the security officer
    "user.list": frozenset({ADMINISTRATOR, SECURITY, AUDITOR}),
    "user.add": frozenset({ADMINISTRATOR}),
    "user.set": frozenset({ADMINISTRATOR}),
    "user.disable": frozenset({ADMINISTRATOR, SECURITY}),
    "user.enable": frozenset({ADMINISTRATOR}),
    "user.unlock": frozenset({SECURITY}),
    "user.reset-secret": frozenset({ADMINISTRATOR, SECURITY}),
    "user.reset-totp": frozenset({SECURITY, ADMINISTRATOR}),
    "grant.list": frozenset({ADMINISTRATOR, SECURITY, AUDITOR}),
    "grant.add": frozenset({SECURITY}),
    "grant.remove": frozenset({SECURITY}),
    "session.list": frozenset({SECURITY, AUDITOR}),
    "session.end": frozenset({SECURITY}),
    "token.list-all": frozenset({SECURITY, AUDITOR}),
    "token.revoke-any": frozenset({SECURITY}),
    FOUND: frozenset({ADMINISTRATOR}),
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
    # who is told of what
    "notify.list": frozenset({ADMINISTRATOR, SECURITY, AUDITOR, OPERATOR}),
    "notify.set": frozenset({ADMINISTRATOR}),
    "notify.test": frozenset({ADMINISTRATOR, OPERATOR}),
    # secrets
    "credential.list": frozenset({ADMINISTRATOR, SECURITY, AUDITOR, OPERATOR}),
    "credential.add": frozenset({ADMINISTRATOR}),
    "credential.set": frozenset({ADMINISTRATOR}),
    "credential.remove": frozenset({ADMINISTRATOR}),
    "credential.test": frozenset({ADMINISTRATOR, OPERATOR}),
    "credential.rotate": frozenset({SECURITY}),
    "credential-set.list": frozenset({ADMINISTRATOR, SECURITY, AUDITOR, OPERATOR}),
    "credential-set.add": frozenset({ADMINISTRATOR}),
    "credential-set.remove": frozenset({ADMINISTRATOR}),
    "credential-set.test": frozenset({ADMINISTRATOR, OPERATOR}),
    "hostkey.list": frozenset({ADMINISTRATOR, SECURITY, AUDITOR, OPERATOR}),
    "hostkey.accept": frozenset({SECURITY}),
    "hostkey.remove": frozenset({SECURITY}),
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
    "alert.ack": frozenset({ADMINISTRATOR, OPERATOR}),
    "alert.comment": frozenset({ADMINISTRATOR, SECURITY, OPERATOR, APPROVER, IN_CHARGE}),
    "alert.close": frozenset({ADMINISTRATOR, OPERATOR}),
    # what reaches real devices, and what carries a signature
    PUSH: frozenset({OPERATOR}),
    SIGN: frozenset({IN_CHARGE}),
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
"""Pairs of roles that no person holds together, at no place (三员分立): who grants, who acts and who reviews are three."""

FILTERED: frozenset[str] = frozenset({
    READ, "inventory.export", "job.list", "schedule.list", "window.list", "approval.list", "queue.list", "alert.ack", "alert.comment",
    "alert.close", "rule.test",
})
"""Actions on lists of which everybody gets the rows within the own scope (`core.scopes.visible`): a grant for some places is enough to ask.
Every other action on what belongs to no place needs a grant for everywhere."""
NEVER_IN_TRIAL: frozenset[str] = frozenset({PUSH, SIGN})
"""The trial mode only reads real devices, and nothing of it is ever signed."""
AFTER_TRIAL: frozenset[str] = frozenset({WHOAMI, "inventory.export", "node.export", "node.backup", FOUND, "hub.stop"})
"""What is left when the trial's days are used up: to take one's data along, or to begin in earnest."""
NEVER_BY_TOKEN: frozenset[str] = frozenset({
    ONESELF, TOKENS, "approval.decide", "approval.delegate", "user.add", "user.set", "user.disable", "user.enable", "user.unlock",
    "user.reset-secret", "user.reset-totp", "grant.add", "grant.remove", "session.end", "token.revoke-any", "hostkey.accept",
    "hostkey.remove", "credential.rotate", SIGN, FOUND,
})
"""A person's own word: a program's token cannot give it."""
EVERYWHERE_ONLY: frozenset[Role] = frozenset(OFFICES)
"""Roles that are never given for some places only."""

READ_ACTION: dict[str, str] = {
    **dict.fromkeys(MODEL, READ), "edge": READ, "statement": READ, "difference": "queue.list", "accept_rule": "queue.rule-list",
    "source": "source.list", "probe": READ, "alert": READ, "credential": "credential.list",
    "account": "user.list", "role_grant": "grant.list", "api_token": "token.list-all", "approval": "approval.list",
    "delegation": "approval.list", "job": "job.list", "schedule": "schedule.list", "time_window": "window.list",
    "credential_set": "credential-set.list", "credential_tries": "credential-set.list", "host_key": "hostkey.list",
    "journal": "audit.search",
    **dict.fromkeys(("notice_channel", "notice_contact", "notice_route", "notice"), "notify.list"),
}
"""The action that reads records of a kind. Kinds that are not here are never served."""


def allowed(roles: frozenset[Role], action: str) -> bool:
    """Whether one of the roles may do this somewhere."""
    return bool(PERMISSIONS.get(action, frozenset()) & roles)


def conflict(roles: frozenset[Role]) -> tuple[Role, Role] | None:
    """Two of the roles that no person may hold together; None: they go together."""
    return next(((one, other) for one, other in EXCLUSIVE if one in roles and other in roles), None)
