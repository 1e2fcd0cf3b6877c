"""Operations of polling and of the lab."""

from core.operations.noun import Operation

OPERATIONS: tuple[Operation, ...] = ()
