"""Both players answer alike, agree with the City, survive hostile requests, and show what happens."""

import os
import random
import subprocess
from pathlib import Path

import pytest

from core.errors import InvalidInputError
from lab import farm, image, protocol, state
from lab.agent import Town
from lab.mib import COLUMNS
from lab.protocol import BULK, GET, NEXT, SET

IF_DESCR, IF_OPER, IF_ADMIN, IF_INDEX = ((1, 3, 6, 1, 2, 1, 2, 2, 1, column) for column in (2, 8, 7, 1))
IF_NAME, IF_ALIAS, HC_IN = ((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, column) for column in (1, 18, 6))
UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
LLDP_NAME = (1, 0, 8802, 1, 1, 2, 1, 4, 1, 1, 9)


@pytest.fixture
def here(running):
    """The running City's image and state, opened in this process."""
    picture = image.read(running.folder / "image")
    live = state.open_file(running.folder / "state", picture.patterns, write=True)
    live.freeze(live.now_us())
    yield Town(picture, live)
    live.freeze(0)


def _uint(body):
    return int.from_bytes(body, "big")


def _walk(wire, values_of, request_of, root, device=0, step=20):
    """Everything below root by GETBULK; asserts that it grows and ends."""
    out, at = [], root
    while True:
        status, got = values_of(wire.ask(request_of(BULK, [at], 0, step), device))
        assert status == 0
        assert got
        for oid, kind, body in got:
            if kind == protocol.END_OF_MIB or oid[: len(root)] != root:
                return out
            assert oid > at
            at = oid
            out.append((oid, kind, body))


def _requests(request_of, rng, oids):
    """Sane and odd requests over known and made-up OIDs."""
    for _ in range(120):
        picked = [rng.choice(oids) for _ in range(rng.randint(1, 12))]
        names = [
            oid[: rng.randint(2, len(oid))] if rng.random() < 0.3 else (*oid, rng.randrange(1 << 32)) if rng.random() < 0.2 else oid
            for oid in picked
        ]
        version = rng.choice((1, 1, 1, 0))
        kind = rng.choice((GET, NEXT, BULK, SET))
        yield request_of(
            kind if version or kind != BULK else NEXT, names, rng.choice((0, 0, 1, 3, -5)), rng.choice((0, 1, 6, 40, 2000)), version
        )


def test_answers_are_those_of_the_model_byte_for_byte(running, here, wire, request_of):
    """The Python player runs this code in another process; the C farm must do the same without it."""
    rng = random.Random(running.port)
    for device in range(0, running.devices, 3):
        tree = here.tree(device, here.state.now_us())
        oids = [
            tree.still.oids[c] + index
            for c in range(len(tree.still.columns))
            for index in rng.sample(tree.indexes(c), min(3, len(tree.indexes(c))))
        ]
        for data in list(_requests(request_of, rng, oids))[:: 1 if device < 30 else 8]:
            expected = protocol.answer(data, here.tree(device, here.state.now_us()), 1400)
            assert expected is not None
            assert wire.ask(data, device) == expected[0]


def test_whole_walks_agree_byte_for_byte(running, here, wire, request_of, values_of):
    for device in (0, 1, 17, 60, 119):
        tree = here.tree(device, here.state.now_us())
        walked = [one for root in ((1, 0), (1, 3)) for one in _walk(wire, values_of, request_of, root, device, 30)]
        place, model = tree.seek((1, 0))[0], []
        while (found := tree.value(place)) is not None:
            model.append(found)
            place = tree.after(place)
        assert [(image.encode_oid(oid), bytes((kind,)) + protocol.length(len(body)) + body) for oid, kind, body in walked] == model
        assert len(model) > 200


def test_every_column_is_served_by_some_device(running, here):
    served = {column.oid for device in range(running.devices) for column in here.tree(device, here.state.now_us()).still.columns}
    assert {column.oid for column in COLUMNS} - served <= {c.oid for c in COLUMNS if c.needs & (64 | 1024)}, (
        "Fortinet's and bridges without VLANs may be missing in a small City"
    )


