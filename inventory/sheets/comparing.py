"""What differs between two states of a record."""

from typing import Any

import msgspec

from core.history import ChangeKind, FieldChange, ObjectChange


def compared(kind: str, before: Any, after: Any) -> ObjectChange | None:
    """before, after: nouns of this kind, None where there is none. None: nothing differs but the id."""
    left, right = _fields(before), _fields(after)
    if before is None or after is None:
        fields = tuple(
            FieldChange(field=name, before=left.get(name), after=right.get(name)) for name in left or right
            if name != "name" and (left.get(name) or right.get(name)) not in (None, "", [], ())
        )
        what: ChangeKind = "removed" if after is None else "added"
    else:
        fields = tuple(FieldChange(field=name, before=left[name], after=right[name]) for name in right if left[name] != right[name])
        what = "changed"
        if not fields:
            return None
    known = after if before is None else before
    return ObjectChange(kind=kind, id=known.id, name=known.name or getattr(known, "key", ""), what=what, fields=fields)


def _fields(record: Any) -> dict[str, Any]:
    if record is None:
        return {}
    return {name: msgspec.to_builtins(value) for name, value in msgspec.structs.asdict(record).items() if name != "id"}
