"""The questions as a running hub answers them: to who sees all, and to who sees one unit."""

import asyncio
import time
from typing import Any

import pytest

from client import Client
from core.errors import InvalidInputError, NotFoundError
from core.identity import Actor
from core.questions import ChangesAnswer

SEEDER = Actor(name="test", origin="test")


def owner_of_a_placed_system(node: Any) -> Any:
    """A system whose first component runs on a machine with a host."""
    machines = {vm.key: vm for vm in node.records["vm"]}
    component = next(one for one in node.records["component"] if any(machines[key].host for key in one.runs_on))
    return next(one for one in node.records["system"] if one.name == component.system)


async def test_one_x_ray_leads_from_the_unit_to_the_switch_port(hub: Client, node: Any) -> None:
    system = owner_of_a_placed_system(node)
    found = await hub.graph.xray(f"unit:{system.unit}")
    kinds = {row.thing.kind for row in found.rows}
    assert {"unit", "system", "component", "vm", "vport", "host", "device", "volume"} <= kinds
    plugged = next(row for row in found.rows if row.edge == "plugged-into")
    assert plugged.port
    assert found.hidden == 0


async def test_an_x_ray_of_a_department_shows_its_port_and_its_vpn(hub: Client, node: Any) -> None:
    point = node.records["access_point"][0]
    rows = (await hub.graph.xray(f"unit:{point.unit}")).rows
    told = [(row.thing.kind, row.thing.name, row.port) for row in rows]
    assert ("access_point", point.name, "") in told
    assert ("vpn_instance", point.vpn, "") in told
    assert ("device", point.device, point.port) in told


async def test_an_x_ray_upwards_leads_from_a_switch_to_the_units(hub: Client, node: Any) -> None:
    point = node.records["access_point"][0]
    rows = (await hub.graph.xray(f"device:{point.device}", way="up")).rows
    assert ("unit", point.unit) in [(row.thing.kind, row.thing.name) for row in rows]


async def test_the_way_from_a_floating_address_to_the_egress(hub: Client, node: Any) -> None:
    floating = node.records["floating_ip"][0]
    rows = (await hub.graph.xray(f"floating_ip:{floating.key}")).rows
    assert [row.thing.kind for row in rows][:3] == ["floating_ip", "nat_mapping", "policy_rule"]
    assert "egress" in {row.thing.kind for row in rows}


async def test_impact_is_told_by_level_and_by_unit(hub: Client, node: Any) -> None:
    found = await hub.graph.impact([f"cloud_platform:{node.records['cloud_platform'][0].name}"])
    assert found.levels
    assert [one.level for one in found.levels] == sorted((one.level for one in found.levels), reverse=True)
    assert sum(one.down + one.degraded for one in found.levels) == sum(found.counts["system"])
    hit = found.units[0]
    mine = [one for one in node.records["system"] if one.unit == hit.thing.name]
    assert 0 < hit.down + hit.degraded <= len(mine)
    assert found.worst[0].thing.kind == "system"
    assert found.worst[0].unit


async def test_a_port_fails_and_takes_what_is_attached_there(hub: Client, node: Any) -> None:
    point = node.records["access_point"][0]
    found = await hub.graph.impact([f"{point.device}:{point.port}"])
    harmed = {(one.thing.kind, one.thing.name): one.harm for one in found.worst}
    assert harmed["access_point", point.name] == "down"
    assert ("device", point.device) not in harmed
    assert found.links == (f"{point.device}:{point.port}",)
    unit = next(one for one in found.units if one.thing.name == point.unit)
    assert (unit.access, unit.left, unit.of) == ("down", 0, 1)


async def test_a_link_is_named_by_its_ends(hub: Client, node: Any) -> None:
    around = await hub.graph.around(f"device:{node.records['device'][0].name}")
    link = next(row for row in around.edges if row.edge == "linked")
    both = await hub.graph.impact([f"{link.a.name}:{link.a_port}--{link.b.name}:{link.b_port}"])
    turned = await hub.graph.impact([f"{link.b.name}:{link.b_port}--{link.a.name}:{link.a_port}"])
    assert both.counts == turned.counts
    assert both.total > 0
    with pytest.raises(NotFoundError):
        await hub.graph.impact([f"{link.a.name}:nonsense 99--{link.b.name}:nonsense 98"])


async def test_a_plan_adds_only_what_does_not_fail_already(hub: Client, node: Any) -> None:
    machines = {vm.key: vm for vm in node.records["vm"]}
    stopped = [vm for vm in node.records["vm"] if vm.state != "ACTIVE"]
    component = next(one for one in node.records["component"] if len(one.runs_on) > 1)
    plan = [f"vm:{machines[key].key}" for key in component.runs_on]
    calm = await hub.graph.what_if(plan, live=False)
    assert not calm.already
    assert calm.added.counts == (await hub.graph.impact(plan)).counts
    live = await hub.graph.what_if(plan)
    assert live.already_total == len(stopped)
    same = await hub.graph.what_if([f"vm:{vm.key}" for vm in stopped])
    assert (same.added.total, bool(same.before)) == (0, bool(stopped))


async def test_dependence_both_ways(hub: Client, node: Any) -> None:
    system = owner_of_a_placed_system(node)
    down = await hub.graph.depends(f"system:{system.name}")
    host = next(row for row in down.rows if row.thing.kind == "host")
    up = await hub.graph.depends(f"host:{next(h.key for h in node.records['host'] if h.id == host.thing.id)}", dependents=True)
    assert system.name in {row.thing.name for row in up.rows}
    assert [row.steps for row in down.rows] == sorted(row.steps for row in down.rows)
    assert all(row.via for row in down.rows)


