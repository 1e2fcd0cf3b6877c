"""The intake in a real hub: one transaction, dry run, repetition, rules, what a device says of itself, the box that was replaced."""

from collections.abc import Callable
from typing import Any

import pytest

from core.cloud import VM, CloudPlatform, Project
from core.errors import ConflictError, NotFoundError
from core.identity import Actor
from core.messages import Observed
from core.network import Cable
from core.objects import Device, Fact, Site
from core.review import DecisionOnLines, Replacement, RuleWish, Selection
from core.sources import Told

SW1 = Device(id="", name="SW1", address="192.0.2.1", site="Room", role="access", model="S6730", serial="A1")


async def test_a_dry_run_counts_and_writes_nothing(inside: Any, sheet: Callable[[], Told]) -> None:
    before = inside.hub.store.revision()
    report = await inside.hub.intake.take(inside.admin, sheet(), dry_run=True)
    assert report.dry_run
    assert report.added == {"device": 2, "site": 1, "unit": 2}
    assert inside.hub.store.revision() == before
    done = await inside.hub.intake.take(inside.admin, sheet())
    assert done.added == report.added
    assert done.revision > before


async def test_a_repetition_leaves_no_trace_in_the_journal(inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told]) -> None:
    for told in (sheet(), netbox(SW1)):
        await inside.hub.intake.take(inside.admin, told)
        before = inside.hub.store.revision()
        report = await inside.hub.intake.take(inside.admin, told)
        assert (report.added, report.changed) == ({}, {})
        assert inside.hub.store.revision() == before
    assert report.unchanged == {"device": 1}


async def test_what_nobody_declared_is_filled_and_what_differs_waits(
    inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told],
) -> None:
    await inside.hub.intake.take(inside.admin, sheet())
    told = netbox(SW1, Device(id="", name="SW9", address="192.0.2.9", site="Cellar", role="PE"))
    report = await inside.hub.intake.take(inside.admin, told)
    assert inside.all("device")["SW1"].serial == "A1"
    assert inside.all("device")["SW1"].model == "S5735"
    assert "SW9" not in inside.all("device")
    assert {(one.what, one.field) for one in inside.lines(origin="netbox:nb")} == {("field", "model"), ("new", "")}
    assert report.by_rule == {"fill-empty": 1}
    assert report.queued == {"device": 2}
    assert [one.reason for one in report.unplaced] == ["There is no site Cellar in the inventory."]
    rows = [row for row in inside.hub.store.journal(0, 1000) if row.action == "queue.rule"]
    assert rows[-1].after["rule"] == "fill-empty"
    assert rows[-1].after["origin"] == "netbox:nb"


async def test_a_person_may_let_in_what_is_new(inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told]) -> None:
    told = netbox(SW1, Device(id="", name="SW9", address="192.0.2.9", site="Room", role="PE"))
    await inside.hub.intake.take(inside.admin, sheet())
    report = await inside.hub.intake.take(inside.admin, told, accept_new=True)
    assert report.added == {"device": 1}
    assert inside.all("device")["SW9"].role == "PE"
    moved = netbox(SW1, Device(id="", name="SW9", address="192.0.2.77", site="Room", role="PE"))
    await inside.hub.intake.take(inside.admin, moved)
    assert inside.all("device")["SW9"].address == "192.0.2.77"


async def test_what_hinders_inside_the_transaction_hinders_all_of_it(inside: Any, sheet: Callable[[], Told]) -> None:
    def refuse(_write: Any) -> None:
        raise ConflictError("no")

    with pytest.raises(ConflictError):
        await inside.hub.intake.take(inside.admin, sheet(), before=refuse)
    assert not inside.all("device")
    assert not inside.all("statement")


async def test_a_device_that_changed_its_name_and_address_is_itself(
    inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told],
) -> None:
    await inside.hub.intake.take(inside.admin, sheet())
    await inside.hub.intake.take(inside.admin, netbox(SW1))
    await inside.hub.intake.take(inside.admin, netbox(
        SW1.replace(name="SW1-moved", address="192.0.2.50"), whole=("device",),
    ))
    device = inside.all("device")["SW1"]
    assert {(one.field, one.observed) for one in inside.lines(object_id=device.id, what="field")} == {
        ("name", "SW1-moved"), ("address", "192.0.2.50"), ("model", "S6730"),
    }
    assert not inside.lines(what="new")


