"""The contract of the log store (every store by one more line in `STORES`), and what is particular to files."""

import errno
import os
import random
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import DiskFullError, InvalidInputError, StorageError
from core.ports import LogQuery
from core.sections import Logs
from core.signals import RawLine
from stores.logs import open_logs
from stores.logs import store as log_store
from stores.memory import MemoryLogs

STORES: dict[str, Callable[[Path], Any]] = {
    "zstd": lambda folder: open_logs(folder / "logs", Logs()),
    "memory": lambda folder: MemoryLogs(),
}
T0 = 1_700_000_000_000
HOUR = 3_600_000
EXAMPLES = 500 if os.environ.get("YUNWANG_SOAK") == "1" else 25


@pytest.fixture(params=list(STORES))
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Any]:
    opened = STORES[request.param](tmp_path)
    yield opened
    opened.close()


def line(number: int, **changes: Any) -> RawLine:
    text = f"<189>LS-{number % 7} %%01IFNET/4/IF_STATE(l)[{number}]: GE0/0/{number % 48} 接口 down".encode()
    fields = {"at_ms": T0 + number * 100, "source": f"10.0.0.{number % 7}", "kind": "trap" if number % 3 == 0 else "syslog", "raw": text}
    return RawLine(**{**fields, **changes})


def search(store: Any, **query: Any) -> list[RawLine]:
    return list(store.search(LogQuery(**{"start_ms": 0, "end_ms": T0 * 2, **query})))


def settle(store: Any, now_ms: int) -> None:
    for _ in range(20):
        store.maintain(now_ms)


LINES = [line(number) for number in range(500)]


@pytest.fixture(params=["open", "sealed", "both"])
def filled(store: Any, request: pytest.FixtureRequest) -> Any:
    """500 lines, not sealed yet, sealed, or half of them so."""
    half = {"open": 0, "sealed": 500, "both": 250}[request.param]
    if half:
        assert store.append(LINES[:half]) == half
        settle(store, T0)
        settle(store, T0 + HOUR)
    assert store.append(LINES[half:]) == 500 - half
    return store


def newest(lines: list[RawLine]) -> list[RawLine]:
    return sorted(lines, key=lambda found: found.at_ms, reverse=True)


def test_everything_comes_back_newest_first(filled: Any) -> None:
    assert search(filled) == newest(LINES)


def test_a_limit_keeps_the_newest(filled: Any) -> None:
    assert search(filled, limit=10) == newest(LINES)[:10]


def test_time_is_from_inclusive_to_exclusive(filled: Any) -> None:
    assert search(filled, start_ms=T0 + 1000, end_ms=T0 + 2000) == newest(LINES[10:20])


def test_source_kind_and_word_narrow_it(filled: Any) -> None:
    assert search(filled, sources=("10.0.0.3",)) == newest([x for x in LINES if x.source == "10.0.0.3"])
    assert search(filled, sources=("10.0.0.99",)) == []
    assert search(filled, kind="trap") == newest([x for x in LINES if x.kind == "trap"])
    assert search(filled, word="if_state(L)[77]") == [LINES[77]]
    assert (
        search(filled, word="接口", sources=("10.0.0.1",), kind="syslog", limit=3)
        == newest([x for x in LINES if x.source == "10.0.0.1" and x.kind == "syslog"])[:3]
    )
    assert search(filled, word="nowhere") == []


def test_any_bytes_are_kept_as_they_came(store: Any) -> None:
    odd = [b"", b"\x00\xff\n", bytes(range(256)), b"x" * 65_507, "端口关闭".encode("gb18030"), b"[red]{x}"]
    store.append([line(number, raw=raw, source="::1") for number, raw in enumerate(odd)])
    assert [found.raw for found in search(store)] == odd[::-1]
    settle(store, T0)
    settle(store, T0 + HOUR)
    assert [found.raw for found in search(store)] == odd[::-1]
    assert [found.raw for found in search(store, word="端口")] == ["端口关闭".encode("gb18030")]


def test_a_word_does_not_reach_over_two_lines(store: Any) -> None:
    store.append([line(1, raw=b"abc"), line(2, raw=b"def"), line(3, raw=b"cdcd")])
    assert [found.raw for found in search(store, word="cd")] == [b"cdcd"]


def test_nothing_is_nothing(store: Any) -> None:
    assert store.append([]) == 0
    assert search(store) == []
    settle(store, T0)


