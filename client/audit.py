"""`client.audit`: the trail of who did what, searched, proved, exported, archived."""

import contextlib
from collections.abc import AsyncIterator, Iterable
from typing import Any

import msgspec

from client.lean import httpx
from client.transport import Transport, decode, failure
from core.audit import Archived, ArchiveOrder, AuditPage, AuditQuery, AuditStatus, Progress, Tip, Tips
from core.nouns import new_id

ARCHIVE_TIMEOUT_S = 3600.0
PIECE_TIMEOUT_S = 300.0


class Audit:
    """Methods on the audit trail. All raise `ForbiddenError` for whoever is not the auditor (or may not prove it)."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def search(self, query: AuditQuery | None = None) -> AuditPage:
        """A page; go on with its cursor, also when it is empty."""
        return await self._wire.get("/api/v1/audit", AuditPage, _params(query or AuditQuery()))

    async def status(self) -> AuditStatus:
        return await self._wire.get("/api/v1/audit/status", AuditStatus)

    async def verify(self, tips: Iterable[Tip] = ()) -> AsyncIterator[Progress]:
        """Walks the whole trail: how far it is, and at last the verdict."""
        content = msgspec.json.encode(Tips(tips=tuple(tips)))
        headers = {"content-type": "application/json"}
        left = b""
        async with self._opened("POST", "/api/v1/audit/verify", content=content, headers=headers) as answer:
            async for piece in answer.aiter_bytes():
                *whole, left = (left + piece).split(b"\n")
                for line in whole:
                    step = decode(line, Progress)
                    if step.failure:
                        raise step.failure.error()
                    yield step

    async def export(self, query: AuditQuery | None = None, format: str = "csv") -> bytes:  # noqa: A002 -- it is what people call it
        """Matching rows, oldest first, as csv or jsonl."""
        return b"".join([piece async for piece in self.pieces(query, format)])

    async def pieces(self, query: AuditQuery | None = None, format: str = "csv") -> AsyncIterator[bytes]:  # noqa: A002
        """The same a piece at a time: a long trail needs no memory."""
        params = {**_params(query or AuditQuery()), "format": format}
        async with self._opened("GET", "/api/v1/audit/export", params=params) as answer:
            async for piece in answer.aiter_bytes():
                yield piece

    async def archive(self, *, trust_clock: bool = False, key: str = "") -> Archived:
        """Moves rows that are old enough into signed archives. trust_clock: a person says that the clock is right."""
        order = ArchiveOrder(trust_clock=trust_clock)
        return await self._wire.send("POST", "/api/v1/audit/archive", Archived, order, key=key or new_id(0), timeout_s=ARCHIVE_TIMEOUT_S)

    @contextlib.asynccontextmanager
    async def _opened(self, method: str, path: str, **more: Any) -> AsyncIterator[httpx.Response]:
        try:
            async with self._wire.opened(method, path, timeout_s=PIECE_TIMEOUT_S, **more) as answer:
                if answer.is_error:
                    raise failure(answer.status_code, await answer.aread())
                yield answer
        except httpx.TimeoutException as error:
            raise self._wire.address.too_slow(error) from None
        except httpx.TransportError as error:
            raise self._wire.address.unavailable(error) from None


def _params(query: AuditQuery) -> dict[str, str | int]:
    return {name: int(value) if isinstance(value, bool) else value for name, value in msgspec.to_builtins(query).items()}
