"""All that is open, sorted out once: what the rules of suppression look things up in."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

from monitors.suppress.meaning import Meaning
from monitors.suppress.seen import Noticed, Seen
from monitors.suppress.surroundings import Surroundings


class Scene(NamedTuple):
    """alerts: in order of time. silent, gone: by device or object the alert that says so. ports: by device and ifName. reached: devices
    with a way to the core. behind: by silent device the one that it lies behind, or itself. powerless: by device, when it
    said so. rooms: by site, when somebody who still lives there, as its UPS, said so. restarted: by device, when."""

    around: Surroundings
    seen: Seen
    alerts: Sequence[Noticed]
    by_id: Mapping[str, Noticed]
    means: Mapping[str, Meaning]
    silent: Mapping[str, Noticed]
    ports: Mapping[tuple[str, str], Noticed]
    gone: Mapping[str, Noticed]
    reached: Collection[str]
    behind: Mapping[str, str]
    powerless: Mapping[str, Sequence[int]]
    rooms: Mapping[str, Sequence[int]]
    restarted: Mapping[str, Sequence[int]]
