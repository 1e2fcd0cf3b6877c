"""The laws of rates: equal to a plain reference on any pair of readings, and never a false spike."""

import math

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from core.polling import Kind, PollStatus, Readings
from monitors.rates import NONE, Meaning, Meter, plain_meaning, restarted

KINDS = [Kind.NONE, Kind.INTEGER, Kind.OCTET_STRING, Kind.COUNTER32, Kind.GAUGE32, Kind.TIMETICKS, Kind.COUNTER64, Kind.NO_SUCH_INSTANCE]
NUMBERS = (Kind.INTEGER, Kind.COUNTER32, Kind.GAUGE32, Kind.TIMETICKS, Kind.COUNTER64)
variable = st.tuples(
    st.integers(0, 2**64 - 1), st.integers(0, 2**64 - 1), st.sampled_from(KINDS), st.sampled_from(KINDS), st.booleans(),
    st.sampled_from([math.inf, 1e3, 1e9, 1.25e11]), st.sampled_from([0, 0x41, 0x46]),
)


def narrow(value, kind):
    return value if kind in (Kind.COUNTER64, Kind.INTEGER) else value % 2**32


def reference(one, seconds, rebooted):
    before, after, kind0, kind1, same, limit, declared = one
    kind0 = kind1 if same else kind0
    before, after = narrow(before, kind0), narrow(after, kind1)
    if kind1 not in NUMBERS:
        return math.nan
    counter = kind1 if kind1 in (Kind.COUNTER32, Kind.COUNTER64) else declared
    if not counter:
        return float(after - 2**64 if kind1 == Kind.INTEGER and after >= 2**63 else after)
    if kind0 != kind1 or rebooted:
        return math.nan
    delta = (after - before) % (2**32 if counter == Kind.COUNTER32 else 2**64)
    if after < before and math.isinf(limit) and (counter == Kind.COUNTER64 or delta >= 2**31):
        return math.nan
    return math.nan if delta / seconds > limit else delta / seconds


def reading(sizes, columns, clock, uptime):
    out = Readings(sizes)
    out.raw[:], out.kind[:] = columns
    out.clock[:], out.uptime[:], out.status[:] = clock, uptime, PollStatus.COMPLETE
    return out


@given(st.lists(variable, min_size=1, max_size=40), st.floats(1, 1000), st.booleans())
def test_equals_the_reference(several, seconds, rebooted):
    n = len(several)
    k0 = [o[3] if o[4] else o[2] for o in several]
    first = reading([n], ([narrow(o[0], k) for o, k in zip(several, k0, strict=True)], k0), 100.0, 50_000_000)
    then = 0 if rebooted else 50_000_000 + int(seconds * 100)
    second = reading([n], ([narrow(o[1], o[3]) for o in several], [o[3] for o in several]), 100.0 + seconds, then)
    limit = np.array([o[5] if math.isfinite(o[5]) else 0.0 for o in several])
    meaning = Meaning(np.array([o[6] for o in several], np.uint8), limit, np.full(n, NONE))
    meter = Meter(first, meaning)
    start = meter.advance(first, [0])
    assert all(math.isnan(v) for v, o, k in zip(start.value, several, k0, strict=True) if (k in (0x41, 0x46) or o[6]))
    progress = meter.advance(second, [0])
    assert progress.rebooted.tolist() == [rebooted]
    for got, one in zip(progress.value.tolist(), several, strict=True):
        expected = reference(one, second.clock[0] - first.clock[0], rebooted)
        assert (math.isnan(got) and math.isnan(expected)) or math.isclose(got, expected, rel_tol=1e-12)


@given(st.integers(0, 2**32 - 1), st.floats(1, 86400))
def test_sysuptime_tells_a_wrap_from_a_restart(uptime, seconds):
    after = (uptime + int(seconds * 100)) % 2**32
    pair = np.array([uptime], np.uint64), np.array([after], np.uint64)
    assert not restarted(*pair, np.array([seconds]))[0]


