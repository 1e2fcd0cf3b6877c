"""Secrets and host keys as the hub keeps them: sealed, versioned, pinned. Times are milliseconds since 1970, UTC."""

from typing import Literal

from core.nouns import Noun


class SealedSecret(Noun, frozen=True, kw_only=True):
    """A secret under the key of this node: never listed, exported, journaled or shown."""

    id: str
    name: str
    """What a credential's locator `secret:NAME` names."""
    cipher: Literal["aes-256-gcm", "sm4-gcm"]
    key_id: str
    """Which key sealed it, so that a rotation can be resumed."""
    nonce: str
    """Hexadecimal."""
    sealed: str
    """Base64 of ciphertext and tag; the id and name are authenticated with it."""
    version: int = 1
    sealed_at: int = 0


class CredentialSet(Noun, frozen=True, kw_only=True):
    """Credentials to try, in this order, on devices of some prefixes 凭据组."""

    id: str
    name: str
    prefixes: tuple[str, ...]
    """CIDR, IPv4 and IPv6; the longest that holds an address decides."""
    credentials: tuple[str, ...]
    """Names."""
    most_failures: int = 2
    """Tries that may fail on one device in `pause_s`: below the lockout of the devices."""
    pause_s: int = 1800


class HostKey(Noun, frozen=True, kw_only=True):
    """The key that a host showed at first sight. Another one stops all work with that host until a person accepts it."""

    id: str
    address: str
    port: int = 22
    algorithm: str
    fingerprint: str
    """`SHA256:` and unpadded base64, as ssh-keygen prints it."""
    first_seen: int
    state: Literal["pinned", "changed"] = "pinned"
    offered: str = ""
    """The other fingerprint, when changed."""
    offered_at: int = 0
