"""Operations on capacity and availability."""

from core.capacity import KINDS, MEASURED, ORDERS
from core.operations.noun import JSON, Argument, Operation

_SITE = Argument(name="--site", help="Only at this site.", default="", metavar="NAME")
_UNIT = Argument(name="--unit", help="Only of this unit and the units below it.", default="", metavar="NAME")
_UNTIL = Argument(name="--until", help="Before this; written like --since.", default="", metavar="TIME")
_CSV = Argument(name="--csv", help="Print a table for spreadsheets.", type="flag")
_BY = Argument(
    name="--by", help="Ordered by the mean, the 95th percentile, or growth in percentage points a month.", choices=ORDERS, default="p95",
    metavar="WORD",
)


def _since(default: str) -> Argument:
    return Argument(
        name="--since", help="From here on: 2026-11-23, 2026-11-23T08:30, or how long ago: 90m, 12h, 7d.", default=default, metavar="TIME",
    )


def _limit(default: int) -> Argument:
    return Argument(name="--limit", help="At most so many rows.", type="int", default=default, metavar="N")


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="capacity.top", summary="List the fullest lines, cloud pools, processors, memory or volumes of a period.", noun="capacity",
        verb="top",
        arguments=(
            _BY, Argument(name="--kind", help="What is compared.", choices=KINDS, default="line", metavar="WORD"),
            _SITE, _UNIT, _since("7d"), _UNTIL, _limit(20), _CSV, JSON,
        ),
        handler="cli.capacity:top",
    ),
    Operation(
        id="capacity.report", summary="Report how full everything was and how long it worked, as a job with progress.", noun="capacity",
        verb="report",
        arguments=(
            Argument(name="--month", help="A month by China's clock: 2026-10; without it the last 30 days.", default="", metavar="MONTH"),
            _BY, _SITE, _UNIT, _since(""), _UNTIL,
            Argument(name="--job", help="Show what this job left, instead of a new one.", default="", metavar="ID"),
            Argument(
                name="--format", help="Format; without it, what the file name says, else text.",
                choices=("text", "xlsx", "csv", "md", "json"),
            ),
            Argument(name="-o --output", help="Write to this file instead of standard output.", default="", metavar="FILE"), JSON,
        ),
        handler="cli.capacity:report", needs="capacity.report",
    ),
    Operation(
        id="availability", summary="Show how long devices, hosts, systems or units worked, against what was promised.",
        verb="availability",
        arguments=(
            Argument(name="KIND", help="What of.", choices=MEASURED), Argument(name="NAME", help="One of them; without it all.", many="?"),
            _SITE, _UNIT, _since("30d"), _UNTIL, _limit(100), _CSV, JSON,
        ),
        handler="cli.availability:show",
    ),
    Operation(id="console.availability", summary="Go to how long systems, units, devices and hosts worked, against what was promised.",
              action="availability", colon=("availability", "可用率")),
    Operation(id="console.month", summary="Choose the month, or the last days, that availability is of.", label="Month", action="month",
              screen="availability downtime object", keys=("f8",), colon=("month", "月份")),
    Operation(id="console.device-month", summary="Choose the month, or the last days, that availability is of.", action="month",
              screen="device", colon=("month", "月份")),
)
