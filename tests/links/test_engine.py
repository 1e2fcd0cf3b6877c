"""The engine against a scripted agent: whatever the network does, every value is right or missing, and everything is counted."""

import socket
import threading
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import InvalidInputError, UnavailableError
from core.polling import Kind, PollPlan, PollStatus, SnmpSecret, TablePlan, Target
from core.sections import Polling
from links.snmp import ber, forms, plain
from links.snmp.engine import Engine

UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
COLUMNS = [(1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6), (1, 3, 6, 1, 2, 1, 2, 2, 1, 8), (1, 3, 6, 1, 2, 1, 2, 2, 1, 14)]
INDEXES = [(1,), (2,), (127,), (128,), (16383,), (16384,), (2097151,), (2097152,), (268435455,), (268435456,), (2147483647,)]


@pytest.fixture(params=["mmsg", "portable"])
def engine(request):
    made = Engine(Polling(), portable=request.param == "portable")
    yield made
    made.close()


def wanted(plan):
    return [256] + [(c + 1) * 100_000 + r for r in range(len(plan.tables[0].indexes)) for c in range(len(plan.tables[0].columns))]


def values(engine, device=0):
    return engine.readings.raw[engine.readings.span(device)].tolist()


def status(engine, device=0):
    return PollStatus(int(engine.readings.status[device]))


def test_every_value_lands_in_its_place(engine, agent):
    plan = agent.table(COLUMNS, INDEXES)
    engine.assign([(agent.target(), plan)])
    assert engine.sweep() == [0]
    assert status(engine) == PollStatus.COMPLETE
    assert values(engine) == wanted(plan)
    assert engine.readings.uptime[0] == 256
    assert 0 < engine.readings.rtt[0] < 0.5
    assert engine.counters().slow_path == 0
    assert all(r.kind == ber.GETBULK for r in agent.requests)


def test_both_families_and_many_layouts_at_once(engine, make_agent):
    work, plans = [], []
    for n in range(40):
        one = make_agent(*((socket.AF_INET6, "::1") if n % 2 else ()))
        plans.append(one.table(COLUMNS[: 1 + n % 3], [(n + 1 + 300 * r,) for r in range(1 + n)]))
        work.append((one.target(), plans[-1]))
    engine.assign(work)
    for _ in range(3):
        assert sorted(engine.sweep()) == list(range(40))
        assert [values(engine, n) for n in range(40)] == [wanted(p) for p in plans]
        assert {status(engine, n) for n in range(40)} == {PollStatus.COMPLETE}


def test_a_plan_that_skips_rows_is_asked_by_name_and_says_so_once(engine, agent):
    agent.table(COLUMNS, INDEXES)
    plan = PollPlan(scalars=(UPTIME,), tables=(TablePlan(columns=tuple(COLUMNS), indexes=tuple(INDEXES[::2])),))
    engine.assign([(agent.target(), plan)])
    expected = [256] + [(c + 1) * 100_000 + r for r in range(0, len(INDEXES), 2) for c in range(3)]
    seen = []
    for _ in range(3):
        engine.sweep()
        assert values(engine) == expected
        seen.append(status(engine))
    assert seen == [PollStatus.REINDEXED, PollStatus.COMPLETE, PollStatus.COMPLETE]
    engine.assign([(agent.target(), plan)])
    engine.sweep()
    assert status(engine) == PollStatus.COMPLETE


def test_a_device_that_moved_its_rows_is_noticed_and_no_value_is_taken_for_another(engine, agent):
    plan = agent.table(COLUMNS, INDEXES)
    engine.assign([(agent.target(), plan)])
    engine.sweep()
    agent.variables = {UPTIME: (0x43, b"\x02")}
    agent.table(COLUMNS, [(i + 1,) for i in range(11)])
    engine.sweep()
    assert status(engine) == PollStatus.REINDEXED
    kinds = engine.readings.kind[engine.readings.span(0)].reshape(-1)[1:].reshape(11, 3)
    assert (kinds[2:] == Kind.NO_SUCH_INSTANCE).all()
    assert (kinds[:2] == Kind.COUNTER32).all()


