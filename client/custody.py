"""`client.custody`: credentials, sets and host keys. Secrets go to the hub and never come back."""

from urllib.parse import quote

from client.transport import Transport
from core.custody import (
    CredentialRow,
    CredentialSet,
    HostKey,
    HostKeyWish,
    NewCredential,
    NewCredentialSet,
    NewSecret,
    Rotation,
    TryResult,
    TryWish,
)

TEST_TIMEOUT_S = 300.0


class Custody:
    """Methods on what opens devices."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def credentials(self) -> list[CredentialRow]:
        return await self._wire.get("/api/v1/credentials", list[CredentialRow])

    async def add(self, new: NewCredential) -> CredentialRow:
        return await self._wire.send("POST", "/api/v1/credentials", CredentialRow, new)

    async def set_secret(self, name: str, secret: str) -> CredentialRow:
        return await self._wire.send("PUT", f"/api/v1/credentials/{_segment(name)}/secret", CredentialRow, NewSecret(secret=secret))

    async def remove(self, name: str) -> None:
        await self._wire.tell("DELETE", f"/api/v1/credentials/{_segment(name)}")

    async def test(self, name: str, wish: TryWish) -> TryResult:
        path = f"/api/v1/credentials/{_segment(name)}/test"
        return await self._wire.send("POST", path, TryResult, wish, timeout_s=TEST_TIMEOUT_S)

    async def rotate(self) -> Rotation:
        return await self._wire.send("POST", "/api/v1/credential-rotations", Rotation, timeout_s=TEST_TIMEOUT_S)

    async def sets(self) -> list[CredentialSet]:
        return await self._wire.get("/api/v1/credential-sets", list[CredentialSet])

    async def put_set(self, new: NewCredentialSet) -> CredentialSet:
        return await self._wire.send("POST", "/api/v1/credential-sets", CredentialSet, new)

    async def remove_set(self, name: str) -> None:
        await self._wire.tell("DELETE", f"/api/v1/credential-sets/{_segment(name)}")

    async def test_set(self, wish: TryWish) -> list[TryResult]:
        """In the order of the set, until one is accepted or one more failure would be one too many."""
        return await self._wire.send("POST", "/api/v1/credential-tests", list[TryResult], wish, timeout_s=TEST_TIMEOUT_S)

    async def host_keys(self) -> list[HostKey]:
        """Those that changed first."""
        return await self._wire.get("/api/v1/host-keys", list[HostKey])

    async def accept_host_key(self, wish: HostKeyWish) -> HostKey:
        return await self._wire.send("POST", "/api/v1/host-keys/accept", HostKey, wish)

    async def remove_host_key(self, wish: HostKeyWish) -> None:
        await self._wire.tell("POST", "/api/v1/host-keys/remove", wish)


def _segment(text: str) -> str:
    return quote(text, safe="")
