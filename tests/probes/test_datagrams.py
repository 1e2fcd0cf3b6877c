"""DNS, NTP and ICMP: against responders of our own that write their answers by hand, and the kernel's own echoes."""

import json
import math
import os
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.probes import DNS_ANSWERS, JITTER, LOSS, NTP_OFFSET, NTP_STRATUM, RTT, UP, Outcome
from links.probes.icmp import ping
from monitors.probes import dns, echoes, ntp

Run = Callable[..., Awaitable[Outcome]]
ERA_S = 2_208_988_800
PROGRAM = """
import json, socket
from links.probes.icmp import _socket, ping
found = ping(["127.0.0.1", "127.0.0.2", "10.9.9.9"], count=5, spacing_s=0.02, timeout_s=0.6)
rtt, why = [list(one.rtt_ms) for one in found], [one.unreachable for one in found]
print(json.dumps({"rtt": rtt, "why": why, "raw": _socket(socket.AF_INET)[1]}))
"""


def answer(asked: bytes, records: list[tuple[int, bytes]], code: int = 0, flags: int = 0x80) -> bytes:
    """As RFC 1035, 4.1 draws it: names as pointers to the question."""
    head = asked[:2] + bytes((flags | 0x01, 0x80 | code)) + struct.pack(">HHHH", 1, len(records), 0, 0)
    body = b"".join(b"\xc0\x0c" + struct.pack(">HHIH", kind, 1, 300, len(data)) + data for kind, data in records)
    return head + asked[12:] + body


async def test_a_name_is_asked_for(run: Run, responder: Callable[..., Any]) -> None:
    there = responder(lambda asked: [answer(asked, [(1, bytes((10, 1, 2, 3))), (1, bytes((10, 1, 2, 4)))])])
    found = await run("dns", port=there.port, name="oa.lishui.gov.cn")
    assert found.answer == "ok"
    assert found.facts == {"answers": "10.1.2.3 10.1.2.4", "ttl": "300"}
    assert found.figure(DNS_ANSWERS) == 2.0
    assert there.heard[0][12:] == b"\x02oa\x06lishui\x03gov\x02cn\x00\x00\x01\x00\x01"
    assert (await run("dns", port=there.port, name="oa.lishui.gov.cn", expect="10.1.2.4")).answer == "ok"
    wrong = await run("dns", port=there.port, name="oa.lishui.gov.cn", expect="10.9.9.9")
    assert (wrong.answer, wrong.figure(UP)) == ("wrong-content", 0.0)


async def test_names_that_are_not_there(run: Run, responder: Callable[..., Any]) -> None:
    there = responder(lambda asked: [answer(asked, [], code=3)])
    assert (await run("dns", port=there.port, name="nobody.gov.cn")).said == "NXDOMAIN"


async def test_other_types(run: Run, responder: Callable[..., Any]) -> None:
    there = responder(lambda asked: [answer(asked, [(15, b"\x00\x0a\x04mail\xc0\x0c")])])
    assert (await run("dns", port=there.port, name="gov.cn", type="MX")).facts["answers"] == "10 mail.gov.cn"
    there = responder(lambda asked: [answer(asked, [(28, bytes.fromhex("240e00000000000000000000000000ff"))])])
    assert (await run("dns", port=there.port, name="gov.cn", type="AAAA")).facts["answers"] == "240e::ff"


async def test_foreign_answers_do_not_count(run: Run, responder: Callable[..., Any]) -> None:
    """Another number, another question, no answer at all; then the right one."""
    def all_of_them(asked: bytes) -> list[bytes]:
        right = answer(asked, [(1, bytes((10, 0, 0, 1)))])
        return [bytes((asked[0] ^ 1,)) + right[1:], asked, answer(dns.question("other.cn", "A", 7), []), right]

    there = responder(all_of_them)
    assert (await run("dns", port=there.port, name="oa.gov.cn")).facts["answers"] == "10.0.0.1"
    storm = responder(lambda _asked: [b"x" * 40] * 80)
    assert (await run("dns", port=storm.port, name="oa.gov.cn", timeout_ms=3000)).answer == "nonsense"
    silent = responder(lambda _asked: [])
    assert (await run("dns", port=silent.port, name="oa.gov.cn", timeout_ms=1500)).answer == "no-answer"
    assert len(silent.heard) == 2