def test_holes_in_a_column_leave_the_rest_good(engine, agent):
    plan = agent.table(COLUMNS, INDEXES)
    del agent.variables[COLUMNS[1] + (128,)]
    engine.assign([(agent.target(), plan)])
    for _ in range(2):
        engine.sweep()
    assert status(engine) == PollStatus.PARTIAL
    hole = 1 + INDEXES.index((128,)) * 3 + 1
    assert engine.readings.kind[hole] == Kind.NO_SUCH_INSTANCE
    assert [v for n, v in enumerate(values(engine)) if n != hole] == [v for n, v in enumerate(wanted(plan)) if n != hole]


@pytest.mark.parametrize("version", ["1", "2c"])
def test_an_agent_with_small_messages_is_asked_for_less(engine, agent, version):
    agent.max_size = 484
    plan = agent.table(COLUMNS, [(r,) for r in range(1, 120)])
    engine.assign([(agent.target(version=version), plan)])
    engine.sweep()
    assert values(engine) == wanted(plan)
    assert status(engine) == PollStatus.COMPLETE
    before = len(agent.requests)
    engine.sweep()
    assert values(engine) == wanted(plan)
    assert all(len(agent.answer(r)) <= 484 and plain.decode(agent.answer(r)).error_status == 0 for r in agent.requests[before:])


def test_an_agent_with_large_messages_is_asked_for_more(engine, agent):
    agent.max_size = 60000
    plan = agent.table(COLUMNS, [(r,) for r in range(1, 400)])
    engine.assign([(agent.target(), plan)])
    counts = []
    for _ in range(8):
        before = len(agent.requests)
        engine.sweep()
        assert values(engine) == wanted(plan)
        counts.append(len(agent.requests) - before)
    assert counts[-1] * 3 < counts[0]


def test_v1_drops_only_what_it_does_not_have(engine, agent):
    plan = agent.table(COLUMNS, INDEXES)
    for name in (COLUMNS[0] + (1,), COLUMNS[2] + (128,), COLUMNS[1] + (2147483647,)):
        del agent.variables[name]
    engine.assign([(agent.target(version="1"), plan)])
    for _ in range(2):
        before = len(agent.requests)
        engine.sweep()
        read = engine.readings.kind[engine.readings.span(0)]
        assert status(engine) == PollStatus.PARTIAL
        assert [n for n in range(plan.size) if read[n] == Kind.NO_SUCH_INSTANCE] == [1, 12, 32]
        assert [v for n, v in enumerate(values(engine)) if n not in (1, 12, 32)] == [
            v for n, v in enumerate(wanted(plan)) if n not in (1, 12, 32)
        ]
    assert len(agent.requests) - before <= 4


def test_loss_is_repaired_by_retries(engine, agent):
    plan = agent.table(COLUMNS, [(r,) for r in range(1, 150)])
    agent.script = lambda number, request, answer, reply: number % 3 == 1
    engine.assign([(agent.target(timeout_s=0.2, retries=3), plan)])
    engine.sweep()
    assert status(engine) == PollStatus.COMPLETE
    assert values(engine) == wanted(plan)
    assert engine.counters().resent > 0


def test_duplicates_reorder_late_spoofed_and_foreign_answers_are_dropped_and_counted(engine, agent):
    plan = agent.table(COLUMNS, [(r,) for r in range(1, 200)])
    stranger = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    stranger.bind(("127.0.0.2", 0))
    held = []

    def script(number, request, answer, reply):
        lie = agent.response(request, [(b.oid, ber.integer(666, 0x41)) for b in request.bindings])
        here = ("127.0.0.1", engine._lanes[socket.AF_INET].wire.socket.getsockname()[1])
        stranger.sendto(lie, here)
        other = ber.message(ber.V2C, b"public", ber.pdu(ber.RESPONSE, (request.request_id + 7) & 0x7FFFFFFF, 0, 0, ber.tlv(0x30, b"")))
        reply(other)
        reply(b"\x30\x82\xff\xffgarbage")
        reply(answer[:40])
        for old in held:
            reply(old)
        held.append(answer)
        time.sleep(0.002)
        return False

    agent.script = script
    engine.assign([(agent.target(), plan)])
    for _ in range(3):
        engine.sweep()
        assert status(engine) == PollStatus.COMPLETE
        assert values(engine) == wanted(plan)
    seen = engine.counters()
    stranger.close()
    assert min(seen.spoofed, seen.duplicate, seen.foreign, seen.malformed) > 0


