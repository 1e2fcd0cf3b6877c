"""The tables of one device carried over the wire, as `inventory.crawl` asks for them: bounded in rows, and in time over all of them."""

import asyncio

from core.errors import ForbiddenError, NoAnswerError, ProtocolError
from core.i18n import tr
from core.polling import Oid, Session
from inventory.crawl.asking import ASKS, BOX, Part, Told, enterprise_of, next_ask
from inventory.crawl.bridging import Box, box_of

LONGEST_S = 60.0
"""For all tables of one device."""
MOST_SILENCES = 2
"""Tables that may remain unanswered: a device that has stopped to answer is not asked for the rest."""


async def read_box(session: Session) -> Box:
    """What tells the box, whatever it is called; empty where it does not say."""
    try:
        found = {binding.oid: binding.value for binding in await session.get(BOX)}
    except (NoAnswerError, ProtocolError):
        return Box()
    return box_of(*(found.get(oid) for oid in BOX))


async def read_tables(session: Session, object_id: Oid, parts: tuple[Part, ...], longest_s: float = LONGEST_S) -> dict[str, Told]:
    """What the device has of the tables. Whatever ended a table early is told with it; the others are read all the same."""
    heard: dict[str, Told] = {}
    maker, silences = enterprise_of(object_id), 0
    try:
        async with asyncio.timeout(longest_s):
            wanted = [ask for ask in ASKS if ask.part in parts and ask.enterprise in (0, maker)]
            there = await session.holding([ask.root for ask in wanted])
            heard |= {ask.name: Told({}) for ask, has in zip(wanted, there, strict=True) if not has}
            while (ask := next_ask(heard, parts, maker)) is not None:
                heard[ask.name] = Told({}, tr("It was not read: the device takes too long."))
                try:
                    read = await session.table(ask.columns, ask.limit)
                    heard[ask.name] = Told(read.rows, read.problem)
                except (NoAnswerError, ProtocolError) as error:
                    heard[ask.name] = Told({}, error.message)
                    silences += isinstance(error, NoAnswerError)
                except ForbiddenError as error:
                    heard[ask.name] = Told({}, error.message)
                    return heard
                if silences >= MOST_SILENCES:
                    return heard
    except TimeoutError:
        return heard
    return heard
