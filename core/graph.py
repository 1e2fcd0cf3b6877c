"""GraphView: the inventory as the other trades see it, frozen and without a store behind it."""

from collections.abc import Iterable
from typing import Protocol

from core.objects import BusinessSystem, Device, Link, Site, Unit


class GraphView(Protocol):
    """One moment of the inventory. Implementations are immutable; a change makes a new view with a higher `revision`.

    Look-ups by id raise `core.errors.NotFoundError`. The questions of the whole graph (impact, X-ray, what-if) are functions
    that take a view.
    """

    @property
    def revision(self) -> int:
        """Number of the journal row this view was built from."""
        ...

    def device(self, device_id: str) -> Device: ...

    def devices(self) -> Iterable[Device]: ...

    def sites(self) -> Iterable[Site]: ...

    def units(self) -> Iterable[Unit]: ...

    def systems(self) -> Iterable[BusinessSystem]: ...

    def links_of(self, device_id: str) -> tuple[Link, ...]:
        """Links that hold now, in either direction, best confidence first."""
        ...

    def neighbours(self, device_id: str) -> frozenset[str]:
        """Ids of the devices one link away."""
        ...
