"""`client.objects`: the objects of the model as screens show them. Their lists are the view `objects`."""

from urllib.parse import quote

from client.transport import Transport
from core.rows import KindCount, ObjectDetail, ObjectEvent


class Objects:
    """What exists, of every kind."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def counts(self) -> tuple[KindCount, ...]:
        """How many of each kind there are, in the order of the model."""
        return await self._wire.get("/api/v1/objects", tuple[KindCount, ...])

    async def get(self, kind: str, name: str) -> ObjectDetail:
        """One object by id, name or key."""
        return await self._wire.get(f"/api/v1/objects/{quote(kind, safe='')}/{quote(name, safe='')}", ObjectDetail)

    async def events(self, kind: str, name: str) -> tuple[ObjectEvent, ...]:
        """What was written of it, newest first: who, when, which fields."""
        return await self._wire.get(f"/api/v1/objects/{quote(kind, safe='')}/{quote(name, safe='')}/events", tuple[ObjectEvent, ...])
