"""The hub's part that looks after the node itself."""

import asyncio
import contextlib
import logging
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.hub.jobs.kinds import Kind
from agents.hub.node import heartbeat
from agents.hub.node.health import REFUSED_TOLD_MS, Clock, Facts, judge, worst
from agents.hub.node.probes import Newest, backup_error, damaged, disk, newest_row
from agents.hub.node.traffic import Traffic
from agents.hub.records import in_thread, now_ms, steady_ms
from core import __version__
from core.errors import InvalidInputError, YunwangError
from core.i18n import mark, tr
from core.node import Heartbeat, NodeStatus, Reason
from core.paths import data_dir, run_dir
from core.ports import RecordStore

if TYPE_CHECKING:
    from agents.hub.hub import Hub

LOOK_S, WRITE_S = 15.0, 15.0
"""How often is looked, and how often a write is tried as long as all is well."""
SOON_S = 0.5
FRESH_MS = 1000
BACKUP, EXPORT = mark("Back up everything."), mark("Export settings, rules and schedules to git.")

log = logging.getLogger(__name__)


class Node:
    """Looks at disk, records, clock and children again and again, and tells the outside."""

    def __init__(self, hub: "Hub") -> None:
        settings = hub.settings
        self._hub, self._settings = hub, settings
        self.data, self._run = data_dir(settings), run_dir(settings)
        self.traffic = Traffic(self.data / "log" / "access.log", settings.service.log_format)
        self.traffic.on_fault = self._met_a_fault
        self.facts = Facts(now_ms=now_ms())
        self.heartbeat_error = ""
        self.beats = 0
        self._clock = Clock(now_ms(), steady_ms())
        self._wrote = 0.0
        self._look_soon = asyncio.Event()
        self._faults: list[int] = []
        self._told: frozenset[str] = frozenset()

    async def start(self) -> None:
        work_of_ours = (
            Kind(name="backup", entry="agents.node.jobs:make_backup", action="node.backup", summary=BACKUP, check=_backup_arguments),
            Kind(name="settings.export", entry="agents.node.jobs:export_settings", action="node.export", summary=EXPORT),
        )
        for kind in work_of_ours:
            self._hub.work.register(kind)
        for work in (self._watch(), self.traffic.run()):
            self._hub.spawn(work)
        if self._settings.service.heartbeat_url:
            self._hub.spawn(self._beat())

    async def close(self) -> None:
        await self.traffic.flush()

    def reasons(self) -> tuple[Reason, ...]:
        """What is wrong now: the last look, with the children as they are at this moment."""
        from agents.supervisor import read_status

        polling = self._hub.polling
        return judge(self.facts._replace(
            now_ms=now_ms(), processes=read_status(self._run), samples_error=polling.storage_error, polling_error=polling.polling_error,
            seal_error=self._hub.audit.trouble, notify_error=self._hub.notify.problem,
            rules_error=self._hub.ruling.error,
        ))

    def asked(self) -> None:
        """Somebody wants to know: the next answer shall be younger than this one."""
        if not 0 <= now_ms() - self.facts.now_ms < FRESH_MS:
            self._look_soon.set()

    def revision(self) -> int:
        """Of the records; 0 where they cannot be read: the reasons say why."""
        try:
            return self._hub.store.revision()
        except YunwangError:
            return 0

    def status(self) -> NodeStatus:
        return worst(self.reasons())

    def _met_a_fault(self) -> None:
        self._faults = [*self._faults[-999:], now_ms()]
        self._look_soon.set()

    async def _watch(self) -> None:
        while True:
            try:
                await self.look()
            except Exception:
                log.exception("The look at the node failed.")
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_S):
                    await self._look_soon.wait()
            await asyncio.sleep(SOON_S)
            self._look_soon.clear()

    async def look(self) -> None:
        """One look at everything; what is new is logged."""
        self._clock = self._clock.look(now_ms(), steady_ms())
        now = time.monotonic()
        writing = bool(self._faults or self.facts.write_error) or now - self._wrote >= WRITE_S
        self._wrote = now if writing else self._wrote
        facts, newest = await in_thread(_look, self.data, self._hub.store, writing)
        self._faults = [at for at in self._faults if 0 <= facts.now_ms - at < REFUSED_TOLD_MS]
        self.facts = facts._replace(
            clock_step_ms=self._clock.step_ms, clock_step_at=self._clock.at_ms, refused=len(self._faults),
            records_error=newest.error, newest_row_ms=newest.at_ms,
        )
        reasons = self.reasons()
        for reason in reasons:
            if reason.code not in self._told:
                log.warning("The node is %s: %s", reason.status, reason.message.format(**reason.values))
        self._told = frozenset(reason.code for reason in reasons)

    async def _beat(self) -> None:
        """A heartbeat at each interval; a receiver that is away is told once in the log."""
        address = heartbeat.parse(self._settings.service.heartbeat_url)
        while True:
            try:
                await in_thread(heartbeat.post, address, self._heartbeat())
                if self.heartbeat_error:
                    log.info("Heartbeats arrive again.")
                self.heartbeat_error = ""
            except YunwangError as error:
                if not self.heartbeat_error:
                    log.warning("%s", error)
                self.heartbeat_error = str(error)
            await asyncio.sleep(self._settings.service.heartbeat_s)

    def _heartbeat(self) -> Heartbeat:
        self.beats += 1
        reasons = self.reasons()
        return Heartbeat(
            node=socket.gethostname(), version=__version__, at_ms=now_ms(), number=self.beats, every_s=self._settings.service.heartbeat_s,
            status=worst(reasons), reasons=tuple(reason.code for reason in reasons), revision=self.revision(),
            devices=self._hub.table.count(), alerts=sum(self._hub.overview().alerts.values()),
        )


def _look(data: Path, store: RecordStore, writing: bool) -> tuple[Facts, Newest]:
    """What takes time: beside the event loop."""
    found = disk(data, writing=writing)
    facts = Facts(
        now_ms=now_ms(), disk_size=found.size, disk_free=found.free, write_error=found.error, damaged=damaged(data),
        backup_error=backup_error(store),
    )
    return facts, newest_row(store)


def _backup_arguments(given: dict[str, Any]) -> dict[str, Any]:
    """A backup by the hub goes where its settings say: a request must not choose where the service writes."""
    known = {"with_key": bool, "kept": bool}
    if any(name not in known or not isinstance(value, known[name]) for name, value in given.items()):
        raise InvalidInputError(tr("A backup takes with_key and kept, each true or false."))
    return given
