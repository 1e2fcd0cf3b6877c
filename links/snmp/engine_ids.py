"""The engine ids of v3 devices over a restart: a small owner-only file, so that no device needs to be discovered again.

gufo-snmp can be given an engine id but neither boots nor time: those it learns from the device's first report, one datagram a session.
"""

import contextlib
import json
import os
from pathlib import Path

_LARGEST = 64 << 20


class EngineIds:
    """By device id. path None: remembered in memory only. A file that cannot be read or makes no sense is as good as none."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._ids: dict[str, bytes] = _load(path) if path else {}
        self._changed = False

    def get(self, device_id: str) -> bytes | None:
        return self._ids.get(device_id)

    def learn(self, device_id: str, engine_id: bytes) -> None:
        """Remembers the id (RFC 3411: 5 to 32 bytes)."""
        if 5 <= len(engine_id) <= 32 and self._ids.get(device_id) != engine_id:
            self._ids[device_id] = engine_id
            self._changed = True

    def forget(self, device_id: str) -> None:
        """The device answers to another id now."""
        self._changed |= self._ids.pop(device_id, None) is not None

    def save(self) -> None:
        """Writes the file anew, whole or not at all. A disk that refuses costs a discovery after the next start, nothing else."""
        if self._path is None or not self._changed:
            return
        draft = self._path.with_name(f"{self._path.name}.{os.getpid()}")
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump({device: value.hex() for device, value in self._ids.items()}, file)
            draft.replace(self._path)
            self._changed = False
        except OSError:
            with contextlib.suppress(OSError):
                draft.unlink()


def _load(path: Path) -> dict[str, bytes]:
    try:
        if path.stat().st_size > _LARGEST:
            return {}
        tree = json.loads(path.read_text("utf-8"))
        ids = {str(device): bytes.fromhex(value) for device, value in tree.items()}
    except (OSError, ValueError, TypeError, AttributeError, RecursionError):
        return {}
    return {device: value for device, value in ids.items() if 5 <= len(value) <= 32}
