"""`client.history`: what was, and what changed."""

from collections.abc import Sequence
from urllib.parse import quote

from client.transport import Transport
from core.history import Changes, ObjectThen


class History:
    """The inventory's past."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def changes(self, start_ms: int, end_ms: int = 0, kinds: Sequence[str] = ()) -> Changes:
        """What differs between two moments; end_ms 0: now; kinds empty: all."""
        return await self._wire.get("/api/v1/history", Changes, {"start": start_ms, "end": end_ms, "kinds": ",".join(kinds)})

    async def then(self, kind: str, name: str, at_ms: int = 0) -> ObjectThen:
        """One object as it was, by the name or key that it has now or had then."""
        return await self._wire.get(f"/api/v1/history/{quote(kind, safe='')}/{quote(name, safe='')}", ObjectThen, {"at": at_ms})
