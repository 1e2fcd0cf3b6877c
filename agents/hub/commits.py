"""Group commit: whatever small writes wait are committed together, each with its own actor and key, each acknowledged after that commit."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar, cast

import msgspec

from agents.hub.records import now_ms
from core.errors import BusyError, StorageError
from core.i18n import tr
from core.identity import Actor
from core.ports import RecordStore, RecordWrite

T = TypeVar("T")

MAX_GROUP = 200
MAX_WAITING = 5000


class Key(NamedTuple):
    """An idempotency key with what it was given for."""

    text: str
    digest: str
    """Of the request: another one with the same key is refused."""

    def answer(self, result: Any) -> dict[str, Any]:
        """What is kept under the key."""
        return {"digest": self.digest, "result": msgspec.to_builtins(result)}


class _Waiting(NamedTuple):
    actor: Actor
    change: Callable[[RecordWrite], Any]
    key: Key | None
    done: "asyncio.Future[Any]"


class GroupCommit:
    """The one way in which the hub writes small things. One that cannot be written fails alone, and leaves nothing behind."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._queue: asyncio.Queue[_Waiting] = asyncio.Queue(MAX_WAITING)
        self._thread = ThreadPoolExecutor(1, "commits")
        self.commits = self.written = 0
        """Since the start: how many times, and how many writes."""

    @property
    def waiting(self) -> int:
        return self._queue.qsize()

    async def write(self, actor: Actor, change: Callable[[RecordWrite], T], key: Key | None = None) -> T:
        """What `change` returned, once it is durable; raises why it is not."""
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        try:
            self._queue.put_nowait(_Waiting(actor, change, key, done))
        except asyncio.QueueFull:
            raise BusyError(tr("Too many writes wait for the disk."), way_out=tr("Try again in some seconds.")) from None
        return cast("T", await done)

    async def run(self) -> None:
        loop = asyncio.get_running_loop()
        while True:
            group = [await self._queue.get()]
            while len(group) < MAX_GROUP and not self._queue.empty():
                group.append(self._queue.get_nowait())
            try:
                results = await loop.run_in_executor(self._thread, self._commit, group)
            except Exception as error:  # noqa: BLE001 -- whoever waits is told
                results = [error] * len(group)
            for waiting, result in zip(group, results, strict=True):
                _settle(waiting.done, result)

    def close(self) -> None:
        self._thread.shutdown(wait=True)

    def _commit(self, group: Sequence[_Waiting]) -> list[Any]:
        """The result of each, or what was wrong with it."""
        with self._store.together():
            results = [self._one(waiting) for waiting in group]
        self.commits += 1
        self.written += len(group)
        return results

    def _one(self, waiting: _Waiting) -> Any:
        key = waiting.key
        try:
            with self._store.write(waiting.actor, now_ms(), key.text if key else "") as write:
                result = waiting.change(write)
                if key:
                    write.answer(key.answer(result))
        except StorageError:
            raise
        except Exception as error:  # noqa: BLE001 -- one bad change must not take the others with it
            return error
        return result


def _settle(done: "asyncio.Future[Any]", result: Any) -> None:
    if done.done():
        return
    if isinstance(result, Exception):
        done.set_exception(result)
    else:
        done.set_result(result)
