"""Which device an address means: its management address, else any other that discovery found on it, of the same VPN instance.

Traps and lines come from the network that the management addresses lie in. An address of another VPN instance of a device says nothing
there: the same may be anybody's. What two devices bear (VRRP, anycast, doubled networks) means neither.
"""

import ipaddress
from collections.abc import Iterable

from core.messages import Observed
from core.views import DeviceRow


class Bearing:
    """Own addresses of devices with their VPN instances, as they told them last."""

    def __init__(self) -> None:
        self.version = 0
        self._own: dict[str, frozenset[tuple[str, str]]] = {}

    def learn(self, found: Observed) -> None:
        """The facts `address` (`ADDRESS/LENGTH PORT VRF`) and `vrf` (`NAME RD`)."""
        vrfs = [fact.value.split(" ")[0] for fact in found.facts if fact.field == "vrf"]
        own = frozenset(
            (address, next((vrf for vrf in vrfs if fact.value.endswith(f" {vrf}")), ""))
            for fact in found.facts
            if fact.field == "address" and (address := _own(fact.value))
        )
        if self._own.get(found.device_id, frozenset()) != own:
            self._own[found.device_id] = own
            self.version += 1

    def owners(self, rows: Iterable[DeviceRow]) -> dict[str, str]:
        """The device of each address that means one."""
        management: dict[str, set[str]] = {}
        others: dict[str, set[str]] = {}
        for row in rows:
            own = self._own.get(row.id, frozenset())
            address = str(_address(row.address) or "")
            if address:
                management.setdefault(address, set()).add(row.id)
            within = next((vrf for one, vrf in own if one == address), "")
            for one, vrf in own:
                if vrf == within:
                    others.setdefault(one, set()).add(row.id)
        return {address: next(iter(ids)) for address, ids in (others | management).items() if len(ids) == 1}


def _address(text: str) -> "ipaddress.IPv4Address | ipaddress.IPv6Address | None":
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        return None


def _own(fact: str) -> str:
    """Empty: it is no address, or every device has it for itself."""
    from inventory.crawl.addressing import is_own

    address = _address(fact.partition(" ")[0].partition("/")[0])
    return str(address) if address is not None and is_own(address) else ""
