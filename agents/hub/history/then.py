"""Questions about the past, answered out of the journal."""

from collections.abc import Sequence
from typing import Any

import msgspec

from agents.hub.naming import locate
from agents.hub.records import now_ms
from agents.hub.sight import Sight
from core.errors import InvalidInputError, NotFoundError
from core.history import MOST, Changes, ObjectChange, ObjectThen
from core.i18n import tr
from core.model import KEYED
from core.ports import Past, RecordStore


def changes(store: RecordStore, start_ms: int, end_ms: int, kinds: Sequence[str], sight: Sight) -> Changes:
    """Objects that the caller sees, or saw, and that are not at the end what they were at the start. end_ms 0: now."""
    from inventory.sheets.comparing import compared

    end = end_ms or now_ms()
    if not 0 <= start_ms <= end:
        raise InvalidInputError(tr("The period makes no sense."), way_out=tr("It ends after it begins."))
    found: list[ObjectChange] = [
        change for past in store.changed(start_ms, end_ms, kinds)
        if _seen(past, sight) and (change := compared(past.kind, past.before, past.after))
    ]
    return Changes(start_ms=start_ms, end_ms=end, objects=tuple(found[:MOST]), total=len(found))


def _seen(past: Past, sight: Sight) -> bool:
    return sight.everything or any(one is not None and sight.sees(*place_of(past.kind, one)) for one in (past.before, past.after))


def place_of(kind: str, record: Any) -> tuple[str, str]:
    """Unit and site that a record belongs to; empty: none."""
    unit = record.name if kind == "unit" else getattr(record, "unit", "")
    return unit, record.name if kind == "site" else getattr(record, "site", "")


def then(store: RecordStore, kind: str, name: str, at_ms: int, sight: Sight) -> ObjectThen:
    """One object as it was, by the name or key that it has now or had then. Raises `NotFoundError`."""
    at = at_ms or now_ms()
    object_id = _id_of(store, kind, name, at)
    record = store.object_at(kind, object_id, at)
    if record is not None and not sight.everything and not sight.sees(*place_of(kind, record)):
        raise NotFoundError(tr("There is no {kind} named {name}.", kind=tr(kind), name=name[:128]))
    fields = None if record is None else {field: msgspec.to_builtins(value) for field, value in msgspec.structs.asdict(record).items()}
    return ObjectThen(kind=kind, id=object_id, at_ms=at, record=fields)


def _id_of(store: RecordStore, kind: str, name: str, at_ms: int) -> str:
    try:
        found: str = locate(store, kind, name).id
    except NotFoundError:
        called = "key" if kind in KEYED else "name"
        for past in store.changed(at_ms, 0, (kind,)):
            if past.before is not None and name in (getattr(past.before, called), past.before.name):
                return past.id
        raise
    return found
