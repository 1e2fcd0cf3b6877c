"""Alerts on their way into the records: each is told what is behind it, by all that is open and by the graph.

Nothing of it is kept but in the alerts themselves: after a crash the same comes out of what is open. Decided in a thread, all together;
what changed for alerts that are stored already is written by a task, merged into each as it is by then.
"""

import asyncio
import logging
import time
from collections.abc import Container, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import msgspec

from agents.hub.alerting.meeting import renewed
from agents.hub.records import in_thread, now_ms
from agents.hub.suppress.looking import Look, Mark, answered, restarted
from core.errors import NotFoundError, YunwangError
from core.events import Event
from core.identity import Actor
from core.ports import ListQuery, RecordStore, RecordWrite
from core.signals import Alert
from core.views import AlertRow
from monitors.suppress import (
    History,
    Meaning,
    Seen,
    Surroundings,
    Verdict,
    Word,
    flapping,
    meaning_of,
    meanings,
    powerless,
    recent,
    remembered,
    verdicts,
)

if TYPE_CHECKING:
    from agents.hub.hub import Hub

SETTLER = Actor(name="system:suppress", origin="process")
LOOK_S = 2.0
"""How often it is looked whether time, the graph or an answer changed something."""
BUSY_SHARE = 5
"""After each pass it rests so many times as long as the pass took: a storm of small batches does not keep the hub busy."""
ARRANGE_S = 10.0
"""How old the arranged graph may be."""
MOST_MARKS = 500
RECENT = 2000
MOST_GASPS = 5000
GASP_MS = 60 * 60_000
FORGET_MS = 60_000
UNSETTLED_S = 30.0
"""Longer nothing waits to be settled before it is told: at worst it is told as a root."""

log = logging.getLogger(__name__)