def test_late_answers_are_counted_as_late(engine, agent):
    plan = agent.table(COLUMNS, [(1,)])

    def script(number, request, answer, reply):
        if number == 1:
            threading.Timer(0.3, reply, [answer]).start()
            return True
        return False

    agent.script = script
    engine.assign([(agent.target(timeout_s=0.1, retries=0), plan)])
    engine.sweep()
    assert status(engine) == PollStatus.NO_ANSWER
    time.sleep(0.35)
    engine.sweep()
    assert status(engine) == PollStatus.COMPLETE
    assert engine.counters().late == 1


def test_dead_devices_are_probed_with_one_small_question_and_the_living_lose_nothing(make_agent):
    engine = Engine(Polling(window=64))
    living = [make_agent() for _ in range(20)]
    plans = [one.table(COLUMNS, INDEXES) for one in living]
    dead = [make_agent() for _ in range(20)]
    for one in dead:
        one.script = lambda *_: True
    work = [(one.target(timeout_s=0.2), plan) for one, plan in zip(living + dead, plans + plans, strict=True)]
    engine.assign(work)
    engine.sweep()
    assert [status(engine, n) for n in range(40)] == [PollStatus.COMPLETE] * 20 + [PollStatus.NO_ANSWER] * 20
    before = [len(one.requests) for one in dead]
    engine.sweep()
    assert [len(one.requests) - b for one, b in zip(dead, before, strict=True)] == [1] * 20
    assert all(len(one.requests[-1].bindings) == 1 for one in dead)
    for one in dead:
        one.script = None
        for oid, value in living[0].variables.items():
            one.variables[oid] = value
    engine.sweep()
    assert [status(engine, n) for n in range(40)] == [PollStatus.COMPLETE] * 40
    assert values(engine, 39) == wanted(plans[0])
    engine.close()


def test_values_that_are_no_numbers_and_odd_encodings(engine, agent):
    plan = agent.table(COLUMNS[:1], [(r,) for r in range(1, 8)])
    column = COLUMNS[0]
    agent.variables[(*column, 1)] = (0x46, bytes([0, 255, 255, 255, 255, 255, 255, 255, 255]))
    agent.variables[(*column, 2)] = (0x41, bytes([255, 255, 255, 255]))
    agent.variables[(*column, 3)] = (0x02, bytes([0xFF]))
    agent.variables[(*column, 4)] = (0x02, bytes([0x80, 0, 0, 0]))
    agent.variables[(*column, 5)] = (0x04, b"text")
    agent.variables[(*column, 6)] = (0x43, bytes([0, 255, 255, 255, 255]))
    agent.variables[(*column, 7)] = (0x46, bytes([0x7F, 0, 0, 0, 0, 0, 0, 1]))
    engine.assign([(agent.target(), plan)])
    engine.sweep()
    assert status(engine) == PollStatus.PARTIAL
    signed = engine.readings.raw[engine.readings.span(0)].view("int64").tolist()
    assert values(engine)[1:3] == [2**64 - 1, 2**32 - 1]
    assert signed[3:5] == [-1, -(2**31)]
    assert values(engine)[5:] == [0, 2**32 - 1, 0x7F00000000000001]
    assert engine.readings.kind[5] == Kind.OCTET_STRING


def test_long_names_are_read_all_the_same(engine, agent):
    column = (1, 3, 6, 1, 4, 1, 25506, 2, 6, 1, 1, 1, 1, 99999, 99999, 99999, 6)
    plan = agent.table([column, COLUMNS[0]], [(r, *range(300, 330)) for r in range(1, 30)])
    engine.assign([(agent.target(), plan)])
    engine.sweep()
    assert values(engine) == wanted(plan)


def test_assigning_again_keeps_what_stays(engine, make_agent):
    one, two, three = (make_agent() for _ in range(3))
    plans = [one.table(COLUMNS, INDEXES), two.table(COLUMNS[:1], INDEXES), three.table(COLUMNS[:2], INDEXES)]
    engine.assign([(one.target(), plans[0]), (two.target(), plans[1])])
    engine.sweep()
    stamp, due = engine.readings.at[1], engine._fleet.schedule.due[1]
    engine.assign([(three.target(), plans[2]), (two.target(), plans[1])])
    assert status(engine, 0) == PollStatus.NEVER
    assert status(engine, 1) == PollStatus.COMPLETE
    assert values(engine, 1) == wanted(plans[1])
    assert (engine.readings.at[1], engine._fleet.schedule.due[1]) == (stamp, due)
    engine.sweep()
    assert values(engine, 0) == wanted(plans[2])
    assert values(engine, 1) == wanted(plans[1])


