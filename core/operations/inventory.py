"""Operations on what exists."""

from core.model import LISTED, MODEL
from core.operations.noun import JSON, Argument, Operation

_KIND = Argument(name="KIND", help="Kind of object.", choices=tuple(LISTED))
_NAME = Argument(name="NAME", help="Its name, or its key where a platform gave it one.")
_VALUES = Argument(name="VALUE", help="FIELD=VALUE; several names are separated by ;.", many="*", metavar="FIELD=VALUE")
_YES = Argument(name="--yes", help="Do not ask.", type="flag")
_DRY = Argument(name="--dry-run", help="Check and show, but change nothing.", type="flag")
_CRAWL = (
    Argument(
        name="--seed", help="discover: address of a device to begin with; may be repeated. Without one, every address is asked once.",
        many="*", metavar="ADDRESS",
    ),
    Argument(name="--deny", help="discover: prefix that is never asked; may be repeated.", many="*", metavar="PREFIX"),
    Argument(name="--max", help="discover: read at most so many devices.", type="int", metavar="N"),
    Argument(name="--hops", help="discover: go at most so many neighbours away from the seeds.", type="int", metavar="N"),
    Argument(name="--rate", help="discover: visit at most so many new addresses per second.", type="float", metavar="N"),
    Argument(name="--port", help="discover: UDP port of devices that are not in the inventory yet.", type="int", metavar="N"),
    Argument(
        name="--credential-set", help="discover: try the credentials of this set; without it, of the one whose prefix holds the address.",
        metavar="NAME",
    ),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="inventory.import",
        summary="Import what people declare from a csv or xlsx file, or ask a source once.",
        noun="inventory",
        verb="import",
        arguments=(
            Argument(
                name="FILE",
                help="A csv file (one kind) or an xlsx workbook, - for csv from standard input; or openstack:CLOUD, netbox:URL, "
                "librenms:URL, zabbix:URL, oxidized:FILE, discover:PREFIX.",
            ),
            Argument(name="--dry-run", help="Check and count, but change nothing.", type="flag"),
            *_CRAWL,
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
        summary="Show one object with all its fields and what it hangs together with, now or at a time.",
        noun="inventory",
        verb="show",
        arguments=(
            _KIND, _NAME,
            Argument(
                name="--at", help="As it was at this time: 2026-11-23, 2026-11-23T08:30, or 90m, 12h, 7d ago.", default="", metavar="TIME",
            ),
            JSON,
        ),
        handler="cli.inventory:show",
    ),
    Operation(
        id="inventory.edit",
        summary="Change one record, by FIELD=VALUE or in the editor.",
        noun="inventory",
        verb="edit",
        arguments=(
            _KIND, _NAME, _VALUES, Argument(name="--stdin", help="Read the fields as YAML from standard input.", type="flag"),
            _DRY, _YES, JSON,
        ),
        handler="cli.editing:edit",
    ),
    Operation(
        id="inventory.add",
        summary="Add one record.",
        noun="inventory",
        verb="add",
        arguments=(_KIND, _NAME, _VALUES, _DRY, _YES, JSON),
        handler="cli.editing:add",
    ),
    Operation(
        id="inventory.remove",
        summary="Remove one record to which no other refers.",
        noun="inventory",
        verb="remove",
        arguments=(_KIND, _NAME, _DRY, _YES, JSON),
        handler="cli.editing:remove",
    ),
    Operation(
        id="inventory.revert",
        summary="Make one record what it was at a time.",
        noun="inventory",
        verb="revert",
        arguments=(
            _KIND, _NAME,
            Argument(name="--at", help="The time: 2026-11-23, 2026-11-23T08:30, or 90m, 12h, 7d ago.", default="1h", metavar="TIME"),
            _DRY, _YES, JSON,
        ),
        handler="cli.editing:revert",
    ),
    Operation(
        id="inventory.diff",
        summary="Show what importing a file would change, or what changed since a time, field by field.",
        noun="inventory",
        verb="diff",
        arguments=(
            Argument(name="FILE", help="A csv file or an xlsx workbook, compared with the records.", many="?"),
            Argument(name="--since", help="What changed since this time: 2026-11-23, 2026-11-23T08:30, or 90m, 12h, 7d ago.", default="",
                     metavar="TIME"),
            Argument(name="--until", help="Up to this time; without it, now.", default="", metavar="TIME"),
            Argument(name="--kind", help="Only objects of this kind; may be repeated.", choices=tuple(MODEL), many="*", metavar="KIND"),
            JSON,
        ),
        handler="cli.changes:diff",
    ),
    Operation(
        id="inventory.export",
        summary="Export the inventory in the same columns that import reads.",
        noun="inventory",
        verb="export",
        arguments=(
            Argument(
                name="KIND", help="Kind of object; without it, all kinds (not csv; xlsx: those that an import reads).",
                choices=tuple(LISTED), many="?",
            ),
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
