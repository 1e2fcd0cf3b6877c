"""What the kinds of records are called: in the stores, the API and the journal."""

from typing import Any

from core.approval import Approval, Delegation
from core.custody import CredentialSet, CredentialTries, HostKey, SealedSecret
from core.edges import Edge
from core.identity import Account, AccountSecret, ApiToken, Grant, Session
from core.model import MODEL
from core.notices import Channel, Contact, Message, Route
from core.objects import CredentialRef
from core.probes import Probe
from core.review import AcceptRule, Difference, Statement
from core.signals import Alert
from core.sources import SourceConfig
from core.work import Job, Schedule, Window

Kept = Any
"""Every noun that a record store keeps is one of `KEPT`."""

KEPT: dict[str, type[Any]] = {
    **MODEL, "edge": Edge, "credential": CredentialRef, "alert": Alert, "account": Account, "account_secret": AccountSecret,
    "role_grant": Grant, "session": Session, "api_token": ApiToken, "approval": Approval, "delegation": Delegation, "job": Job,
    "schedule": Schedule, "time_window": Window, "sealed_secret": SealedSecret, "credential_set": CredentialSet,
    "credential_tries": CredentialTries, "host_key": HostKey, "statement": Statement,
    "difference": Difference, "accept_rule": AcceptRule, "source": SourceConfig, "notice_channel": Channel, "notice_contact": Contact,
    "notice_route": Route, "notice": Message, "probe": Probe,
}
HIDDEN = frozenset({"account_secret", "session", "sealed_secret"})
"""Never served by a route; the journal says that they changed, not how."""
