"""What has a capacity: lines, pools of clouds, processors, memory and volumes, each with the series that measure it. Called in threads."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from core.capacity import CapacityKind
from core.graph import GraphView, Node
from core.measured import MEMORY, PROCESSOR, STORAGE
from core.probes import HYPERVISOR_DISK, HYPERVISOR_MEMORY, HYPERVISOR_VCPUS, QUOTA
from core.signals import SeriesKey
from inventory.graph.belonging import Place, place_of

IN, OUT = ("ifHCInOctets", "ifInOctets"), ("ifHCOutOctets", "ifOutOctets")
"""Of a port: the first that is there (RFC 2863)."""
OF_DEVICE: Mapping[CapacityKind, str] = {"cpu": PROCESSOR, "memory": MEMORY, "disk": STORAGE}
POOLS: Mapping[str, str] = {HYPERVISOR_VCPUS: "vcpus", HYPERVISOR_MEMORY: "memory", HYPERVISOR_DISK: "disk", QUOTA: ""}


class Target(NamedTuple):
    """One line, pool, ... keys: in and out of a line; one, in percent, of everything else."""

    kind: CapacityKind
    object_id: str
    object: str
    instance: str
    label: str
    places: tuple[Place, ...]
    """The first is whose it is; a line is seen by those of either end."""
    declared_bps: float
    port_bps: float
    keys: tuple[SeriesKey, ...]


Series = Callable[[str], frozenset[tuple[str, str]]]
"""(metric, instance) of all series of an object."""
Speeds = Callable[[str], Mapping[str, int]]
"""Bits per second of the ports of a device, by ifName."""


def targets(view: GraphView, kind: CapacityKind, series: Series, speeds: Speeds) -> Iterator[Target]:
    """All of a kind, those of one device together."""
    if kind == "line":
        yield from _lines(view, series, speeds)
    elif kind == "pool":
        for node in view.of_kind("cloud_platform"):
            yield from _pools(view, node, series(node.id))
    else:
        for node in view.of_kind("device"):
            place = place_of(view, node)
            for metric, instance in sorted(series(node.id)):
                if metric == OF_DEVICE[kind]:
                    yield Target(kind, node.id, node.name, instance, "", (place,), 0, 0, (SeriesKey(node.id, metric, instance),))


class _Line(NamedTuple):
    """ends: device and port; the first that is measured speaks for the line, in its own directions."""

    ends: tuple[tuple[str, str], ...]
    label: str
    places: tuple[Place, ...]
    declared_bps: float


def _lines(view: GraphView, series: Series, speeds: Speeds) -> Iterator[Target]:
    """Egresses, access points, links between devices: each port once, by the first of these that it is."""
    taken: set[tuple[str, str]] = set()
    for line in (*_egresses(view), *_access_points(view), *_links(view)):
        if taken.isdisjoint(line.ends):
            taken.update(line.ends)
            yield _measured(view, line, series, speeds)


def _measured(view: GraphView, line: _Line, series: Series, speeds: Speeds) -> Target:
    number, names = next(
        ((n, names) for n, end in enumerate(line.ends) if all(names := _octets(series(end[0]), end[1]))), (0, (IN[0], OUT[0])),
    )
    device_id, port = line.ends[number]
    keys = [SeriesKey(device_id, metric, port) for metric in names]
    places = line.places[number:] + line.places[:number]
    speed = next((float(bps) for end, name in ((device_id, port), *line.ends) if (bps := speeds(end).get(name, 0))), 0.0)
    return Target("line", device_id, view.node(device_id).name, port, line.label, places, line.declared_bps, speed, tuple(keys))


def _octets(there: frozenset[tuple[str, str]], port: str) -> tuple[str, str]:
    found = [next((metric for metric in way if (metric, port) in there), "") for way in (IN, OUT)]
    return found[0], found[1]


def _egresses(view: GraphView) -> Iterator[_Line]:
    for node in view.of_kind("egress"):
        egress = view.noun(node.id)
        device = view.find("device", egress.device)
        if device and egress.port:
            declared = float(egress.bandwidth_bps or _of_circuit(view, egress.circuit))
            yield _Line(((device.id, egress.port),), _label(egress.name, egress.circuit), (place_of(view, node),), declared)


def _access_points(view: GraphView) -> Iterator[_Line]:
    for node in view.of_kind("access_point"):
        point = view.noun(node.id)
        device = view.find("device", point.device)
        if device and point.port:
            places = place_of(view, node), place_of(view, device)
            yield _Line(((device.id, point.port),), _label(point.name, point.circuit), places, _of_circuit(view, point.circuit))


def _links(view: GraphView) -> Iterator[_Line]:
    circuits = dict(_circuits_of_cables(view))
    for edge in view.of_edge("linked"):
        both = sorted(((edge.a, edge.a_port), (edge.b, edge.b_port)), key=lambda end: view.node(end[0]).name)
        ends = tuple((one, port) for one, port in both if port and view.node(one).kind == "device")
        if ends:
            circuit = next((circuits[end] for end in ends if end in circuits), "")
            label = _label(" - ".join(view.node(one).name for one, _ in both), circuit)
            yield _Line(ends, label, tuple(place_of(view, view.node(one)) for one, _ in ends), _of_circuit(view, circuit))


def _circuits_of_cables(view: GraphView) -> Iterator[tuple[tuple[str, str], str]]:
    for node in view.of_kind("cable"):
        cable = view.noun(node.id)
        for name, port in ((cable.device_a, cable.port_a), (cable.device_b, cable.port_b)):
            device = view.find("device", name)
            if device and port and cable.circuit:
                yield (device.id, port), cable.circuit


def _of_circuit(view: GraphView, name: str) -> float:
    node = view.find("circuit", name) if name else None
    return float(view.noun(node.id).bandwidth_bps) if node else 0.0


def _label(name: str, circuit: str) -> str:
    return f"{name} ({circuit})" if circuit else name


def _pools(view: GraphView, cloud: Node, there: Iterable[tuple[str, str]]) -> Iterator[Target]:
    """A pool is `PROBE:HOST` or `PROBE:PROJECT:RESOURCE`; that of a project belongs to its unit."""
    whole, projects = place_of(view, cloud), {node.name: node for node in view.of_kind("project")}
    for metric, instance in sorted(there):
        if metric not in POOLS:
            continue
        name = instance.partition(":")[2] or instance
        project = view.find("project", name.rpartition(":")[0]) or projects.get(name.rpartition(":")[0]) if metric == QUOTA else None
        place = place_of(view, project) if project else whole
        key = SeriesKey(cloud.id, metric, instance)
        yield Target("pool", cloud.id, cloud.name, " ".join(filter(None, (name, POOLS[metric]))), "", (place,), 0, 0, (key,))
