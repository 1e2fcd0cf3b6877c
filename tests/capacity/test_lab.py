"""The lab's city buys what it needs: no line carries more than its port can, or than its circuit was bought for."""

import numpy as np

from lab import traffic
from lab.city import City
from lab.extranet import Extranet

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
