"""The City as the spreadsheet that a person would import: one sheet for each kind, headed by the nouns' field names."""

import io
from collections.abc import Sequence

from openpyxl import Workbook

from core.nouns import Noun
from core.objects import BusinessSystem, CredentialRef, Device, Site, Unit
from lab.city import City

_HIDDEN = ("id",)


def workbook(city: City, port: int = 161, interval_s: int = 60, locator: str = "env:YUNWANG_LAB_COMMUNITY") -> bytes:
    """An xlsx with every record of the City. port: where the players answer; locator: where the community is kept."""
    book = Workbook(write_only=True)
    _sheet(book, "units", Unit, city.units())
    _sheet(book, "systems", BusinessSystem, city.systems())
    _sheet(book, "sites", Site, city.sites())
    _sheet(book, "credentials", CredentialRef, city.credentials(locator))
    _sheet(book, "devices", Device, city.devices(port, interval_s))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _sheet(book: Workbook, title: str, kind: type[Noun], records: Sequence[Noun]) -> None:
    sheet = book.create_sheet(title)
    fields = [name for name in kind.__struct_fields__ if name not in _HIDDEN]
    sheet.append(fields)
    for record in records:
        sheet.append([_cell(getattr(record, name)) for name in fields])


def _cell(value: object) -> object:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if value != "" else None
