"""The City as the spreadsheets that its people would import: one sheet for each kind, headed by the nouns' field names."""

import io
from collections.abc import Mapping, Sequence
from typing import Any

from openpyxl import Workbook

from core.kinds import KEPT
from lab.city import City
from lab.declared import Declared

_HIDDEN: Mapping[str, frozenset[str]] = {
    "vlan": frozenset({"name"}), "prefix": frozenset({"name"}), "ip_address": frozenset({"name"}),
    "policy_rule": frozenset({"hits", "expires_at"}),
}
"""Fields without a column: they follow from others, or no person knows them."""
_SHOWN: Mapping[str, tuple[str, ...]] = {
    "tenant": ("key", "unit"), "project": ("key", "unit", "system"), "host": ("key", "device"),
    "component": ("name", "system", "tier", "needed", "runs_on"),
}


def workbook(city: City, port: int = 161, interval_s: int = 60, locator: str = "env:YUNWANG_LAB_COMMUNITY") -> bytes:
    """An xlsx with every record that people declare. port: where the players answer; locator: where the community is kept."""
    return _book(Declared(city, port, interval_s, locator).first())


def living(city: City, port: int, interval_s: int, locator: str) -> bytes:
    """An xlsx with what must be known before the first device is polled: a part of the whole."""
    return _book(Declared(city, port, interval_s, locator).living())


def placements(city: City) -> bytes:
    """An xlsx with what people add when the cloud was read."""
    return _book(Declared(city).placed())


def _book(records: Mapping[str, Sequence[Any]]) -> bytes:
    book = Workbook(write_only=True)
    for kind, found in records.items():
        sheet = book.create_sheet(kind)
        hidden = _HIDDEN.get(kind, frozenset()) | {"id"}
        fields = _SHOWN.get(kind) or [name for name in KEPT[kind].__struct_fields__ if name not in hidden]
        sheet.append(fields)
        for record in found:
            sheet.append([_cell(getattr(record, name)) for name in fields])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        value = "; ".join(value)
    return value if value != "" else None
