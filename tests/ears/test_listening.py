"""Real datagrams and connections: what comes is kept as it came, what cannot be kept is counted."""

import asyncio
import contextlib
import os
import random
import socket
import ssl
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agents import ears_udp
from agents.ears_connections import Connections
from agents.ears_inbox import Inbox, store_lines
from agents.ears_tcp import MAX_LINE, Lines, serve, tls_of
from agents.ears_udp import UdpEar, listen, listen_in_lanes
from core.errors import SettingsError, SocketInUseError, StorageError
from core.ports import LogQuery
from core.signals import RawLine
from links.snmp.wire import Wire


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = listen("127.0.0.1", 0)
    yield made
    made.close()


async def test_datagrams_are_stored_as_they_came(hall: Any, wire: Wire) -> None:
    ear = UdpEar(wire, "syslog", hall.inbox)
    ear.attach()
    sent = [random.Random(n).randbytes(n % 200) for n in range(600)] + ["<189>告警".encode("gb18030"), bytes(60_000), bytes(65_507)]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for raw in sent:
            sender.sendto(raw, wire.socket.getsockname())
            await asyncio.sleep(0)
    found = await hall.kept(len(sent))
    ear.detach()
    assert sorted(line.raw for line in found) == sorted(sent)
    assert {(line.source, line.kind) for line in found} == {("127.0.0.1", "syslog")}
    assert (hall.inbox.received, hall.inbox.dropped, ear.missed) == (len(sent), 0, 0)


async def test_both_families_at_one_socket(hall: Any) -> None:
    both = listen("::", 0)
    ear = UdpEar(both, "syslog", hall.inbox)
    ear.attach()
    port = both.socket.getsockname()[1]
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        with socket.socket(family, socket.SOCK_DGRAM) as sender:
            sender.sendto(b"<13>hello", (address, port))
    found = await hall.kept(2)
    ear.detach()
    both.close()
    assert {line.source for line in found} == {"127.0.0.1", "::1"}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux chooses sockets by sender")
@pytest.mark.parametrize("address", ["127.0.0.1", "::"])
async def test_who_floods_fills_the_lane_of_nobody_else(hall: Any, address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ears_udp, "LANE_BUFFER", 65_536)
    wire, lanes = listen_in_lanes(address, 0, 4)
    assert len(lanes) == 4
    port = lanes[0].getsockname()[1]
    with pytest.raises(SocketInUseError):
        listen_in_lanes(address, port)
    ears = [UdpEar(wire, "syslog", hall.inbox, listener=one) for one in lanes]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flood:
        flood.bind(("127.0.0.4", 0))
        for _ in range(5_000):  # nobody takes any meanwhile
            flood.sendto(b"<13>flood", ("127.0.0.1", port))
    for number in (5, 6, 7):
        for text in (b"<13>first", b"<13>second"):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:  # each from another port
                sender.bind((f"127.0.0.{number}", 0))
                sender.sendto(text, ("127.0.0.1", port))
    missed = sum(ear.missed for ear in ears)
    for ear in ears:
        ear.attach()
    kept = await hall.kept(5_006 - missed)
    for ear in ears:
        ear.detach()
        ear.close()
    assert missed > 0
    others = [(line.source, line.raw) for line in kept if line.source != "127.0.0.4"]
    assert sorted(others) == [(f"127.0.0.{number}", text) for number in (5, 6, 7) for text in (b"<13>first", b"<13>second")]
    assert len(kept) - len(others) == 5_000 - missed, "what was lost is counted"


async def test_what_does_not_fit_is_counted_and_a_store_that_refuses_is_tried_again() -> None:
    inbox, kept, refused, answered = Inbox(10), list[RawLine](), asyncio.Event(), list[int]()

    class Store:
        def append(self, lines: list[RawLine]) -> int:
            if not refused.is_set():
                loop.call_soon_threadsafe(refused.set)
                raise StorageError("The disk is full.")
            kept.extend(lines)
            return len(lines)

    loop = asyncio.get_running_loop()
    for number in range(25):
        line = RawLine(at_ms=number, source=f"127.0.0.{number}", kind="trap", raw=b"x")
        inbox.put(line, lambda number=number: answered.append(number))  # type: ignore[misc]
    assert (inbox.received, inbox.dropped) == (25, 15)
    writer = asyncio.create_task(store_lines(inbox, Store(), lambda _: None))  # type: ignore[arg-type]
    await refused.wait()
    assert not answered, "nothing is acknowledged before it is on the disk"
    async with asyncio.timeout(10):
        while len(answered) < 10:
            await asyncio.sleep(0.02)
            inbox.news.set()
    assert [line.at_ms for line in kept] == answered == list(range(10))
    writer.cancel()


