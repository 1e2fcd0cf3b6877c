"""Why a v3 device does not answer: discovery and one authenticated question of our own, because gufo-snmp hides reports.

Only hashes are needed for that (RFC 3414, RFC 7860). Two datagrams a probe, so that no device locks an account out.
"""

import asyncio
import hashlib
import hmac
from typing import NamedTuple

from core.errors import ProtocolError
from core.polling import Oid, SnmpSecret, Target
from links.snmp import ber, plain
from links.snmp.asking import new_request_id
from links.snmp.users import master_key

REPORTS: dict[Oid, str] = {
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 1, 0): "usmStatsUnsupportedSecLevels",
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 2, 0): "usmStatsNotInTimeWindows",
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 3, 0): "usmStatsUnknownUserNames",
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0): "usmStatsUnknownEngineIDs",
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 5, 0): "usmStatsWrongDigests",
    (1, 3, 6, 1, 6, 3, 15, 1, 1, 6, 0): "usmStatsDecryptionErrors",
}
REFUSALS = frozenset({"usmStatsUnsupportedSecLevels", "usmStatsUnknownUserNames", "usmStatsWrongDigests", "usmStatsDecryptionErrors"})
"""Reports that say the credential is wrong; the others say that engine id or time are."""
_HASHES = {"MD5": 12, "SHA1": 12, "SHA224": 16, "SHA256": 24, "SHA384": 32, "SHA512": 48}
"""Bytes of the truncated digest (RFC 3414 6.3.1, 7.3.1; RFC 7860 4.2.1)."""
_UPTIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
_AUTH, _REPORTABLE = 0x01, 0x04


class SecureHeader(NamedTuple):
    """What is readable of any v3 message without its keys."""

    engine_id: bytes
    boots: int
    time: int
    flags: int
    report: str
    """Name of the report; empty for an answer or an encrypted message."""
    error_status: int = 0


class Verdict(NamedTuple):
    """What the probe found. reachable: something answered. report: why it refuses, empty when it does not."""

    reachable: bool
    report: str = ""
    engine_id: bytes = b""
    boots: int = 0
    time: int = 0


def encode(secret: SnmpSecret, engine_id: bytes, boots: int, time: int) -> bytes:
    """A GET of sysUpTime.0: discovery with an empty engine id, else authenticated where the secret has a key."""
    sign = bool(engine_id and secret.auth)
    digest = bytes(_HASHES[secret.auth]) if sign else b""
    user = secret.username.encode() if engine_id else b""
    usm = ber.tlv(
        ber.SEQUENCE,
        ber.tlv(ber.OCTET_STRING, engine_id) + ber.integer(boots) + ber.integer(time)
        + ber.tlv(ber.OCTET_STRING, user) + ber.tlv(ber.OCTET_STRING, digest) + ber.tlv(ber.OCTET_STRING, b""),
    )
    flags = bytes((_REPORTABLE | (_AUTH if sign else 0),))
    head = ber.tlv(ber.SEQUENCE, ber.integer(new_request_id()) + ber.integer(65507) + ber.tlv(ber.OCTET_STRING, flags) + ber.integer(3))
    question = ber.pdu(ber.GET, new_request_id(), 0, 0, ber.null_bindings([ber.oid_body(_UPTIME)] if engine_id else []))
    scoped = ber.tlv(ber.SEQUENCE, ber.tlv(ber.OCTET_STRING, engine_id) + ber.tlv(ber.OCTET_STRING, secret.context.encode()) + question)
    data = ber.tlv(ber.SEQUENCE, ber.integer(ber.V3) + head + ber.tlv(ber.OCTET_STRING, usm) + scoped)
    if not sign:
        return data
    at = data.index(ber.tlv(ber.OCTET_STRING, digest) + b"\x04\x00\x30", len(data) - len(scoped) - len(digest) - 4) + 2
    return data[:at] + _digest(secret, engine_id, data) + data[at + len(digest) :]


def _digest(secret: SnmpSecret, engine_id: bytes, data: bytes) -> bytes:
    name = secret.auth.lower()
    master = master_key(secret.auth, secret.auth_key)
    key = hashlib.new(name, master + engine_id + master, usedforsecurity=False).digest()
    return hmac.new(key, data, name).digest()[: _HASHES[secret.auth]]


