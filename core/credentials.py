"""What fits together in a credential, said the same by an imported sheet, the command line and the hub. Pure."""

from collections.abc import Iterator

from core.i18n import tr
from core.objects import SnmpVersion

USER_BYTES = 32
"""Longest user name of SNMPv3 (RFC 3414, 5: SnmpAdminString of 1 to 32 octets)."""
LEAST_PASSPHRASE = 8
"""RFC 3414, 11.2."""
PRIVATE_KEY = "-----BEGIN "
OF_SOURCES = frozenset({"password", "token"})
"""Kinds that open sources of the inventory, never devices."""
OF_HOSTS = OF_SOURCES | {"ssh"}
"""Kinds that SNMP cannot use."""


def problems_of(kind: str | None, username: str | None, auth: str | None, priv: str | None) -> Iterator[tuple[str, str]]:
    """Field and sentence of each thing that does not fit. None: not known, and not judged."""
    if kind == "snmp-v3" and username == "":
        yield "username", tr("An SNMPv3 credential needs a user name.")
    if kind == "snmp-v3" and username and len(username.encode()) > USER_BYTES:
        yield "username", tr("A user name of SNMPv3 has at most 32 bytes.")
    if kind == "ssh" and username == "":
        yield "username", tr("A login by SSH needs a user name.")
    if kind == "password" and username == "":
        yield "username", tr("A password needs a user name.")
    if kind in ("password", "token") and (auth or priv):
        yield "auth" if auth else "priv", tr("Only SNMPv3 has such protocols; leave this cell empty.")
    if kind == "token" and username:
        yield "username", tr("A token has no user name; leave this cell empty.")
    if kind == "snmp-community" and (username or auth or priv):
        field = "username" if username else "auth" if auth else "priv"
        yield field, tr("A community has no user, authentication or encryption; leave this cell empty.")
    if kind == "ssh" and (auth or priv):
        yield "auth" if auth else "priv", tr("A login by SSH has no SNMP protocols; leave this cell empty.")
    if kind == "snmp-v3" and priv and auth == "":
        yield "auth", tr("Encryption needs authentication (RFC 3414): choose an algorithm.")


def mismatch(version: str | None, kind: str | None) -> bool:
    """Whether a device of this SNMP version cannot use a credential of this kind."""
    return bool(version and kind) and (kind in OF_HOSTS or (version == "3") != (kind == "snmp-v3"))


def version_for(kind: str, declared: SnmpVersion) -> SnmpVersion:
    """The SNMP version that goes with a credential."""
    if kind == "snmp-v3":
        return "3"
    return "2c" if declared == "3" else declared


def secret_problem(kind: str, auth: str, priv: str, secret: str) -> str:
    """What is wrong with a secret for this kind of credential, without repeating it; empty: nothing."""
    first, second = (*secret.splitlines(), "", "")[:2]
    if kind == "snmp-v3":
        if (auth and len(first.encode()) < LEAST_PASSPHRASE) or (priv and len(second.encode()) < LEAST_PASSPHRASE):
            return tr("SNMPv3 needs passphrases of at least 8 characters: authentication on the first line, privacy on the second.")
        return ""
    if not first:
        return tr("The secret is empty.")
    if kind == "ssh" and secret.startswith(PRIVATE_KEY):
        return ""
    if len(secret.splitlines()) > 1:
        return tr("A community or a password is one line.")
    return tr("A community has at most 255 bytes.") if kind == "snmp-community" and len(first.encode()) > 255 else ""
