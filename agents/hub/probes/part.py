"""The part of the hub that knows the probes: what senses are told of them, and what they found last."""

from typing import TYPE_CHECKING

import msgspec

from agents.hub.probes import keeping
from agents.hub.probes.objects import about, task_of
from agents.hub.records import in_thread
from agents.hub.sight import Sight
from core.errors import NoAnswerError, UnavailableError
from core.i18n import tr
from core.identity import Actor
from core.ports import RecordStore
from core.probes import Outcome, Probe, ProbeNews, ProbeRow, ProbeTask
from links.ssh import Checked

if TYPE_CHECKING:
    from agents.hub.hub import Hub

SENSES = Actor(name="system:senses", origin="process")
TEST_S = 75.0


class Probing:
    """A part of the hub. What was found is not kept over a restart: senses tell it again at the next run."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._last: dict[str, Outcome] = {}
        self._shown: dict[tuple[str, int], str] = {}

    async def start(self) -> None:
        await self._hub.bus.subscribe("live.probes", self._take)

    async def close(self) -> None:
        """Nothing to close."""

    def tasks(self, store: RecordStore) -> tuple[ProbeTask, ...]:
        """In a thread: what senses are to run."""
        return tuple(task_of(store, probe) for probe in keeping.every(store) if probe.enabled)

    async def rows(self, sight: Sight) -> list[ProbeRow]:
        """Those about objects that are seen, by name."""
        rows = await in_thread(self._rows)
        return [row for row in rows if sight.sees(row.unit, row.site)]

    def _rows(self) -> list[ProbeRow]:
        out = []
        for probe in sorted(keeping.every(self._hub.store), key=lambda one: one.name):
            where = about(self._hub.store, probe)
            outcome = self._last.get(probe.name, Outcome())
            if not where.known:
                outcome = Outcome(answer="unusable", said=tr("Its object is no longer in the inventory."))
            out.append(ProbeRow(probe=_brief(probe), outcome=outcome, host=where.host, unit=where.unit, site=where.site))
        return out

    async def place(self, name: str) -> tuple[str, str]:
        """Unit and site of what a probe is about; empty for a probe that is not there."""
        found = await in_thread(self._hub.store.find, "probe", name)
        where = await in_thread(about, self._hub.store, found) if isinstance(found, Probe) else None
        return (where.unit, where.site) if where else ("", "")

    async def test(self, name: str) -> Outcome:
        """What it finds now, from where senses are."""
        await keeping.named(self._hub, name)
        try:
            outcome = msgspec.msgpack.decode(
                await self._hub.bus.request("senses.probe", msgspec.msgpack.encode(name), TEST_S), type=Outcome,
            )
        except NoAnswerError as error:
            way_out = tr("Try again; `yunwang hub status` tells more.")
            raise UnavailableError(tr("Senses do not answer."), way_out=way_out) from error
        self._last[name] = outcome
        return outcome

    def forget(self, name: str) -> None:
        self._last.pop(name, None)

    async def _take(self, body: bytes) -> None:
        for row in msgspec.msgpack.decode(body, type=ProbeNews).rows:
            self._last[row.name] = row.outcome
            if shown := row.outcome.facts.get("host_key"):
                await self._saw(row.name, shown)

    async def _saw(self, name: str, shown: str) -> None:
        """A host's key, pinned at first sight; another one raises the alert that every other login raises."""
        probe = await in_thread(self._hub.store.find, "probe", name)
        if not isinstance(probe, Probe):
            return
        task = await in_thread(task_of, self._hub.store, probe)
        place = (task.host, probe.port or 22)
        if shown in (task.host_key, self._shown.get(place)):
            return
        self._shown[place] = shown
        algorithm, _, fingerprint = shown.partition(" ")
        checked = Checked("ok", algorithm=algorithm, fingerprint=fingerprint)
        await self._hub.custody.host_keys.saw(SENSES, *place, checked, task.object_id)
        self._hub.assign_soon()


def _brief(probe: Probe) -> Probe:
    """Without the text of a certificate: that it is there is enough."""
    return probe.replace(options={name: "PEM" if name == "authority" else value for name, value in probe.options.items()})
