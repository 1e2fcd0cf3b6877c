"""Laws of both decoders: no bytes raise anything but ProtocolError, and what the block decoder takes, the plain one reads the same."""

import os
import random
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInputError, ProtocolError
from core.polling import PollPlan, Readings, SnmpSecret, TablePlan, Target
from core.sections import Polling
from links.snmp import ber, mend, plain, usm
from links.snmp.block import BlockDecoder
from links.snmp.fleet import Fleet
from links.snmp.reader import Reader
from links.snmp.wire import SPARE

UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
SOAK = os.environ.get("YUNWANG_SOAK") == "1"
subid = st.integers(0, 2**32 - 1)
oids = st.tuples(st.integers(0, 1), st.integers(0, 39)).flatmap(lambda head: st.lists(subid, max_size=20).map(lambda t: (*head, *t)))


def number(tag, value):
    return ber.tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


values = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(lambda v: (2, v, ber.integer(v))),
    st.tuples(st.sampled_from([0x41, 0x42, 0x43]), st.integers(0, 2**32 - 1)).map(lambda p: (*p, number(*p))),
    st.integers(0, 2**64 - 1).map(lambda v: (0x46, v, number(0x46, v))),
    st.binary(max_size=300).map(lambda v: (4, v, ber.tlv(4, v))),
    st.binary(min_size=4, max_size=4).map(lambda v: (0x40, v, ber.tlv(0x40, v))),
    st.sampled_from([0x80, 0x81, 0x82]).map(lambda t: (t, None, bytes((t, 0)))),
    oids.map(lambda o: (6, o, ber.tlv(6, ber.oid_body(o)))),
)


def answer(request_id, pairs, status=0):
    bindings = ber.tlv(0x30, b"".join(ber.tlv(0x30, ber.tlv(6, ber.oid_body(o)) + v) for o, v in pairs))
    return ber.message(ber.V2C, b"public", ber.pdu(ber.RESPONSE, request_id, status, 0, bindings))


@given(st.lists(st.tuples(oids, values), max_size=30), st.integers(-(2**31), 2**31 - 1))
def test_what_is_encoded_is_decoded(pairs, request_id):
    response = plain.decode(answer(request_id, [(o, v[2]) for o, v in pairs]))
    assert (response.request_id, response.kind, response.version, response.community) == (request_id, ber.RESPONSE, ber.V2C, b"public")
    assert [(b.oid, b.kind, b.value) for b in response.bindings] == [(o, v[0], v[1]) for o, v in pairs]


@given(st.lists(st.tuples(st.sampled_from([(1, 3, 6, 1), (1, 3, 6, 2), (1, 3, 7)]), oids, values), max_size=30))
def test_cells_of_a_table_are_the_bindings_below_its_columns(told):
    columns = [(1, 3, 6, 1), (1, 3, 6, 2)]
    pairs = [(root + tail, v[2]) for root, tail, v in told]
    expected, going = [], {0, 1}
    for position, (root, tail, v) in enumerate(told):
        column = position % 2
        if column in going and root == columns[column] and v[0] != plain.END_OF_MIB_VIEW:
            expected.append((column, tail, v[0], v[1]))
        elif column in going:
            going.discard(column)
            expected.append((-1 - column, (), v[0], None))
    head = plain.head(answer(1, pairs))
    assert list(plain.cells(head.data, head.at, head.end, [ber.oid_body(c) for c in columns])) == expected


def cells_of(data):
    head = plain.head(data)
    return list(plain.cells(head.data, head.at, head.end, [b"\x2b\x06\x01"]))


@given(st.binary(max_size=400))
def test_garbage_raises_only_our_error(data):
    for decode in (plain.decode, usm.decode, cells_of):
        try:
            decode(data)
        except ProtocolError:
            continue


@given(st.binary(max_size=200))
def test_garbage_in_the_place_of_a_table_raises_only_our_error(data):
    whole = ber.message(ber.V2C, b"public", ber.pdu(ber.RESPONSE, 1, 0, 0, ber.tlv(0x30, data)))
    for decode in (plain.decode, cells_of):
        try:
            decode(whole)
        except ProtocolError:
            continue


@pytest.mark.parametrize("oid", [(1,), (3, 1), (1, 40), (1, 3, -1), (1, 3, 2**32), (1, 3, *range(200))])
def test_what_is_no_name_is_not_encoded(oid):
    with pytest.raises(InvalidInputError):
        ber.oid_body(oid)


