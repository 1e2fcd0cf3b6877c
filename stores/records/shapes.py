"""Which nouns the record store holds, and in which of their fields people look for words."""

from typing import Any

from core.objects import BusinessSystem, CredentialRef, Device, Fact, Interface, Link, Site, Unit
from core.signals import Alert
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

DECLARED: dict[str, Shape[Any]] = {shape.table: shape for shape in (UNIT, SYSTEM, SITE, DEVICE, CREDENTIAL)}
KINDS: dict[str, Shape[Any]] = {**DECLARED, ALERT.table: ALERT}
OBSERVED: tuple[Shape[Any], ...] = (INTERFACE, FACT, LINK)
"""What discovery replaces on a device; each row carries the device it was observed on and its place in the list."""

BY_NOUN: dict[type, Shape[Any]] = {shape.noun: shape for shape in KINDS.values()}
