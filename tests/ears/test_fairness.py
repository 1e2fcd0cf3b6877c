"""One source that says more than can be read: the others are read as ever, and what it said is kept and counted."""

from collections import Counter

from agents.ears_reading import Reading
from core.events import STORM, Event
from core.signals import RawLine

FLOOD = "10.9.9.9"


def flood(number: int, at_ms: int) -> RawLine:
    return RawLine(at_ms=at_ms, source=FLOOD, kind="syslog", raw=b"<189>%%%%01IFNET/4/IF_STATE(l)[1]:Interface GE0/0/%d is DOWN" % number)


def quiet(number: int, at_ms: int) -> RawLine:
    raw = b"<187>%%%%01BFD/3/DOWN(l)[1]:Interface GE0/0/%d is DOWN" % number
    return RawLine(at_ms=at_ms, source=f"10.0.0.{number % 50}", kind="syslog", raw=raw)


def test_a_flood_leaves_the_others_read_and_its_count_is_exact() -> None:
    reading = Reading("t", most=20_000)  # whose thread does not run yet: nothing is read meanwhile
    for second in range(30):
        reading.offer([*(flood(n, second * 1000) for n in range(5_000)), *(quiet(n, second * 1000) for n in range(10))])
    assert reading.waiting <= 20_000
    reading.start()
    while reading.waiting:
        continue
    events = reading.take(60_000)
    reading.stop()
    counts: Counter[str] = Counter()
    for event in events:
        counts[event.source] += event.count
    assert counts[FLOOD] == 30 * 5_000, "shown and not shown"
    assert sum(counts.values()) - counts[FLOOD] == 30 * 10
    assert {event.mnemonic for event in events if event.source != FLOOD} == {"BFD/3/DOWN"}
    (storm,) = [event for event in events if event.mnemonic == STORM]
    assert (storm.source, storm.fields["storm"]) == (FLOOD, "began")
    assert reading.unread + reading.events == 30 * 5_010
    (ended,) = reading.take(60_000 + 10**6)
    assert (ended.id, ended.count, ended.fields["storm"]) == (storm.id, storm.count, "ended")


def test_what_was_passed_over_leaves_room_again() -> None:
    reading = Reading("t", most=2_000)
    reading.offer([flood(n, 0) for n in range(3_000)])
    reading.start()
    while reading.waiting:
        continue
    before = reading.events
    reading.offer([flood(1, 1), quiet(1, 1)])
    while reading.waiting:
        continue
    told: list[Event] = reading.take(2)
    reading.stop()
    assert reading.events == before + 2
    assert sum(event.count for event in told) == 3_002