@given(st.integers(ber.MIN_REQUEST_ID, ber.MAX_REQUEST_ID), st.lists(oids, min_size=1, max_size=20))
def test_a_request_id_is_rewritten_in_place(request_id, names):
    data, at = ber.request(ber.V2C, b"c", ber.GETBULK, [ber.oid_body(o) for o in names], 1, 10)
    request = plain.decode(ber.with_id(data, at, request_id))
    assert (request.request_id, request.error_status, request.error_index) == (request_id, 1, 10)
    assert [b.oid for b in request.bindings] == names


class Bench:
    """One device's fleet and a decoder over one buffer each for a few datagrams."""

    STRIDE = 4096

    def __init__(self, plan):
        target = Target(device_id="d", address="127.0.0.1", secret=SnmpSecret(community="public"))
        self.work = [(target, plan)]
        self.flat = np.zeros(8 * self.STRIDE + SPARE, np.uint8)

    def block(self, datagrams):
        """(was taken, raw, kind) of the datagrams as answers to the plan's first request."""
        fleet = self.fleet()
        decoder = BlockDecoder(self.flat, fleet.book)
        self.flat[:] = np.random.default_rng(1).integers(0, 256, len(self.flat))
        at = np.arange(len(datagrams)) * self.STRIDE
        end = at + np.array([len(d) for d in datagrams])
        for start, data in zip(at.tolist(), datagrams, strict=True):
            self.flat[start : start + len(data)] = np.frombuffer(data, np.uint8)
        heads = decoder.heads(at, end)
        out = []
        for n in range(len(datagrams)):
            into = Readings([fleet.sizes[0]])
            good = heads.good[n]
            if good:
                good = decoder.decode(heads.first[[n]], end[[n]], np.array([int(fleet.book.first[0])]), into)[0][0]
            out.append((bool(good), int(heads.ids[n]), into.raw.tolist(), into.kind.tolist()))
        return out

    def by_form(self, first, datagrams, without_block=False):
        """The same of datagrams read one after the other behind `first`, each by the form of the last good one."""
        fleet = self.fleet()
        reader = Reader(self.flat, fleet.book)
        out = []
        for n, data in enumerate([first, *datagrams]):
            self.flat[: len(data)] = np.frombuffer(data, np.uint8)
            self.flat[len(data) : len(data) + 64] = n
            at, end, into = np.array([0]), np.array([len(data)]), Readings([fleet.sizes[0]])
            seen, good = reader.ids(at, end)
            if good[0]:
                good, numbers = reader.read(at, end, np.array([int(fleet.book.first[0])]), into)
                assert not good[0] or numbers[0] == np.isin(into.kind, NUMBERS).sum()
            out.append((bool(good[0]), int(seen[0]), into.raw.tolist(), into.kind.tolist()))
            if without_block:
                reader.decoder = None
        assert out[0][0]
        return out[1:]

    def fleet(self):
        fleet = Fleet(self.work, Polling(), 0.0)
        fleet.fill(None, 0.0)
        return fleet

    def plainly(self, data):
        fleet = self.fleet()
        response = plain.decode(data)
        mend.take(fleet, int(fleet.book.first[0]), response)
        return response.request_id, fleet.readings.raw.tolist(), fleet.readings.kind.tolist()


NUMBERS = (0x02, 0x41, 0x42, 0x43, 0x46)
COLUMNS = ((1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6), (1, 3, 6, 1, 2, 1, 2, 2, 1, 8))
PLAN = PollPlan(scalars=(UPTIME,), tables=(TablePlan(columns=COLUMNS, indexes=((1,), (130,), (70000,), (2**31 - 1,))),))
fitting = st.one_of(
    st.integers(-(2**31), 2**31 - 1).map(ber.integer),
    st.tuples(st.sampled_from([0x41, 0x42, 0x43]), st.integers(0, 2**32 - 1)).map(lambda p: number(*p)),
    st.integers(0, 2**64 - 1).map(lambda v: number(0x46, v)),
    st.sampled_from([b"\x80\x00", b"\x81\x00"]),
)
whole = st.lists(fitting, min_size=PLAN.size, max_size=PLAN.size)
ids = st.integers(ber.MIN_REQUEST_ID, ber.MAX_REQUEST_ID)


@given(whole, ids)
def test_the_block_decoder_takes_every_planned_answer(contents, request_id):
    data = answer(request_id, list(zip(PLAN.oids(), contents, strict=True)))
    good, seen, raw, kind = Bench(PLAN).block([data])[0]
    assert good
    assert (seen, raw, kind) == Bench(PLAN).plainly(data)


