"""What belongs to nobody 无主资产."""

import ipaddress
from collections.abc import Iterable

from core.review import Difference
from inventory.intake.differing import made_line
from inventory.intake.world import Draft


def unowned(draft: Draft) -> Iterable[Difference]:
    """Devices, projects and addresses that belong to no unit 无主资产."""
    for record in draft.records.get("device", {}).values():
        if not record.unit:
            yield made_line(draft, "device", "unowned", record.id, "unit", record=record, observed=record.address)
    tenants = {tenant.key: tenant.unit for tenant in draft.records.get("tenant", {}).values()}
    for record in draft.records.get("project", {}).values():
        if not record.unit and not tenants.get(record.tenant):
            yield made_line(draft, "project", "unowned", record.id, "unit", record=record)
    owned = owned_prefixes(draft)
    for record in draft.records.get("ip_address", {}).values():
        if not record.unit and not owned.holds(record.vpn, record.address):
            yield made_line(draft, "ip_address", "unowned", record.id, "unit", record=record, observed=record.address)
    yield from _orphans(draft)


def _orphans(draft: Draft) -> Iterable[Difference]:
    """Machines of a project that is not there: the owner of the others is their project's."""
    for record in draft.records.get("vm", {}).values():
        if draft.named("project", record.project) is None:
            yield made_line(draft, "vm", "unowned", record.id, "project", record=record, observed=record.project)


class OwnedPrefixes:
    """Networks that belong to a unit, by VPN."""

    def __init__(self) -> None:
        self._nets: dict[str, dict[tuple[int, int], set[int]]] = {}

    def add(self, vpn: str, prefix: str) -> None:
        try:
            net = ipaddress.ip_network(prefix, strict=False)
        except ValueError:
            return
        self._nets.setdefault(vpn, {}).setdefault((net.version, net.prefixlen), set()).add(int(net.network_address))

    def holds(self, vpn: str, address: str) -> bool:
        try:
            found = ipaddress.ip_address(address)
        except ValueError:
            return False
        number = int(found)
        for (version, length), nets in self._nets.get(vpn, {}).items():
            if version == found.version and (number >> (found.max_prefixlen - length) << (found.max_prefixlen - length)) in nets:
                return True
        return False


def owned_prefixes(draft: Draft) -> OwnedPrefixes:
    found = OwnedPrefixes()
    for record in draft.records.get("prefix", {}).values():
        if record.unit:
            found.add(record.vpn, record.prefix)
    for point in draft.records.get("access_point", {}).values():
        if point.prefix:
            found.add(point.vpn, point.prefix)
    return found
