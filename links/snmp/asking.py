"""Asking one device over its own socket: one request in flight, answers matched by request-id, retries, a bound on time."""

import asyncio
import os
import socket
import struct
from collections.abc import Sequence
from functools import lru_cache

from core.errors import ForbiddenError, NoAnswerError, ProtocolError, UnavailableError
from core.i18n import tr
from core.polling import Target
from links.snmp import ber, plain


class _Inbox(asyncio.DatagramProtocol):
    """Hands each datagram to whoever waits; keeps none."""

    def __init__(self) -> None:
        self.waiting: asyncio.Future[plain.Head] | None = None
        self.request_id = 0

    def datagram_received(self, data: bytes, addr: object) -> None:  # noqa: ARG002 - the socket is connected: the kernel checked it
        if self.waiting is None or self.waiting.done():
            return
        try:
            response = plain.head(data)
        except ProtocolError as error:
            self.waiting.set_exception(error)
            return
        if response.request_id == self.request_id and response.kind == ber.RESPONSE:
            self.waiting.set_result(response)

    def error_received(self, exc: Exception) -> None:
        """An ICMP message is a hint that anybody can forge; the time-out decides."""


class Asker:
    """A connected UDP socket to one device for v1 or v2c."""

    def __init__(self, target: Target) -> None:
        self.target = target
        self.version = ber.V1 if target.version == "1" else ber.V2C
        self._community = target.secret.community.encode()
        self._inbox = _Inbox()
        self._transport: asyncio.DatagramTransport | None = None
        self.took = 0.0
        """Seconds from the last question to its answer."""

    async def ask(self, kind: int, bodies: Sequence[bytes], first: int = 0, second: int = 0) -> plain.Head:
        """The answer to one request. Raises `NoAnswerError` after the target's retries, `ProtocolError`, `ForbiddenError`."""
        transport, loop = await self._open(), asyncio.get_running_loop()
        data, at = _request(self.version, self._community, kind, tuple(bodies), first, second)
        self._inbox.request_id = new_request_id()
        data = ber.with_id(data, at, self._inbox.request_id)
        begun = loop.time()
        for _ in range(self.target.retries + 1):
            waiting = self._inbox.waiting = loop.create_future()
            transport.sendto(data)
            bound = loop.call_later(self.target.timeout_s, _too_late, waiting)
            try:
                response = await waiting
                self.took = loop.time() - begun
                return allowed(response, self.target.address)
            except TimeoutError:
                continue
            finally:
                bound.cancel()
                self._inbox.waiting = None
        raise no_answer(self.target)

    async def _open(self) -> asyncio.DatagramTransport:
        if self._transport is None:
            family = socket.AF_INET6 if ":" in self.target.address else socket.AF_INET
            try:
                self._transport, _ = await asyncio.get_running_loop().create_datagram_endpoint(
                    lambda: self._inbox, remote_addr=(self.target.address, self.target.port), family=family
                )
            except OSError as error:
                raise unreachable(self.target, error) from None
        return self._transport

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None


_request = lru_cache(maxsize=1024)(ber.request)
"""The first request of a table is the same for all devices with one community."""


def _too_late(waiting: "asyncio.Future[plain.Head]") -> None:
    if not waiting.done():
        waiting.set_exception(TimeoutError())


_chance: list[int] = []
"""Random numbers in stock: the kernel is asked for many at once."""


def new_request_id() -> int:
    """An unpredictable request-id that encodes to exactly four bytes."""
    try:
        chance = _chance.pop()
    except IndexError:
        chance, *more = struct.unpack("<256Q", os.urandom(2048))
        _chance.extend(more)
    return ber.MIN_REQUEST_ID + chance % (ber.MAX_REQUEST_ID - ber.MIN_REQUEST_ID + 1)


def allowed(response: plain.Head, address: str) -> plain.Head:
    """The response, unless the device says that this credential may not see that."""
    if response.error_status in (plain.NO_ACCESS, plain.AUTHORIZATION_ERROR):
        raise ForbiddenError(
            tr("{address} refuses this credential.", address=address), way_out=tr("Check the view that the device grants to it.")
        )
    return response


def no_answer(target: Target) -> NoAnswerError:
    message = tr("{address} did not answer SNMP on port {port}.", address=target.address, port=target.port)
    return NoAnswerError(message, way_out=tr("Check the address, the port, the community or user, and what lies between."))


def unreachable(target: Target, error: OSError) -> UnavailableError:
    message = tr("{address} cannot be asked: {reason}.", address=target.address, reason=error.strerror or "no route")
    return UnavailableError(message, way_out=tr("Check the address and this machine's routes."))
