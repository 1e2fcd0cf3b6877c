"""`client.probes`: questions to what SNMP does not answer, and what they found."""

from urllib.parse import quote

from client.transport import Transport
from core.probes import NewProbes, Outcome, Probe, ProbeChange, ProbeRow, ProbesReport

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

    async def test(self, name: str) -> Outcome:
        """What it finds now."""
        return await self._wire.send("POST", f"/api/v1/probes/{quote(name, safe='')}/test", Outcome, timeout_s=TEST_TIMEOUT_S)