@pytest.mark.parametrize("size", [10, 60_000])
def test_while_the_disk_is_slow_a_flood_leaves_room_for_the_others(size: int) -> None:
    inbox, most = Inbox(2_000), 2_000
    accepted = sum(inbox.put(RawLine(at_ms=n, source="10.9.9.9", kind="syslog", raw=bytes(size))) for n in range(2 * most))
    assert 0 < accepted < most
    assert all(inbox.put(RawLine(at_ms=n, source=f"10.0.0.{n}", kind="syslog", raw=b"<13>quiet")) for n in range(200))
    assert (inbox.received, inbox.dropped) == (2 * most + 200, 2 * most - accepted)
    while inbox.take():
        continue
    assert inbox.put(RawLine(at_ms=0, source="10.9.9.9", kind="syslog", raw=b"again")), "once it is written, there is room again"


def test_an_address_that_cannot_be_listened_on_is_one_sentence() -> None:
    with pytest.raises(SettingsError, match=r"192\.0\.2\.1"):
        listen("192.0.2.1", 0)
    with pytest.raises(SettingsError):
        listen("no address", 0)
    taken = listen("127.0.0.1", 0)
    with pytest.raises(SocketInUseError, match="UDP"):
        listen("127.0.0.1", taken.socket.getsockname()[1])
    taken.close()


LINES = [b"<13>one", b"<14>two words", "<15>三".encode(), b"<16>" + b"x" * 5000]


@pytest.mark.parametrize("step", [1, 3, 7, 1000, 10**6])
@pytest.mark.parametrize("framing", ["counted", "newline", "nul", "crlf"])
def test_both_framings_however_they_are_cut(framing: str, step: int) -> None:
    ends = {"newline": b"\n", "nul": b"\0", "crlf": b"\r\n"}
    whole = b"".join(b"%d %s" % (len(one), one) if framing == "counted" else one + ends[framing] for one in LINES)
    lines, found = Lines(), list[bytes]()
    for start in range(0, len(whole), step):
        found += lines.feed(whole[start : start + step])
    assert found + lines.rest() == LINES


def test_a_line_without_end_is_cut_and_the_next_is_whole() -> None:
    for framing in (b"%d %s" % (MAX_LINE * 3, b"y" * MAX_LINE * 3), b"<1>" + b"y" * MAX_LINE * 3 + b"\n"):
        lines, found = Lines(), list[bytes]()
        behind = b"7 <13>two" if framing[:1].isdigit() else b"<13>two\n"
        for start in range(0, len(framing + behind), 4096):
            found += lines.feed((framing + behind)[start : start + 4096])
        assert [len(one) for one in found] == [MAX_LINE, 7]
        assert found[-1] == b"<13>two"


def test_an_unfinished_line_is_kept_at_the_end() -> None:
    lines = Lines()
    assert lines.feed(b"<13>one\n<13>tw") == [b"<13>one"]
    assert lines.rest() == [b"<13>tw"]
    assert lines.rest() == []


def test_any_octets_are_lines_of_bounded_length() -> None:
    rng = random.Random(5)
    for _ in range(300):
        lines, came = Lines(), 0
        for _ in range(rng.randrange(1, 6)):
            data = bytes(rng.choice(b"0123456789 <>ab\n\0\r") for _ in range(rng.randrange(200)))
            came += len(data)
            assert sum(len(one) for one in lines.feed(data)) <= came
        assert all(len(one) <= MAX_LINE for one in lines.rest())


async def test_tcp_is_slowed_down_and_loses_nothing(hall: Any) -> None:
    hall.inbox._most = 200  # so small that the sender must wait
    connections = Connections()
    server = await serve("127.0.0.1", 0, hall.inbox, connections)
    port = server.sockets[0].getsockname()[1]
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    for number in range(15_000):
        writer.write(b"<13>line %06d\n" % number)
        if number % 100 == 0:
            await writer.drain()
    await writer.drain()
    writer.close()
    found = await hall.kept(15_000)
    server.close()
    assert (hall.inbox.received, hall.inbox.dropped, len(connections)) == (15_000, 0, 0)
    assert [line.raw for line in found] == [b"<13>line %06d" % number for number in range(15_000)]


CROWD = 10_000 if os.environ.get("YUNWANG_SOAK") == "1" else 300


