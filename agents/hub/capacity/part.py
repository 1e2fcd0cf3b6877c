"""The part of the hub that answers how full things are and how long they worked; a whole period is a job that leaves a report."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from agents.hub.capacity import reports
from agents.hub.jobs.kinds import Kind
from agents.hub.records import in_thread, now_ms
from agents.hub.sight import EVERYTHING, Sight
from agents.job import Run, Stopped
from core.capacity import (
    MOST_OUTAGES,
    REPORT_JOB,
    AvailabilityAnswer,
    AvailabilityQuery,
    CapacityAnswer,
    CapacityQuery,
    CapacityReport,
)
from core.errors import InvalidInputError
from core.graph import GraphView
from core.i18n import mark, tr
from core.paths import data_dir
from core.ports import SampleStore
from core.work import Window

if TYPE_CHECKING:
    from agents.hub.capacity.sources import World
    from agents.hub.capacity.targets import Target
    from agents.hub.hub import Hub
    from monitors.capacity.tables import Period

T = TypeVar("T")
DAY_MS = 86_400_000
MOST_DAYS = 1100
MOST_CELLS = 400_000_000
"""Series times steps of one question: about a minute."""
LIMIT_S = 3600
Told = Callable[[int, int], None]


class Capacity:
    """A part of the hub. Questions run in a thread, one at a time, and stop when whoever asked goes away."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._one = asyncio.Semaphore(1)
        self._folder = data_dir(hub.settings) / "capacity"

    async def start(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._hub.work.register(Kind(
            name=REPORT_JOB, runner=self._report, action=REPORT_JOB, resumable=True, limit_s=LIMIT_S, check=reports.checked,
            summary=mark("Report on a period: how full lines, pools and devices were, and how long everything worked."),
        ))

    async def close(self) -> None:
        """Nothing to close."""

    async def top(self, query: CapacityQuery, sight: Sight, gone: "asyncio.Future[None]") -> CapacityAnswer:
        """The fullest of a kind among what is seen."""
        view = await self._hub.graphs.view()
        return await self._ask(lambda told: self._top(view, query, sight, told), gone)

    async def availability(self, query: AvailabilityQuery, sight: Sight, gone: "asyncio.Future[None]") -> AvailabilityAnswer:
        """Those that missed their target first."""
        view = await self._hub.graphs.view()
        return await self._ask(lambda told: self._available(view, query, sight, told), gone)

    async def report(self, job_id: str) -> CapacityReport:
        """What a job left. Raises `NotFoundError`."""
        return await in_thread(reports.read, self._folder, job_id)

    async def _ask(self, question: Callable[[Told], T], gone: "asyncio.Future[None]") -> T:
        stop = threading.Event()

        def told(_done: int, _of: int) -> None:
            if stop.is_set():
                raise Stopped

        async with self._one:
            gone.add_done_callback(lambda _: stop.set())
            try:
                found = await in_thread(_caught, question, told)
            finally:
                stop.set()
        if found is None:
            raise InvalidInputError(tr("Whoever asked went away."))
        return found

    # in threads

    def _top(self, view: GraphView, query: CapacityQuery, sight: Sight, told: Told) -> CapacityAnswer:
        from agents.hub.capacity.measuring import batches, fullest, rows_of

        when = self.period(query.start_ms, query.end_ms)
        with self.samples() as store:
            found = [one for one in self.targets(view, query.kind, store) if self.wanted(one, query, sight)]
            if not found:
                found_or_refused(view, query, sight)
            _bounded(len(found) * (2 if query.kind == "line" else 1) * when.columns)
            rows = [row for batch in batches(store, found, when, told) for row in rows_of(batch, when)]
        known = sum(row.completeness > 0 for row in rows)
        return CapacityAnswer(
            start_ms=when.start_ms, end_ms=when.end_ms, step_ms=when.step_ms, total=len(rows), measured=known,
            completeness=round(sum(row.completeness for row in rows) / len(rows), 6) if rows else 0.0,
            rows=fullest(rows, query.by, query.limit), doubted=sum(row.doubt != "" for row in rows),
        )

    def _available(self, view: GraphView, query: AvailabilityQuery, sight: Sight, told: Told) -> AvailabilityAnswer:
        from agents.hub.capacity import availing
        from agents.hub.graph.naming import is_id, named, sees
        from inventory.graph.belonging import place_of
        from monitors.capacity.availability import LONGEST

        when = self.period(query.start_ms, query.end_ms)
        if query.name:
            nodes = [named(view, query.name if is_id(view, query.kind, query.name) else f"{query.kind}:{query.name}", sight)]
        else:
            nodes = [node for node in view.of_kind(query.kind) if sees(view, node, sight) and self.lies(*place_of(view, node), query)]
            if not nodes:
                found_or_refused(view, query, sight)
        with self.samples() as store:
            world = self.world(view, store, when, told, sight)._replace(most=MOST_OUTAGES if query.name else LONGEST)
            rows = availing.of_all(world, query.kind, nodes)
        return AvailabilityAnswer(
            start_ms=when.start_ms, end_ms=when.end_ms, step_ms=when.step_ms, total=len(rows),
            measured=sum(row.percent is not None for row in rows), missed=sum(row.met is False for row in rows),
            rows=tuple(rows[: query.limit]),
        )

    def world(self, view: GraphView, store: SampleStore, when: "Period", told: Told, sight: Sight) -> "World":
        """What availability is judged from."""
        from agents.hub.capacity.sources import World

        return World(
            view=view, store=store, when=when, windows=self._maintenance(when), above=self._hub.windows.units_above,
            intervals={probe.name: probe.interval_s for probe in self._hub.store.all("probe")}, ping_s=self._hub.settings.probes.ping_s,
            promised=self._hub.settings.availability, told=told, sight=sight,
        )

    def _report(self, run: Run) -> dict[str, Any]:
        from agents.hub.capacity.reporting import Reporter

        wish = msgspec.convert(run.arguments, CapacityQuery)
        view = asyncio.run_coroutine_threadsafe(self._hub.graphs.view(), self._loop).result()
        found_or_refused(view, wish, EVERYTHING)
        report = Reporter(self, view, wish, run).made()
        reports.keep(self._folder, report)
        return {"groups": len(report.groups), "start_ms": report.start_ms, "end_ms": report.end_ms}

    def period(self, start_ms: int, end_ms: int) -> "Period":
        """The whole steps of a question. Raises `InvalidInputError` for what is none."""
        from monitors.capacity.tables import period

        now = now_ms()
        end = min(end_ms or now, now)
        if start_ms >= end:
            raise InvalidInputError(tr("The period ends before it begins, or has not begun."), way_out="--since 7d")
        if end - start_ms > MOST_DAYS * DAY_MS:
            raise InvalidInputError(tr("A period has at most {days} days.", days=MOST_DAYS), way_out="--since 365d")
        when = period(start_ms, end, now, self._hub.settings.samples.five_minute_days)
        if not when.columns:
            raise InvalidInputError(tr("The period is shorter than a step of five minutes."), way_out="--since 1h")
        return when

    @contextmanager
    def samples(self) -> Iterator[SampleStore]:
        """A reader of its own: long questions hold up no charts."""
        from stores.memory import MemorySamples
        from stores.samples import open_samples

        folder = data_dir(self._hub.settings) / "samples"
        store: SampleStore = open_samples(folder, self._hub.settings.samples, readonly=True) if folder.is_dir() else MemorySamples()
        try:
            yield store
        finally:
            store.close()

    def targets(self, view: GraphView, kind: Any, store: SampleStore) -> "Iterator[Target]":
        """All of a kind that has a capacity."""
        from agents.hub.capacity.targets import targets

        @cache
        def series(object_id: str) -> frozenset[tuple[str, str]]:
            return frozenset((key.metric, key.instance) for key in store.series_of(object_id))

        @cache
        def speeds(device_id: str) -> dict[str, int]:
            return {one.name: one.speed_bps for one in self._hub.store.observed(device_id).interfaces}

        return targets(view, kind, series, speeds)

    def wanted(self, target: "Target", query: CapacityQuery, sight: Sight) -> bool:
        """Whether it is seen, and lies where is asked for."""
        return any(sight.sees(*place) for place in target.places) and any(self.lies(*place, query) for place in target.places)

    def lies(self, unit: str, site: str, query: CapacityQuery | AvailabilityQuery) -> bool:
        """Whether this unit and site are those that are asked for, or below."""
        return query.site in ("", site) and (not query.unit or query.unit in self._hub.windows.units_above(unit))

    def _maintenance(self, when: "Period") -> tuple[Window, ...]:
        windows = (one for one in self._hub.store.all("time_window") if one.kind == "maintenance")
        return tuple(one for one in windows if one.starts_at < when.end_ms and (one.ended_early_at or one.ends_at) > when.start_ms)


def _caught(question: Callable[[Told], T], told: Told) -> T | None:
    """`Stopped` is no error, and must not reach the event loop."""
    try:
        return question(told)
    except Stopped:
        return None


def found_or_refused(view: GraphView, query: CapacityQuery | AvailabilityQuery, sight: Sight) -> None:
    """Raises `NotFoundError` for a unit or site that is not there, or not seen."""
    from agents.hub.graph.naming import named

    for kind, name in (("unit", query.unit), ("site", query.site)):
        if name:
            named(view, f"{kind}:{name}", sight)


def _bounded(cells: int) -> None:
    if cells > MOST_CELLS:
        raise InvalidInputError(
            tr("This would take minutes."), way_out=tr("Ask for a shorter period, a unit or a site; or `yunwang capacity report`, a job."),
        )
