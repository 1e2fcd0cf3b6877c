"""A window on the objects of one kind. Reads of the disk: called in threads."""

from typing import Any

from core.edges import REFERENCES
from core.model import KEYED
from core.ports import ListQuery, RecordStore
from core.rows import ObjectRow

PAGE = 10_000


def objects(store: RecordStore, kind: str, asked: ListQuery, limit: int) -> tuple[list[ObjectRow], int]:
    """The rows from `asked.offset` on, at most `limit` of them, and how many match."""
    names = Names(store)
    asked = asked.replace(where={field: names.key(kind, field, value) for field, value in asked.where.items()})
    found, total = records(store, kind, asked, limit)
    return [row(kind, item, names) for item in found], total


def records(store: RecordStore, kind: str, asked: ListQuery, limit: int) -> tuple[list[dict[str, Any]], int]:
    """The same as plain records."""
    found: list[dict[str, Any]] = []
    page = store.page(kind, asked.replace(limit=max(1, min(PAGE, limit))))
    found += page.items
    while page.cursor and len(found) < limit:
        page = store.page(kind, asked.replace(limit=min(PAGE, limit - len(found)), cursor=page.cursor, offset=0))
        found += page.items
    return found, page.total


def row(kind: str, record: dict[str, Any], names: "Names") -> ObjectRow:
    """What has no name (a port of the cloud) is called by what tells it from others."""
    fields = {field: value for field, value in record.items() if field != "id"}
    name = next((str(fields[field]) for field in ("name", "mac", "address", "key") if fields.get(field)), "")
    return ObjectRow(id=record["id"], kind=kind, name=name, fields=fields, called=names.of(kind, fields))


class Names:
    """What people call the objects that a platform's keys mean. Each is looked up once."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._known: dict[tuple[str, str], str] = {}

    def of(self, kind: str, fields: dict[str, Any]) -> dict[str, str]:
        """By field that holds one key."""
        found: dict[str, str] = {}
        for reference in REFERENCES.get(kind, ()):
            key = fields.get(reference.field)
            if reference.target in KEYED and key and isinstance(key, str):
                found[reference.field] = self._name(reference.target, key)
        return found

    def key(self, kind: str, field: str, value: str) -> str:
        """The key that is meant where people wrote the name of what a field refers to."""
        target = next((one.target for one in REFERENCES.get(kind, ()) if one.field == field and one.target in KEYED), "")
        if not target or self._store.page(target, ListQuery(where={"key": value}, limit=1)).items:
            return value
        named = self._store.page(target, ListQuery(where={"name": value}, limit=1)).items
        return str(named[0]["key"]) if named else value

    def _name(self, kind: str, key: str) -> str:
        if (kind, key) not in self._known:
            page = self._store.page(kind, ListQuery(where={"key": key}, limit=1))
            self._known[kind, key] = str(page.items[0]["name"]) if page.items else ""
        return self._known[kind, key]
