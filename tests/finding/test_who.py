"""Who uses an address, a MAC address, a VLAN, a VPN, a port: of the running hub's records and of what its devices see."""

from typing import Any

import pytest

from core.errors import InvalidInputError, NotFoundError
from core.finding import WhoAnswer

SOCIAL, FINANCE = "丽水市人力资源和社会保障局", "丽水市财政局"
SWITCH, CORE = "LS-DC-TOR-CE6857-01", "LS-DC-P-NE40-01"


def uses(node: Any, what: Any, value: str, port: str = "", who: str = "viewer") -> set[tuple[str, str, str]]:
    """(how, VPN, name)."""
    answer: WhoAnswer = node.ask(who, lambda hub: hub.finding.who(what, value, port))
    return {(use.how, use.vpn, use.thing.name) for use in answer.uses}


def test_an_address_is_known_in_every_vpn(node: Any) -> None:
    found = uses(node, "address", "10.128.0.2")
    assert {
        ("record", "人社专网", "人社专网|10.128.0.2"), ("record", "公用网", "公用网|10.128.0.2"),
        ("prefix", "人社专网", "人社专网|10.128.0.0/26"), ("prefix", "公用网", "公用网|10.128.0.0/26"), ("enters", "人社专网", "人社@专网"),
    } <= found
    assert ("prefix", "人社专网", "人社专网|10.128.0.0/16") not in found, "only the closest prefix of a VPN"


def test_an_address_of_the_cloud_leads_to_the_port_behind_the_machine(node: Any) -> None:
    found = uses(node, "address", "10.0.0.5")
    assert {
        ("bears", "", "vm-社保-web-00"), ("hosts", "", "compute-001"), ("plugged", "", SWITCH), ("floating", "", "198.18.0.10"),
        ("translates", "", f"{CORE}/198.18.0.10"), ("balances", "", "lb-社保"), ("subnet", "", "sub-社保"), ("allows", "", f"{CORE}/P1"),
    } <= found
    assert ("allows", "", f"{CORE}/P2") not in found, "a rule for everybody does not name it"
    assert ("gateway", "", "sub-社保") in uses(node, "address", "10.0.0.1")


def test_a_floating_address_leads_to_its_machine(node: Any) -> None:
    found = uses(node, "address", "198.18.0.10")
    assert {("floating", "", "198.18.0.10"), ("bears", "", "vm-社保-web-00"), ("translates", "", f"{CORE}/198.18.0.10")} <= found


def test_what_nobody_declared_is_where_devices_see_it(node: Any) -> None:
    answer = node.ask("viewer", lambda hub: hub.finding.who("address", "10.128.0.9"))
    places = {(use.thing.name, use.port) for use in answer.uses if use.how == "seen"}
    assert places == {(SWITCH, "Vlanif100"), (SWITCH, "10GE1/0/3")}, "ARP's interface, and the port where the bridge table has its MAC"


@pytest.mark.parametrize("mac", ["00:1a:2b:3c:4d:5e", "001A-2B3C-4D5E", "001a.2b3c.4d5e", "001a2b3c4d5e"])
def test_a_mac_address_in_any_notation(node: Any, mac: str) -> None:
    found = uses(node, "mac", mac)
    assert {("bears", "", "compute-001"), ("seen", "", SWITCH)} <= found
    assert ("bears", "", "vm-社保-web-00") in uses(node, "mac", "FA16-3E00-0007")


def test_a_vlan_with_its_prefixes_access_points_networks_and_ports(node: Any) -> None:
    found = uses(node, "vlan", "100")
    assert {("record", "人社专网", f"{SWITCH}/100"), ("prefix", "人社专网", "人社专网|10.128.0.0/26"), ("enters", "人社专网", "人社@专网"),
            ("seen", "", SWITCH)} <= found
    assert ("network", "", "net-社保") in uses(node, "vlan", "1007")
    assert ("network", "", "net-社保") in uses(node, "vlan", "physnet1/1007")
    assert uses(node, "vlan", "elsewhere/100") == set()


def test_a_vpn_with_units_devices_and_prefixes(node: Any) -> None:
    found = uses(node, "vpn", "人社专网")
    wanted = (("record", "人社专网"), ("unit", SOCIAL), ("device", SWITCH), ("enters", "人社@专网"), ("vlan", f"{SWITCH}/100"),
              ("prefix", "人社专网|2001:db8:1::/64"))
    assert {(how, "人社专网", name) for how, name in wanted} <= found


def test_a_port_with_its_far_end_its_host_and_its_machines(node: Any) -> None:
    assert ("linked", "", CORE) in uses(node, "port", SWITCH, "10GE1/0/1")
    behind = uses(node, "port", SWITCH, "10GE1/0/2")
    assert {("plugged", "", "compute-001"), ("hosts", "", "vm-社保-web-00"), ("seen", "", SWITCH)} <= behind
    assert ("enters", "人社专网", "人社@专网") in uses(node, "port", SWITCH, "10GE1/0/3")
    assert ("leaves", "", "互联网出口A") in uses(node, "port", CORE, "GE0/0/9")
    assert uses(node, "port", SWITCH, "10GE1/0/6") == set()


def test_a_contact_sees_what_belongs_to_the_own_unit(node: Any) -> None:
    found = uses(node, "address", "10.128.0.2", who="contact")
    assert ("record", "人社专网", "人社专网|10.128.0.2") in found
    assert not [one for one in found if "公用网" in one[1]]
    with pytest.raises(NotFoundError):
        uses(node, "port", CORE, "GE0/0/1", who="contact")


@pytest.mark.parametrize(("what", "value"), [
    ("address", "300.1.1.1"), ("address", "人社"), ("mac", "00:1a"), ("vlan", "4095"), ("vlan", "x"), ("vlan", "²"), ("vlan", "9" * 200),
])
def test_what_is_none_is_refused_with_a_way_out(node: Any, what: Any, value: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        uses(node, what, value)
    assert caught.value.way_out


def test_the_commands(node: Any, run: Any) -> None:
    done = run("address", "show", "10.0.0.5")
    assert done.code == 0
    assert all(text in done.out for text in ("vm-社保-web-00", "compute-001", SWITCH, "198.18.0.10"))
    assert "compute-001" in run("address", "show", "001a.2b3c.4d5e").out
    assert "net-社保" in run("vlan", "show", "1007").out
    assert SOCIAL in run("vpn", "show", "人社专网").out
    assert CORE in run("port", "show", SWITCH, "10GE1/0/1").out
    nobody = run("address", "show", "203.0.113.77")
    assert (nobody.code, nobody.out) == (1, "")
    assert nobody.err
    assert run("address", "show", "nonsense").code == 5
    assert run("address", "show", "10.0.0.5", "--at", "1m", "--json").code in (0, 1)