async def test_a_name_that_was_accepted_is_known_by_all_who_used_the_old_one(
    inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told],
) -> None:
    await inside.hub.intake.take(inside.admin, sheet())
    await inside.hub.intake.take(inside.admin, Told(origin="declared", source="declared", records={
        "cable": (Cable(id="", name="c1", device_a="SW1", device_b="SW2"),),
    }))
    await inside.hub.intake.take(inside.admin, netbox(SW1))
    await inside.hub.intake.take(inside.admin, netbox(SW1.replace(name="EDGE")))
    line, = inside.lines(field="name")
    done = await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="accept", lines=Selection(ids=(line.id,))))
    assert done.done == 1
    assert inside.all("cable")["c1"].device_a == "EDGE"


async def test_what_a_source_tells_no_more_is_missing(inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told]) -> None:
    await inside.hub.intake.take(inside.admin, sheet())
    await inside.hub.intake.take(inside.admin, netbox(SW1, whole=("device",)))
    await inside.hub.intake.take(inside.admin, netbox(whole=("device",)))
    line, = inside.lines(what="missing")
    assert line.name == "SW1"
    assert inside.all("device")["SW1"].serial == "A1"
    await inside.hub.intake.take(inside.admin, netbox(SW1, whole=("device",)))
    assert not inside.lines(what="missing")
    await inside.hub.intake.take(inside.admin, netbox(whole=("device",)))
    device = inside.all("device")["SW1"]
    await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="accept", lines=Selection(ids=(line.id,))))
    assert "SW1" not in inside.all("device")
    await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="undo", lines=Selection(ids=(line.id,))))
    assert inside.all("device")["SW1"] == device


def _cloud(*machines: VM) -> Told:
    return Told(origin="openstack:east", source="observed", whole=("project", "vm"), records={
        "cloud_platform": (CloudPlatform(id="", name="east"),),
        "project": (Project(id="", key="p1", name="web", platform="east"),), "vm": machines,
    })


async def test_a_clouds_word_about_its_own_holds(inside: Any, sheet: Callable[[], Told]) -> None:
    await inside.hub.intake.take(inside.admin, sheet())
    one, two = (VM(id="", key=key, name=f"vm-{key}", project="p1") for key in ("k1", "k2"))
    report = await inside.hub.intake.take(inside.admin, _cloud(one, two))
    assert report.added == {"cloud_platform": 1, "project": 1, "vm": 2}
    assert report.by_rule == {"cloud": 4}
    line, = inside.lines(what="unowned", object_kind="project")
    wish = DecisionOnLines(verdict="accept", lines=Selection(ids=(line.id,)), set={"unit": "Bureau"})
    assert (await inside.hub.queue.decide(inside.admin, wish)).done == 1
    report = await inside.hub.intake.take(inside.admin, _cloud(one.replace(state="SHUTOFF")))
    assert (report.changed, report.removed) == ({"vm": 1}, {"vm": 1})
    assert inside.all("project")["web"].unit == "Bureau"
    assert not inside.lines(what="unowned", object_kind="project")


async def test_with_the_rule_off_a_clouds_word_waits(inside: Any) -> None:
    from agents.hub.queue import ruling

    await ruling.switch(inside.hub, inside.admin, "cloud", False)
    one = VM(id="", key="k1", name="vm", project="p1")
    await inside.hub.intake.take(inside.admin, _cloud(one))
    assert not inside.all("vm")
    assert len(inside.lines(what="new")) == 3
    wish = DecisionOnLines(verdict="accept", lines=Selection(where={"what": "new"}))
    assert (await inside.hub.queue.decide(inside.admin, wish)).done == 3
    assert inside.all("vm")["vm"].project == "p1"
    await inside.hub.intake.take(inside.admin, _cloud(one.replace(state="ACTIVE")))
    assert [(line.field, line.observed) for line in inside.lines(object_kind="vm", what="field")] == [("state", "ACTIVE")]
    await ruling.switch(inside.hub, inside.admin, "cloud", True)
    await inside.hub.intake.take(inside.admin, _cloud(one.replace(state="ACTIVE")))
    assert inside.all("vm")["vm"].state == "ACTIVE"
    assert not inside.lines(object_kind="vm", what="field")


