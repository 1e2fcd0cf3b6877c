"""The catalogue: all profiles, and which of them speak for a device."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from core.errors import InvalidInputError
from core.polling import Oid
from core.text import Value, text_of
from monitors.hostnames import without_host_name
from monitors.pattern import search
from monitors.profile import Join, Match, Profile, oid

MOST_PROBES = 96
"""Scalars that are asked to find out what a device is; two or three datagrams."""
_NOTHING: Mapping[Oid, Value] = MappingProxyType({})


class Catalogue:
    """Profiles ready to be matched. Immutable."""

    def __init__(self, profiles: Iterable[Profile], *, checked: bool = False) -> None:
        """checked: these profiles were together in a catalogue before. Raises `InvalidInputError`."""
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
        if not checked:
            self._check()

    def matching(self, object_id: Oid, descr: str, probed: Mapping[Oid, Value] = _NOTHING) -> tuple[Profile, ...]:
        """Profiles of a device, the most particular first: longest sysObjectID (a probe first, then a text), then text alone, then general.

        probed: what the scalars of `probes` said; a profile matched by one of them alone comes before those that are matched by text alone.
        """
        found = [
            (-length, 0 if match.probe else 1 if match.descr else 2, -profile.rank, profile)
            for length, match, profile in self._candidates(object_id, descr)
            if not match.probe or _said(match, probed)
        ]
        found.sort(key=lambda f: (*f[:3], f[3].profile))
        return tuple({p.profile: p for p in (*(f[3] for f in found), *self._general)}.values())

    def probes(self, object_id: Oid, descr: str) -> tuple[Oid, ...]:
        """Scalars that tell which of several profiles are meant; bounded."""
        wanted = [oid(match.probe) for _, match, _ in self._candidates(object_id, descr) if match.probe]
        return tuple(dict.fromkeys(wanted))[:MOST_PROBES]

    def _candidates(self, object_id: Oid, descr: str) -> Iterator[tuple[int, Match, Profile]]:
        """Matches whose sysObjectID and text hold, with the length of the first."""
        descr = without_host_name(descr)
        for length in range(len(object_id), 0, -1):
            for match, profile in self._by_prefix.get(object_id[:length], ()):
                if not match.descr or search(match.descr, descr):
                    yield length, match, profile
        for match, profile in self._by_text:
            if not match.descr or search(match.descr, descr):
                yield 0, match, profile

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
                for gate in (table.ask_if, table.ask_unless):
                    if gate and not gate.lstrip(".")[0].isdigit() and gate not in profile.tables and gate not in general:
                        problem = f"Profile {profile.profile}: a table asks for {gate}, which is neither here nor in a general profile."
                        raise InvalidInputError(problem, way_out="Name another table, or a full OID.")
                for join in table.joins.values():
                    self._check_join(profile, join, general)

    def _check_join(self, profile: Profile, join: Join, general: set[str]) -> None:
        if join.table not in profile.tables and join.table not in general:
            problem = f"Profile {profile.profile}: a join reaches for {join.table}, which is neither here nor in a general profile."
            raise InvalidInputError(problem, way_out=f"Name one of: {', '.join(sorted({*profile.tables, *general}))}.")


def read_catalogue(texts: Iterable[tuple[str, str]]) -> Catalogue:
    """A catalogue from (file name, text)."""
    from monitors.reading import read_profiles

    return Catalogue([profile for name, text in texts for profile in read_profiles(name, text)])


def _said(match: Match, probed: Mapping[Oid, Value]) -> bool:
    value = probed.get(oid(match.probe))
    if value is None or not match.value:
        return value is not None
    return search(match.value, str(value) if isinstance(value, int) else text_of(value)) is not None


@lru_cache(maxsize=1)
def shipped() -> Catalogue:
    """The profiles that come with the product, read from their files; `agents.catalogue` keeps them ready."""
    return read_catalogue(files())


def extended(base: Catalogue, more: Iterable[tuple[str, str]]) -> Catalogue:
    """A catalogue with the profiles of some files (name, text); one of the same name replaces that of the base."""
    from monitors.reading import read_profiles

    own = {profile.profile: profile for name, text in more for profile in read_profiles(name, text)}
    return Catalogue([*(one for one in base.profiles if one.profile not in own), *own.values()]) if own else base


def text_of_profile(name: str) -> str:
    """The file of a shipped profile; nothing for one that is a line of a file of families."""
    return next((text for _, text in files() if re.search(rf"^profile: ['\"]?{re.escape(name)}['\"]?\s*$", text, re.MULTILINE)), "")


def files() -> list[tuple[str, str]]:
    """Name and text of each shipped file, in order."""
    folder = resources.files("monitors") / "catalog"
    found = sorted((f for f in folder.iterdir() if f.name.endswith(".yml")), key=lambda f: f.name)
    return [(f.name, f.read_text("utf-8")) for f in found]
