"""Alerts that nobody judges any more end with a reason: of rules that are gone, objects that are deleted, devices no longer polled."""

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from agents.hub.alerting.closing import Watching
from agents.hub.records import in_thread, now_ms
from core.errors import NotFoundError, YunwangError
from core.graph import GraphView
from core.i18n import tr
from core.identity import Actor
from core.ports import RecordWrite
from core.signals import Alert, Comment
from core.views import AlertRow

if TYPE_CHECKING:
    from agents.hub.hub import Hub

ENDER = Actor(name="system:alerts", origin="process")
LOOK_S = 60.0
MOST_AT_ONCE = 500
log = logging.getLogger(__name__)


async def close_alerts(hub: "Hub", where: Callable[[AlertRow], bool], reason: str, now: int) -> int:
    """Closes the open alerts that `where` says, with the reason as a comment; how many."""
    ids = [row.id for row in hub.table.open_alerts() if where(row)]
    count = 0
    for start in range(0, len(ids), MOST_AT_ONCE):
        some = ids[start : start + MOST_AT_ONCE]
        async with hub.alerting.one:
            done = await hub.commits.write(ENDER, lambda write, some=some: _put(write, some, reason, now))  # type: ignore[misc]
            await hub.alerting.show(done)
        hub.alerting.forget(done)
        count += len(done)
    return count


def _put(write: RecordWrite, ids: Sequence[str], reason: str, now: int) -> list[Alert]:
    """Those that are still open."""
    done = []
    for alert_id in ids:
        try:
            fresh: Alert = write.get("alert", alert_id)
        except NotFoundError:
            continue
        if not fresh.cleared_at:
            said = Comment(at_ms=now, by=ENDER.name, text=reason)
            done.append(fresh.replace(cleared_at=max(now, fresh.raised_at + 1), comments=(*fresh.comments, said)))
            write.put("alert.close", done[-1])
    return done


class Ending:
    """Looks every minute. What is seen twice in a row is so, and no moment between two changes."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._seen: Mapping[str, str] = {}
        """Why, by the id of each that was seen by the last look."""

    async def run(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self.look(now_ms())
            except YunwangError as error:
                log.warning("Alerts that nobody judges could not be closed: %s", error)
            except Exception:
                log.exception("Alerts that nobody judges could not be closed.")

    async def look(self, now: int) -> int:
        """How many were closed."""
        await self._hub.ruling.ready.wait()
        rows = self._hub.table.open_alerts()
        if not rows:
            self._seen = {}
            return 0
        view = await self._hub.graphs.view()
        found = await in_thread(lambda: _reasons(Watching.of(self._hub), rows, view))
        certain: dict[str, set[str]] = defaultdict(set)
        for alert_id, reason in found.items():
            if self._seen.get(alert_id) == reason:
                certain[reason].add(alert_id)
        self._seen = found
        return sum([await close_alerts(self._hub, lambda row, ids=ids: row.id in ids, tr(reason), now)  # type: ignore[misc]
                    for reason, ids in certain.items()])


def _reasons(watching: Watching, rows: Sequence[AlertRow], view: GraphView) -> dict[str, str]:
    def is_there(object_id: str) -> bool:
        try:
            view.node(object_id)
        except NotFoundError:
            return False
        return True

    there = {object_id: is_there(object_id) for object_id in {row.device_id for row in rows}}
    return {row.id: reason for row in rows if (reason := watching.ended(row, there[row.device_id]))}