async def test_two_clouds_leave_each_other_alone(inside: Any) -> None:
    await inside.hub.intake.take(inside.admin, _cloud(VM(id="", key="k1", name="a", project="p1")))
    west = Told(origin="openstack:west", source="observed", whole=("project", "vm"), records={
        "cloud_platform": (CloudPlatform(id="", name="west"),), "project": (Project(id="", key="p2", name="w", platform="west"),),
        "vm": (VM(id="", key="k9", name="b", project="p2"), VM(id="", key="k1", name="thief", project="p2")),
    })
    report = await inside.hub.intake.take(inside.admin, west)
    assert {one.name for one in inside.hub.store.all("vm")} == {"a", "b"}
    assert "Another cloud has an object of the same key." in [one.reason for one in report.unplaced]


def _seen(device: Device, **facts: str) -> Observed:
    found = tuple(Fact(object_id=device.id, field=field, value=value, source="observed", confidence=1.0, valid_from=1)
                  for field, value in facts.items())
    return Observed(device_id=device.id, at_ms=1, interfaces=(), facts=found, links=())


async def test_what_a_device_says_of_itself_fills_and_a_swapped_box_is_asked_about(inside: Any, sheet: Callable[[], Told]) -> None:
    await inside.hub.intake.take(inside.admin, sheet())
    device = inside.all("device")["SW1"]
    inside.hub.queue.seeing.saw(_seen(device, serial="A1", model="S5735", sysName="sw1.city.example", version="8.1"))
    await inside.hub.queue.seeing.take_in()
    assert inside.all("device")["SW1"].serial == "A1"
    assert not inside.lines(object_id=device.id)
    inside.hub.queue.seeing.saw(_seen(device, serial="Z9", model="S6730", sysName="sw1"))
    await inside.hub.queue.seeing.take_in()
    line, = inside.lines(object_id=device.id)
    assert (line.what, line.declared, line.observed) == ("replaced", "A1", "Z9")
    assert inside.all("device")["SW1"].serial == "A1"
    await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="accept", lines=Selection(ids=(line.id,))))
    after = inside.all("device")["SW1"]
    assert (after.id, after.serial, after.model) == (device.id, "Z9", "S6730")
    assert not inside.lines(object_id=device.id)


async def test_a_device_whose_box_is_replaced_keeps_id_and_history(
    inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told],
) -> None:
    await inside.hub.intake.take(inside.admin, sheet())
    await inside.hub.intake.take(inside.admin, netbox(SW1))
    device = inside.all("device")["SW1"]
    before = inside.hub.store.revision()
    tried = await inside.hub.queue.replace(inside.admin, "SW1", Replacement(serial="C3", model="S6730", dry_run=True))
    assert tried.changed == {"serial": ("A1", "C3"), "model": ("S5735", "S6730")}
    assert inside.hub.store.revision() == before
    done = await inside.hub.queue.replace(inside.admin, "SW1", Replacement(serial="C3", model="S6730"))
    assert done.id == device.id
    assert inside.all("device")["SW1"].serial == "C3"
    assert [(line.what, line.field) for line in inside.lines(object_id=device.id)] == [("field", "serial")], "NetBox is behind"
    assert not inside.lines(what="replaced")
    with pytest.raises(ConflictError):
        await inside.hub.queue.replace(inside.admin, "SW1", Replacement(serial="B2"))
    with pytest.raises(NotFoundError):
        await inside.hub.queue.replace(inside.admin, "SW7", Replacement(serial="X"))


