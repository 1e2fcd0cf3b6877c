"""Up to when a receiver has everything: a small file, so that neither a restart nor a kill loses what was not sent."""

import hashlib
import os
from pathlib import Path

import msgspec

from core.errors import StorageError
from core.i18n import tr
from stores.files import make_folder, publish, storage_errors


class Kept(msgspec.Struct, frozen=True):
    """receiver: a digest of its address, so that a new one begins anew."""

    receiver: str
    at_ms: int
    skipped_ms: int = 0
    """Of all that was ever too old to be sent, how long."""


class Mark:
    """Written by one thread."""

    def __init__(self, folder: Path, url: str) -> None:
        self._path = folder / "remote-write.json"
        self._receiver = hashlib.sha256(url.encode()).hexdigest()[:32]

    def read(self) -> Kept | None:
        """None: this receiver never got anything, or nobody can tell any more."""
        try:
            found = msgspec.json.decode(self._path.read_bytes(), type=Kept)
        except FileNotFoundError:
            return None
        except msgspec.DecodeError:
            return None
        except OSError as error:
            raise StorageError(tr("The file {file} cannot be read: {reason}.", file=self._path, reason=str(error))) from None
        return found if found.receiver == self._receiver and found.at_ms >= 0 else None

    def write(self, at_ms: int, skipped_ms: int) -> None:
        """Durable when this returns, whole or not at all."""
        make_folder(self._path.parent)
        part = self._path.with_suffix(".tmp")
        with storage_errors(self._path), part.open("wb") as out:
            out.write(msgspec.json.encode(Kept(self._receiver, at_ms, skipped_ms)))
            out.flush()
            os.fsync(out.fileno())
            publish(part, self._path)
