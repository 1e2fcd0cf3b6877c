"""Which nouns the record store holds, and in which of their fields people look for words."""

from typing import Any

import msgspec

from core.approval import Approval, Delegation
from core.custody import CredentialSet, CredentialTries, HostKey, SealedSecret
from core.edges import Edge
from core.identity import Account, AccountSecret, ApiToken, Grant, Session
from core.model import KEYED, MODEL
from core.notices import Channel, Contact, Message, Route
from core.objects import BusinessSystem, CredentialRef, Device, Fact, Interface, Link, Site, Station, Unit
from core.probes import Probe
from core.review import AcceptRule, Difference, Statement
from core.signals import Alert
from core.sources import SourceConfig
from core.work import Job, Schedule, Window
from stores.records.columns import Shape

UNIT = Shape("unit", Unit, text=("name", "short_name", "parent", "contact", "chief_data_officer", "data_steward"))
SYSTEM = Shape("system", BusinessSystem, text=("name", "unit", "note"))
SITE = Shape("site", Site, text=("name", "county", "address"))
DEVICE = Shape("device", Device, text=("name", "address", "site", "role", "platform", "unit", "model", "serial", "note"))
CREDENTIAL = Shape("credential", CredentialRef, text=("name", "locator", "username"))
ALERT = Shape("alert", Alert, text=("rule", "instance", "severity", "device_id"), order="raised_at")

INTERFACE = Shape("interface", Interface)
FACT = Shape("fact", Fact)
LINK = Shape("link", Link)
STATION = Shape("station", Station)

EDGE = Shape("edge", Edge, text=("a_port", "b_port", "origin"), order="id")
DECLARED: dict[str, Shape[Any]] = {shape.table: shape for shape in (UNIT, SYSTEM, SITE, DEVICE, CREDENTIAL)}
MODELLED: dict[str, Shape[Any]] = {
    kind: Shape(kind, noun, text=[field.name for field in msgspec.structs.fields(noun) if field.type is str and field.name != "id"])
    for kind, noun in MODEL.items() if kind not in DECLARED
}
"""The rest of the model: every text field is looked through."""
OWN: dict[str, Shape[Any]] = {
    shape.table: shape
    for shape in (
        Shape("account", Account, text=("name", "display_name", "unit")),
        Shape("account_secret", AccountSecret, order="id"),
        Shape("role_grant", Grant, text=("role",), order="id"),
        Shape("session", Session, order="created_at"),
        Shape("api_token", ApiToken, text=("name",)),
        Shape("approval", Approval, text=("title", "author_name", "kind"), order="created_at"),
        Shape("delegation", Delegation, text=("reason",), order="valid_from"),
        Shape("job", Job, text=("kind", "schedule", "author"), order="due_at"),
        Shape("schedule", Schedule, text=("name", "kind")),
        Shape("time_window", Window, text=("name", "reason", "author"), order="starts_at"),
        Shape("sealed_secret", SealedSecret),
        Shape("credential_set", CredentialSet, text=("name",)),
        Shape("credential_tries", CredentialTries, text=("address", "found"), order="address"),
        Shape("host_key", HostKey, text=("address", "fingerprint"), order="address"),
        Shape("statement", Statement, order="id"),
        Shape("difference", Difference, text=("name", "object_kind", "what", "field", "origin", "observed"), order="first_seen"),
        Shape("accept_rule", AcceptRule, text=("name", "note")),
        Shape("source", SourceConfig, text=("name", "kind", "url")),
        Shape("notice_channel", Channel, text=("name", "kind", "url")),
        Shape("notice_contact", Contact, text=("name", "account")),
        Shape("notice_route", Route, text=("name", "note")),
        Shape("notice", Message, text=("contact", "subject"), order="created_at"),
        Shape("probe", Probe, text=("name", "kind", "object", "target")),
    )
}
"""What Yunwang keeps about its own work and people."""
NAMED = frozenset({
    *DECLARED, *(kind for kind in MODELLED if kind not in KEYED), "account", "schedule", "sealed_secret", "credential_set", "accept_rule",
    "source", "probe", "notice_channel", "notice_contact", "notice_route",
})
"""Kinds in which a name is given once."""
KINDS: dict[str, Shape[Any]] = {**DECLARED, **MODELLED, EDGE.table: EDGE, ALERT.table: ALERT, **OWN}
OBSERVED: tuple[Shape[Any], ...] = (INTERFACE, FACT, LINK, STATION)
"""What discovery replaces on a device; each row carries the device it was observed on and its place in the list."""

PAST_EDGE: Shape[Any] = Shape("edge_past", Edge)
"""Edges that ended."""

BY_NOUN: dict[type, Shape[Any]] = {shape.noun: shape for shape in KINDS.values()}
