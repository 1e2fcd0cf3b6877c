"""Operations on probes: questions to what SNMP does not answer."""

from core.operations.noun import JSON, Argument, Operation

_KINDS = ("icmp", "tcp", "http", "dns", "ntp", "ssh", "sql", "host", "openstack", "prometheus")
_NAME = Argument(name="NAME", help="Name of the probe.")
_OPTION = Argument(
    name="--option", help="What only this kind of probe knows (docs/probes.md); may be repeated. Empty: not any more.", many="*",
    metavar="NAME=VALUE",
)
_PORT = Argument(name="--port", help="Port; 0: the usual one of its kind.", type="int", default=0, metavar="PORT")
_TIMEOUT = Argument(name="--timeout", help="Seconds for everything together.", type="float", default=5.0, metavar="SECONDS")
_DRY = Argument(name="--dry-run", help="Check and compare, but change nothing.", type="flag")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="probe.run", summary="Ask one thing now, without a hub: ICMP, TCP, HTTP, DNS, NTP, SSH, SQL, a host, a cloud, Prometheus.",
        noun="probe", verb="run", arguments=(
            Argument(name="KIND", help="What is asked.", choices=_KINDS),
            Argument(name="TARGET", help="Host, address or URL."), _PORT, _OPTION, _TIMEOUT,
            Argument(name="--user", help="User, where it wants a login.", default="", metavar="NAME"),
            Argument(
                name="--secret", help="Where the password, token or private key is: env:NAME or file:PATH.", default="", metavar="PLACE",
            ),
            Argument(
                name="--host-key", help="Of a host: its expected key, as `ALGORITHM SHA256:...`; without it, any key is taken.", default="",
                metavar="KEY",
            ),
            JSON,
        ),
        handler="cli.probe:run",
    ),
    Operation(
        id="probe.list", summary="List the probes, each with what it found last.", noun="probe", verb="list",
        arguments=(
            Argument(name="--bad", help="Only those that are not as they should be.", type="flag"),
            Argument(name="--object", help="Only those about this object.", default="", metavar="NAME"), JSON,
        ),
        handler="cli.probe:list_",
    ),
    Operation(
        id="probe.add", summary="Add a probe, or many from a YAML file.", noun="probe", verb="add",
        arguments=(
            Argument(name="KIND", help="What it asks; not with --file.", many="?", choices=_KINDS),
            Argument(name="NAME", help="Name of the probe; not with --file.", many="?"),
            Argument(
                name="--object", help="What it is about: the name of a device, or KIND:NAME as in system:OA or data_line:population.",
                default="", metavar="[KIND:]NAME",
            ),
            Argument(name="--target", help="Host, address or URL; empty: the object's own address.", default="", metavar="TARGET"),
            _PORT, _OPTION, _TIMEOUT,
            Argument(name="--interval", help="Seconds between two runs.", type="int", default=60, metavar="SECONDS"),
            Argument(name="--credential", help="A credential that is there.", default="", metavar="NAME"),
            Argument(name="--note", help="Anything worth knowing.", default="", metavar="TEXT"),
            Argument(name="--file", help="YAML file with probes (docs/probes.md); - is standard input.", default="", metavar="FILE"),
            Argument(name="--replace", help="Those of the same name become what is said here.", type="flag"), _DRY, JSON,
        ),
        handler="cli.probe:add",
    ),
    Operation(
        id="probe.set", summary="Change a probe, switch it on or off.", noun="probe", verb="set",
        arguments=(
            _NAME, Argument(name="--target", help="Host, address or URL.", metavar="TARGET"),
            Argument(name="--port", help="Port; 0: the usual one of its kind.", type="int", metavar="PORT"), _OPTION,
            Argument(name="--interval", help="Seconds between two runs.", type="int", metavar="SECONDS"),
            Argument(name="--timeout", help="Seconds for everything together.", type="float", metavar="SECONDS"),
            Argument(name="--credential", help="A credential that is there.", metavar="NAME"),
            Argument(name="--note", help="Anything worth knowing.", metavar="TEXT"),
            Argument(name="--on", help="Switch it on.", type="flag"), Argument(name="--off", help="Switch it off.", type="flag"), JSON,
        ),
        handler="cli.probe:set_",
    ),
    Operation(
        id="probe.test", summary="Let the hub run a probe now, and say what it finds.", noun="probe", verb="test", arguments=(_NAME, JSON),
        handler="cli.probe:test",
    ),
    Operation(
        id="probe.remove", summary="Remove a probe; what it measured stays as long as samples are kept.", noun="probe", verb="remove",
        arguments=(_NAME,), handler="cli.probe:remove",
    ),
)