@pytest.mark.soak
async def test_a_crowd_that_says_nothing_locks_nobody_out(hall: Any) -> None:
    """Connections from many addresses that are held open and silent; a device comes, speaks, and keeps its place."""
    most = CROWD // 3
    connections = Connections(most=most, of_one_source=most // 4)
    server = await serve("127.0.0.1", 0, hall.inbox, connections)
    port = server.sockets[0].getsockname()[1]
    first = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.9.1", 0))
    first[1].write(b"<13>before\n")
    await hall.kept(1)
    crowd = []
    for number in range(CROWD):
        one = socket.socket()
        one.setblocking(False)
        one.bind((f"127.0.8.{number % 20 + 1}", 0))
        with contextlib.suppress(BlockingIOError):
            one.connect(("127.0.0.1", port))
        crowd.append(one)
        if number % 50 == 49:
            await asyncio.sleep(0.01)
    await hall.until(lambda: connections.turned_away > 0)
    last = await asyncio.open_connection("127.0.0.1", port, local_addr=("127.0.9.2", 0))
    last[1].write(b"<13>while\n")
    first[1].write(b"<13>after\n")
    kept = await hall.kept(3)
    assert sorted(line.raw for line in kept) == [b"<13>after", b"<13>before", b"<13>while"]
    assert len(connections) <= most
    for silent in crowd:
        silent.close()
    for _, writer in (first, last):
        writer.close()
    server.close()
    print(f"\nears: {CROWD:,} silent connections, {connections.turned_away:,} of them turned away, two devices heard")  # noqa: T201


def test_one_source_takes_no_more_than_its_share_and_the_spoken_stay() -> None:
    class One:
        def __init__(self, source: str, heard_s: float) -> None:
            self.source, self.heard_s, self.aborted = source, heard_s, False

        def abort(self) -> None:
            self.aborted = True

    known = Connections(most=10, of_one_source=4)
    mine = [One("a", n) for n in range(4)]
    assert all(known.admit(one) for one in mine)
    known.heard(mine[0])
    fifth = One("a", 5)
    assert known.admit(fifth)
    assert [one.aborted for one in mine] == [False, True, False, False], "of the same source the silent one that came first"
    for one in (mine[2], mine[3], fifth):
        known.heard(one)
    assert not known.admit(One("a", 6)), "all of them speak"
    others = [One(f"b{n}", 10) for n in range(6)]
    assert all(known.admit(one) for one in others)
    for one in others:
        known.heard(one)
    assert not known.admit(One("c", 20.0))
    mine[0].heard_s, mine[2].heard_s = 1000.0, 2.0
    known.heard(mine[0])
    assert known.admit(One("c", 1000.0)), "who was silent for minutes gives way"
    assert mine[2].aborted
    assert len(known) == 10


async def test_a_length_that_lies_harms_its_own_connection_alone(hall: Any) -> None:
    connections = Connections()
    server = await serve("127.0.0.1", 0, hall.inbox, connections)
    port = server.sockets[0].getsockname()[1]
    lies = (b"9999999 <13>short\n", b"3 <13>long\n<13>next\n", b"0 <13>x\n", b"99999999 <13>eight digits\n", b"12", b"12 \xff" + bytes(11))
    for lie in lies:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(lie)
        await writer.drain()
        writer.close()
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"10 <13>honest" + b"\n")
    await writer.drain()
    writer.close()
    await hall.until(lambda: any(b"honest" in line.raw for line in hall.store.search(LogQuery(start_ms=0, end_ms=2**50))))
    await hall.until(lambda: len(connections) == 0)
    kept = [line.raw for line in await hall.kept(7)]
    assert all(any(word in raw for raw in kept) for word in (b"short", b"next", b"eight digits")), "nothing of it is thrown away"
    server.close()


def certificates(folder: Path) -> tuple[Path, Path]:
    """A certificate of its own authority for 127.0.0.1, and its key."""
    import datetime
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "ears")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate, secret = folder / "ears.pem", folder / "ears.key"
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
    return certificate, secret


async def told(port: int, context: ssl.SSLContext, line: bytes) -> bytes:
    """What comes back to a sender who is not let in: nothing."""
    try:
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
        writer.write(line)
        await writer.drain()
        return await reader.read()
    except (ssl.SSLError, ConnectionError):
        return b""


async def test_tls_and_only_from_senders_that_show_a_certificate(hall: Any, tmp_path: Path) -> None:
    certificate, key = certificates(tmp_path)
    server = await serve("127.0.0.1", 0, hall.inbox, Connections(), tls_of(str(certificate), str(key), str(certificate)))
    port = server.sockets[0].getsockname()[1]
    context = ssl.create_default_context(cafile=str(certificate))
    assert await told(port, context, b"<13>stranger\n") == b""
    context.load_cert_chain(certificate, key)
    _, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context)
    writer.write(b"9 <13>known")
    await writer.drain()
    writer.close()
    found = await hall.kept(1)
    server.close()
    assert [line.raw for line in found] == [b"<13>known"]
    with pytest.raises(SettingsError):
        tls_of(str(tmp_path / "missing.pem"), str(key), "")
    with pytest.raises(SettingsError):
        tls_of(str(key), str(key), "")
