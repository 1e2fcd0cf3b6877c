"""Operations of the console alone."""

from core.operations.noun import Operation

OPERATIONS: tuple[Operation, ...] = ()
