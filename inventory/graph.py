"""One moment of the inventory as a graph: indexes built once, nothing changes afterwards."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TypeVar

from core.errors import NotFoundError
from core.graph import GraphView
from core.i18n import tr
from core.objects import BusinessSystem, Device, Link, Site, Unit

T = TypeVar("T", Unit, BusinessSystem, Site, Device)


class FrozenGraph:
    """A `core.graph.GraphView` in memory."""

    __slots__ = ("_devices", "_links", "_neighbours", "_revision", "_sites", "_systems", "_units")

    def __init__(self, revision: int, units: Iterable[Unit], systems: Iterable[BusinessSystem], sites: Iterable[Site],
                 devices: Iterable[Device], links: Iterable[Link]) -> None:
        self._revision = revision
        self._units, self._systems, self._sites = _by_id(units), _by_id(systems), _by_id(sites)
        self._devices = _by_id(devices)
        self._links = _by_device([link for link in links if link.valid_to == 0], self._devices)
        self._neighbours = {device_id: frozenset(_far_ends(device_id, held, self._devices)) for device_id, held in self._links.items()}

    @property
    def revision(self) -> int:
        return self._revision

    def device(self, device_id: str) -> Device:
        return self._known(device_id)

    def devices(self) -> Iterable[Device]:
        return self._devices.values()

    def sites(self) -> Iterable[Site]:
        return self._sites.values()

    def units(self) -> Iterable[Unit]:
        return self._units.values()

    def systems(self) -> Iterable[BusinessSystem]:
        return self._systems.values()

    def links_of(self, device_id: str) -> tuple[Link, ...]:
        self._known(device_id)
        return self._links.get(device_id, ())

    def neighbours(self, device_id: str) -> frozenset[str]:
        self._known(device_id)
        return self._neighbours.get(device_id, frozenset())

    def _known(self, device_id: str) -> Device:
        try:
            return self._devices[device_id]
        except KeyError:
            raise NotFoundError(tr("There is no device with the id {id}.", id=device_id[:64])) from None


def build_view(revision: int, units: Iterable[Unit], systems: Iterable[BusinessSystem], sites: Iterable[Site], devices: Iterable[Device],
               links: Iterable[Link]) -> GraphView:
    """A frozen view. A link whose far end is no known device is kept with the near end and makes no neighbour."""
    return FrozenGraph(revision, units, systems, sites, devices, links)


def _by_id(records: Iterable[T]) -> Mapping[str, T]:
    return MappingProxyType({record.id: record for record in records})


def _by_device(links: Iterable[Link], devices: Mapping[str, Device]) -> dict[str, tuple[Link, ...]]:
    found: dict[str, list[Link]] = {}
    for link in links:
        for end in {link.device_a, link.device_b} & devices.keys():
            found.setdefault(end, []).append(link)
    return {end: tuple(sorted(held, key=_best_first)) for end, held in found.items()}


def _best_first(link: Link) -> tuple[float, str, str, str, str, str, int]:
    return (-link.confidence, link.device_a, link.port_a, link.device_b, link.port_b, link.source, link.valid_from)


def _far_ends(device_id: str, links: Iterable[Link], devices: Mapping[str, Device]) -> set[str]:
    ends = {end for link in links for end in (link.device_a, link.device_b) if end in devices}
    return ends - {device_id}
