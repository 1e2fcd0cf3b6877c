"""The newest events in memory: filtered and sorted as the screens see them."""

from collections.abc import Callable, Iterable
from operator import attrgetter
from typing import Any

import msgspec

from agents.hub.filtering import MAX_WORDS, Filter, bounds, known
from agents.hub.sight import EVERYTHING, Sight
from core.events import EventRow
from core.views import DeviceRow

NEWEST = 20_000
FIELDS = tuple(f.name for f in msgspec.structs.fields(EventRow) if f.name not in ("fields", "said", "odd_values"))
OF_DEVICE = ("site", "county", "unit", "role", "platform")
PRIORITY = "priority"


class Book:
    """By id; an event that grew replaces what it was. device: the row of a device by its id."""

    def __init__(self, device: Callable[[str], DeviceRow | None], most: int = NEWEST) -> None:
        self._device, self._most = device, most
        self._rows: dict[str, EventRow] = {}
        self._words: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._rows)

    def put(self, rows: Iterable[EventRow]) -> None:
        """In the order in which they were said."""
        for row in rows:
            self._rows.pop(row.id, None)
            self._rows[row.id] = row
            self._words[row.id] = _words(row)
        while len(self._rows) > self._most:
            oldest = next(iter(self._rows))
            del self._rows[oldest], self._words[oldest]

    def window(self, query: Filter, sight: Sight = EVERYTHING) -> tuple[list[EventRow], int]:
        """Newest first, or by `sort`. `where.priority` takes this severe or more; the others what is equal."""
        rows = [row for row in reversed(list(self._rows.values())) if self._sees(sight, row.device_id)]
        for field, value in query.where.items():
            rows = self._equal(rows, field, value)
        for word in query.text.casefold().split()[:MAX_WORDS]:
            rows = [row for row in rows if word in self._words.get(row.id, "")]
        if query.sort not in ("name", "-at_ms", "-last_ms"):
            rows.sort(key=attrgetter(known(query.sort.removeprefix("-"), FIELDS)), reverse=query.sort.startswith("-"))
        start, end = bounds(query)
        return rows[start:end], len(rows)

    def _equal(self, rows: list[EventRow], field: str, value: str) -> list[EventRow]:
        if field == PRIORITY and value.isascii() and value.isdigit():
            most = int(value[:3])
            return [row for row in rows if row.priority <= most]
        if field in OF_DEVICE:
            take = attrgetter(field)
            return [row for row in rows if (device := self._device(row.device_id)) is not None and str(take(device)) == value]
        take = attrgetter(known(field, (*FIELDS, *OF_DEVICE)))
        return [row for row in rows if str(take(row)) == value]

    def _sees(self, sight: Sight, device_id: str) -> bool:
        """Who sees only a part sees nothing of devices that nobody knows."""
        if sight.everything:
            return True
        device = self._device(device_id) if device_id else None
        return device is not None and sight.sees(device.unit, device.site)


def _words(row: EventRow) -> str:
    said: tuple[Any, ...] = tuple(row.said.values())
    return "\n".join((row.device, row.source, row.host, row.mnemonic, row.program, row.text, *said)).casefold()
