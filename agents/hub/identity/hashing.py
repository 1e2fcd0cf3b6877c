"""Hashes of secrets, beside the event loop and never more than a few at once, so that logins cannot eat the machine.

Passwords: argon2id with the second profile of RFC 9106, 4 (3 passes, 64 MiB, 4 lanes). Bearers' secrets are 256 random bits: for them
SHA-256 is enough, and cheap enough for each request.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from core.errors import BusyError
from core.i18n import tr
from core.passwords import LONGEST, prepared

if TYPE_CHECKING:
    from argon2 import PasswordHasher

T = TypeVar("T")

AT_ONCE = 2
MOST_WAITING = 40
SESSION, TOKEN = "yws_", "ywt_"
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Without characters that look alike."""


def new_bearer(prefix: str) -> str:
    """256 random bits, marked so that a leaked one is recognised."""
    return prefix + secrets.token_urlsafe(32)


def digest(bearer: str) -> str:
    """What is kept of it."""
    return hashlib.sha256(bearer.encode("utf-8", "surrogatepass")).hexdigest()


def one_time_secret() -> str:
    """About 79 bits, in groups that can be read out."""
    return "-".join("".join(secrets.choice(_ALPHABET) for _ in range(4)) for _ in range(4))


def hashed_now(secret: str) -> str:
    """The hash of a secret, where no event loop waits for it."""
    return _hasher().hash(prepared(secret))


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher, profiles

    return PasswordHasher.from_parameters(profiles.RFC_9106_LOW_MEMORY)


class Threads:
    """Some threads for what proves people and takes its time, with an end to how many may wait."""

    def __init__(self, name: str, at_once: int) -> None:
        self._threads = ThreadPoolExecutor(at_once, name)
        self._waiting = 0

    async def run(self, function: Callable[..., T], *args: str) -> T:
        """Beside the event loop. Raises `BusyError` when too many wait."""
        if self._waiting >= MOST_WAITING:
            raise BusyError(tr("Too many people are logging in at once."), way_out=tr("Try again in some seconds."))
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, function, *args)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


class Hashing:
    """Argon2id in threads of its own; `argon2` is loaded at the first use."""

    def __init__(self) -> None:
        self._threads = Threads("hashing", AT_ONCE)
        self._dummy = ""
        self._made: PasswordHasher | None = None

    async def make(self, secret: str) -> str:
        """The hash to keep, in PHC form."""
        return await self._threads.run(self._hash, secret)

    async def verify(self, hashed: str, secret: str) -> bool:
        """Whether the secret fits. hashed empty (no such account): as slow as if there were one, and False."""
        if len(secret) > LONGEST:
            secret, hashed = secret[:LONGEST], ""
        return await self._threads.run(self._fits, hashed, secret)

    def is_weaker(self, hashed: str) -> bool:
        """Made with other parameters than today's."""
        return self._hasher().check_needs_rehash(hashed)

    def close(self) -> None:
        self._threads.close()

    def _hasher(self) -> "PasswordHasher":
        if self._made is None:
            self._made = _hasher()
        return self._made

    def _hash(self, secret: str) -> str:
        return self._hasher().hash(prepared(secret))

    def _fits(self, hashed: str, secret: str) -> bool:
        from argon2.exceptions import InvalidHashError, VerificationError

        self._dummy = self._dummy or self._hash(one_time_secret())
        try:
            return self._hasher().verify(hashed or self._dummy, prepared(secret)) and bool(hashed)
        except (VerificationError, InvalidHashError):
            return False
