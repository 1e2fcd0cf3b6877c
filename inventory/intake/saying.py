"""What a noun says, field by field, as canonical JSON; and how such fields become a noun again."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

import msgspec

from core.edges import REFERENCES
from core.errors import InvalidInputError
from core.i18n import tr
from core.model import MODEL

MORE_REFERENCES = {"cable": {"device_a": "device", "device_b": "device"}, "circuit": {"site_a": "site", "site_b": "site"}}
"""Fields that name another object and make no edge by themselves."""
_encode = msgspec.json.Encoder(order="sorted").encode


class Field(NamedTuple):
    """One field of a noun."""

    name: str
    type: Any
    required: bool
    default: Any
    target: str
    """Kind that it names; empty: none."""


@lru_cache(maxsize=128)
def fields_of(kind: str) -> tuple[Field, ...]:
    """All but `id`."""
    targets = {one.field: one.target for one in REFERENCES.get(kind, ())} | MORE_REFERENCES.get(kind, {})
    return tuple(
        Field(f.name, f.type, f.required, None if f.required else f.default, targets.get(f.name, ""))
        for f in msgspec.structs.fields(MODEL[kind]) if f.name != "id"
    )


@lru_cache(maxsize=128)
def by_name(kind: str) -> dict[str, Field]:
    return {field.name: field for field in fields_of(kind)}


def said(kind: str, noun: Any, speaks_of: Iterable[str] | None = None) -> dict[str, str]:
    """What a noun says. speaks_of: the fields that its source knows at all; None: every one.

    Emptiness says nothing. A default that is not empty (`polled`) is said where the source speaks of the field by name.
    """
    wanted = None if speaks_of is None else {"name", *speaks_of}
    out: dict[str, str] = {}
    for field in fields_of(kind):
        if wanted is not None and field.name not in wanted:
            continue
        value = getattr(noun, field.name)
        if field.required:
            is_said = value not in ("", ())
        elif field.default:
            is_said = wanted is not None or value != field.default
        else:
            is_said = bool(value)
        if is_said:
            out[field.name] = text_of(value)
    return out


GUESS = "?"
"""What follows the name of a field in a statement whose source only guesses it: it completes what is new, and contradicts nobody."""


def guessed(kind: str, noun: Any, fields: Iterable[str]) -> dict[str, str]:
    """What a noun only guesses."""
    return {f"{name}{GUESS}": text_of(value) for name in fields if name in by_name(kind) and (value := getattr(noun, name))}


def guesses(statements: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """What statements guess, the first of them first."""
    return {
        name.removesuffix(GUESS): text for fields in reversed(list(statements)) for name, text in fields.items() if name.endswith(GUESS)
    }


def implied(kind: str, record: Any) -> dict[str, str]:
    """What a record declares of which nothing else is known."""
    return said(kind, record)


def text_of(value: Any) -> str:
    return _encode(value).decode()


@lru_cache(maxsize=16_384)
def value_of(text: str) -> Any:
    """Lists as tuples, so that what is returned cannot be changed."""
    value = msgspec.json.decode(text)
    return tuple(value) if isinstance(value, list) else value


def shown(text: str) -> str:
    """Canonical JSON as people read it."""
    if not text:
        return ""
    value = value_of(text)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def made(kind: str, object_id: str, fields: Mapping[str, str]) -> Any:
    """The noun of these fields. Raises `msgspec.ValidationError` where one that it needs is missing."""
    known = by_name(kind)
    values = {name: value_of(text) for name, text in fields.items() if name in known}
    return msgspec.convert({"id": object_id, **values}, MODEL[kind])


def missing_fields(kind: str, fields: Mapping[str, str]) -> tuple[str, ...]:
    """Fields without which there is no such object."""
    return tuple(field.name for field in fields_of(kind) if field.required and field.name not in fields)


def typed(kind: str, name: str, text: str) -> str:
    """What a person typed for a field, as canonical JSON. Raises `InvalidInputError` with what the field takes."""
    field = by_name(kind).get(name)
    if field is None:
        raise InvalidInputError(
            tr("A {kind} has no field {field}.", kind=tr(kind), field=name),
            way_out=tr("Fields: {fields}.", fields=", ".join(by_name(kind))),
        )
    words: Any = text
    if field.type is bool:
        words = {"yes": True, "true": True, "no": False, "false": False, "是": True, "否": False}.get(text.lower(), text)
    elif getattr(field.type, "__origin__", None) is tuple:
        words = [part.strip() for part in text.split(",") if part.strip()]
    try:
        return text_of(msgspec.convert(words, field.type, strict=False))
    except msgspec.ValidationError as error:
        raise InvalidInputError(tr("{field} cannot be {value}: {reason}.", field=name, value=text[:64], reason=str(error))) from None
