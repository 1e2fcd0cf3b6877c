"""Whose message it is: every own address of a device means it, unless another has it, too, or it lies in another VPN instance."""

from agents.hub.events.bearing import Bearing
from core.messages import Observed
from core.objects import Fact
from core.views import DeviceRow


def found(device: str, *addresses: str, vrfs: tuple[str, ...] = ()) -> Observed:
    told = [*(("address", text) for text in addresses), *(("vrf", text) for text in vrfs)]
    facts = tuple(
        Fact(object_id=device, field=field, value=value, source="observed", confidence=1.0, valid_from=1) for field, value in told
    )
    return Observed(device_id=device, at_ms=1, interfaces=(), facts=facts, links=())


def row(device: str, address: str) -> DeviceRow:
    return DeviceRow(id=device, name=device, address=address, site="s", role="access", platform="")


ROWS = [row("a", "10.0.0.1"), row("b", "10.0.0.2"), row("c", "core.example")]


def owners(*all_found: Observed) -> dict[str, str]:
    bearing = Bearing()
    for one in all_found:
        bearing.learn(one)
    return bearing.owners(ROWS)


def test_every_own_address_means_its_device() -> None:
    told = owners(
        found("a", "10.0.0.1/32 LoopBack0", "172.16.1.1/30 GE0/0/1", "2001:db8::A/64 GE0/0/2"), found("c", "10.3.0.1/24 Vlanif 3"),
    )
    assert told == {"10.0.0.1": "a", "10.0.0.2": "b", "172.16.1.1": "a", "2001:db8::a": "a", "10.3.0.1": "c"}


def test_what_two_bear_means_neither_and_a_management_address_its_device_alone() -> None:
    told = owners(found("a", "10.9.0.254/24 Vlanif9", "10.0.0.2/30 GE0/0/1"), found("b", "10.9.0.254/24 Vlanif9"))
    assert told == {"10.0.0.1": "a", "10.0.0.2": "b"}
    assert Bearing().owners([row("a", "10.0.0.1"), row("b", "10.0.0.1")]) == {}


def test_addresses_of_another_vpn_instance_mean_nobody() -> None:
    told = owners(
        found("a", "10.0.0.1/24 MEth0/0/0 mgmt", "10.0.7.1/24 Vlanif7 mgmt", "10.8.0.1/24 Vlanif8 tenant", "10.6.0.1/24 Vlanif6",
              vrfs=("mgmt", "tenant 65000:8")),
        found("b", "10.0.0.2/24 GE0/0/0", "10.8.0.1/24 Vlanif8", "10.5.0.1/24 Vlanif5 tenant", vrfs=("tenant 65000:8",)),
    )
    assert told == {"10.0.0.1": "a", "10.0.0.2": "b", "10.0.7.1": "a", "10.8.0.1": "b"}


def test_what_everybody_has_and_what_is_no_address_means_nobody() -> None:
    told = owners(found("a", "127.0.0.1/8 InLoopBack0", "fe80::1/64 GE0/0/1", "0.0.0.0/0 x", "nonsense", "", "255.255.255.255/32 y"))
    assert told == {"10.0.0.1": "a", "10.0.0.2": "b"}


def test_what_was_found_last_counts_and_the_same_again_is_no_news() -> None:
    bearing = Bearing()
    bearing.learn(found("a", "172.16.1.1/30 GE0/0/1"))
    version = bearing.version
    bearing.learn(found("a", "172.16.1.1/30 GE0/0/9"))
    assert bearing.version == version
    bearing.learn(found("a", "172.16.2.1/30 GE0/0/1"))
    assert bearing.version > version
    assert "172.16.1.1" not in bearing.owners(ROWS)
    assert bearing.owners(ROWS)["172.16.2.1"] == "a"
