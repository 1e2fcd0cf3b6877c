"""Which devices there are, what is known of each, and the discovery that finds it out: living ones first, the rest when there is time."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from typing import Protocol

from agents.senses_discovery import Discovery
from agents.senses_entry import Entry
from agents.senses_secrets import Given, resolve
from agents.senses_steady import ended, kept
from core.credentials import mismatch
from core.errors import ForbiddenError, InvalidInputError, NoAnswerError, SettingsError, UnavailableError, YunwangError
from core.i18n import tr
from core.messages import Assign, Observed
from core.objects import CredentialRef, Device
from core.polling import Session, SnmpSecret, Target
from core.sections import Polling
from core.signals import Alert
from links.snmp.users import user_of
from links.snmp.wire import name_of
from monitors.discovery import Discovered
from monitors.judge import Observation
from monitors.neighbours import resolved
from monitors.profiles import Catalogue

FIRST_WORKERS, REST_WORKERS = 48, 6
GATHER_S, LONGEST_S = 1.0, 15.0
"""New plans are handed to the engine at most so often, and wait for others at most so long."""
FIRST_PAUSE_S, LAST_PAUSE_S = 30.0, 3600.0
"""After a discovery that failed though the device lives."""
log = logging.getLogger(__name__)


class Sweeping(Protocol):
    """What the roster needs of the sweeper."""

    def assign(self, entries: list[Entry], open_alerts: dict[str, list[Alert]], unusable: dict[str, str]) -> None: ...

    def saw(self, device_id: str, observation: Observation) -> None: ...


class Roster:
    """Lives in the loop. `observed` is called with what a complete discovery found."""

    def __init__(
        self,
        settings: Polling,
        catalogue: Catalogue,
        sweeper: Sweeping,
        observed: Callable[[Observed], None],
        opener: Callable[[Target], Session],
    ) -> None:
        self._settings, self._catalogue, self._sweeper, self._observed, self._opener = settings, catalogue, sweeper, observed, opener
        self._entries: dict[str, Entry] = {}
        self._begun: dict[str, Discovery] = {}
        self._names: dict[str, str] = {}
        self._open: dict[str, list[Alert]] = {}
        self._unusable: dict[str, str] = {}
        self._seen: dict[str, Observed] = {}
        self._failures: dict[str, int] = {}
        self._due: dict[str, float] = {}
        self._first: asyncio.Queue[str] = asyncio.Queue()
        self._rest: asyncio.Queue[str] = asyncio.Queue()
        self._queued: set[str] = set()
        self._changed = asyncio.Event()
        self._told = self._fresh = self._beginning = 0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        work = [kept(self._hand_over), kept(self._clockwork)]
        work += [self._worker(self._first, self._begin) for _ in range(FIRST_WORKERS)]
        work += [self._worker(self._rest, self._finish) for _ in range(REST_WORKERS)]
        self._tasks = [asyncio.create_task(w) for w in work]

    async def close(self) -> None:
        await ended(self._tasks)

    def assign(self, assign: Assign, given: Given) -> str:
        """Takes over a new assignment, with the secrets that the hub keeps; returns what cannot be polled, in one sentence, or nothing."""
        credentials = {c.name: c for c in assign.credentials}
        unusable: dict[str, str] = {}
        entries: dict[str, Entry] = {}
        for device in assign.devices:
            if device.polled and (entry := self._entry(device, credentials, given, unusable)):
                entries[device.id] = entry
        fresh = [d for d, e in entries.items() if (old := self._entries.get(d)) is None or old.target != e.target]
        for device_id in self._entries.keys() - entries.keys():
            for memory in (self._begun, self._seen, self._failures, self._due):
                memory.pop(device_id, None)
        self._entries, self._unusable = entries, unusable
        self._names = _by_name(assign.devices)
        self._open = {}
        for alert in assign.open_alerts:
            self._open.setdefault(alert.device_id, []).append(alert)
        self._sweeper.assign(list(entries.values()), self._open, unusable)
        for device_id in fresh:
            self.discover(device_id)
        problems = [f"{device.name}: {unusable[device.id]}" for device in assign.devices if device.id in unusable]
        for problem in problems[:20]:
            log.warning("%s", problem)
        return problems[0] if problems else ""

    def orphans(self, assign: Assign) -> list[Alert]:
        """Alerts left open about devices that are no longer polled."""
        return [a for a in assign.open_alerts if a.device_id not in self._entries and a.device_id not in self._unusable]

    def _entry(
        self, device: Device, credentials: dict[str, CredentialRef], given: Given, unusable: dict[str, str],
    ) -> Entry | None:
        try:
            target = _target(device, credentials, given)
        except (SettingsError, InvalidInputError, UnavailableError) as error:
            unusable[device.id] = str(error)
            return None
        old = self._entries.get(device.id)
        if old is not None and old.target == target:
            return old._replace(device=device)
        return Entry(device, target)

    def discover(self, device_id: str) -> None:
        """Soon, unless it is under way."""
        if device_id in self._entries and device_id not in self._queued:
            self._queued.add(device_id)
            (self._rest if self._entries[device_id].known else self._first).put_nowait(device_id)

    def heard(self, device_id: str) -> None:
        """A device answers of which too little is known: discovers it, unless that failed lately."""
        if device_id not in self._failures or device_id not in self._due:
            self.discover(device_id)

    async def _worker(self, work: asyncio.Queue[str], what: Callable[[Entry], Awaitable[None]]) -> None:
        while True:
            device_id = await work.get()
            entry = self._entries.get(device_id)  # not in one expression: it would look into the roster of before the wait
            if entry is None:
                self._queued.discard(device_id)
                continue
            try:
                await what(entry)
            except NoAnswerError:
                self._failed(device_id, Observation("none", address=entry.target.address))
            except ForbiddenError:
                self._failed(device_id, Observation("refused", address=entry.target.address))
            except (YunwangError, OSError) as error:
                log.warning("%s: %s", entry.device.name, error)
                self._failed(device_id, None)
            except Exception:
                log.exception("Discovering %s failed.", entry.device.name)
                self._failed(device_id, None)

    def _failed(self, device_id: str, seen: Observation | None) -> None:
        """A silent device is asked again when the engine hears it; one that talks nonsense after a while."""
        self._queued.discard(device_id)
        self._begun.pop(device_id, None)
        if seen is not None:
            self._sweeper.saw(device_id, seen)
        if seen is None or seen.answer == "refused":
            count = self._failures[device_id] = self._failures.get(device_id, 0) + 1
            self._due[device_id] = time.monotonic() + min(FIRST_PAUSE_S * 2 ** min(count, 10), LAST_PAUSE_S)

    async def _begin(self, entry: Entry) -> None:
        self._beginning += 1
        try:
            async with _session(self._opener, entry.target) as session:
                discovery = Discovery(session, self._catalogue, entry.device.id)
                found = await discovery.begin(_now_ms())
        finally:
            self._beginning -= 1
        self._take(entry, found)
        self._sweeper.saw(entry.device.id, Observation("yes", discovery.uptime_s, address=entry.target.address))
        self._begun[entry.device.id] = discovery
        self._rest.put_nowait(entry.device.id)

    async def _finish(self, entry: Entry) -> None:
        while self._first.qsize():  # noqa: ASYNC110 - many wait, and none of them urgently
            await asyncio.sleep(0.2)
        begun = self._begun.pop(entry.device.id, None)
        async with _session(self._opener, entry.target) as session:
            discovery = begun.resume(session) if begun else Discovery(session, self._catalogue, entry.device.id)
            found = await discovery.finish(_now_ms())
        self._take(entry, found)
        self._complete(entry, found)

    def _take(self, entry: Entry, found: Discovered) -> None:
        """Makes what was found the plan; an equal plan stays the very same, so that nothing is disturbed."""
        device_id = entry.device.id
        now = self._entries.get(device_id)
        if now is None or now.target != entry.target:
            return
        if not found.complete and now.known:
            return
        polled = now.polled if now.polled == found.polled else found.polled
        self._fresh += polled is not now.polled
        entry = now._replace(polled=polled, interfaces=found.observed.interfaces)
        if entry != now:
            self._entries[device_id] = entry
            self._changed.set()

    def _complete(self, entry: Entry, found: Discovered) -> None:
        device_id = entry.device.id
        self._queued.discard(device_id)
        self._failures.pop(device_id, None)
        self._due[device_id] = time.monotonic() + self._settings.rediscover_s
        if (name := found.fact("sysName").lower()) and name not in self._names:
            self._names[name] = device_id
        observed = found.observed.replace(links=resolved(found.observed.links, self._names))
        plain = observed.replace(at_ms=0, facts=tuple(f.replace(valid_from=0) for f in observed.facts))
        plain = plain.replace(links=tuple(link.replace(valid_from=0) for link in plain.links))
        if device_id in self._entries and self._seen.get(device_id) != plain:
            self._seen[device_id] = plain
            self._observed(observed)

    async def _hand_over(self) -> None:
        """Gives new plans to the sweeper, many at a time: a new arena costs the more the more devices there are."""
        while True:
            await self._changed.wait()
            await self._gathered()
            self._changed.clear()
            self._told, self._fresh = max(self._told, self._fresh), 0
            self._sweeper.assign(list(self._entries.values()), self._open, self._unusable)
            await asyncio.sleep(GATHER_S)

    async def _gathered(self) -> None:
        """Waits for more new plans: twice as many as were ever handed over at once, all first ones, or all there will be."""
        deadline = time.monotonic() + LONGEST_S
        first = self._first_ones
        while time.monotonic() < deadline and self._queued and self._fresh < 2 * self._told and self._first_ones >= first:  # noqa: ASYNC110
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.1)

    @property
    def _first_ones(self) -> bool:
        """Devices wait for their first plan."""
        return bool(self._first.qsize() or self._beginning)

    async def _clockwork(self) -> None:
        while True:
            await asyncio.sleep(1.0)
            now = time.monotonic()
            for device_id in [d for d, at in self._due.items() if at <= now]:
                del self._due[device_id]
                self.discover(device_id)


def _target(device: Device, credentials: dict[str, CredentialRef], given: Given) -> Target:
    credential = credentials.get(device.credential)
    if credential is None:
        problem = tr("It has no credential called {name}.", name=repr(device.credential))
        raise SettingsError(problem, way_out=tr("Give it one of those in the inventory."))
    secret: SnmpSecret = resolve(credential, given)
    if mismatch(device.snmp_version, credential.kind):
        chosen = device.snmp_version
        raise SettingsError(tr("SNMP version {version} and credential {name} do not go together.", version=chosen, name=credential.name))
    name_of(device.address, device.snmp_port)
    if device.snmp_version == "3":
        user_of(secret)
    return Target(
        device_id=device.id,
        address=device.address,
        port=device.snmp_port,
        version=device.snmp_version,
        secret=secret,
        interval_s=device.interval_s,
        timeout_s=device.timeout_ms / 1000,
        retries=device.retries,
    )


def _by_name(devices: Iterable[Device]) -> dict[str, str]:
    """Device id by lower-case name."""
    return {device.name.lower(): device.id for device in devices}


@contextlib.asynccontextmanager
async def _session(opener: Callable[[Target], Session], target: Target) -> AsyncIterator[Session]:
    session = opener(target)
    try:
        yield session
    finally:
        await session.close()


def _now_ms() -> int:
    return time.time_ns() // 1_000_000
