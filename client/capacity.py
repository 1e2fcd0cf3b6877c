"""`client.capacity`: how full lines and pools are, how long things worked."""

from urllib.parse import quote

from client.transport import Transport, decode
from core.capacity import AvailabilityAnswer, AvailabilityQuery, CapacityAnswer, CapacityQuery, CapacityReport
from core.nouns import Noun

TIMEOUT_S = 600.0


class Capacity:
    """Questions that read much of the samples: they may take a minute, and stop when the connection ends."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def top(self, query: CapacityQuery) -> CapacityAnswer:
        """The fullest first."""
        return decode(await self._wire.raw("GET", "/api/v1/capacity", params=_params(query), timeout_s=TIMEOUT_S), CapacityAnswer)

    async def availability(self, query: AvailabilityQuery) -> AvailabilityAnswer:
        """Those that missed their target first."""
        body = await self._wire.raw("GET", "/api/v1/availability", params=_params(query), timeout_s=TIMEOUT_S)
        return decode(body, AvailabilityAnswer)

    async def report(self, job_id: str) -> CapacityReport:
        """What the job `capacity.report` left."""
        return await self._wire.get(f"/api/v1/capacity/reports/{quote(job_id, safe='')}", CapacityReport)


def _params(query: Noun) -> dict[str, str | int]:
    return {name: getattr(query, name) for name in query.__struct_fields__}
