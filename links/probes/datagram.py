"""One question in a datagram, and the first answer to it that is one: only from the address that was asked, only what `fits`."""

import asyncio
import socket
import time
from collections.abc import Callable
from typing import NamedTuple

from links.probes.failing import ProbeFailure, explained
from links.probes.streams import opened

MOST = 4096
MOST_WRONG = 64
"""Datagrams that do not fit, after which it is given up."""


class Answered(NamedTuple):
    """rtt_ms: until the answer. sent_ns, came_ns: by the wall clock, for who compares clocks."""

    data: bytes
    rtt_ms: float
    sent_ns: int
    came_ns: int


async def asked(host: str, port: int, question: bytes, fits: Callable[[bytes], bool], again_s: float = 1.0) -> Answered:
    """Asks once, and again each `again_s`; the caller bounds the time. Raises `ProbeFailure`."""
    loop = asyncio.get_running_loop()
    with explained():
        family, _, _, _, address = (await loop.getaddrinfo(host, port, type=socket.SOCK_DGRAM))[0]
        with socket.socket(family, socket.SOCK_DGRAM) as wire:
            wire.setblocking(False)
            wire.connect(address)
            wrong = 0
            while True:
                sent_ns, begun = time.time_ns(), time.perf_counter()
                wire.send(question)
                try:
                    async with asyncio.timeout(again_s):
                        while True:
                            data = await loop.sock_recv(wire, MOST)
                            came_ns, rtt_ms = time.time_ns(), (time.perf_counter() - begun) * 1000
                            if fits(data):
                                return Answered(data, rtt_ms, sent_ns, came_ns)
                            wrong += 1
                            if wrong >= MOST_WRONG:
                                raise ProbeFailure("nonsense", "what came was no answer")
                except TimeoutError:
                    again_s *= 2


async def asked_by_stream(host: str, port: int, question: bytes) -> bytes:
    """The same over TCP, with the length before it (RFC 1035, 4.2.2): for an answer that a datagram does not hold."""
    async with opened(host, port) as stream:
        with explained():
            stream.writer.write(len(question).to_bytes(2, "big") + question)
            size = int.from_bytes(await stream.reader.readexactly(2), "big")
            return await stream.reader.readexactly(size)
