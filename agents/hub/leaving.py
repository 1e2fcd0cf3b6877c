"""Whoever asked may go away before the answer: Ctrl+C, a lost connection."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def leaving(request: Any) -> Iterator["asyncio.Future[None]"]:
    """Done when the connection ends before the answer. Only after the body was read: it listens to what comes behind it."""
    task = asyncio.ensure_future(_left(request))
    try:
        yield task
    finally:
        task.cancel()


async def _left(request: Any) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass
