"""The laws of the intake: the order of the sources leaves no trace, and telling twice is telling once."""

import itertools
from collections.abc import Callable, Iterator
from typing import Any

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cloud import VM, CloudPlatform, Project
from core.network import Cable, Prefix
from core.objects import Device, Site, Unit
from core.review import SHIPPED, AcceptRule, Difference, Statement
from core.sources import Told
from inventory.intake import Plan, World, settle, take
from inventory.intake.world import NAMES_OF

NOW = 1_000_000
KIND = {noun: kind for kind, noun in NAMES_OF.items()}


def counter() -> Callable[[], str]:
    numbers: Iterator[int] = itertools.count()
    return lambda: f"id{next(numbers):05d}"


def nothing(rules: tuple[AcceptRule, ...] = SHIPPED) -> World:
    return World({kind: {} for kind in NAMES_OF}, {}, {}, rules)


def applied(world: World, plan: Plan) -> World:
    records = {kind: dict(found) for kind, found in world.records.items()}
    statements, queue = dict(world.statements), dict(world.queue)
    for kind, one in plan.deletes:
        (statements if kind == "statement" else queue if kind == "difference" else records[kind]).pop(one)
    for noun in plan.puts:
        place: Any = statements if isinstance(noun, Statement) else queue if isinstance(noun, Difference) else records[KIND[type(noun)]]
        place[noun.id] = noun
    return world._replace(records=records, statements=statements, queue=queue)


def after(tellings: list[Told], rules: tuple[AcceptRule, ...] = SHIPPED, **more: Any) -> World:
    world, ids = nothing(rules), counter()
    for told in tellings:
        world = applied(world, take(world, told, NOW, ids, **more))
    return world


def picture(world: World) -> dict[str, Any]:
    """All that is known, without what the hub gives by chance."""
    names = {one: f"{kind}:{record.name}" for kind, found in world.records.items() for one, record in found.items()}

    def plain(noun: Any, **instead: Any) -> dict[str, Any]:
        return {**msgspec.to_builtins(noun), "id": "", **instead}

    return {
        "records": sorted((names[one], str(plain(record))) for found in world.records.values() for one, record in found.items()),
        "statements": sorted(
            (one.origin, one.object_kind, one.name, str(plain(one, object_id=names.get(one.object_id, ""))))
            for one in world.statements.values()
        ),
        "queue": sorted(
            str(plain(one, object_id=names.get(one.object_id, ""))) for one in world.queue.values() if one.state != "gone"
        ),
    }


names = st.sampled_from(["SW1", "SW2", "sw1.city.example", "R3"])
addresses = st.sampled_from(["192.0.2.1", "192.0.2.2", "192.0.2.3"])
serials = st.sampled_from(["", "A1", "B2", "C3"])
texts = st.sampled_from(["", "S5735", "S6730"])
units = st.sampled_from(["", "Bureau", "Office"])
devices = st.lists(
    st.builds(
        lambda name, address, serial, model, unit, site: Device(
            id="", name=name, address=address, site=site, role="access", serial=serial, model=model, unit=unit,
        ), names, addresses, serials, texts, units, st.sampled_from(["Room", "Hall"]),
    ), max_size=3, unique_by=lambda one: one.name,
)
sites = st.lists(
    st.builds(lambda name, county: Site(id="", name=name, level="city", county=county), st.sampled_from(["Room", "Hall"]), texts),
    max_size=2, unique_by=lambda one: one.name,
)
offices = st.lists(
    st.builds(lambda name: Unit(id="", name=name, level="city"), st.sampled_from(["Bureau", "Office"])), max_size=2,
    unique_by=lambda one: one.name,
)
cables = st.lists(
    st.builds(lambda a, b: Cable(id="", name="c1", device_a=a, device_b=b), names, names), max_size=1,
)
prefixes = st.lists(
    st.builds(lambda unit, site: Prefix(id="", name="|10.0.0.0/8", prefix="10.0.0.0/8", unit=unit, site=site), units,
              st.sampled_from(["", "Room"])), max_size=1,
)


