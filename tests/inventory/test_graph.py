"""The graph as other trades see it."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NotFoundError
from core.objects import Device, Link
from inventory.graph import build_view

IDS = [f"d{n}" for n in range(6)]
DEVICES = [Device(id=i, name=i.upper(), address=f"10.0.0.{n}", site="s", role="P") for n, i in enumerate(IDS)]
LINKS = st.lists(st.builds(
    Link, device_a=st.sampled_from(IDS), port_a=st.sampled_from(["1", "2"]), device_b=st.sampled_from([*IDS, "unknown-neighbour"]),
    port_b=st.just("1"), source=st.sampled_from(["lldp", "declared"]), confidence=st.sampled_from([0.5, 0.9, 1.0]),
    valid_from=st.just(1), valid_to=st.sampled_from([0, 5])))


@given(LINKS)
def test_laws(links: list[Link]) -> None:
    view = build_view(7, [], [], [], DEVICES, links)
    for device in view.devices():
        near = view.neighbours(device.id)
        held = view.links_of(device.id)
        assert device.id not in near
        assert all(device.id in view.neighbours(other) for other in near)
        assert all(link.valid_to == 0 and device.id in (link.device_a, link.device_b) for link in held)
        assert [link.confidence for link in held] == sorted((link.confidence for link in held), reverse=True)
        assert near == {end for link in held for end in (link.device_a, link.device_b)} - {device.id, "unknown-neighbour"}



@given(LINKS, st.randoms())
def test_the_order_of_what_came_in_does_not_matter(links: list[Link], chance: random.Random) -> None:
    shuffled = list(links)
    chance.shuffle(shuffled)
    one, other = build_view(1, [], [], [], DEVICES, links), build_view(1, [], [], [], DEVICES, shuffled)
    assert all(one.links_of(i) == other.links_of(i) for i in IDS)


def test_a_link_to_an_unknown_neighbour_is_kept_with_the_near_end() -> None:
    link = Link(device_a="d0", port_a="1", device_b="some-printer", port_b="eth0", source="lldp", confidence=1.0, valid_from=1)
    view = build_view(1, [], [], [], DEVICES, [link])
    assert view.links_of("d0") == (link,)
    assert view.neighbours("d0") == frozenset()


def test_unknown_devices_are_refused_by_name() -> None:
    view = build_view(1, [], [], [], DEVICES, [])
    for question in (view.device, view.links_of, view.neighbours):
        with pytest.raises(NotFoundError, match="d99"):
            question("d99")


def test_it_is_frozen() -> None:
    held = list(DEVICES)
    view = build_view(3, [], [], [], held, [])
    held.clear()
    assert len(list(view.devices())) == len(DEVICES)
    assert view.revision == 3
    with pytest.raises(AttributeError):
        view.revision = 4  # type: ignore[misc]
