"""Laws of what is free, against counting one by one."""

import ipaddress
from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.edges import Edge
from core.network import IPAddress, Prefix, Reservation, Vlan
from core.objects import Device, Site, Station
from core.views import InterfaceRow
from inventory.finding import free, who
from inventory.finding.numbers import Span, span
from inventory.finding.places import place, place_in
from inventory.finding.taken import merged, within
from inventory.graph import build_view

NET = ipaddress.ip_network("10.9.8.0/24")
hosts = st.sets(st.integers(2, 254), max_size=40)
lengths = st.sets(st.tuples(st.integers(25, 30), st.integers(0, 255)), max_size=4)


def view_of(used: set[int], inner: set[str], kept: set[int], until: int = 0) -> Any:
    return build_view(1, 1, {
        "prefix": [Prefix(id=f"p{text}", name=f"v|{text}", prefix=text, vpn="v") for text in {str(NET), *inner}],
        "ip_address": [IPAddress(id=f"i{n}", name=f"v|{NET[n]}", address=str(NET[n]), vpn="v") for n in {1, *used}],
        "reservation": [
            Reservation(id=f"r{n}", name=f"address|v|{NET[n]}", what="address", within="v", value=str(NET[n]), until=until) for n in kept
        ],
    }, [])


@given(hosts, lengths, hosts, hosts)
def test_free_addresses_are_all_the_others(used: set[int], inner: set[tuple[int, int]], kept: set[int], seen: set[int]) -> None:
    nets = {str(ipaddress.ip_network((NET[place], length), strict=False)) for length, place in inner}
    stations = [Station(device_id="d", port="p", mac="", address=str(NET[n]), source="arp", valid_from=0) for n in seen]
    found = within(view_of(used, nets, kept), str(NET), "v", stations, 1)
    taken = {0, 1, 255} | used | kept | seen | {int(one) - int(NET[0]) for text in nets for one in ipaddress.ip_network(text)}
    assert found is not None
    assert list(free.addresses(found)) == [str(NET[n]) for n in range(256) if n not in taken]
    assert found.whole.size - found.used == 256 - len(taken)


@given(hosts, lengths, st.integers(25, 32))
def test_free_prefixes_are_all_that_touch_nothing(used: set[int], inner: set[tuple[int, int]], length: int) -> None:
    nets = [ipaddress.ip_network((NET[place], size), strict=False) for size, place in inner]
    found = within(view_of(used, {str(one) for one in nets}, set()), str(NET), "v", (), 1, for_prefixes=True)
    assert found is not None
    expected = [
        str(one) for one in NET.subnets(new_prefix=length)
        if not any(one.overlaps(other) for other in nets) and not any(NET[n] in one for n in {1, *used})
    ]
    assert list(free.prefixes(found, length)) == expected
    assert free.count_prefixes(found, length) == len(expected)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9))))
def test_merged_spans_hold_the_same_and_stand_apart(pairs: list[tuple[int, int]]) -> None:
    spans = [Span(4, low, low + more) for low, more in pairs]
    out = merged(spans)
    assert {n for one in out for n in range(one.low, one.high + 1)} == {n for one in spans for n in range(one.low, one.high + 1)}
    assert all(a.high + 1 < b.low for a, b in pairwise(out))


@given(st.sets(st.integers(2, 200)))
def test_ranges_hold_each_number_once(numbers: set[int]) -> None:
    held: list[int] = []
    for text in free.ranges(sorted(numbers)):
        low, _, high = text.partition("-")
        held += range(int(low), int(high or low) + 1)
    assert held == sorted(numbers)


def test_what_is_over_takes_nothing() -> None:
    assert within(view_of(set(), set(), {7}, until=5), str(NET), "v", (), 5).kept == 0  # type: ignore[union-attr]
    assert within(view_of(set(), set(), {7}, until=5), str(NET), "v", (), 4).kept == 1  # type: ignore[union-attr]