@pytest.mark.parametrize("tool", ["snmpget", "snmpgetnext", "snmpbulkwalk", "snmpwalk"])
@pytest.mark.real
def test_net_snmp_sees_the_city(running, need, tool):
    city, number = running.city, 40
    box = city.boxes[number]
    root = ".1.3.6.1.2.1.31.1.1.1.1"
    oid = f"{root}.{box.layout.rows[0].if_index}" if tool == "snmpget" else root
    done = subprocess.run(
        [need(tool), "-v2c", "-c", "public", "-On", "-Oe", f"{running.address_of(number)}:{running.port}", oid],
        capture_output=True,
        text=True,
        timeout=20,
        env={"MIBS": ""},
        check=True,
    )
    rows = box.layout.rows if "walk" in tool else box.layout.rows[:1]
    assert done.stdout.splitlines() == [f'{root}.{row.if_index} = STRING: "{row.name}"' for row in rows]


@pytest.mark.real
def test_net_snmp_version_1_sees_no_64_bits(running, need):
    done = subprocess.run(
        [need("snmpwalk"), "-v1", "-c", "public", "-On", f"{running.address_of(2)}:{running.port}", ".1.3.6.1.2.1.31"],
        capture_output=True,
        text=True,
        timeout=20,
        env={"MIBS": ""},
        check=True,
    )
    assert "Counter32" in done.stdout
    assert "Counter64" not in done.stdout


@pytest.mark.soak
def test_hostile_requests_kill_nobody(running, wire, request_of, values_of):
    rng = random.Random(4)
    for number in range(200_000 if os.environ.get("YUNWANG_SOAK") == "1" else 600):
        bad = bytearray(request_of(rng.choice((GET, NEXT, BULK)), [UPTIME, IF_DESCR, (1, 3, 4_294_967_295)], 0, 10))
        for _ in range(rng.randint(1, 6)):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        wire.send(bytes(bad)[: rng.randint(0, len(bad))] if number % 2 else bytes(bad), number % running.devices)
    wire.send(rng.randbytes(60_000))
    wire.send(request_of(BULK, [(1, 3)] * 200, 0, 2_147_483_647))
    wire.send(request_of(BULK, [(1, 3, *[4_294_967_295] * 120)], 0, 65_535))
    other = type(wire)(running)
    try:
        _, got = values_of(other.ask(request_of(GET, [UPTIME]), wait_s=20))
    finally:
        other.sock.close()
    assert [oid for oid, _, _ in got] == [UPTIME]


def test_answers_stay_within_their_size(running, wire, request_of, values_of):
    running.control("small", running.city.boxes[9].name, 484)
    answer = wire.ask(request_of(BULK, [IF_DESCR], 0, 500), 9)
    assert 400 < len(answer) <= 484
    assert values_of(wire.ask(request_of(GET, [UPTIME] * 100), 9)) == (1, [])
    running.control("small", running.city.boxes[9].name, 0)
    assert 484 < len(wire.ask(request_of(BULK, [IF_DESCR], 0, 500), 9)) <= 1400


def _status(wire, values_of, request_of, column, city, port):
    box = city.boxes[int(city.owner[port])]
    _, got = values_of(wire.ask(request_of(GET, [(*column, city.row(port, box).if_index)]), box.number))
    return _uint(got[0][2])


def _ends(city, number):
    """One wire of a device: both ports, and the names that the control socket takes."""
    one = next(w for w in city.wires if number in (w.a, w.b))
    a, b = city.boxes[one.a], city.boxes[one.b]
    return one, (a.name, city.row(one.port_a, a).name), (b.name, city.row(one.port_b, b).name)


def test_shutdown_shows_at_both_ends_and_in_lldp(running, wire, request_of, values_of):
    city = running.city
    one, near, _ = _ends(city, 70)
    before = _walk(wire, values_of, request_of, LLDP_NAME, one.b)
    running.control("shutdown", *near)
    assert _status(wire, values_of, request_of, IF_ADMIN, city, one.port_a) == 2
    assert _status(wire, values_of, request_of, IF_OPER, city, one.port_a) == 2
    assert _status(wire, values_of, request_of, IF_ADMIN, city, one.port_b) == 1
    assert _status(wire, values_of, request_of, IF_OPER, city, one.port_b) == 2
    assert len(_walk(wire, values_of, request_of, LLDP_NAME, one.b)) == len(before) - 1
    running.control("no_shutdown", *near)
    assert _status(wire, values_of, request_of, IF_OPER, city, one.port_b) == 1
    assert _walk(wire, values_of, request_of, LLDP_NAME, one.b) == before


