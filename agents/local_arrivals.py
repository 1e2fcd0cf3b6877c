"""Whether traps and log lines of one device arrive here: both ports are listened on for a while, by whoever may."""

import asyncio
import errno
import socket
from typing import Any, Literal

Kind = Literal["trap", "syslog"]
_UNSPECIFIED = {socket.AF_INET: "0.0.0.0", socket.AF_INET6: "::"}


class Port(asyncio.DatagramProtocol):
    """Counts what comes from one address."""

    def __init__(self, source: str) -> None:
        self._source = source
        self.came = asyncio.Event()
        self.size = 0
        self.others = 0

    def datagram_received(self, data: bytes, addr: tuple[Any, ...]) -> None:
        if str(addr[0]).partition("%")[0] == self._source:
            self.size = len(data)
            self.came.set()
        else:
            self.others += 1


class Arrivals:
    """Listens from `start` on. ports: 0 asks the system for one."""

    def __init__(self, source: str, ports: dict[Kind, int]) -> None:
        self._source, self._wanted = source, ports
        self._transports: list[asyncio.DatagramTransport] = []
        self.ports: dict[Kind, Port] = {}
        self.numbers: dict[Kind, int] = {}
        self.trouble: dict[Kind, Literal["in-use", "forbidden", "other"]] = {}

    async def start(self) -> None:
        family = socket.AF_INET6 if ":" in self._source else socket.AF_INET
        for kind, number in self._wanted.items():
            try:
                transport, port = await asyncio.get_running_loop().create_datagram_endpoint(
                    lambda: Port(self._source), local_addr=(_UNSPECIFIED[family], number), family=family,
                )
            except OSError as error:
                names = {errno.EADDRINUSE: "in-use", errno.EACCES: "forbidden", errno.EPERM: "forbidden"}
                self.trouble[kind] = names.get(error.errno or 0, "other")  # type: ignore[assignment]
                continue
            self._transports.append(transport)
            self.ports[kind] = port
            self.numbers[kind] = transport.get_extra_info("sockname")[1]

    async def wait(self, seconds: float) -> None:
        """Until something came on every port, or the time is over."""
        if self.ports:
            tasks = [asyncio.ensure_future(port.came.wait()) for port in self.ports.values()]
            _, late = await asyncio.wait(tasks, timeout=seconds)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    def close(self) -> None:
        for transport in self._transports:
            transport.close()
