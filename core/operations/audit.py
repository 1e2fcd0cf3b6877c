"""Operations on the audit trail. None of them changes or removes a row."""

from core.operations.noun import JSON, Argument, Operation

_FILTER = (
    Argument(name="--actor", help="Only what this account or process did.", default="", metavar="NAME"),
    Argument(name="--action", help="Only this action, or all that begin with this word: user, user.add.", default="", metavar="ACTION"),
    Argument(name="--object", help="Only what was done to this object.", default="", metavar="KIND:ID"),
    Argument(name="--kind", help="Only what was done to objects of this kind.", default="", metavar="KIND"),
    Argument(name="--origin", help="Only from addresses that begin so: 10.1., unix:.", default="", metavar="START"),
    Argument(name="--request", help="Only this request, by its id.", default="", metavar="ID"),
    Argument(name="--word", help="Only entries in which every one of these words occurs.", default="", metavar="TEXT"),
    Argument(name="--refused", help="Only what was refused or failed.", type="flag"),
    Argument(name="--since", help="From here on: 2026-11-23, 2026-11-23T08:30, or how long ago: 90m, 12h, 7d.", default="", metavar="TIME"),
    Argument(name="--until", help="Before this; written like --since.", default="", metavar="TIME"),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="audit.search",
        summary="Search the audit trail, newest first.",
        noun="audit",
        verb="search",
        arguments=(
            *_FILTER,
            Argument(name="--limit", help="At most so many; 0: all.", type="int", default=50, metavar="N"),
            Argument(name="--oldest", help="Oldest first.", type="flag"),
            Argument(name="--archives", help="Archived entries too; oldest first.", type="flag"),
            Argument(name="--details", help="Show before and after of each entry.", type="flag"),
            JSON,
        ),
        handler="cli.audit:search",
    ),
    Operation(
        id="audit.verify",
        summary="Prove that no entry of the audit trail was changed, removed, inserted or reordered.",
        noun="audit",
        verb="verify",
        arguments=(
            Argument(name="--tip", help="Compare with digests that were kept elsewhere: a tip file or a syslog file.",
                     default="", metavar="FILE"),
            Argument(name="--file", help="Without a hub: prove this copy of the records.", default="", metavar="RECORDS.DB"),
            Argument(name="--archives", help="With --file: folder of the archives; without it, audit beside the file.",
                     default="", metavar="FOLDER"),
            JSON,
        ),
        handler="cli.audit:verify",
    ),
    Operation(
        id="audit.export",
        summary="Export entries of the audit trail, oldest first, as csv or JSON lines.",
        noun="audit",
        verb="export",
        arguments=(
            Argument(name="FILE", help="The file to write; - writes to standard output."),
            *_FILTER,
            Argument(name="--archives", help="Archived entries too.", type="flag"),
            Argument(name="--format", help="Format; without it, what the file name says, else csv.", choices=("csv", "jsonl")),
        ),
        handler="cli.audit:export",
    ),
    Operation(
        id="audit.archive",
        summary="Move entries that are older than audit.keep_days into signed archives.",
        noun="audit",
        verb="archive",
        arguments=(
            Argument(name="--trust-clock", help="The clock is right, although the hub was not seen running for so long.", type="flag"),
            JSON,
        ),
        handler="cli.audit:archive",
    ),
    Operation(
        id="audit.status",
        summary="Show how far the audit trail goes, when it was sealed, and its archives.",
        noun="audit",
        verb="status",
        arguments=(JSON,),
        handler="cli.audit:status",
    ),
)
