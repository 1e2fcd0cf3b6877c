"""`client.events`: what devices said, out of the logs. The newest come as the view `events`."""

from client.transport import Transport, decode
from core.events import EarsCount, EventPage, EventQuery, SenderPage

SEARCH_TIMEOUT_S = 60.0


class Events:
    """Questions about what was heard."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def list(self, query: EventQuery) -> EventPage:
        """Newest first, within what this caller sees."""
        params: dict[str, str | int] = {name: getattr(query, name) for name in query.__struct_fields__}
        return decode(await self._wire.raw("GET", "/api/v1/events", params=params, timeout_s=SEARCH_TIMEOUT_S), EventPage)

    async def senders(self, unknown: bool = False, limit: int = 1_000) -> SenderPage:
        """Who spoke; unknown: only those that no device is known to be."""
        params: dict[str, str | int] = {"unknown": str(unknown).lower(), "limit": limit}
        return decode(await self._wire.raw("GET", "/api/v1/events/senders", params=params), SenderPage)

    async def heard(self) -> EarsCount:
        """How much since the ears began."""
        return await self._wire.get("/api/v1/ears", EarsCount)
