"""What only several records together say: each join on the smallest city that shows it."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.cloud import VM, VPC, FloatingIP, Host, LoadBalancer, Project, Subnet, VPort
from core.edges import Edge
from core.extranet import AccessPoint, Circuit, Egress, VpnInstance, Zone
from core.network import Cable, HAGroup, IPAddress, NATMapping, PolicyRule, Prefix, Vlan
from core.objects import BusinessSystem, Device, Link, Station, Unit
from core.organisation import Component, DataLine
from inventory.graph import Seen, derive
from inventory.graph.frozen import FrozenGraph
from inventory.graph.impact import damage
from inventory.graph.paths import net_path, of_address, path
from inventory.graph.plugging import normal_mac
from inventory.graph.ports import Ends, edges_at_port, edges_between

AT = 1_790_000_000_000
KINDS = {
    VM: "vm", VPC: "vpc", FloatingIP: "floating_ip", Host: "host", LoadBalancer: "load_balancer", Project: "project", Subnet: "subnet",
    VPort: "vport", AccessPoint: "access_point", Circuit: "circuit", Egress: "egress", VpnInstance: "vpn_instance", Zone: "zone",
    Cable: "cable", HAGroup: "ha_group", IPAddress: "ip_address", NATMapping: "nat_mapping", PolicyRule: "policy_rule",
    Prefix: "prefix", Vlan: "vlan", BusinessSystem: "system", Device: "device", Unit: "unit", Component: "component",
    DataLine: "data_line",
}


def one(noun: type[Any], name: str, **more: Any) -> Any:
    """A record whose id is its name."""
    if "key" in noun.__struct_fields__:
        more.setdefault("key", name)
    return noun(id=name, name=name, **more)


def device(name: str, role: str = "access", address: str = "") -> Device:
    found: Device = one(Device, name, address=address, site="", role=role)
    return found


def wired(a: str, port_a: str, b: str, port_b: str, **more: Any) -> Link:
    return Link(**{"device_a": a, "port_a": port_a, "device_b": b, "port_b": port_b, "source": "lldp", "confidence": 0.9, "valid_from": 5,
                   **more})


def records(*nouns: Any) -> dict[str, list[Any]]:
    out: dict[str, list[Any]] = {}
    for noun in nouns:
        out.setdefault(KINDS[type(noun)], []).append(noun)
    return out


def joined(*nouns: Any, links: tuple[Link, ...] = (), stations: tuple[Station, ...] = ()) -> set[tuple[str, ...]]:
    return {(edge.a, edge.kind, edge.b) for edge in derive(records(*nouns), Seen(links, stations))}


def view(*nouns: Any, links: tuple[Link, ...] = ()) -> FrozenGraph:
    held = records(*nouns)
    return FrozenGraph(1, AT, held, derive(held, Seen(links)))


def links_of(*links: Link, cables: tuple[Cable, ...] = ()) -> list[Edge]:
    found = derive(records(device("A"), device("B"), device("C"), *cables), Seen(links))
    return [edge for edge in found if edge.kind == "linked"]


def test_one_wire_is_one_edge_whoever_tells_of_it() -> None:
    (edge,) = links_of(
        wired("A", "GigabitEthernet0/0/1", "B", "GE0/0/2"), wired("B", "GigabitEthernet0/0/2", "A", "Gi0/0/1", source="cdp"),
        cables=(one(Cable, "k", device_a="B", device_b="A"),),
    )
    assert (edge.a_port, edge.b_port) == ("GigabitEthernet0/0/1", "GigabitEthernet0/0/2")
    assert edge.source == "lldp"
    assert edge.confidence == 1.0


def test_two_wires_between_two_devices_are_two() -> None:
    assert len(links_of(wired("A", "GE0/0/1", "B", "GE0/0/1"), wired("A", "GE0/0/2", "B", "GE0/0/2"))) == 2


def test_a_far_end_that_two_devices_might_be_is_nobodys() -> None:
    twins = (device("sw1.east"), device("sw1.west"), device("A"))
    assert joined(*twins, links=(wired("A", "1", "sw1", "1"),)) == set()
    assert ("A", "linked", "sw1.east") in joined(*twins, links=(wired("A", "1", "SW1.EAST", "1"),))


def test_a_host_is_plugged_in_where_no_other_switch_stands_behind_the_port() -> None:
    host = one(Host, "h", platform="p", macs=("02:00:00:00:00:01",))
    core, tor = device("core"), device("tor", "ToR")
    seen = tuple(
        Station(device_id=where, port=port, mac=mac, valid_from=7)
        for where, port, macs in (("tor", "GE0/0/9", 2), ("core", "GE0/0/1", 5)) for mac in [f"02:00:00:00:00:0{n}" for n in range(1, macs)]
    )
    found = derive(records(host, core, tor), Seen((wired("core", "GE0/0/1", "tor", "GE0/0/1"),), seen))
    plugs = [(edge.b, edge.b_port, edge.valid_from) for edge in found if edge.kind == "plugged-into"]
    assert plugs == [("tor", "GE0/0/9", 7)]


def test_a_bonded_card_is_plugged_into_both_switches() -> None:
    host = one(Host, "h", platform="p", macs=("02:00:00:00:00:01",))
    seen = tuple(Station(device_id=where, port="GE0/0/9", mac="02:00:00:00:00:01", valid_from=7) for where in ("t1", "t2"))
    assert {edge[2] for edge in joined(host, device("t1"), device("t2"), stations=seen)} == {"t1", "t2"}


def test_a_host_that_is_a_device_is_plugged_in_where_its_links_end() -> None:
    found = joined(one(Host, "h", platform="p", device="srv"), device("srv", "server"), device("tor"),
                   links=(wired("tor", "GE0/0/3", "srv", "eth0"),))
    assert {("h", "plugged-into", "tor"), ("h", "carried-by", "srv")} <= found


CLOUD = (
    one(Project, "p", platform="c", unit="u"), one(VPC, "n", project="p"), one(VM, "v1", project="p"), one(VM, "v2", project="p"),
    one(VPort, "q1", network="n", mac="", addresses=("10.0.0.11",), vm="v1"),
    one(VPort, "q2", network="n", mac="", addresses=("10.0.0.12",), vm="v2"),
    one(LoadBalancer, "lb", project="p", address="10.0.0.5", members=("10.0.0.11", "10.0.0.12")),
    one(Component, "web", system="s", runs_on=("v1", "v2")), one(BusinessSystem, "s", unit="u", protection_level=3),
    one(Unit, "u", level="city"),
)


def test_a_load_balancer_lives_as_long_as_one_of_its_machines() -> None:
    city = view(*CLOUD)
    assert damage(city, ["v1"])["lb"].harm == "degraded"
    both = damage(city, ["v1", "v2"])
    assert both["lb"].harm == "down"
    assert damage(city, ["lb"])["s"].harm == "down"


def test_the_address_of_another_project_is_not_a_member() -> None:
    port = one(VPort, "q3", network="n2", mac="", addresses=("10.0.0.12",))
    other = (one(Project, "p2", platform="c"), one(VPC, "n2", project="p2"), port)
    assert ("lb", "runs-on", "q3") not in joined(*CLOUD, *other)


def test_a_machine_lies_in_the_longest_prefix_of_the_vpn_of_its_unit() -> None:
    nets = (
        one(Prefix, "wide", prefix="10.0.0.0/8", vpn="A"), one(Prefix, "near", prefix="10.0.0.0/24", vpn="A"),
        one(Prefix, "other", prefix="10.0.0.0/16", vpn="B"),
    )
    found = joined(*CLOUD, *nets)
    assert {("q1", "within", "near"), ("q1", "within", "other")} <= found
    entered = joined(*CLOUD, *nets, one(AccessPoint, "ap", unit="u", device="x", vpn="B"))
    assert ("q1", "within", "near") not in entered
    assert ("q1", "within", "other") in entered
    assert ("near", "within", "wide") in entered


def test_the_way_out_of_a_floating_address() -> None:
    found = joined(
        *CLOUD, one(FloatingIP, "198.18.0.9", key="f", project="p", port="q1"), device("fw"),
        one(NATMapping, "n1", device="fw", kind="static", outside="203.0.113.9", inside="198.18.0.9"),
        one(PolicyRule, "named", device="fw", destinations=("198.18.0.0/24",)), one(PolicyRule, "anything", device="fw"),
        one(PolicyRule, "closed", device="fw", destinations=("198.18.0.9",), action="deny"),
        one(Egress, "out", device="core"), one(Egress, "up", kind="province", device="core"),
    )
    assert {("198.18.0.9", "translates", "q1"), ("n1", "translates", "198.18.0.9")} <= found
    assert {("n1", "allows", "named"), ("named", "leaves-by", "out")} <= found
    assert not {("n1", "allows", "anything"), ("n1", "allows", "closed"), ("named", "leaves-by", "up")} & found


def test_one_firewall_of_a_group_is_a_degradation_and_both_are_the_end() -> None:
    city = view(
        device("fw1", "firewall"), device("fw2", "firewall"), one(HAGroup, "pair", kind="active-standby", members=("fw1", "fw2")),
        one(NATMapping, "n1", device="fw1", kind="static", outside="203.0.113.9"), one(PolicyRule, "r1", device="fw2"),
    )
    half = damage(city, ["fw1"])
    assert (half["pair"].harm, half["pair"].left, half["pair"].of) == ("degraded", 1, 2)
    assert {one: half[one].harm for one in ("n1", "r1")} == {"n1": "degraded", "r1": "degraded"}
    whole = damage(city, ["pair"])
    assert {one: whole[one].harm for one in ("fw1", "fw2", "n1", "r1")} == dict.fromkeys(("fw1", "fw2", "n1", "r1"), "down")


NET = (
    device("core", "core"), device("sw"), device("far"), one(Circuit, "line"),
    one(Cable, "k", device_a="sw", port_a="GE0/0/1", device_b="far", port_b="GE0/0/1", circuit="line"),
    one(AccessPoint, "ap", unit="u", device="far", port="GE0/0/7", vpn="A"),
    one(AccessPoint, "ap2", unit="u", device="sw", port="GE0/0/7", vpn="A"),
    one(Unit, "u", level="city"), one(VpnInstance, "A", zone="z"), one(Zone, "z", kind="private"),
)
UPLINK = (wired("core", "GE0/0/1", "sw", "GE0/0/24"), wired("far", "GE0/0/1", "sw", "GE0/0/1"))


def test_a_circuit_takes_its_cable_and_what_hangs_on_it() -> None:
    found = damage(view(*NET, links=UPLINK), ["line"])
    assert {one: found[one].harm for one in ("k", "far", "ap", "u")} == {"k": "down", "far": "down", "ap": "down", "u": "degraded"}
    assert "sw" not in found or found["sw"].harm == "degraded"


def test_a_zone_takes_its_vpns_and_their_access_points() -> None:
    found = damage(view(*NET, links=UPLINK), ["z"])
    assert {one: found[one].harm for one in ("A", "ap", "ap2", "u")} == dict.fromkeys(("A", "ap", "ap2", "u"), "down")
    assert "far" not in found


def test_a_port_takes_what_is_attached_to_it_and_leaves_the_device() -> None:
    city = view(*NET, links=UPLINK)
    found = damage(city, [], edges_at_port(city, Ends("far", "GigabitEthernet0/0/7")))
    assert {one: found[one].harm for one in found} == {"ap": "down", "u": "degraded"}
    assert (found["u"].left, found["u"].of) == (1, 2)
    assert damage(city, [], edges_between(city, Ends("sw", "", "far", "")))["far"].harm == "down"


def test_one_of_many_data_lines_is_a_degradation_of_whom_they_feed() -> None:
    systems = [one(BusinessSystem, name, unit="", protection_level=2) for name in ("a", "b", "hub")]
    lines = [one(DataLine, f"line-{name}", source_system=name, target_system="hub") for name in ("a", "b")]
    found = damage(view(*systems, *lines), ["a"])
    assert {one: found[one].harm for one in ("line-a", "hub")} == {"line-a": "down", "hub": "degraded"}


def test_a_path_over_the_net_is_told_from_port_to_port() -> None:
    hops = net_path(view(*NET, links=UPLINK), "ap", "core")
    assert [(hop.node.name, hop.out_port, hop.in_port) for hop in hops] == [
        ("ap", "", ""), ("far", "", "GE0/0/7"), ("sw", "GE0/0/1", "GE0/0/1"), ("core", "GE0/0/24", "GE0/0/1"),
    ]


def test_an_address_stands_for_its_record_its_bearer_or_its_prefix() -> None:
    city = view(
        device("sw", address="10.0.0.1"), one(Prefix, "A|10.1.0.0/16", prefix="10.1.0.0/16", vpn="A"),
        one(Prefix, "A|10.1.2.0/24", prefix="10.1.2.0/24", vpn="A"), one(IPAddress, "A|10.1.2.3", address="10.1.2.3", vpn="A"),
    )
    asked = {text: of_address(city, text) for text in ("10.0.0.1", "A|10.1.2.3", "10.1.2.9", "10.1.9.9", "192.0.2.1", "sw")}
    assert {text: node and node.name for text, node in asked.items()} == {
        "10.0.0.1": "sw", "A|10.1.2.3": "A|10.1.2.3", "10.1.2.9": "A|10.1.2.0/24", "10.1.9.9": "A|10.1.0.0/16", "192.0.2.1": None,
        "sw": None,
    }


def test_mac_addresses_in_any_notation() -> None:
    written = ("02:AB:00:00:00:01", "02-ab-00-00-00-01", "02ab.0000.0001", "02ab00000001", "02:ab:00:00:00:01")
    assert {normal_mac(text) for text in written} == {"02:ab:00:00:00:01"}
    assert [normal_mac(text) for text in ("", "02:ab", "zz:ab:00:00:00:01", "02:ab:00:00:00:0g")] == [""] * 4


nodes = st.integers(0, 7)


@given(st.lists(st.tuples(nodes, nodes), max_size=14), nodes, nodes, st.sets(nodes, max_size=2))
def test_no_path_is_shorter(pairs: list[tuple[int, int]], start: int, end: int, without: set[int]) -> None:
    """Against all that can be reached in one step more, again and again."""
    held = records(*(device(str(n)) for n in range(8)))
    city = FrozenGraph(1, AT, held, [
        Edge(id=f"{n}", kind="linked", a=str(a), b=str(b), source="lldp", valid_from=0) for n, (a, b) in enumerate(pairs)
    ])
    reached, steps = {start} - without, 0
    while end not in reached and steps < 8:
        reached |= {far for a, b in pairs for near, far in ((a, b), (b, a)) if near in reached and far not in without}
        steps += 1
    expected = steps + 1 if end in reached else 0
    gone = {str(n) for n in without}
    found = path(city, str(start), str(end), gone)
    assert len(found) == expected
    assert len(net_path(city, str(start), str(end), gone)) == expected
    if found:
        assert (found[0].node.id, found[-1].node.id) == (str(start), str(end))
        assert all({int(one.node.id), int(two.node.id)} in [{*pair} for pair in pairs] for one, two in pairwise(found))
