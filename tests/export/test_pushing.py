"""Remote write to a real receiver over HTTP, out of a real sample store: nothing stored is missed while the receiver or the hub is away,
and a receiver that wants each series in order of time is given nothing that it would refuse.
"""

import contextlib
import os
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.hub.export.mark import Kept, Mark, Place
from agents.hub.export.pushing import Pushing
from agents.hub.export.remote import Series, named
from core.errors import InvalidInputError, UnavailableError
from core.sections import Export, Samples
from core.signals import SampleBlock, SeriesKey
from core.views import DeviceRow
from stores.frames import scan
from stores.samples import ParquetSamples, open_samples
from stores.samples.arrivals import Arrival

T = 1_790_000_100_000
STEP, LONG, HOUR_MS = 20_000, 1_200_000, 3_600_000
ROWS = [DeviceRow(id=f"{n:032x}", name=f"设备{n}", address=f"10.0.0.{n}", site="莲都机房") for n in range(3)]
METRICS = (("yw_up", ""), ("yw_temperature", "in/1"), ("ifHCInOctets", "GE0/0/1"))


TOGETHER = 135
"""Five minutes."""


@pytest.fixture(autouse=True)
def _in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.hub.export.pushing.TOGETHER", TOGETHER)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ParquetSamples]:
    """Samples every twenty seconds of twenty minutes before T."""
    made = open_samples(tmp_path / "samples", Samples(seal_s=1))
    put(made, range(T - LONG, T, STEP))
    yield made
    made.close()


def put(store: ParquetSamples, times: Any, rows: Any = ROWS) -> None:
    """A frame of each time."""
    numbers = store.series_ids([SeriesKey(row.id, *way) for row in rows for way in METRICS])
    for at in times:
        store.append(SampleBlock(numbers, np.full(len(numbers), at, np.int64), numbers + at % 1_000_000 / 1000))


def seal(store: ParquetSamples, now_ms: int = T) -> None:
    """Everything that was appended lies in segments; an hour that is over in one."""
    for step in range(60):
        store.maintain(now_ms + 10_000 * step)


def pushing(receiver: Any, store: ParquetSamples, tmp_path: Path, **more: Any) -> Pushing:
    return Pushing(Export(remote_write_url=receiver.url, **more), tmp_path / "export", store)


def until_done(push: Pushing, now_ms: int = T, rows: Any = ROWS) -> None:
    while push.step(rows, now_ms):
        pass