async def test_a_rule_of_a_person_accepts_and_is_named(inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told]) -> None:
    from agents.hub.queue import ruling

    await inside.hub.intake.take(inside.admin, sheet())
    await inside.hub.intake.take(inside.admin, netbox(SW1))
    wish = RuleWish(name="models", kinds=("device",), fields=("model",), origins=("netbox:",))
    assert (await ruling.trial(inside.hub, inside.admin, ruling.rule_of(wish))).fits == 1
    await ruling.add(inside.hub, inside.admin, wish)
    assert inside.all("device")["SW1"].model == "S6730"
    line, = inside.lines("accepted")
    assert line.by == "rule:models"
    await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="undo", lines=Selection(ids=(line.id,))))
    assert inside.all("device")["SW1"].model == "S5735", "the rule does not overrule the person"
    assert [one.by for one in inside.lines("rejected")] == ["admin"]
    await ruling.remove(inside.hub, inside.admin, "models")
    with pytest.raises(ConflictError):
        await ruling.remove(inside.hub, inside.admin, "cloud")


async def test_in_doubt_until_a_person_says_who_it_is(inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told]) -> None:
    await inside.hub.intake.take(inside.admin, sheet())
    await inside.hub.intake.take(inside.admin, netbox(Device(id="", name="switch-2", address="192.0.2.2", site="Room", role="access")))
    line, = inside.lines(what="in-doubt")
    assert "SW2" in line.reason
    done = await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="accept", lines=Selection(ids=(line.id,))))
    assert done.done == 1
    assert not inside.lines(what="in-doubt")
    assert [one.observed for one in inside.lines(what="field", object_id=inside.all("device")["SW2"].id)] == ["switch-2"]
    await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="undo", lines=Selection(ids=(line.id,))))
    assert inside.lines(what="in-doubt")


async def test_new_things_come_in_with_what_they_stand_on(inside: Any, netbox: Callable[..., Told]) -> None:
    told = netbox(Device(id="", name="R1", address="192.0.2.1", site="Hall", role="PE"))
    told = told.replace(records={**told.records, "site": (Site(id="", name="Hall", level="city"),)})
    await inside.hub.intake.take(inside.admin, told)
    device, = inside.lines(what="new", object_kind="device")
    alone = await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="accept", lines=Selection(ids=(device.id,))))
    assert alone.done == 0
    assert "There is no site Hall" in alone.refused[device.id]
    both = await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="accept", lines=Selection(where={"what": "new"})))
    assert both.done == 2
    assert inside.all("device")["R1"].site == "Hall"
    line = next(one for one in inside.lines("accepted") if one.object_kind == "device")
    undone = await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="undo", lines=Selection(ids=(line.id,))))
    assert undone.done == 1
    assert not inside.all("device")
    assert [one.name for one in inside.lines(what="new")] == ["R1"]


async def test_an_undo_that_comes_too_late_is_refused(inside: Any, sheet: Callable[[], Told]) -> None:
    await inside.hub.intake.take(inside.admin, sheet())
    line, = inside.lines(what="unowned", name="SW2")
    wish = DecisionOnLines(verdict="accept", lines=Selection(ids=(line.id,)), set={"unit": "Bureau"})
    assert (await inside.hub.queue.decide(inside.admin, wish)).done == 1
    assert inside.all("device")["SW2"].unit == "Bureau"
    await inside.hub.intake.take(inside.admin, Told(
        origin="declared", source="declared", records={"device": (inside.all("device")["SW2"].replace(id="", unit="Office"),)},
        fields={"device": ("unit",)},
    ))
    done = await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="undo", lines=Selection(ids=(line.id,))))
    assert done.done == 0
    assert "changed since" in done.refused[line.id]
    assert inside.all("device")["SW2"].unit == "Office"


async def test_what_is_removed_meanwhile_does_not_come_back(inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told]) -> None:
    """Somebody else writes between the reading and the writing of a plan: it is made again."""
    from agents.hub.queue import intake

    await inside.hub.intake.take(inside.admin, sheet())
    device = inside.all("device")["SW1"]
    plain, calls = intake.load, []

    def load_and_be_overtaken(store: Any, kinds: Any) -> Any:
        world = plain(store, kinds)
        if not calls:
            with store.write(Actor(name="somebody"), 1) as write:
                write.delete("inventory.edit", "device", device.id)
        calls.append(kinds)
        return world

    intake.load = load_and_be_overtaken
    try:
        await inside.hub.intake.take(inside.admin, netbox(SW1))
    finally:
        intake.load = plain
    assert len(calls) == 2
    assert "SW1" not in inside.all("device")
    assert [line.name for line in inside.lines(what="new")] == ["SW1"]


