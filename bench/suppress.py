"""How long it takes to settle the alerts of a city, and how many roots are left.

    python -m bench.suppress [--devices 3000] [--rounds 5]

The lab's city as a graph; first one dead device, then all but the core silent with every port towards them down, then everything silent.
"""

import argparse
import statistics
import time
from collections.abc import Sequence

from core.signals import Alert
from inventory.graph import joining, reach
from inventory.graph.deriving import derive
from inventory.graph.frozen import FrozenGraph
from lab.records import records
from monitors.suppress import Surroundings, verdicts

NOW = 1_790_000_000_000


def main() -> None:
    """Prints one line for each scene."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--devices", type=int, default=3000)
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    found, links = records(args.devices)
    view = FrozenGraph(1, NOW, found, derive(found, joining.Seen(links=links)))
    began = time.perf_counter()
    around = Surroundings(view, reach.roots(view))
    print(f"{len(around.devices)} devices, {sum(map(len, around.wires.values())) // 2} links: arranged once in"
          f" {(time.perf_counter() - began) * 1e3:.0f} ms")
    silent = [_alert("device-unreachable", device.id) for device in found["device"]]
    outer = [one for one in silent if one.device_id not in around.roots and view.noun(one.device_id).role not in ("P", "core")]
    ports = [_alert("interface-down", *end) for edge in view.of_edge("linked") for end in ((edge.a, edge.a_port), (edge.b, edge.b_port))]
    _measure("one device", outer[-1:], around, args.rounds)
    _measure("all but the core, and every port", [*outer, *ports], around, args.rounds)
    _measure("everything", silent, around, args.rounds)


def _alert(rule: str, device: str, instance: str = "") -> Alert:
    return Alert(id=f"{rule}/{device}/{instance}", rule=rule, device_id=device, instance=instance, severity="major", raised_at=NOW)


def _measure(what: str, alerts: Sequence[Alert], around: Surroundings, rounds: int) -> None:
    took = []
    for _ in range(rounds):
        began = time.process_time()
        found = verdicts(alerts, around)
        took.append(time.process_time() - began)
    roots = sum(not one.root for one in found.values())
    print(f"{what}: {len(alerts)} alerts, {roots} roots, {statistics.median(took) * 1e3:.1f} ms of CPU (median of {rounds})")


if __name__ == "__main__":
    main()
