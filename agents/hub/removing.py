"""One record removed: refused while others refer to it, which are named."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from agents.hub.edits import check_match
from agents.hub.naming import locate
from agents.hub.records import in_thread
from core.errors import ConflictError, InvalidInputError
from core.i18n import language, tr
from core.identity import Caller
from core.model import KEYED
from core.ports import ListQuery, RecordStore, RecordWrite

if TYPE_CHECKING:
    from agents.hub.hub import Hub

ACTION = "inventory.edit"
_NAMED, _SCANNED = 5, 1000


async def remove_record(hub: "Hub", caller: Caller, kind: str, name: str, if_match: str, *, dry_run: bool) -> Any:
    """The record that was removed, or would be. Raises `ConflictError` while others refer to it."""
    if kind in KEYED:
        raise InvalidInputError(
            tr("Only its platform removes a {kind}.", kind=tr(kind)), way_out=tr("Remove it there; the next import follows."),
        )
    if kind == "credential":
        raise InvalidInputError(tr("A credential is removed with its secret."), way_out=tr("Use `yunwang credential remove`."))
    async with hub.importer.one:
        found = await in_thread(locate, hub.store, kind, name)
        check_match(found, if_match)
        await in_thread(_refuse_referred, hub.store, kind, found)
        if not dry_run:
            await hub.write(caller, lambda write: _delete(write, hub.store, kind, found, if_match))
            await hub.reload()
        return found


def _delete(write: RecordWrite, store: RecordStore, kind: str, record: Any, if_match: str) -> None:
    check_match(write.get(kind, record.id), if_match)
    for group in ("statement", "difference"):
        for item in store.page(group, ListQuery(where={"object_id": record.id}, sort="id", limit=_SCANNED)).items:
            write.delete(ACTION, group, item["id"])
    write.delete(ACTION, kind, record.id)


def _refuse_referred(store: RecordStore, kind: str, record: Any) -> None:
    from inventory.sheets.columns import title

    found = list(referrers(store, kind, record))
    if found:
        named = ", ".join(f"{title(one, language())} {other}" for one, other in found[:_NAMED])
        more = tr(" and {count} more", count=len(found) - _NAMED) if len(found) > _NAMED else ""
        raise ConflictError(
            tr("Others refer to {name}: {others}.", name=record.name[:128], others=named + more),
            way_out=tr("Change or remove these first."),
        )


def referrers(store: RecordStore, kind: str, record: Any) -> Iterator[tuple[str, str]]:
    """Kind and name of every record that names this one."""
    from inventory.sheets.columns import BY_KIND, referring

    word = getattr(record, "key", record.name)
    for other, field in referring(kind):
        columns = BY_KIND[other].columns if other in BY_KIND else ()
        if any(column.field == field and column.many for column in columns):
            yield from ((other, one.name) for one in store.all(other) if word in getattr(one, field))
            continue
        cursor = ""
        while True:
            page = store.page(other, ListQuery(where={field: word}, limit=_SCANNED, cursor=cursor))
            yield from ((other, item["name"] or item.get("key", "")) for item in page.items)
            if not (cursor := page.cursor):
                break
