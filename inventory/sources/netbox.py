"""From NetBox's JSON (REST API of NetBox 4, read as docs.netbox.dev describes it) to nouns. What has another shape is passed over."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from core import extranet, network, objects
from core.i18n import tr
from core.nouns import Noun
from inventory.sources.words import PassOver, address, below, items, level, number, platform, prefix, role, text

Item = Mapping[str, Any]
KINDS = ("site", "rack", "device", "vpn_instance", "vlan", "prefix", "ip_address", "circuit", "cable")
"""What is made, in the order in which it is read."""
FIELDS: dict[str, tuple[str, ...]] = {
    "site": ("address",), "rack": ("site", "units_high"), "device": ("address", "site", "platform", "unit", "serial", "model"),
    "vpn_instance": ("rd", "route_targets", "unit"), "vlan": ("vid", "domain", "purpose"),
    "prefix": ("prefix", "vpn", "site", "unit", "vlan", "purpose"), "ip_address": ("address", "vpn", "unit", "purpose"),
    "circuit": ("carrier", "number", "bandwidth_bps"), "cable": ("device_a", "port_a", "device_b", "port_b"),
}
"""Of which fields NetBox speaks. Level and county of a site and the role of a device are guessed (`words.GUESSED`)."""
PAGES: dict[str, str] = {
    "site": "dcim/sites", "rack": "dcim/racks", "device": "dcim/devices", "vpn_instance": "ipam/vrfs", "vlan": "ipam/vlans",
    "prefix": "ipam/prefixes", "ip_address": "ipam/ip-addresses", "circuit": "circuits/circuits", "cable": "dcim/cables",
}
"""Where each kind is read."""


class Reading:
    """Makes nouns of one NetBox. Ids are empty. pass_over: told kind, name and reason of what has no place here."""

    def __init__(self, pass_over: PassOver, options: Mapping[str, str] | None = None) -> None:
        self._pass_over = pass_over
        given = options or {}
        self._roles = {name.partition(".")[2]: value for name, value in given.items() if name.startswith("role.")}
        self._platforms = {name.partition(".")[2]: value for name, value in given.items() if name.startswith("platform.")}
        self._unknown_roles: set[str] = set()
        self.refused: dict[str, int] = {}
        """By kind, how many had another shape."""

    def nouns(self, kind: str, page: Iterable[Any]) -> list[Noun]:
        """The nouns of one page."""
        make: Callable[[Item], Noun | None] = getattr(self, f"_{kind}")
        out: list[Noun] = []
        for item in page:
            made = make(item) if isinstance(item, Mapping) else None
            if made is not None:
                out.append(made)
            else:
                self.refused[kind] = self.refused.get(kind, 0) + 1
        return out

    def _site(self, item: Item) -> Noun | None:
        name = text(item.get("name"))
        region = text(below(item, "region", "name"))
        return objects.Site(
            id="", name=name, level=level(region, name), address=text(item.get("physical_address")),
            county=region if level(region) != "city" else "",
        ) if name else None

    def _rack(self, item: Item) -> Noun | None:
        """Names of racks are unique within their site: here they carry it."""
        name, site = text(item.get("name")), text(below(item, "site", "name"))
        high = number(item.get("u_height")) or 42
        return network.Rack(id="", name=f"{site}/{name}", site=site, units_high=high) if name and site else None

    def _device(self, item: Item) -> Noun | None:
        name = text(item.get("name"))
        if not name:
            self._pass_over("device", f"#{number(item.get('id'))}", tr("It has no name."))
            return None
        reachable = address(below(item, "primary_ip", "address"))
        if not reachable:
            self._pass_over("device", name, tr("It has no primary address."))
            return None
        return objects.Device(
            id="", name=name, address=reachable, site=text(below(item, "site", "name")), role=self._role(item),
            platform=self._platform(item), unit=text(below(item, "tenant", "name")), serial=text(item.get("serial")),
            model=text(below(item, "device_type", "model")),
        )

    def _role(self, item: Item) -> objects.Role:
        slug, name = text(below(item, "role", "slug")), text(below(item, "role", "name"))
        found = role(slug, self._roles) or role(name, self._roles)
        if found is None and slug not in self._unknown_roles:
            self._unknown_roles.add(slug)
            self._pass_over("role", slug, tr("No role here is like it. Say which one it is with the option role.SLUG=ROLE."))
        return found or "other"

    def _platform(self, item: Item) -> str:
        slug, name = text(below(item, "platform", "slug")), text(below(item, "platform", "name"))
        return platform(slug, self._platforms) or platform(name, self._platforms)

    def _vpn_instance(self, item: Item) -> Noun | None:
        name = text(item.get("name"))
        targets = [text(one.get("name")) for side in ("import_targets", "export_targets") for one in items(item.get(side))]
        return extranet.VpnInstance(
            id="", name=name, rd=text(item.get("rd"), 64), unit=text(below(item, "tenant", "name")),
            route_targets=tuple(sorted({one for one in targets if one})[:1000]),
        ) if name else None

    def _vlan(self, item: Item) -> Noun | None:
        """Its domain is its group, else its site."""
        vid, domain = number(item.get("vid")), text(below(item, "group", "name")) or text(below(item, "site", "name"))
        if not 1 <= vid <= 4094:
            return None
        if not domain:
            self._pass_over("vlan", f"{vid} {text(item.get('name'))}", tr("It has neither a group nor a site."))
            return None
        purpose = text(item.get("description")) or text(item.get("name"))
        return network.Vlan(id="", name=f"{domain}/{vid}", vid=vid, domain=domain, purpose=purpose)

    def _prefix(self, item: Item) -> Noun | None:
        found, vpn = prefix(item.get("prefix")), text(below(item, "vrf", "name"))
        scope = text(below(item, "scope", "name")) if item.get("scope_type") == "dcim.site" else text(below(item, "site", "name"))
        return network.Prefix(
            id="", name=f"{vpn}|{found}", prefix=found, vpn=vpn, site=scope, unit=text(below(item, "tenant", "name")),
            purpose=text(item.get("description")),
        ) if found else None

    def _ip_address(self, item: Item) -> Noun | None:
        found, vpn = address(item.get("address")), text(below(item, "vrf", "name"))
        return network.IPAddress(
            id="", name=f"{vpn}|{found}", address=found, vpn=vpn, unit=text(below(item, "tenant", "name")),
            purpose=text(item.get("description")) or text(item.get("dns_name")),
        ) if found else None

    def _circuit(self, item: Item) -> Noun | None:
        """commit_rate is in kbit/s."""
        cid, carrier = text(item.get("cid")), text(below(item, "provider", "name"))
        return extranet.Circuit(
            id="", name=f"{carrier} {cid}".strip(), carrier=carrier, number=cid, bandwidth_bps=number(item.get("commit_rate")) * 1000,
        ) if cid else None

    def _cable(self, item: Item) -> Noun | None:
        """Only between one interface and one other: what runs through patch panels is no link of two devices."""
        ends = [items(item.get(side)) for side in ("a_terminations", "b_terminations")]
        name = text(item.get("label")) or f"cable-{number(item.get('id'))}"
        if any(len(end) != 1 or end[0].get("object_type") != "dcim.interface" for end in ends):
            self._pass_over("cable", name, tr("It does not join two interfaces."))
            return None
        (a, port_a), (b, port_b) = ((text(below(e, "object", "device", "name")), text(below(e, "object", "name"))) for (e,) in ends)
        if not a or not b:
            return None
        return network.Cable(id="", name=f"{a} {port_a} - {b} {port_b}", device_a=a, port_a=port_a, device_b=b, port_b=port_b)
