"""Small nets as graphs, and alerts in them."""

from collections.abc import Callable, Iterable
from typing import Any

import pytest

from core.edges import Edge
from core.objects import Device, Site
from core.signals import Alert
from inventory.graph.frozen import FrozenGraph
from monitors.suppress import Surroundings

NOW = 1_790_000_000_000


def _device(name: str, role: Any = "access", site: str = "", **more: Any) -> Device:
    return Device(id=name, name=name, address=more.pop("address", ""), site=site, role=role, interval_s=30, **more)


def _net(links: Iterable[str], *devices: Device, more: dict[str, list[Any]] | None = None, edges: Iterable[Edge] = ()) -> FrozenGraph:
    """links: `a:1-b:2`, port 1 of a to port 2 of b. Devices that are not given are access switches; `core...` is the core."""
    known = {device.id: device for device in devices}
    wires = []
    for number, link in enumerate(links):
        (a, a_port), (b, b_port) = (end.split(":") for end in link.split("-"))
        for name in (a, b):
            known.setdefault(name, _device(name, "core" if name.startswith("core") else "access"))
        wires.append(Edge(id=f"l{number}", kind="linked", a=a, b=b, a_port=a_port, b_port=b_port, source="lldp", valid_from=1))
    sites = [Site(id=f"site-{name}", name=name, level="county") for name in sorted({one.site for one in known.values() if one.site})]
    return FrozenGraph(1, NOW, {"device": list(known.values()), "site": sites, **(more or {})}, [*wires, *edges])


def _around(view: FrozenGraph) -> Surroundings:
    return Surroundings(view, [node.id for node in view.of_kind("device") if view.noun(node.id).role == "core"])


def _alert(rule: str, device: str, instance: str = "", at: int = NOW) -> Alert:
    return Alert(id=f"{rule}/{device}/{instance}", rule=rule, device_id=device, instance=instance, severity="critical", raised_at=at)


def _silent(*devices: str, at: int = NOW) -> list[Alert]:
    return [_alert("device-unreachable", device, at=at) for device in devices]


def _port(device: str, port: str, at: int = NOW) -> Alert:
    return _alert("interface-down", device, port, at)


class Tools:
    """What the tests of this folder build with."""

    now = NOW
    device = staticmethod(_device)
    net = staticmethod(_net)
    around = staticmethod(_around)
    alert = staticmethod(_alert)
    silent = staticmethod(_silent)
    port = staticmethod(_port)


@pytest.fixture(scope="session")
def tools() -> Callable[[], Tools] | type[Tools]:
    return Tools
