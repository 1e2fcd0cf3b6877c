"""What is down by itself at this moment: devices that polling does not reach, hosts and machines whose platform says so."""

from collections.abc import Mapping

from core.graph import GraphView

STOPPED = frozenset({"SHUTOFF", "ERROR", "DELETED", "SUSPENDED", "PAUSED", "SHELVED", "SHELVED_OFFLOADED", "CRASHED"})
"""States of Nova in which a machine serves nobody."""


def down_now(view: GraphView, status: Mapping[str, str]) -> tuple[str, ...]:
    """Ids, in the order of the view. status: of the devices by id, as `core.views.Status`."""
    devices = [node.id for node in view.of_kind("device") if status.get(node.id) == "down"]
    hosts = [node.id for node in view.of_kind("host") if view.noun(node.id).state.lower() == "down"]
    machines = [node.id for node in view.of_kind("vm") if view.noun(node.id).state.upper() in STOPPED]
    return (*devices, *hosts, *machines)
