"""Every operation of the product, declared once, a module for each group of nouns."""

from core.operations import (
    accounts,
    alerts,
    approval,
    audit,
    capacity,
    console,
    credentials,
    device,
    events,
    finding,
    graph,
    hub,
    inventory,
    node,
    notify,
    polling,
    probes,
    queue,
    rules,
    shell,
    sources,
    work,
)
from core.operations.noun import JSON, Argument, Operation

_GROUPS = (
    audit, hub, node, accounts, inventory, sources, finding, graph, queue, polling, probes, approval, work, credentials, device, events,
    console, shell, notify, alerts, capacity, rules,
)
OPERATIONS: tuple[Operation, ...] = tuple(operation for group in _GROUPS for operation in group.OPERATIONS)


def commands() -> dict[tuple[str, str], Operation]:
    """The operations that are commands, by noun and verb."""
    return {(op.noun, op.verb): op for op in OPERATIONS if op.verb}


__all__ = ["JSON", "OPERATIONS", "Argument", "Operation", "commands"]
