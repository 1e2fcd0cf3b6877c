"""What of jobs is kept, how long, and within which bounds."""

import asyncio
import logging
from typing import TYPE_CHECKING, Any

import msgspec

from agents.hub.records import in_thread, now_ms
from core import jobs
from core.errors import YunwangError
from core.i18n import mark, tr
from core.identity import Actor
from core.ports import ListQuery, RecordStore
from core.work import Job

if TYPE_CHECKING:
    from agents.hub.hub import Hub

QUEUE = Actor(name="system:jobs", origin="process")
MOST_ARGUMENTS = 64 * 1024
MOST_RESULT = 256 * 1024
DAY_S = 86_400
CRASHED = mark("It failed inside; the log of the hub tells more.")

log = logging.getLogger(__name__)


def said(message: str, way_out: str) -> str:
    """An error as the job keeps it: in the language of this hub."""
    return f"{tr(message)} {tr(way_out) if way_out else ''}".strip()


def bounded(result: dict[str, Any]) -> tuple[dict[str, Any] | None, str]:
    try:
        if len(msgspec.json.encode(result)) <= MOST_RESULT:
            return result, ""
    except (TypeError, ValueError, msgspec.MsgspecError):
        log.exception("The result of a job cannot be kept.")
    return None, CRASHED


def unfinished(store: RecordStore) -> list[Job]:
    found: list[Job] = []
    for state in ("running", "waiting"):
        cursor = ""
        while True:
            page = store.page("job", ListQuery(where={"state": state}, sort="due_at", limit=1000, cursor=cursor))
            found += [msgspec.convert(item, Job) for item in page.items]
            cursor = page.cursor
            if not cursor:
                break
    return found


def ended_before(store: RecordStore, before_ms: int) -> list[str]:
    """A thousand a day at most: it catches up."""
    page = store.page("job", ListQuery(sort="created_at", limit=1000))
    return [item["id"] for item in page.items if item["state"] in jobs.ENDED and item["created_at"] < before_ms]


async def forget_old(hub: "Hub") -> None:
    """Once a day."""
    while True:
        try:
            before = now_ms() - hub.settings.work.jobs_kept_days * DAY_S * 1000
            for job_id in await in_thread(ended_before, hub.store, before):
                await hub.commits.write(QUEUE, lambda write, it=job_id: write.delete("job.forget", "job", it))  # type: ignore[misc]
        except YunwangError as error:
            log.warning("Old jobs could not be forgotten: %s", error)
        await asyncio.sleep(DAY_S)
