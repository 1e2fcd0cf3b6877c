"""Windows as the hub holds them: asked about at every alert and every change, kept in the records."""

import asyncio
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from agents.hub.records import in_thread, now_ms
from core import windows
from core.errors import ConflictError, ForbiddenError, NotFoundError, YunwangError
from core.i18n import tr
from core.identity import Actor, Caller
from core.nouns import new_id
from core.ports import ListQuery, RecordStore, RecordWrite
from core.signals import Alert
from core.views import AlertRow
from core.width import clean
from core.windows import HOLDING_BACK, MUTING, Place
from core.work import Window, WindowAdded, WindowKind

if TYPE_CHECKING:
    from agents.hub.hub import Hub

CLOCK = Actor(name="system:windows", origin="process")
LOOK_S = 1.0
MOST = 500
"""Windows that hold or come."""
PAGE = 1000
MOST_MARKS = 500
"""Alerts marked in one transaction."""

log = logging.getLogger(__name__)


class TimeWindows:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.known: dict[str, Window] = {}
        """Those that hold or come, by the clock of the last look."""
        self._parents: dict[str, str] = {}
        self._muting: frozenset[str] = frozenset()
        self._looked_at = 0
        self._look_again = True

    async def start(self) -> None:
        await self._load(now_ms())
        self._hub.spawn(self._look_for_ever())

    async def close(self) -> None:
        """Nothing to close."""

    async def load_units(self) -> None:
        """Which unit stands above which, after a change of them."""
        self._parents = await in_thread(_parents, self._hub.store)

    def units_above(self, unit: str) -> frozenset[str]:
        """A unit with all units above it."""
        return windows.above(unit, self._parents)

    def place(self, device: str = "", unit: str = "", site: str = "") -> Place:
        """Where something is. device: id or name; its unit and site are those of its record."""
        if device and (rows := self._hub.table.devices_by_id([self._hub.table.id_of(device)])):
            device, unit, site = rows[0].name, rows[0].unit, rows[0].site
        return Place(device, windows.above(unit, self._parents), site)

    def holding(self, kind: WindowKind, device: str = "", unit: str = "", site: str = "") -> Window | None:
        """The window of this kind that covers the object now."""
        return windows.holding(self.known.values(), (kind,), self.place(device, unit, site), now_ms())

    def refuse_change(self, device: str = "", unit: str = "", site: str = "") -> None:
        """Raises `ForbiddenError` when a freeze or heightened protection holds there: whoever is about to change something asks."""
        window = windows.holding(self.known.values(), HOLDING_BACK, self.place(device, unit, site), now_ms())
        if window is not None:
            raise ForbiddenError(
                tr("{kind} {name} allows no change here before {end}.", kind=tr(window.kind), name=window.name, end=_clock(window.ends_at)),
                way_out=tr("Wait for its end, or end it with `yunwang window end`."),
            )

    def marked(self, alerts: Sequence[Alert], now: int) -> tuple[Alert, ...]:
        """Alerts on their way into the records, with the mark of the window that mutes them; a cleared one keeps what it had."""
        return tuple(self._with_mark(alert, now) for alert in alerts)

    def _with_mark(self, alert: Alert, now: int) -> Alert:
        if alert.cleared_at:
            before = self._hub.table.alert(alert.id)
            return alert.replace(silenced_by=before.silenced_by) if before and not alert.silenced_by else alert
        place = self.place_of(alert)
        return windows.marked(alert, windows.holding(self.known.values(), MUTING, place, now))

    def place_of(self, alert: Alert | AlertRow) -> Place:
        """Where an alert is, also one about an object that is no device."""
        if self._hub.table.devices_by_id([alert.device_id]):
            place = self.place(alert.device_id)
        else:
            unit, site = self._hub.graphs.belongs(alert.device_id)
            place = self.place("", unit, site)._replace(device=alert.device_id)
        return place._replace(rule=alert.rule, instance=alert.instance)

    async def planned(self, caller: Caller, window: Window) -> WindowAdded:
        """What a new window would be, checked like one that is written."""
        now = now_ms()
        await self._allow(caller, "window.add", window)
        words = {"name": clean(window.name).strip(), "reason": clean(window.reason).strip()}
        made = window.replace(id=new_id(now), author=caller.actor.name, starts_at=max(window.starts_at, now), ended_early_at=0, **words)
        windows.check(made, now)
        await self._exist(made)
        if sum(_is_to_come(one, now) for one in self.known.values()) >= MOST:
            raise ConflictError(tr("There are {count} windows already.", count=MOST), way_out=tr("End those that nobody needs."))
        return WindowAdded(window=made, conflicts=windows.conflicts(list(self.known.values()), made))

    async def add(self, caller: Caller, window: Window) -> WindowAdded:
        """The new window, and those that ask for the opposite at the same time."""
        answer = await self.planned(caller, window)
        made = answer.window

        def write(change: RecordWrite) -> WindowAdded:
            change.put("window.add", made)
            return answer

        added = await self._hub.write(caller, write)
        self._take(added.window)
        return added

    async def end(self, caller: Caller, name: str) -> Window:
        """Ends a window now; one that has not begun never begins."""
        window = self.named(name)
        await self._allow(caller, "window.end", window)

        def write(change: RecordWrite) -> Window:
            fresh: Window = change.get("time_window", window.id)
            now = now_ms()
            if now >= (fresh.ended_early_at or fresh.ends_at):
                raise ConflictError(tr("The window has ended already."))
            ended = fresh.replace(ended_early_at=max(now, 1), starts_at=min(fresh.starts_at, now))
            change.put("window.end", ended)
            return ended

        ended = await self._hub.write(caller, write)
        self._take(ended)
        return ended

    def named(self, name: str) -> Window:
        """By id, or by the name of one that holds or comes. Raises `NotFoundError`, `ConflictError` when several have the name."""
        found = [one for one in self.known.values() if one.id == name] or [one for one in self.known.values() if one.name == name]
        if not found:
            raise NotFoundError(tr("There is no window {name} that holds or comes.", name=name[:128]), way_out=tr("`yunwang window list`"))
        if len(found) > 1:
            raise ConflictError(tr("Several windows are called {name}.", name=name[:128]), way_out=tr("Name its id instead."))
        return found[0]

    async def _allow(self, caller: Caller, action: str, window: Window) -> None:
        """In each place that the window covers; a window for everything needs a grant for everywhere."""
        places = [("", unit, "") for unit in window.scope.units] + [("", "", site) for site in window.scope.sites]
        for device in window.devices:
            rows = self._hub.table.devices_by_id([self._hub.table.id_of(device)])
            places.append((device, rows[0].unit, rows[0].site) if rows else (device, "", ""))
        for device, unit, site in places or [("", "", "")]:
            await self._hub.allow(caller, action, device or window.name, unit, site)

    async def _exist(self, window: Window) -> None:
        unknown = [device for device in window.devices if not self._hub.table.id_of(device)]
        for kind, names in (("unit", window.scope.units), ("site", window.scope.sites)):
            unknown += [name for name in names if await self._hub.read(self._hub.store.find, kind, name) is None]
        if unknown:
            raise NotFoundError(
                tr("There is no {name}.", name=unknown[0][:128]), way_out=tr("Name devices, units and sites as they are listed."),
            )

    def _take(self, window: Window) -> None:
        self.known[window.id] = window
        self._look_again = True

    async def _load(self, now: int) -> None:
        self._parents = await in_thread(_parents, self._hub.store)
        self.known = {window.id: window for window in await in_thread(_current, self._hub.store, now)}
        self._looked_at = now

    async def _look_for_ever(self) -> None:
        while True:
            try:
                await self.look(now_ms())
            except YunwangError as error:
                log.warning("Alerts could not be marked: %s", error)
            except Exception:
                log.exception("Alerts could not be marked.")
            await asyncio.sleep(LOOK_S)

    async def look(self, now: int) -> None:
        """When a window begins or ends, or the clock was set back: open alerts get its mark or lose it."""
        if now < self._looked_at:
            await self._load(now)
            self._look_again = True
        self._looked_at = now
        muting = frozenset(one.id for one in self.known.values() if one.kind in MUTING and one.holds(now))
        if muting == self._muting and not self._look_again:
            return
        self._look_again = False
        try:
            self._parents = await in_thread(_parents, self._hub.store)
            await self._mark_open(now)
        except BaseException:
            self._look_again = True
            raise
        self._muting = muting
        self.known = {key: one for key, one in self.known.items() if _is_to_come(one, now)}

    async def _mark_open(self, now: int) -> None:
        rows = self._hub.table.open_alerts()
        changed: list[Alert] = []
        for start in range(0, len(rows), MOST_MARKS):
            some = rows[start : start + MOST_MARKS]
            before = [Alert(**{field: getattr(row, field) for field in Alert.__struct_fields__}) for row in some]
            changed += [after for alert, after in zip(before, self.marked(before, now), strict=True) if after != alert]
            await asyncio.sleep(0)
        for start in range(0, len(changed), MOST_MARKS):
            part = changed[start : start + MOST_MARKS]
            async with self._hub.alerting.one:
                done = await self._hub.commits.write(CLOCK, lambda write, part=part: _put_marks(write, part))  # type: ignore[misc]
                self._hub.table.put_alerts(done)


def _put_marks(write: RecordWrite, alerts: Sequence[Alert]) -> list[Alert]:
    """Those that are still open, as they are now."""
    done = []
    for alert in alerts:
        fresh: Alert = write.get("alert", alert.id)
        if not fresh.cleared_at:
            after = fresh.replace(silenced_by=alert.silenced_by)
            write.put("alert.silence" if after.silenced_by else "alert.unsilence", after)
            done.append(after)
    return done


def _is_to_come(window: Window, now: int) -> bool:
    """Whether it holds or is to hold."""
    return now < (window.ended_early_at or window.ends_at)


def _current(store: RecordStore, now: int) -> list[Window]:
    """All of them, however many others that would end later were ended early."""
    current: list[Window] = []
    query = ListQuery(sort="-ends_at", limit=PAGE)
    while True:
        page = store.page("time_window", query)
        found = [msgspec.convert(item, Window) for item in page.items]
        current += [one for one in found if _is_to_come(one, now)]
        if not page.cursor or found[-1].ends_at <= now:
            return current
        query = query.replace(cursor=page.cursor)


def _parents(store: RecordStore) -> dict[str, str]:
    return {unit.name: unit.parent for unit in store.all("unit")}


def _clock(at_ms: int) -> str:
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M}"