def telling(origin: str) -> st.SearchStrategy[Told]:
    source: Any = "declared" if origin == "declared" else "configured" if origin.startswith("config") else "observed"
    records = st.fixed_dictionaries({"device": devices.map(tuple), "site": sites.map(tuple), "unit": offices.map(tuple),
                                     "cable": cables.map(tuple), "prefix": prefixes.map(tuple)})
    return st.builds(
        lambda found, whole: Told(origin=origin, source=source, records=found, whole=whole), records,
        st.sampled_from([(), ("device", "site")]),
    )


ORIGINS = ("declared", "netbox:a", "librenms:b", "crawl", "config:c")
tellings = st.tuples(*(telling(origin) for origin in ORIGINS)).flatmap(
    lambda given_: st.tuples(st.just(given_), st.permutations(given_)),
)
RULES = (
    *SHIPPED, AcceptRule(id="r1", name="netbox-knows", origins=("netbox:",), what=("new", "field")),
    AcceptRule(id="r2", name="crawl-finds", origins=("crawl",), what=("new",), kinds=("site", "device")),
)


@settings(max_examples=40)
@given(tellings)
def test_any_order_of_sources_ends_in_the_same(pair: tuple[list[Told], list[Told]]) -> None:
    one, other = pair
    assert picture(after(list(one))) == picture(after(list(other)))


@settings(max_examples=40)
@given(tellings)
def test_any_order_ends_in_the_same_where_nothing_fills_by_itself(pair: tuple[list[Told], list[Told]]) -> None:
    rules = tuple(rule.replace(enabled=False) for rule in SHIPPED)
    assert picture(after(list(pair[0]), rules)) == picture(after(list(pair[1]), rules))


@settings(max_examples=60)
@given(st.lists(st.sampled_from(ORIGINS).flatmap(telling), max_size=4), st.booleans(), st.sampled_from([SHIPPED, RULES]))
def test_telling_twice_is_telling_once(tellings_: list[Told], accept_new: bool, rules: tuple[AcceptRule, ...]) -> None:
    world, ids = nothing(rules), counter()
    for told in tellings_:
        world = applied(world, take(world, told, NOW, ids, accept_new=accept_new))
        again = take(world, told, NOW + 60_000, ids, accept_new=accept_new)
        assert again.empty, (again.puts, again.deletes)
        assert settle(world, NOW + 60_000, ids).empty


@settings(max_examples=60)
@given(st.lists(st.sampled_from(ORIGINS).flatmap(telling), max_size=4))
def test_every_name_is_given_once(tellings_: list[Told]) -> None:
    world = after(tellings_, RULES)
    for kind, records in world.records.items():
        found = [record.name for record in records.values()]
        assert len(found) == len(set(found)), kind


def cloud(*machines: VM, whole: tuple[str, ...] = ("vm", "project")) -> Told:
    projects = tuple(Project(id="", key=f"p-{name}", name=name, platform="east") for name in sorted({one.project[2:] for one in machines}))
    return Told(
        origin="openstack:east", source="observed", whole=whole,
        records={"cloud_platform": (CloudPlatform(id="", name="east"),), "project": projects, "vm": machines},
    )


machines = st.lists(
    st.builds(lambda key, state, project: VM(id="", key=key, name=f"vm-{key}", project=project, state=state),
              st.sampled_from(["k1", "k2", "k3"]), st.sampled_from(["ACTIVE", "SHUTOFF"]), st.sampled_from(["p-a", "p-b"])),
    max_size=3, unique_by=lambda one: one.key,
)


@settings(max_examples=30)
@given(machines, machines)
def test_of_a_cloud_only_what_it_told_last_is_there(first: list[VM], last: list[VM]) -> None:
    world = after([cloud(*first), cloud(*last)])
    assert {(vm.key, vm.state, vm.project) for vm in world.records["vm"].values()} == {(vm.key, vm.state, vm.project) for vm in last}
