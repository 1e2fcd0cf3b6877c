"""Operations on events: what devices say by traps and syslog."""

from core.events import PRIORITIES
from core.operations.noun import JSON, Argument, Operation

_SEVERITY = Argument(name="--severity", help="This severe or more.", choices=PRIORITIES, default="debug", metavar="WORD")
_DEVICE = Argument(name="--device", help="Only of this device, from any of its addresses: name or id.", default="", metavar="NAME")
_SOURCE = Argument(name="--source", help="Only from this address, also where no device has it.", default="", metavar="ADDRESS")
_KIND = Argument(name="--kind", help="Only traps, or only syslog.", choices=("trap", "syslog"), default="", metavar="KIND")
_UNTIL = Argument(name="--until", help="Up to then: 2026-11-23T08:30, 90m ago.", default="", metavar="TIME")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="event.list",
        summary="List what devices said, newest first, out of the logs.",
        noun="event",
        verb="list",
        arguments=(
            Argument(name="--since", help="From then on: 2026-11-23T08:30, 90m, 12h, 7d ago.", default="1h", metavar="TIME"),
            _UNTIL,
            Argument(name="--grep", help="Only lines that hold this word.", default="", metavar="WORD"),
            _DEVICE, _SOURCE, _KIND, _SEVERITY,
            Argument(name="--limit", help="At most so many.", type="int", default=200, metavar="N"),
            Argument(name="--follow", help="Go on with what is said from now on, until interrupted.", type="flag"),
            JSON,
        ),
        handler="cli.event:list_events",
    ),
    Operation(
        id="event.senders",
        summary="List who spoke: every address that was heard, with its device.",
        noun="event",
        verb="senders",
        arguments=(
            Argument(name="--unknown", help="Only addresses that no device is known to have.", type="flag"),
            Argument(name="--limit", help="At most so many.", type="int", default=200, metavar="N"),
            JSON,
        ),
        handler="cli.event:list_senders",
    ),
    Operation(
        id="event.heard",
        summary="Show how much was heard, kept and lost since the ears began.",
        noun="event",
        verb="heard",
        arguments=(JSON,),
        handler="cli.event:heard",
        needs="node.storage",
    ),
    Operation(
        id="event.parse",
        summary="Show what is made of raw lines from standard input; needs no hub.",
        noun="event",
        verb="parse",
        arguments=(
            Argument(name="--from", help="The address that they came from.", default="", metavar="ADDRESS"),
            Argument(name="--trap", help="Each line is a trap's datagram in hexadecimal digits, not a syslog line.", type="flag"),
            JSON,
        ),
        handler="cli.event:parse",
    ),
    Operation(
        id="event.search",
        summary="Search all raw logs of a long period for a word, by a job with progress.",
        noun="event",
        verb="search",
        arguments=(
            Argument(name="WORD", help="Part of a line; Chinese is found in UTF-8 and in GB 18030."),
            Argument(name="--since", help="From then on; without it all that is kept.", default="", metavar="TIME"),
            _UNTIL, _DEVICE, _SOURCE, _KIND, _SEVERITY, JSON,
        ),
        handler="cli.event:search",
        needs="event.search",
    ),
)