def test_assigning_in_the_middle_of_a_poll_loses_nothing(engine, make_agent):
    agents = [make_agent() for _ in range(5)]
    plans = [one.table(COLUMNS, [(r,) for r in range(1, 100)]) for one in agents]
    work = [(one.target(), plan) for one, plan in zip(agents, plans, strict=True)]
    engine.assign(work[:4])
    engine.step(0.001)
    engine.assign(work)
    engine.sweep()
    assert [values(engine, n) for n in range(5)] == [wanted(p) for p in plans]


def test_step_polls_each_device_at_its_own_interval(engine, make_agent):
    fast, slow = make_agent(), make_agent()
    plan = fast.table(COLUMNS, INDEXES)
    slow.table(COLUMNS, INDEXES)
    engine.assign([(fast.target(interval_s=0.1), plan), (slow.target(interval_s=3600), plan)])
    seen = []
    while seen.count(0) < 5:
        seen += engine.step(0.5)
    assert seen.count(1) <= 2
    assert engine.overdue() == 0


def test_wake_ends_a_step_that_sleeps(engine, agent):
    engine.assign([(agent.target(interval_s=3600), agent.table(COLUMNS, INDEXES))])
    engine.sweep()
    ended = threading.Event()

    def run():
        engine.step(60)
        ended.set()

    thread = threading.Thread(target=run)
    thread.start()
    while not ended.wait(0.05):
        engine.wake()
    thread.join()


def test_what_cannot_be_polled_is_said_in_one_sentence(engine, agent):
    plan = agent.table(COLUMNS, INDEXES)
    with pytest.raises(UnavailableError, match="no address"):
        engine.assign([(agent.target(address="switch.example"), plan)])
    with pytest.raises(InvalidInputError, match="nothing to poll"):
        engine.assign([(agent.target(), PollPlan(scalars=()))])
    secret = SnmpSecret(username="u", auth="SHA256", auth_key="short", priv="AES128", priv_key="x" * 8)
    with pytest.raises(InvalidInputError, match="fewer than 8"):
        engine.assign([(agent.target(version="3", secret=secret), plan)])


def test_an_agent_that_refuses_is_refused(engine, agent):
    plan = agent.table(COLUMNS, INDEXES)

    def script(number, request, answer, reply):
        reply(agent.response(request, [], plain.AUTHORIZATION_ERROR, 0))
        return True

    agent.script = script
    engine.assign([(agent.target(), plan)])
    engine.sweep()
    assert status(engine) == PollStatus.REFUSED


def test_an_address_nobody_has_is_no_answer(engine):
    plan = PollPlan(scalars=(UPTIME,))
    engine.assign([(Target(device_id="x", address="127.9.9.9", port=9, secret=SnmpSecret(community="c"), timeout_s=0.1), plan)])
    engine.sweep()
    assert status(engine) == PollStatus.NO_ANSWER
    assert engine.counters().timeouts == 1


def test_trying_larger_answers_costs_a_device_with_many_rows_nothing(engine, agent):
    plan = agent.table(COLUMNS, [(r,) for r in range(1, 420)])
    engine.assign([(agent.target(), plan)])
    for _ in range(4):
        engine.sweep()
        assert status(engine) == PollStatus.COMPLETE
        assert values(engine) == wanted(plan)
    assert engine.counters().slow_path > 0


def test_an_answer_that_never_came_is_asked_for_again_in_the_same_poll(engine, agent):
    plan = agent.table(COLUMNS, [(r,) for r in range(1, 150)])
    engine.assign([(agent.target(timeout_s=0.2, retries=1), plan)])
    agent.script = lambda number, request, answer, reply: number in (3, 4)
    engine.sweep()
    assert status(engine) == PollStatus.COMPLETE
    assert values(engine) == wanted(plan)
    assert engine.counters().timeouts == 1


def test_a_damaged_form_of_one_device_costs_no_device_a_value(engine, make_agent, caplog):
    agents = [make_agent() for _ in range(3)]
    plans = [one.table(COLUMNS, INDEXES) for one in agents]
    engine.assign([(one.target(), plan) for one, plan in zip(agents, plans, strict=True)])
    engine.sweep()
    book = engine._fleet.book
    assert (book.forms.size[book.first[:3]] > 0).all()
    book.forms.at[book.first[0]] = 2**40
    for _ in range(3):
        engine.sweep()
        assert [values(engine, n) for n in range(3)] == [wanted(plan) for plan in plans]
        assert {status(engine, n) for n in range(3)} == {PollStatus.COMPLETE}
    assert engine.counters().unread == 1
    assert "one by one" in caplog.text


