"""Operations on one's own first devices: is everything there that monitoring needs, and what to paste where it is not."""

from core.operations.noun import JSON, Argument, Operation
from core.operations.polling import ACCESS
from core.snippets import PARTS, platforms

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="watch",
        summary="Follow alerts and the state of devices live in the shell, a line for each change, until interrupted.",
        verb="watch",
        arguments=(
            Argument(name="TEXT", help="Only what holds these words.", many="?", default=""),
            Argument(name="--alerts", help="Only alerts.", type="flag"),
            Argument(name="--devices", help="Only devices.", type="flag"),
            Argument(name="--for", help="End after so many seconds; 0: never.", type="float", default=0.0, metavar="S"),
            Argument(name="--json", help="One JSON object a line.", type="flag"),
        ),
        handler="cli.watch:watch",
    ),
    Operation(
        id="device.check",
        summary="Try everything that a device needs to be monitored: ICMP, SNMP, SSH, host key, privilege, traps, log lines.",
        noun="device",
        verb="check",
        arguments=(
            Argument(name="HOST", help="Name or address of the device."),
            *ACCESS,
            Argument(name="--hub", help="The hub tries a device of the inventory, with its credentials and pinned host keys.", type="flag"),
            Argument(name="--platform", help="Platform of the device; left out: as SNMP says.", choices=platforms(), default=""),
            Argument(name="--ssh-user", help="User that logs in by SSH.", default="", metavar="NAME"),
            Argument(name="--ssh-secret", help="Where its password or private key is kept: env:NAME or file:PATH; else it is asked for.",
                     default="", metavar="PLACE"),
            Argument(name="--ssh-port", help="TCP port of its SSH server.", type="int", default=22),
            Argument(name="--host-key", help="Fingerprint that its SSH server must show (SHA256:...).", default="", metavar="KEY"),
            Argument(name="--listen", help="Seconds to wait for its traps and log lines; they are listened for while the rest is tried.",
                     type="float", default=0.0, metavar="S"),
            Argument(name="--trap-port", help="UDP port that traps come to.", type="int", default=162),
            Argument(name="--syslog-port", help="UDP port that log lines come to.", type="int", default=514),
            JSON,
        ),
        handler="cli.device:check",
    ),
    Operation(
        id="device.snippet",
        summary="Print what to paste into a device so that it can be monitored: SNMPv3, traps, syslog, SSH, LLDP.",
        noun="device",
        verb="snippet",
        arguments=(
            Argument(name="--platform", help="Platform of the device.", choices=platforms(), default=""),
            Argument(name="--collector", help="Address that traps and log lines go to: this machine's, as the device sees it.", default="",
                     metavar="ADDRESS"),
            Argument(name="--part", help="Only this part; may be repeated.", choices=PARTS, many="*"),
            Argument(name="--user", help="User of SNMPv3 and SSH on the device.", default="yunwang", metavar="NAME"),
            Argument(name="--source", help="Interface that the device sends from.", default="", metavar="NAME"),
            Argument(name="--trap-port", help="UDP port that traps come to.", type="int", default=162),
            Argument(name="--syslog-port", help="UDP port that log lines come to.", type="int", default=514),
            Argument(name="--generate", help="Make secrets and keep them in this new file (0600), instead of words to replace.", default="",
                     metavar="FILE"),
            JSON,
        ),
        handler="cli.device:snippet",
    ),
)
