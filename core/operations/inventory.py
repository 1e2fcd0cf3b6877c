"""Operations on what exists."""

from core.operations.noun import Operation

OPERATIONS: tuple[Operation, ...] = ()
