"""What of all rows a caller sees."""

from typing import NamedTuple

from core.identity import Caller
from core.ports import ListQuery
from core.scopes import visible


class Sight(NamedTuple):
    """Rows of these units or at these sites; both None: all rows. Units below a unit are named here too."""

    units: frozenset[str] | None = None
    sites: frozenset[str] | None = None

    @property
    def everything(self) -> bool:
        return self.units is None and self.sites is None

    def key(self) -> tuple[tuple[str, ...] | None, tuple[str, ...] | None]:
        """The same for the same sight."""
        return _listed(self.units), _listed(self.sites)

    def sees(self, unit: str, site: str) -> bool:
        return self.everything or (self.units is not None and unit in self.units) or (self.sites is not None and site in self.sites)

    def within(self, query: ListQuery) -> ListQuery:
        """The same question about the rows that are seen."""
        return query.replace(units=_listed(self.units), sites=_listed(self.sites))


def sight_of(caller: Caller, action: str) -> Sight:
    """What a caller sees by the grants that allow `action`."""
    units, sites = visible(caller, action)
    return Sight(None if units is None else frozenset(units), None if sites is None else frozenset(sites))


def _listed(names: frozenset[str] | None) -> tuple[str, ...] | None:
    return None if names is None else tuple(sorted(names))


EVERYTHING = Sight()
