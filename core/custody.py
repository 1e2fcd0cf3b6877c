"""Secrets and host keys as the hub keeps them: sealed, versioned, pinned. Times are milliseconds since 1970, UTC."""

import hashlib
from typing import Annotated, Literal

from msgspec import Meta

from core.nouns import Noun
from core.objects import CredentialKind

Answer = Literal[
    "pending", "ok", "no-answer", "closed", "unknown-user", "wrong-secret", "refused", "no-ssh", "host-key-changed", "nonsense", "unusable",
    "paused",
]
"""What came of a try. pending: it was begun, and nobody knows how it ended. no-answer: silence, which is also what a wrong community gets.
closed: nothing listens there. refused: known, but not allowed. unusable: our own secret is missing or unfit. paused: not tried at all,
because more failures might lock the account on the device."""

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$")]
SecretText = Annotated[str, Meta(min_length=1, max_length=16_384)]
Host = Annotated[str, Meta(min_length=1, max_length=255, pattern=r"^[^\x00-\x20\x7f]([^\x00-\x1f\x7f]*[^\x00-\x20\x7f])?$")]
Port = Annotated[int, Meta(ge=0, le=65535)]


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
    """Base64 of ciphertext and tag; id, name and version are authenticated with it."""
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


class CredentialTry(Noun, frozen=True, kw_only=True):
    """One try of one credential on one device."""

    credential: str
    at_ms: int
    answer: Answer = "pending"


class CredentialTries(Noun, frozen=True, kw_only=True):
    """What was tried on one address, and what it accepted. Written before each try: a crash never makes one more of them."""

    id: str
    address: str
    tries: tuple[CredentialTry, ...] = ()
    """Oldest first, the last `core.trying.KEPT` ones."""
    failed: int = 0
    """Failures since the last success: whoever tries by itself gets slower."""
    found: str = ""
    """Name of the credential that the device accepted, and that is used for it as long as none is declared."""
    found_at: int = 0


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
    offered_algorithm: str = ""
    offered_at: int = 0


class NewCredential(Noun, frozen=True, kw_only=True):
    """A credential with its secret, or with the place where somebody else keeps it."""

    name: Name
    kind: CredentialKind
    username: Annotated[str, Meta(max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    auth: Literal["", "MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512"] = ""
    priv: Literal["", "DES", "AES128", "AES192", "AES256"] = ""
    locator: Annotated[str, Meta(max_length=512)] = ""
    secret: Annotated[str, Meta(max_length=16_384)] = ""
    """A community or password on the first line; of SNMPv3 authentication, then privacy; or a private key of SSH."""

    def __repr__(self) -> str:
        return f"NewCredential({self.name!r}, {self.kind})"


class NewSecret(Noun, frozen=True, kw_only=True):
    """Another secret for a credential that is there."""

    secret: SecretText

    def __repr__(self) -> str:
        return "NewSecret(***)"


class NewCredentialSet(Noun, frozen=True, kw_only=True):
    """A set as a person declares it; one of this name is replaced."""

    name: Name
    prefixes: Annotated[tuple[Annotated[str, Meta(max_length=64)], ...], Meta(min_length=1, max_length=1000)]
    credentials: Annotated[tuple[Name, ...], Meta(min_length=1, max_length=32)]
    most_failures: Annotated[int, Meta(ge=1, le=10)] = 2
    pause_s: Annotated[int, Meta(ge=1, le=30 * 86_400)] = 1800


class CredentialRow(Noun, frozen=True, kw_only=True):
    """A credential as it is listed: all but the secret."""

    name: str
    kind: CredentialKind
    locator: str
    username: str = ""
    devices: int = 0
    """How many use it, declared or found."""
    sets: tuple[str, ...] = ()
    version: int = 0
    """How often the sealed secret was written; 0: it is not sealed here."""
    sealed_at: int = 0
    problem: str = ""
    """Why the hub cannot use it, as far as it can know without asking anybody."""
    tested_at: int = 0
    tested_on: str = ""
    tested: Answer = "pending"


class TryWish(Noun, frozen=True, kw_only=True):
    """On which device a credential is to be tried."""

    host: Host
    """Name or address of a known device, or an address within a set that has this credential: no secret is sent anywhere else."""
    port: Port = 0
    """0: the device's, or the usual one."""
    version: Literal["", "1", "2c"] = ""
    """Of SNMP with a community; empty: the device's."""


class TryResult(Noun, frozen=True, kw_only=True):
    """What came of it, in one sentence and a way out."""

    credential: str
    address: str
    port: int
    answer: Answer
    message: str
    way_out: str = ""
    about: str = ""
    """What the device said of itself: sysDescr, or its SSH version."""
    took_ms: int = 0
    fingerprint: str = ""
    """Of an SSH host."""
    again_at: int = 0
    """Where it was paused: when it may be tried again."""


class Rotation(Noun, frozen=True, kw_only=True):
    """What a rotation of the key did."""

    key: str
    """Id of the key that seals now."""
    retired: tuple[str, ...] = ()
    """Ids of the keys that nothing needs any more."""
    resealed: int = 0
    unreadable: tuple[str, ...] = ()
    """Secrets that no key here opens: they stay as they are."""
    by_hand: bool = False
    """The key lies where we may not write: whoever keeps it takes the retired ones out."""


class HostKeyWish(Noun, frozen=True, kw_only=True):
    """Which host key is meant; the fingerprint is what the officer read on the device's own console."""

    address: Host
    port: Annotated[int, Meta(ge=1, le=65535)] = 22
    fingerprint: Annotated[str, Meta(max_length=128)] = ""


def id_of(*parts: object) -> str:
    """The id of a record that is found by what it is about: a host key, the tries on an address."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]
