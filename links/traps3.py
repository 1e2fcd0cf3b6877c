"""SNMPv3 for whoever listens: traps of engines elsewhere, informs to our own engine (RFC 3414, RFC 3412; RFC 3826, RFC 7860).

Of a trap the sender is authoritative: its keys are made from its engine id, its boots and time only may not go back. Of an inform we
are: whoever does not know us is told our engine id, boots and time by a report, and the acknowledgement is signed as the inform was.
"""

import hashlib
import hmac
import os
from functools import lru_cache
from typing import NamedTuple

from core.errors import ProtocolError
from core.events import Trap
from core.polling import Oid, SnmpSecret
from links import traps
from links.snmp import ber, plain
from links.snmp.users import master_key
from links.traps import expect

AUTH, PRIV, REPORTABLE = 1, 2, 4
WINDOW_S = 150
"""RFC 3414, 2.2.3."""
MAX_ENGINES = 20_000
_DIGESTS = {"MD5": 12, "SHA1": 12, "SHA224": 16, "SHA256": 24, "SHA384": 32, "SHA512": 48}
_KEY_SIZES = {"DES": 16, "AES128": 16, "AES192": 24, "AES256": 32}
_STATS: Oid = (1, 3, 6, 1, 6, 3, 15, 1, 1)
_NOT_IN_WINDOW, _UNKNOWN_ENGINE = 2, 4


class Opened(NamedTuple):
    """What came of a v3 message. trap None: it is not believed, `problem` says why. plain: the message as it is kept, without privacy.
    answer: what acknowledges it, or tells who we are; only to be sent once it is kept."""

    trap: Trap | None
    problem: str
    plain: bytes
    answer: bytes = b""
    answers_inform: bool = False


class _Message(NamedTuple):
    message_id: int
    flags: int
    engine_id: bytes
    boots: int
    time: int
    user: str
    digest: tuple[int, int]
    """Where the digest lies."""
    salt: bytes
    data_at: int
    data_end: int


