"""Questions about the graph of what exists."""

from core.model import MODEL
from core.operations.noun import JSON, Argument, Operation

_NAME = "Name, id, or KIND:NAME where several kinds have the name."
_GONE = "Name, id or KIND:NAME of an object; a port as DEVICE:PORT; a link as A:PORT--B:PORT, or A--B for all between two devices."
_END = "Name, id or KIND:NAME; or an address, 10.1.2.3 or VPN|10.1.2.3."
_AT = Argument(
    name="--at", help="As it was then: 2026-11-23, 2026-11-23T08:30, or how long ago: 90m, 12h, 7d.", default="", metavar="TIME",
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="graph.xray", summary="Show what carries an object, from a unit or system down to hosts and switch ports.", noun="graph",
        verb="xray", arguments=(
            Argument(name="NAME", help=_NAME), Argument(name="--up", help="Show what stands on it instead.", type="flag"), _AT, JSON,
        ), handler="cli.graph:xray",
    ),
    Operation(
        id="graph.impact", summary="Show what fails, and what loses redundancy, when objects are gone.", noun="graph", verb="impact",
        arguments=(Argument(name="NAME", help=_GONE, many="+"), _AT, JSON), handler="cli.graph:impact",
    ),
    Operation(
        id="graph.whatif", summary="Show what a planned failure or work adds to what is down already.", noun="graph", verb="whatif",
        arguments=(
            Argument(name="NAME", help=_GONE, many="+"),
            Argument(name="--with-live", help="Take what polling and the clouds see down now as failed already.", type="flag"), JSON,
        ), handler="cli.graph:whatif",
    ),
    Operation(
        id="graph.depends", summary="Show all that an object depends on, or all that depends on it.", noun="graph", verb="depends",
        arguments=(
            Argument(name="NAME", help=_NAME), Argument(name="--dependents", help="Show who depends on it.", type="flag"),
            Argument(name="--list", help="Show a list, nearest first, instead of a tree.", type="flag"), _AT, JSON,
        ), handler="cli.graph:depends",
    ),
    Operation(
        id="graph.path", summary="Show the shortest way between two objects or addresses.", noun="graph", verb="path",
        arguments=(
            Argument(name="START", help=_END), Argument(name="END", help=_END),
            Argument(
                name="--layer", help="any: over everything that is joined; l2: over devices and their links alone, hop by hop.",
                choices=("any", "l2"), default="any",
            ), _AT, JSON,
        ), handler="cli.graph:path",
    ),
    Operation(
        id="graph.around", summary="Show an object with all its edges: where each is known from, and since when.", noun="graph",
        verb="around", arguments=(Argument(name="NAME", help=_NAME), _AT, JSON), handler="cli.graph:around",
    ),
    Operation(
        id="graph.changes", summary="Show what changed between two times: objects, who wrote them, and edges.", noun="graph",
        verb="changes", arguments=(
            Argument(
                name="--since", help="From here on: 2026-11-23, 2026-11-23T08:30, or how long ago: 90m, 12h, 7d.", default="1d",
                metavar="TIME",
            ),
            Argument(name="--until", help="Before this; now where it is left out.", default="", metavar="TIME"),
            Argument(name="--kind", help="Only objects of this kind; may be repeated.", choices=tuple(MODEL), many="*", metavar="KIND"),
            Argument(name="--unit", help="Only what belongs to this unit.", default="", metavar="UNIT"),
            Argument(name="--limit", help="At most this many objects.", type="int", default=500), JSON,
        ), handler="cli.graph_changes:changes",
    ),
)
