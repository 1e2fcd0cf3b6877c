"""The devices that are polled right now: the engine's arena of their readings, the ledger of what these mean, and what one poll says."""

import logging
import time
from collections.abc import Collection, Mapping, Sequence

from agents.senses.entry import Entry, finite, judged_ports, measures_of, rows_of
from agents.senses.knowing import Current
from agents.senses.series import number_the_rest, numbered
from agents.senses.store import SampleWriter
from agents.senses.trial import separated
from core.errors import YunwangError
from core.messages import LiveDevice, LiveInterfaces
from core.polling import PollStatus
from core.signals import Alert, SampleBlock
from core.views import Status
from links.snmp.engine import Engine
from monitors.judge import Observation, Port
from monitors.rules.fleet import Fleet, Member
from monitors.samples import Ledger, Live

REINDEX_PAUSE_S = 60.0
"""A device's tables are not read anew more often than that, however often it says that they moved."""
_STATUS: dict[int, Status] = {
    PollStatus.COMPLETE: "up",
    PollStatus.PARTIAL: "partial",
    PollStatus.REINDEXED: "up",
    PollStatus.NO_ANSWER: "down",
    PollStatus.REFUSED: "refused",
    PollStatus.ALIVE: "up",
}
"""A device that moved its rows is being discovered anew; nothing is wrong with it."""
_ANSWERED = frozenset(int(s) for s in (PollStatus.COMPLETE, PollStatus.PARTIAL, PollStatus.REINDEXED, PollStatus.ALIVE))
log = logging.getLogger(__name__)


