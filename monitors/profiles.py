"""The catalogue: all profiles, and which of them speak for a device."""

from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

from core.errors import InvalidInputError
from core.polling import Oid
from monitors.pattern import search
from monitors.profile import Join, Match, Profile, oid
from monitors.reading import read_profile


class Catalogue:
    """Profiles ready to be matched. Immutable."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self.profiles = tuple(sorted(profiles, key=lambda p: p.profile))
        self._general = tuple(p for p in self.profiles if not p.match)
        self._by_prefix: dict[Oid, list[tuple[Match, Profile]]] = {}
        self._by_text: list[tuple[Match, Profile]] = []
        for profile in self.profiles:
            for match in profile.match:
                if match.object_id:
                    self._by_prefix.setdefault(oid(match.object_id), []).append((match, profile))
                else:
                    self._by_text.append((match, profile))
        self._check()

    def matching(self, object_id: Oid, descr: str) -> tuple[Profile, ...]:
        """Profiles of a device, the most particular first: longest sysObjectID (with a text first), then text alone, then the general."""
        found: list[tuple[int, int, int, Profile]] = []
        for length in range(len(object_id), 0, -1):
            for match, profile in self._by_prefix.get(object_id[:length], ()):
                if not match.descr or search(match.descr, descr):
                    found.append((-length, 0 if match.descr else 1, -profile.rank, profile))
        found += [(0, 0, -profile.rank, profile) for match, profile in self._by_text if search(match.descr, descr)]
        found.sort(key=lambda f: (*f[:3], f[3].profile))
        return tuple({p.profile: p for p in (*(f[3] for f in found), *self._general)}.values())

    def _check(self) -> None:
        names: set[str] = set()
        general = {name for p in self._general for name in p.tables}
        for profile in self.profiles:
            if profile.profile in names:
                raise InvalidInputError(f"There are two profiles called {profile.profile}.", way_out="Rename one.")
            names.add(profile.profile)
            for rule in profile.measures:
                if rule.table and rule.table not in profile.tables and rule.table not in general:
                    problem = f"Profile {profile.profile}: {rule.table} is a table neither here nor in a general profile."
                    raise InvalidInputError(problem, way_out="Name another table.")
            for table in profile.tables.values():
                for join in table.joins.values():
                    self._check_join(profile, join, general)

    def _check_join(self, profile: Profile, join: Join, general: set[str]) -> None:
        if join.table not in profile.tables and join.table not in general:
            problem = f"Profile {profile.profile}: a join reaches for {join.table}, which is neither here nor in a general profile."
            raise InvalidInputError(problem, way_out=f"Name one of: {', '.join(sorted({*profile.tables, *general}))}.")


def read_catalogue(files: Iterable[tuple[str, str]]) -> Catalogue:
    """A catalogue from (file name, text)."""
    return Catalogue([read_profile(name, text) for name, text in files])


@lru_cache(maxsize=1)
def shipped() -> Catalogue:
    """The profiles that come with the product."""
    folder = resources.files("monitors") / "catalog"
    files = sorted((f for f in folder.iterdir() if f.name.endswith(".yml")), key=lambda f: f.name)
    return read_catalogue((f.name, f.read_text("utf-8")) for f in files)
