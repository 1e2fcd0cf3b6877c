"""Load on a hub: so many connections over its Unix socket, each asking one question after the other as fast as the answers come.

`python _load.py SOCKET SECONDS CONNECTIONS KIND` asks until the time is over and prints one line of JSON. Written by hand, because a client
library costs more time than the hub does.
"""

import asyncio
import itertools
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

HEAD_END = b"\r\n\r\n"
_number = itertools.count(os.getpid() * 1_000_000)


def get(path: str, headers: str = "") -> bytes:
    return f"GET {path} HTTP/1.1\r\nhost: hub\r\naccept-language: en\r\n{headers}\r\n".encode()


def _windows(names: list[str]) -> Callable[[], bytes]:
    """Makes maintenance windows and ends them, each with a key: audited writes."""
    made: list[int] = []

    def ask() -> bytes:
        if len(made) > 40:
            number = made.pop(0)
            return f"POST /api/v1/windows/w{number}/end HTTP/1.1\r\nhost: hub\r\nidempotency-key: e{number}\r\n\r\n".encode()
        made.append(next(_number))
        return _window(made[-1], names)

    return ask


def _window(number: int, names: list[str]) -> bytes:
    now = time.time_ns() // 1_000_000
    body = json.dumps({
        "name": f"w{number}", "kind": "maintenance", "starts_at": now + 86_400_000, "ends_at": now + 90_000_000, "reason": "bench",
        "devices": names[:1],
    }).encode()
    head = f"POST /api/v1/windows HTTP/1.1\r\nhost: hub\r\nidempotency-key: k{number}\r\ncontent-type: application/json\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body


def _offsets(path: str, step: int, most: int) -> Callable[[], bytes]:
    place = itertools.cycle(range(0, most, step))
    return lambda: get(path.format(offset=next(place)))


def _names(path: str, names: list[str]) -> Callable[[], bytes]:
    name = itertools.cycle(names)
    return lambda: get(path.format(name=quote(next(name), safe="")))


def kinds(names: list[str]) -> dict[str, Callable[[], bytes]]:
    return {
        "overview": lambda: get("/api/v1/overview"),
        "window of 60 devices": _offsets("/api/v1/views/devices?limit=60&sort=-name&offset={offset}", 60, max(len(names), 60)),
        "window of 60, filtered": lambda: get("/api/v1/views/devices?limit=60&where.role=access&text=a"),
        "one device by name": _names("/api/v1/records/device/{name}", names or ["x"]),
        "page of 100 records": lambda: get("/api/v1/records/device?limit=100"),
        "whoami": lambda: get("/api/v1/whoami"),
        "windows made and ended": _windows(names),
    }


async def _ask(socket: str, question: Callable[[], bytes], until: float, counts: dict[str, int], times: list[float]) -> None:
    reader, writer = await asyncio.open_unix_connection(socket, limit=1 << 24)
    while time.perf_counter() < until:
        began = time.perf_counter()
        writer.write(question())
        head = await reader.readuntil(HEAD_END)
        status = head[9:12].decode()
        if b"content-length: " in head:
            await reader.readexactly(int(head.split(b"content-length: ")[1].split(b"\r\n")[0]))
        times.append(time.perf_counter() - began)
        counts[status] = counts.get(status, 0) + 1
    writer.close()


async def _run(socket: str, seconds: float, connections: int, kind: str, names: list[str]) -> dict[str, Any]:
    counts: dict[str, int] = {}
    times: list[float] = []
    began = time.perf_counter()
    question = kinds(names)[kind]
    await asyncio.gather(*(_ask(socket, question, began + seconds, counts, times) for _ in range(connections)))
    spent = time.perf_counter() - began
    times.sort()
    share = {str(p): round(times[min(int(len(times) * p / 100), len(times) - 1)] * 1000, 2) for p in (50, 99)}
    return {"statuses": counts, "per_s": len(times) / spent, "ms": share}


def main(socket: str, seconds: str, connections: str, kind: str) -> None:
    names = json.loads(sys.stdin.readline() or "[]")
    print(json.dumps(asyncio.run(_run(socket, float(seconds), int(connections), kind, names))))


if __name__ == "__main__":
    main(*sys.argv[1:])
