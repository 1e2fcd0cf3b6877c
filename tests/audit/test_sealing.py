"""Seals and tips: when, what they say, where they go, and what is told when they cannot."""

import asyncio
import json
import re
import socket
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from agents.hub.audit import part
from agents.hub.audit.part import Audit
from agents.hub.audit.tips import address, message, newest_in
from agents.hub.jobs.kinds import Kind, Kinds
from core.audit import Tip, read_tips
from core.errors import ConflictError, SettingsError, StorageError
from core.identity import Actor
from core.sections import Audit as AuditSettings
from core.sections import General
from core.settings import Settings
from stores.audit import Verifier, last_seal, seal
from stores.records import Records

LI = Actor(name="li")
HOUR = 3_600_000


class TwinHub:
    """What the part asks of a hub."""

    def __init__(self, store: Records, settings: Settings) -> None:
        self.store, self.settings = store, settings
        self.kinds = Kinds()
        self.tasks: list[asyncio.Task[Any]] = []
        self.work = self

    def register(self, kind: Kind) -> None:
        self.kinds.add(kind)

    def spawn(self, work: Coroutine[Any, Any, Any]) -> None:
        self.tasks.append(asyncio.create_task(work))

    async def note(self, actor: Actor, action: str, detail: dict[str, Any]) -> None:
        with self.store.write(actor, 1) as write:
            write.note(action, detail)


@pytest.fixture
def made(store: Records, tmp_path: Path) -> Callable[..., Audit]:
    def make(**settings: Any) -> Audit:
        whole = Settings(general=General(data_dir=str(tmp_path)), audit=AuditSettings(**settings))
        return Audit(cast("Any", TwinHub(store, whole)))

    return make


def write(store: Records, at_ms: int = 1) -> None:
    with store.write(LI, at_ms) as change:
        change.note("test", {})


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Sets the wall clock of the part."""
    return lambda at_ms: monkeypatch.setattr(part, "now_ms", lambda: at_ms)


async def test_a_seal_says_how_many_rows_there_are_and_how_they_end(made: Callable[..., Audit], store: Records) -> None:
    write(store)
    digest = store.journal()[0].digest
    audit = made()
    tip = await audit.seal()
    row = store.journal(1)[0]
    assert (row.action, row.actor, row.after["rows"], row.after["tip"]) == ("audit.seal", "system:audit", 1, digest)
    assert tip == Tip(seq=2, digest=row.digest)
    assert row.after["witnessed_s"] >= 0
    assert Verifier(store, Path("none"), [tip]).run().tips == 1


@pytest.mark.parametrize(
    ("last_at", "now", "pause"),
    [(10 * HOUR, 10 * HOUR + 600_000, 3000.0), (10 * HOUR, 11 * HOUR, 0.0), (10 * HOUR, 500 * HOUR, 0.0), (10 * HOUR, 2 * HOUR, 0.0)],
    ids=["young", "due", "after a long downtime", "a clock that stepped back"],
)
async def test_a_hub_that_starts_seals_when_it_is_due(
    made: Callable[..., Audit], store: Records, clock: Callable[[int], None], last_at: int, now: int, pause: float,
) -> None:
    seal(store, LI, last_at, 0)
    clock(now)
    assert await made()._first_pause() == pause


async def test_an_empty_trail_waits_for_its_first_seal(made: Callable[..., Audit], store: Records) -> None:
    assert await made()._first_pause() == HOUR / 1000
    write(store)
    assert await made()._first_pause() == 0


async def test_the_hub_seals_by_itself_and_tips_reach_both_places(
    made: Callable[..., Audit], store: Records, tmp_path: Path, receiver: socket.socket,
) -> None:
    write(store)
    file = tmp_path / "tips"
    audit = made(tip_file=str(file), tip_syslog=f"127.0.0.1:{receiver.getsockname()[1]}")
    await audit.start()
    datagram = (await asyncio.wait_for(asyncio.get_running_loop().sock_recv(receiver, 4096), 60)).decode()
    hub = cast("TwinHub", audit._hub)
    for _ in range(6000):
        if not audit._unsent:
            break
        await asyncio.sleep(0.01)
    for task in hub.tasks:
        task.cancel()
    await asyncio.gather(*hub.tasks, return_exceptions=True)
    last = last_seal(store)
    assert last is not None
    assert read_tips([datagram]) == read_tips(file.read_text().splitlines()) == [last.tip]
    assert re.match(r"<110>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S+ yunwang \d+ audit\.seal \[tip@32473 seq=", datagram)
    assert file.stat().st_mode & 0o077 == 0
    assert audit.trouble == ""


@pytest.fixture
def receiver() -> Iterator[socket.socket]:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.bind(("127.0.0.1", 0))
    opened.setblocking(False)
    yield opened
    opened.close()


async def test_a_tip_that_cannot_be_sent_is_told_and_sent_later(made: Callable[..., Audit], store: Records, tmp_path: Path) -> None:
    audit = made(tip_file=str(tmp_path / "away" / "tips"))
    for _ in range(3):
        await audit.seal()
    await audit._send()
    assert str(tmp_path / "away" / "tips") in audit.trouble
    assert (await audit.status()).unsent == 3
    (tmp_path / "away").mkdir()
    await audit._send()
    assert (audit.trouble, (await audit.status()).unsent) == ("", 0)
    assert [tip.seq for tip in read_tips((tmp_path / "away" / "tips").read_text().splitlines())] == [1, 2, 3]


async def test_a_restarted_hub_does_not_repeat_a_tip_and_sends_one_that_was_missed(
    made: Callable[..., Audit], store: Records, tmp_path: Path,
) -> None:
    file = tmp_path / "tips"
    first = made(tip_file=str(file))
    await first.seal()
    await first._send()
    for expected in ([1], [1, 2]):
        again = made(tip_file=str(file))
        await again._first_pause()
        await again._send()
        assert [tip.seq for tip in read_tips(file.read_text().splitlines())] == expected
        seal(store, LI, 1, 0)  # its hub died before the tip was sent


async def test_a_store_that_takes_no_seal_is_told_and_sealed_later(
    made: Callable[..., Audit], store: Records, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The fault of a seal is not hidden by tips that go out."""
    monkeypatch.setattr(part, "RETRY_S", 0.01)
    write(store)
    faults = [StorageError("torn out"), ValueError("a fault of ours")]
    real, seen = part.audit.seal, []

    def torn(*args: Any) -> Tip:
        if faults:
            raise faults.pop(0)
        return real(*args)

    monkeypatch.setattr(part.audit, "seal", torn)
    audit = made(tip_file=str(tmp_path / "tips"))
    await audit.start()
    for _ in range(6000):
        if last_seal(store) and not audit.trouble:
            break
        seen.append(audit.trouble)
        await asyncio.sleep(0.005)
    for task in cast("TwinHub", audit._hub).tasks:
        task.cancel()
    assert {"torn out", "a fault of ours"} <= set(seen)
    assert last_seal(store)
    assert audit.trouble == ""