class Arena:
    """Devices by number, until they are assigned anew. Belongs to the sweeping thread."""

    def __init__(self, engine: Engine, writer: SampleWriter) -> None:
        self.entries: list[Entry] = []
        self.place: dict[str, int] = {}
        self._engine, self._writer = engine, writer
        self._ledger: Ledger | None = None
        self._odd: set[str] = set()
        self._asked: dict[str, float] = {}

    def clear(self) -> None:
        """No devices, and nothing remembered of their readings."""
        self._engine.assign([])
        self.entries, self.place, self._ledger = [], {}, None

    def take_over(self, entries: list[Entry]) -> Mapping[str, str]:
        """Polls these devices, without those that would keep the others from it: returns why, by device. Those that stay keep their
        memory."""
        unusable: Mapping[str, str] = {}
        try:
            self._make(entries)
            self._odd = set()
        except Exception as error:  # noqa: BLE001 - whatever is odd about one device, the others are polled
            parts = separated(self._engine, entries)
            self._make(parts.entries)
            self._odd, unusable = parts.odd, parts.unusable
            for device_id in parts.odd:
                log.warning("What was discovered of %s cannot be polled: %s", device_id, error)
        for device_id in self._asked.keys() - self.place.keys():
            del self._asked[device_id]
        return unusable

    def _make(self, entries: list[Entry]) -> None:
        old, before, was = self._ledger, self.entries, self.place
        pairs = [(n, was[e.target.device_id]) for n, e in enumerate(entries) if e.target.device_id in was]
        same = {n: o for n, o in pairs if before[o].polled is entries[n].polled}
        stayed = [(n, o) for n, o in same.items() if before[o].target == entries[n].target]
        known = [None if old is None or n not in same else old.numbers(same[n]) for n in range(len(entries))]
        numbers = numbered(entries, known, self._writer)
        self._engine.assign([(e.asked, e.polled.plan) for e in entries])
        self._ledger = ledger = Ledger(self._engine.readings, [e.polled for e in entries], numbers)
        self.entries, self.place = entries, {e.target.device_id: n for n, e in enumerate(entries)}
        if old is not None:
            ledger.carry_time(old, pairs)
            ledger.carry(old, stayed)

    def number_the_rest(self) -> None:
        """Series numbers for those that the store could not give them before."""
        if self._ledger is not None:
            number_the_rest(self.entries, self._ledger, self._writer)

    @property
    def _book(self) -> Ledger:
        if self._ledger is None:
            raise YunwangError("Nothing is assigned.")
        return self._ledger

    def advance(self, finished: Sequence[int], now_ms: int) -> tuple[SampleBlock, Live]:
        """Samples and live figures of devices whose polls finished."""
        return self._book.advance(self._engine.readings, finished, now_ms)

    def watched(
        self, fleet: Fleet, open_alerts: Mapping[str, Sequence[Alert]], now_ms: int, unusable: Collection[str] = (),
    ) -> tuple[Alert, ...]:
        """Has the fleet watch these devices from now on; what that ends. unusable: those that cannot be asked."""
        first = self._book.meter.offset
        members = [Member(e.target.device_id, e.checks, int(first[n])) for n, e in enumerate(self.entries)]
        return fleet.assign(members, open_alerts, now_ms, unusable)

    def judged(self, fleet: Fleet, live: Live, now_ms: int) -> tuple[Alert, ...]:
        """What follows from the values of the devices that answered just now."""
        return fleet.look(live.device, self._book.value, now_ms)

    def ports(self, number: int) -> tuple[Port, ...]:
        """The device's ports as they were read last."""
        return judged_ports(self.entries[number], self._book, number)

    def interfaces(self, device_id: str, changed: Mapping[str, int]) -> LiveInterfaces:
        """All interface rows. changed: when each port's state last changed."""
        number = self.place[device_id]
        at_ms = int(self._book.at_ms[number])
        return LiveInterfaces(device_id=device_id, at_ms=at_ms, rows=rows_of(self.entries[number], self._book, number, at_ms, changed))

    def current(self, device_id: str) -> tuple[int, Current]:
        """When the device was polled last, and its measures; 0 and nothing where it never was."""
        number = self.place.get(device_id)
        if number is None or self._ledger is None:
            return 0, {}
        return int(self._ledger.at_ms[number]), measures_of(self.entries[number], self._ledger, number)

    def answered(self, number: int) -> bool:
        """Whether the last poll had an answer."""
        return int(self._engine.readings.status[number]) in _ANSWERED

    def was_light(self, number: int) -> bool:
        """The last poll asked only whether the device answers."""
        return bool(self._engine.readings.status[number] == PollStatus.ALIVE)

    def undiscovered(self) -> int:
        """Devices that answer and of which nothing is known yet."""
        status = self._engine.readings.status.tolist()
        return sum(s in _ANSWERED and not e.known for s, e in zip(status, self.entries, strict=True))

    def observation(self, number: int, rebooted: bool) -> Observation:
        """What the last poll saw of a device."""
        entry, readings = self.entries[number], self._engine.readings
        address, uptime_s = entry.target.address, int(readings.uptime[number] // 100)
        if self.answered(number):
            ports = self.ports(number) if entry.known and not self.was_light(number) else None
            return Observation("yes", uptime_s, rebooted, ports, address)
        refused = readings.status[number] == PollStatus.REFUSED
        return Observation("refused" if refused else "none", uptime_s, rebooted, None, address)

    def row(self, number: int, now_ms: int, live: Live, at: int | None) -> LiveDevice:
        """The device's line on the screen. at: its place in `live`, where it answered."""
        readings, entry = self._engine.readings, self.entries[number]
        status, answered = _STATUS.get(int(readings.status[number]), "unknown"), self.answered(number)
        row = LiveDevice(
            id=entry.target.device_id,
            status=status,
            since=now_ms,
            polled_at=int(readings.at[number] * 1000) if answered else now_ms,
            rtt_ms=round(finite(readings.rtt[number] * 1000), 2),
            uptime_s=int(readings.uptime[number] // 100) if answered else -1,
        )
        if at is None or not entry.known:
            return row
        return row.replace(
            in_bps=round(finite(live.in_bps[at]), 1),
            out_bps=round(finite(live.out_bps[at]), 1),
            ports_up=int(live.ports_up[at]),
            ports=int(live.ports[at]),
        )

    def is_unknown(self, number: int, rebooted: bool) -> bool:
        """Whether the device answers and is to be discovered: too little is known, or what is known is no longer right."""
        entry, device_id = self.entries[number], self.entries[number].target.device_id
        if not self.answered(number) or device_id in self._odd:
            return False
        if not entry.known or rebooted:
            return True
        now = time.monotonic()
        early = now - self._asked.get(device_id, -REINDEX_PAUSE_S) < REINDEX_PAUSE_S
        if early or self._engine.readings.status[number] != PollStatus.REINDEXED:
            return False
        self._asked[device_id] = now
        return True
