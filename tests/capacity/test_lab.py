"""The lab's city buys what it needs: no line carries more than its port can, or than its circuit was bought for."""

import numpy as np

from lab import traffic
from lab.city import City
from lab.events import Events
from lab.extranet import Extranet
from lab.state import State

CITY = City(7, 120)


def test_bursts_fill_a_line_and_no_more() -> None:
    steps = np.diff(CITY.patterns.astype(np.int64), axis=1) / 16 / traffic.ONE
    assert steps.max() <= traffic.CREST + 1e-3
    assert np.allclose(steps.mean(axis=1), 1, atol=2e-3)
    _, ports = CITY.first_state(10**15)
    for box in CITY.boxes:
        for place, row in enumerate(box.layout.rows):
            assert not row.mbps or CITY.fullest_bps(box.first_port + place) <= row.mbps * 1e6
    assert ports["rate_in"].max() > 0


def test_what_was_bought_is_enough_and_a_circuit_carries_one_line() -> None:
    net, bought = Extranet(CITY), {}
    for circuit in (*net.circuits, *(circuit for _, circuit in net.leased)):
        assert circuit.name not in bought
        bought[circuit.name] = circuit.bandwidth_bps
    for point in net.access_points:
        if point.circuit:
            box = CITY.box(point.device)
            place = next(n for n, row in enumerate(box.layout.rows) if row.name == point.port)
            assert CITY.fullest_bps(box.first_port + place) <= bought[point.circuit] <= box.layout.rows[place].mbps * 1e6
    for link, circuit in net.leased:
        speeds = [row.mbps for end, port in ((link.device_a, link.port_a), (link.device_b, link.port_b))
                  for row in CITY.box(end).layout.rows if row.name == port]
        assert circuit.bandwidth_bps == min(speeds) * 1e6


def test_a_line_that_fills_up_stays_within_its_slower_end_and_goes_back() -> None:
    now_us = 1_790_000_000_000_000
    devices, ports = CITY.first_state(now_us)
    live = State.create(bytearray(State.size(len(devices), len(ports))), CITY.patterns, devices, ports, now_us)
    events = Events(CITY, live)
    unequal = next(wire for wire in CITY.wires if speed(wire.port_a) != speed(wire.port_b))
    slower = min(speed(unequal.port_a), speed(unequal.port_b))
    faster = max((unequal.port_a, unequal.port_b), key=speed)
    box = CITY.boxes[int(CITY.owner[faster])]
    for hour in (0, 7, 14):
        at = now_us + hour * 3_600_000_000
        live.now_us = lambda at=at: at  # type: ignore[method-assign]
        events.fill(box.name, CITY.row(faster, box).name, 0.9, 180)
        begins = [live.octets(port, out, at) for port in (unequal.port_a, unequal.port_b) for out in (False, True)]
        peak = 0.0
        for slot in range(1, 12):
            now = at + slot * traffic.SLOT_US
            ends = [live.octets(port, out, now) for port in (unequal.port_a, unequal.port_b) for out in (False, True)]
            peak = max(peak, *((b - a) * 8 / 16 for a, b in zip(begins, ends, strict=True)))
            begins = ends
        assert 0.5 * slower < peak <= 0.91 * slower


def speed(port: int) -> float:
    return CITY.row(port, CITY.boxes[int(CITY.owner[port])]).mbps * 1e6
