"""Remote write to a real receiver over HTTP, out of a real sample store: nothing stored is missed while the receiver or the hub is away."""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agents.hub.export.mark import Mark
from agents.hub.export.pushing import SETTLE_MS, WINDOW_MS, Pushing
from agents.hub.export.remote import Series
from core.errors import InvalidInputError, UnavailableError
from core.sections import Export, Samples
from core.signals import SampleBlock, SeriesKey
from core.views import DeviceRow
from stores.samples import ParquetSamples, open_samples

T = 1_790_000_100_000
ROWS = [DeviceRow(id=f"{n:032x}", name=f"设备{n}", address=f"10.0.0.{n}", site="莲都机房") for n in range(3)]
METRICS = (("yw_up", ""), ("yw_temperature", "in/1"), ("ifHCInOctets", "GE0/0/1"))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ParquetSamples]:
    """Samples every ten seconds of twenty minutes before T."""
    made = open_samples(tmp_path / "samples", Samples())
    numbers = made.series_ids([SeriesKey(row.id, *way) for row in ROWS for way in METRICS])
    for at in range(T - 1_200_000, T, 10_000):
        made.append(SampleBlock(numbers, np.full(len(numbers), at, np.int64), numbers + at % 1_000_000 / 1000))
    yield made
    made.close()


def pushing(receiver: Any, store: ParquetSamples, tmp_path: Path, **more: Any) -> Pushing:
    return Pushing(Export(remote_write_url=receiver.url, **more), tmp_path / "export", store)


def until_done(push: Pushing, now_ms: int = T) -> None:
    while push.step(ROWS, now_ms):
        pass


def begun(receiver: Any, tmp_path: Path, ago_ms: int) -> None:
    """It has everything up to then."""
    Mark(tmp_path / "export", receiver.url).write(T - ago_ms, 0)


def times(start_ms: int, end_ms: int) -> list[int]:
    return [at for at in range(T - 1_200_000, T, 10_000) if start_ms <= at < end_ms]


