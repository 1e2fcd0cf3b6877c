"""Prometheus: targets for `http_sd_configs` or `file_sd_configs`, labelled with what the graph knows of each device.

Form: "HTTP service discovery", Prometheus' documentation: a list of `{"targets": [text], "labels": {name: text}}`.
"""

from typing import Any

from core.graph import GraphView
from core.width import clean
from inventory.publish.scope import EVERYTHING, Scope, county_of


def targets(view: GraphView, port: int = 0, scope: Scope = EVERYTHING) -> list[dict[str, Any]]:
    """One entry for each polled device, by name. port 0: the address alone, as snmp_exporter wants it."""
    out = []
    for node in sorted(view.of_kind("device"), key=lambda one: one.name):
        device = view.noun(node.id)
        if not device.polled or not scope.shows(view, node):
            continue
        host = f"[{device.address}]" if ":" in device.address and port else device.address
        labels = {
            "name": device.name, "site": device.site, "county": county_of(view, device.site), "role": device.role,
            "platform": device.platform, "unit": device.unit, "model": device.model,
        }
        out.append({
            "targets": [f"{host}:{port}" if port else host],
            "labels": {f"__meta_yunwang_{name}": clean(value) for name, value in labels.items() if value},
        })
    return out