async def test_a_path_over_the_net_goes_from_port_to_port(hub: Client, node: Any) -> None:
    first, last = node.records["access_point"][0], node.records["access_point"][-1]
    found = await hub.graph.path(f"unit:{first.unit}", f"unit:{last.unit}", layer="l2")
    kinds = [hop.thing.kind for hop in found.hops]
    assert kinds[:3] == ["unit", "access_point", "device"]
    assert kinds[-3:] == ["device", "access_point", "unit"]
    assert set(kinds[2:-2]) == {"device"}
    assert all(hop.out_port and hop.in_port for hop in found.hops[3:-2])
    assert found.hops[-2].out_port == last.port


async def test_a_path_between_addresses_of_a_vpn(hub: Client, node: Any) -> None:
    first, last = node.records["ip_address"][0], node.records["ip_address"][-1]
    found = await hub.graph.path(f"{first.vpn}|{first.address}", f"{last.vpn}|{last.address}", layer="l2")
    assert (found.hops[0].thing.name, found.hops[-1].thing.name) == (first.name, last.name)
    assert {"device"} <= {hop.thing.kind for hop in found.hops}


async def test_names_that_are_not_there_and_names_that_many_have(hub: Client) -> None:
    with pytest.raises(NotFoundError, match="no object"):
        await hub.graph.xray("nothing such")
    with pytest.raises(InvalidInputError, match="future"):
        await hub.graph.xray("nothing such", at_ms=(time.time_ns() // 1_000_000) + 10_000_000)


async def test_who_sees_one_unit_gets_no_names_of_others(contact: Client, hub: Client, node: Any) -> None:
    mine = await contact.graph.xray(f"unit:{node.unit}")
    whole = await hub.graph.xray(f"unit:{node.unit}")
    assert len(mine.rows) == len(whole.rows)
    assert mine.hidden > 0
    assert all(not row.thing.name and not row.about for row in mine.rows if not row.thing.id)
    assert {row.thing.name for row in mine.rows if row.thing.kind == "access_point"} == {
        row.thing.name for row in whole.rows if row.thing.kind == "access_point"
    }
    system = owner_of_a_placed_system(node)
    with pytest.raises(NotFoundError):
        await contact.graph.xray(f"system:{system.name}")
    with pytest.raises(NotFoundError):
        await contact.graph.impact([f"device:{node.records['device'][0].name}"])


async def test_counts_stay_honest_for_who_sees_one_unit(contact: Client, hub: Client, node: Any) -> None:
    point = next(one for one in node.records["access_point"] if one.unit == node.unit)
    mine, whole = await contact.graph.impact([f"access_point:{point.name}"]), await hub.graph.impact([f"access_point:{point.name}"])
    assert mine.counts == whole.counts
    assert mine.total == whole.total
    assert mine.hidden + len(mine.worst) == mine.total


async def _edges_changed(hub: Client, since: int, wanted: int) -> ChangesAnswer:
    """What changed, as soon as the keeper wrote that many edges."""
    while True:
        found = await hub.graph.changes(since, kinds=["system"])
        if found.edges_total >= wanted:
            return found
        await asyncio.sleep(0.1)


async def test_a_change_is_in_the_next_answer_and_in_the_history(hub: Client, node: Any) -> None:
    system = node.records["system"][-1]
    other = next(one.name for one in node.records["unit"] if one.name != system.unit)
    before = await hub.graph.around(f"system:{system.name}")
    await asyncio.sleep(0.01)
    since = time.time_ns() // 1_000_000
    await asyncio.sleep(0.01)
    await hub.import_file("systems.csv", f"name,unit,protection_level\n{system.name},{other},{system.protection_level}\n".encode())
    now = await hub.graph.around(f"system:{system.name}")
    assert [row.b.name for row in now.edges if row.edge == "owned-by" and row.a.id == system.id] == [other]
    found = await asyncio.wait_for(_edges_changed(hub, since, 2), 60)
    row = next(one for one in found.objects if one.thing.id == system.id)
    assert ("unit", system.unit, other) in [(one.field, one.before, one.after) for one in row.fields]
    assert row.what == "changed"
    assert row.by == "administrator"
    assert {(one.what, one.row.edge) for one in found.edges} == {("came", "owned-by"), ("went", "owned-by")}
    then = await hub.graph.around(f"system:{system.name}", at_ms=since)
    assert [row.b.name for row in then.edges if row.edge == "owned-by"] == [row.b.name for row in before.edges if row.edge == "owned-by"]
    assert then.fields["unit"] == system.unit
    old = await hub.graph.xray(f"unit:{other}", at_ms=since)
    new = await hub.graph.xray(f"unit:{other}")
    assert [system.name in {row.thing.name for row in shown.rows if row.edge == "owned-by"} for shown in (old, new)] == [False, True]


async def test_changes_of_one_unit_only(contact: Client, hub: Client, node: Any) -> None:
    everything = await hub.graph.changes(1)
    mine = await contact.graph.changes(1)
    assert 0 < mine.objects_total < everything.objects_total
    assert mine.hidden == everything.objects_total - mine.objects_total
    assert {row.unit for row in mine.objects} <= {node.unit}
