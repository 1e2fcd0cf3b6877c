"""Search: objects of the model that all words of a text fit."""

from collections.abc import Sequence

from core.model import MODEL
from core.ports import Hit, ListQuery
from core.terms import parse, terms
from stores.records import pages
from stores.records.connection import Connection
from stores.records.queries import every, shape_of


def lookup(
    db: Connection, text: str, kinds: Sequence[str], limit: int, units: Sequence[str] | None, sites: Sequence[str] | None,
) -> list[Hit]:
    """Exact ones first, then by kind and name."""
    words, found = parse(text), []
    scope = ListQuery(units=None if units is None else tuple(units), sites=None if sites is None else tuple(sites))
    for kind in kinds or MODEL:
        shape = shape_of(kind)
        for record in every(db, kind) if words else ():
            texts = [value for name in shape.fields if isinstance(value := getattr(record, name), str) and name != "id"]
            held = terms(texts)
            if all(word.fits(held) for word in words) and pages.in_scope(shape, record, scope):
                exact = text.strip().lower() in [value.lower() for value in texts]
                found.append(Hit(kind=kind, id=record.id, name=record.name, exact=exact))
    return sorted(found, key=lambda hit: (not hit.exact, hit.kind, hit.name, hit.id))[:limit]
