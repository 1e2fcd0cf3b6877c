"""One host asked by ICMP whether it is there, without privileges where the system allows it (Linux: icmp(7), ping_group_range)."""

import os
import select
import socket
import struct
import time
from typing import Literal, NamedTuple

ECHOES = 3
PAUSE_S, WAIT_S = 0.05, 1.0
_REQUEST = {socket.AF_INET: 8, socket.AF_INET6: 128}
_REPLY = {socket.AF_INET: 0, socket.AF_INET6: 129}
"""Types of echo request and reply (RFC 792, RFC 4443)."""


class Echoed(NamedTuple):
    """answered: of `ECHOES`. rtt_ms: the best; -1 without an answer."""

    state: Literal["asked", "forbidden", "unreachable"]
    answered: int = 0
    rtt_ms: float = -1.0
    reason: str = ""


def ping(address: str) -> Echoed:
    """Blocking, about one second at most for each echo."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        asker = socket.socket(family, socket.SOCK_DGRAM, socket.IPPROTO_ICMPV6 if family == socket.AF_INET6 else socket.IPPROTO_ICMP)
    except OSError as error:
        return Echoed("forbidden", reason=error.strerror or "")
    with asker:
        try:
            asker.connect((address, 0))
            times = [took for number in range(ECHOES) if (took := _echo(asker, family, number)) >= 0]
        except OSError as error:
            return Echoed("unreachable", reason=error.strerror or "")
    return Echoed("asked", len(times), min(times, default=-1.0))


def _echo(asker: socket.socket, family: int, number: int) -> float:
    """Milliseconds until the echo of this number came back; -1: it did not."""
    payload = os.urandom(16)
    asker.send(struct.pack("!BBHHH", _REQUEST[socket.AddressFamily(family)], 0, 0, 0, number) + payload)
    began = time.monotonic()
    while (left := began + WAIT_S - time.monotonic()) > 0:
        if not select.select([asker], [], [], left)[0]:
            break
        answer = asker.recv(1500)
        if len(answer) >= 24 and answer[0] == _REPLY[socket.AddressFamily(family)] and answer[8:24] == payload:
            return (time.monotonic() - began) * 1000
    return -1.0
