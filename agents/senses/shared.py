"""Equal plans are one plan: devices of one kind share it, and everything that is worked out from it once."""

from collections.abc import Iterable
from hashlib import blake2b

import msgspec

from monitors.meaning import Polled


class Shared:
    """By digest. `keep` lets go of what nobody uses."""

    def __init__(self) -> None:
        self._known: dict[bytes, Polled] = {}

    def one(self, polled: Polled) -> Polled:
        """The plan that is equal to this one and was seen first."""
        return self._known.setdefault(_digest(polled), polled)

    def keep(self, used: Iterable[Polled]) -> None:
        """Forgets all others."""
        wanted = {id(polled) for polled in used}
        self._known = {digest: polled for digest, polled in self._known.items() if id(polled) in wanted}


def _digest(polled: Polled) -> bytes:
    return blake2b(msgspec.msgpack.encode(polled), digest_size=16).digest()
