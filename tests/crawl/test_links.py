"""Both ends of a cable by what both sides tell, and by what bridge tables have learned where nobody tells."""

import pytest

from agents.hub.children import with_guesses
from core.messages import Observed
from core.neighbours import Neighbour, port_among, same_port
from core.objects import Interface, Link, Station
from inventory.crawl.ends import Book, Seen, told_links
from inventory.crawl.guessing import BOTH_SEE, ONE_SEES, guessed_links
from inventory.crawl.telling import Read, placed, tell
from lab.city import City
from lab.learned import BRIDGES
from lab.projection import picture


@pytest.mark.parametrize(("one", "other", "same"), [
    ("Gi1/0/1", "GigabitEthernet1/0/1", True), ("GE0/0/1", "GigabitEthernet0/0/1", True), ("XGE0/0/1", "XGigabitEthernet0/0/1", True),
    ("Te1/1", "TenGigabitEthernet1/1", True), ("Eth1/1", "Ethernet1/1", True), ("eth0", "ETH0", True), ("Gi1/0/1", "Gi1/0/11", False),
    ("Gi1/0/1", "Te1/0/1", False), ("1/1", "1/2", False), ("G1", "GE1", False), ("Vlan 10", "Vlan10", True),
])
def test_ports_are_the_same_however_they_are_spelt(one: str, other: str, same: bool) -> None:
    assert same_port(one, other) is same
    assert same_port(other, one) is same


def test_a_port_that_could_be_several_stays_as_it_was_told() -> None:
    assert port_among("Gi1/0/1", ["GigabitEthernet1/0/1", "GigabitEthernet1/0/2"]) == "GigabitEthernet1/0/1"
    assert port_among("Ten1/1", ["TenGigE1/1", "TenGigabitEthernet1/1"]) == "Ten1/1"
    assert port_among("portchannel", []) == "portchannel"


def mac(box: int, port: int = 0) -> str:
    return f"02:00:00:00:{box:02x}:{port:02x}"


def box(number: int, stations: dict[int, list[str]] | None = None, neighbours: tuple[Neighbour, ...] = ()) -> Seen:
    """A device with three ports. stations: MAC addresses by port."""
    seen = tuple(
        Station(device_id=f"d{number}", port=f"p{port}", mac=one, valid_from=1) for port, some in (stations or {}).items() for one in some
    )
    interfaces = tuple(Interface(device_id="", if_index=n, name=f"p{n}", descr=f"Port {n}", phys_address=mac(number, n)) for n in (1, 2, 3))
    return Seen(f"d{number}", (f"sw{number}",), (mac(number),), (f"10.0.0.{number}",), interfaces, neighbours, seen)


def ends(links: dict[str, list[Link]]) -> set[tuple[str, str, str, str, float]]:
    return {(li.device_a, li.port_a, li.device_b, li.port_b, li.confidence) for found in links.values() for li in found}


def test_neighbours_are_known_by_chassis_name_or_address_and_their_ports_by_any_spelling() -> None:
    def told(name: str, port: str, **more: object) -> Neighbour:
        return Neighbour(**{"port": "p1", "name": name, "far_port": port, "source": "lldp", "confidence": 0.95, **more})  # type: ignore[arg-type]

    book = Book([
        box(1, None, (
            told("other", "P2", chassis=mac(2)), told("SW2.city.example", "Port 3"), told("x", mac(2, 1), addresses=("10.0.0.2",)),
            told("stranger", "7"),
        )),
        box(2),
    ])
    assert ends(told_links(book, 1)) == {
        ("d1", "p1", "d2", "p2", 0.95), ("d1", "p1", "d2", "p3", 0.95), ("d1", "p1", "d2", "p1", 0.95), ("d1", "p1", "stranger", "7", 0.95),
    }


def test_two_bridges_that_see_each_other_with_nobody_between_are_wired() -> None:
    """1 - 2 - 3 in a row: 1 and 3 see each other, too, but 2 lies between."""
    book = Book([
        box(1, {1: [mac(2), mac(3)]}), box(2, {1: [mac(1)], 2: [mac(3)]}), box(3, {1: [mac(2), mac(1)]}),
    ])
    found = ends(guessed_links(book, {}, 1))
    assert found == {
        ("d1", "p1", "d2", "p1", BOTH_SEE), ("d2", "p1", "d1", "p1", BOTH_SEE), ("d2", "p2", "d3", "p1", BOTH_SEE),
        ("d3", "p1", "d2", "p2", BOTH_SEE),
    }


def test_what_is_no_bridge_is_where_fewest_others_are() -> None:
    """4 is a firewall: its port is seen at 2, and over the uplink of 1, where 2 is seen as well."""
    book = Book([box(1, {1: [mac(2), mac(4, 3)]}), box(2, {1: [mac(1)], 2: [mac(4, 3), "06:00:00:00:00:01"]}), box(4)])
    assert ("d2", "p2", "d4", "p3", ONE_SEES) in ends(guessed_links(book, {}, 1))
    assert not {end for end in ends(guessed_links(book, {}, 1)) if end[0] == "d1" and end[2] == "d4"}
    crowded = Book([box(2, {2: [mac(4, 3), *(f"06:00:00:00:00:{n:02x}" for n in range(100))]}), box(4)])
    assert guessed_links(crowded, {}, 1) == {}