def test_stored_samples_go_with_their_own_times_and_labels(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    begun(receiver, tmp_path, 100_000)
    push = pushing(receiver, store, tmp_path)
    until_done(push)
    found = receiver.series()
    assert {dict(labels)["__name__"] for labels in found} == {"yunwang_device_up", "yw_temperature"}
    labels = {"__name__": "yw_temperature", "part": "in/1", "device": "设备1", "address": "10.0.0.1", "site": "莲都机房"}
    sensor = found[tuple(sorted(labels.items()))]
    assert [at for at, _ in sensor] == times(T - 100_000, T - SETTLE_MS)
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


@pytest.mark.parametrize("status", [503, 429, 401, 302])
def test_what_was_missed_comes_when_the_receiver_is_back(receiver: Any, store: ParquetSamples, tmp_path: Path, status: int) -> None:
    begun(receiver, tmp_path, 1_200_000)
    receiver.status, receiver.retry_after = status, "7"
    push = pushing(receiver, store, tmp_path)
    for _ in range(2):
        with pytest.raises(UnavailableError):
            push.step(ROWS, T)
    assert push.wait_s == 7
    assert push.behind_ms(T) == 1_200_000
    receiver.status = 204
    until_done(push)
    assert push.wait_s == 0
    for values in receiver.series().values():
        assert [at for at, _ in values] == times(0, T - SETTLE_MS)


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
        assert [at for at, _ in values] == times(T - 600_000, T - SETTLE_MS)


def test_a_restart_goes_on_where_the_receiver_has_everything(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    begun(receiver, tmp_path, 1_200_000)
    first = pushing(receiver, store, tmp_path)
    assert first.step(ROWS, T)
    receiver.status = 500
    with pytest.raises(UnavailableError):
        first.step(ROWS, T)
    receiver.status = 200
    until_done(pushing(receiver, store, tmp_path))
    for values in receiver.series().values():
        assert [at for at, _ in values] == times(0, T - SETTLE_MS), "each once, none missing"


def test_nobody_listens(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    away = Pushing(Export(remote_write_url="http://127.0.0.1:9/write"), tmp_path / "export", store)
    with pytest.raises(UnavailableError) as told:
        away.step(ROWS, T)
    assert "export.remote_write_url" in told.value.way_out
    kept = Mark(tmp_path / "export", "http://127.0.0.1:9/write").read()
    assert kept is not None, "it is kept from the first moment on what it misses"
    assert kept.at_ms < T


def test_what_is_too_old_is_skipped_and_counted(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    begun(receiver, tmp_path, 3 * 3_600_000)
    push = pushing(receiver, store, tmp_path, remote_write_hours=1)
    until_done(push)
    assert push.skipped_ms == 2 * 3_600_000 - SETTLE_MS
    kept = Mark(tmp_path / "export", receiver.url).read()
    assert (kept.at_ms, kept.skipped_ms) == (T - SETTLE_MS, push.skipped_ms) if kept else None
    again = pushing(receiver, store, tmp_path, remote_write_hours=1)
    until_done(again, T + 60_000)
    assert again.skipped_ms == push.skipped_ms


@pytest.mark.parametrize("status", [400, 422, 413])
def test_what_is_refused_for_good_holds_nothing_up(receiver: Any, store: ParquetSamples, tmp_path: Path, status: int) -> None:
    begun(receiver, tmp_path, 1_200_000)
    push = pushing(receiver, store, tmp_path)
    receiver.status = status
    with pytest.raises(InvalidInputError):
        push.step(ROWS, T)
    assert push.refused == 6 * WINDOW_MS // 10_000
    receiver.status = 200
    until_done(push)
    for values in receiver.series().values():
        assert [at for at, _ in values] == times(T - 1_200_000 + WINDOW_MS, T - SETTLE_MS)


def test_a_damaged_mark_or_another_receiver_begins_anew(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    begun(receiver, tmp_path, 1_200_000)
    (tmp_path / "export" / "remote-write.json").write_bytes(b'{"receiver": 7')
    until_done(pushing(receiver, store, tmp_path))
    assert {at for values in receiver.series().values() for at, _ in values} == set(times(T - SETTLE_MS - 60_000, T - SETTLE_MS))
    assert Mark(tmp_path / "export", "http://other").read() is None


def test_a_clock_that_was_set_back_sends_nothing_twice_and_goes_on(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    begun(receiver, tmp_path, -3_600_000)
    push = pushing(receiver, store, tmp_path)
    until_done(push)
    assert receiver.bodies == []
    until_done(push, T + 60_000)
    assert {at for values in receiver.series().values() for at, _ in values} == set(times(T - SETTLE_MS, T + 45_000))


def test_figures_of_the_moment_and_the_token(receiver: Any, store: ParquetSamples, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("YW_TEST_REMOTE", "abc\n")
    push = pushing(receiver, store, tmp_path, remote_write_token="env:YW_TEST_REMOTE")
    push.now([Series("yw_x", {"n": str(n)}, ((T, float(n)),)) for n in range(4500)])
    assert len(receiver.bodies) == 3
    assert push.sent == 4500
    assert {one["authorization"] for one in receiver.headers} == {"Bearer abc"}
    push.stop()
    with pytest.raises(UnavailableError):
        push.now([Series("yw_x", {}, ((T, 1.0),))])


def test_doubles_are_told_apart_bit_by_bit(receiver: Any, store: ParquetSamples, tmp_path: Path) -> None:
    values = [1e308, -0.0, 5e-324, 0.1]
    pushing(receiver, store, tmp_path).now([Series("yw_x", {}, [(T + n, value) for n, value in enumerate((*values, float("nan")))])])
    (found,) = receiver.series().values()
    assert [struct.pack("<d", value) for _, value in found] == [struct.pack("<d", value) for value in values]
