"""Events out of the logs, newest first: raw lines are read again on their way out. Called in threads."""

import time
from collections.abc import Callable, Iterator
from typing import NamedTuple

from agents.event_words import asked, holds
from agents.hearing import Hearing
from core.events import Event
from core.ports import LogQuery, LogStore
from core.signals import RawLine

CHUNK = 2_000
MOST = 100_000
LOOKED = 100_000
"""Lines that one question looks at: what lies deeper is asked for with an earlier end, or by a job."""
LONGEST_S = 5.0


class Found(NamedTuple):
    """Newest first. Everything not older than `looked_to_ms` was looked at; complete: the whole period."""

    events: list[Event]
    looked_to_ms: int
    complete: bool


def lines_of(store: LogStore, query: LogQuery) -> Iterator[list[RawLine]]:
    """All lines of the question, newest first, in chunks of whole milliseconds; `limit` counts for nothing."""
    end, size = query.end_ms, CHUNK
    while end > query.start_ms:
        lines = list(store.search(query.replace(end_ms=end, limit=size)))
        if len(lines) < size:
            yield lines
            return
        oldest = lines[-1].at_ms
        whole = [line for line in lines if line.at_ms > oldest]
        if not whole and size < MOST:
            size = min(size * 10, MOST)  # so many in one millisecond
            continue
        if not whole:
            whole, oldest = lines, oldest - 1
        end, size = oldest + 1, CHUNK
        yield whole


def search(store: LogStore, query: LogQuery, wanted: Callable[[Event], bool], limit: int, zone_s: int) -> Found:
    """At most `limit` events that are wanted."""
    hearing, out, looked = Hearing(zone_s), list[Event](), 0
    until = time.monotonic() + LONGEST_S
    for lines in lines_of(store, asked(query)):
        for line in lines:
            event = hearing.event(line)
            if wanted(event) and (not query.word or holds(line, event, query.word)):
                out.append(event)
                if len(out) >= limit:
                    return Found(out, line.at_ms, complete=False)
        looked += len(lines)
        if lines and (looked >= LOOKED or time.monotonic() > until):
            return Found(out, lines[-1].at_ms, complete=False)
    return Found(out, query.start_ms, complete=True)
