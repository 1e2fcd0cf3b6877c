"""What settling the alerts of a city costs, and how many roots are left: the lab's city as a graph.

One dead device; all but the core silent with every port down; everything silent.
"""

import statistics
import time
from collections.abc import Sequence

from core.signals import Alert
from inventory.graph import joining, reach
from inventory.graph.deriving import derive
from inventory.graph.frozen import FrozenGraph
from lab.records import records
from monitors.suppress import Surroundings, verdicts

NAME = "suppress"
NOW = 1_790_000_000_000


def run(quick: bool) -> list[tuple[str, str]]:
    """The graph arranged once, then three scenes."""
    devices, rounds = (600, 3) if quick else (3000, 7)
    found, links = records(devices)
    view = FrozenGraph(1, NOW, found, derive(found, joining.Seen(links=links)))
    began = time.perf_counter()
    around = Surroundings(view, reach.roots(view))
    rows = [(f"{devices} devices, {sum(map(len, around.wires.values())) // 2} links, arranged once", _ms(time.perf_counter() - began))]
    silent = [_alert("device-unreachable", device.id) for device in found["device"]]
    outer = [one for one in silent if one.device_id not in around.roots and view.noun(one.device_id).role not in ("P", "core")]
    ports = [_alert("interface-down", *end) for edge in view.of_edge("linked") for end in ((edge.a, edge.a_port), (edge.b, edge.b_port))]
    return [
        *rows, _measured("one device", outer[-1:], around, rounds),
        _measured("all but the core, and every port", [*outer, *ports], around, rounds), _measured("everything", silent, around, rounds),
    ]


def _alert(rule: str, device: str, instance: str = "") -> Alert:
    return Alert(id=f"{rule}/{device}/{instance}", rule=rule, device_id=device, instance=instance, severity="major", raised_at=NOW)


def _measured(what: str, alerts: Sequence[Alert], around: Surroundings, rounds: int) -> tuple[str, str]:
    took = []
    for _ in range(rounds):
        began = time.process_time()
        found = verdicts(alerts, around)
        took.append(time.process_time() - began)
    roots = sum(not one.root for one in found.values())
    return f"{what}: {len(alerts)} alerts", f"{_ms(statistics.median(took))} of CPU, {roots} roots"


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f} ms"