def test_forms_that_move_together_are_forms_all_the_same(engine, make_agent, monkeypatch):
    monkeypatch.setattr(forms, "_IDLE_WORDS", 0)
    agents = [make_agent() for _ in range(4)]
    plans = [one.table(COLUMNS, [(r,) for r in range(1, 90 + 70 * n)]) for n, one in enumerate(agents)]
    for one in agents:
        one.max_size = 60000
    engine.assign([(one.target(), plan) for one, plan in zip(agents, plans, strict=True)])
    words = []
    for _ in range(9):
        engine.sweep()
        assert [values(engine, n) for n in range(4)] == [wanted(plan) for plan in plans]
        words.append(engine._fleet.book.forms._used_words)
    book = engine._fleet.book
    slots = np.concatenate([np.arange(book.first[n], book.stop[n]) for n in range(4)])
    assert (book.forms.size[slots] > 0).all()
    assert sum(room[0] for room in book.forms.rooms.values()) == words[-1] - book.forms._idle_words
    assert words[-1] < max(words)
    assert engine.counters().unread == 0


def test_plans_that_are_shared_are_read_like_others(engine, make_agent):
    agents = [make_agent() for _ in range(6)]
    plan = [one.table(COLUMNS, INDEXES) for one in agents].pop()
    alone = PollPlan(scalars=plan.scalars, tables=plan.tables)
    engine.assign([(one.target(), alone if n == 3 else plan) for n, one in enumerate(agents)])
    assert len(engine._fleet.book.names.heads) < 3 * plan.size + 600
    for one in range(2):
        engine.sweep()
        assert [values(engine, n) for n in range(6)] == [wanted(plan)] * 6
        if not one:
            engine.assign([(agents[n].target(), plan) for n in (5, 4, 3, 2, 1, 0)])


OPERATIONS = st.lists(
    st.one_of(
        st.tuples(st.just("step"), st.floats(0.0, 0.08)),
        st.tuples(st.just("silent"), st.integers(0, 3)),
        st.tuples(st.just("speaks"), st.integers(0, 3)),
        st.tuples(st.just("assign"), st.sets(st.integers(0, 3), min_size=1)),
        st.tuples(st.just("replan"), st.integers(0, 3)),
    ),
    max_size=14,
)


@settings(max_examples=25)
@given(operations=OPERATIONS)
def test_whatever_is_assigned_in_the_middle_of_whatever_no_device_is_ever_forgotten(agents_of_four, operations):
    agents, alone, wide = agents_of_four
    here, plans, silent = [0, 1, 2, 3], [alone] * 4, set()
    for number, one in enumerate(agents):
        one.script = lambda _n, _request, _answer, _reply, number=number: number in silent
    engine = Engine(Polling(dead_probe_s=1))
    targets = [one.target(interval_s=0.05, timeout_s=0.03, retries=1) for one in agents]
    try:
        engine.assign([(targets[n], plans[n]) for n in here])
        for what, argument in operations:
            if what == "step":
                engine.step(argument)
            elif what == "silent":
                silent.add(argument)
            elif what == "speaks":
                silent.discard(argument)
            else:
                if what == "assign":
                    here = sorted(argument)
                else:
                    plans[argument] = wide if plans[argument] is alone else alone
                engine.assign([(targets[n], plans[n]) for n in here])
            flying = set(engine._fleet.book.device[engine._flight.slot[engine._flight.slot != -1]].tolist())
            waiting = {int(n) for part in (*engine._polls.ready, *engine._polls.spent) for n in part}
            asleep = set(np.nonzero(np.isfinite(engine._fleet.schedule.due))[0].tolist())
            assert flying | waiting | asleep == set(range(len(here)))
            assert not asleep & (flying | waiting)
        silent.clear()
        left = set(range(len(here)))
        deadline = time.monotonic() + 20
        while left:
            assert time.monotonic() < deadline, "a device that answers is no longer polled"
            left -= {n for n in engine.step(0.05) if status(engine, n) == PollStatus.COMPLETE}
    finally:
        engine.close()


