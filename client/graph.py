"""Questions about the graph of what exists."""

from collections.abc import Sequence
from urllib.parse import urlencode

from client.transport import Transport
from core.questions import AroundAnswer, ChangesAnswer, DependsAnswer, ImpactReport, PathAnswer, WhatIfReport, XRay

_URL = "/api/v1/graph"


class Graph:
    """Objects are named by id, by `KIND:NAME`, or by a name that only one object has. at_ms: a past moment; 0: now."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def xray(self, name: str, *, way: str = "down", at_ms: int = 0) -> XRay:
        """From an object down to what carries it; `up`: to what stands on it."""
        return await self._wire.get(f"{_URL}/xray", XRay, {"name": name, "way": way, "at": at_ms})

    async def impact(self, failed: Sequence[str], *, at_ms: int = 0) -> ImpactReport:
        """What happens when these are gone: objects, ports (`DEVICE:PORT`) and links (`A:PORT--B:PORT`)."""
        return await self._wire.get(f"{_URL}/impact?{urlencode([*(('failed', name) for name in failed), ('at', at_ms)])}", ImpactReport)

    async def what_if(self, planned: Sequence[str], *, live: bool = True) -> WhatIfReport:
        """What these add to what is down already; live: as polling and the clouds see it now."""
        query = urlencode([*(("failed", name) for name in planned), ("live", str(live).lower())])
        return await self._wire.get(f"{_URL}/whatif?{query}", WhatIfReport)

    async def path(self, start: str, end: str, *, layer: str = "any", at_ms: int = 0) -> PathAnswer:
        """The shortest way between two objects or addresses; `l2`: over devices and their links alone."""
        return await self._wire.get(f"{_URL}/path", PathAnswer, {"start": start, "end": end, "layer": layer, "at": at_ms})

    async def depends(self, name: str, *, dependents: bool = False, at_ms: int = 0) -> DependsAnswer:
        """All that an object depends on, or all that depends on it."""
        return await self._wire.get(
            f"{_URL}/depends", DependsAnswer, {"name": name, "dependents": str(dependents).lower(), "at": at_ms},
        )

    async def around(self, name: str, *, at_ms: int = 0) -> AroundAnswer:
        """An object and its edges."""
        return await self._wire.get(f"{_URL}/around", AroundAnswer, {"name": name, "at": at_ms})

    async def changes(
        self, since_ms: int, until_ms: int = 0, *, kinds: Sequence[str] = (), unit: str = "", limit: int = 500,
    ) -> ChangesAnswer:
        """What changed between two moments; until_ms 0: now."""
        query = urlencode([
            ("since", since_ms), ("until", until_ms), *(("kind", kind) for kind in kinds), ("unit", unit), ("limit", limit),
        ])
        return await self._wire.get(f"{_URL}/changes?{query}", ChangesAnswer)
