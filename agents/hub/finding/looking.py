"""Search over the records: the store finds, this says what it found, to whom it may be told, and what was perhaps meant."""

from collections.abc import Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, NamedTuple

from agents.hub.sight import Sight
from core.errors import InvalidInputError, NotFoundError
from core.finding import Found, SearchAnswer
from core.graph import GraphView
from core.i18n import tr
from core.model import KEYED, MODEL
from core.ports import Hit, ListQuery, RecordStore
from core.terms import Word, parse, shorter
from inventory.finding.places import Find, place, place_in
from inventory.finding.showing import found

MOST_SEARCHED = 2000
"""Hits that are looked at one by one for a caller who sees some places only."""
MOST_NEAR, MOST_TRIED = 5, 8
PLACED = frozenset(kind for kind, noun in MODEL.items() if kind in ("unit", "site") or {"unit", "site"} & set(noun.__struct_fields__))
"""Kinds that say themselves to which unit or site they belong, so that the store can tell who sees them."""


class Looker(NamedTuple):
    """Who looks, and where. view: which object belongs to whom, at hand for a caller who sees some places only; None: sees all."""

    store: RecordStore
    find: Find
    sight: Sight
    view: GraphView | None

    def sees(self, hit: Hit) -> bool:
        """Whether an object that says itself of no unit or site is among what the caller sees."""
        if self.view is None:
            return True
        try:
            node = self.view.node(hit.id)
        except NotFoundError:  # written a moment ago
            return self._sees_written(hit)
        return self.sight.sees(*place_in(self.view, node))

    def _sees_written(self, hit: Hit) -> bool:
        try:
            return self.sight.sees(*place(self.find, hit.kind, self.store.get(hit.kind, hit.id)))
        except NotFoundError:
            return False


def search(store: RecordStore, text: str, kinds: Sequence[str], limit: int, sight: Sight, view: GraphView | None) -> SearchAnswer:
    """At most `limit` objects. Raises `InvalidInputError` where there is nothing to look for. view: needed where `sight` is not all."""
    words = parse(text)
    if not words:
        raise InvalidInputError(
            tr("There is nothing to look for in {text}.", text=repr(text[:64])),
            way_out=tr("Name a word, an address, a prefix, a MAC address, or the first letters in pinyin."),
        )
    looker = Looker(store, finder(store), sight, view)
    hits = _seen(looker, text, kinds, limit + 1)
    if not hits:
        return _nothing(looker, text, kinds)
    rows = tuple(row for hit in hits[:limit] if (row := _row(looker, hit, words)) is not None)
    return SearchAnswer(text=text, found=rows, more=len(hits) > limit)


def _row(looker: Looker, hit: Hit, words: Sequence[Word]) -> Found | None:
    try:
        return found(looker.find, hit, looker.store.get(hit.kind, hit.id), words)
    except NotFoundError:  # gone since it was found
        return None


def _seen(looker: Looker, text: str, kinds: Sequence[str], limit: int) -> list[Hit]:
    store, sight = looker.store, looker.sight
    if sight.everything:
        return list(store.lookup(text, kinds=kinds, limit=limit))
    wanted = kinds or tuple(MODEL)
    units, sites = sight.key()
    own = [kind for kind in wanted if kind in PLACED]
    hits = list(store.lookup(text, kinds=own, limit=limit, units=units, sites=sites)) if own else []
    known = {hit.id for hit in hits}
    more = (hit for hit in store.lookup(text, kinds=wanted, limit=MOST_SEARCHED) if hit.id not in known and looker.sees(hit))
    hits += islice(more, limit)
    return sorted(hits, key=lambda hit: (not hit.exact, hit.kind, hit.name, hit.id))[:limit]


def _nothing(looker: Looker, text: str, kinds: Sequence[str]) -> SearchAnswer:
    """Which of the words is the one that nothing has, and what sounds or begins alike."""

    def first(words: str, count: int) -> list[Hit]:
        return _seen(looker, words, kinds, count) if parse(words) else []

    singles = text.split()[:8]
    unknown = tuple(one for one in singles if not first(one, 1)) if len(singles) > 1 else ()
    for other in islice(shorter(text if len(singles) == 1 else " ".join(unknown[:1])), MOST_TRIED):
        near = tuple(dict.fromkeys(hit.name for hit in first(other, MOST_NEAR) if hit.name))
        if near:
            return SearchAnswer(text=text, near=near, unknown=unknown)
    return SearchAnswer(text=text, unknown=unknown)


def finder(store: RecordStore) -> Find:
    """Look-ups in a store, each once for one search."""

    @lru_cache(maxsize=1000)
    def find(kind: str, name: str) -> Any:
        if kind not in KEYED:
            return store.find(kind, name)
        page = store.page(kind, ListQuery(where={"key": name}, limit=1))
        return store.get(kind, page.items[0]["id"]) if page.items else None

    return find
