"""Workers: what takes long or may go wrong. Each job runs in a limited process of its own; its crash is an error of that job only."""

import asyncio
import contextlib
import logging
import os
import signal
import sys

import msgspec

from agents import lifeline
from agents.job import Outcome
from core import i18n
from core.errors import InvalidInputError, NoAnswerError, YunwangError
from core.i18n import mark
from core.paths import run_dir
from core.settings import Settings
from links.bus import SocketBus

JOB_S = 150.0
AT_ONCE = 2
MAX_ERRORS = 4096

log = logging.getLogger(__name__)


async def import_job(body: bytes, timeout_s: float = JOB_S) -> bytes:
    """The `ImportResult` of an `ImportJob`, both as MessagePack. Raises what the job raised, or why it did not end.

    Why it did not end is said by message ids: the hub knows the language of the person who asked.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-P", "-m", "agents.job", str(os.getpid()), i18n.language(),
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )
    try:
        output, errors = await asyncio.wait_for(process.communicate(body), timeout_s)
    except TimeoutError:
        raise NoAnswerError(mark("The file takes too long to read."), way_out=mark("Split it into smaller files.")) from None
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
    if process.returncode != 0:
        log.error("A job ended with %s: %s", process.returncode, errors[-MAX_ERRORS:].decode("utf-8", "replace"))
        raise _crashed(process.returncode, errors)
    return _result(output)


def _crashed(code: int | None, errors: bytes) -> YunwangError:
    if b"MemoryError" in errors or code in (-signal.SIGKILL, -signal.SIGXCPU):
        return InvalidInputError(mark("The file takes too much memory or time to read."), way_out=mark("Split it into smaller files."))
    way_out = mark("Save it again as xlsx or csv; the log of the workers tells more.")
    return InvalidInputError(mark("The file could not be read."), way_out=way_out)


def _result(output: bytes) -> bytes:
    outcome = msgspec.msgpack.decode(output, type=Outcome)
    if outcome.failure:
        raise outcome.failure.error()
    return msgspec.msgpack.encode(outcome.result)


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    bus = await SocketBus(run_dir(settings) / "bus.sock", "workers").start()
    await bus.subscribe("work.import", import_job, workers=AT_ONCE)
    await bus.wait_connected()
    lifeline.ready()
    await stop.wait()
    await bus.close()


def main(settings: Settings) -> int:
    asyncio.run(_serve(settings))
    return 0