class Suppress:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.known: Mapping[str, Meaning] = {}
        """What the rules in force mean, by name; of others their name tells. Whoever loads rules puts it here."""
        self._history: History = {}
        self._forgot_at = 0
        self._powerless: dict[str, Word] = {}
        self._around: Surroundings | None = None
        self._arranged = (-1, 0.0)
        """Of which revision, and when."""
        self._one = asyncio.Lock()
        self._news = asyncio.Event()
        self._rest_until = 0.0
        self._returned: dict[str, Alert] = {}
        self._unsettled: dict[str, float] = {}
        """What is stored otherwise than it was decided, or was not decided yet, and since when."""
        self._looked = False
        self._began = time.monotonic()

    async def start(self) -> None:
        from monitors.rules.book import shipped

        self.known = self.known or meanings((await in_thread(shipped)).rules.values())
        self._hub.events.listeners.append(self.heard)
        self._history = remembered({}, await in_thread(_recent, self._hub.store), now_ms())
        self._hub.spawn(self._look_for_ever())

    async def close(self) -> None:
        """Its task ends with the hub; what was not written is found again."""

    async def settle(self, changed: Sequence[Alert], now: int) -> Sequence[Alert]:
        """The changed alerts, in their order, as they are to be stored. What others become because of them is written right after. Never
        fails: at worst they stay as they are, and are settled a moment later."""
        self._history = remembered(self._history, (one for one in changed if not one.cleared_at), now)
        self._returned |= {one.id: one for one in changed if one.cleared_at and self.meaning(one.rule) == "silent"}
        self._news.set()
        if time.monotonic() < self._rest_until:
            return self._unsettled_yet(changed)
        try:
            found = await self._look(changed, now)
        except YunwangError as error:
            log.warning("Alerts are not settled yet: %s", error)
            return self._unsettled_yet(changed)
        except Exception:
            log.exception("Alerts could not be settled.")
            return self._unsettled_yet(changed)
        self._wait_for(row.id for row in self._hub.table.open_alerts() if row.suppressed_by != found.root(row.id, row.suppressed_by))
        return [_marked(one, found.mark(one.id, flapping(self._history, one, now))) if not one.cleared_at else self._as_known(one)
                for one in changed]

    async def heard(self, events: Sequence[Event]) -> None:
        """What devices said by themselves: some say that their power goes."""
        for device, word in powerless(events).items():
            self._powerless.pop(device, None)
            if word.at_ms:
                self._powerless[device] = word
        while len(self._powerless) > MOST_GASPS:
            del self._powerless[next(iter(self._powerless))]

    def meaning(self, rule: str) -> Meaning:
        return self.known.get(rule) or meaning_of(rule)

    def seen(self) -> Seen:
        """Who answered when, and who told that its power goes."""
        told = self._powerless.items()
        return Seen(
            answered(self._hub.table.all_devices()), {device: word.at_ms for device, word in told},
            {device: word.at_ms for device, word in told if word.room},
        )

    async def surroundings(self) -> Surroundings:
        """The graph as it is now, or was a moment ago: every alert that is written makes another revision."""
        revision, at = self._arranged
        if self._around is not None and time.monotonic() - at < ARRANGE_S:
            return self._around
        view = await self._hub.graphs.view()
        if self._around is None or revision != view.revision:
            from inventory.graph.reach import roots

            self._around = await in_thread(lambda: Surroundings(view, roots(view)))
        self._arranged = view.revision, time.monotonic()
        return self._around

    @property
    def is_deciding(self) -> bool:
        """Whether alerts came that might still change what stands in the table of others."""
        return bool(self._unsettled) or not self._looked

    def is_settled(self, alert_id: str) -> bool:
        """Whether it stands in the table as it was decided; what is not is told a moment later."""
        since = self._unsettled.get(alert_id, None if self._looked else self._began)
        return since is None or time.monotonic() - since > UNSETTLED_S

    def _unsettled_yet(self, changed: Sequence[Alert]) -> list[Alert]:
        self._wait_for(one.id for one in changed if not one.cleared_at)
        return [self._as_known(one) for one in changed]

    def _wait_for(self, alert_ids: Iterable[str]) -> None:
        now = time.monotonic()
        for one in alert_ids:
            self._unsettled.setdefault(one, now)

    def _as_known(self, alert: Alert) -> Alert:
        """With what was settled before; of one that clears this is its last word."""
        row = self._hub.table.alert(alert.id)
        return _marked(alert, _mark_of(row)) if row is not None else alert

    async def _look(self, changed: Sequence[Alert], now: int) -> Look:
        """All that will be open once these are stored, decided together."""
        async with self._one:
            around = await self.surroundings()
            alerts: dict[str, Alert | AlertRow] = {row.id: row for row in self._hub.table.open_alerts()}
            for one in changed:
                if one.cleared_at:
                    alerts.pop(one.id, None)
                else:
                    alerts[one.id] = one
            seen, known = self.seen(), dict(self.known)
            began = time.monotonic()
            found: dict[str, Verdict] = await in_thread(verdicts, list(alerts.values()), around, seen, known)
            self._rest_until = time.monotonic() + BUSY_SHARE * (time.monotonic() - began)
            return Look(found, alerts, now)

    async def _look_for_ever(self) -> None:
        while True:
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._news.wait()
            except TimeoutError:
                pass
            self._news.clear()
            await asyncio.sleep(max(0.05, self._rest_until - time.monotonic()))
            try:
                await self.look_again(now_ms())
            except YunwangError as error:
                log.warning("Alerts are not settled yet: %s", error)
            except Exception:
                log.exception("Alerts could not be settled.")

    async def look_again(self, now: int) -> int:
        """Writes what stands otherwise for stored alerts; how many."""
        self._powerless = {device: word for device, word in self._powerless.items() if word.at_ms > now - GASP_MS}
        if now - self._forgot_at > FORGET_MS or now < self._forgot_at:
            self._history, self._forgot_at = recent(self._history, now), now
        waiting = dict(self._unsettled)
        if not self._returned and not self._hub.table.open_alerts():
            self._decided(waiting, waiting)
            return 0
        found = await self._look((), now)
        marks = {}
        for row in found.alerts.values():
            mark = found.mark(row.id, flapping(self._history, row, now))
            mark = mark._replace(cause=mark.cause or ("" if mark.suppressed_by else row.cause))
            if mark != _mark_of(row):
                marks[row.id] = mark
        marks |= self._after_all(now)
        count = await self._write(marks, now)
        self._decided(waiting, found.alerts)
        return count

    def _decided(self, waiting: Mapping[str, float], looked_at: Container[str]) -> None:
        """What waited and was looked at stands in the table as it was decided; of what came meanwhile nothing is said."""
        self._looked = True
        late = time.monotonic() - UNSETTLED_S
        self._unsettled = {
            one: at for one, at in self._unsettled.items() if at > late and not (one in looked_at and waiting.get(one) == at)
        }

    def _after_all(self, now: int) -> dict[str, Mark]:
        """Of devices that answer again: whether they were without power, or only out of reach, is told by how long they run."""
        marks = {}
        for alert in list(self._returned.values()):
            row, told = self._hub.table.row(alert.device_id), self._hub.table.alert(alert.id)
            if row is not None and told is not None and row.polled_at >= alert.cleared_at and row.uptime_s >= 0:
                cause = "power" if restarted(row, alert.raised_at) else "line"
                if not told.suppressed_by and told.cause in ("", "line-or-power"):
                    marks[alert.id] = _mark_of(told)._replace(cause=cause)
                del self._returned[alert.id]
            elif alert.cleared_at < now - GASP_MS:
                del self._returned[alert.id]
        return marks

    async def _write(self, marks: Mapping[str, Mark], now: int) -> int:
        ids = list(marks)
        for start in range(0, len(ids), MOST_MARKS):
            some = {one: marks[one] for one in ids[start : start + MOST_MARKS]}
            async with self._hub.alerting.one:
                done = await self._hub.commits.write(SETTLER, lambda write, some=some: _put(write, some, now))  # type: ignore[misc]
                self._hub.table.put_alerts(done, same_texts=True)
            await self._hub.notify.offer(done, now)
        return len(ids)


def _put(write: RecordWrite, marks: Mapping[str, Mark], now: int) -> list[Alert]:
    """Those that are still there, as they are by now, with their marks."""
    done = []
    for alert_id, mark in marks.items():
        try:
            fresh: Alert = write.get("alert", alert_id)
        except NotFoundError:
            continue
        after = _marked(fresh, mark)
        if fresh.suppressed_by and not (mark.suppressed_by or fresh.cleared_at):
            after = after.replace(renewed_at=renewed(fresh, now))
        if after != fresh:
            write.put("alert.suppress" if mark.suppressed_by and not fresh.suppressed_by else "alert.settle", after)
        done.append(after)
    return done


def _marked(alert: Alert, mark: Mark) -> Alert:
    after = alert.replace(**mark._asdict())
    return alert if after == alert else after


def _mark_of(row: Alert | AlertRow) -> Mark:
    return Mark(row.suppressed_by, row.suppressed, row.flapping, row.cause, row.left, row.of, row.together, row.place)


def _recent(store: RecordStore) -> list[Alert]:
    return [msgspec.convert(item, Alert) for item in store.page("alert", ListQuery(sort="-raised_at", limit=RECENT)).items]
