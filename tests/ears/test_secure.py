"""SNMPv3 by net-snmp's own senders: every protocol, informs acknowledged, liars turned away, nothing secret kept."""

import asyncio
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from agents.ears_udp import UdpEar, listen
from agents.ears_users import own_engine
from core.polling import SnmpSecret
from links import traps3
from links.snmp.wire import Wire
from links.traps3 import Engine

SENDER = "0x8000000001020304"
DOWN, INDEX = "1.3.6.1.6.3.1.1.5.3", "1.3.6.1.2.1.2.2.1.1.7"
NAMES = {"MD5": "MD5", "SHA1": "SHA", "SHA224": "SHA-224", "SHA256": "SHA-256", "SHA384": "SHA-384", "SHA512": "SHA-512",
         "DES": "DES", "AES128": "AES", "AES192": "AES-192-C", "AES256": "AES-256-C"}


def secret(auth: str, priv: str = "", name: str = "trapper") -> SnmpSecret:
    return SnmpSecret(username=name, auth=auth, auth_key="auth-pass-phrase", priv=priv, priv_key="priv-pass-phrase")  # type: ignore[arg-type]


def words(one: SnmpSecret) -> list[str]:
    level = "authPriv" if one.priv else "authNoPriv" if one.auth else "noAuthNoPriv"
    out = ["-v3", "-l", level, "-u", one.username]
    out += ["-a", NAMES[one.auth], "-A", one.auth_key] if one.auth else []
    return out + (["-x", NAMES[one.priv], "-X", one.priv_key] if one.priv else [])


@pytest.fixture
def engine() -> Engine:
    return Engine(b"\x80\x00\x00\x00\x05ours-for-test", 3, time.monotonic() - 1000)


@pytest.fixture
def wire() -> Iterator[Wire]:
    made = listen("127.0.0.1", 0)
    yield made
    made.close()


async def run(*command: str) -> "subprocess.CompletedProcess[bytes]":
    return await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=30, check=False)


@pytest.mark.real
@pytest.mark.parametrize(("auth", "priv"), [
    ("", ""), ("MD5", ""), ("SHA1", "DES"), ("SHA1", "AES128"), ("SHA224", "AES128"), ("SHA256", "AES192"), ("SHA384", "AES256"),
    ("SHA512", "AES256"), ("MD5", "AES256"),
])
async def test_traps_and_informs_of_net_snmp(
    hall: Any, wire: Wire, engine: Engine, need: Callable[[str], str], auth: str, priv: str,
) -> None:
    who = secret(auth, priv)
    engine.trust([secret("SHA512", "AES128"), who] if auth else [who])
    ear = UdpEar(wire, "trap", hall.inbox, engine)
    ear.attach()
    to = f"127.0.0.1:{wire.socket.getsockname()[1]}"
    sent = await run(need("snmptrap"), *words(who), "-e", SENDER, to, "", DOWN, INDEX, "i", "7")
    if b"Unknown" in sent.stderr or b"Invalid" in sent.stderr:
        ear.detach()
        pytest.skip(f"this net-snmp has no {auth} with {priv}")
    assert sent.returncode == 0, sent.stderr
    informed = await run(need("snmpinform"), *words(who), "-t", "5", "-r", "2", to, "", DOWN, INDEX, "i", "8")
    assert informed.returncode == 0, informed.stderr
    kept = await hall.kept(2)
    events = await hall.events(2)
    ear.detach()
    assert [(event.mnemonic, event.fields["ifIndex"], event.odd) for event in events] == [("linkDown", "7", ""), ("linkDown", "8", "")]
    assert (ear.rejected, hall.inbox.informs) == (0, 1)
    assert all(traps3.decode(line.raw).bindings for line in kept), "what is kept can be read without keys"


@pytest.mark.real
async def test_who_does_not_prove_it_is_not_believed(hall: Any, wire: Wire, engine: Engine, need: Callable[[str], str]) -> None:
    engine.trust([secret("SHA1", "AES128")])
    ear = UdpEar(wire, "trap", hall.inbox, engine)
    ear.attach()
    to = f"127.0.0.1:{wire.socket.getsockname()[1]}"
    wrong = secret("SHA1", "AES128").replace(auth_key="another-pass-phrase")
    wrong_privacy = secret("SHA1", "AES128").replace(priv_key="another-pass-phrase")
    for liar in (wrong, secret("SHA1"), secret("", "").replace(auth="", priv=""), secret("SHA1", "AES128", "stranger"), wrong_privacy):
        await run(need("snmptrap"), *words(liar), "-e", SENDER, to, "", DOWN, INDEX, "i", "7")
    await hall.kept(5)
    events = await hall.events(5)
    assert ear.rejected == 5
    assert {event.mnemonic for event in events} <= {"", "linkDown"}
    assert all(event.odd or event.mnemonic for event in events)
    refused = await run(need("snmpinform"), *words(wrong), "-t", "1", "-r", "0", to, "", DOWN, INDEX, "i", "8")
    ear.detach()
    assert refused.returncode != 0, "what is not believed is not acknowledged"


