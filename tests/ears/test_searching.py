"""Searching the logs: everything is found once, newest first, whatever the clock did; the job goes on where it stopped."""

import random
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from agents import event_search
from agents.hub.events import Events, searching
from agents.hub.events.book import Book
from agents.hub.filtering import Filter
from agents.hub.sight import EVERYTHING, Sight
from core.errors import InvalidInputError, NotFoundError
from core.events import EventQuery, EventRow, Sender
from core.ports import LogQuery
from core.sections import General, Logs
from core.settings import Settings
from core.signals import RawLine
from core.views import DeviceRow
from links.snmp import ber
from monitors.events import definitions
from stores.logs import ZstdLogs, open_logs
from tests.events.test_traps import v1, v2

T0 = 1_795_400_000_000


def line(at_ms: int, text: str, source: str = "10.0.0.1") -> RawLine:
    return RawLine(at_ms=at_ms, source=source, kind="syslog", raw=f"<189>{text}".encode())


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ZstdLogs]:
    made = open_logs(tmp_path / "logs", Logs())
    yield made
    made.close()


def test_everything_is_found_once_though_thousands_share_a_millisecond(store: ZstdLogs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "CHUNK", 50)
    rng = random.Random(3)
    lines = [line(T0 + rng.choice((0, 1, 1, 1, 2, 7, 8)), f"line {n}") for n in range(2_000)]
    store.append(lines)
    found = [one for chunk in searching.lines_of(store, LogQuery(start_ms=0, end_ms=T0 + 100)) for one in chunk]
    assert sorted(one.raw for one in found) == sorted(one.raw for one in lines)
    assert [one.at_ms for one in found] == sorted((one.at_ms for one in lines), reverse=True)


def test_a_clock_that_jumped_loses_nothing(store: ZstdLogs) -> None:
    year = 365 * 86_400_000
    for at_ms in (T0, T0 + year, T0 - year, 0, T0 + 1):
        store.append([line(at_ms, f"at {at_ms}")])
        store.maintain(at_ms)
    found = [one.at_ms for chunk in searching.lines_of(store, LogQuery(start_ms=-1, end_ms=T0 + 2 * year)) for one in chunk]
    assert found == [T0 + year, T0 + 1, T0, T0 - year, 0]


def test_a_question_is_bounded_and_says_how_far_it_looked(store: ZstdLogs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "CHUNK", 100)
    monkeypatch.setattr(searching, "LOOKED", 500)
    store.append([line(T0 + n, f"line {n}") for n in range(5_000)])
    query = LogQuery(start_ms=T0, end_ms=T0 + 10_000)
    none = searching.search(store, query, lambda _: False, 10, 0)
    assert (none.events, none.complete) == ([], False)
    assert none.looked_to_ms > T0 + 4_000
    some = searching.search(store, query, lambda event: event.text.endswith("0"), 3, 0)
    assert [event.text for event in some.events] == ["line 4990", "line 4980", "line 4970"]
    assert searching.search(store, query.replace(end_ms=T0 + 50), lambda _: True, 500, 0).complete


def trap(at_ms: int, raw: bytes) -> RawLine:
    return RawLine(at_ms=at_ms, source="10.0.0.1", kind="trap", raw=raw)


@pytest.mark.parametrize(("word", "found"), [
    ("linkdown", {1, 2}), ("断开", {1, 2}), ("link", {1, 2, 3, 4}), ("GigabitEthernet0/0/7", {1}), ("hwBoardFail", {5}),
    ("public", {1, 2, 3, 5, 6}), ("nowhere", set()),
])
def test_traps_are_found_by_what_they_are_called_and_told_as(store: ZstdLogs, word: str, found: set[int]) -> None:
    """None of these words stands in the datagrams of which it finds some."""
    generic = (1, 3, 6, 1, 6, 3, 1, 1, 5)
    name = ((1, 3, 6, 1, 2, 1, 2, 2, 1, 2, 7), ber.tlv(4, b"GigabitEthernet0/0/7"))
    board = next(oid for oid, one in definitions().traps.items() if one.name == "hwBoardFail")
    store.append([
        trap(T0 + 1, v2((*generic, 3), [name])), trap(T0 + 2, v1((*generic, 3), [])), trap(T0 + 3, v1((*generic, 4), [])),
        line(T0 + 4, "the link is fine"), trap(T0 + 5, v1(board, [])), trap(T0 + 6, v1((*board[:-1], 9999), [])),
    ])
    seen = searching.search(store, LogQuery(start_ms=T0, end_ms=T0 + 10, word=word), lambda _: True, 10, 0)
    assert {event.at_ms - T0 for event in seen.events} == found
    job = Job(Path(store._root).parent, {"grep": word, "start_ms": T0, "end_ms": T0 + 10}, {}, 0)
    assert event_search.run(job)["count"] == len(found)  # type: ignore[arg-type]


class Job:
    """A run that is stopped, and goes on with its checkpoint."""

    def __init__(self, folder: Path, arguments: dict[str, Any], checkpoint: dict[str, Any], after: int) -> None:
        self.id, self.arguments, self.checkpoint, self._after = "j", arguments, checkpoint, after
        self.settings = Settings(general=General(data_dir=str(folder)))
        self.told: list[tuple[int, int]] = []

    def tell(self, done: int, total: int = 0, message: str = "") -> None:
        self.told.append((done, total))
        if self._after and done >= self._after:
            raise InterruptedError

    def keep(self, checkpoint: dict[str, Any]) -> None:
        self.checkpoint = checkpoint


