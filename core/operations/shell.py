"""Operations of the command line itself."""

from core.operations.noun import Argument, Operation

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="shell.completion",
        summary="Print a completion script for a shell.",
        verb="completion",
        arguments=(Argument(name="SHELL", help="Which shell.", choices=("bash", "zsh", "fish")),),
        handler="cli.completion:completion",
    ),
)
