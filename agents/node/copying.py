"""Copying a file and knowing its digest, durable when it returns."""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from stores.files import storage_errors

PIECE = 1 << 20


def copy(source: Path, target: Path, size: int = -1, told: Callable[[int], None] = lambda _bytes: None) -> tuple[int, str]:
    """Copies the first `size` bytes (-1: all) to a new owner-only file; bytes and SHA-256 of what was written."""
    digest, done = hashlib.sha256(), 0
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with source.open("rb") as read, storage_errors(target), _new(target) as write:
        while size < 0 or done < size:
            piece = read.read(PIECE if size < 0 else min(PIECE, size - done))
            if not piece:
                break
            write.write(piece)
            digest.update(piece)
            done += len(piece)
            told(len(piece))
        write.flush()
        os.fsync(write.fileno())
        os.posix_fadvise(write.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)  # who reads it back shall read the disk, not the memory
    return done, digest.hexdigest()


def digest_of(file: Path, told: Callable[[int], None] = lambda _bytes: None) -> tuple[int, str]:
    """Bytes and SHA-256 of a file as it lies there."""
    digest, done = hashlib.sha256(), 0
    with file.open("rb") as read:
        while piece := read.read(PIECE):
            digest.update(piece)
            done += len(piece)
            told(len(piece))
    return done, digest.hexdigest()


def _new(target: Path) -> BinaryIO:
    return os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600), "wb")


def sync_tree(folder: Path) -> None:
    """Makes all names below a folder durable."""
    for path, _, _ in os.walk(folder):
        fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)