def decode(data: bytes) -> SecureHeader:
    """The readable part of a v3 message. Raises `ProtocolError`."""
    at, end = plain.expect(data, 0, len(data), ber.SEQUENCE)
    start, at = plain.expect(data, at, end, ber.INTEGER)
    if plain.signed(data, start, at) != ber.V3:
        raise ProtocolError("A datagram is not of SNMP v3.")
    start, at = plain.expect(data, at, end, ber.SEQUENCE)
    flags = _flags(data, start, at)
    start, at = plain.expect(data, at, end, ber.OCTET_STRING)
    inner, stop = plain.expect(data, start, at, ber.SEQUENCE)
    start, inner = plain.expect(data, inner, stop, ber.OCTET_STRING)
    engine_id = data[start:inner]
    start, inner = plain.expect(data, inner, stop, ber.INTEGER)
    boots = plain.signed(data, start, inner)
    start, inner = plain.expect(data, inner, stop, ber.INTEGER)
    time = plain.signed(data, start, inner)
    if not 5 <= len(engine_id) <= 32 or boots < 0 or time < 0:
        raise ProtocolError("A v3 message has an engine id or time that RFC 3411 does not allow.")
    report, status = ("", 0) if flags & 0x02 else _report(data, at, end)
    return SecureHeader(engine_id, boots, time, flags, report, status)


def _flags(data: bytes, at: int, end: int) -> int:
    for _ in range(2):
        at = plain.expect(data, at, end, ber.INTEGER)[1]
    start, stop = plain.expect(data, at, end, ber.OCTET_STRING)
    if stop - start != 1:
        raise ProtocolError("A v3 message has no flags.")
    return data[start]


def _report(data: bytes, at: int, end: int) -> tuple[str, int]:
    at, end = plain.expect(data, at, end, ber.SEQUENCE)
    for _ in range(2):
        at = plain.expect(data, at, end, ber.OCTET_STRING)[1]
    kind, at, end = plain.element(data, at, end)
    _, status, _, bindings = plain.body(data, at, end)
    if kind != ber.REPORT or not bindings:
        return "", status
    return REPORTS.get(bindings[0].oid, "report"), status


class _Inbox(asyncio.DatagramProtocol):
    def __init__(self) -> None:
        self.got: asyncio.Queue[bytes] = asyncio.Queue(maxsize=8)

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - the socket is connected
        if not self.got.full():
            self.got.put_nowait(data)

    def error_received(self, exc: Exception) -> None:
        """The time-out decides."""


async def probe(target: Target) -> Verdict:
    """Asks the device, in the clear, what it thinks of the credential."""
    loop = asyncio.get_running_loop()
    try:
        transport, inbox = await loop.create_datagram_endpoint(_Inbox, remote_addr=(target.address, target.port))
    except OSError:
        return Verdict(reachable=False)
    try:
        return await _probe(transport, inbox, target)
    finally:
        transport.close()


async def _probe(transport: asyncio.DatagramTransport, inbox: _Inbox, target: Target) -> Verdict:
    found = await _exchange(transport, inbox, encode(target.secret, b"", 0, 0), target.timeout_s)
    if found is None:
        return Verdict(reachable=False)
    known = (found.engine_id, found.boots, found.time)
    if not target.secret.auth:
        return Verdict(True, "", *known)
    answer = await _exchange(transport, inbox, encode(target.secret, *known), target.timeout_s)
    if answer is None:
        return Verdict(True, "", *known)
    if answer.report or not target.secret.priv:
        return Verdict(True, answer.report, *known)
    return Verdict(True, "usmStatsDecryptionErrors", *known)


async def _exchange(transport: asyncio.DatagramTransport, inbox: _Inbox, data: bytes, timeout_s: float) -> SecureHeader | None:
    transport.sendto(data)
    try:
        async with asyncio.timeout(timeout_s):
            return decode(await inbox.got.get())
    except (TimeoutError, ProtocolError):
        return None

