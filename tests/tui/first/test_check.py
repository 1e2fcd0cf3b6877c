"""A device is checked by the hub that polls it: from the shell's client and from the console, by those who may."""

import pytest

from client import connect
from core.errors import NotFoundError
from core.views import ViewQuery

from .conftest import COMMUNITY


@pytest.fixture
async def declared(fresh):
    """A device of the city in the inventory, with the credential that opens it."""
    settings, city = fresh
    async with connect(settings) as hub:
        if not (await hub.devices(ViewQuery(view="devices", where={"address": city.address_of(5)}, limit=1))).rows:
            await hub.import_file("city.xlsx", city.city.workbook(city.port, locator=f"file:{city.credential_file}"))
        rows = (await hub.devices(ViewQuery(view="devices", where={"address": city.address_of(5)}, limit=1))).rows
        yield settings, rows[0]


async def test_the_hub_uses_its_own_credential_and_tells_what_is_missing(declared):
    settings, row = declared
    async with connect(settings) as hub:
        found = {one.name: one for one in await hub.check(row.name)}
        assert found["SNMP"].status == "ok"
        assert found["SSH"].status == "fail"
        assert all(one.fix for one in found.values() if one.status != "ok")
        assert COMMUNITY not in repr(found)
        assert {"Trap", "日志"} & set(found) or len(found) >= 5
        with pytest.raises(NotFoundError):
            await hub.check("nobody")


async def test_one_key_on_the_page_of_a_device(declared, console):
    settings, row = declared
    async with console(connect(settings), (80, 24)) as c:
        await c.until(lambda: c.app.link.state == "live" and c.app.who.identity is not None)
        c.app.open_device(row.id)
        await c.until(lambda: c.app.screen.NAME == "device")
        await c.keys("ctrl+v")
        await c.until(lambda: c.app.screen.NAME == "check" and bool(c.app.screen.checks))
        text = c.text()
        assert "+ " in text
        assert "x " in text
        assert all(len(line) <= 80 for line in c.lines())
        await c.keys("escape")
        await c.until(lambda: c.app.screen.NAME == "device")
