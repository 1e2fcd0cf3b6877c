"""Which silent devices are dead, and which only lie behind them."""

from collections.abc import Collection, Iterable, Mapping

from monitors.suppress.surroundings import Surroundings

LEAST_DARK = 2
"""Devices of a site that are all silent: then the site is dark, and its devices have one root."""


def reachable(around: Surroundings, silent: Collection[str]) -> set[str]:
    """Devices to which there is still a way from the core that no silent device interrupts. Where the graph knows no way to begin with,
    whoever is not silent counts."""
    lost = set(silent)
    living = [device for device in around.roots if device not in lost]
    strangers = [device for device in around.devices if device not in lost and (device not in around.hops or not living)]
    found, front = set(living) | set(strangers), [*living, *strangers]
    while front:
        near = front.pop()
        for wire in around.wires.get(near, ()):
            if wire.far not in found and wire.far not in lost:
                found.add(wire.far)
                front.append(wire.far)
    return found


def explained(around: Surroundings, silent: Collection[str], reached: Collection[str]) -> Mapping[str, str]:
    """By silent device the one that it lies behind; itself where it is one that others may lie behind."""
    lost, found = set(silent), dict[str, str]()
    edge = [device for device in lost if _at_the_edge(around, device, lost, reached)]
    _spread(around, lost, found, _one_each_site(around, lost, edge))
    for device in sorted(lost - found.keys(), key=around.rank):
        if device not in found:
            _spread(around, lost, found, {device: device})
    return found


def _at_the_edge(around: Surroundings, device: str, lost: set[str], reached: Collection[str]) -> bool:
    wires = around.wires.get(device, ())
    return not wires or any(wire.far in reached and wire.far not in lost for wire in wires)


def _one_each_site(around: Surroundings, lost: set[str], edge: Iterable[str]) -> dict[str, str]:
    """Where all of a site is silent, one device stands for it: the nearest to the core."""
    dark: dict[str, str] = {}
    starts: dict[str, str] = {}
    for device in sorted(edge, key=around.rank):
        site = around.site.get(device, "")
        mates = around.standing.get(site, ()) if site else ()
        if len(mates) >= LEAST_DARK and all(mate in lost for mate in mates):
            starts[device] = dark.setdefault(site, device)
        else:
            starts[device] = device
    return starts


def _spread(around: Surroundings, lost: Collection[str], found: dict[str, str], starts: Mapping[str, str]) -> None:
    """From the starts through all that is silent, step by step: each device gets the root of whoever came first, nearest to the core."""
    found.update(starts)
    front = sorted(starts, key=around.rank)
    while front:
        reached: dict[str, str] = {}
        for near in front:
            for wire in around.wires.get(near, ()):
                if wire.far in lost and wire.far not in found:
                    reached.setdefault(wire.far, found[near])
        found.update(reached)
        front = sorted(reached, key=around.rank)
