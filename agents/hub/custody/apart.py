"""Threads for what may wait long for others (hosts, Vault): the hub's own threads must stay free for its records."""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Apart:
    """A few threads of one purpose."""

    def __init__(self, threads: int, name: str) -> None:
        self._pool = ThreadPoolExecutor(threads, name)

    async def __call__(self, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """In one of them, in the language of whoever asks."""
        context = contextvars.copy_context()
        return await asyncio.get_running_loop().run_in_executor(self._pool, lambda: context.run(function, *args, **kwargs))

    def close(self) -> None:
        """Does not wait for what hangs: it ends with the process."""
        self._pool.shutdown(wait=False, cancel_futures=True)
