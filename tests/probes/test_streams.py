"""TCP, HTTP, TLS and SSH banners against real servers, good ones and hostile ones."""

import re
import socket
import time
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from core.probes import CERTIFICATE, HTTP_BYTES, HTTP_STATUS, RTT, UP, Outcome
from links.ssh import Login

Run = Callable[..., Awaitable[Outcome]]


def page(body: bytes, status: str = "200 OK", *headers: str) -> Callable[[socket.socket], None]:
    def behave(wire: socket.socket) -> None:
        wire.recv(65536)
        head = "\r\n".join((f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""))
        wire.sendall(head.encode() + body)

    return behave


async def test_tcp_is_up_closed_or_says_a_word(run: Run, host: Callable[..., Any]) -> None:
    there = host(lambda wire: wire.sendall(b"220 mail ready\r\n"))
    found = await run("tcp", port=there.port)
    assert found.answer == "ok"
    assert found.figure(UP) == 1.0
    assert (found.figure(RTT) or 0) > 0
    assert (await run("tcp", port=there.port, contains="220 ")).answer == "ok"
    other = await run("tcp", port=there.port, contains="SSH-")
    assert (other.answer, other.said) == ("wrong-content", "220 mail ready")
    there.close()
    closed = await run("tcp", port=socket_that_is_closed())
    assert (closed.answer, closed.figure(UP)) == ("closed", 0.0)


def socket_that_is_closed() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_a_name_that_nobody_knows(run: Run) -> None:
    assert (await run("tcp", "no-such-host.invalid", 80)).answer in ("unknown-name", "no-answer")


@pytest.mark.parametrize("coding", ["utf-8", "gb18030"])
async def test_a_page_must_say_what_is_expected_in_whatever_coding(run: Run, host: Callable[..., Any], coding: str) -> None:
    there = host(page("<h1>莲都区政务服务网</h1>".encode(coding)))
    url = f"http://127.0.0.1:{there.port}/login?a=1"
    found = await run("http", url, contains="政务服务")
    assert found.answer == "ok"
    assert found.figure(HTTP_STATUS) == 200.0
    assert found.figure(HTTP_BYTES) == len("<h1>莲都区政务服务网</h1>".encode(coding))
    assert (await run("http", url, contains="维护中")).answer == "wrong-content"
    assert (await run("http", url, lacks="政务服务")).said == "+政务服务"


async def test_status_and_redirects(run: Run, host: Callable[..., Any]) -> None:
    target = host(page(b"here"))
    elsewhere = host(page(b"", "302 Found", "Location: http://localhost:1/"))
    failing = host(page(b"oops", "503 Service Unavailable"))
    found = await run("http", f"http://127.0.0.1:{failing.port}")
    assert (found.answer, found.said, found.figure(HTTP_STATUS)) == ("wrong-status", "503", 503.0)
    assert (await run("http", f"http://127.0.0.1:{failing.port}", status="503")).answer == "ok"
    home = host(page(b"", "301 Moved", f"Location: http://127.0.0.1:{target.port}/x"))
    assert (await run("http", f"http://127.0.0.1:{home.port}", contains="here")).answer == "wrong-content"
    assert (await run("http", f"http://127.0.0.1:{home.port}", contains="here", follow="1")).answer == "ok"
    refused = await run("http", f"http://127.0.0.1:{elsewhere.port}", follow="5")
    assert (refused.answer, refused.said) == ("wrong-status", "302 -> http://localhost:1/")
    around = host(page(b"", "302 Found", "Location: /again"))
    assert (await run("http", f"http://127.0.0.1:{around.port}", follow="3", status="302")).answer == "ok"
    assert around.connections == 4


async def test_chunks_and_continue(run: Run, host: Callable[..., Any]) -> None:
    def behave(wire: socket.socket) -> None:
        wire.recv(65536)
        wire.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        wire.sendall(b"5;x=y\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")

    there = host(behave)
    found = await run("http", f"http://127.0.0.1:{there.port}/", contains="hello world")
    assert (found.answer, found.figure(HTTP_BYTES)) == ("ok", 11.0)


async def test_certificates_are_verified_and_counted(run: Run, host: Callable[..., Any], issue: Callable[..., Any]) -> None:
    good, expired, other = issue(30), issue(-3), issue(30, "portal.city.local")
    there = host(page(b"ok"), good.context)
    url = f"https://localhost:{there.port}/"
    untrusted = await run("http", url)
    assert untrusted.answer == "bad-certificate"
    assert round(untrusted.figure(CERTIFICATE) or 0) == 30
    trusted = await run("http", url, authority=good.pem)
    assert (trusted.answer, trusted.facts["names"]) == ("ok", "localhost")
    assert "莲都区大数据局" in trusted.facts["issuer"]
    assert (await run("http", url, verify="no")).answer == "ok"
    old = host(page(b"ok"), expired.context)
    found = await run("http", f"https://localhost:{old.port}/", authority=expired.pem)
    assert found.answer == "bad-certificate"
    assert "expired" in found.said
    assert round(found.figure(CERTIFICATE) or 0) == -3
    named = host(page(b"ok"), other.context)
    assert (await run("http", f"https://localhost:{named.port}/", authority=other.pem)).answer == "bad-certificate"
    assert (await run("http", f"https://localhost:{named.port}/", authority=other.pem, host="portal.city.local")).answer == "ok"
    assert (await run("http", url, authority="no certificate")).answer == "unusable"


