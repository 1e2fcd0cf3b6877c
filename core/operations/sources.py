"""Operations on where the inventory comes from."""

from core.operations.noun import JSON, Argument, Operation

_KINDS = ("openstack", "netbox", "librenms", "zabbix", "oxidized")
_NAME = Argument(name="NAME", help="Name of the source.")
_URL = Argument(name="--url", help="Its address; of a cloud that of Keystone, which ends in /v3 as a rule.", default="", metavar="URL")
_OPTION = Argument(
    name="--option", help="What only this kind of source knows (docs/sources.md); may be repeated. Empty: not any more.", many="*",
    metavar="NAME=VALUE",
)
_CREDENTIAL = Argument(name="--credential", help="A credential that is there, of the kind password or token.", default="", metavar="NAME")
_AUTHORITY = Argument(
    name="--authority", help="PEM file of the authority that signed its certificate, or of that certificate itself.", default="",
    metavar="FILE",
)
_NOTE = Argument(name="--note", help="Anything worth knowing.", default="", metavar="TEXT")
_DRY = Argument(name="--dry-run", help="Read, compare and count, but change nothing.", type="flag")
_NO_WAIT = Argument(name="--no-wait", help="Do not wait for the end; `yunwang job follow` does.", type="flag")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="source.list", summary="List the sources of the inventory, each with its newest sync.", noun="source", verb="list",
        arguments=(JSON,), handler="cli.source:list_",
    ),
    Operation(
        id="source.add", summary="Add a source; its secret is sealed by the hub.", noun="source", verb="add",
        arguments=(
            Argument(name="KIND", help="What it is.", choices=_KINDS), _NAME, _URL,
            Argument(name="--user", help="User, where it wants a password.", default="", metavar="NAME"), _CREDENTIAL, _OPTION, _AUTHORITY,
            Argument(
                name="--from-cloud", help="Take everything over from this cloud of a clouds.yaml on this machine, the password too.",
                default="", metavar="CLOUD",
            ),
            _NOTE,
            Argument(name="--stdin", help="Read the secret from standard input; without it, it is asked for and not shown.", type="flag"),
            JSON,
        ),
        handler="cli.source:add",
    ),
    Operation(
        id="source.set", summary="Change a source, switch it on or off.", noun="source", verb="set",
        arguments=(
            _NAME, _URL, _CREDENTIAL, _OPTION, _AUTHORITY, _NOTE, Argument(name="--on", help="Switch it on.", type="flag"),
            Argument(name="--off", help="Switch it off: it is not asked, by schedules neither.", type="flag"), JSON,
        ),
        handler="cli.source:set_",
    ),
    Operation(
        id="source.remove", summary="Remove a source; what it told stays in the inventory.", noun="source", verb="remove",
        arguments=(_NAME,), handler="cli.source:remove",
    ),
    Operation(
        id="source.test", summary="Try whether a source can be read, and say what is wrong.", noun="source", verb="test",
        arguments=(_NAME, JSON), handler="cli.source:test",
    ),
    Operation(
        id="inventory.sync", summary="Ask a source now and take into the inventory what it tells.", noun="source", verb="sync",
        arguments=(
            _NAME, _DRY,
            Argument(
                name="--accept-new", help="Take over also what nobody declared, as an import does; without it, that waits in the queue.",
                type="flag",
            ),
            _NO_WAIT, JSON,
        ),
        handler="cli.source:sync",
    ),
    Operation(
        id="source.push", summary="Write to a NetBox the sites, devices and prefixes that it lacks; nothing is deleted there.",
        noun="source", verb="push", arguments=(_NAME, _DRY, _NO_WAIT, JSON), handler="cli.source:push",
    ),
)
