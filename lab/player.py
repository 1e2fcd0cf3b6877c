"""The Python player: answers SNMP for all devices of the City, or for recorded ones, on one UDP port. Plain Python, everywhere.

`python -m lab.player --image FILE --state FILE [--port 0] [--community C]`, or `--recordings FOLDER [--address 127.0.0.1]`.
Prints "ready PORT" and serves until SIGTERM or the death of its parent.
"""

import argparse
import contextlib
import ctypes
import heapq
import itertools
import os
import select
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from random import Random
from typing import Protocol

from lab import image, protocol, state
from lab.agent import Town
from lab.recordings import Shelf

IP_PKTINFO = getattr(socket, "IP_PKTINFO", 8)
_PKTINFO = struct.Struct("=I4s4s")
_PR_SET_PDEATHSIG = 1
_RECEIVE = 4096
_HELD_MAX = 65_536


class Answer(Protocol):
    """What a player asks for each request."""

    def __call__(self, data: bytes, to: bytes, /) -> tuple[bytes | None, float]:
        """The answer to a datagram that came to an address, or None; and how many seconds to wait before it leaves."""
        ...


class CityAnswers:
    """The City's devices."""

    def __init__(self, town: Town, max_size: int, community: bytes | None, seed: int) -> None:
        self.town, self.max_size, self.community, self.rng = town, max_size, community, Random(seed)
        self.counts = town.state.header[0]

    def __call__(self, data: bytes, to: bytes) -> tuple[bytes | None, float]:
        town, now = self.town, self.town.state.now_us()
        self.counts["received"] += 1
        number = town.number(int.from_bytes(to, "big"))
        moving = town.moving(number) if number is not None else None
        if number is None or moving is None or not moving.alive or moving.boot_us > now:
            self.counts["silent"] += 1
            return None, 0.0
        if moving.loss_ppm and self.rng.random() * 1e6 < moving.loss_ppm:
            self.counts["lost"] += 1
            return None, 0.0
        answered = protocol.answer(data, town.tree(number, now), moving.max_size or self.max_size, self.community)
        if answered is None:
            self.counts["malformed"] += 1
            return None, 0.0
        self.counts["sent"] += 1
        self.counts["variables"] += answered[1]
        return answered[0], moving.latency_us / 1e6


class RecordedAnswers:
    """Recorded devices by community."""

    def __init__(self, shelf: Shelf, max_size: int, delay_s: float, loss: float, seed: int) -> None:
        self.shelf, self.max_size, self.delay_s, self.loss, self.rng = shelf, max_size, delay_s, loss, Random(seed)

    def __call__(self, data: bytes, _to: bytes) -> tuple[bytes | None, float]:
        community = protocol.community_of(data)
        recording = self.shelf.find(community) if community is not None else None
        if recording is None or (self.loss and self.rng.random() < self.loss):
            return None, 0.0
        answered = protocol.answer(data, recording, self.max_size)
        return (answered[0] if answered else None), self.delay_s


def open_socket(address: str, port: int) -> socket.socket:
    """A UDP socket that tells which IPv4 address was asked; on loopback only, where the system can see to it."""
    six = ":" in address
    sock = socket.socket(socket.AF_INET6 if six else socket.AF_INET, socket.SOCK_DGRAM)
    if not six:
        sock.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"lo")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
    sock.bind((address, port))
    return sock


class Player:
    """One socket, its answers, and those that wait for their time."""

    def __init__(self, sock: socket.socket, answer: Answer) -> None:
        self.sock, self.answer = sock, answer
        self._held: list[tuple[float, int, bytes, bytes, tuple[str, int]]] = []
        self._count = itertools.count()

    def serve(self) -> None:
        """Until the process ends."""
        while True:
            now = time.monotonic()
            while self._held and self._held[0][0] <= now:
                _, _, data, me, peer = heapq.heappop(self._held)
                self._send(data, me, peer)
            wait = self._held[0][0] - now if self._held else None
            if select.select([self.sock], [], [], wait)[0]:
                self._receive()

    def _receive(self) -> None:
        data, control, _, peer = self.sock.recvmsg(_RECEIVE, 64)
        me = next((_PKTINFO.unpack(body[:12])[2] for level, kind, body in control if (level, kind) == (socket.IPPROTO_IP, IP_PKTINFO)), b"")
        answer, wait_s = self.answer(data, me)
        if answer is None:
            return
        if not wait_s:
            self._send(answer, me, peer)
        elif len(self._held) < _HELD_MAX:
            heapq.heappush(self._held, (time.monotonic() + wait_s, next(self._count), answer, me, peer))

    def _send(self, data: bytes, me: bytes, peer: tuple[str, int]) -> None:
        """From the address that was asked; a peer that cannot be reached is no concern of ours."""
        source = [(socket.IPPROTO_IP, IP_PKTINFO, _PKTINFO.pack(0, me, b"\0" * 4))] if me else []
        with contextlib.suppress(OSError):
            self.sock.sendmsg([data], source, 0, peer)


def die_with_parent() -> None:
    """Has the kernel end this process when the one that started it ends, where the kernel can."""
    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        raise SystemExit(0)


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="lab.player", description=__doc__)
    parser.add_argument("--image", type=Path)
    parser.add_argument("--state", type=Path)
    parser.add_argument("--recordings", type=Path)
    parser.add_argument("--address", default="0.0.0.0")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--max-size", type=int, default=1400)
    parser.add_argument("--community")
    parser.add_argument("--delay-ms", type=float, default=0)
    parser.add_argument("--loss", type=float, default=0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args(arguments)
    answer: Answer
    if given.recordings is not None:
        answer = RecordedAnswers(Shelf(given.recordings), given.max_size, given.delay_ms / 1000, given.loss, given.seed)
    else:
        picture = image.read(given.image)
        town = Town(picture, state.open_file(given.state, picture.patterns, write=True))
        answer = CityAnswers(town, given.max_size, given.community.encode() if given.community else None, given.seed)
    sock = open_socket(given.address, given.port)
    sys.stdout.write(f"ready {sock.getsockname()[1]}\n")
    sys.stdout.flush()
    Player(sock, answer).serve()
    return 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    die_with_parent()
    raise SystemExit(main(sys.argv[1:]))
