"""The records as the hub uses them: reads beside the event loop, and the time."""

import asyncio
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def steady_ms() -> int:
    """Of a clock that nobody sets."""
    return time.monotonic_ns() // 1_000_000


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs a read of a store beside the event loop."""
    return await asyncio.to_thread(function, *args, **kwargs)
