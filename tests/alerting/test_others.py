"""Alerts of what is no device, in the list that consoles follow: who owns the object sees them, by its name; nobody else of a part."""

from collections.abc import Callable
from typing import Any

from agents.hub.filtering import Filter
from agents.hub.sight import Sight
from agents.hub.table import LiveTable, Other
from core.signals import Alert
from core.views import AlertRow, ViewQuery


def followed(node: Any, name: str, **where: str) -> dict[str, AlertRow]:
    page = node.ask(lambda hub: hub.alerts(ViewQuery(view="alerts", where=where, sort="-raised_at", limit=100)), name)
    return {row.id: row for row in page.rows}


def test_who_owns_the_system_sees_its_alert(node: Any, alert: Callable[..., Alert]) -> None:
    system, device = alert("probe-failed", "portal", "page"), alert("processor-high", "mid", "1")
    nowhere = alert("probe-failed", "a-probe-about-nothing", "far", evidence={"probe": "far"})
    node.say(system, device, nowhere)

    async def named(hub: Any) -> bool:
        rows = (await hub.alerts(ViewQuery(view="alerts", limit=100))).rows
        return any(row.id == system.id and row.device == "Portal" for row in rows)

    node.until(named)
    seen = followed(node, "there")
    assert system.id in seen, "the bureau owns the portal"
    assert (seen[system.id].device, seen[system.id].object_kind) == ("Portal", "system")
    assert device.id not in seen
    assert nowhere.id not in seen
    assert node.ask(lambda hub: hub.overview(), "there").alerts == {"major": 1}, "it is counted where it is listed"
    assert {system.id, device.id, nowhere.id} <= followed(node, "operator").keys()
    assert followed(node, "operator")[nowhere.id].object_kind == ""
    assert followed(node, "operator", unit="Division").keys() == {system.id}, "filters know where an object belongs"
    node.ask(lambda hub: hub.alerting.ack(system.id), "there")
    assert followed(node, "there")[system.id].acked_by == "there"


def test_it_moves_with_its_object(alert: Callable[..., Alert]) -> None:
    table, moved = LiveTable(), alert("probe-slow", "portal", "page")
    table.put_alerts([moved])
    bureau, office = Sight(units=frozenset({"Bureau"})), Sight(units=frozenset({"Office"}))
    assert table.strangers() == {"portal"}
    assert not table.open_alerts(bureau), "of what is not known yet nothing is shown to those who see a part"
    table.place({"portal": Other(kind="system", name="Portal", unit="Bureau")})
    assert [row.device for row in table.open_alerts(bureau)] == ["Portal"]
    version = table.version
    table.place({"portal": Other(kind="system", name="Portal", unit="Office")})
    assert (table.open_alerts(bureau), [row.id for row in table.open_alerts(office)]) == ([], [moved.id])
    assert table.version > version, "whoever follows the list is told"
    assert table.alerts(Filter(text="portal"))[1] == 1
    assert table.alerts(Filter(where={"county": "anywhere"}))[1] == 0
