"""From links as devices report them to edges between devices."""

from collections.abc import Iterable, Mapping

from core.edges import Edge
from core.objects import Device, Link
from inventory.graph.joining import make


def linked(links: Iterable[Link], devices: Iterable[Device]) -> list[Edge]:
    """One edge for each cable, though both its ends report it. A far end is known by its id, its name or its first label.

    Where both ends tell of the cable, what they say of the ports is joined and the confidence is that of two witnesses.
    """
    known = {device.id: device.id for device in devices}
    names = {_short(device.name): device.id for device in devices} | {device.name.casefold(): device.id for device in devices}
    found: dict[tuple[str, str, str, str], Edge] = {}
    for link in links:
        a, b = known.get(link.device_a, ""), _far(link.device_b, known, names)
        if not a or not b or a == b or link.valid_to:
            continue
        near, far = ((a, link.port_a), (b, link.port_b))
        if near > far:
            near, far = far, near
        key = (near[0], near[1], far[0], far[1])
        edge = make("linked", near[0], far[0], link.source, f"device:{link.device_a}", link.valid_from, a_port=near[1],
                    b_port=far[1], confidence=link.confidence)
        before = found.get(key)
        if before is None:
            found[key] = edge
        else:
            sure = 1 - (1 - before.confidence) * (1 - edge.confidence)
            found[key] = before.replace(confidence=sure, valid_from=min(before.valid_from, edge.valid_from))
    return [found[key] for key in sorted(found)]


def _far(name: str, known: Mapping[str, str], names: Mapping[str, str]) -> str:
    return known.get(name) or names.get(name.casefold()) or names.get(_short(name), "")


def _short(name: str) -> str:
    """`sw1.city.example` and `SW1` are one name; an address is itself."""
    return name.casefold() if name.replace(".", "").isdigit() else name.casefold().partition(".")[0]