def test_sources_without_number(store: Any) -> None:
    """A storm of forged sources, more than sixteen bits can number."""
    forged = [line(1, at_ms=T0 + n // 50, source=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}", raw=b"x") for n in range(70_000)]
    assert store.append(forged) == 70_000
    settle(store, T0)
    settle(store, T0 + HOUR)
    assert search(store, sources=(forged[69_999].source,)) == [forged[69_999]]


def test_a_search_is_bounded(tmp_path: Path) -> None:
    store = open_logs(tmp_path, Logs())
    with pytest.raises(InvalidInputError):
        search(store, limit=10**9)
    with pytest.raises(InvalidInputError):
        search(store, limit=0)
    store.close()


def test_lines_are_forgotten_after_their_days_and_not_before(tmp_path: Path) -> None:
    store = open_logs(tmp_path, Logs(keep_days=190))
    store.append(LINES)
    settle(store, T0)
    settle(store, T0 + 189 * 24 * HOUR)
    assert len(search(store)) == 500
    settle(store, T0 + 191 * 24 * HOUR)
    assert search(store) == []
    store.close()


def test_a_reader_in_another_place_sees_what_is_acknowledged_and_may_not_write(tmp_path: Path) -> None:
    reader = open_logs(tmp_path / "logs", Logs(), readonly=True)
    assert search(reader) == []
    with pytest.raises(StorageError, match="reading only"):
        reader.append([line(1)])
    writer = open_logs(tmp_path / "logs", Logs())
    writer.append(LINES[:5])
    assert search(reader) == newest(LINES[:5])
    writer.close()
    writer = open_logs(tmp_path / "logs", Logs())
    writer.append(LINES[5:10])
    settle(writer, T0)
    assert search(reader) == newest(LINES[:10])
    writer.close()
    reader.close()


def test_a_torn_tail_is_cut_and_the_rest_stays(tmp_path: Path) -> None:
    store = open_logs(tmp_path, Logs())
    for number in range(10):
        store.append([LINES[number]])
    store.close()
    (file,) = (tmp_path / "open").iterdir()
    whole = file.read_bytes()
    for cut in range(len(whole) - 60, len(whole)):
        file.write_bytes(whole[:cut])
        store = open_logs(tmp_path, Logs())
        assert search(store) == newest(LINES[:9])
        store.close()
    file.write_bytes(whole + b"YWF1 and then the power went")
    store = open_logs(tmp_path, Logs())
    assert search(store) == newest(LINES[:10])
    assert store.damaged() == []
    store.close()


def test_a_crash_between_the_steps_of_sealing_shows_each_line_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_logs(tmp_path, Logs())
    store.append(LINES)
    store.close()
    store = open_logs(tmp_path, Logs())
    monkeypatch.setattr(log_store, "sync_folder", lambda folder: None)
    monkeypatch.setattr(Path, "unlink", lambda self, missing_ok=False: (_ for _ in ()).throw(KeyboardInterrupt))
    with pytest.raises(KeyboardInterrupt):
        store.maintain(T0)
    monkeypatch.undo()
    store._only.release()
    assert list((tmp_path / "sealed").iterdir())
    store = open_logs(tmp_path, Logs())
    assert search(store) == newest(LINES)
    settle(store, T0)
    assert search(store) == newest(LINES)
    assert not list((tmp_path / "open").iterdir())
    store.close()


def bruise(path: Path, data: st.DataObject) -> None:
    """Some bytes changed, or the end cut off."""
    content = bytearray(path.read_bytes())
    if data.draw(st.booleans()):
        for _ in range(data.draw(st.integers(1, 5))):
            content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    else:
        del content[data.draw(st.integers(0, len(content) - 1)) :]
    path.write_bytes(content)


PARTS = [LINES[:200], LINES[200:400], LINES[400:]]


@pytest.mark.soak
@settings(
    max_examples=500 if os.environ.get("YUNWANG_SOAK") == "1" else 25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_damaged_file_loses_no_line_of_another_and_invents_none(tmp_path: Path, data: st.DataObject) -> None:
    root = Path(tempfile.mkdtemp(dir=tmp_path))
    for number, part in enumerate(PARTS):
        store = open_logs(root, Logs())
        for _ in range(number):
            store.maintain(T0)
        store.append(part[:50])
        store.append(part[50:])
        store.close()
    victim = data.draw(st.integers(0, 2))
    bruise([*sorted(root.glob("sealed/*")), *root.glob("open/*")][victim], data)
    spared = {found for number, part in enumerate(PARTS) if number != victim for found in part}
    store = open_logs(root, Logs())
    for _ in range(4):
        assert spared <= set(search(store)) <= set(LINES)
        store.maintain(T0)
    store.close()


@pytest.mark.soak
def test_kill_9_of_the_writer_loses_no_acknowledged_batch(tmp_path: Path, rounds: int) -> None:
    choose = random.Random(4)
    program = Path(__file__).with_name("logger.py")
    acknowledged = -1
    for _ in range(rounds):
        child = subprocess.Popen([sys.executable, program, tmp_path, str(acknowledged + 1)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(choose.randrange(2, 150)):
            acknowledged = int(child.stdout.readline())
        child.send_signal(signal.SIGKILL)
        acknowledged = max([acknowledged, *(int(word) for word in child.stdout.read().split("\n")[:-1])])
        child.wait()
        child.stdout.close()
        reader = open_logs(tmp_path, Logs(), readonly=True)
        seen = list(reader.search(LogQuery(start_ms=0, end_ms=2**62, limit=100_000)))
        numbers = sorted(int(found.raw) for found in seen)
        assert numbers[: (acknowledged + 1) * 3] == list(range((acknowledged + 1) * 3))
        assert len(numbers) == len(set(numbers))
        assert reader.damaged() == []
        acknowledged = len(numbers) // 3 - 1
    print(f"\nlogs: {rounds} kill -9, {acknowledged + 1} acknowledged batches, none lost")  # noqa: T201  soak prints its counts


def test_no_room_is_said_and_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_logs(tmp_path, Logs())
    store.append(LINES[:5])
    real = os.pwrite

    def full(fd: int, data: Any, at: int) -> int:
        if len(data) > 10:
            return real(fd, data[:10], at)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(DiskFullError) as error:
        store.append(LINES[5:10])
    assert error.value.way_out
    monkeypatch.undo()
    assert search(store) == newest(LINES[:5])
    store.append(LINES[10:15])
    assert search(store) == newest(LINES[:5] + LINES[10:15])
    store.close()
