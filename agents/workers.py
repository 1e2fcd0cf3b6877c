"""Workers: what takes long or may go wrong. Each job runs in a limited process of its own; its crash is an error of that job only."""

import asyncio
import signal

import msgspec

from agents import job_import, lifeline, sync_serving
from agents.job import Order
from agents.jobprocess import CrashedError, JobProcess
from agents.workforce import Workforce
from core import i18n
from core.errors import InvalidInputError, NoAnswerError, YunwangError
from core.i18n import mark
from core.messages import ImportJob
from core.paths import run_dir
from core.settings import Settings
from links.bus import SocketBus

IMPORT_S = 150.0
IMPORT_CPU_S = 120
IMPORTS_AT_ONCE = 2

_imports: dict[str, JobProcess] = {}
"""Those that are being read, by their ids."""


async def import_job(body: bytes, timeout_s: float = IMPORT_S) -> bytes:
    """The `ImportResult` of an `ImportJob`, both as MessagePack. Raises what the job raised, or why it did not end.

    Why it did not end is said by message ids: the hub knows the language of the person who asked.
    """
    job_id, language = _id_and_language(body)
    order = Order(entry=job_import.ENTRY, settings=Settings(), language=language, body=body, cpu_s=IMPORT_CPU_S)
    process = _imports[job_id] = JobProcess(order)
    try:
        async with asyncio.timeout(timeout_s):
            outcome = await process.run()
    except CrashedError as error:
        raise _unreadable(error) from None
    except TimeoutError:
        raise NoAnswerError(mark("The file takes too long to read."), way_out=mark("Split it into smaller files.")) from None
    finally:
        _imports.pop(job_id, None)
    if outcome.failure:
        raise outcome.failure.error()
    if outcome.result is None:
        raise NoAnswerError(mark("The file takes too long to read."), way_out=mark("Split it into smaller files."))
    return outcome.result


async def stop_import(body: bytes) -> None:
    """Nobody waits for it any more."""
    if process := _imports.get(body.decode("ascii", "replace")):
        process.stop(at_once=True)


def _id_and_language(body: bytes) -> tuple[str, str]:
    try:
        job = msgspec.msgpack.decode(body, type=ImportJob)
    except msgspec.DecodeError:
        return "", i18n.language()  # the job itself says that it was not understood
    return job.id, job.language or i18n.language()


def _unreadable(error: CrashedError) -> YunwangError:
    if error.out_of_bounds:
        return InvalidInputError(mark("The file takes too much memory or time to read."), way_out=mark("Split it into smaller files."))
    way_out = mark("Save it again as xlsx or csv; the log of the workers tells more.")
    return InvalidInputError(mark("The file could not be read."), way_out=way_out)


async def _serve(settings: Settings) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    bus = await SocketBus(run_dir(settings) / "bus.sock", "workers").start()
    await bus.subscribe("work.import", import_job, workers=IMPORTS_AT_ONCE)
    await bus.subscribe("work.import.stop", stop_import)
    await sync_serving.subscribe(bus, settings)
    workforce = Workforce(bus, settings, settings.work.jobs_at_once)
    await workforce.start()
    await bus.wait_connected()
    lifeline.ready()
    await stop.wait()
    await workforce.close()
    await bus.close()


def main(settings: Settings) -> int:
    asyncio.run(_serve(settings))
    return 0