async def test_a_name_that_points_to_itself(run: Run, responder: Callable[..., Any]) -> None:
    there = responder(lambda asked: [answer(asked, [(2, b"\xc0\x2c")])])
    assert (await run("dns", port=there.port, name="oa.gov.cn", type="NS")).answer == "nonsense"


async def test_what_a_datagram_does_not_hold_comes_over_tcp(run: Run, host: Callable[..., Any]) -> None:
    def stream(wire: socket.socket) -> None:
        asked = wire.recv(4096)[2:]
        said = answer(asked, [(1, bytes((10, 0, 0, number))) for number in range(100)])
        wire.sendall(len(said).to_bytes(2, "big") + said)

    there = host(stream)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as wire:
        wire.bind(("127.0.0.1", there.port))
        wire.settimeout(10)

        def cut() -> None:
            asked, source = wire.recvfrom(4096)
            wire.sendto(answer(asked, [], flags=0x82), source)

        helper = threading.Thread(target=cut)
        helper.start()
        found = await run("dns", port=there.port, name="many.gov.cn")
        helper.join()
    assert found.figure(DNS_ANSWERS) == 100.0


@given(st.binary(max_size=200))
def test_whatever_comes_ends_as_an_answer_or_an_error(data: bytes) -> None:
    asked = dns.question("a.cn", "A", 1)
    for said in (data, asked[:2] + b"\x80\x00\x00\x01\x00\xff\x00\x00\x00\x00" + asked[12:] + data):
        try:
            dns.read(asked, said)
        except ValueError:
            continue


def server(offset_s: float, stratum: int = 2, leap: int = 0, reference: bytes = b"\x0a\x00\x00\x01") -> Callable[[bytes], list[bytes]]:
    """A server whose clock is so much ahead of ours."""
    def said(asked: bytes) -> list[bytes]:
        now = time.time() + offset_s + ERA_S
        stamp = struct.pack(">II", int(now) & 0xFFFFFFFF, int(now % 1 * 2**32))
        return [struct.pack(">BBbb", leap << 6 | 0x24, stratum, 6, -20) + bytes(8) + reference + stamp + asked[40:48] + stamp + stamp]

    return said


@pytest.mark.parametrize("offset_s", [0.0, 2.5, -3600.0, 86400.0 * 365 * 11])
async def test_how_far_a_clock_is_off(run: Run, responder: Callable[..., Any], offset_s: float) -> None:
    """Also beyond 2036, when the time stamps begin anew."""
    there = responder(server(offset_s))
    found = await run("ntp", port=there.port)
    assert found.answer == "ok"
    assert abs((found.figure(NTP_OFFSET) or 0) - offset_s * 1000) < 2000
    assert found.figure(NTP_STRATUM) == 2.0
    assert there.heard[0][24:40] == bytes(16)
    assert there.heard[0][40:48] != bytes(8)


async def test_servers_that_do_not_know_the_time(run: Run, responder: Callable[..., Any]) -> None:
    assert (await run("ntp", port=responder(server(0, leap=3)).port)).answer == "wrong-content"
    denied = await run("ntp", port=responder(server(0, stratum=0, reference=b"RATE")).port)
    assert (denied.answer, denied.said) == ("nonsense", "RATE")
    echo = await run("ntp", port=responder(lambda asked: [asked]).port, timeout_ms=500)
    assert echo.answer == "no-answer"


