"""Questions about sources that somebody waits for, each in a limited process of its own: is it reachable, what does this file say."""

import msgspec

from agents.job import Order
from agents.jobprocess import CrashedError, JobProcess
from core.errors import InvalidInputError, NoAnswerError
from core.i18n import mark, tr_in
from core.settings import Settings
from core.sources import SourceAsk
from links.bus import SocketBus

ANSWER_S = 75.0
CPU_S = 60
AT_ONCE = 2


async def subscribe(bus: SocketBus, settings: Settings) -> None:
    async def asked(body: bytes) -> bytes:
        return await answer(body, settings)

    await bus.subscribe("work.source", asked, workers=AT_ONCE)


async def answer(body: bytes, settings: Settings) -> bytes:
    """A `SourceAnswer` to a `SourceAsk`, both as MessagePack."""
    import asyncio

    language = msgspec.msgpack.decode(body, type=SourceAsk).language
    process = JobProcess(Order(entry="agents.sync:answer", settings=settings, language=language, body=body, cpu_s=CPU_S))
    slow = NoAnswerError(
        tr_in(language, mark("The source takes too long to answer.")),
        way_out=tr_in(language, mark("Check what lies between, or its load.")),
    )
    try:
        async with asyncio.timeout(ANSWER_S):
            outcome = await process.run()
    except CrashedError:
        raise InvalidInputError(
            tr_in(language, mark("What the source says takes too much memory or time to read.")),
            way_out=tr_in(language, mark("The log of the workers tells more.")),
        ) from None
    except TimeoutError:
        raise slow from None
    if outcome.failure:
        raise outcome.failure.error()
    if outcome.result is None:
        raise slow
    return outcome.result
