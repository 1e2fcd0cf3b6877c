"""Operations on what exists."""

from core.objects import KINDS
from core.operations.noun import JSON, Argument, Operation

_KIND = Argument(name="KIND", help="Kind of object.", choices=tuple(KINDS))

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="inventory.import",
        summary="Import units, systems, sites, credentials and devices from a csv or xlsx file.",
        noun="inventory",
        verb="import",
        arguments=(
            Argument(name="FILE", help="A csv file (one kind) or an xlsx workbook; - reads csv from standard input."),
            Argument(name="--dry-run", help="Check and count, but change nothing.", type="flag"),
            JSON,
        ),
        handler="cli.inventory:import_",
    ),
    Operation(
        id="inventory.list",
        summary="List objects of one kind.",
        noun="inventory",
        verb="list",
        arguments=(
            _KIND,
            Argument(name="--filter", help="Only objects in which every one of these words occurs.", default="", metavar="TEXT"),
            Argument(name="--where", help="Only objects whose field has this value; may be repeated.", many="*", metavar="FIELD=VALUE"),
            Argument(name="--sort", help="Field to sort by; with a leading - the other way round.", default="name", metavar="FIELD"),
            Argument(name="--limit", help="At most so many; 0: all.", type="int", default=100, metavar="N"),
            JSON,
        ),
        handler="cli.inventory:list_",
    ),
    Operation(
        id="inventory.show",
        summary="Show one object with all its fields.",
        noun="inventory",
        verb="show",
        arguments=(_KIND, Argument(name="NAME", help="Its name."), JSON),
        handler="cli.inventory:show",
    ),
    Operation(
        id="inventory.export",
        summary="Export the inventory in the same columns that import reads.",
        noun="inventory",
        verb="export",
        arguments=(
            Argument(name="KIND", help="Kind of object; without it, all kinds (not csv).", choices=tuple(KINDS), many="?"),
            Argument(name="-o --output", help="Write to this file instead of standard output.", default="", metavar="FILE"),
            Argument(
                name="--format", help="Format; without it, what the file name says, else csv.", choices=("csv", "xlsx", "json", "sqlite"),
            ),
        ),
        handler="cli.inventory:export",
    ),
    Operation(
        id="inventory.template",
        summary="Write an empty workbook to fill in, with headings and lists to choose from.",
        noun="inventory",
        verb="template",
        arguments=(Argument(name="-o --output", help="The xlsx file to write.", default="yunwang-inventory.xlsx", metavar="FILE"),),
        handler="cli.inventory:template",
    ),
)
