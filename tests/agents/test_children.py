"""Ears and workers: real datagrams, hostile files."""

import asyncio
import io
import random
import signal
import socket
import time
import zipfile
from pathlib import Path

import msgspec
import pytest

from agents import ears, workers
from agents.ears import Inbox, listen, receive, store_lines
from agents.jobprocess import CrashedError
from core.errors import InvalidInputError, NoAnswerError, SettingsError, SocketInUseError, StorageError
from core.messages import Done, ImportJob, Nothing, import_result
from core.ports import LogQuery
from core.sections import Logs
from core.settings import Settings
from core.signals import RawLine
from links.bus import SocketBus
from stores.logs import open_logs
from stores.records import open_records


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_datagrams_are_stored_as_they_came(tmp_path: Path) -> None:
    port = free_port()
    inbox, listener = Inbox(), listen("127.0.0.1", port)
    store = open_logs(tmp_path, Logs())
    loop = asyncio.get_running_loop()
    loop.add_reader(listener, receive, listener, "syslog", inbox)
    writer = asyncio.create_task(store_lines(inbox, store))
    sent = [random.Random(n).randbytes(n % 200) for n in range(300)] + ["<189>告警".encode("gb18030"), bytes(60_000)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for raw in sent:
            sender.sendto(raw, ("127.0.0.1", port))
            await asyncio.sleep(0)
    async with asyncio.timeout(10):
        while inbox.stored < len(sent):  # noqa: ASYNC110 -- nobody tells
            await asyncio.sleep(0.02)
    loop.remove_reader(listener)
    listener.close()
    writer.cancel()
    now = time.time_ns() // 1_000_000
    found = list(store.search(LogQuery(start_ms=now - 60_000, end_ms=now + 1000)))
    assert sorted(line.raw for line in found) == sorted(sent)
    assert {(line.source, line.kind) for line in found} == {("127.0.0.1", "syslog")}
    assert (inbox.received, inbox.dropped) == (len(sent), 0)
    store.close()


async def test_what_does_not_fit_is_counted_and_a_store_that_refuses_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ears, "MAX_WAITING", 10)
    inbox, kept, refused = Inbox(), list[RawLine](), asyncio.Event()

    class Store:
        def append(self, lines: list[RawLine]) -> int:
            if not refused.is_set():
                loop.call_soon_threadsafe(refused.set)
                raise StorageError("The disk is full.")
            kept.extend(lines)
            return len(lines)

    loop = asyncio.get_running_loop()
    for number in range(25):
        inbox.put(RawLine(at_ms=number, source="127.0.0.1", kind="trap", raw=b"x"))
    assert (inbox.received, inbox.dropped) == (25, 15)
    writer = asyncio.create_task(store_lines(inbox, Store()))  # type: ignore[arg-type]
    await refused.wait()
    inbox.news.set()
    async with asyncio.timeout(10):
        while len(kept) < 10:
            await asyncio.sleep(0.02)
            inbox.news.set()
    assert [line.at_ms for line in kept] == list(range(10))
    writer.cancel()


def test_an_address_that_cannot_be_listened_on_is_one_sentence() -> None:
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1"):
        listen("192.0.2.1", 0)
    with pytest.raises(SettingsError):
        listen("no address", 0)
    with listen("127.0.0.1", 0) as taken, pytest.raises(SocketInUseError):
        listen("127.0.0.1", taken.getsockname()[1])


async def test_ears_answer_how_much_they_heard(node: Settings) -> None:
    bus = await SocketBus(Path(node.general.run_dir) / "bus.sock", "asker").start()
    answer = await bus.request("ears.count", msgspec.msgpack.encode(Nothing()))
    assert msgspec.msgpack.decode(answer, type=Done) == Done()
    await bus.close()


@pytest.fixture
def records(tmp_path: Path) -> str:
    path = tmp_path / "records.db"
    open_records(path).close()
    return str(path)


def job(records: str, filename: str, content: bytes) -> bytes:
    return msgspec.msgpack.encode(ImportJob(filename=filename, content=content, records=records))


async def test_a_job_reads_and_checks(records: str) -> None:
    body = await workers.import_job(job(records, "sites.csv", b"name,level\nA,city\n"))
    result = import_result(body)
    assert [site.name for site in result.records["site"]] == ["A"]


async def test_a_job_that_takes_too_long_is_ended(records: str) -> None:
    with pytest.raises(NoAnswerError):
        await workers.import_job(job(records, "sites.csv", b"name,level\nA,city\n"), timeout_s=0.01)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"<a>" + bytes(40_000_000) + b"</a>")
    return out.getvalue()


@pytest.mark.parametrize(("name", "content"), [
    ("a.xlsx", b"PK\x03\x04"), ("a.xlsx", bomb()), ("a.csv", b"\xff\xfe\x00\xd8" * 9), ("a.xls", b"\xd0\xcf\x11\xe0"),
])
async def test_hostile_files_are_one_sentence(records: str, name: str, content: bytes) -> None:
    with pytest.raises(InvalidInputError) as found:
        await workers.import_job(job(records, name, content))
    assert found.value.message
    assert "could not be read" not in found.value.message, "it crashed instead of being refused"


async def test_a_job_that_crashes_fails_alone() -> None:
    with pytest.raises(InvalidInputError, match=r"could not be read|无法读取"):
        await workers.import_job(b"\xc1 this is no job")


@pytest.mark.parametrize("code", [-signal.SIGKILL, -signal.SIGXCPU])
def test_a_job_ended_by_its_limits_says_so(code: int) -> None:
    told = workers._unreadable(CrashedError(code, b""))
    assert told.way_out == workers._unreadable(CrashedError(1, b"MemoryError")).way_out