def begun(receiver: Any, tmp_path: Path, ago_ms: int) -> None:
    """It has everything up to then."""
    fd = os.open(tmp_path / "samples" / "wal" / "0000000001.wal", os.O_RDONLY)
    frames = scan(fd).frames[: (LONG - ago_ms) // STEP]
    os.close(fd)
    at = Arrival(1, frames[-1].body_at + frames[-1].body_size if frames else 0)
    Mark(tmp_path / "export", receiver.url).write(Kept(Place(at, at, T - ago_ms), np.full(9, T - ago_ms - STEP)))


def times(start_ms: int, end_ms: int) -> list[int]:
    return [at for at in range(T - LONG, T, STEP) if start_ms <= at < end_ms]


def test_stored_samples_go_with_their_own_times_and_labels(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    begun(receiver, tmp_path, 100_000)
    push = pushing(receiver, store, tmp_path)
    until_done(push)
    found = receiver.series()
    assert {dict(labels)["__name__"] for labels in found} == {"yunwang_device_up", "yw_temperature"}
    labels = {"__name__": "yw_temperature", "part": "in/1", "device": "设备1", "address": "10.0.0.1", "site": "莲都机房"}
    sensor = found[tuple(sorted(labels.items()))]
    assert [at for at, _ in sensor] == times(T - 100_000, T)
    assert sensor[0][1] == 4 + (T - 100_000) % 1_000_000 / 1000
    assert push.sent == 6 * len(sensor)
    assert receiver.headers[0]["content-encoding"] == "snappy"


def test_ports_go_where_they_are_wanted(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    begun(receiver, tmp_path, 60_000)
    until_done(pushing(receiver, store, tmp_path, remote_write_ports=True))
    ports = {labels: values for labels, values in receiver.series().items() if ("__name__", "yunwang_interface_in_bps") in labels}
    assert {dict(labels)["interface"] for labels in ports} == {"GE0/0/1"}
    assert len(ports) == 3
    at, value = next(values[0] for labels, values in ports.items() if ("device", "设备0") in labels)
    assert value == 8 * (2 + at % 1_000_000 / 1000)


@pytest.mark.parametrize("sealed", [False, True])
def test_what_is_stored_late_is_sent_late(receiver: Any, store: ParquetSamples, tmp_path: Path, sealed: bool) -> None:
    begun(receiver, tmp_path, 0)
    push = pushing(receiver, store, tmp_path)
    until_done(push)
    behind = [DeviceRow(id="f" * 32, name="山里", address="10.0.1.1", site="景宁机房")]
    put(store, range(T - 6 * HOUR_MS, T - 600_000, 600_000), behind)
    put(store, [T])
    if sealed:
        seal(store)
    until_done(push, T + 60_000, [*ROWS, *behind])
    found = {dict(labels)["device"]: [at for at, _ in values] for labels, values in receiver.series().items()}
    assert found == {"山里": list(range(T - 6 * HOUR_MS, T - 600_000, 600_000)), **{row.name: [T] for row in ROWS}}


@pytest.mark.parametrize("restarted", [False, True])
def test_what_is_sealed_and_merged_meanwhile_comes_once_and_in_order(
    receiver: Any, store: ParquetSamples, tmp_path: Path, restarted: bool,
) -> None:
    begun(receiver, tmp_path, LONG)
    push = pushing(receiver, store, tmp_path)
    assert push.step(ROWS, T)
    put(store, range(T, T + LONG, STEP))
    seal(store)
    put(store, range(T + LONG, T + 2 * LONG, STEP))
    seal(store, T + LONG)
    seal(store, T + 3 * HOUR_MS)
    assert not list((tmp_path / "samples" / "wal").iterdir())
    names = [path.name.split("-") for path in (tmp_path / "samples" / "raw").rglob("*.parquet")]
    assert any(first != last for _, _, first, last, _ in names), f"hours that are over lie in one segment, {names}"
    if restarted:
        push = pushing(receiver, store, tmp_path)
    until_done(push, T + 3 * HOUR_MS)
    put(store, [T + 2 * LONG])
    until_done(push, T + 3 * HOUR_MS)
    for values in receiver.series().values():
        assert [at for at, _ in values] == list(range(T - LONG, T + 2 * LONG + 1, STEP)), "each once, in order, none missing"


def test_what_prometheus_finds_too_old_costs_nothing_else(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    receiver.strict = True
    begun(receiver, tmp_path, LONG)
    push = pushing(receiver, store, tmp_path)
    until_done(push)
    behind = [DeviceRow(id="f" * 32, name="山里", address="10.0.1.1", site="景宁机房")]
    late = list(range(T - 3 * HOUR_MS, T, 300_000))
    put(store, late, behind)
    put(store, [T])
    more = True
    while more:
        with contextlib.suppress(InvalidInputError):
            more = push.step([*ROWS, *behind], T + 60_000)
    found = {dict(labels)["device"]: [at for at, _ in values] for labels, values in receiver.series().items()}
    assert found.keys() == {"山里", *(row.name for row in ROWS)}
    assert all(found[row.name] == [*times(0, T), T] for row in ROWS)
    assert found["山里"] == [at for at in late if at > T - STEP - HOUR_MS], "what it takes is given to it"


def test_one_series_that_is_refused_costs_few_others(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    receiver.strict = True
    begun(receiver, tmp_path, 0)
    push = pushing(receiver, store, tmp_path)
    labels = {"device": "设备1", "address": "10.0.0.1", "site": "莲都机房"}
    push.now([Series(named("yunwang_device_up", labels), ((T + HOUR_MS // 2, 1.0),))])
    put(store, [T])
    with pytest.raises(InvalidInputError):
        until_done(push)
    assert push.refused == 1
    assert len(receiver.series()) == 6


def test_a_kill_while_it_sends_repeats_the_same_requests_and_no_others(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    begun(receiver, tmp_path, LONG)
    killed = pushing(receiver, store, tmp_path)
    real = Mark.write

    def dies(mark: Mark, kept: Kept) -> None:
        if kept.place.at != kept.place.until:
            return real(mark, kept)
        raise MemoryError

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Mark, "write", dies)
        with pytest.raises(MemoryError):
            killed.step(ROWS, T)
    first = list(receiver.bodies)
    assert first, "they were taken, and nobody wrote it down"
    put(store, range(T, T + LONG, STEP))
    push = pushing(receiver, store, tmp_path)
    receiver.status = 400
    assert push.step(ROWS, T), "that it is known already is no reason for a warning"
    receiver.status = 204
    until_done(push)
    assert push.refused == TOGETHER * 6 // 9
    for values in receiver.series().values():
        assert [at for at, _ in values] == list(range(T - LONG, T + LONG, STEP))


@pytest.mark.parametrize("status", [503, 429, 401, 302])
def test_what_was_missed_comes_when_the_receiver_is_back(receiver: Any, store: ParquetSamples, tmp_path: Path, status: int) -> None:
    begun(receiver, tmp_path, LONG)
    receiver.status, receiver.retry_after = status, "7"
    push = pushing(receiver, store, tmp_path)
    for _ in range(2):
        with pytest.raises(UnavailableError):
            push.step(ROWS, T)
    assert push.wait_s == 7
    assert push.behind_ms(T) == LONG
    receiver.status = 204
    until_done(push)
    assert push.wait_s == 0
    for values in receiver.series().values():
        assert [at for at, _ in values] == times(0, T)


def test_a_receiver_that_hangs_is_given_up_and_gets_everything_later(
    receiver: Any, store: ParquetSamples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents.hub.export.pushing.SEND_S", 0.2)
    begun(receiver, tmp_path, 600_000)
    receiver.held = 0
    push = pushing(receiver, store, tmp_path)
    with pytest.raises(UnavailableError):
        push.step(ROWS, T)
    receiver.held = -1
    monkeypatch.setattr("agents.hub.export.pushing.SEND_S", 20.0)
    until_done(push)
    for values in receiver.series().values():
        assert [at for at, _ in values] == times(T - 600_000, T)


def test_a_restart_goes_on_where_the_receiver_has_everything(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    begun(receiver, tmp_path, LONG)
    first = pushing(receiver, store, tmp_path)
    assert first.step(ROWS, T)
    receiver.status = 500
    with pytest.raises(UnavailableError):
        first.step(ROWS, T)
    receiver.status = 200
    until_done(pushing(receiver, store, tmp_path))
    for values in receiver.series().values():
        assert [at for at, _ in values] == times(0, T), "each once, none missing"


def test_nobody_listens(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    away = Pushing(Export(remote_write_url="http://127.0.0.1:9/write"), tmp_path / "export", store)
    until_done(away)
    kept = Mark(tmp_path / "export", "http://127.0.0.1:9/write").read()
    assert kept is not None, "it is kept from the first moment on what it misses"
    put(store, [T])
    with pytest.raises(UnavailableError) as told:
        away.step(ROWS, T + 1000)
    assert "export.remote_write_url" in told.value.way_out
    missed = store.arrivals(kept.place.at).take(1)
    assert missed
    assert set(missed.rows.at.tolist()) == {T}


def test_what_is_too_old_is_skipped_and_counted(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    begun(receiver, tmp_path, LONG)
    push, now = pushing(receiver, store, tmp_path, remote_write_hours=1), T + HOUR_MS - 600_000
    until_done(push, now)
    assert push.skipped_ms == 600_000
    for values in receiver.series().values():
        assert [at for at, _ in values] == times(T - 600_000, T)
    again = pushing(receiver, store, tmp_path, remote_write_hours=1)
    until_done(again, now + 60_000)
    assert again.skipped_ms == push.skipped_ms


@pytest.mark.parametrize("status", [400, 422, 413])
def test_what_is_refused_for_good_holds_nothing_up(receiver: Any, store: ParquetSamples, tmp_path: Path, status: int) -> None:
    begun(receiver, tmp_path, LONG)
    push = pushing(receiver, store, tmp_path)
    receiver.status = status
    with pytest.raises(InvalidInputError):
        push.step(ROWS, T)
    assert push.refused == TOGETHER * 6 // 9
    receiver.status = 200
    until_done(push)
    for values in receiver.series().values():
        assert [at for at, _ in values] == times(T - LONG + 300_000, T)


@pytest.mark.parametrize("damage", [b'{"receiver": 7', b"", b'{"receiver":"","place":[[1,2],[1,2],3,4],"series":9}\nnothing packed'])
def test_a_damaged_mark_or_another_receiver_begins_anew(receiver: Any, store: ParquetSamples, tmp_path: Path, damage: bytes) -> None:
    begun(receiver, tmp_path, LONG)
    (tmp_path / "export" / "remote-write").write_bytes(damage)
    push = pushing(receiver, store, tmp_path)
    until_done(push)
    put(store, [T])
    until_done(push, T + 60_000)
    assert {at for values in receiver.series().values() for at, _ in values} == {T}
    assert Mark(tmp_path / "export", "http://other").read() is None


def test_a_clock_that_was_set_back_sends_nothing_twice_and_goes_on(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    begun(receiver, tmp_path, 0)
    push = pushing(receiver, store, tmp_path)
    until_done(push, T - HOUR_MS)
    assert receiver.bodies == []
    put(store, [T])
    until_done(push, T - HOUR_MS + 60_000)
    assert {at for values in receiver.series().values() for at, _ in values} == {T}
    assert push.behind_ms(T - HOUR_MS + 60_000) == 0


def test_a_store_that_was_made_anew_is_sent_from_its_beginning(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    Mark(tmp_path / "export", receiver.url).write(Kept(Place(Arrival(70, 5), Arrival(70, 5), T - LONG), np.full(9, T)))
    seal(store)
    until_done(pushing(receiver, store, tmp_path))
    for values in receiver.series().values():
        assert [at for at, _ in values] == times(0, T)


def test_who_is_renamed_has_a_new_name_and_one_device_is_bounded(
    receiver: Any, store: ParquetSamples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents.hub.export.naming.MOST", 1)
    begun(receiver, tmp_path, 0)
    push = pushing(receiver, store, tmp_path, remote_write_ports=True)
    put(store, [T])
    until_done(push)
    put(store, [T + STEP])
    until_done(push, T + STEP, [row.replace(name=f"新{row.name}") for row in ROWS])
    found = [(dict(labels)["__name__"], dict(labels)["device"]) for labels in receiver.series()]
    assert found == [("yunwang_device_up", name) for name in ("设备0", "设备1", "设备2", "新设备0", "新设备1", "新设备2")]


def test_figures_of_the_moment_and_the_token(receiver: Any, store: ParquetSamples, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("YW_TEST_REMOTE", "abc\n")
    push = pushing(receiver, store, tmp_path, remote_write_token="env:YW_TEST_REMOTE")
    push.now([Series(named("yw_x", {"n": str(n)}), ((T, float(n)),)) for n in range(4500)])
    assert len(receiver.bodies) == 3
    assert push.sent == 4500
    assert {one["authorization"] for one in receiver.headers} == {"Bearer abc"}
    push.stop()
    with pytest.raises(UnavailableError):
        push.now([Series(named("yw_x", {}), ((T, 1.0),))])


def test_doubles_are_told_apart_bit_by_bit(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    values = [1e308, -0.0, 5e-324, 0.1]
    pushing(receiver, store, tmp_path).now([Series(named("yw_x", {}), [(T + n, value) for n, value in enumerate((*values, float("nan")))])])
    (found,) = receiver.series().values()
    assert [struct.pack("<d", value) for _, value in found] == [struct.pack("<d", value) for value in values]
