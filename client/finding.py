"""`client.finding`: search, who uses what, what is free, reservations, and the forms that other programs read."""

from collections.abc import Sequence
from urllib.parse import urlencode

from client.transport import Transport
from core.finding import Asked, FreeAnswer, PrefixUses, ReservationRow, ReserveWish, SearchAnswer, WhoAnswer
from core.network import Reservation

PUBLISH_TIMEOUT_S = 120.0


class Finding:
    """Questions about what exists, by a part of what is known of it."""

    def __init__(self, wire: Transport) -> None:
        self._wire = wire

    async def search(self, text: str, kinds: Sequence[str] = (), limit: int = 50) -> SearchAnswer:
        """Objects that all words fit; names, addresses, prefixes, ranges, MACs, serials, Chinese words, pinyin."""
        query = urlencode([("text", text), ("limit", limit), *(("kind", kind) for kind in kinds)])
        return await self._wire.get(f"/api/v1/search?{query}", SearchAnswer)

    async def who(self, what: Asked, value: str, port: str = "", at_ms: int = 0) -> WhoAnswer:
        """Who uses it; at_ms 0: now."""
        return await self._wire.get("/api/v1/who", WhoAnswer, {"what": what, "value": value, "port": port, "at": at_ms})

    async def free_addresses(self, prefix: str, vpn: str = "", count: int = 10) -> FreeAnswer:
        return await self._wire.get("/api/v1/free/addresses", FreeAnswer, {"prefix": prefix, "vpn": vpn, "count": count})

    async def free_prefixes(self, prefix: str, length: int, vpn: str = "", count: int = 10) -> FreeAnswer:
        return await self._wire.get("/api/v1/free/prefixes", FreeAnswer, {"prefix": prefix, "length": length, "vpn": vpn, "count": count})

    async def free_vlans(self, domain: str, between: str = "") -> FreeAnswer:
        return await self._wire.get("/api/v1/free/vlans", FreeAnswer, {"domain": domain, "between": between})

    async def free_ports(self, within: str, count: int = 100) -> FreeAnswer:
        """Of a device, or of all devices at a site."""
        return await self._wire.get("/api/v1/free/ports", FreeAnswer, {"within": within, "count": count})

    async def prefixes(self, vpn: str = "", unit: str = "", *, fullest: bool = False, limit: int = 100) -> PrefixUses:
        """How full they are."""
        params: dict[str, str | int] = {"vpn": vpn, "unit": unit, "fullest": int(fullest), "limit": limit}
        return await self._wire.get("/api/v1/prefixes", PrefixUses, params)

    async def reservations(self, unit: str = "") -> tuple[ReservationRow, ...]:
        return await self._wire.get("/api/v1/reservations", tuple[ReservationRow, ...], {"unit": unit})

    async def reserve(self, wish: ReserveWish, *, key: str = "") -> Reservation:
        """A repetition with the same `key` is told what the first was told."""
        return await self._wire.send("POST", "/api/v1/reservations", Reservation, wish, key=key)

    async def release(self, name: str) -> Reservation:
        """By name (`address|VPN|10.1.2.3`) or id."""
        return await self._wire.send("DELETE", "/api/v1/reservations", Reservation, params={"name": name})

    async def ansible(self) -> bytes:
        """The JSON of an inventory script's `--list`."""
        return await self._wire.raw("GET", "/api/v1/publish/ansible", timeout_s=PUBLISH_TIMEOUT_S)

    async def prometheus(self, port: int = 0) -> bytes:
        """The JSON of `http_sd_configs` and `file_sd_configs`."""
        return await self._wire.raw("GET", "/api/v1/publish/prometheus", params={"port": port}, timeout_s=PUBLISH_TIMEOUT_S)

    async def topology(
        self, layer: str, format: str = "svg", *, unit: str = "", site: str = "", county: str = "", vpn: str = "",  # noqa: A002 -- its name
    ) -> bytes:
        """A picture (`svg`) or its description (`dot`)."""
        params = {"layer": layer, "format": format, "unit": unit, "site": site, "county": county, "vpn": vpn}
        return await self._wire.raw("GET", "/api/v1/publish/topology", params=params, timeout_s=PUBLISH_TIMEOUT_S)
