"""Octets that nobody meant, millions of them: each is an event of bounded size, no exception escapes, and no input takes long.

In `make test` a few thousand; with YUNWANG_SOAK=1 for YUNWANG_FUZZ_S seconds each (240 without it). Time is measured in processor time
against what an ordinary message of the same length takes, so that a busy machine is no failure.
"""

import os
import random
import time
from collections.abc import Callable, Iterator

import pytest

from agents.hearing import Hearing
from core.events import Event, why_odd
from core.polling import SnmpSecret
from core.signals import RawLine
from links import traps
from links.snmp import ber
from links.traps3 import Engine
from monitors.events import Folder, definitions

SOAK = os.environ.get("YUNWANG_SOAK") == "1"
SECONDS = float(os.environ.get("YUNWANG_FUZZ_S", "240"))
FEW = 700
SLOW_S = 1.0
"""Of processor time, for 64 kB: no parser of ours needs a hundredth of it, and one that backtracks needs minutes."""
LINES = (
    "<189>Nov 23 2026 20:10:19+08:00 LD-CORE %%01IFNET/4/IF_STATE(l)[12]:Interface GE0/0/7 has turned into DOWN state. 光缆中断",
    "<187>Nov 23 20:10:19:123 2026 LD-ACC %%10IFNET/3/PHY_UPDOWN: Physical state on the interface GE1/0/1 changed to down.",
    "<190>521: router1: *Mar 15 10:05:53.044: %LINK-3-UPDOWN: Interface Gi0/1, changed state to down",
    '<30>1 2026-11-23T20:10:19.5+08:00 h p 1 ID47 [a@1 x="1" y="\\"2\\]"][b z="3"] text',
    "<134>date=2026-11-23 time=20:10:19 devname=\"FW\" type=\"traffic\" level=notice msg=\"a = b\" src=10.0.0.1",
    "<13>CEF:0|Maker|Product|1.0|100|worm \\| stopped|10|src=10.0.0.1 dst=2.1.2.2 msg=a\\=b",
    "<190>Jul 7 20:16:14 0010230023001234(root) 46083000 Event@Notification: Session from 10.1.1.1",
    "<134>1,2026/11/23 20:10:19,001801,TRAFFIC,end,2049,2026/11/23 20:10:19,10.0.0.1,8.8.8.8,,,rule1",
    '<134>1 2026-11-23T20:10:19Z gw CheckPoint 1 - [action:"Accept"; src:"10.0.0.1"]',
    "An alarm 12 level major occurred at 20:10 sent by MCP %Fan failed% fan 3",
)


def trap(rng: random.Random) -> bytes:
    def bound(oid: tuple[int, ...], value: bytes) -> bytes:
        return ber.tlv(0x30, ber.tlv(6, ber.oid_body(oid)) + value)

    objects = list(definitions().variables)
    values = (
        lambda: ber.integer(rng.randrange(-9, 2**31)), lambda: ber.tlv(4, rng.randbytes(rng.randrange(40))),
        lambda: ber.tlv(0x40, rng.randbytes(4)), lambda: ber.tlv(6, ber.oid_body(rng.choice(objects))),
        lambda: ber.tlv(0x46, rng.randbytes(8)), lambda: b"\x05\x00",
    )
    name = rng.choice(list(definitions().traps))
    head = bound(traps.UPTIME, ber.integer(4242, 0x43)) + bound(traps.TRAP_OID, ber.tlv(6, ber.oid_body(name)))
    body = head + b"".join(bound((*rng.choice(objects), rng.randrange(300)), rng.choice(values)()) for _ in range(rng.randrange(9)))
    kind = rng.choice((traps.TRAP_V2, traps.INFORM))
    return ber.message(ber.V2C, b"public", ber.pdu(kind, rng.randrange(2**31), 0, 0, ber.tlv(0x30, body)))


def line(rng: random.Random) -> bytes:
    return rng.choice(LINES).encode(rng.choice(("utf-8", "gb18030")), "replace")


