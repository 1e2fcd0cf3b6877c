"""Questions about the graph of what exists."""

from collections.abc import Sequence
from urllib.parse import quote

from client.transport import Transport
from core.questions import ImpactReport, PathAnswer, XRay


class Graph:
    """Objects are named by id, by `KIND:NAME`, or by a name that only one object has."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def xray(self, name: str) -> XRay:
        """From an object down to what carries it."""
        return await self._wire.get(f"/api/v1/graph/xray/{quote(name, safe='')}", XRay)

    async def impact(self, failed: Sequence[str]) -> ImpactReport:
        """What happens when these are gone."""
        query = "&".join(f"failed={quote(name, safe='')}" for name in failed)
        return await self._wire.get(f"/api/v1/graph/impact?{query}", ImpactReport)

    async def path(self, start: str, end: str) -> PathAnswer:
        """The shortest way between two objects."""
        return await self._wire.get("/api/v1/graph/path", PathAnswer, {"start": start, "end": end})