@pytest.fixture(scope="module")
def agents_of_four(agent_class):
    agents = [agent_class() for _ in range(4)]
    wide = [one.table(COLUMNS, [(r,) for r in range(1, 60)]) for one in agents].pop()
    yield agents, PollPlan(scalars=(UPTIME,)), wide
    for one in agents:
        one.stop()


@pytest.mark.parametrize("version", ["1", "2c"])
def test_a_slow_device_is_asked_for_everything_at_each_third_turn_and_else_only_whether_it_answers(agent, version):
    engine = Engine(Polling(dead_probe_s=1))
    plan = agent.table(COLUMNS[1:], INDEXES)
    target = agent.target(interval_s=0.1, every=3, version=version)
    try:
        engine.assign([(target, plan)])
        seen, asked = [], []
        while len(seen) < 7:
            before = len(agent.requests)
            if engine.step(0.5):
                seen.append(status(engine))
                asked.append(sum(len(r.bindings) * max(r.error_index, 1) for r in agent.requests[before:]))
                assert values(engine) == wanted(plan), "what was read stays"
                assert engine.readings.uptime[0] == 256
        assert seen == [PollStatus.COMPLETE, PollStatus.ALIVE, PollStatus.ALIVE] * 2 + [PollStatus.COMPLETE]
        assert all(few == 1 for few, how in zip(asked, seen, strict=True) if how == PollStatus.ALIVE)
        agent.script = lambda *_: True
        while status(engine) != PollStatus.NO_ANSWER:
            engine.step(0.5)
        agent.script = None
        while status(engine) == PollStatus.NO_ANSWER:
            engine.step(0.5)
        assert status(engine) == PollStatus.COMPLETE, "one that comes back is asked for everything"
        assert engine.sweep() == [0]
        assert status(engine) == PollStatus.COMPLETE, "a sweep asks for everything"
    finally:
        engine.close()


def test_how_often_a_device_is_asked_for_everything_may_change_under_way(agent):
    engine = Engine(Polling())
    plan = agent.table(COLUMNS, INDEXES)
    try:
        for every in (1, 5, 2, 1):
            engine.assign([(agent.target(interval_s=0.05, every=every), plan)])
            seen = []
            while len(seen) < 2 * every + 3:
                if engine.step(0.5):
                    seen.append(status(engine))
            assert set(seen) == ({PollStatus.COMPLETE, PollStatus.ALIVE} if every > 1 else {PollStatus.COMPLETE})
            assert values(engine) == wanted(plan)
    finally:
        engine.close()


@pytest.mark.parametrize("version", ["1", "2c"])
def test_numbers_that_come_as_texts_are_read_and_cost_the_others_nothing(engine, agent, version):
    texts = {1: b"23.5", 2: b"-4.2 dBm", 3: b"N/A", 4: b"0", 5: b"-0.000001"}
    plain_part = agent.table(COLUMNS[1:], INDEXES)
    column, odd = (1, 3, 6, 1, 4, 1, 9, 1), (1, 3, 6, 1, 4, 1, 9, 2)
    for row, text in texts.items():
        agent.variables[(*column, row)] = (4, text)
    agent.set((*odd, 1), 7, 2)
    tables = (
        *plain_part.tables, TablePlan(columns=(odd,), indexes=((1,),), by_name=True),
        TablePlan(columns=(column,), indexes=tuple((row,) for row in texts), by_name=True, text=True),
    )
    plan = PollPlan(scalars=plain_part.scalars, tables=tables)
    engine.assign([(agent.target(version=version), plan)])
    for _ in range(3):
        engine.sweep()
        read = engine.readings.raw.view(np.int64).tolist()
        assert read[:-5] == [*wanted(plain_part), 7]
        assert read[-5:] == [23_500_000, -4_200_000, 0, 0, -1]
        assert engine.readings.kind[-5:].tolist() == [Kind.INTEGER, Kind.INTEGER, Kind.OCTET_STRING, Kind.INTEGER, Kind.INTEGER]
        assert status(engine) == PollStatus.PARTIAL
    if version == "2c":
        assert engine.counters().slow_path == 3, "only the request for texts"
    agent.variables[(*column, 3)] = (2, ber.integer(-3)[2:])
    engine.sweep()
    assert engine.readings.raw.view(np.int64)[-3] == -3_000_000
    assert status(engine) == PollStatus.COMPLETE
