"""Prometheus: targets for `http_sd_configs` or `file_sd_configs`, labelled with what the graph knows of each device."""

from typing import Any

from core.graph import GraphView


def targets(view: GraphView, port: int = 0) -> list[dict[str, Any]]:
    """One entry for each polled device. port 0: the address alone, as snmp_exporter wants it."""
    out = []
    for node in view.of_kind("device"):
        device = view.noun(node.id)
        if not device.polled:
            continue
        host = f"[{device.address}]" if ":" in device.address and port else device.address
        labels = {"name": device.name, "site": device.site, "role": device.role, "platform": device.platform, "unit": device.unit}
        out.append({
            "targets": [f"{host}:{port}" if port else host],
            "labels": {f"__meta_yunwang_{name}": value for name, value in labels.items() if value},
        })
    return out
