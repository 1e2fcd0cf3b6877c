"""The key that signs archives: Ed25519 (RFC 8032), made at first use, readable by its owner only."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import StorageError
from core.i18n import tr
from stores.files import make_folder, publish, storage_errors

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

KEY = "signing.key"


class Signer:
    """Signs with the key of a folder; `public` is its public half, hexadecimal."""

    def __init__(self, folder: Path) -> None:
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        make_folder(folder)
        self._key = _read(folder / KEY) if (folder / KEY).exists() else _make(folder)
        self.public = self._key.public_key().public_bytes_raw().hex()
        pem = folder / f"public-{self.public[:16]}.pub"
        if not pem.exists():  # one for each key there ever was: openssl takes it as it is
            _write(pem, self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo), 0o644)

    def sign(self, message: bytes) -> bytes:
        return self._key.sign(message)


def holds(public: str, signature: bytes, message: bytes) -> bool:
    """Whether the signature is of this message by the holder of this key."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _make(folder: Path) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    key = Ed25519PrivateKey.generate()
    _write(folder / KEY, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    return key


def _write(path: Path, content: bytes, mode: int) -> None:
    temporary = path.with_name(f"{path.name}.new")
    with storage_errors(path):
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as out:
            out.write(content)
            out.flush()
            os.fsync(out.fileno())
        publish(temporary, path)


def _read(path: Path) -> "Ed25519PrivateKey":
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    with storage_errors(path):
        mode, content = path.stat().st_mode & 0o777, path.read_bytes()
    if mode & 0o077:
        raise StorageError(
            tr("Others may read the signing key {path}.", path=path), way_out=tr("Run: chmod 600 {path}", path=path),
        )
    try:
        key = load_pem_private_key(content, None)
    except (ValueError, TypeError) as error:
        key = error  # type: ignore[assignment]
    if not isinstance(key, Ed25519PrivateKey):
        raise StorageError(
            tr("{path} is no Ed25519 key.", path=path),
            way_out=tr("Restore it, or move it away: a new one is made and named in the trail."),
        )
    return key
