"""A whole period in one report: how full everything was, and how long it worked. Called in the thread of a job."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from agents.hub.capacity import availing, reports
from agents.hub.capacity.measuring import Grouping, Told, batches, fullest, rows_of
from agents.hub.capacity.sources import Things, World, things
from agents.hub.records import now_ms
from agents.hub.sight import EVERYTHING
from agents.job import Run
from core.capacity import KINDS, MEASURED, MOST_DOUBTED, CapacityKind, CapacityQuery, CapacityReport, CapacityRow, Measured
from core.graph import GraphView
from core.ports import SampleStore
from inventory.graph.belonging import place_of

if TYPE_CHECKING:
    from agents.hub.capacity.part import Capacity

TOP = 20
PARTS = len(KINDS) + len(MEASURED)


class Reporter:
    """Makes one report."""

    def __init__(self, part: "Capacity", view: GraphView, wish: CapacityQuery, run: Run) -> None:
        self._part, self._view, self._wish, self._run = part, view, wish, run
        self._when = part.period(wish.start_ms, wish.end_ms)
        self._base: Things | None = None

    def made(self) -> CapacityReport:
        """All kinds, one after the other."""
        when = self._when
        report = CapacityReport(
            id=self._run.id, made_ms=now_ms(), start_ms=when.start_ms, end_ms=when.end_ms, step_ms=when.step_ms, groups=(), top=(),
        )
        with self._part.samples() as store:
            for number, kind in enumerate(KINDS):
                report = self._filled(report, store, kind, _part_of(self._run.tell, number))
            for number, one in enumerate(MEASURED, len(KINDS)):
                report = self._worked(report, store, one, _part_of(self._run.tell, number))
        return report

    def _filled(self, report: CapacityReport, store: SampleStore, kind: CapacityKind, told: Told) -> CapacityReport:
        """With how full all of a kind were."""
        targets = [one for one in self._part.targets(self._view, kind, store) if self._part.wanted(one, self._wish, EVERYTHING)]
        grouping, rows = [Grouping(what, self._when) for what in ("unit", "site")], list[CapacityRow]()
        for batch in batches(store, targets, self._when, told):
            mine = list(rows_of(batch, self._when))
            rows += mine
            for one in grouping:
                one.add(batch, mine)
        return report.replace(
            groups=(*report.groups, *(group for one in grouping for group in one.groups())),
            top=(*report.top, *fullest(rows, self._wish.by, TOP)),
            doubted=(*report.doubted, *fullest([row for row in rows if row.doubt], self._wish.by, MOST_DOUBTED)),
        )

    def _worked(self, report: CapacityReport, store: SampleStore, kind: Measured, told: Told) -> CapacityReport:
        """With how long all of a kind worked."""
        world = self._part.world(self._view, store, self._when, told, EVERYTHING)
        nodes = [node for node in self._view.of_kind(kind) if self._part.lies(*place_of(self._view, node), self._wish)]
        return reports.with_availability(report, kind, availing.of_all(world, kind, nodes, self._things))

    def _things(self, world: World) -> Things:
        """What systems and units depend on, read once for both."""
        self._base = self._base or things(world)
        return self._base


def _part_of(tell: Callable[[int, int], None], number: int) -> Told:
    """Progress of one part of several, in thousandths of the whole."""
    return lambda done, total: tell(round(1000 * (number + done / max(total, 1)) / PARTS), 1000)