def test_an_era_is_the_nearest_one() -> None:
    asked_ns = 2_085_978_496 * 10**9 + 10**9  # a second into the era that begins in 2036
    data = struct.pack(">BBbb", 0x24, 1, 6, -20) + bytes(8) + b"GPS\0" + bytes(16) + 2 * struct.pack(">II", 1, 0)
    found = ntp.read(data, asked_ns, asked_ns)
    assert abs(found.offset_ms) < 1
    assert found.reference == "GPS"


async def test_loopback_answers(run: Run) -> None:
    found = await run("icmp", timeout_ms=3000)
    assert found.answer == "ok"
    assert found.figure(LOSS) == 0.0
    assert 0 < (found.figure(RTT) or 0) < 2000
    assert found.figure(JITTER) is not None
    assert (await run("icmp", "localhost", timeout_ms=3000, count="1")).answer == "ok"


@pytest.mark.skipif(not Path("/proc/net/if_inet6").exists(), reason="this kernel has no IPv6")
async def test_ipv6_answers(run: Run) -> None:
    assert (await run("icmp", "::1", timeout_ms=3000)).answer == "ok"


def test_thousands_at_once() -> None:
    """Every answer is put down to the one who gave it."""
    addresses = [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(3000)]
    found = ping(addresses, count=2, spacing_s=0.3, timeout_s=10.0)
    assert sum(not math.isnan(value) for echo in found for value in echo.rtt_ms) == 6000


def test_echoes_of_others_do_not_count() -> None:
    """Two at the same time through raw sockets hear each other."""
    results: list[list[Any]] = []
    both = [threading.Thread(target=lambda: results.append(ping(["127.0.0.1"] * 50, count=3, timeout_s=5.0))) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert [len([value for echo in found for value in echo.rtt_ms if not math.isnan(value)]) for found in results] == [150, 150]


@pytest.fixture
def net(need: Callable[[str], str], missing: Callable[[str], None]) -> Iterator[Callable[..., Any]]:
    """`net(words)`: runs a command in a network namespace of our own, whose loopback is up."""
    ip, name = need("ip"), f"yw-probe-{os.getpid()}"
    if subprocess.run([ip, "netns", "add", name], capture_output=True, check=False).returncode:
        missing("no network namespace can be made here")

    def inside(*words: str) -> str:
        return subprocess.run([ip, "netns", "exec", name, *words], capture_output=True, check=True, text=True).stdout

    inside(ip, "link", "set", "lo", "up")
    yield inside
    subprocess.run([ip, "netns", "delete", name], check=True)


@pytest.mark.real
@pytest.mark.parametrize("unprivileged", [False, True])
def test_loss_and_no_way_in_a_net_of_our_own(net: Callable[..., Any], unprivileged: bool) -> None:
    """With raw sockets, and with those that everybody may open where the system lets them."""
    net("sysctl", "-q", f"net.ipv4.ping_group_range={'0 2147483647' if unprivileged else '1 0'}")
    seen = json.loads(net(sys.executable, "-c", PROGRAM))
    assert seen["raw"] is not unprivileged
    assert not any(math.isnan(value) for one in seen["rtt"][:2] for value in one)
    assert all(math.isnan(value) for value in seen["rtt"][2])
    assert seen["why"] == ["", "", "Network is unreachable"]
    net("sysctl", "-q", "net.ipv4.icmp_echo_ignore_all=1")
    deaf = json.loads(net(sys.executable, "-c", PROGRAM))
    assert all(math.isnan(value) for one in deaf["rtt"] for value in one)


def test_what_echoes_say() -> None:
    found = {figure.metric: figure.value for figure in echoes.figures([10.0, math.nan, 14.0, 12.0])}
    assert found == {UP: 1.0, LOSS: 25.0, RTT: 12.0, JITTER: 3.0}
    assert {figure.metric: figure.value for figure in echoes.figures([math.nan] * 3)} == {UP: 0.0, LOSS: 100.0}