@given(st.integers(100_000, 2**31), st.floats(30, 86400), st.floats(0, 1))
def test_a_restart_is_seen(uptime, seconds, share):
    """Of a device that was up for longer than its clock may be off by."""
    assume(uptime / 100 > 3 + seconds * 0.02)
    after = int(seconds * share * 100)
    assert restarted(np.array([uptime], np.uint64), np.array([after], np.uint64), np.array([seconds]))[0]


def test_a_clock_that_stands_still_is_no_restart():
    assert not restarted(np.array([7], np.uint64), np.array([7], np.uint64), np.array([300.0]))[0]


def test_a_discontinuity_breaks_its_own_row_only():
    kinds = [Kind.COUNTER64, Kind.TIMETICKS, Kind.COUNTER64, Kind.TIMETICKS]
    meaning = plain_meaning(4)._replace(discontinuity=np.array([1, NONE, 3, NONE]))
    meter = Meter(reading([4], ([100, 5, 100, 5], kinds), 0.0, 100), meaning)
    meter.advance(reading([4], ([100, 5, 100, 5], kinds), 0.0, 100), [0])
    progress = meter.advance(reading([4], ([200, 5, 9000, 6], kinds), 10.0, 1100), [0])
    assert progress.value[0] == 10.0
    assert math.isnan(progress.value[2])


def test_states_change_and_silence_changes_nothing():
    kinds = [Kind.INTEGER, Kind.COUNTER32]
    meter = Meter(reading([2, 2], ([1, 5, 1, 5], kinds * 2), 0.0, 100))
    meter.advance(reading([2, 2], ([1, 5, 1, 5], kinds * 2), 0.0, 100), [0, 1])
    second = reading([2, 2], ([2, 25, 2, 25], kinds * 2), 10.0, 1100)
    second.status[1] = PollStatus.NO_ANSWER
    progress = meter.advance(second, [0, 1])
    assert progress.device.tolist() == [0]
    assert progress.variable.tolist() == [0, 1]
    assert progress.changed.tolist() == [True, True]
    assert progress.value.tolist() == [2.0, 2.0]
    third = reading([2, 2], ([2, 25, 1, 45], kinds * 2), 20.0, 2100)
    late = meter.advance(third, [1])
    assert late.value[1] == 2.0
    assert late.changed.tolist() == [False, True]


def test_some_devices_of_an_arena_in_any_order_equal_all_of_it():
    rng = np.random.default_rng(3)
    sizes = rng.integers(1, 9, 30)
    n = int(sizes.sum())
    kinds = rng.choice([0x02, 0x41, 0x42, 0x46], n)
    old, new = rng.integers(0, 2**31, n), rng.integers(0, 2**31, n)
    whole, parts = Meter(Readings(sizes)), Meter(Readings(sizes))
    first, second = reading(sizes, (old, kinds), 0.0, 1000), reading(sizes, (new, kinds), 30.0, 4000)
    order = rng.permutation(30)
    for meter in (whole, parts):
        meter.advance(first, np.arange(30))
    expected = whole.advance(second, np.arange(30))
    got = np.full(n, -1.0)
    for some in (order[:7], order[7:8], order[8:]):
        progress = parts.advance(second, some)
        got[progress.variable] = progress.value
    assert np.array_equal(got, expected.value, equal_nan=True)


def test_carrying_over_to_a_new_arena():
    first = reading([1, 2], ([1, 2, 3], [0x41] * 3), 0.0, 100)
    old = Meter(first)
    old.advance(first, [0, 1])
    second = reading([2, 4], ([12, 13, 9, 9, 9, 9], [0x41] * 6), 10.0, 1100)
    new = Meter(second)
    new.carry(old, [(0, 1)])
    progress = new.advance(second, [0, 1])
    assert progress.value[:2].tolist() == [1.0, 1.0]
    assert np.isnan(progress.value[2:]).all()