@pytest.mark.real
async def test_informs_of_v2c_are_acknowledged(hall: Any, wire: Wire, need: Callable[[str], str]) -> None:
    ear = UdpEar(wire, "trap", hall.inbox)
    ear.attach()
    to = f"127.0.0.1:{wire.socket.getsockname()[1]}"
    done = await run(need("snmpinform"), "-v2c", "-c", "hidden", "-t", "5", "-r", "1", to, "", DOWN, INDEX, "i", "9")
    (line,) = await hall.kept(1)
    ear.detach()
    assert done.returncode == 0, done.stderr
    assert b"hidden" not in line.raw


def test_a_message_that_was_sent_before_is_not_believed_again(engine: Engine) -> None:
    sender = Engine(b"\x80\x00\x00\x00\x05a-device", 7, 0.0)
    who = secret("SHA256", "AES128")
    engine.trust([who])
    old, new = trap_of(sender, who, 100.0), trap_of(sender, who, 5000.0)
    assert engine.open(new, 0.0).trap is not None
    again = engine.open(old, 0.0)
    assert again.trap is None
    assert "old" in again.problem
    rebooted = Engine(b"\x80\x00\x00\x00\x05a-device", 8, 0.0)
    assert engine.open(trap_of(rebooted, who, 1.0), 0.0).trap is not None
    assert engine.open(new, 0.0).trap is None, "boots may not go back"


def trap_of(sender: Engine, who: SnmpSecret, now_s: float) -> bytes:
    """A trap as this engine would send it."""
    from links import traps
    from links.snmp import ber

    def bound(oid: tuple[int, ...], value: bytes) -> bytes:
        return ber.tlv(0x30, ber.tlv(6, ber.oid_body(oid)) + value)

    variables = bound(traps.UPTIME, ber.integer(1, 0x43)) + bound(traps.TRAP_OID, ber.tlv(6, ber.oid_body((*traps.GENERIC, 3))))
    pdu = ber.pdu(traps.TRAP_V2, 5, 0, 0, ber.tlv(0x30, variables))
    scoped = ber.tlv(0x30, ber.tlv(4, sender.engine_id) + ber.tlv(4, b"") + pdu)
    return sender._seal(9, 3 if who.priv else 1, who.username, who, scoped, int(now_s))


def test_our_engine_is_the_same_after_a_start_and_its_boots_grow(tmp_path: Path) -> None:
    first, second = own_engine(tmp_path / "e.json"), own_engine(tmp_path / "e.json")
    assert (first.engine_id, first.boots + 1) == (second.engine_id, second.boots)
    assert (tmp_path / "e.json").stat().st_mode & 0o077 == 0
    (tmp_path / "e.json").write_text("[1, 2")
    assert own_engine(tmp_path / "e.json").engine_id != first.engine_id


def test_any_octets_are_refused_in_a_sentence(engine: Engine) -> None:
    import random

    who = secret("SHA1", "DES")
    engine.trust([who])
    good, rng = trap_of(Engine(b"\x80\x00\x00\x00\x05a-device", 7, 0.0), who, 100.0), random.Random(7)
    for _ in range(3000):
        bad = bytearray(good)
        for _ in range(rng.randrange(1, 4)):
            bad[rng.randrange(len(bad))] = rng.randrange(256)
        cut = bytes(bad[: rng.randrange(len(bad) + 1)]) if rng.random() < 0.3 else bytes(bad)
        opened = engine.open(cut, 0.0)
        assert opened.trap is None or cut == good or opened.trap.oid
        assert opened.trap is not None or opened.problem


async def test_a_real_sender_is_answered_at_its_own_port(wire: Wire, engine: Engine, hall: Any) -> None:
    """Discovery: who asks who we are is told, and nothing is kept of it."""
    ear = UdpEar(wire, "trap", hall.inbox, engine)
    from links.snmp.usm import decode, encode

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        asker.bind(("127.0.0.1", 0))
        asker.settimeout(5)
        asker.sendto(encode(secret("SHA1"), b"", 0, 0), wire.socket.getsockname())
        await asyncio.sleep(0.05)
        ear.receive()
        told = decode(asker.recv(4096))
    assert (told.engine_id, told.boots, told.report) == (engine.engine_id, engine.boots, "usmStatsUnknownEngineIDs")
    assert abs(told.time - 1000) < 100
    assert hall.inbox.received == 0
