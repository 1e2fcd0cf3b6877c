"""The records as the hub uses them: reads in threads, writes one after another, many small ones in one transaction."""

import asyncio
import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, ParamSpec, TypeVar

from core.errors import StorageError
from core.identity import Actor
from core.ports import RecordStore, RecordWrite

P = ParamSpec("P")
R = TypeVar("R")

MAX_GROUP = 200
MAX_WAITING = 5000


def now_ms() -> int:
    return time.time_ns() // 1_000_000


class _Waiting(NamedTuple):
    change: Callable[[RecordWrite], None]
    done: "asyncio.Future[None]"


class GroupCommit:
    """Many small writes of one actor: whatever waits is committed together, and each is acknowledged after that commit.

    One that cannot be written fails alone.
    """

    def __init__(self, store: RecordStore, actor: Actor) -> None:
        self._store, self._actor = store, actor
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(MAX_WAITING)

    async def write(self, change: Callable[[RecordWrite], None]) -> None:
        """Returns when `change` is durable; raises why it is not."""
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        await self._queue.put(_Waiting(change, done))
        await done

    async def run(self) -> None:
        while True:
            group = [await self._queue.get()]
            while len(group) < MAX_GROUP and not self._queue.empty():
                group.append(self._queue.get_nowait())
            await self._commit(group)

    async def _commit(self, group: Sequence[_Waiting]) -> None:
        try:
            await asyncio.to_thread(self._transaction, [waiting.change for waiting in group])
        except StorageError as error:
            for waiting in group:
                _settle(waiting.done, error)
        except Exception as error:  # noqa: BLE001 -- one bad change must not take the others with it
            if len(group) == 1:
                _settle(group[0].done, error)
            else:
                for waiting in group:
                    await self._commit([waiting])
        else:
            for waiting in group:
                _settle(waiting.done, None)

    def _transaction(self, changes: Sequence[Callable[[RecordWrite], None]]) -> None:
        with self._store.write(self._actor, now_ms()) as write:
            for change in changes:
                change(write)


def _settle(done: "asyncio.Future[None]", error: Exception | None) -> None:
    if done.done():
        return
    if error is None:
        done.set_result(None)
    else:
        done.set_exception(error)


async def in_thread(function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Runs a read of a store beside the event loop."""
    return await asyncio.to_thread(function, *args, **kwargs)


def plain(value: Any) -> dict[str, Any]:
    """A noun as the journal and the idempotency table keep it."""
    import msgspec

    result: dict[str, Any] = msgspec.to_builtins(value)
    return result
