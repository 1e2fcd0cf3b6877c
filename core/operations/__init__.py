"""Every operation of the product, declared once, a module for each group of nouns."""

from core.operations import accounts, console, credentials, hub, inventory, polling, shell
from core.operations.noun import JSON, Argument, Operation

OPERATIONS: tuple[Operation, ...] = (
    *hub.OPERATIONS, *accounts.OPERATIONS, *inventory.OPERATIONS, *credentials.OPERATIONS, *polling.OPERATIONS, *console.OPERATIONS,
    *shell.OPERATIONS,
)


def commands() -> dict[tuple[str, str], Operation]:
    """The operations that are commands, by noun and verb."""
    return {(op.noun, op.verb): op for op in OPERATIONS if op.verb}


__all__ = ["JSON", "OPERATIONS", "Argument", "Operation", "commands"]
