"""Operations of polling and of the lab."""

from core.operations.noun import JSON, Argument, Operation

_AUTH = ("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512")
_PRIV = ("DES", "AES128", "AES192", "AES256")

ACCESS = (
    Argument(name="--port", help="UDP port of its SNMP agent.", type="int", default=161),
    Argument(name="--version", help="SNMP version; 3 where --v3-user is given, else 2c.", choices=("1", "2c", "3"), default=""),
    Argument(name="--community", help="The community, or where it is kept: env:NAME or file:PATH. Asked for where it is left out.",
             default="", metavar="PLACE"),
    Argument(name="--v3-user", help="SNMPv3 user.", default="", metavar="NAME"),
    Argument(name="--v3-secret", help="Where authentication and privacy passphrase are kept, a line each: env:NAME or file:PATH.",
             default="", metavar="PLACE"),
    Argument(name="--v3-auth", help="Authentication protocol.", choices=_AUTH, default="SHA256"),
    Argument(name="--v3-priv", help="Privacy protocol.", choices=_PRIV, default="AES128"),
    Argument(name="--timeout", help="Seconds to wait for an answer.", type="float", default=2.0),
)

_PROFILE = Argument(
    name="--profile", help="YAML file of one's own profile; it replaces a shipped one of the same name.", metavar="FILE", many="*",
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="polling.poll",
        summary="Ask one device what it is and how its interfaces do; needs no hub and stores nothing.",
        verb="poll",
        arguments=(
            Argument(name="HOST", help="Name or address of the device."),
            *ACCESS,
            Argument(name="--wait", help="Seconds between the two polls that give the rates.", type="float", default=5.0),
            Argument(name="--once", help="One poll: states, but no rates.", type="flag"),
            Argument(
                name="--explain", type="flag",
                help="Show what one poll costs the device, in variables, requests and octets. Of a device of the hub its name will do.",
            ),
            Argument(name="--interval", help="With --explain: seconds between its polls; those of the settings.", type="int", default=0),
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
            *ACCESS,
            JSON,
        ),
        handler="cli.discover:discover",
    ),
    Operation(
        id="profile.list",
        summary="The kinds of device that are known.",
        noun="profile",
        verb="list",
        arguments=(Argument(name="WORD", help="Only those with this word in name or title.", many="?", default=""), _PROFILE, JSON),
        handler="cli.profile:list_profiles",
    ),
    Operation(
        id="profile.show",
        summary="What a profile says: how its devices are recognised and what they are asked.",
        noun="profile",
        verb="show",
        arguments=(Argument(name="NAME", help="Name of the profile."), _PROFILE, JSON),
        handler="cli.profile:show",
    ),
    Operation(
        id="profile.test",
        summary="What the profiles find on a recorded or a live device.",
        noun="profile",
        verb="test",
        arguments=(
            Argument(name="RECORDING", help="File with lines OID|TAG|VALUE or the output of snmpwalk -On; or a host."),
            _PROFILE,
            *ACCESS,
            JSON,
        ),
        handler="cli.profile:test",
    ),
)