@given(whole, ids, ids, st.randoms(use_true_random=False))
def test_an_answer_with_other_digits_is_read_by_its_form_alone(contents, one, other, rng):
    first = answer(one, list(zip(PLAN.oids(), contents, strict=True)))
    data = answer(other, list(zip(PLAN.oids(), [other_digits(c, rng) for c in contents], strict=True)))
    [(good, seen, raw, kind)] = Bench(PLAN).by_form(first, [data], without_block=True)
    assert good
    assert (seen, raw, kind) == Bench(PLAN).plainly(data)


def other_digits(value, rng):
    """A value of the same kind, length and sign, with other digits behind the leading zero of an unsigned number."""
    tag, size, digits = value[0], value[1], list(value[2:])
    for n in range(size):
        digits[n] = rng.randrange(256)
    if size and tag == 2:
        digits[0] = digits[0] & 0x7F | value[2] & 0x80
    elif size == (9 if tag == 0x46 else 5):
        digits[0] = 0
    return bytes((tag, size, *digits))


@given(whole, st.lists(whole, min_size=1, max_size=4), ids)
def test_forms_follow_answers_whose_lengths_change(contents, several, request_id):
    datagrams = [answer(request_id, list(zip(PLAN.oids(), c, strict=True))) for c in [contents, *several]]
    for data, (good, seen, raw, kind) in zip(datagrams[1:], Bench(PLAN).by_form(datagrams[0], datagrams[1:]), strict=True):
        assert good
        assert (seen, raw, kind) == Bench(PLAN).plainly(data)


def mutated(data, rng):
    out = bytearray(data)
    for _ in range(rng.randrange(1, 4)):
        what, at = rng.randrange(5), rng.randrange(len(out) or 1)
        if len(out) < 8:
            break
        if what == 0:
            out[at] = rng.randrange(256)
        elif what == 1:
            out[at] ^= 1 << rng.randrange(8)
        elif what == 2:
            del out[at : at + rng.randrange(1, 4)]
        elif what == 3:
            out[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(1, 4)))
        else:
            out = out[: max(1, at)]
    return bytes(out)


def check_mutants(rng, bench):
    contents = [
        rng.choice([ber.integer(rng.randrange(-(2**31), 2**31)), number(0x41, rng.randrange(2**32)), number(0x46, rng.randrange(2**64))])
        for _ in range(PLAN.size)
    ]
    request_id = rng.randrange(ber.MIN_REQUEST_ID, ber.MAX_REQUEST_ID)
    data = answer(request_id, list(zip(PLAN.oids(), contents, strict=True)))
    mutants = [mutated(data, rng) for _ in range(8)]
    taken = 0
    both = bench.block(mutants) + bench.by_form(data, mutants)
    for mutant, (good, seen, raw, kind) in zip(mutants * 2, both, strict=True):
        if good:
            assert (seen, raw, kind) == bench.plainly(mutant)
            taken += 1
            continue
        try:
            bench.plainly(mutant)
        except ProtocolError:
            continue
    return taken


@pytest.mark.soak
def test_what_is_taken_of_damaged_answers_the_plain_decoder_reads_the_same():
    """Of both roads, by block and by form. An hour of CPU in soak, some seconds otherwise."""
    seed = int.from_bytes(os.urandom(4), "big")
    rng, bench = random.Random(seed), Bench(PLAN)
    taken = tried = 0
    spent = time.process_time() + (3600 if SOAK else 4)
    while tried < 100 or time.process_time() < spent:
        taken += check_mutants(rng, bench)
        tried += 1
    print(f"seed {seed}: {tried * 16} damaged answers, {taken} of them still as planned")  # noqa: T201 - make soak prints its counts
    assert 0 < taken < tried * 16


@settings(max_examples=30)
@given(st.lists(st.lists(fitting, min_size=PLAN.size, max_size=PLAN.size), min_size=2, max_size=8))
def test_one_bad_datagram_in_a_block_leaves_the_others_good(several):
    datagrams = [answer(ber.MIN_REQUEST_ID + n, list(zip(PLAN.oids(), c, strict=True))) for n, c in enumerate(several)]
    datagrams[0] = datagrams[0][:-3]
    results = Bench(PLAN).block(datagrams)
    assert [good for good, *_ in results] == [False] + [True] * (len(datagrams) - 1)
    assert not any(results[0][3])