class Engine:
    """Ours. users: by name; one name may have several secrets (of different devices), tried in turn. boots: grows with every start."""

    def __init__(self, engine_id: bytes, boots: int, started_s: float) -> None:
        self.engine_id, self.boots, self._started = engine_id, max(1, boots), started_s
        self._users: dict[str, tuple[SnmpSecret, ...]] = {}
        self._clocks: dict[bytes, tuple[int, int]] = {}
        self._reports = 0

    def trust(self, secrets: list[SnmpSecret]) -> None:
        """The users whose messages are believed from now on."""
        users: dict[str, tuple[SnmpSecret, ...]] = {}
        for secret in secrets:
            if secret.username and secret not in users.get(secret.username, ()):
                users[secret.username] = (*users.get(secret.username, ()), secret)
        self._users = users

    def open(self, raw: bytes, now_s: float) -> Opened:
        """Never raises. now_s: the clock that `started_s` was of."""
        try:
            return self._open(raw, _parse(raw), now_s)
        except (ProtocolError, IndexError, ValueError) as error:
            return Opened(None, str(error) if isinstance(error, ProtocolError) else "A datagram ends in the middle of a value.", raw)

    def _open(self, raw: bytes, told: _Message, now_s: float) -> Opened:
        time = int(now_s - self._started)
        if told.flags & REPORTABLE and told.engine_id != self.engine_id:
            return Opened(None, "It asks who we are.", raw, self._report(told, _UNKNOWN_ENGINE, time, None))
        known = self._users.get(told.user, ())
        if not known:
            return Opened(None, f"The SNMPv3 user {told.user[:64]} is not known here.", raw)
        problem = ""
        for secret in known:
            if _level(secret) & ~told.flags:
                continue  # less protected than this user has to be
            if told.flags & AUTH and not _is_signed(raw, told, secret):
                continue
            try:
                return self._believe(raw, told, secret, time)
            except ProtocolError as error:  # users of one name and one signature may differ in privacy
                problem = str(error)
        if problem:
            return Opened(None, problem, raw)
        reason = "is not protected as it must be" if not told.flags & AUTH else "was not signed with its key"
        return Opened(None, f"A message of the SNMPv3 user {told.user[:64]} {reason}.", raw)

    def _believe(self, raw: bytes, told: _Message, secret: SnmpSecret, time: int) -> Opened:
        if told.flags & AUTH and told.engine_id == self.engine_id and (told.boots != self.boots or abs(told.time - time) > WINDOW_S):
            return Opened(None, "It does not know our time.", raw, self._report(told, _NOT_IN_WINDOW, time, secret))
        if told.flags & AUTH and told.engine_id != self.engine_id and not self._goes_on(told):
            return Opened(None, "It is old: this message was sent before, or by another clock.", raw)
        scoped = raw[told.data_at : told.data_end]
        if told.flags & PRIV:
            start, stop = expect(raw, told.data_at, told.data_end, ber.OCTET_STRING)
            scoped = _decrypted(secret, told, raw[start:stop])
        found = _scoped(scoped)
        kept = _without_privacy(raw, told, scoped) if told.flags & PRIV else raw
        if not found.inform:
            return Opened(found, "", kept)
        return Opened(found, "", kept, self._acknowledge(told, secret, scoped, time), answers_inform=True)

    def _goes_on(self, told: _Message) -> bool:
        """Whether this engine's clock did not go back (RFC 3414, 3.2, 7b)."""
        boots, time = self._clocks.get(told.engine_id, (0, 0))
        if told.boots == 0x7FFF_FFFF or told.boots < boots or (told.boots == boots and told.time < time - WINDOW_S):
            return False
        if len(self._clocks) >= MAX_ENGINES and told.engine_id not in self._clocks:
            self._clocks.pop(next(iter(self._clocks)))
        if (told.boots, told.time) > (boots, time):
            self._clocks[told.engine_id] = told.boots, told.time
        return True

    def _report(self, told: _Message, what: int, time: int, secret: SnmpSecret | None) -> bytes:
        self._reports += 1
        name = ber.tlv(ber.OBJECT_IDENTIFIER, ber.oid_body((*_STATS, what, 0)))
        counted = ber.tlv(ber.SEQUENCE, ber.tlv(ber.SEQUENCE, name + ber.integer(self._reports & 0x7FFF_FFFF, 0x41)))
        scoped = _scope(self.engine_id, b"", ber.pdu(ber.REPORT, 0, 0, 0, counted))
        flags = AUTH if secret is not None else 0
        return self._seal(told.message_id, flags, told.user if secret else "", secret, scoped, time)

    def _acknowledge(self, told: _Message, secret: SnmpSecret, scoped: bytes, time: int) -> bytes:
        """The same scoped PDU, context and all, as a Response (RFC 3412, 7.1; RFC 3416, 4.2.7)."""
        at, end = _pdu_at(scoped)
        answer = scoped[:at] + bytes((ber.RESPONSE,)) + scoped[at + 1 : end]
        return self._seal(told.message_id, told.flags & (AUTH | PRIV), told.user, secret, answer, time)

    def _seal(self, message_id: int, flags: int, user: str, secret: SnmpSecret | None, scoped: bytes, time: int) -> bytes:
        salt = b""
        data = scoped
        if flags & PRIV and secret is not None:
            salt, sealed = _encrypted(secret, self.engine_id, self.boots, time, scoped)
            data = ber.tlv(ber.OCTET_STRING, sealed)
        digest = bytes(_DIGESTS[secret.auth]) if flags & AUTH and secret is not None else b""
        before = ber.tlv(ber.OCTET_STRING, self.engine_id) + ber.integer(self.boots) + ber.integer(time) + ber.tlv(
            ber.OCTET_STRING, user.encode(),
        )
        usm = ber.tlv(ber.SEQUENCE, before + ber.tlv(ber.OCTET_STRING, digest) + ber.tlv(ber.OCTET_STRING, salt))
        head = ber.tlv(
            ber.SEQUENCE, ber.integer(message_id) + ber.integer(65507) + ber.tlv(ber.OCTET_STRING, bytes((flags,))) + ber.integer(3),
        )
        whole = ber.tlv(ber.SEQUENCE, ber.integer(ber.V3) + head + ber.tlv(ber.OCTET_STRING, usm) + data)
        if not digest or secret is None:
            return whole
        at = len(whole) - len(data) - len(ber.tlv(ber.OCTET_STRING, salt)) - len(digest)
        return whole[:at] + _sign(secret, self.engine_id, whole) + whole[at + len(digest) :]


