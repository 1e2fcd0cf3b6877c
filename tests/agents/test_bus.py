"""The contract of the bus (`core.ports.Bus`), and what only the embedded one must bear.

Another bus is put under the contract by one more parameter of `end`.
"""

import asyncio
import contextlib
import socket
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import NoAnswerError, NotFoundError, ProtocolError, YunwangError
from links import frames
from links.broker import Broker
from links.bus import SocketBus
from links.frames import Frame, Kind, Splitter

Maker = Callable[[str], Awaitable[SocketBus]]


@pytest.fixture
async def broker() -> AsyncIterator[Broker]:
    with tempfile.TemporaryDirectory(prefix="yw-") as folder:
        made = Broker(Path(folder) / "bus.sock")
        await made.start()
        yield made
        await made.close()


@pytest.fixture(params=["embedded"])
async def end(broker: Broker, request: pytest.FixtureRequest) -> AsyncIterator[Maker]:
    """Makes connected ends of one bus."""
    made: list[SocketBus] = []

    async def make(name: str) -> SocketBus:
        bus = await SocketBus(broker.path, name).start()
        made.append(bus)
        await bus.wait_connected()
        return bus

    yield make
    for bus in made:
        await bus.close()


async def settle(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 -- the condition is anybody's
            await asyncio.sleep(0.01)


async def subscribed(bus: SocketBus, broker: Broker, subject: str, handler: Callable[[bytes], Awaitable[bytes | None]], **how: int) -> None:
    count = len(broker.subscribers.get(subject, ()))
    await bus.subscribe(subject, handler, **how)
    await settle(lambda: len(broker.subscribers.get(subject, ())) == count + 1)


async def test_every_subscriber_gets_what_is_published_in_order(end: Maker, broker: Broker) -> None:
    heard: dict[str, list[bytes]] = {"a": [], "b": []}
    for name, bodies in heard.items():
        async def keep(body: bytes, bodies: list[bytes] = bodies) -> None:
            bodies.append(body)

        await subscribed(await end(name), broker, "news", keep)
    speaker = await end("speaker")
    sent = [str(number).encode() for number in range(200)]
    for body in sent:
        await speaker.publish("news", body)
    await settle(lambda: len(heard["a"]) == len(heard["b"]) == 200)
    assert heard["a"] == heard["b"] == sent


async def test_a_request_is_answered_by_one(end: Maker, broker: Broker) -> None:
    asked: list[str] = []
    for name in ("a", "b"):
        async def answer(body: bytes, name: str = name) -> bytes:
            asked.append(name)
            return body.upper()

        await subscribed(await end(name), broker, "work", answer)
    asker = await end("asker")
    assert await asyncio.gather(*(asker.request("work", b"x%d" % n) for n in range(10))) == [b"X%d" % n for n in range(10)]
    assert sorted(asked) == ["a"] * 5 + ["b"] * 5


async def test_answers_find_their_questions_when_they_overtake(end: Maker, broker: Broker) -> None:
    async def slow_first(body: bytes) -> bytes:
        await asyncio.sleep(0.1 if body == b"0" else 0)
        return body

    await subscribed(await end("worker"), broker, "work", slow_first, workers=4)
    asker = await end("asker")
    assert await asyncio.gather(*(asker.request("work", str(n).encode()) for n in range(4))) == [b"0", b"1", b"2", b"3"]


async def test_a_request_that_nobody_takes_is_refused_at_once(end: Maker) -> None:
    asker = await end("asker")
    with pytest.raises(NoAnswerError, match="does not answer at the moment"):
        await asker.request("nothing", b"", timeout_s=60)


async def test_a_request_ends_with_its_timeout(end: Maker, broker: Broker) -> None:
    async def never(_body: bytes) -> None:
        await asyncio.sleep(3600)

    await subscribed(await end("sleeper"), broker, "work", never)
    with pytest.raises(NoAnswerError, match="within"):
        await (await end("asker")).request("work", b"", timeout_s=0.05)


async def test_what_a_handler_raises_is_raised_where_it_was_asked(end: Maker, broker: Broker) -> None:
    async def fail(body: bytes) -> None:
        if body == b"ours":
            raise NotFoundError("There is no such thing.", way_out="Look elsewhere.")
        raise ZeroDivisionError

    await subscribed(await end("worker"), broker, "work", fail)
    asker = await end("asker")
    with pytest.raises(NotFoundError) as found:
        await asker.request("work", b"ours")
    assert found.value.way_out == "Look elsewhere."
    with pytest.raises(YunwangError, match="failed at this"):
        await asker.request("work", b"theirs")


async def test_a_worker_that_dies_fails_its_requests(end: Maker, broker: Broker) -> None:
    taken = asyncio.Event()

    async def hang(_body: bytes) -> None:
        taken.set()
        await asyncio.sleep(3600)

    worker = await end("worker")
    await subscribed(worker, broker, "work", hang)
    request = asyncio.create_task((await end("asker")).request("work", b"", timeout_s=60))
    await taken.wait()
    await worker.close()
    with pytest.raises(NoAnswerError, match="went away"):
        await request


async def test_subscriptions_come_back_with_the_broker(end: Maker, broker: Broker) -> None:
    async def echo(body: bytes) -> bytes:
        return body

    worker, asker = await end("worker"), await end("asker")
    await subscribed(worker, broker, "work", echo)
    await broker.close()
    again = Broker(broker.path)
    await again.start()
    try:
        await settle(lambda: bool(again.subscribers.get("work")))
        assert await asker.request("work", b"still here") == b"still here"
    finally:
        await again.close()


async def test_large_bodies_pass_and_larger_ones_are_refused(end: Maker, broker: Broker) -> None:
    async def size(body: bytes) -> bytes:
        return str(len(body)).encode()

    await subscribed(await end("worker"), broker, "work", size)
    asker = await end("asker")
    assert await asker.request("work", bytes(frames.MAX_BODY), timeout_s=60) == str(frames.MAX_BODY).encode()
    with pytest.raises(ProtocolError):
        await asker.request("work", bytes(frames.MAX_BODY + 1))


async def test_a_slow_reader_loses_its_connection_and_the_speaker_no_time(broker: Broker, end: Maker) -> None:
    broker.max_waiting = 256 * 1024
    with socket.socket(socket.AF_UNIX) as deaf:
        deaf.connect(str(broker.path))
        deaf.sendall(frames.encode(Frame(Kind.SUBSCRIBE, 0, "news")))
        await settle(lambda: bool(broker.subscribers.get("news")))
        heard: list[int] = []

        async def keep(body: bytes) -> None:
            heard.append(len(body))

        await subscribed(await end("reader"), broker, "news", keep)
        speaker = await end("speaker")
        for _ in range(60):
            await speaker.publish("news", bytes(64 * 1024))
            await asyncio.sleep(0)
        await settle(lambda: len(heard) == 60)
        assert len(broker.subscribers["news"]) == 1


@pytest.mark.parametrize("hostile", [
    b"\xff\xff\xff\xff", (frames.MAX_FRAME + 1).to_bytes(4, "big"), b"\0\0\0\x01\xc1", b"\0\0\0\x05hello",
    frames.encode(Frame(Kind.PUBLISH, 0, "x"))[:-3] + b"\x93\x93\x93", b"\0\0\0\x04\x94\x63\x00\xa0",
])
async def test_hostile_frames_close_the_connection_and_harm_nobody(broker: Broker, end: Maker, hostile: bytes) -> None:
    reader, writer = await asyncio.open_unix_connection(str(broker.path))
    writer.write(hostile)
    with contextlib.suppress(ConnectionResetError):
        assert await asyncio.wait_for(reader.read(), 10) == b""
    writer.close()

    async def echo(body: bytes) -> bytes:
        return body

    await subscribed(await end("worker"), broker, "work", echo)
    assert await (await end("asker")).request("work", b"alive") == b"alive"


async def test_an_answer_that_was_not_asked_for_is_ignored(broker: Broker, end: Maker) -> None:
    asked = asyncio.Event()

    async def hang(_body: bytes) -> bytes:
        asked.set()
        await asyncio.sleep(0.2)
        return b"right"

    await subscribed(await end("worker"), broker, "work", hang)
    request = asyncio.create_task((await end("asker")).request("work", b"", timeout_s=10))
    await asked.wait()
    _, writer = await asyncio.open_unix_connection(str(broker.path))
    for number in range(1, 50):
        writer.write(frames.encode(Frame(Kind.REPLY, number, "", b"forged")))
    await writer.drain()
    assert await request == b"right"
    writer.close()


@given(st.lists(st.binary(max_size=2000), max_size=20), st.lists(st.integers(1, 700), max_size=60))
def test_frames_survive_any_portions(bodies: list[bytes], cuts: list[int]) -> None:
    data = b"".join(frames.encode(Frame(Kind.PUBLISH, number, "s", body)) for number, body in enumerate(bodies))
    splitter, found, at = Splitter(), [], 0
    for cut in [*cuts, len(data)]:
        found += list(splitter.feed(data[at : at + cut]))
        at += cut
    found += list(splitter.feed(data[at:]))
    assert [frame.body for frame in found] == bodies


@given(st.binary(max_size=400))
def test_any_bytes_give_frames_or_a_protocol_error(data: bytes) -> None:
    splitter = Splitter()
    try:
        for frame in splitter.feed(data):
            assert isinstance(frame.kind, Kind)
    except ProtocolError:
        pass


async def test_other_accounts_are_not_heard(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("links.broker._is_ours", lambda _connection: False)
    reader, writer = await asyncio.open_unix_connection(str(broker.path))
    with contextlib.suppress(ConnectionResetError):
        assert await asyncio.wait_for(reader.read(), 10) == b""
    assert not broker.connections
    writer.close()
