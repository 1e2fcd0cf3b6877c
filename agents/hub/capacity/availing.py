"""How long devices, hosts, systems and units worked: the rows of the answer. Called in threads."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np

from agents.hub.capacity.sources import Things, World, maintenance, shares, sources, things
from core.capacity import AvailabilityRow, Measured, Outage
from core.graph import Node
from inventory.graph.belonging import place_of
from inventory.graph.impact import damage
from inventory.graph.skeleton import skeleton
from monitors.capacity import availability as times_of
from monitors.capacity.availability import DOWN, PLANNED, UNKNOWN, Bools, Span
from monitors.capacity.availability import UP as WORKS
from monitors.capacity.levels import target
from monitors.capacity.tables import Period


def of_all(world: World, kind: Measured, wanted: Sequence[Node], base: Callable[[World], Things] = things) -> list[AvailabilityRow]:
    """Those that missed their target first, then those with the least. base: how what others depend on is found out."""
    if not wanted:
        return []
    found = of_things(world, kind, wanted) if kind in ("device", "host") else of_dependents(world, kind, wanted, base)
    return sorted(found, key=lambda row: (row.percent is None, row.met is not False, row.percent or 0.0, row.name))


def of_things(world: World, kind: Measured, wanted: Iterable[Node]) -> Iterator[AvailabilityRow]:
    """Devices or hosts by themselves."""
    nodes = {node.id: node for node in wanted}
    for some, table_ in shares(world, [source for source in sources(world, (kind,)) if source.node.id in nodes]):
        for source, share in zip(some, table_, strict=True):
            nodes.pop(source.node.id, None)
            planned, names = maintenance(world, source.node)
            codes = times_of.coded(share[None, :], planned[None, :])[0]
            outages = times_of.spans((codes == DOWN) & ~planned)
            gone = times_of.spans((codes == PLANNED) & planned) if world.most > times_of.LONGEST else ()
            yield _row(world, kind, source.node, times_of.times(share, planned, world.when.step_s), outages, names, source.basis, out=gone)
    for node in nodes.values():
        nothing = np.full(world.when.columns, np.nan)
        planned, names = maintenance(world, node)
        yield _row(world, kind, node, times_of.times(nothing, planned, world.when.step_s), [], names, "")


def _row(
    world: World, kind: Measured, node: Node, times: times_of.Times, outages: Sequence[Span], windows: Iterable[str], basis: Any,
    degraded_s: float = 0, because: Callable[[Span], str] | None = None, out: Sequence[Span] = (),
) -> AvailabilityRow:
    """out: stretches in which it was down as planned; only where one object is asked about."""
    unit, site = place_of(world.view, node)
    promised, when = target(kind, world.view.noun(node.id), world.promised), world.when
    percent = times.percent
    return AvailabilityRow(
        kind=kind, object_id=node.id, name=node.name, unit=unit, site=site, level=promised.level, target_percent=promised.percent,
        percent=percent, met=None if percent is None else percent >= promised.percent, up_s=round(times.up_s), down_s=round(times.down_s),
        planned_s=round(times.planned_s), unknown_s=round(times.unknown_s), degraded_s=round(degraded_s),
        completeness=round(times.completeness, 6), basis=basis, outages=len(outages),
        longest_s=round(max((one.last - one.first for one in outages), default=0) * when.step_s),
        last=tuple(sorted(
            [*(_outage(when, one, because(one) if because else "") for one in times_of.longest(outages, world.most)),
             *(_outage(when, one, ", ".join(sorted(set(windows))), planned=True) for one in times_of.longest(out, world.most))],
            key=lambda one: one.start_ms,
        )),
        windows=tuple(sorted(set(windows))),
    )


def _outage(when: Period, span: Span, because: str, *, planned: bool = False) -> Outage:
    start, end = (when.start_ms + step * when.step_ms for step in (span.first, span.last))
    return Outage(start_ms=start, end_ms=end, because=because, planned=planned)


def of_dependents(
    world: World, kind: Measured, wanted: Sequence[Node], of_base: Callable[[World], Things] = things,
) -> Iterator[AvailabilityRow]:
    """Systems or units: by their own probes where they have any, else by what they depend on."""
    base = of_base(world)
    numbers = np.array([skeleton(world.view).number[node.id] for node in wanted], np.int64)

    def harm(rows: Collection[int]) -> tuple[Bools, Bools]:
        if not rows:
            none = np.zeros(len(numbers), np.bool_)
            return none, none
        found = damage(world.view, [base.ids[row] for row in rows])
        return found.down[numbers], found.hurt[numbers] & ~found.down[numbers]

    depends, _ = harm(range(len(base.ids)))
    followed = times_of.follow(base.codes, harm, len(wanted), world.told)
    own = {
        source.node.id: share for some, table in shares(world, list(sources(world, (kind,))))
        for source, share in zip(some, table, strict=True)
    }
    for number, node in enumerate(wanted):
        planned, names = maintenance(world, node)
        codes = followed.codes[number] if depends[number] else np.full(world.when.columns, UNKNOWN, np.uint8)
        degraded = followed.degraded[number] & (codes == WORKS)
        share, basis = times_of.share_of(codes), "graph" if depends[number] else ""
        if node.id in own:
            answered, basis = np.isfinite(own[node.id]), "probes"
            share = np.where(answered, own[node.id], share)
            codes = np.where(answered, times_of.coded(own[node.id][None, :], planned[None, :])[0], codes)
            degraded &= codes == WORKS
        if (codes == PLANNED).any():
            planned, names = planned | (codes == PLANNED), (*names, *base.windows)
        degraded_s = float((degraded & ~planned).sum()) * world.when.step_s
        outages = times_of.spans((codes == DOWN) & ~planned)
        because = _because_of(world, base, node) if basis == "graph" else None
        gone = times_of.spans(codes == PLANNED) if world.most > times_of.LONGEST else ()
        figures = times_of.times(share, planned, world.when.step_s)
        yield _row(world, kind, node, figures, outages, names, basis, degraded_s, because, out=gone)


def _because_of(world: World, base: Things, node: Node) -> Callable[[Span], str]:
    """What failed, followed down from the object to something that is down by itself; only what the caller may see."""

    def because(span: Span) -> str:
        found = damage(world.view, [base.ids[row] for row in np.flatnonzero(base.codes[:, span.first] == DOWN).tolist()])
        at = node.id
        for _ in range(len(found)):
            one = found.get(at)
            if one is None or one.because in ("", at):
                break
            at = one.because
        cause = world.view.node(at)
        return cause.name if cause.id != node.id and (world.sight.everything or world.sight.sees(*place_of(world.view, cause))) else ""

    return because
