"""Which rows of the living picture, in which order, and what changed in it."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import msgspec

from core.errors import InvalidInputError
from core.i18n import tr
from core.messages import LiveDevice
from core.nouns import Noun
from core.views import AlertRow, DeviceRow

DEVICE_FIELDS = tuple(f.name for f in msgspec.structs.fields(DeviceRow))
ALERT_FIELDS = tuple(f.name for f in msgspec.structs.fields(AlertRow) if f.name not in ("evidence", "comments", "said", "hints"))
ALERT_WHERE = tuple(dict.fromkeys((*ALERT_FIELDS, *(name for name in DEVICE_FIELDS if name not in ("id", "name")))))
LIVE_FIELDS = tuple(f.name for f in msgspec.structs.fields(LiveDevice) if f.name != "id")
MAX_LIMIT = 50_000
MAX_WORDS = 16

R = TypeVar("R", DeviceRow, AlertRow)


class Filter(Noun, frozen=True, kw_only=True):
    """Which rows, in which order, from where: the part of a query that both tables understand."""

    text: str = ""
    """Every word must occur somewhere in the row."""
    where: dict[str, str] = {}
    sort: str = "name"
    offset: int = 0
    limit: int = 200


class Changes:
    """What changed since the last look."""

    def __init__(self) -> None:
        self.devices: set[str] = set()
        self.alerts = False
        self.reloaded = False
        self.health = False
        self.interfaces: set[str] = set()
        self.kinds: set[str] = set()
        """Kinds of records that were written."""

    def __bool__(self) -> bool:
        return bool(self.devices or self.interfaces or self.alerts or self.reloaded or self.health or self.kinds)


def equal(rows: list[R], take: Callable[[R], Any], value: str) -> list[R]:
    return [row for row in rows if str(take(row)) == value]


def with_words(rows: list[R], text: str, words: Mapping[str, str]) -> list[R]:
    for word in text.casefold().split()[:MAX_WORDS]:
        rows = [row for row in rows if word in words[row.id]]
    return rows


def known(field: str, fields: tuple[str, ...]) -> str:
    """The field, when it is one of these. Raises `InvalidInputError` that names them."""
    if field not in fields:
        raise InvalidInputError(
            tr("There is no field {field} to filter or sort by.", field=field), way_out=tr("Fields: {fields}.", fields=", ".join(fields)),
        )
    return field


def bounds(query: Filter) -> tuple[int, int]:
    start = max(query.offset, 0)
    return start, start + min(max(query.limit, 1), MAX_LIMIT)
