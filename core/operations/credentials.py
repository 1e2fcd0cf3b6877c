"""Operations on what opens devices: credentials, sets of them, host keys."""

from typing import get_args

from core.objects import CredentialKind
from core.operations.noun import JSON, Argument, Operation

_AUTH = ("MD5", "SHA1", "SHA224", "SHA256", "SHA384", "SHA512")
_PRIV = ("DES", "AES128", "AES192", "AES256")
_NAME = Argument(name="NAME", help="Name of the credential.")
_SET = Argument(name="NAME", help="Name of the set.")
_HOST = Argument(name="HOST", help="Name or address of the device.")
_STDIN = Argument(name="--stdin", help="Read the secret from standard input; without it, it is asked for and not shown.", type="flag")
_PORT = Argument(name="--port", help="Another port than the device's.", type="int", default=0)
_SSH_HOST = Argument(name="HOST", help="Address of the host, with :PORT where it is not 22.")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="credential.list", summary="List credentials: where each secret is kept, its age, who uses it, how its last test went.",
        noun="credential", verb="list", arguments=(JSON,), handler="cli.credentials:list_",
    ),
    Operation(
        id="credential.add", summary="Add a credential; its secret is sealed by the hub.", noun="credential", verb="add",
        arguments=(
            _NAME,
            Argument(name="--kind", help="Kind of credential.", choices=get_args(CredentialKind), default="snmp-community"),
            Argument(name="--user", help="User of SNMPv3, SSH or an API.", default="", metavar="NAME"),
            Argument(name="--auth", help="Authentication protocol of SNMPv3.", choices=_AUTH, default=""),
            Argument(name="--priv", help="Privacy protocol of SNMPv3.", choices=_PRIV, default=""),
            Argument(name="--at", help="Where somebody else keeps the secret: vault:PATH#FIELD, env:NAME or file:/PATH.", default="",
                     metavar="PLACE"),
            _STDIN, JSON,
        ),
        handler="cli.credentials:add",
    ),
    Operation(
        id="credential.set", summary="Give a credential another secret; devices are polled with it at once.", noun="credential", verb="set",
        arguments=(_NAME, _STDIN, JSON), handler="cli.credentials:set_",
    ),
    Operation(
        id="credential.test", summary="Try a credential on a device and say what is wrong.", noun="credential", verb="test",
        arguments=(
            _NAME, _HOST, _PORT, Argument(name="--version", help="SNMP version of a community.", choices=("1", "2c"), default=""), JSON,
        ),
        handler="cli.credentials:test",
    ),
    Operation(
        id="credential.remove", summary="Remove a credential that no device and no set uses.", noun="credential", verb="remove",
        arguments=(_NAME,), handler="cli.credentials:remove",
    ),
    Operation(
        id="credential.rotate", summary="Make a new key and seal all secrets anew with it.", noun="credential", verb="rotate",
        arguments=(JSON,), handler="cli.credentials:rotate",
    ),
    Operation(
        id="credential-set.list", summary="List credential sets: which credentials are tried where, and how often.",
        noun="credential-set", verb="list", arguments=(JSON,), handler="cli.credentials:list_sets",
    ),
    Operation(
        id="credential-set.add", summary="Declare which credentials are tried on devices of some prefixes that name none, in which order.",
        noun="credential-set", verb="add",
        arguments=(
            _SET,
            Argument(name="--prefix", help="Prefix, for example 10.1.0.0/16; may be repeated. The longest that holds an address decides.",
                     many="*", metavar="CIDR"),
            Argument(name="--credential", help="Credential to try; may be repeated, the first is tried first.", many="*", metavar="NAME"),
            Argument(name="--most-failures", help="Failures on one device within the pause: below the lockout of the devices.",
                     type="int", default=2, metavar="N"),
            Argument(name="--pause", help="Seconds within which failures count.", type="int", default=1800, metavar="S"),
            JSON,
        ),
        handler="cli.credentials:add_set",
    ),
    Operation(
        id="credential-set.remove", summary="Remove a credential set.", noun="credential-set", verb="remove", arguments=(_SET,),
        handler="cli.credentials:remove_set",
    ),
    Operation(
        id="credential-set.test", summary="Try the credentials of a device's set in their order, until it accepts one.",
        noun="credential-set", verb="test", arguments=(_HOST, _PORT, JSON), handler="cli.credentials:test_set",
    ),
    Operation(
        id="hostkey.list", summary="List the SSH host keys that were seen; changed ones first.", noun="hostkey", verb="list",
        arguments=(JSON,), handler="cli.credentials:list_host_keys",
    ),
    Operation(
        id="hostkey.accept", summary="Accept the new key of a host after comparing it on the device's own console.",
        noun="hostkey", verb="accept",
        arguments=(_SSH_HOST, Argument(name="FINGERPRINT", help="What the console shows: SHA256:..."), JSON),
        handler="cli.credentials:accept_host_key",
    ),
    Operation(
        id="hostkey.remove", summary="Forget the key of a host; what it shows next is pinned.", noun="hostkey", verb="remove",
        arguments=(_SSH_HOST,), handler="cli.credentials:remove_host_key",
    ),
)