def decode(raw: bytes) -> Trap:
    """A v3 trap without privacy as it is kept; who signed it was proved before. Raises `ProtocolError`."""
    told = _parse(raw)
    if told.flags & PRIV:
        raise ProtocolError("An SNMPv3 trap could not be opened: its user's keys were not known.")
    return _scoped(raw[told.data_at : told.data_end])


def _parse(raw: bytes) -> _Message:
    at, end = expect(raw, 0, len(raw), ber.SEQUENCE)
    start, at = expect(raw, at, end, ber.INTEGER)
    if plain.signed(raw, start, at) != ber.V3:
        raise ProtocolError("A datagram is not of SNMP v3.")
    inner, at = expect(raw, at, end, ber.SEQUENCE)
    message_id, inner = _number(raw, inner, at)
    _, inner = _number(raw, inner, at)
    start, inner = expect(raw, inner, at, ber.OCTET_STRING)
    if inner - start != 1:
        raise ProtocolError("A v3 message has no flags.")
    flags = raw[start]
    model, _ = _number(raw, inner, at)
    if model != 3 or flags & (AUTH | PRIV) == PRIV:
        raise ProtocolError("A v3 message has a security that is not of RFC 3414.")
    start, at = expect(raw, at, end, ber.OCTET_STRING)
    inner, stop = expect(raw, start, at, ber.SEQUENCE)
    start, inner = expect(raw, inner, stop, ber.OCTET_STRING)
    engine_id = raw[start:inner]
    boots, inner = _number(raw, inner, stop)
    time, inner = _number(raw, inner, stop)
    start, inner = expect(raw, inner, stop, ber.OCTET_STRING)
    user = raw[start:inner].decode("utf-8", "replace")[:64]
    digest = expect(raw, inner, stop, ber.OCTET_STRING)
    start, inner = expect(raw, digest[1], stop, ber.OCTET_STRING)
    if len(engine_id) > 32 or boots < 0 or time < 0 or not 0 <= message_id <= 0x7FFF_FFFF:
        raise ProtocolError("A v3 message has an engine id or time that RFC 3411 does not allow.")
    return _Message(message_id, flags, engine_id, boots, time, user, digest, raw[start:inner], at, end)


def _number(raw: bytes, at: int, end: int) -> tuple[int, int]:
    start, stop = expect(raw, at, end, ber.INTEGER)
    return plain.signed(raw, start, stop), stop


def _pdu_at(scoped: bytes) -> tuple[int, int]:
    """Where it begins, and where all ends: padding may stand behind."""
    at, end = expect(scoped, 0, len(scoped), ber.SEQUENCE)
    for _ in range(2):
        at = expect(scoped, at, end, ber.OCTET_STRING)[1]
    return at, end


def _scoped(scoped: bytes) -> Trap:
    pdu = traps.Pdu(*plain.element(scoped, *_pdu_at(scoped)))
    if pdu.kind == traps.TRAP_V1:
        raise ProtocolError("A v3 message has a trap of v1 in it.")
    return traps.of_pdu(scoped, pdu, ber.V3)


def _scope(engine_id: bytes, context: bytes, pdu: bytes) -> bytes:
    return ber.tlv(ber.SEQUENCE, ber.tlv(ber.OCTET_STRING, engine_id) + ber.tlv(ber.OCTET_STRING, context) + pdu)


def _without_privacy(raw: bytes, told: _Message, scoped: bytes) -> bytes:
    """The message as it is kept and searched: what was encrypted lies open, and the flag that said so is gone."""
    end = expect(scoped, 0, len(scoped), ber.SEQUENCE)[1]
    head = ber.tlv(
        ber.SEQUENCE,
        ber.integer(told.message_id) + ber.integer(65507) + ber.tlv(ber.OCTET_STRING, bytes((told.flags & ~PRIV,))) + ber.integer(3),
    )
    usm = ber.tlv(
        ber.SEQUENCE,
        ber.tlv(ber.OCTET_STRING, told.engine_id) + ber.integer(told.boots) + ber.integer(told.time)
        + ber.tlv(ber.OCTET_STRING, told.user.encode()) + ber.tlv(ber.OCTET_STRING, raw[slice(*told.digest)])
        + ber.tlv(ber.OCTET_STRING, b""),
    )
    return ber.tlv(ber.SEQUENCE, ber.integer(ber.V3) + head + ber.tlv(ber.OCTET_STRING, usm) + scoped[:end])