def mutated(raw: bytes, rng: random.Random, other: Callable[[random.Random], bytes]) -> bytes:
    """Bits, octets, pieces: changed, cut, doubled, put together with those of another."""
    out = bytearray(raw)
    for _ in range(rng.randrange(1, 5)):
        at = rng.randrange(len(out) + 1)
        match rng.randrange(8):
            case 0 if at < len(out):
                out[at] ^= 1 << rng.randrange(8)
            case 1 if at < len(out):
                out[at] = rng.choice((0, 0x1B, 0x30, 0x7F, 0x80, 0x82, 0x84, 0xFF, 0x25, 0x22, 0x5B, 0x3D, 0x7C, rng.randrange(256)))
            case 2:
                del out[at : at + rng.randrange(1, 20)]
            case 3:
                out[at:at] = rng.randbytes(rng.randrange(1, 20))
            case 4:
                out[at:at] = out[at : at + rng.randrange(1, 60)] * rng.randrange(1, 6)
            case 5:
                more = other(rng)
                out[at:] = more[rng.randrange(len(more)) :]
            case 6:
                both = "光缆".encode("gb18030") + "光缆".encode()
                out[at:at] = rng.choice((b"\x1b[2J", b"\0", b"\r\n", both, b"[x", b'="', b"%%01", b"<"))
            case _:
                out[at:at] = rng.choice((b"=", b'"', b"[", b"\\", b" ", b"a", b"%", b"(", b"1", b"-", b"/")) * rng.randrange(1, 3_000)
    return bytes(out[:65_507])


def rounds() -> Iterator[int]:
    until, number = time.monotonic() + SECONDS, 0
    while (time.monotonic() < until) if SOAK else number < FEW:
        yield number
        number += 1


def sound(event: Event) -> None:
    assert len(event.text) <= 4096
    assert len(event.fields) <= 66
    assert all(len(name) <= 400 and len(value) <= 1024 for name, value in event.fields.items())
    shown = (event.text, event.host, event.program, event.mnemonic, *event.fields, *event.fields.values())
    assert not any(letter in text for text in shown for letter in "\x00\x1b\n\r\x7f\x9b\u202e"), "fit for a screen"
    assert event.count >= 1
    assert 0 <= event.priority <= 7
    assert not event.odd or why_odd(event)


@pytest.mark.soak
@pytest.mark.parametrize(("kind", "good"), [("trap", trap), ("syslog", line)])
def test_mutated_and_random_messages(kind: str, good: Callable[[random.Random], bytes]) -> None:
    seed = int.from_bytes(os.urandom(4), "big")
    rng, hearing, folder, number, slowest = random.Random(seed), Hearing(28_800), Folder("f"), 0, 0.0
    for number in rounds():
        raw = mutated(good(rng), rng, good) if number % 20 else rng.randbytes(rng.choice((0, 1, 9, 300, 65_507)))
        one = RawLine(at_ms=1_795_400_000_000 + number, source="10.0.0.1", kind=kind, raw=raw)  # type: ignore[arg-type]
        begun = time.process_time()
        try:
            sound(hearing.event(one))
            hearing.fold((one,), folder)
        except Exception as error:
            raise AssertionError(f"seed {seed}, {kind} {raw.hex()}") from error
        slowest = max(slowest, time.process_time() - begun)
        if number % 5_000 == 0:
            folder.take(one.at_ms)
    assert slowest < SLOW_S, f"seed {seed}: {slowest}"
    print(f"\nfuzz: {number + 1:,} messages of {kind}, the slowest {slowest * 1000:.1f} ms")  # noqa: T201 -- soak prints its counts


@pytest.mark.soak
def test_mutated_messages_of_v3() -> None:
    who = SnmpSecret(username="trapper", auth="SHA1", auth_key="auth-pass-phrase", priv="AES128", priv_key="priv-pass-phrase")
    ours, sender = Engine(b"\x80\0\0\0\x05ours", 3, 0.0), Engine(b"\x80\0\0\0\x05a-device", 7, 0.0)
    ours.trust([who])
    seed, number, believed = int.from_bytes(os.urandom(4), "big"), 0, 0
    rng = random.Random(seed)

    def sealed(rng: random.Random) -> bytes:
        start, end = traps._whole_community(raw := trap(rng)) or (0, 0)
        scoped = ber.tlv(0x30, ber.tlv(4, sender.engine_id) + ber.tlv(4, b"") + raw[end:])
        assert start
        return sender._seal(9, 3, who.username, who, scoped, 100)

    good = [sealed(rng) for _ in range(50)]
    for number in rounds():  # noqa: B007 -- its last is told
        whole = rng.choice(good)
        raw = mutated(whole, rng, lambda rng: rng.choice(good))
        try:
            opened = ours.open(raw, 0.0)
        except Exception as error:
            raise AssertionError(f"seed {seed}, {raw.hex()}") from error
        assert opened.trap is None or raw in good, "what was changed is not believed"
        assert opened.trap is not None or opened.problem
        believed += opened.trap is not None
    print(f"\nfuzz: {number + 1:,} messages of v3, {believed} of them as they were signed")  # noqa: T201 -- soak prints its counts
