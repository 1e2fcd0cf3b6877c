"""What a noun is: frozen, keyword-only, closed to unknown fields; and how it gets its identity."""

import os
from typing import Any, Self

import msgspec


class Noun(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base of every noun. Equal by value; JSON and MessagePack through msgspec."""

    def replace(self, **changes: Any) -> Self:
        """The same noun with some fields changed."""
        return msgspec.structs.replace(self, **changes)


def new_id(now_ms: int, entropy: bytes | None = None) -> str:
    """A UUIDv7 (RFC 9562) as 32 hexadecimal digits: sorted by time, unique between sites.

    now_ms: milliseconds since 1970, UTC. entropy: 10 bytes, for tests; the system's otherwise.
    """
    rand = int.from_bytes(os.urandom(10) if entropy is None else entropy[:10], "big")
    stamp = (now_ms & 0xFFFF_FFFF_FFFF) << 80
    rand_a = (rand >> 68) & 0xFFF
    rand_b = rand & 0x3FFF_FFFF_FFFF_FFFF
    return f"{stamp | 0x7 << 76 | rand_a << 64 | 0b10 << 62 | rand_b:032x}"