def _level(secret: SnmpSecret) -> int:
    return (AUTH if secret.auth else 0) | (PRIV if secret.priv else 0)


def _is_signed(raw: bytes, told: _Message, secret: SnmpSecret) -> bool:
    if not secret.auth:
        return False
    at, end = told.digest
    size = _DIGESTS[secret.auth]
    if end - at != size:
        return False
    blank = raw[:at] + bytes(size) + raw[end:]
    return hmac.compare_digest(_sign(secret, told.engine_id, blank), raw[at:end])


def _sign(secret: SnmpSecret, engine_id: bytes, whole: bytes) -> bytes:
    key = _local(secret.auth, secret.auth_key, engine_id)
    return hmac.new(key, whole, secret.auth.lower()).digest()[: _DIGESTS[secret.auth]]


@lru_cache(maxsize=16384)
def _local(auth: str, password: str, engine_id: bytes) -> bytes:
    """The key of a user at one engine (RFC 3414, 2.6); in memory only."""
    master = master_key(auth, password)
    return hashlib.new(auth.lower(), master + engine_id + master, usedforsecurity=False).digest()


def _privacy_key(secret: SnmpSecret, engine_id: bytes) -> bytes:
    """Longer keys than the hash gives are extended as Cisco does (draft-reeder-snmpv3-usm-3desede, 2.1), as everybody does by now."""
    key = _local(secret.auth, secret.priv_key, engine_id)
    while len(key) < _KEY_SIZES[secret.priv]:
        stretched = _stretched(secret.auth, key)
        key += hashlib.new(secret.auth.lower(), stretched + engine_id + stretched, usedforsecurity=False).digest()
    return key[: _KEY_SIZES[secret.priv]]


@lru_cache(maxsize=1024)
def _stretched(auth: str, key: bytes) -> bytes:
    """Password to key (RFC 3414, A.2) of a key: a mebibyte of its repetitions."""
    return hashlib.new(auth.lower(), (key * (1_048_576 // len(key) + 1))[:1_048_576], usedforsecurity=False).digest()


def _decrypted(secret: SnmpSecret, told: _Message, sealed: bytes) -> bytes:
    if len(told.salt) != 8 or not sealed or (secret.priv == "DES" and len(sealed) % 8):
        raise ProtocolError("An encrypted v3 message is damaged.")
    decryptor = _cipher(secret, told.engine_id, told.boots, told.time, told.salt).decryptor()
    found = decryptor.update(sealed) + decryptor.finalize()
    if found[:1] != bytes((ber.SEQUENCE,)):
        raise ProtocolError(f"A message of the SNMPv3 user {told.user} was encrypted with another key.")
    return bytes(found)


def _encrypted(secret: SnmpSecret, engine_id: bytes, boots: int, time: int, scoped: bytes) -> tuple[bytes, bytes]:
    salt = os.urandom(8) if secret.priv != "DES" else boots.to_bytes(4, "big") + os.urandom(4)
    if secret.priv == "DES":
        scoped += bytes(-len(scoped) % 8)
    encryptor = _cipher(secret, engine_id, boots, time, salt).encryptor()
    return salt, bytes(encryptor.update(scoped) + encryptor.finalize())


def _cipher(secret: SnmpSecret, engine_id: bytes, boots: int, time: int, salt: bytes):  # type: ignore[no-untyped-def]
    """DES-CBC (RFC 3414, 8.1.1) or AES-CFB-128 (RFC 3826, 3.1)."""
    from cryptography.hazmat.decrepit.ciphers import algorithms as old
    from cryptography.hazmat.decrepit.ciphers import modes as old_modes
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    key = _privacy_key(secret, engine_id)
    if secret.priv == "DES":
        vector = bytes(a ^ b for a, b in zip(key[8:16], salt, strict=True))
        return Cipher(old.TripleDES(key[:8] * 3), modes.CBC(vector))
    vector = boots.to_bytes(4, "big") + time.to_bytes(4, "big") + salt
    return Cipher(algorithms.AES(key), old_modes.CFB(vector))
