"""A word over a long period: a job of the workers, hour by hour from the newest, with progress; it goes on where it was interrupted."""

import time
from typing import Any

import msgspec

from agents.event_words import asked, holds
from agents.hearing import Hearing
from agents.job import Run
from core.events import Event, EventSearch
from core.i18n import tr
from core.paths import data_dir
from core.ports import LogQuery
from stores.logs import open_logs

HOUR_MS = 3_600_000
KEPT_DAYS = 190
SHOWN = 500
"""Newest events of the result; all are counted."""
KEEP_S = 10.0
AT_MOST = 100_000


def run(job: Run) -> dict[str, Any]:
    """`arguments`: an `EventSearch`. The result: how many raw lines hold the word, and the newest of them as events."""
    query = msgspec.convert(job.arguments, EventSearch)
    end = query.end_ms or int(job.checkpoint.get("end_ms", 0)) or time.time_ns() // 1_000_000
    start = query.start_ms or end - KEPT_DAYS * 24 * HOUR_MS
    picky = query.priority < 7 or bool(query.relays)
    store = open_logs(data_dir(job.settings) / "logs", job.settings.logs, readonly=True)
    hearing = Hearing(time.localtime().tm_gmtoff)
    found = [msgspec.convert(one, Event) for one in job.checkpoint.get("events", ())]
    count, capped = int(job.checkpoint.get("count", 0)), bool(job.checkpoint.get("capped"))
    hours, kept = max(1, -(-(end - start) // HOUR_MS)), time.monotonic()
    try:
        for hour in range(int(job.checkpoint.get("hour", 0)), hours):
            job.tell(hour, hours, tr("{count} lines found", count=count))
            last = end - hour * HOUR_MS
            wish = LogQuery(
                start_ms=max(start, last - HOUR_MS), end_ms=last, sources=query.sources + query.relays, kind=query.kind, word=query.grep,
                limit=AT_MOST,
            )
            lines = list(store.search(asked(wish)))
            capped |= len(lines) == AT_MOST
            if picky or len(found) < SHOWN:
                wanted = [event for line in lines if _wanted(event := hearing.event(line), query) and holds(line, event, query.grep)]
                count += len(wanted)
                found += wanted[: SHOWN - len(found)]
            else:
                count += sum(line.kind == "syslog" or holds(line, hearing.event(line), query.grep) for line in lines)
            if time.monotonic() - kept > KEEP_S:
                kept = time.monotonic()
                job.keep({"hour": hour + 1, "end_ms": end, "count": count, "capped": capped, "events": msgspec.to_builtins(found)})
    finally:
        store.close()
    return {"count": count, "at_least": capped, "start_ms": start, "end_ms": end, "events": msgspec.to_builtins(found)}


def _wanted(event: Event, query: EventSearch) -> bool:
    if event.priority > query.priority:
        return False
    return event.source not in query.relays or event.host.casefold() == query.host.casefold()
