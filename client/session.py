"""Who this person is to which hub: the session that `yunwang login` keeps in an owner-only file, a token or a persona in the environment.

One file holds the sessions of all hubs, by address: `sessions.json` in XDG_CONFIG_HOME/yunwang, mode 0600. `YUNWANG_TOKEN` overrules it.
"""

import contextlib
import json
import os
import tempfile
from pathlib import Path

from core.errors import StorageError
from core.i18n import reason, tr
from core.paths import make_private, run_dir
from core.settings import Settings

TOKEN = "YUNWANG_TOKEN"  # noqa: S105 -- the name of a variable
PERSONA = "YUNWANG_AS"
_LARGEST = 64 * 1024


def address(settings: Settings) -> str:
    """What a session belongs to: the hub's address, or its socket."""
    return settings.api.url or str((run_dir(settings) / "hub.sock").absolute())


def token(settings: Settings) -> str:
    """The bearer's secret for this hub; empty: none."""
    return os.environ.get(TOKEN, "").strip() or _read(_file()).get(address(settings), "")


def persona() -> str:
    """The role that was chosen with `--as` or YUNWANG_AS; empty: the default one."""
    return os.environ.get(PERSONA, "").strip()


def keep(settings: Settings, secret: str) -> None:
    """Remembers the session of this hub; an empty secret forgets it. Raises `StorageError`."""
    file = _file()
    known = {where: kept for where, kept in _read(file).items() if where.startswith("https://") or Path(where).exists()}
    known.pop(address(settings), None)
    if secret:
        known[address(settings)] = secret
    try:
        make_private(file.parent)
        _write(file, json.dumps(known))
    except OSError as error:
        raise StorageError(
            tr("The session cannot be kept in {file}: {reason}.", file=file, reason=reason(error)),
            way_out=tr("Mend that folder, or use a token in YUNWANG_TOKEN."),
        ) from None


def _file() -> Path:
    return Path(os.environ.get("XDG_CONFIG_HOME") or "~/.config").expanduser() / "yunwang" / "sessions.json"


def _read(file: Path) -> dict[str, str]:
    """What is there; nothing where others could have read or written it, or where it makes no sense."""
    try:
        with file.open("rb") as opened:
            about = os.fstat(opened.fileno())
            if about.st_mode & 0o077 or about.st_uid != os.geteuid():
                return {}
            found = json.loads(opened.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return {str(k): v for k, v in found.items() if isinstance(v, str)} if isinstance(found, dict) else {}


def _write(file: Path, text: str) -> None:
    """Whole or not at all; never readable by others, not even for a moment."""
    number, name = tempfile.mkstemp(dir=file.parent, prefix=".sessions-")
    try:
        with os.fdopen(number, "w") as opened:
            opened.write(text)
            opened.flush()
            os.fsync(opened.fileno())
        Path(name).replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            Path(name).unlink()
        raise
