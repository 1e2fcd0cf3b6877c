"""Which ports were up, kept over a restart of senses: one that went down in between is an alert all the same."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from core.errors import StorageError
from stores.files import storage_errors, sync_folder

LARGEST = 256 << 20
SeenUp = Mapping[str, frozenset[str]]
log = logging.getLogger(__name__)


class Memory:
    """One file, replaced as a whole. What cannot be read or written costs the memory, never the polling."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept: SeenUp = {}
        self._error = ""

    def load(self) -> SeenUp:
        """Names of ports by device id."""
        try:
            if self._path.stat().st_size <= LARGEST:
                self._kept = msgspec.msgpack.decode(self._path.read_bytes(), type=dict[str, frozenset[str]])
        except FileNotFoundError:
            return {}
        except (OSError, msgspec.DecodeError) as error:
            log.warning("%s: %s", self._path, error)
        return self._kept

    def save(self, seen_up: SeenUp) -> None:
        """Durable when it returns, unless the disk will not take it: then the file stays as it was."""
        if not seen_up or seen_up == self._kept:
            return
        try:
            with storage_errors(self._path):
                self._replace(msgspec.msgpack.encode({device: sorted(ports) for device, ports in seen_up.items()}))
        except StorageError as error:
            if str(error) != self._error:
                log.warning("%s", error)
            self._error = str(error)
        else:
            self._kept, self._error = seen_up, ""

    def _replace(self, body: bytes) -> None:
        new = self._path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self._path)
        sync_folder(self._path.parent)