def test_small_and_huge_prefixes() -> None:
    empty = build_view(1, 1, {}, [])
    for prefix, count in (("192.0.2.0/31", 2), ("192.0.2.7/32", 1), ("192.0.2.0/30", 1), ("2001:db8::/127", 2), ("2001:db8::1/128", 1)):
        found = within(empty, prefix, "", (), 0)
        assert found is not None
        assert len(list(free.addresses(found))) == count, prefix
    whole = within(empty, "::/0", "", (), 0)
    assert whole is not None
    assert whole.whole.size - whole.used == (1 << 128) - 2
    assert within(empty, "nonsense", "", (), 0) is None
    assert within(empty, "10.0.0.1-10.0.0.9", "", (), 0) is None


@given(st.text(max_size=60))
def test_any_text_is_a_span_or_none(text: str) -> None:
    found = span(text)
    assert found is None or found.low <= found.high


def test_vlans_of_a_hostile_sheet_are_no_trouble() -> None:
    view = build_view(1, 1, {
        "vlan": [Vlan(id="1", name="d/7", vid=7, domain="d"), Vlan(id="2", name="d/-5", vid=-5, domain="d")],
        "reservation": [Reservation(id="3", name="vlan|d|x", what="vlan", within="d", value="x")],
    }, [])
    known = free.vlans(view, "d", (), 0)
    assert 7 not in known.free(1, 5000)
    assert min(known.free(-10, 5000)) == 2
    assert max(known.free(-10, 5000)) == 4094


def test_a_port_is_free_only_if_nothing_speaks_for_it() -> None:
    device = Device(id="d", name="sw", address="192.0.2.1", site="s", role="access")
    view = build_view(1, 1, {"device": [device], "site": [Site(id="s", name="s", level="city")]}, [])
    rows = [
        InterfaceRow(if_index=1, name="GE1", if_type=6, oper_status=2), InterfaceRow(if_index=2, name="GE2", if_type=6, oper_status=1),
        InterfaceRow(if_index=3, name="GE3", if_type=6, oper_status=2, alias="x"),
        InterfaceRow(if_index=4, name="Lo0", if_type=24, oper_status=2),
        InterfaceRow(if_index=5, name="GE1.100", if_type=6, oper_status=2), InterfaceRow(if_index=6, name="GE6", if_type=6, oper_status=2),
    ]
    stations = [Station(device_id="d", port="GE6", mac="00:00:00:00:00:01", valid_from=0)]
    (node,) = view.of_kind("device")
    assert [one.port for one in free.ports(view, node, rows, stations, 0)] == ["GE1"]


def test_a_view_and_a_store_say_the_same_of_places(records: dict[str, list[Any]]) -> None:
    view = build_view(1, 1, records, [])

    def find(kind: str, name: str) -> Any:
        node = view.find(kind, name)
        return view.noun(node.id) if node is not None else None

    for node in view.nodes():
        assert place(find, node.kind, view.noun(node.id)) == place_in(view, node)


def test_a_card_is_known_where_it_was_plugged_in_before(records: dict[str, list[Any]]) -> None:
    view = build_view(1, 1, records, [])
    device = next(iter(view.of_kind("device")))
    ended = {"kind": "plugged-into", "a": "h", "source": "mac", "valid_from": 5, "valid_to": 9}
    past = [
        Edge(id="e1", b=device.id, a_port="00:1A:2B:3C:4D:5E", b_port="GE9", **ended),  # type: ignore[arg-type]
        Edge(id="e2", b=device.id, a_port="00:1a:2b:3c:4d:5f", b_port="GE8", **ended),  # type: ignore[arg-type]
        Edge(id="e3", b="gone", a_port="00:1a:2b:3c:4d:5e", b_port="GE7", **ended),  # type: ignore[arg-type]
    ]
    found = [one for one in who.of_mac(view, "00:1a:2b:3c:4d:5e", (), past) if one.how == "plugged"]
    assert [(one.thing.name, one.port, one.since, one.until) for one in found] == [(device.name, "GE9", 5, 9)]
