"""Credentials by reference become secrets, only in the process that polls and only in its memory."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from core.errors import SettingsError
from core.i18n import tr
from core.objects import CredentialRef
from core.polling import SnmpSecret

LARGEST = 4096


def resolve(credential: CredentialRef, environ: Mapping[str, str] | None = None) -> SnmpSecret:
    """The secret that a credential points to. Raises `SettingsError`, which names the place and never the secret.

    A community is the first line of what is kept there; for SNMPv3 the first line is the authentication passphrase, the second the
    privacy passphrase.
    """
    lines = read_locator(credential.locator, environ).splitlines()
    first, second = (*lines, "", "")[:2]
    if credential.kind == "snmp-community":
        if not first:
            raise _empty(credential.locator)
        return SnmpSecret(community=first)
    if (credential.auth and not first) or (credential.priv and not second):
        raise _empty(credential.locator)
    return SnmpSecret(username=credential.username, auth=credential.auth, auth_key=first, priv=credential.priv, priv_key=second)


def read_locator(locator: str, environ: Mapping[str, str] | None = None) -> str:
    """Text behind `env:NAME` or `file:PATH`; a file must belong to this account alone."""
    kind, _, name = locator.partition(":")
    if kind == "env" and name:
        env = os.environ if environ is None else environ
        if name not in env:
            problem = tr("The environment variable {name} is not set.", name=name)
            raise SettingsError(problem, way_out=tr("Set it where Yunwang is started."))
        return env[name][:LARGEST]
    if kind == "file" and name:
        return _private_text(Path(name).expanduser())
    raise SettingsError(
        tr("A credential is kept at env:NAME or file:PATH."),
        way_out=tr("Put the secret there and name the place, never the secret itself."),
    )


def _private_text(path: Path) -> str:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "?"
        raise SettingsError(
            tr("The credential file {path} cannot be read: {reason}.", path=path, reason=reason),
            way_out=tr("Make it readable for this account."),
        ) from None
    with os.fdopen(fd, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_mode & 0o077 or about.st_uid not in (os.geteuid(), 0):
            problem = tr("The credential file {path} can be read by others.", path=path)
            raise SettingsError(problem, way_out=f"chown {os.geteuid()} {path}; chmod 600 {path}")
        raw = file.read(LARGEST)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise SettingsError(tr("The credential file {path} is not UTF-8 text.", path=path), way_out=tr("Write it anew.")) from None


def _empty(locator: str) -> SettingsError:
    return SettingsError(
        tr("There is no secret at {locator}.", locator=locator),
        way_out=tr("SNMPv2c: the community on one line. SNMPv3: authentication on the first line, privacy on the second."),
    )
