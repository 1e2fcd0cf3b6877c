"""Probes as they run for days: when each is due, that none delays another, what becomes of their values while the disk is full."""

import socket
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest

from agents.senses.probing import Probing
from agents.senses.probing_calendar import Calendar
from agents.senses.probing_store import Measured, ProbeStore
from agents.senses.store import SampleWriter
from core.errors import NotFoundError, StorageError
from core.objects import Device
from core.probes import LOSS, RTT, UP, Probe, ProbeNow, ProbeTask
from core.sections import Probes
from core.signals import Alert, SampleBlock, SeriesKey
from links.ssh import Login

DEADLINE_S = 60.0


def test_all_are_due_once_in_an_interval_and_not_all_at_once() -> None:
    calendar = Calendar()
    calendar.keep({f"probe-{number}": 60.0 for number in range(600)}, 1000.0)
    seconds = [calendar.due(1000.0 + second) for second in range(1, 64)]
    assert sorted(name for names in seconds[:4] for name in names) == sorted(f"probe-{number}" for number in range(600))
    assert max(len(names) for names in seconds[:4]) < 300
    assert not any(seconds[4:58])


def test_what_stays_keeps_its_time_and_what_goes_is_gone() -> None:
    calendar = Calendar()
    calendar.keep({"a": 10.0, "b": 10.0}, 0.0)
    assert sorted(calendar.due(5.0)) == ["a", "b"]
    calendar.keep({"a": 10.0}, 6.0)
    assert calendar.due(9.0) == []
    assert calendar.due(14.0) == ["a"]
    calendar.keep({"a": 10.0}, 14.5, at_once=["a"])
    assert calendar.due(18.0) == ["a"]
    calendar.keep({}, 19.0)
    assert calendar.due(1000.0) == []


def test_missed_times_are_not_made_up_for() -> None:
    calendar = Calendar()
    calendar.keep({"a": 5.0}, 0.0)
    assert calendar.due(1000.0) == ["a"]
    assert calendar.due(1001.0) in ([], ["a"])
    assert len([at for at in range(1002, 1052) if calendar.due(float(at))]) in (9, 10)


class Shelf:
    """A sample store in memory that can be full."""

    def __init__(self) -> None:
        self.keys: dict[SeriesKey, int] = {}
        self.blocks: list[SampleBlock] = []
        self.full = False

    def series_ids(self, keys: Sequence[SeriesKey]) -> Any:
        if self.full:
            raise StorageError("full")
        return np.array([self.keys.setdefault(key, len(self.keys)) for key in keys], np.uint32)

    def append(self, block: SampleBlock) -> None:
        if self.full:
            raise StorageError("full")
        self.blocks.append(block)

    def maintain(self, now_ms: int) -> None:
        """Nothing to do."""

    def close(self) -> None:
        """Nothing is open."""

    def values(self, key: SeriesKey) -> list[float]:
        number = self.keys.get(key, -1)
        return [float(value) for block in self.blocks for series, value in zip(block.series, block.value, strict=True) if series == number]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def test_values_wait_for_a_full_disk(shelf: Shelf) -> None:
    writer = SampleWriter(shelf, 0.05)  # type: ignore[arg-type]
    store = ProbeStore(writer)
    key = SeriesKey("device", UP, "web")
    shelf.full = True
    for number in range(3):
        store.put([Measured(key, float(number), number)])
        store.flush()
    shelf.full = False
    store.flush()
    writer.start().stop()
    assert shelf.values(key) == [0.0, 1.0, 2.0]
    assert store.lost == 0


class Running:
    """The probes' thread, and what it told."""

    def __init__(self, shelf: Shelf, rules: Any = (), **settings: Any) -> None:
        self.told: list[ProbeNow] = []
        self.alerts: list[Alert] = []
        self.writer = SampleWriter(shelf, 0.05).start()  # type: ignore[arg-type]
        self.probing = Probing(Probes(**settings), self.writer, self._take, rules)
        self.probing.start()

    def _take(self, found: Sequence[ProbeNow], alerts: Sequence[Alert]) -> None:
        self.told += found
        self.alerts += alerts

    def count(self, name: str) -> int:
        return len([one for one in self.told if one.name == name])

    def until(self, right: Callable[[], Any]) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while not right():
            assert time.monotonic() < deadline, "it never came"
            time.sleep(0.02)

    def stop(self) -> None:
        self.probing.stop()
        self.writer.stop()


@pytest.fixture
def running(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Running]]:
    """`running(**settings)`; it looks and tells more often than the house does, which has days."""
    for place, value in {"probing.TICK_S": 0.02, "probing.FLUSH_S": 0.05, "probing_calendar._SOON_S": 0.2}.items():
        monkeypatch.setattr(f"agents.senses.{place}", value)
    made: list[Running] = []

    def make(**settings: Any) -> Running:
        made.append(Running(shelf, **settings))
        return made[-1]

    yield make
    for one in made:
        one.stop()


