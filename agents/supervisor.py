"""The parent of hub, senses, ears and workers: starts them in order, restarts what dies, stops all in order.

`python -m agents.supervisor FD` is the detached form that `agents.launch` starts.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from agents import dumps, logs
from agents.keeper import Keeper
from agents.lifeline import Lifeline, Orders, Word
from agents.notify import Notifier
from agents.places import Lock, prepare
from agents.pulse import Pulse
from agents.rotating import LogFile
from core import i18n
from core.errors import NoAnswerError, YunwangError
from core.failure import Failure
from core.i18n import tr
from core.paths import data_dir, run_dir
from core.views import ProcessRow

START_S = 60.0
PATIENCE_S = 10.0
BEGIN_S = 900.0
"""A hub that is started again may take so long: it may have records to bring up to date."""
STATUS = "status.json"

log = logging.getLogger(__name__)


class Supervisor:
    """Runs until SIGTERM, SIGINT or the hub's wish."""

    def __init__(self, orders: Orders, lock: Lock) -> None:
        self.orders, self._lock = orders, lock
        self._status = run_dir(orders.settings) / STATUS
        self._stop = asyncio.Event()
        child_orders = orders.replace(parent=os.getpid())
        folder = data_dir(orders.settings) / "log"
        self.keepers = [Keeper(kind, child_orders, folder, lock.fd, self._write_status) for kind in orders.kinds]
        self._tasks: list[asyncio.Task[None]] = []
        self._systemd = Notifier()
        self._pulse = Pulse(run_dir(orders.settings) / "hub.sock", self._hub_answers, self._hub_hangs, self._hub_starts,
                            self._systemd.watchdog_s)

    async def run(self, started: Callable[[], None]) -> None:
        """Raises what kept a child from starting; `started` is called when all are there."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._hang_up)
        try:
            hub, *others = self.keepers
            hub.on_stop = self._asked_to_stop
            await self._start([hub])
            await self._start(others)
            started()
            self._systemd.tell(READY=1, STATUS=tr("All processes work."), MAINPID=os.getpid())
            self._tasks.append(asyncio.create_task(self._pulse.run()))
            await self._stop.wait()
        finally:
            self._systemd.tell(STOPPING=1, STATUS=tr("Stopping in order."))
            await self._stop_all()

    def _hang_up(self) -> None:
        """A terminal that was closed ends what it started; without one it is the wish that files be read anew."""
        if sys.stdin is not None and sys.stdin.isatty():
            self._stop.set()
        else:
            self.keepers[0].signal(signal.SIGHUP)

    def _hub_answers(self) -> None:
        down = ", ".join(keeper.kind for keeper in self.keepers if not keeper.pid)
        status = tr("These processes are down: {names}.", names=down) if down else tr("All processes work.")
        self._systemd.tell(WATCHDOG=1, STATUS=status)

    def _hub_starts(self) -> bool:
        """It is away, or has not said yet that it is ready; but not for ever."""
        hub = self.keepers[0]
        return not hub.ready and time.monotonic() - hub.began < BEGIN_S

    def _hub_hangs(self) -> None:
        hub = self.keepers[0]
        log.error("The hub (process %d) has not answered for %.0f s and is ended.", hub.pid, self._pulse.dead_s)
        self._systemd.tell(STATUS=tr("The hub does not answer and is started again."))
        self._tasks.append(asyncio.create_task(hub.replace_hanging()))

    async def _start(self, keepers: list[Keeper]) -> None:
        self._tasks += [asyncio.create_task(keeper.run()) for keeper in keepers]
        stop = asyncio.create_task(self._stop.wait())
        words = asyncio.gather(*(keeper.first_word for keeper in keepers))
        waiting: list[asyncio.Future[Any]] = [stop, words]
        done, _ = await asyncio.wait(waiting, timeout=START_S, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if not done:
            names = ", ".join(k.kind for k in keepers if not k.first_word.done())
            raise NoAnswerError(tr("These processes did not start in time: {names}.", names=names), way_out=tr("See their logs."))
        if words in done:
            for failure in filter(None, words.result()):
                raise failure.error()

    def _asked_to_stop(self, reason: str) -> None:
        log.info("Stopping: %s", reason)
        self._stop.set()

    async def _stop_all(self) -> None:
        for keeper in reversed(self.keepers):
            await keeper.stop(PATIENCE_S)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._status.unlink(missing_ok=True)

    def _write_status(self) -> None:
        """For `hub status` and /healthz; nobody's only copy, so an error is only logged."""
        temporary = self._status.with_suffix(".new")
        try:
            temporary.write_bytes(msgspec.json.encode([keeper.row() for keeper in self.keepers]))
            temporary.replace(self._status)
        except OSError as error:
            log.warning("The status could not be written: %s", error.strerror)


def read_status(folder: Path) -> tuple[ProcessRow, ...]:
    """The children as the supervisor last saw them; empty when none runs."""
    with contextlib.suppress(OSError, msgspec.DecodeError):
        return msgspec.json.decode((folder / STATUS).read_bytes(), type=tuple[ProcessRow, ...])
    return ()


def supervise(orders: Orders, started: Callable[[], None]) -> None:
    """Makes the folders ready, takes the lock and runs; raises why it cannot."""
    prepare(orders.settings)
    lock = Lock(orders.settings)
    lock.take()
    try:
        asyncio.run(_run(orders, lock, started))
    finally:
        lock.release()


async def _run(orders: Orders, lock: Lock, started: Callable[[], None]) -> None:
    await Supervisor(orders, lock).run(started)


def main(arguments: list[str]) -> int:
    lifeline = Lifeline(int(arguments[0]))
    lifeline.die_with_parent()
    dumps.forbid()
    orders = lifeline.orders
    i18n.use(orders.language)
    try:
        prepare(orders.settings)
        logs.set_up(orders.settings, "supervisor", LogFile(data_dir(orders.settings) / "log" / "supervisor.log"))
        supervise(orders, lambda: lifeline.tell(Word(ready=True)))
    except YunwangError as error:
        lifeline.tell(Word(failure=Failure.of(error)))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