async def test_certificates_of_other_services(run: Run, host: Callable[..., Any], issue: Callable[..., Any]) -> None:
    """Directories, mail servers, message brokers: whatever speaks TLS from the first octet on."""
    issued = issue(20)
    there = host(lambda wire: wire.sendall(b"* OK IMAP4rev1"), issued.context)
    found = await run("tcp", "localhost", there.port, tls="yes", authority=issued.pem, contains="IMAP4")
    assert (found.answer, round(found.figure(CERTIFICATE) or 0)) == ("ok", 20)
    untrusted = await run("tcp", "localhost", there.port, tls="yes")
    assert (untrusted.answer, round(untrusted.figure(CERTIFICATE) or 0)) == ("bad-certificate", 20)
    plain = host(lambda wire: wire.sendall(b"220 no TLS here\r\n"))
    assert (await run("tcp", port=plain.port, tls="yes", verify="no")).answer == "nonsense"


async def test_a_secret_does_not_travel_where_others_can_read_it(run: Run, host: Callable[..., Any]) -> None:
    heard: list[bytes] = []

    def behave(wire: socket.socket) -> None:
        heard.append(wire.recv(65536))
        wire.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    there = host(behave)
    assert (await run("http", f"http://127.0.0.1:{there.port}/", login=Login("", "tok-1"))).answer == "ok"
    assert b"Authorization: Bearer tok-1\r\n" in heard[0]
    assert (await run("http", "http://192.0.2.1/", login=Login("u", "p"))).answer == "unusable"


def flood(prefix: bytes, piece: bytes) -> Callable[[socket.socket], None]:
    def behave(wire: socket.socket) -> None:
        wire.sendall(prefix)
        while True:
            wire.sendall(piece)

    return behave


def drip(prefix: bytes) -> Callable[[socket.socket], None]:
    def behave(wire: socket.socket) -> None:
        wire.sendall(prefix)
        while True:
            wire.sendall(b"x")
            time.sleep(0.02)

    return behave


OK = b"HTTP/1.1 200 OK\r\n"
HOSTILE = {
    "an endless header": ("http", flood(OK, b"X: " + b"y" * 1000), {"too-much"}),
    "endless headers": ("http", flood(OK, b"X: y\r\n" * 100), {"too-much"}),
    "a page without end": ("http", flood(OK + b"\r\n", b"z" * 65536), {"ok"}),
    "a chunk as large as memory": ("http", flood(OK + b"Transfer-Encoding: chunked\r\n\r\nffffffff\r\n", b"z" * 65536), {"ok"}),
    "a length that is none": ("http", page(b"", "200 OK", "Content-Length: -5"), {"nonsense", "ok"}),
    "a length of a million digits": ("http", flood(OK + b"Content-Length: " + b"9" * 20_000 + b"\r\n\r\n", b"z" * 65536), {"ok"}),
    "endless chunks of nothing": ("http", flood(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nz\r\n"), {"ok", "no-answer"}),
    "no HTTP": ("http", lambda wire: wire.sendall(b"\x00\x01\x02\r\n\r\n"), {"nonsense"}),
    "slow as a snail": ("http", drip(b"HTTP/1.1 200"), {"no-answer"}),
    "silence": ("http", lambda wire: time.sleep(3), {"no-answer"}),
    "continue for ever": ("http", flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n"), {"nonsense"}),
    "a banner without end": ("ssh", flood(b"", b"a" * 4096), {"too-much"}),
    "lines without end": ("ssh", flood(b"", b"welcome\r\n"), {"nonsense"}),
    "a snail's banner": ("ssh", drip(b"SSH-2.0-"), {"no-answer"}),
    "words without end": ("tcp", flood(b"", b"b" * 4096), {"wrong-content"}),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_servers_are_bounded(run: Run, host: Callable[..., Any], name: str) -> None:
    """In time and in what is read: none of these ends by itself."""
    kind, behave, answers = HOSTILE[name]
    there = host(behave)
    target = f"http://127.0.0.1:{there.port}/" if kind == "http" else "127.0.0.1"
    timeout_ms = 500 if "no-answer" in answers else 30_000
    found = await run(kind, target, there.port, timeout_ms=timeout_ms, **({"contains": "SSH-"} if kind == "tcp" else {}))
    assert found.answer in answers
    assert (found.figure(HTTP_BYTES) or 0) <= 1024 * 1024


async def test_a_real_banner(run: Run, sshd: Any) -> None:
    found = await run("ssh", port=sshd.port)
    assert found.answer == "ok"
    assert re.match(r"SSH-2.0-OpenSSH", found.facts["server"])
    assert (await run("ssh", port=sshd.port, contains="dropbear")).answer == "wrong-content"