async def test_a_cloud_that_seems_empty_all_at_once_is_not_believed(inside: Any) -> None:
    machines = [VM(id="", key=f"k{n}", name=f"vm{n}", project="p1") for n in range(30)]
    await inside.hub.intake.take(inside.admin, _cloud(*machines))
    report = await inside.hub.intake.take(inside.admin, _cloud(*machines[:5]))
    assert report.removed == {}
    assert report.queued == {"vm": 25}
    assert len(inside.all("vm")) == 30
    await inside.hub.intake.take(inside.admin, _cloud(*machines))
    assert not inside.lines(what="missing")
    await inside.hub.intake.take(inside.admin, _cloud(*machines[:5]))
    wish = DecisionOnLines(verdict="accept", lines=Selection(where={"what": "missing"}))
    assert (await inside.hub.queue.decide(inside.admin, wish)).done == 25
    assert len(inside.all("vm")) == 5


async def test_a_fill_can_be_switched_off(inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told]) -> None:
    from agents.hub.queue import ruling

    await ruling.switch(inside.hub, inside.admin, "fill-empty", False)
    await inside.hub.intake.take(inside.admin, sheet())
    await inside.hub.intake.take(inside.admin, netbox(SW1))
    assert inside.all("device")["SW1"].serial == ""
    line, = inside.lines(field="serial")
    assert (line.declared, line.observed) == ("", "A1")
    await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="accept", lines=Selection(ids=(line.id,))))
    assert inside.all("device")["SW1"].serial == "A1"
    await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="undo", lines=Selection(ids=(line.id,))))
    assert inside.all("device")["SW1"].serial == ""
    assert [one.id for one in inside.lines(field="serial")] == [line.id]


async def test_hostile_words_of_a_source_stay_outside(inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told]) -> None:
    await inside.hub.intake.take(inside.admin, sheet())
    report = await inside.hub.intake.take(inside.admin, netbox(
        SW1.replace(model="x" * 1_000_000), Device(id="", name="y" * 100_000, address="192.0.2.3", site="Room", role="CE"),
        Device(id="", name="'; DROP TABLE device; --[bold]", address="192.0.2.4", site="Room", role="CE"),
    ))
    assert [one.reason for one in report.unplaced] == ["Its name is too long."]
    assert not inside.lines(field="model")
    assert [one.name for one in inside.lines(what="new")] == ["'; DROP TABLE device; --[bold]"]


async def test_a_line_shows_the_word_that_differs(inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told]) -> None:
    await inside.hub.intake.take(inside.admin, sheet())
    device = inside.all("device")["SW1"]
    inside.hub.queue.seeing.saw(_seen(device, model="S5735", sysName="sw1"))
    await inside.hub.queue.seeing.take_in()
    await inside.hub.intake.take(inside.admin, netbox(SW1))
    line, = inside.lines(field="model")
    assert (line.declared, line.observed, line.origin) == ("S5735", "S6730", "netbox:nb")


async def test_nothing_is_removed_on_which_others_stand(inside: Any, sheet: Callable[[], Told], netbox: Callable[..., Told]) -> None:
    cable = Told(origin="declared", source="declared", records={"cable": (Cable(id="", name="c1", device_a="SW1", device_b="SW2"),)})
    for told in (sheet(), cable, netbox(SW1, whole=("device",)), netbox(whole=("device",))):
        await inside.hub.intake.take(inside.admin, told)
    line, = inside.lines(what="missing")
    done = await inside.hub.queue.decide(inside.admin, DecisionOnLines(verdict="accept", lines=Selection(ids=(line.id,))))
    assert "Others refer to SW1: c1." in done.refused[line.id]
    assert "SW1" in inside.all("device")
