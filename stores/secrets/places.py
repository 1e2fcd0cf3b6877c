"""Where keys and secrets of this machine lie: an owner-only file, a systemd credential, the environment."""

import os
import stat
from pathlib import Path

from core import i18n
from core.errors import SettingsError
from core.i18n import tr
from stores.files import publish, storage_errors

LARGEST = 16 * 1024
"""Bytes: the longest private keys of SSH are about 4 KiB."""


def private_text(path: Path, others: int = 0o077) -> str:
    """UTF-8 text of a file that belongs to this account (or root) alone. Raises `SettingsError`, which names the place only.

    others: the bits of the mode that must not be set.
    """
    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError) as error:
        raise SettingsError(
            tr("The credential file {path} cannot be read: {reason}.", path=path, reason=_reason(error)),
            way_out=tr("Make it readable for this account."),
        ) from None
    with os.fdopen(fd, "rb") as file:
        about = os.fstat(file.fileno())
        if not stat.S_ISREG(about.st_mode) or about.st_mode & others or about.st_uid not in (os.geteuid(), 0):
            problem = tr("The credential file {path} can be read by others.", path=path)
            raise SettingsError(problem, way_out=f"chown {os.geteuid()} {path}; chmod 600 {path}")
        raw = file.read(LARGEST)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        raise SettingsError(tr("The credential file {path} is not UTF-8 text.", path=path), way_out=tr("Write it anew.")) from None


def systemd_credential(name: str) -> Path:
    """The file in which systemd hands over a credential (systemd.exec(5), LoadCredential=)."""
    folder = os.environ.get("CREDENTIALS_DIRECTORY", "")
    if not folder or "/" in name or name in ("", ".", ".."):
        raise SettingsError(
            tr("systemd handed over no credential named {name}.", name=name),
            way_out=tr("Add LoadCredential={name}:PATH to the unit, or name another place in secrets.key.", name=name),
        )
    return Path(folder) / name


def handed_over(name: str) -> str:
    """Text of a credential from systemd. It gives the unit's account the right to read by an ACL, whose mask shows as the group's bits."""
    return private_text(systemd_credential(name), others=0o007)


def create_private(path: Path, text: str) -> bool:
    """Creates a file (0600) that is whole or absent even after a power loss. False: there is one already, and it stays as it is."""
    return _written(path, text, replace=False)


def replace_private(path: Path, text: str) -> None:
    """Puts a new file (0600) in the place of an old one in one step."""
    _written(path, text, replace=True)


def _written(path: Path, text: str, *, replace: bool) -> bool:
    temporary = path.with_name(f".{path.name}.{os.getpid()}.new")
    with storage_errors(path):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        temporary.unlink(missing_ok=True)
        fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(fd, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            if not replace:
                return _linked(temporary, path)
            publish(temporary, path)
        finally:
            temporary.unlink(missing_ok=True)
    return True


def _linked(temporary: Path, path: Path) -> bool:
    """A hard link is made or refused in one step: of two processes that create the same key, one wins and both use it."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        return False
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True


def _reason(error: OSError | ValueError) -> str:
    return i18n.reason(error) if isinstance(error, OSError) else "?"
