"""Questions about the graph of what exists."""

from core.operations.noun import JSON, Argument, Operation

_NAME = "Name, id, or KIND:NAME where several kinds have the name."

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="graph.xray", summary="Show what carries an object, from a unit or system down to hosts and switch ports.", noun="graph",
        verb="xray", arguments=(Argument(name="NAME", help=_NAME), JSON), handler="cli.graph:xray",
    ),
    Operation(
        id="graph.impact", summary="Show what fails, and what loses redundancy, when objects are gone.", noun="graph", verb="impact",
        arguments=(Argument(name="NAME", help=_NAME, many="+"), JSON), handler="cli.graph:impact",
    ),
    Operation(
        id="graph.path", summary="Show the shortest way between two objects.", noun="graph", verb="path",
        arguments=(Argument(name="START", help=_NAME), Argument(name="END", help=_NAME), JSON), handler="cli.graph:path",
    ),
)
