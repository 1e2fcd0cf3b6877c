"""Who follows from whom, case by case."""

from typing import Any

from core.edges import Edge
from core.objects import BusinessSystem
from monitors.suppress import Seen, speaks_at, verdicts


def roots_of(found: dict[str, Any]) -> dict[str, str]:
    return {alert: one.root for alert, one in found.items()}


def test_devices_behind_a_dead_one_are_suppressed_and_counted(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1", "a:2-b:1", "b:2-c:1", "a:3-d:1"]))
    found = verdicts(tools.silent("a", "b", "c", "d"), around)
    assert roots_of(found) == {
        "device-unreachable/a/": "", **{f"device-unreachable/{one}/": "device-unreachable/a/" for one in "bcd"},
    }
    assert found["device-unreachable/a/"].suppressed == 3


def test_two_switches_with_a_living_neighbour_each_are_two_roots(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1", "core:2-b:1", "a:2-b:2"]))
    assert set(roots_of(verdicts(tools.silent("a", "b"), around)).values()) == {""}


def test_a_child_that_is_not_noticed_yet_is_no_proof_that_its_parent_lives(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1", "a:2-b:1", "b:2-c:1"]))
    assert roots_of(verdicts(tools.silent("a", "b"), around))["device-unreachable/b/"] == "device-unreachable/a/"


def test_when_all_is_silent_the_core_is_the_root(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1", "a:2-b:1", "core:2-c:1"]))
    found = verdicts(tools.silent("core", "a", "b", "c"), around)
    assert found["device-unreachable/core/"].suppressed == 3


def test_a_dark_site_with_two_ways_out_has_one_root_and_lost_its_power(tools: Any) -> None:
    a, b = tools.device("a", site="T"), tools.device("b", site="T")
    around = tools.around(tools.net(["core:1-a:1", "core2:1-b:1", "a:2-b:2", "core:9-core2:9"], a, b))
    alerts = [*tools.silent("a", "b"), tools.port("core", "1"), tools.port("core2", "1")]
    found = verdicts(alerts, around)
    assert (found["device-unreachable/a/"].suppressed, found["device-unreachable/a/"].cause) == (3, "power")
    assert found["device-unreachable/b/"].root == found["interface-down/core2/1"].root == "device-unreachable/a/"


def test_what_was_silent_long_before_is_its_own_root(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1", "a:2-b:1"]))
    alerts = [*tools.silent("a"), *tools.silent("b", at=tools.now - 86_400_000)]
    assert set(roots_of(verdicts(alerts, around)).values()) == {""}


def test_a_child_still_down_after_its_root_recovered_is_a_root(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1", "a:2-b:1"]))
    assert roots_of(verdicts(tools.silent("b"), around)) == {"device-unreachable/b/": ""}


def test_the_port_towards_a_dead_device_follows_from_it(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1", "a:2-b:1"]))
    found = verdicts([*tools.silent("b"), tools.port("a", "2"), tools.alert("cpu-high", "b")], around)
    assert found["interface-down/a/2"].root == found["cpu-high/b/"].root == "device-unreachable/b/"


def test_both_ends_of_a_link_are_one_alert_at_the_end_nearer_to_the_core(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1", "core:2-a:2"]))
    found = verdicts([tools.port("a", "1"), tools.port("core", "1"), tools.port("a", "1.100")], around)
    assert found["interface-down/a/1"].root == found["interface-down/a/1.100"].root == "interface-down/core/1"
    root = found["interface-down/core/1"]
    assert (root.cause, root.left, root.of) == ("line", 1, 2)


def test_the_last_of_two_uplinks_leaves_nothing(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1", "core:2-a:2"]))
    found = verdicts([tools.port("core", "1"), tools.port("core", "2")], around)
    assert {(one.left, one.of) for one in found.values()} == {(0, 2)}


def test_an_only_uplink_has_nothing_that_stands_in(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1"]))
    found = verdicts([tools.port("core", "1")], around)
    assert (found["interface-down/core/1"].left, found["interface-down/core/1"].of) == (0, 0)


def test_a_lost_peer_follows_from_the_silent_device_or_from_the_link(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1"], tools.device("a", address="10.0.0.9")))
    peer = tools.alert("bgp-peer-down", "core", "10.0.0.9")
    assert verdicts([*tools.silent("a"), peer], around)[peer.id].root == "device-unreachable/a/"
    assert verdicts([tools.port("core", "1"), peer], around)[peer.id].root == "interface-down/core/1"
    assert verdicts([peer], around)[peer.id].root == ""


def _cloud(tools: Any) -> Any:
    """A host that is carried by a device, a machine on it, a system with two machines."""
    from core.cloud import VM, Host
    from core.organisation import Component

    def edge(kind: Any, a: str, b: str) -> Edge:
        return Edge(id=f"{kind}-{a}-{b}", kind=kind, a=a, b=b, source="declared", valid_from=1)

    more = {
        "host": [Host(id="h1", name="h1", key="h1", platform="p"), Host(id="h2", name="h2", key="h2", platform="p")],
        "vm": [VM(id=one, name=one, key=one, project="p", host="") for one in ("v1", "v2")],
        "component": [Component(id="web", name="web", system="s")],
        "system": [BusinessSystem(id="s", name="s", unit="u", protection_level=2)],
    }
    edges = [edge("hosted-by", "v1", "h1"), edge("hosted-by", "v2", "h2"), edge("carried-by", "h1", "srv"), edge("runs-on", "web", "v1"),
             edge("runs-on", "web", "v2"), edge("needs", "s", "web")]
    return tools.around(tools.net(["core:1-srv:1"], more=more, edges=edges))


def test_a_machine_follows_from_its_host_and_the_system_only_when_no_machine_is_left(tools: Any) -> None:
    around = _cloud(tools)
    alerts = [*tools.silent("srv"), tools.alert("vm-down", "v1"), tools.alert("probe-down", "s")]
    found = verdicts(alerts, around)
    assert found["vm-down/v1/"].root == "device-unreachable/srv/"
    assert found["probe-down/s/"].root == "", "another machine still runs: something else is wrong with the system"
    found = verdicts([*alerts, tools.alert("vm-down", "v2")], around)
    assert found["probe-down/s/"].root in ("device-unreachable/srv/", "vm-down/v2/")
    assert (found["vm-down/v2/"].left, found["vm-down/v2/"].of) == (0, 2)
    alone = verdicts([tools.alert("vm-down", "v2")], around)["vm-down/v2/"]
    assert (alone.left, alone.of) == (1, 2), "one of two machines is a degradation"


def test_last_gasp_battery_and_ports_tell_power_from_line(tools: Any) -> None:
    a, ups, mate = tools.device("a", site="T"), tools.device("ups", site="T"), tools.device("mate", site="T")
    links = ["core:1-a:1", "core:2-mate:1", "core:3-ups:1"]
    around = tools.around(tools.net(links, a, ups, mate))
    down = [*tools.silent("a"), tools.port("core", "1")]
    root = "device-unreachable/a/"
    assert verdicts(down, around)[root].cause == "line", "its neighbours in the room have power"
    assert verdicts([*down, tools.alert("ups-on-battery", "ups")], around)[root].cause == "power"
    assert verdicts(down, around, Seen(powerless={"a": tools.now - 1000}))[root].cause == "power"
    alone = tools.around(tools.net(["core:1-a:1"]))
    assert verdicts(down, alone)[root].cause == "line-or-power"
    assert verdicts(tools.silent("a"), around)[root].cause == "", "its port is up: nobody knows"
    two = tools.around(tools.net(["core:1-a:1", "core2:1-a:2", "core:9-core2:9"]))
    assert verdicts([*down, tools.port("core2", "1")], two)[root].cause == "power"


def test_a_port_whose_far_end_restarted_says_so(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1"]))
    found = verdicts([tools.port("core", "1"), tools.alert("device-rebooted", "a")], around)
    assert found["interface-down/core/1"].cause == "far-end"


def test_a_root_waits_until_those_before_it_answered(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1", "a:2-b:1"]))
    at = tools.now
    assert speaks_at("silent", "b", "", at, around, Seen()) == at + 35_000
    assert speaks_at("silent", "b", "", at, around, Seen(answered={"a": at + 1})) == at
    assert speaks_at("silent", "b", "", at, around, Seen(answered={"a": at - 1000}), at - 30_000) == at, "b was silent already"
    assert speaks_at("silent", "b", "", at, around, Seen(answered={"a": at - 40_000}), at - 30_000) == at + 35_000
    assert speaks_at("port", "a", "2", at, around, Seen()) == at + 65_000
    assert speaks_at("port", "a", "2", at, around, Seen(answered={"b": at + 1})) == at
    assert speaks_at("other", "a", "", at, around, Seen()) == at
    assert speaks_at("silent", "stranger", "", at, around, Seen()) == at
