"""Laws of the derivation: the order of records does not matter, and doing again what was touched is doing all."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.cloud import VM, VPC, FloatingIP, Host, LoadBalancer, Project, Subnet, VPort
from core.edges import Edge
from core.extranet import AccessPoint, Egress, VpnInstance
from core.network import Cable, HAGroup, IPAddress, NATMapping, PolicyRule, Prefix, Vlan
from core.objects import BusinessSystem, Device, Link, Station, Unit
from core.organisation import Component
from inventory.graph import Seen, derive
from inventory.graph.deriving import JOINS, LINKS, STATIONS, Deriver, fields_touched
from inventory.graph.frozen import FrozenGraph
from inventory.graph.impact import damage
from inventory.graph.skeleton import Skeleton, skeleton

AT = 1_790_000_000_000
few = st.integers(0, 2)
ports = st.sampled_from(["", "GE0/0/1", "GigabitEthernet0/0/1", "GE0/0/2"])
macs = st.sampled_from(["02:00:00:00:00:01", "02:00:00:00:00:02", "02-00-00-00-00-01"])
addresses = st.sampled_from(["10.0.0.1", "10.0.0.2", "10.0.1.1", "2001:db8::1", "no address"])
nets = st.sampled_from(["10.0.0.0/8", "10.0.0.0/24", "2001:db8::/64", "10.0.0.1"])


def name(kind: str) -> st.SearchStrategy[str]:
    return few.map(lambda n: f"{kind}{n}")


def some(kind: str) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(name(kind), max_size=2).map(tuple)


def texts(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(values, max_size=2).map(tuple)


NOUNS: dict[str, tuple[type[Any], dict[str, st.SearchStrategy[Any]]]] = {
    "unit": (Unit, {"level": st.just("city"), "parent": name("unit"), "contact": st.sampled_from(["a", "b"])}),
    "system": (BusinessSystem, {"unit": name("unit"), "protection_level": st.just(3), "depends_on": some("system")}),
    "component": (Component, {"system": name("system"), "runs_on": some("vm"), "devices": some("device"), "needed": st.integers(1, 2)}),
    "device": (
        Device, {
            "address": addresses, "site": st.just(""), "role": st.sampled_from(["core", "access", "server"]), "unit": name("unit"),
        },
    ),
    "cable": (Cable, {"device_a": name("device"), "port_a": ports, "device_b": name("device"), "port_b": ports}),
    "ha_group": (HAGroup, {"kind": st.just("vrrp"), "members": some("device")}),
    "vpn_instance": (VpnInstance, {"unit": name("unit")}),
    "vlan": (Vlan, {"vid": st.just(5), "domain": name("device"), "vpn": name("vpn_instance")}),
    "prefix": (Prefix, {"prefix": nets, "vpn": name("vpn_instance")}),
    "ip_address": (IPAddress, {"address": addresses, "vpn": name("vpn_instance")}),
    "access_point": (
        AccessPoint, {"unit": name("unit"), "device": name("device"), "port": ports, "vpn": name("vpn_instance"), "prefix": nets,
                      "vlan": st.sampled_from([0, 5])},
    ),
    "nat_mapping": (NATMapping, {"device": name("device"), "kind": st.just("static"), "outside": addresses, "inside": addresses}),
    "policy_rule": (
        PolicyRule, {
            "device": name("device"), "destinations": texts(nets), "action": st.sampled_from(["permit", "deny"]), "enabled": st.booleans(),
        },
    ),
    "egress": (Egress, {"device": name("device"), "kind": st.sampled_from(["internet", "province"])}),
    "project": (Project, {"platform": st.just("p"), "unit": name("unit"), "system": name("system")}),
    "host": (Host, {"platform": st.just("p"), "macs": texts(macs), "device": name("device")}),
    "vm": (VM, {"project": name("project"), "host": name("host")}),
    "vpc": (VPC, {"project": name("project")}),
    "subnet": (Subnet, {"network": name("vpc"), "prefix": nets}),
    "vport": (VPort, {"network": name("vpc"), "mac": macs, "addresses": texts(addresses), "vm": name("vm")}),
    "floating_ip": (FloatingIP, {"project": name("project"), "port": name("vport")}),
    "load_balancer": (LoadBalancer, {"project": name("project"), "address": addresses, "members": texts(addresses)}),
}


@st.composite
def nouns(draw: st.DrawFn) -> tuple[str, Any]:
    """One record of some kind; with few names, so that records find each other."""
    kind = draw(st.sampled_from(sorted(NOUNS)))
    noun, fields = NOUNS[kind]
    number = draw(few)
    called = {"name": f"{kind}{number}"}
    if "key" in noun.__struct_fields__:
        called = {"key": f"{kind}{number}", "name": draw(addresses)}
    return kind, noun(id=f"{kind}-{number}", **called, **{field: draw(values) for field, values in fields.items()})


device_ids = few.map(lambda n: f"device-{n}")
reports = st.builds(
    Link, device_a=device_ids, port_a=ports, device_b=st.one_of(device_ids, name("device")), port_b=ports,
    source=st.sampled_from(["lldp", "cdp", "arp"]), confidence=st.sampled_from([0.5, 0.9]), valid_from=st.integers(1, 3),
)
stations = st.builds(Station, device_id=device_ids, port=ports, mac=macs.filter(lambda mac: ":" in mac), valid_from=st.integers(1, 3))
changes = st.lists(st.one_of(nouns(), st.tuples(st.sampled_from(["links", "stations"]), st.lists(reports, max_size=4)),
                             st.tuples(st.just("stations"), st.lists(stations, max_size=4)),
                             st.tuples(st.just("gone"), nouns())), min_size=1, max_size=40)


def by_id(edges: list[Edge]) -> dict[str, Edge]:
    return {edge.id: edge for edge in edges}


ONE = {
    "level": "city", "parent": "unit1", "contact": "a", "protection_level": 3, "needed": 1, "site": "", "role": "access", "kind": "vrrp",
    "address": "10.0.0.1", "addresses": ("10.0.0.1",), "members": ("10.0.0.1",), "inside": "10.0.0.1", "outside": "10.0.0.2",
    "prefix": "10.0.0.0/24", "destinations": ("10.0.0.0/24",), "mac": "02:00:00:00:00:01", "macs": ("02:00:00:00:00:01",), "vid": 5,
    "port": "GE0/0/1", "port_a": "GE0/0/1", "port_b": "GE0/0/1", "device_a": "device0", "device_b": "device1", "action": "permit",
    "enabled": True, "platform": "p", "depends_on": ("system1",), "runs_on": ("vm0",), "devices": ("device0",), "domain": "device0",
    "vpn": "vpn_instance0", "network": "vpc0", "vlan": 5,
}
"""Values with which one of each kind hangs together with the others."""
JOINED = {"", *NOUNS} - {"cable"}
"""Kinds that refer to others of these, and the joins of several kinds."""
OTHERS = {("ha_group", "members"): ("device0",), ("egress", "kind"): "internet", ("nat_mapping", "kind"): "static",
          ("vlan", "name"): "device0/5", ("floating_ip", "name"): "10.0.0.2", ("floating_ip", "port"): "vport0"}


def whole() -> "Inventory":
    """One or two of every kind, all of them joined."""
    held = Inventory()
    for kind, (noun, fields) in NOUNS.items():
        for number in range(2 if kind in ("device", "unit", "system") else 1):
            called = {"name": f"{kind}{number}"} | ({"key": f"{kind}{number}"} if "key" in noun.__struct_fields__ else {})
            values = {field: OTHERS.get((kind, field), ONE.get(field, f"{field}0")) for field in fields}
            own = {field: value for (its, field), value in OTHERS.items() if its == kind}
            held.take(kind, noun(id=f"{kind}-{number}", **(called | values | own)))
    held.take("vpn_instance", VpnInstance(id="vpn_instance-1", name="vpn_instance1"))
    held.take("prefix", Prefix(id="prefix-1", name="prefix1", prefix="10.0.0.0/24", vpn="vpn_instance1"))
    held.take("policy_rule", PolicyRule(id="policy_rule-1", name="policy_rule1", device="device1"))
    held.take("links", [
        Link(device_a="device-0", port_a="GE0/0/1", device_b="device1", port_b="GE0/0/1", source="lldp", confidence=0.9, valid_from=1),
    ])
    at = [("device-1", "GE0/0/1"), ("device-0", "GE0/0/2")]
    held.take("stations", [Station(device_id=one, port=port, mac="02:00:00:00:00:01", valid_from=1) for one, port in at])
    return held


class Inventory:
    """Records and reports to which changes are made."""

    def __init__(self) -> None:
        self.records: dict[str, dict[str, Any]] = {kind: {} for kind in NOUNS}
        self.links: list[Link] = []
        self.stations: list[Station] = []

    def take(self, what: str, value: Any) -> tuple[frozenset[str], dict[str, dict[str, Any]]]:
        """Fields that were touched, and records by kind and id, None where they are gone."""
        if what in ("links", "stations"):
            if what == "links":
                self.links = [one for one in value if isinstance(one, Link)]
                return frozenset({LINKS}), {}
            self.stations = [one for one in value if isinstance(one, Station)]
            return frozenset({STATIONS}), {}
        kind, noun = value if what == "gone" else (what, value)
        before = self.records[kind].pop(noun.id, None)
        if what == "gone":
            return (fields_touched(kind, before, None), {kind: {noun.id: None}}) if before is not None else (frozenset(), {})
        self.records[kind][noun.id] = noun
        return fields_touched(kind, before, noun), {kind: {noun.id: noun}}

    @property
    def seen(self) -> Seen:
        return Seen(self.links, self.stations)

    def lists(self) -> dict[str, list[Any]]:
        return {kind: list(held.values()) for kind, held in self.records.items()}


@given(changes, st.randoms(use_true_random=False))
def test_the_order_of_records_and_reports_does_not_matter(made: list[Any], random: Any) -> None:
    held = Inventory()
    for what, value in made:
        held.take(what, value)
    mixed, links, seen = held.lists(), list(held.links), list(held.stations)
    for some_of in (*mixed.values(), links, seen):
        random.shuffle(some_of)
    kinds = list(mixed)
    random.shuffle(kinds)
    assert derive(held.lists(), held.seen) == derive({kind: mixed[kind] for kind in kinds}, Seen(links, seen))


@given(changes)
def test_what_was_touched_done_again_is_all_done_anew(made: list[Any]) -> None:
    """The edges and the view that follow change by change are those that are made from nothing."""
    held, deriver = Inventory(), Deriver()
    edges: dict[str, Edge] = {}
    view = FrozenGraph(0, AT, {}, ())
    for number, (what, value) in enumerate(made, 1):
        touched, records = held.take(what, value)
        moved = deriver.update(held.lists(), held.seen, touched)
        for edge in moved.went:
            del edges[edge.id]
        edges |= by_id(moved.came)
        view = view.moved(number, AT, records, moved.came, moved.went)
    fresh = derive(held.lists(), held.seen)
    assert edges == by_id(fresh)
    same_view(view, FrozenGraph(0, AT, held.lists(), fresh))


@pytest.mark.parametrize("join", [join.name for join in JOINS if join.name.partition(":")[2] in JOINED])
def test_each_join_finds_something_in_the_whole(join: str) -> None:
    held, deriver = whole(), Deriver()
    deriver.update(held.lists(), held.seen)
    assert deriver.made(join), join


@pytest.mark.parametrize("kind", sorted(NOUNS))
def test_one_field_of_one_record_changes_what_reads_it(kind: str) -> None:
    """From a whole city in small, so that everything that hangs on a field is there to notice."""
    before = whole().records[kind][f"{kind}-0"]
    wanted = [*NOUNS[kind][1], "name", *({"key"} & {*before.__struct_fields__})]
    for field in wanted:
        for value in _others(before, field):
            _is_followed(kind, f"{kind}.{field} = {value!r}", before.replace(**{field: value}))
    _is_followed(kind, f"{kind} goes", None)


def _others(noun: Any, field: str) -> list[Any]:
    value = getattr(noun, field)
    if field in ELSE:
        return [ELSE[field], type(value)()]
    if isinstance(value, tuple):
        return [(), (*value, *(f"{one[:-1]}1" for one in value))]
    return [f"{value[:-1]}9", ""] if isinstance(value, str) else [type(value)()]


ELSE = {"destinations": ("192.0.2.0/24",), "macs": ("02:00:00:00:00:02",), "kind": "stack", "role": "server", "action": "deny"}


def _is_followed(kind: str, what: str, after: Any) -> None:
    held, deriver = whole(), Deriver()
    edges = by_id(deriver.update(held.lists(), held.seen).came)
    touched, _ = held.take(kind, after) if after is not None else held.take("gone", (kind, held.records[kind][f"{kind}-0"]))
    moved = deriver.update(held.lists(), held.seen, touched)
    for edge in moved.went:
        del edges[edge.id]
    assert edges | by_id(moved.came) == by_id(derive(held.lists(), held.seen)), what


def same_view(one: FrozenGraph, other: FrozenGraph) -> None:
    assert set(one.nodes()) == set(other.nodes())
    for node in one.nodes():
        assert one.noun(node.id) == other.noun(node.id)
        assert one.edges(node.id) == other.edges(node.id)
        assert one.edges_to(node.id) == other.edges_to(node.id)
        assert one.find(node.kind, getattr(one.noun(node.id), "key", node.name)) == node
    for kind in NOUNS:
        assert set(one.of_kind(kind)) == set(other.of_kind(kind))


@settings(max_examples=50)
@given(changes, changes, st.integers(0, 50))
def test_arrays_that_were_taken_over_answer_as_fresh_ones(first: list[Any], then: list[Any], which: int) -> None:
    held, deriver = Inventory(), Deriver()
    view = FrozenGraph(0, AT, {}, ())
    for number, (what, value) in enumerate([*first, *then], 1):
        touched, records = held.take(what, value)
        moved = deriver.update(held.lists(), held.seen, touched)
        view = view.moved(number, AT, records, moved.came, moved.went)
        if number == len(first):
            skeleton(view)
    nodes = sorted(node.id for node in view.nodes())
    if not nodes:
        return
    fresh = FrozenGraph(0, AT, held.lists(), derive(held.lists(), held.seen))
    failed = [nodes[which % len(nodes)]]
    harm = {one: (found.harm, found.left, found.of) for one, found in damage(view, failed).items()}
    assert harm == {one: (found.harm, found.left, found.of) for one, found in damage(fresh, failed).items()}
    assert isinstance(skeleton(view), Skeleton)


@given(changes, st.sets(st.integers(0, 60), max_size=3), st.integers(0, 60))
def test_another_failure_helps_nobody(made: list[Any], failed: set[int], another: int) -> None:
    held = Inventory()
    for what, value in made:
        held.take(what, value)
    view = FrozenGraph(0, AT, held.lists(), derive(held.lists(), held.seen))
    nodes = sorted(node.id for node in view.nodes())
    if not nodes:
        return
    fewer = damage(view, [nodes[n % len(nodes)] for n in failed])
    more = damage(view, [nodes[n % len(nodes)] for n in failed | {another}])
    assert set(fewer) <= set(more)
    assert all(more[one].harm == "down" for one, found in fewer.items() if found.harm == "down")


def test_no_two_joins_make_the_same_edge() -> None:
    assert len({join.name for join in JOINS}) == len(JOINS)


def test_joins_read_fields_that_exist() -> None:
    from core.model import MODEL

    for join in JOINS:
        for field in join.reads - {LINKS, STATIONS}:
            kind, _, its = field.partition(".")
            assert its in MODEL[kind].__struct_fields__, (join.name, field)


@pytest.mark.parametrize(("one", "other", "same"), [
    ("GE0/0/1", "GigabitEthernet0/0/1", True), ("Te1/1", "XGigabitEthernet1/1", True), ("GE0/0/1", "GE0/0/11", False),
    ("XGE0/0/1", "GE0/0/1", False), ("", "GE0/0/1", True), ("Eth1/1", "Ethernet1/1", True), ("eth0", "mgmt", False),
])
def test_ports_are_known_by_their_long_and_short_names(one: str, other: str, same: bool) -> None:
    from inventory.graph.wiring import same_port

    assert same_port(one, other) is same
