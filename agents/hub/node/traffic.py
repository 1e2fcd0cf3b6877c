"""The requests that the hub answers: counted, timed, and written down one line each. The query of an address is never kept."""

import asyncio
import contextlib
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from agents.rotating import LogFile

BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0)
FLUSH_S = 0.5
MAX_LINES = 5_000
"""Lines that may wait for the disk; more are counted and left out."""
MAX_PATH = 300
ACCESS_BYTES, ACCESS_FILES = 10 * 1024 * 1024, 5
STORAGE_FAULTS = (503, 507)
App = Callable[[Any, Any, Any], Awaitable[None]]
_encode = msgspec.json.Encoder().encode


class Traffic:
    """`app` is the application under this count. Belongs to one event loop; only the file is written in a thread."""

    def __init__(self, file: Path, form: str) -> None:
        self.answers: Counter[tuple[str, int]] = Counter()
        """By method and status."""
        self.buckets = [0] * (len(BOUNDS_S) + 1)
        self.seconds = 0.0
        self.lost_lines = 0
        self.on_fault: Callable[[], None] = lambda: None
        """Called after an answer that tells of a fault of the storage."""
        self._as_json = form == "json"
        self._lines: list[str] = []
        self._file = LogFile(file, ACCESS_BYTES, ACCESS_FILES)

    def around(self, app: App) -> App:
        """The same application, watched."""

        async def watched(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                await app(scope, receive, send)
                return
            began, status, number = time.perf_counter(), 500, ""

            async def sending(message: Any) -> None:
                nonlocal status, number
                if message["type"] == "http.response.start":
                    status = message["status"]
                    number = _header(message.get("headers", ()), b"x-request-id")
                    if _is_endless(scope):
                        self._count(scope, status, time.perf_counter() - began, number)
                await send(message)

            try:
                await app(scope, receive, sending)
            finally:
                if not _is_endless(scope):
                    self._count(scope, status, time.perf_counter() - began, number)

        return watched

    def _count(self, scope: Any, status: int, seconds: float, number: str) -> None:
        self.answers[scope["method"][:8], status] += 1
        self.buckets[bisect_left(BOUNDS_S, seconds)] += 1
        self.seconds += seconds
        if status in STORAGE_FAULTS:
            self.on_fault()
        if status == 200 and scope["path"] == "/healthz":
            return  # asked every few seconds, and nothing to remember
        if len(self._lines) >= MAX_LINES:
            self.lost_lines += 1
        else:
            self._lines.append(self._line(scope, status, seconds, number))

    def _line(self, scope: Any, status: int, seconds: float, number: str) -> str:
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        state = scope.get("state") or {}
        actor = getattr(state.get("caller"), "actor", None) or state.get("actor")
        caller, origin = (actor.name, actor.origin) if actor else ("", "")
        path = scope["path"][:MAX_PATH]
        if self._as_json:
            line = {
                "at": at, "process": "hub", "logger": "access", "method": scope["method"][:8], "path": path, "status": status,
                "ms": round(seconds * 1000, 2), "caller": caller, "origin": origin, "request": number,
            }
            return _encode(line).decode()
        words = (at, scope["method"][:8], _plain(path), status, f"{seconds * 1000:.1f}ms", _plain(caller), origin, number)
        return " ".join(str(word) or "-" for word in words)

    async def run(self) -> None:
        """Writes what waits, for ever."""
        while True:
            await asyncio.sleep(FLUSH_S)
            await self.flush()

    async def flush(self) -> None:
        if self._lines:
            lines, self._lines = self._lines, []
            with contextlib.suppress(OSError):
                await asyncio.to_thread(self._file.put, "\n".join(lines))


def _is_endless(scope: Any) -> bool:
    """A stream lasts as long as its console: its time says nothing."""
    return bool(scope["path"].endswith("/stream"))


def _header(headers: Any, name: bytes) -> str:
    value = next((value for key, value in headers if key.lower() == name), b"")
    return _plain(value[:64].decode("latin-1"))


def _plain(text: str) -> str:
    """One word of printable characters: a line of the log must stay one line."""
    if text.isprintable() and " " not in text:
        return text
    return "".join(c if c.isprintable() and c != " " else "?" for c in text)
