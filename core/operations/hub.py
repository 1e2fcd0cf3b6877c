"""Operations on the hub and its processes."""

from core.operations.noun import Operation

OPERATIONS: tuple[Operation, ...] = ()
