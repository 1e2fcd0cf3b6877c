"""Operations of polling and of the lab."""

from core.operations.noun import JSON, Argument, Operation

_AUTH = ("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512")
_PRIV = ("DES", "AES128", "AES192", "AES256")

_ACCESS = (
    Argument(name="--port", help="UDP port of its SNMP agent.", type="int", default=161),
    Argument(name="--version", help="SNMP version; 3 where --v3-user is given, else 2c.", choices=("1", "2c", "3"), default=""),
    Argument(name="--community", help="Where the community is kept: env:NAME or file:PATH. Asked for where it is left out.",
             default="", metavar="PLACE"),
    Argument(name="--v3-user", help="SNMPv3 user.", default="", metavar="NAME"),
    Argument(name="--v3-secret", help="Where authentication and privacy passphrase are kept, a line each: env:NAME or file:PATH.",
             default="", metavar="PLACE"),
    Argument(name="--v3-auth", help="Authentication protocol.", choices=_AUTH, default="SHA256"),
    Argument(name="--v3-priv", help="Privacy protocol.", choices=_PRIV, default="AES128"),
    Argument(name="--timeout", help="Seconds to wait for an answer.", type="float", default=2.0),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="polling.poll",
        summary="Ask one device what it is and how its interfaces do; needs no hub and stores nothing.",
        verb="poll",
        arguments=(
            Argument(name="HOST", help="Name or address of the device."),
            *_ACCESS,
            Argument(name="--wait", help="Seconds between the two polls that give the rates.", type="float", default=5.0),
            Argument(name="--once", help="One poll: states, but no rates.", type="flag"),
            JSON,
        ),
        handler="cli.poll:poll",
    ),
    Operation(
        id="polling.discover",
        summary="Find out what a device is: maker, model, version, ports, processors, memory, sensors, neighbours; needs no hub.",
        verb="discover",
        arguments=(
            Argument(name="HOST", help="Name or address of the device; left out with --batch.", many="?"),
            Argument(name="--batch", help="Read lines HOST PORT COMMUNITY from standard input and print one JSON object for each.",
                     type="flag"),
            *_ACCESS,
            JSON,
        ),
        handler="cli.discover:discover",
    ),
)