def test_where_a_protocol_speaks_nothing_is_guessed() -> None:
    book = Book([box(1, {1: [mac(2)]}), box(2, {1: [mac(1)]})])
    told = {"d1": [Link(device_a="d1", port_a="p1", device_b="stranger", port_b="", source="lldp", confidence=0.9, valid_from=1)]}
    assert guessed_links(book, told, 1) == {}


def read(number: int, name: str = "", **more: object) -> Read:
    given = {"address": f"10.0.0.{number}", "facts": (("sysName", name or f"sw{number}"), ("serial", f"S{number}")), "at_ms": 5, **more}
    return Read(**given)  # type: ignore[arg-type]


def test_a_crawl_tells_devices_once_and_says_whom_it_left_out() -> None:
    far = Neighbour(port="p1", name="sw2", far_port="p2", source="cdp", confidence=0.9)
    outcome = tell([read(1, neighbours=(far,), connected=(("10.0.0.0/24", "gov"),)), read(2), read(3, "sw1")], 7)
    told = outcome.told
    assert (told.origin, told.source) == ("crawl", "observed")
    assert [device.name for device in told.records["device"]] == ["sw1", "sw2"]
    assert [prefix.name for prefix in told.records["prefix"]] == ["gov|10.0.0.0/24"]
    assert "10.0.0.3" in told.unplaced[0].name
    seen = placed(outcome.observed["10.0.0.1"], "id1", {"10.0.0.1": "id1", "10.0.0.2": "id2"})
    assert {fact.object_id for fact in seen.facts} == {"id1"}
    assert [(li.device_a, li.device_b, li.source) for li in seen.links] == [("id1", "id2", "cdp")]
    assert outcome.links == 1


def test_onward_are_advertised_addresses_before_resolved_ones_then_next_hops() -> None:
    near = Neighbour(port="p1", name="sw2", far_port="p2", chassis=mac(2), addresses=("10.0.0.2",), source="lldp", confidence=0.9)
    host = near.replace(chassis=mac(3), addresses=(), bridge=False)
    arp = tuple(Station(device_id="", port="p1", mac=mac(n), address=f"10.0.1.{n}", source="arp", valid_from=1) for n in (2, 3))
    assert read(1, neighbours=(near, host), stations=arp, next_hops=("10.0.0.9",)).onward == (("10.0.0.2", "10.0.1.2"), ("10.0.0.9",))
    assert read(1).identity == "sw1|S1"
    assert Read(address="10.0.0.1").identity == ""


def test_what_was_guessed_stays_until_the_port_speaks_for_itself() -> None:
    guess = Link(device_a="d", port_a="p1", device_b="x", port_b="", source="mac", confidence=0.5, valid_from=1)
    told = guess.replace(source="lldp", port_a="p2", device_b="y")
    ports = tuple(Interface(device_id="d", if_index=n, name=f"p{n}") for n in (1, 2))
    found = Observed(device_id="d", at_ms=1, interfaces=ports, facts=(), links=(told,))
    before = (guess, guess.replace(port_a="p2"), guess.replace(port_a="gone"), told.replace(port_a="p1"))
    assert with_guesses(found, before).links == (told, guess)


def test_a_city_whose_devices_tell_no_neighbours_is_wired_by_its_bridge_tables() -> None:
    """All that is guessed is real, and nearly every wire that ends at a bridge is found; routers among themselves have no such tables."""
    city = City(7, 300)
    image = picture(city)
    reads = []
    for box, row in zip(city.boxes, image.devices, strict=True):
        ports = box.layout.rows
        learned = image.learned[row["first_fdb"] : row["first_fdb"] + row["fdb"]]
        reads.append(Read(
            address=city.address(box.number), facts=(("sysName", box.name),), chassis=(city.mac(box).hex(":"),), at_ms=1,
            interfaces=tuple(
                Interface(device_id="", if_index=port.if_index, name=port.name, phys_address=city.mac(box, place).hex(":"))
                for place, port in enumerate(ports)
            ),
            stations=tuple(
                Station(device_id="", port=ports[one["port"]].name, mac=bytes(one["mac"]).hex(":"), vlan=int(one["vlan"]), valid_from=1)
                for one in learned
            ),
        ))
    names = {city.address(box.number): box.name for box in city.boxes}
    found = {
        frozenset({(names[li.device_a], li.port_a), (names[li.device_b], li.port_b)})
        for seen in tell(reads, 1).observed.values() for li in seen.links
    }
    real = {frozenset({(li.device_a, li.port_a), (li.device_b, li.port_b)}) for li in city.links()}
    assert found <= real
    bridges = {box.name for box in city.boxes if box.slot.role in BRIDGES}
    at_bridges = {wire for wire in real if any(device in bridges for device, _ in wire)}
    assert len(found & at_bridges) >= 0.95 * len(at_bridges)
    assert len(at_bridges) > 300
