"""Which devices there are, and what is known of each: assigned by the hub, found out by discovery, handed to the sweeper."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from hashlib import blake2b
from typing import Protocol

import msgspec

from agents.senses.entry import Entry
from agents.senses.explorer import Explorer
from agents.senses.knowing import Known
from agents.senses.ports import ports_of
from agents.senses.secrets import Given, resolve, without_echo, words_of
from agents.senses.shared import Shared
from agents.senses.steady import ended, kept
from core.credentials import mismatch
from core.errors import InvalidInputError, SettingsError, UnavailableError
from core.i18n import tr
from core.measured import Sensor
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
from monitors.rules.applying import for_device, subject_of
from monitors.rules.binding import NOTHING, Block, Interface, bound, told_by
from monitors.rules.book import Book
from monitors.rules.book import shipped as shipped_rules
from monitors.rules.lasting import Watched
from monitors.rules.rule import LIVE, Rule
from monitors.rules.standing import counted

GATHER_S, LONGEST_S = 1.0, 15.0
"""New plans are handed to the engine at most so often, and wait for others at most so long."""
log = logging.getLogger(__name__)


class Sweeping(Protocol):
    """What the roster needs of the sweeper."""

    def assign(self, entries: list[Entry], open_alerts: dict[str, list[Alert]], unusable: dict[str, str]) -> None: ...

    def saw(self, device_id: str, observation: Observation) -> None: ...


class Roster:
    """Lives in the loop. `observed` is called with what a complete discovery found, where that is news."""

    def __init__(
        self,
        settings: Polling,
        catalogue: Catalogue,
        sweeper: Sweeping,
        observed: Callable[[Observed], None],
        opener: Callable[[Target], Session],
        rules: Book | None = None,
    ) -> None:
        self._live: tuple[Rule, ...] = ()
        self._own: frozenset[str] = frozenset()
        self._sweeper, self._observed = sweeper, observed
        self._explorer = Explorer(self, catalogue, opener, settings)
        self._shared = Shared()
        self.known = Known()
        self._entries: dict[str, Entry] = {}
        self._words: tuple[str, ...] = ()
        self._names: dict[str, str] = {}
        self._open: dict[str, list[Alert]] = {}
        self._unusable: dict[str, str] = {}
        self._seen: dict[str, bytes] = {}
        self._changed = asyncio.Event()
        self._told = self._fresh = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._rebinding: asyncio.Task[None] | None = None
        self.judge_by(rules or shipped_rules())

    def judge_by(self, book: Book) -> None:
        """These rules from now on: what they watch of each device is worked out anew, a few devices at a time."""
        live, before = book.of(*LIVE), self._live
        self._live, self._own = live, frozenset(rule.name for rule in book.of("poll", *LIVE))
        if live != before and self._entries:
            if self._rebinding is not None:
                self._rebinding.cancel()
            self._rebinding = asyncio.create_task(self._rebind())

    async def _rebind(self) -> None:
        for device_id in list(self._entries):
            entry = self._entries.get(device_id)
            if entry is not None and entry.checks is not NOTHING:  # of what is not discovered whole nothing is judged, and nothing ends
                self._entries[device_id] = entry._replace(checks=self._checks(entry, self.known.told(device_id).sensors))
                await asyncio.sleep(0)
        self._pass_on()

    def start(self) -> None:
        self._tasks = [asyncio.create_task(kept(self._hand_over))]
        self._explorer.start()

    async def close(self) -> None:
        await self._explorer.close()
        await ended([*self._tasks, *filter(None, [self._rebinding])])

    def assign(self, assign: Assign, given: Given) -> str:
        """Takes over a new assignment, with the secrets that the hub keeps; returns what cannot be polled, in one sentence, or nothing."""
        credentials = {c.name: c for c in assign.credentials}
        unusable: dict[str, str] = {}
        entries: dict[str, Entry] = {}
        for device in assign.devices:
            if device.polled and (entry := self._entry(device, credentials, given, unusable)):
                entries[device.id] = entry
        fresh = [d for d, e in entries.items() if (old := self._entries.get(d)) is None or old.target != e.target]
        left = self._entries.keys() - entries.keys()
        self._explorer.forget(left)
        self.known.forget(left)
        for device_id in left:
            self._seen.pop(device_id, None)
        self._entries, self._unusable = entries, unusable
        self._words = words_of(dict.fromkeys(entry.target.secret for entry in entries.values()))
        self._names = _by_name(assign.devices)
        self._open = {}
        for alert in assign.open_alerts:
            self._open.setdefault(alert.device_id, []).append(alert)
        self._pass_on()
        for device_id in fresh:
            self._explorer.discover(device_id)
        problems = [f"{device.name}: {unusable[device.id]}" for device in assign.devices if device.id in unusable]
        for problem in problems[:20]:
            log.warning("%s", problem)
        return problems[0] if problems else ""

    def orphans(self, assign: Assign) -> list[Alert]:
        """Alerts left open about devices that are no longer polled."""
        own = [a for a in assign.open_alerts if a.rule in self._own]
        return [a for a in own if a.device_id not in self._entries and a.device_id not in self._unusable]

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
            if old.checks is not NOTHING and subject_of(old.device) != subject_of(device):
                old = old._replace(checks=self._checks(old._replace(device=device), self.known.told(device.id).sensors))
            return old._replace(device=device)
        return Entry(device, target)

    def watch(self, device_ids: Iterable[str]) -> None:
        """Devices that somebody looks at: they are discovered before the others."""
        self._explorer.prefer(device_ids)

    def heard(self, device_id: str) -> None:
        """A device answers of which too little is known."""
        self._explorer.heard(device_id)

    def entry_of(self, device_id: str) -> Entry | None:
        """The device as it is known now."""
        return self._entries.get(device_id)

    def saw(self, device_id: str, observation: Observation) -> None:
        """What discovery saw of a device."""
        self._sweeper.saw(device_id, observation)

    def take(self, entry: Entry, found: Discovered) -> None:
        """Makes what was found the plan; an equal plan stays the very same, so that nothing is disturbed."""
        device_id = entry.device.id
        now = self._entries.get(device_id)
        if now is None or now.target != entry.target:
            return
        found = found.replace(observed=without_echo(found.observed, self._words))
        if found.complete or not now.known:
            polled = self._shared.one(found.polled)
            self._fresh += polled is not now.polled
            entry = now._replace(polled=polled, ports=ports_of(found.observed.interfaces), every=found.pace.every)
            if found.complete:
                entry = entry._replace(platform=found.fact("platform"))
                entry = entry._replace(checks=self._checks(entry, found.measured.sensors))
            if entry != now:
                self._entries[device_id] = entry
                self._changed.set()
        if found.complete:
            more = counted(device_id, found.members, found.peers, found.observed.at_ms)
            found = found.replace(observed=found.observed.replace(facts=(*found.observed.facts, *more)))
            self.known.put(device_id, found)
            self._tell(device_id, found)

    def _checks(self, entry: Entry, sensors: Iterable[Sensor]) -> Block:
        """What the rules watch of a device; the same as before where nothing of it changed. `NOTHING` is of one that is not known: one
        with no rows is another."""
        rules = for_device(self._live, subject_of(entry.device, entry.platform))
        made = bound(rules, entry.polled, _interfaces(entry), told_by(sensors))
        return entry.checks if made == entry.checks and entry.checks is not NOTHING else made

    def watched(self) -> list[Watched]:
        """What rules over a while need of all devices. May be called from any thread."""
        return [
            Watched(
                entry.device.id, subject_of(entry.device, entry.platform), entry.polled.meaning, _interfaces(entry),
                known=entry.checks is not NOTHING,
            )
            for entry in list(self._entries.values())
        ]

    def _tell(self, device_id: str, found: Discovered) -> None:
        if (name := found.fact("sysName").lower()) and name not in self._names:
            self._names[name] = device_id
        observed = found.observed.replace(links=resolved(found.observed.links, self._names, self._ports_of))
        digest = _timeless(observed)
        if self._seen.get(device_id) != digest:
            self._seen[device_id] = digest
            self._observed(observed)

    def _ports_of(self, device_id: str) -> tuple[str, ...]:
        """What a device calls its ports, as far as it was discovered."""
        entry = self._entries.get(device_id)
        return tuple(entry.ports.name) if entry else ()

    def _pass_on(self) -> None:
        self._shared.keep(entry.polled for entry in self._entries.values())
        self._sweeper.assign(list(self._entries.values()), self._open, self._unusable)

    async def _hand_over(self) -> None:
        """Gives new plans to the sweeper, many at a time: a new arena costs the more the more devices there are."""
        while True:
            await self._changed.wait()
            await self._gathered()
            self._changed.clear()
            self._told, self._fresh = max(self._told, self._fresh), 0
            self._pass_on()
            await asyncio.sleep(GATHER_S)

    async def _gathered(self) -> None:
        """Waits for more new plans: twice as many as were ever handed over at once, all first ones, or all there will be."""
        deadline = time.monotonic() + LONGEST_S
        explorer, first = self._explorer, self._explorer.first_ones
        while (  # noqa: ASYNC110 - whatever comes first
            time.monotonic() < deadline and explorer.busy and self._fresh < 2 * self._told and explorer.first_ones >= first
        ):
            await asyncio.sleep(0.1)
        await asyncio.sleep(0.1)


def _interfaces(entry: Entry) -> dict[int, Interface]:
    ports = entry.ports
    return {
        index: Interface(speed, alias, bool(alerting))
        for index, speed, alias, alerting in zip(ports.if_index, ports.speed_bps, ports.alias, ports.alerting, strict=True)
    }


def _target(device: Device, credentials: dict[str, CredentialRef], given: Given) -> Target:
    credential = credentials.get(device.credential)
    if not device.credential:
        raise SettingsError(
            tr("It has no credential, and no credential set found one yet."),
            way_out=tr("Give it one, or make a set that holds its address: yunwang credential-set add"),
        )
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


def _timeless(observed: Observed) -> bytes:
    """A digest that is the same whenever the same was observed."""
    plain = observed.replace(
        at_ms=0,
        facts=tuple(f.replace(valid_from=0) for f in observed.facts),
        links=tuple(link.replace(valid_from=0) for link in observed.links),
        stations=tuple(one.replace(valid_from=0) for one in observed.stations),
    )
    return blake2b(msgspec.msgpack.encode(plain), digest_size=16).digest()