def task(name: str, port: int, **fields: Any) -> ProbeTask:
    how = {"interval_s": 1, "timeout_ms": 1000, **fields}
    return ProbeTask(probe=Probe(id=name, name=name, kind="tcp", port=port, **how), object_id=f"of-{name}", host="127.0.0.1")


def test_hundreds_that_hang_delay_nobody(running: Callable[..., Running], shelf: Shelf, host: Callable[..., Any]) -> None:
    """Each of them takes all the time that it may."""
    silent, good = host(lambda wire: time.sleep(30)), host(lambda wire: None)
    here = running(ping_s=0, at_once=400)
    hanging = [task(f"hangs-{number}", silent.port, timeout_ms=60_000, options={"contains": "never"}) for number in range(200)]
    here.probing.assign([*hanging, task("good", good.port)], (), {})
    here.until(lambda: here.count("good") >= 3 and silent.connections >= 200)
    assert {one.name for one in here.told} == {"good"}
    here.until(lambda: len(shelf.values(SeriesKey("of-good", RTT, "good"))) >= 2)
    assert set(shelf.values(SeriesKey("of-good", UP, "good"))) == {1.0}
    here.probing.assign([task("good", good.port)], (), {})
    before = here.count("good")
    here.until(lambda: here.count("good") > before)


def test_every_polled_device_is_pinged_but_once(running: Callable[..., Running], shelf: Shelf) -> None:
    devices = [
        Device(id=f"d{number}", name=f"D{number}", address=f"127.0.2.{number + 1}", site="", role="other", polled=number != 3)
        for number in range(5)
    ]
    own = ProbeTask(probe=Probe(id="p", name="mine", kind="icmp", interval_s=1, timeout_ms=1000), object_id="d4", host="127.0.2.5")
    here = running(ping_s=1)
    here.probing.assign([own], devices, {})
    here.until(lambda: here.count("mine") and shelf.values(SeriesKey("d0", LOSS, "icmp")))
    instances = {(key.device_id, key.instance) for key in shelf.keys}
    assert instances == {("d0", "icmp"), ("d1", "icmp"), ("d2", "icmp"), ("d4", "mine")}
    assert {one.name for one in here.told} == {"mine"}


def test_now_is_now_and_what_is_off_does_not_run(running: Callable[..., Running], host: Callable[..., Any]) -> None:
    good = host(lambda wire: None)
    here = running(ping_s=0)
    here.probing.assign([task("good", good.port, interval_s=3600), task("off", good.port, enabled=False)], (), {})
    assert here.probing.run_now("good").result(DEADLINE_S).answer == "ok"
    with pytest.raises(NotFoundError):
        here.probing.run_now("off").result(DEADLINE_S)


def test_without_its_credential_nothing_is_asked(running: Callable[..., Running], host: Callable[..., Any]) -> None:
    page = host(lambda wire: wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"))
    probe = Probe(id="w", name="w", kind="http", credential="c", interval_s=3600, timeout_ms=3000)
    one = ProbeTask(probe=probe, object_id="o", host=f"http://127.0.0.1:{page.port}/")
    here = running(ping_s=0)
    here.probing.assign([one], (), {})
    assert here.probing.run_now("w").result(DEADLINE_S).answer == "unusable"
    assert page.connections == 0
    here.probing.assign([one], (), {"c": Login("", "token")})
    here.until(lambda: here.probing.run_now("w").result(DEADLINE_S).answer == "ok")


def test_a_fault_of_ours_ends_no_probe(running: Callable[..., Running], monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr("agents.senses.probing.ask", broken)
    here = running(ping_s=0)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        here.probing.assign([task("a", listener.getsockname()[1])], (), {})
        here.until(lambda: here.count("a") >= 2)
    assert {one.outcome.answer for one in here.told} == {"unusable"}


def test_a_thread_that_was_given_up_gets_no_second_one(running: Callable[..., Running], host: Callable[..., Any]) -> None:
    """A server that drips keeps a thread for as long as the wire lets it; the probe's next runs wait for its end."""
    silent = host(lambda wire: time.sleep(4))
    here = running(ping_s=0, threads=4)
    probe = Probe(id="p", name="p", kind="prometheus", interval_s=1, timeout_ms=1000, options={"query": "up", "metric": "up"})
    here.probing._busy.add("p")
    here.probing.assign([ProbeTask(probe=probe, object_id="o", host=f"http://127.0.0.1:{silent.port}")], (), {})
    here.until(lambda: here.count("p") >= 2)
    assert silent.connections == 0
    assert {one.outcome.said for one in here.told} == {"The run before has not ended yet."}
    here.probing._busy.discard("p")
    here.until(lambda: silent.connections)


def test_it_stops_while_something_hangs(running: Callable[..., Running], host: Callable[..., Any]) -> None:
    silent = host(lambda wire: time.sleep(30))
    here = running(ping_s=0)
    here.probing.assign([task("hangs", silent.port, timeout_ms=60_000, options={"contains": "x"})], (), {})
    here.until(lambda: silent.connections)
    here.probing.stop()
    assert not [one for one in threading.enumerate() if one.name == "probes"]
