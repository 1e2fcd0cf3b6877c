"""The shipped profiles, ready at once: what reading their files made (half a second of CPU) is kept in the cache folder.

What is kept belongs to one state of the files and of the code that reads them; anything else about it, and the files are read again.
"""

import contextlib
import os
import stat
from functools import lru_cache
from hashlib import blake2b
from importlib import resources
from pathlib import Path

import msgspec

from core.paths import cache_dir, make_private
from monitors import profiles
from monitors.profile import Profile
from monitors.profiles import Catalogue

LARGEST = 64 << 20
_DIGEST_SIZE = 32
_READERS = ("families.py", "pattern.py", "profile.py", "profiles.py", "reading.py", "yamlfile.py")
_Profiles = tuple[Profile, ...]


@lru_cache(maxsize=1)
def shipped() -> Catalogue:
    """The profiles that come with the product."""
    return kept(cache_dir() / "profiles")


def kept(file: Path) -> Catalogue:
    """The same out of a file, which is made anew where it is not of this state. A folder that cannot be written costs time, no more."""
    texts = profiles.files()
    digest = _digest(texts)
    known = _read(file, digest)
    if known is not None:
        return Catalogue(known, checked=True)
    made = profiles.read_catalogue(texts)
    with contextlib.suppress(OSError):
        _write(file, digest + msgspec.msgpack.encode(made.profiles))
    return made


def _digest(texts: list[tuple[str, str]]) -> bytes:
    folder = resources.files("monitors")
    hasher = blake2b(digest_size=_DIGEST_SIZE)
    for name, text in (*texts, *((name, (folder / name).read_text("utf-8")) for name in _READERS)):
        hasher.update(f"{name}\0{len(text)}\0{text}".encode())
    return hasher.digest()


def _read(file: Path, digest: bytes) -> _Profiles | None:
    """None: there is none, it is of another state, or another than its owner could have written it."""
    try:
        with os.fdopen(os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK), "rb") as source:
            about = os.fstat(source.fileno())
            ours = stat.S_ISREG(about.st_mode) and about.st_uid == os.geteuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
            body = source.read(LARGEST) if ours else b""
        return msgspec.msgpack.decode(memoryview(body)[_DIGEST_SIZE:], type=_Profiles) if body[:_DIGEST_SIZE] == digest else None
    except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _write(file: Path, body: bytes) -> None:
    """All of it or nothing, even when several processes do it at once."""
    make_private(file.parent)
    fresh = file.with_name(f".{file.name}-{os.getpid()}-{os.urandom(4).hex()}")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as target:
            target.write(body)
        fresh.replace(file)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise
