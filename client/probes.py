"""`client.probes`: questions to what SNMP does not answer, and what they found."""

from urllib.parse import quote

from client.sampling import SamplesOnWire, frame_of
from client.transport import Transport
from core.probes import NewProbes, Outcome, Probe, ProbeChange, ProbeRow, ProbesReport
from core.signals import SeriesFrame

TEST_TIMEOUT_S = 90.0


class Probes:
    """The probes of one hub."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def list(self) -> list[ProbeRow]:
        """Those about objects that one sees, by name, each with what it found last."""
        return await self._wire.get("/api/v1/probes", list[ProbeRow])

    async def add(self, new: NewProbes) -> ProbesReport:
        """All or none."""
        return await self._wire.send("POST", "/api/v1/probes", ProbesReport, new)

    async def change(self, name: str, change: ProbeChange) -> Probe:
        return await self._wire.send("PATCH", f"/api/v1/probes/{quote(name, safe='')}", Probe, change)

    async def remove(self, name: str) -> None:
        await self._wire.tell("DELETE", f"/api/v1/probes/{quote(name, safe='')}")

    async def samples(
        self, name: str, metric: str, part: str = "", *, start_ms: int, end_ms: int, points: int = 0,
    ) -> SeriesFrame:
        """What it measured over [start, end); points > 0: at most about that many."""
        params: dict[str, str | int] = {"metric": metric, "part": part, "start": start_ms, "end": end_ms, "points": points}
        return frame_of(await self._wire.get(f"/api/v1/probes/{quote(name, safe='')}/samples", SamplesOnWire, params))

    async def test(self, name: str) -> Outcome:
        """What it finds now."""
        return await self._wire.send("POST", f"/api/v1/probes/{quote(name, safe='')}/test", Outcome, timeout_s=TEST_TIMEOUT_S)
