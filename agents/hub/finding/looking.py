"""Search over the records: the store finds, this says what it found, to whom it may be told, and what was perhaps meant."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any

from agents.hub.sight import Sight
from core.errors import InvalidInputError, NotFoundError
from core.finding import Found, SearchAnswer
from core.i18n import tr
from core.model import KEYED, MODEL
from core.ports import Hit, ListQuery, RecordStore
from core.terms import parse, shorter
from inventory.finding.places import Find, place
from inventory.finding.showing import found

MOST = 500
MOST_SEARCHED = 2000
"""Hits that are looked at one by one for a caller who sees some places only."""
MOST_NEAR = 5
PLACED = frozenset(kind for kind, noun in MODEL.items() if kind in ("unit", "site") or {"unit", "site"} & set(noun.__struct_fields__))
"""Kinds that say themselves to which unit or site they belong, so that the store can tell who sees them."""


def search(store: RecordStore, text: str, kinds: Sequence[str], limit: int, sight: Sight) -> SearchAnswer:
    """At most `limit` objects. Raises `InvalidInputError` where there is nothing to look for."""
    words = parse(text)
    if not words:
        raise InvalidInputError(
            tr("There is nothing to look for in {text}.", text=repr(text[:64])),
            way_out=tr("Name a word, an address, a prefix, a MAC address, or the first letters in pinyin."),
        )
    find = finder(store)
    hits = list(islice(_seen(store, find, text, kinds, limit + 1, sight), limit + 1))
    if not hits:
        return _nothing(store, find, text, kinds, sight)
    rows = tuple(row for hit in hits[:limit] if (row := _row(store, find, hit, words)) is not None)
    return SearchAnswer(text=text, found=rows, more=len(hits) > limit)


def _row(store: RecordStore, find: Find, hit: Hit, words: Any) -> Found | None:
    try:
        return found(find, hit, store.get(hit.kind, hit.id), words)
    except NotFoundError:  # gone since it was found
        return None


def _seen(store: RecordStore, find: Find, text: str, kinds: Sequence[str], limit: int, sight: Sight) -> Iterator[Hit]:
    if sight.everything:
        yield from store.lookup(text, kinds=kinds, limit=limit)
        return
    wanted = kinds or tuple(MODEL)
    units, sites = sight.key()
    own, others = [kind for kind in wanted if kind in PLACED], [kind for kind in wanted if kind not in PLACED]
    hits = list(store.lookup(text, kinds=own, limit=limit, units=units, sites=sites)) if own else []
    if others:
        known = {hit.id for hit in hits}
        more = (hit for hit in store.lookup(text, kinds=wanted, limit=MOST_SEARCHED) if hit.id not in known)
        hits += islice((hit for hit in more if _belongs(store, find, hit, sight)), limit)
    yield from sorted(hits, key=lambda hit: (not hit.exact, hit.kind, hit.name, hit.id))


def _belongs(store: RecordStore, find: Find, hit: Hit, sight: Sight) -> bool:
    try:
        return sight.sees(*place(find, hit.kind, store.get(hit.kind, hit.id)))
    except NotFoundError:
        return False


def _nothing(store: RecordStore, find: Find, text: str, kinds: Sequence[str], sight: Sight) -> SearchAnswer:
    """Which of the words is the one that nothing has, and what sounds or begins alike."""

    def first(words: str, count: int) -> list[Hit]:
        return list(islice(_seen(store, find, words, kinds, count, sight), count)) if parse(words) else []

    singles = text.split()[:8]
    unknown = tuple(one for one in singles if not first(one, 1)) if len(singles) > 1 else ()
    near: dict[str, None] = {}
    for other in islice(shorter(text if len(singles) == 1 else " ".join(unknown[:1])), 12):
        near |= dict.fromkeys(hit.name for hit in first(other, MOST_NEAR) if hit.name)
        if near:
            break
    return SearchAnswer(text=text, near=tuple(near)[:MOST_NEAR], unknown=unknown)


def finder(store: RecordStore) -> Find:
    """Look-ups in a store, each once for one search."""

    @lru_cache(maxsize=1000)
    def find(kind: str, name: str) -> Any:
        if kind not in KEYED:
            return store.find(kind, name)
        page = store.page(kind, ListQuery(where={"key": name}, limit=1))
        return store.get(kind, page.items[0]["id"]) if page.items else None

    return find
