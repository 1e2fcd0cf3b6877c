"""One secret under one key: AES-256-GCM (NIST SP 800-38D) or SM4-GCM (RFC 8998), each with a key of its own derived from the master key.

The nonce is random (96 bits) and new for each seal; the id, the name and the version are authenticated, so that nobody who can write
to the store can put one secret in the place of another.
"""

import base64
import binascii
import hashlib
import os
from functools import cached_property
from typing import Literal, NamedTuple

import msgspec

from core.custody import SealedSecret
from core.errors import SettingsError, StorageError
from core.i18n import tr

Cipher = Literal["aes-256-gcm", "sm4-gcm"]
MASTER_BYTES, NONCE_BYTES, TAG_BYTES = 32, 12, 16
_LENGTHS: dict[Cipher, int] = {"aes-256-gcm": 32, "sm4-gcm": 16}


class Label(NamedTuple):
    """What is authenticated with a secret."""

    id: str
    name: str
    version: int


class Key:
    """A master key of 32 random bytes. Never shown: `repr` tells its id, which is a hash."""

    def __init__(self, master: bytes) -> None:
        self._master = master

    @classmethod
    def new(cls) -> "Key":
        return cls(os.urandom(MASTER_BYTES))

    @classmethod
    def parse(cls, text: str) -> "Key | None":
        """From base64; None where it is no key."""
        try:
            master = base64.b64decode(text, validate=True)
        except (binascii.Error, ValueError):
            return None
        return cls(master) if len(master) == MASTER_BYTES else None

    def text(self) -> str:
        """The key itself in base64, for the file that keeps it."""
        return base64.b64encode(self._master).decode()

    @cached_property
    def id(self) -> str:
        return hashlib.sha256(b"yunwang key id\0" + self._master).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Key({self.id})"

    def derived(self, cipher: Cipher) -> bytes:
        """The key of one cipher (HKDF, RFC 5869)."""
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        return HKDF(SHA256(), _LENGTHS[cipher], salt=None, info=b"yunwang seal " + cipher.encode()).derive(self._master)


def seal(key: Key, cipher: Cipher, label: Label, secret: bytes, now_ms: int) -> SealedSecret:
    """The secret under a key. Raises `SettingsError` where this OpenSSL lacks the cipher."""
    nonce = os.urandom(NONCE_BYTES)
    sealed = _encrypt(cipher, key.derived(cipher), nonce, secret, _associated(cipher, key.id, label))
    return SealedSecret(
        id=label.id, name=label.name, cipher=cipher, key_id=key.id, nonce=nonce.hex(), sealed=base64.b64encode(sealed).decode(),
        version=label.version, sealed_at=now_ms,
    )


def unseal(key: Key, sealed: SealedSecret) -> bytes:
    """The secret. Raises `StorageError` when anything of the record was changed."""
    try:
        nonce, body = bytes.fromhex(sealed.nonce), base64.b64decode(sealed.sealed, validate=True)
    except (binascii.Error, ValueError):
        raise _changed(sealed.name) from None
    if len(nonce) != NONCE_BYTES or len(body) < TAG_BYTES:
        raise _changed(sealed.name)
    label = _associated(sealed.cipher, sealed.key_id, Label(sealed.id, sealed.name, sealed.version))
    secret = _decrypt(sealed.cipher, key.derived(sealed.cipher), nonce, body, label)
    if secret is None:
        raise _changed(sealed.name)
    return secret


def _associated(cipher: Cipher, key_id: str, label: Label) -> bytes:
    return msgspec.json.encode(["yunwang", cipher, key_id, *label])


def _encrypt(cipher: Cipher, key: bytes, nonce: bytes, secret: bytes, label: bytes) -> bytes:
    if cipher == "aes-256-gcm":
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        return AESGCM(key).encrypt(nonce, secret, label)
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.ciphers import Cipher as Working
    from cryptography.hazmat.primitives.ciphers import algorithms, modes

    try:
        encryptor = Working(algorithms.SM4(key), modes.GCM(nonce)).encryptor()
    except UnsupportedAlgorithm:
        raise _unsupported() from None
    encryptor.authenticate_additional_data(label)
    return encryptor.update(secret) + encryptor.finalize() + encryptor.tag


def _decrypt(cipher: Cipher, key: bytes, nonce: bytes, body: bytes, label: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm

    try:
        if cipher == "aes-256-gcm":
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM

            return AESGCM(key).decrypt(nonce, body, label)
        from cryptography.hazmat.primitives.ciphers import Cipher as Working
        from cryptography.hazmat.primitives.ciphers import algorithms, modes

        decryptor = Working(algorithms.SM4(key), modes.GCM(nonce, body[-TAG_BYTES:])).decryptor()
        decryptor.authenticate_additional_data(label)
        return decryptor.update(body[:-TAG_BYTES]) + decryptor.finalize()
    except InvalidTag:
        return None
    except UnsupportedAlgorithm:
        raise _unsupported() from None


def _unsupported() -> SettingsError:
    return SettingsError(
        tr("The OpenSSL of this Python has no SM4-GCM."), way_out=tr("Use aes-256-gcm in secrets.cipher, or OpenSSL 3.1 or newer."),
    )


def _changed(name: str) -> StorageError:
    return StorageError(
        tr("The sealed secret {name} was changed in the store and is not used.", name=name),
        way_out=tr("Enter it anew with `yunwang credential set`, and ask who changed the records."),
    )
