"""Records by what people call them."""

from typing import Any

from core.errors import InvalidInputError, NotFoundError
from core.i18n import tr
from core.model import KEYED, LISTED
from core.ports import ListQuery, RecordStore


def locate(store: RecordStore, kind: str, name: str) -> Any:
    """By name, or by key where the kind has keys, then by a name that only one bears. Raises `NotFoundError`, `InvalidInputError`."""
    found = _keyed(store, kind, name) if kind in KEYED else store.find(kind, name)
    if found is None:
        raise NotFoundError(tr("There is no {kind} named {name}.", kind=tr(kind), name=name[:128]))
    return found


def _keyed(store: RecordStore, kind: str, name: str) -> Any:
    for field in ("key", "name"):
        page = store.page(kind, ListQuery(where={field: name}, limit=2))
        if page.total > 1:
            raise InvalidInputError(tr("Several objects are called {name}.", name=name[:128]), way_out=tr("Name it by its id or key."))
        if page.total:
            return store.get(kind, page.items[0]["id"])
    return None


def must_be_listed(kind: str) -> None:
    """Raises where there is no such kind of record."""
    if kind not in LISTED:
        raise InvalidInputError(
            tr("There is no kind of record named {kind!r}.", kind=kind[:64]), way_out=tr("Kinds: {kinds}.", kinds=", ".join(LISTED)),
        )