async def test_one_walk_at_a_time_and_its_outcome_is_in_the_trail(made: Callable[..., Audit], store: Records) -> None:
    write(store)
    audit = made()

    def told(_done: int, _total: int) -> None:
        with pytest.raises(ConflictError, match="already"):
            audit.archive(LI)

    assert audit.verify(LI, (), told).rows == 1
    assert [(row.action, row.actor, row.after["good"]) for row in store.journal(1)] == [("audit.verify", "li", True)]


async def test_the_jobs_of_the_schedule_prove_and_archive(
    made: Callable[..., Audit], store: Records, as_root: Callable[..., None], tmp_path: Path,
) -> None:
    class Run:
        arguments: dict[str, Any] = {}

        def tell(self, done: int, total: int = 0, message: str = "") -> None:
            assert 0 <= done <= total

    write(store)
    write(store)
    audit = made()
    await audit.start()
    hub = cast("TwinHub", audit._hub)
    for task in hub.tasks:
        task.cancel()
    run = cast("Any", Run())
    verify, archive = (hub.kinds.get(name).runner for name in ("audit.verify", "audit.archive"))
    assert verify
    assert archive
    assert verify(run)["good"]
    assert archive(run) == {"rows": 0, "held": 2, "archives": []}
    as_root("UPDATE journal SET actor = 'nobody' WHERE seq = 2")
    with pytest.raises(StorageError, match="does not hold at row 2"):
        verify(run)


async def test_a_guard_that_was_missing_is_put_up_and_told(
    made: Callable[..., Audit], store: Records, path: Path, as_root: Callable[..., None],
) -> None:
    from stores.records import open_records

    write(store)
    as_root()
    store.close()
    again = open_records(path)
    audit = made()
    audit.store = cast("TwinHub", audit._hub).store = again
    await audit._first_pause()
    assert [row.action for row in again.journal(1)] == ["audit.guard-missing"]
    assert not open_and_ask(again, path)


def open_and_ask(store: Records, path: Path) -> bool:
    from stores.records import open_records

    store.close()
    again = open_records(path)
    try:
        return again.unguarded
    finally:
        again.close()


@pytest.mark.parametrize(
    ("text", "expected"),
    [("10.1.2.3:1514", ("10.1.2.3", 1514)), ("log.city.cn", ("log.city.cn", 514)), ("[2001:db8::1]:5", ("2001:db8::1", 5)),
     ("[2001:db8::1]", ("2001:db8::1", 514)), ("2001:db8::1", ("2001:db8::1", 514))],
)
def test_addresses_of_syslog(text: str, expected: tuple[str, int]) -> None:
    assert address(text) == expected


@pytest.mark.parametrize("text", [":514", "host:0", "host:70000", "host:x", "a b:1", "[::1", "host:"])
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(SettingsError, match="HOST:PORT"):
        address(text)


def test_a_node_with_a_strange_name_breaks_no_message() -> None:
    told = message(Tip(seq=1, digest="a" * 64), 10**18, "节点 1").decode("ascii")
    assert " 1 yunwang " in told or " - yunwang " in told
    assert json.dumps(told)


def test_a_long_tip_file_is_read_at_its_end(tmp_path: Path) -> None:
    file = tmp_path / "tips"
    line = '{{"seq": {}, "digest": "' + "a" * 64 + '"}}\n'
    file.write_text("".join(line.format(number) for number in range(1, 3000)))
    assert newest_in(file) == 2999
