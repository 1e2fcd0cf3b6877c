"""The first ten minutes in the console, on a real hub with real devices of the lab."""

import pytest

from client import connect
from core import i18n
from core.custody import CredentialRow, CredentialSet, NewCredential, TryResult
from core.errors import InvalidInputError
from tui.dialog import Chooser
from tui.first import First, lines, openers, port_of, prefix_of, set_needed, step
from tui.form import Form
from tui.screens.first import new_credential

from .conftest import COMMUNITY


async def _where(c, address, port):
    """Fills in the first form."""
    await c.until(lambda: isinstance(c.app.screen, Form))
    c.app.screen.query_one("#field-where").value = address
    c.app.screen.query_one("#field-port").value = str(port)
    await c.keys("f8")


async def test_from_an_address_to_a_polled_device_at_80_cells(fresh, console):
    settings, city = fresh
    async with console(connect(settings), (80, 24)) as c:
        await c.until(lambda: c.app.link.state == "live" and c.app.who.identity is not None)
        await c.keys("ctrl+v")
        await _where(c, "nonsense", city.port)
        await c.until(lambda: "nonsense" in c.text() and isinstance(c.app.screen, Form) and not c.app.screen.working)
        await _where(c, city.address_of(0), city.port)
        await c.until(lambda: isinstance(c.app.screen, Form) and c.app.screen.query("#field-secret"))
        form = c.app.screen
        form.query_one("#field-name").value = "lab"
        form.query_one("#field-kind").place = 1
        form.query_one("#field-secret").value = COMMUNITY
        await c.keys("f8")
        await c.until(lambda: getattr(c.app.screen, "NAME", "") == "first" and step(c.app.screen.now) == "accept")
        screen = c.app.screen
        assert screen.now.tried.answer == "ok"
        name = city.city.boxes[0].name
        assert COMMUNITY not in c.text()
        await c.keys("f7")
        await c.until(lambda: isinstance(c.app.screen, Form))
        c.app.screen.query_one("#field-site").value = "市政务中心机房"
        await c.keys("f8")
        await c.until(lambda: c.app.screen is screen and screen.now.device is not None and screen.now.device.name == name)
        await c.until(lambda: screen.now.device.polled_at > 0 and any(fact.field == "vendor" for fact in screen.now.facts))
        assert all(len(line) <= 80 for line in c.lines())
        await c.keys("f7")
        await c.until(lambda: c.app.screen.NAME == "device" and c.app.screen.ports.window.total > 0)
        await c.keys("escape")
        await c.until(lambda: c.app.screen is screen)


async def test_a_wrong_credential_is_told_with_its_way_out_and_a_net_goes_to_the_queue_at_200_cells(fresh, console):
    settings, city = fresh
    async with console(connect(settings), (200, 60)) as c:
        await c.until(lambda: c.app.link.state == "live" and c.app.who.identity is not None)
        await c.app.hub.custody.add(NewCredential(name="wrong", kind="snmp-community", secret="not-this-one"))
        await c.keys("f3", "ctrl+v")
        await _where(c, city.address_of(1), city.port)
        await c.until(lambda: isinstance(c.app.screen, Chooser))
        await c.type("wrong")
        await c.keys("enter")
        await c.until(lambda: getattr(c.app.screen, "NAME", "") == "first" and c.app.screen.now.tried is not None)
        screen = c.app.screen
        assert screen.now.tried.answer == "no-answer"
        assert step(screen.now) == "where"
        await c.keys("f8")
        await _where(c, f"{city.address_of(2)}/30", city.port)
        await c.until(lambda: isinstance(c.app.screen, Chooser))
        await c.type("lab")
        await c.keys("enter")
        await c.until(lambda: c.app.screen is screen and step(screen.now) == "queue")
        assert screen.now.report.read + screen.now.report.known >= 2
        await c.keys("f7")
        await c.until(lambda: c.app.screen.NAME == "queue" and c.app.screen.rows.window.total >= 2)


def test_steps_follow_from_what_is_known():
    assert step(First()) == "where"
    one = First(prefix=prefix_of("10.1.8.1"), credential="lab")
    assert (one.prefix, one.address, step(one)) == ("10.1.8.1/32", "10.1.8.1", "read")
    said = TryResult(credential="lab", address="10.1.8.1", port=161, answer="refused", message="[red]no", way_out="try")
    refused = one.replace(tried=said)
    assert step(refused) == "where"
    assert any("[red]no" in line.words for line in lines(refused))
    assert First(prefix=prefix_of("10.1.8.9/24")).address == ""
    for typed in ("", "x", "10.1.8.1/33"):
        with pytest.raises(InvalidInputError):
            prefix_of(typed)
    for typed in ("", "0", "65536", "9" * 5000, "１６１"):
        with pytest.raises(InvalidInputError):
            port_of(typed)


def test_a_set_is_made_only_where_none_would_send_the_credential():
    city = CredentialSet(id="1", name="city", prefixes=("10.0.0.0/8",), credentials=("a",))
    assert set_needed("10.1.8.1/32", "a", [city]) is None
    own = set_needed("10.1.8.1/32", "b", [city])
    assert (own.name, own.prefixes, own.credentials) == ("10.1.8.1/32", ("10.1.8.1/32",), ("b",))
    kept = CredentialSet(id="2", name="10.1.8.1/32", prefixes=("10.1.8.1/32",), credentials=("a",))
    assert set_needed("10.1.8.1/32", "b", [city, kept]).credentials == ("b", "a")


def test_credentials_that_open_devices_and_what_the_form_makes():
    rows = [CredentialRow(name=kind, kind=kind, locator="") for kind in ("snmp-community", "ssh", "token", "snmp-v3")]
    assert [row.name for row in openers(rows)] == ["snmp-community", "snmp-v3"]
    typed = {"name": "n", "kind": "snmp-v3", "user": "yw", "auth": "SHA256", "priv": "AES128"}
    typed |= {"secret": "one-one-one", "second": "two-two-two"}
    made = new_credential(typed)
    assert (made.username, made.auth, made.priv, made.secret) == ("yw", "SHA256", "AES128", "one-one-one\ntwo-two-two")
    bare = new_credential({**typed, "auth": "", "second": ""})
    assert (bare.auth, bare.priv) == ("", "")
    assert new_credential({**typed, "kind": "snmp-community"}).username == ""
    assert "one-one-one" not in repr(made)


def test_every_line_is_chinese():
    i18n.use("zh")
    assert any("地址" in line.label or "位置" in line.label for line in lines(First()))
