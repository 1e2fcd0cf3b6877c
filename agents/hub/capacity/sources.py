"""Who says whether something works: polls, pings, probes, clouds; and when it was allowed not to. Called in threads."""

import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from agents.hub.capacity.measuring import Told
from agents.hub.sight import Sight
from core.graph import GraphView, Node
from core.ports import SampleStore
from core.probes import ECHO, HYPERVISOR_UP, UP
from core.sections import Availability
from core.signals import SeriesKey
from core.windows import Place, covers
from core.work import Window
from inventory.graph.belonging import place_of
from monitors.capacity import availability as times_of
from monitors.capacity.availability import Bools, Codes
from monitors.capacity.figures import F64
from monitors.capacity.tables import Period

POLLED = "yw_up"
CELLS = 2_000_000


class Source(NamedTuple):
    """How one object is asked whether it works. hold: so many steps an answer holds."""

    node: Node
    keys: tuple[SeriesKey, ...]
    hold: int
    together: Callable[[F64], F64]
    basis: str


class World(NamedTuple):
    """What an answer is made from."""

    view: GraphView
    store: SampleStore
    when: Period
    windows: tuple[Window, ...]
    above: Callable[[str], frozenset[str]]
    """A unit with all units above it."""
    intervals: Mapping[str, int]
    """Seconds between two runs of each probe, by name."""
    ping_s: int
    promised: Availability
    told: Told
    sight: Sight
    most: int = times_of.LONGEST
    """Outages that are told of each object."""


def hold_of(interval_s: int, when: Period) -> int:
    """An answer holds until the one after the next is due."""
    return max(0, math.ceil(2 * interval_s / when.step_s) - 1)


def sources(world: World, kinds: Collection[str] = ("device", "host")) -> Iterator[Source]:
    """What polls and probes say of things themselves."""
    view, store = world.view, world.store
    if "device" in kinds:
        for node in view.of_kind("device"):
            there = frozenset((key.metric, key.instance) for key in store.series_of(node.id))
            ways = [(POLLED, "", view.noun(node.id).interval_s), (UP, ECHO, world.ping_s or 60)]
            asked = [way for way in ways if way[:2] in there]
            if asked:
                keys = tuple(SeriesKey(node.id, metric, instance) for metric, instance, _ in asked)
                yield Source(node, keys, hold_of(max(way[2] for way in asked), world.when), times_of.either, "polls")
    if "host" in kinds:
        yield from _hosts(world)
    for kind in ("system", "unit"):
        if kind in kinds:
            for node in view.of_kind(kind):
                keys = tuple(key for key in store.series_of(node.id) if key.metric == UP)
                if keys:
                    interval = max(world.intervals.get(key.instance.partition(":")[0], 60) for key in keys)
                    yield Source(node, keys, hold_of(interval, world.when), times_of.every, "probes")


def _hosts(world: World) -> Iterator[Source]:
    by_name = {(world.view.noun(node.id).platform, node.name): node for node in world.view.of_kind("host")}
    for cloud in world.view.of_kind("cloud_platform"):
        for key in world.store.series_of(cloud.id):
            probe, _, name = key.instance.partition(":")
            node = by_name.get((cloud.name, name)) if key.metric == HYPERVISOR_UP else None
            if node is not None:
                yield Source(node, (key,), hold_of(world.intervals.get(probe, 60), world.when), times_of.either, "probes")


def shares(world: World, found: Sequence[Source]) -> Iterator[tuple[Sequence[Source], F64]]:
    """(sources, shares of each step in which they answered), some at a time."""
    size = max(1, CELLS // max(1, world.when.columns * 2))
    for first in range(0, len(found), size):
        world.told(first, len(found))
        some = found[first : first + size]
        when, keys = world.when, [key for source in some for key in source.keys]
        values = world.store.table(keys, when.start_ms, when.step_ms, when.columns)
        parts = np.split(values, np.cumsum([len(source.keys) for source in some])[:-1])
        yield some, np.array([source.together(times_of.held(part, source.hold)) for source, part in zip(some, parts, strict=True)])


def maintenance(world: World, node: Node) -> tuple[Bools, tuple[str, ...]]:
    """Steps in which a maintenance window covers an object as a whole, and the names of these windows."""
    out, names = np.zeros(world.when.columns, np.bool_), []
    unit, site = place_of(world.view, node)
    place = Place(node.name if node.kind == "device" else "", world.above(unit), site)
    for window in world.windows:
        if window.rules or window.instances or not covers(window, place):
            continue
        ends = window.starts_at, window.ended_early_at or window.ends_at
        first, last = (round((ms - world.when.start_ms) / world.when.step_ms) for ms in ends)
        if max(first, 0) < min(last, world.when.columns):
            out[max(first, 0) : last] = True
            names.append(window.name)
    return out, tuple(names)


class Things(NamedTuple):
    """All that is measured by itself: ids and codes of each step, by row."""

    ids: list[str]
    codes: Codes
    windows: tuple[str, ...]
    """Names of the maintenance windows that covered any of them."""


def things(world: World) -> Things:
    """Devices and hosts as systems and units depend on them; the longest part."""
    found = list(sources(world))
    codes = np.zeros((len(found), world.when.columns), np.uint8)
    names: set[str] = set()
    row = 0
    for some, table_ in shares(world, found):
        masks = [maintenance(world, source.node) for source in some]
        codes[row : row + len(some)] = times_of.coded(table_, np.array([mask for mask, _ in masks]))
        names.update(name for _, mine in masks for name in mine)
        row += len(some)
    return Things([source.node.id for source in found], codes, tuple(sorted(names)))