def test_a_job_finds_a_word_in_all_hours_and_goes_on_where_it_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_search, "KEEP_S", -1.0)
    store, now = open_logs(tmp_path / "logs", Logs()), time.time_ns() // 1_000_000
    store.append([line(now - hour * 3_600_000 - 1, f"光缆 hour {hour}" if hour % 2 else f"nothing {hour}") for hour in range(20)])
    store.close()
    arguments = {"grep": "光缆", "start_ms": now - 30 * 3_600_000, "end_ms": now}
    stopped = Job(tmp_path, arguments, {}, after=7)
    with pytest.raises(InterruptedError):
        event_search.run(stopped)  # type: ignore[arg-type]
    going_on = Job(tmp_path, arguments, stopped.checkpoint, after=0)
    result = event_search.run(going_on)  # type: ignore[arg-type]
    assert going_on.told[0][0] == 7
    assert (result["count"], result["at_least"]) == (10, False)
    assert [one["text"] for one in result["events"]] == [f"光缆 hour {hour}" for hour in range(1, 20, 2)]


DEVICES = {
    "d1": DeviceRow(id="d1", name="SW1", address="10.0.0.1", site="S1", county="", level="", role="access", platform="", unit="u1"),
    "d2": DeviceRow(id="d2", name="SW2", address="10.0.0.2", site="S2", county="", level="", role="access", platform="", unit="u2"),
}


def row(number: int, device_id: str = "", priority: int = 5, text: str = "x", count: int = 1) -> EventRow:
    return EventRow(
        id=f"e{number}", at_ms=number, source="s", device_id=device_id, kind="syslog", priority=priority, text=text, count=count,  # type: ignore[arg-type]
    )


def test_the_newest_are_kept_and_an_event_that_grew_comes_first() -> None:
    book = Book(DEVICES.get, most=3)
    book.put(row(n) for n in range(5))
    book.put([row(2, count=9)])
    shown, total = book.window(Filter())
    assert ([one.id for one in shown], total, shown[0].count) == (["e2", "e4", "e3"], 3, 9)


def test_who_sees_a_part_sees_the_events_of_that_part() -> None:
    book = Book(DEVICES.get)
    book.put([row(1, "d1"), row(2, "d2"), row(3)])
    some = Sight(units=frozenset({"u1"}))
    assert [one.id for one in book.window(Filter(), some)[0]] == ["e1"]
    assert [one.id for one in book.window(Filter(), Sight(sites=frozenset({"S2"})))[0]] == ["e2"]
    assert [one.id for one in book.window(Filter())[0]] == ["e3", "e2", "e1"]


def test_filters_of_the_view() -> None:
    book = Book(DEVICES.get)
    book.put([row(1, "d1", 3, "Fan failed"), row(2, "d2", 6, "fan ok"), row(3, "", 4)])
    assert [one.id for one in book.window(Filter(where={"priority": "4"}))[0]] == ["e3", "e1"]
    assert [one.id for one in book.window(Filter(where={"site": "S2"}))[0]] == ["e2"]
    assert [one.id for one in book.window(Filter(text="FAN"))[0]] == ["e2", "e1"]
    assert [one.id for one in book.window(Filter(sort="priority"))[0]] == ["e1", "e3", "e2"]
    with pytest.raises(InvalidInputError):
        book.window(Filter(where={"fields": "x"}))


class Table:
    """Two devices of two units."""

    version = 1

    def all_devices(self) -> list[DeviceRow]:
        return list(DEVICES.values())

    def row(self, name: str) -> DeviceRow | None:
        return next((row for row in DEVICES.values() if name in (row.id, row.name)), None)

    def sees(self, sight: Sight, device_id: str) -> bool:
        row = DEVICES[device_id]
        return sight.everything or sight.sees(row.unit, row.site)


class Spoken:
    """Ears that heard three addresses."""

    async def request(self, _subject: str, _body: bytes, _timeout_s: float) -> bytes:
        told = (("10.0.0.1", ()), ("10.0.0.2", ()), ("192.0.2.9", ("SW1", "SW2")))
        return msgspec.msgpack.encode([Sender(address=address, first_ms=1, last_ms=2, count=3, hosts=hosts) for address, hosts in told])


async def test_who_sees_a_part_sees_the_senders_of_that_part() -> None:
    hub: Any = SimpleNamespace(views=SimpleNamespace(events=Book(DEVICES.get)), table=Table(), bus=Spoken())
    part, some = Events(hub), Sight(units=frozenset({"u1"}))
    assert [row.address for row in (await part.senders(some, unknown=False, limit=9)).rows] == ["10.0.0.1"]
    assert (await part.senders(some, unknown=True, limit=9)).rows == (), "what nobody has is for those who see everything"
    assert [row.address for row in (await part.senders(EVERYTHING, unknown=True, limit=9)).rows] == ["192.0.2.9"]
    assert (await part.senders(EVERYTHING, unknown=False, limit=2)).total == 3
    assert part._whose(EventQuery(device="SW1"), some)[:2] == (("10.0.0.1",), ("192.0.2.9",))
    with pytest.raises(NotFoundError):
        part._whose(EventQuery(device="SW2"), some)
