"""The list of who spoke, across restarts: a comfort, so that what cannot be read or written is no trouble to anybody."""

import contextlib
import logging
import os
from pathlib import Path

import msgspec

from core.events import Sender

MAX_BYTES = 16 << 20

log = logging.getLogger(__name__)


def kept_senders(path: Path) -> list[Sender]:
    """Empty where there is no such file, or it makes no sense."""
    try:
        with path.open("rb") as file:
            return msgspec.json.decode(file.read(MAX_BYTES), type=list[Sender])
    except (OSError, msgspec.DecodeError):
        return []


def keep_senders(path: Path, senders: list[Sender]) -> None:
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        draft.write_bytes(msgspec.json.encode(senders))
        draft.replace(path)
    except OSError as error:
        log.warning("%s: %s", path, error.strerror)
        with contextlib.suppress(OSError):
            draft.unlink()
