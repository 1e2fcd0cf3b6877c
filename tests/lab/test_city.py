"""The City as a model: the same for the same seed, of the right size and shape, and what people would import."""

from itertools import pairwise

import pytest

from core.errors import InvalidInputError
from inventory.sheets.book import Existing
from inventory.sheets.importing import check
from lab import projection
from lab.city import City
from lab.image import read, write
from lab.mib import COLUMNS
from lab.places import COUNTIES
from lab.state import State
from links.sheets import read_book


@pytest.fixture(scope="module")
def full() -> City:
    return City(1, 3000)


def test_same_seed_same_city(tmp_path):
    for number in range(2):
        write(tmp_path / str(number), projection.picture(City(5, 400)))
    assert (tmp_path / "0").read_bytes() == (tmp_path / "1").read_bytes()
    assert City(5, 400).devices() == City(5, 400).devices()
    assert City(6, 400).devices() != City(5, 400).devices()


def test_image_is_read_as_written(tmp_path, city):
    picture = projection.picture(city)
    write(tmp_path / "image", picture)
    for ours, theirs in zip(picture, read(tmp_path / "image"), strict=True):
        assert ours == theirs if isinstance(ours, (int, bytes)) else (ours == theirs).all()


def test_as_large_and_as_varied_as_the_brief(full):
    rows = [len(box.layout.rows) for box in full.boxes]
    indexes = {box.layout.indexes for box in full.boxes}
    octets = {max(1, (i.bit_length() + 6) // 7) for layout in indexes for i in layout}
    assert len(full.boxes) == 3000
    assert len(indexes) >= 300
    assert octets == {1, 2, 3, 4, 5}
    assert min(rows) <= 4
    assert 300 < max(rows) <= 400
    assert 40 <= sum(rows) / len(rows) <= 48


def test_who_is_there(full):
    assert len(full.units()) == 93
    assert len(full.systems()) == 234
    assert {site.county for site in full.sites() if site.level == "township"} == {county.name for county in COUNTIES}
    assert len({box.slot.role for box in full.boxes}) == 11
    assert len({box.model.platform for box in full.boxes}) == 9
    for records in (full.units(), full.systems(), full.sites(), full.devices()):
        assert len({record.name for record in records}) == len(records)
    assert len({d.address for d in full.devices()}) == 3000


@pytest.mark.parametrize("count", [1, 2, 5, 40, 150, 3000])
def test_every_device_hangs_on_the_backbone(count):
    city = City(3, count)
    reached, wires = {0}, city.wires
    for wire in wires:
        assert wire.a > wire.b or wire.b < wire.a
    for wire in sorted(wires, key=lambda w: w.a):
        if wire.b in reached:
            reached.add(wire.a)
    assert reached == set(range(count))


def test_a_port_has_at_most_one_wire(full):
    ends = [port for wire in full.wires for port in (wire.port_a, wire.port_b)]
    assert len(set(ends)) == len(ends)


@pytest.mark.parametrize("count", [30, 700])
def test_workbook_is_accepted_by_the_import(count):
    city = City(2, count)
    result = check(read_book("city.xlsx", city.workbook(port=16_100, interval_s=30)), Existing.of({}))
    assert result.problems == ()


def test_shapes_for_benchmarks():
    mixed, alike = City(1, 500, shape="mixed", ports=48), City(1, 500, shape="alike", ports=48)
    assert {len(box.layout.rows) for box in mixed.boxes} == {48}
    assert len({box.layout.indexes for box in mixed.boxes}) >= 300
    assert {box.layout.indexes for box in alike.boxes} == {tuple(range(1, 49))}


def test_a_city_too_large_for_loopback_is_refused():
    with pytest.raises(InvalidInputError):
        City(1, 100, base="127.255.255.200")
    with pytest.raises(InvalidInputError):
        City(1, 100, base="10.0.0.0")


def test_columns_ascend_and_no_two_are_nested():
    oids = [column.oid for column in COLUMNS]
    assert oids == sorted(set(oids))
    assert not any(b[: len(a)] == a for a, b in pairwise(oids))


def test_both_ends_of_a_wire_carry_the_same(city):
    devices, ports = city.first_state(10**15)
    live = State.create(bytearray(State.size(len(devices), len(ports))), city.patterns, devices, ports, 10**15)
    for wire in city.wires[::7]:
        for out in (False, True):
            near, far = (
                [live.octets(port, way, at) for at in (10**15, 10**15 + 3 * 10**9)]
                for port, way in ((wire.port_a, out), (wire.port_b, not out))
            )
            assert near[1] - near[0] == pytest.approx(far[1] - far[0], abs=1)
            assert near[1] > near[0]