def test_a_dead_device_is_silent_and_its_neighbours_notice(running, wire, request_of, values_of):
    city = running.city
    one, near, _ = _ends(city, 80)
    running.control("kill", near[0])
    assert wire.ask(request_of(GET, [UPTIME]), one.a, 0.3) is None
    assert _status(wire, values_of, request_of, IF_OPER, city, one.port_b) == 2
    running.control("revive", near[0])
    assert wire.ask(request_of(GET, [UPTIME]), one.a, 0.3) is None, "it boots"
    assert _status(wire, values_of, request_of, IF_OPER, city, one.port_b) == 1
    running.control("reboot", near[0], 0)
    _, got = values_of(wire.ask(request_of(GET, [UPTIME]), one.a))
    assert _uint(got[0][2]) < 6000


def test_a_site_goes_dark_and_returns(running, wire, request_of):
    city = running.city
    site = next(p.name for p in city.places if p.level == "township" and any(city.places[b.slot.site] == p for b in city.boxes))
    there = [b.number for b in city.boxes if city.places[b.slot.site].name == site]
    running.control("darken", site)
    assert not any(wire.ask(request_of(GET, [UPTIME]), number, 0.2) for number in there[:3])
    running.control("relight", site)
    for number in there:
        running.control("reboot", city.boxes[number].name, 0)
    assert all(wire.ask(request_of(GET, [UPTIME]), number) for number in there)


def test_a_renumbering_reboot_moves_the_index_not_the_names(running, wire, request_of, values_of):
    box = running.city.boxes[33]
    before = _walk(wire, values_of, request_of, IF_NAME, 33)
    running.control("reboot", box.name, 0, True)
    after = _walk(wire, values_of, request_of, IF_NAME, 33)
    assert [body for _, _, body in after] == [body for _, _, body in before]
    moved = [b[0][-1] - a[0][-1] for a, b in zip(before, after, strict=True)]
    half = len(moved) // 2
    assert moved == [0] * half + [7] * (len(moved) - half)
    assert [oid[-1] for oid, _, _ in after] == [_uint(body) for _, _, body in _walk(wire, values_of, request_of, IF_INDEX, 33)]


def test_latency_and_loss(running, wire, request_of):
    name = running.city.boxes[50].name
    running.control("slow", name, 300)
    assert wire.ask(request_of(GET, [UPTIME]), 50, 0.1) is None
    wire.sock.settimeout(5)
    assert wire.sock.recvfrom(2000)[0]
    running.control("slow", name, 0)
    running.control("lossy", name, 1.0)
    assert wire.ask(request_of(GET, [UPTIME]), 50, 0.2) is None
    running.control("lossy", name, 0)
    assert wire.ask(request_of(GET, [UPTIME]), 50) is not None


def test_the_control_refuses_nonsense_in_words(running):
    for wrong in (
        ("shutdown", "nobody", "x"),
        ("shutdown",),
        ("explode",),
        ("slow", running.city.boxes[0].name, -1),
        ("small", running.city.boxes[0].name, 100),
        ("shutdown", [], {}),
    ):
        with pytest.raises(InvalidInputError):
            running.control(*wrong)
    assert running.control("slow", running.city.boxes[0].name, 0)["ok"]


def test_another_address_is_nobody(running, wire, request_of):
    assert wire.ask(request_of(GET, [UPTIME]), running.devices, 0.2) is None


@pytest.mark.real
def test_the_farm_compiles_without_a_warning(need, tmp_path):
    source = Path(farm.__file__).with_name("farm.c")
    done = subprocess.run(
        [need("cc"), "-O2", "-Wall", "-Wextra", "-Werror", "-o", tmp_path / "farm", source, "-lpthread"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
