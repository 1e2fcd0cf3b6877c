"""Counters are functions of state and time: they never go back, whatever happens, and their forms agree."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab import mib, state, traffic
from lab.state import DOWN, UP, State

START_US = 1_790_000_000_000_000
PATTERNS = traffic.patterns(3)
_STEPS = st.lists(
    st.tuples(st.sampled_from(["wait", "down", "up", "rate"]), st.integers(0, 40_000_000_000), st.integers(0, 100_000_000_000)), max_size=30
)


def _state(rate: int, pattern: int, phase: int, base: int) -> State:
    import numpy as np

    devices, ports = np.zeros(1, state.DEVICE), np.zeros(1, state.PORT)
    devices["alive"], devices["boot_us"] = 1, START_US
    ports["admin"], ports["oper"], ports["pattern"], ports["phase"], ports["packet"], ports["err_ppm"] = UP, UP, pattern, phase, 400, 50
    ports["rate_in"] = ports["rate_out"] = rate
    ports["base_in"] = ports["base_out"] = base
    ports["mark_in"] = traffic.flow(PATTERNS, pattern, phase, START_US)
    ports["mark_out"] = traffic.flow(PATTERNS, pattern ^ 1, phase, START_US)
    return State.create(bytearray(State.size(1, 1)), PATTERNS, devices, ports, START_US)


@given(_STEPS, st.integers(0, 2**28), st.integers(0, 31), st.integers(0, 7), st.integers(0, 2**50))
@settings(max_examples=150, deadline=None)
def test_counters_never_go_back(steps, rate, pattern, phase, base):
    live, now = _state(rate, pattern, phase, base), START_US
    before = [live.octets(0, out, now) for out in (False, True)]
    assert before == [base, base]
    for what, pause_us, bps in steps:
        now += pause_us
        if what == "down":
            live.set_port(0, now, oper=DOWN)
        elif what == "up":
            live.set_port(0, now, oper=UP)
        elif what == "rate":
            live.set_port(0, now, rate_bps=bps)
        after = [live.octets(0, out, now) for out in (False, True)]
        assert all(a >= b for a, b in zip(after, before, strict=True))
        before = after


@given(st.integers(0, 31), st.integers(0, 7), st.lists(st.integers(0, 200 * traffic.DAY_US), min_size=2, max_size=40))
@settings(max_examples=150, deadline=None)
def test_flow_grows_and_has_no_jump(pattern, phase, moments):
    steepest = max(int(b) - int(a) for a, b in zip(PATTERNS[pattern], PATTERNS[pattern][1:], strict=False)) >> 4
    last = None
    for moment in sorted(moments):
        now = traffic.flow(PATTERNS, pattern, phase, START_US + moment)
        if last is not None:
            assert 0 <= now - last[1] <= steepest * (moment - last[0]) // 1_000_000 + 1
        last = moment, now


def test_a_port_that_is_down_stands_still_and_goes_on_from_there():
    live = _state(1_000_000, 5, 2, 77)
    hour = 3_600_000_000
    live.set_port(0, START_US + hour, oper=DOWN)
    stopped = live.octets(0, False, START_US + hour)
    assert stopped > 77
    assert live.octets(0, False, START_US + 9 * hour) == stopped
    live.set_port(0, START_US + 9 * hour, oper=UP)
    assert live.octets(0, False, START_US + 9 * hour) == stopped
    assert live.octets(0, False, START_US + 10 * hour) > stopped


def test_a_day_carries_what_the_rate_says():
    live = _state(1_000_000, 9, 0, 0)
    day = live.octets(0, True, START_US + traffic.DAY_US)
    assert day == pytest.approx(1_000_000 * traffic.RATE_UNIT * 86_400, rel=0.001)


def test_a_reboot_starts_from_zero():
    live = _state(1_000_000, 9, 0, 12_345)
    later = START_US + 5_000_000_000
    live.reboot(0, slice(0, 1), later, 20_000_000)
    assert live.octets(0, False, later + 20_000_000) == 0
    assert live.octets(0, False, later + 60_000_000) > 0
    assert int(live.devices[0]["boot_us"]) == later + 20_000_000


def test_wide_and_narrow_forms_agree(town):
    tree = town.tree(3, town.state.now_us())
    pairs = [((1, 3, 6, 1, 2, 1, 2, 2, 1, n), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1, w)) for n, w in ((10, 6), (16, 10), (11, 7), (17, 11))]
    for narrow, wide in pairs:
        for index in tree.indexes(tree.still.oids.index(narrow)):
            low, high = (tree.value(tree.seek(column + index)[0])[1] for column in (narrow, wide))
            assert int.from_bytes(low[2:], "big") == int.from_bytes(high[2:], "big") & 0xFFFF_FFFF


def test_some_counters_wrap_and_some_uptimes_do(town):
    """Otherwise nobody would notice a poller that takes a wrap for a spike."""
    assert int((town.state.ports["base_in"] > 2**32).sum()) > 100
    devices, _ = _old_city()
    assert int((devices["boot_us"] < START_US - 497 * 86_400_000_000).sum()) >= 1


def _old_city():
    from lab.city import City

    return City(1, 3000).first_state(START_US)


def test_codes_of_counters_do_not_meet_other_values():
    counters = {mib.counter(kind, out, wide) for kind in mib.Counter for out in (False, True) for wide in (False, True)}
    assert len(counters) == 28
    assert min(counters) == mib.Value.COUNTER
    assert max(counters) < mib.Value.COUNTER_END
    assert not counters & {int(value) for value in mib.Value if value != mib.Value.COUNTER}
