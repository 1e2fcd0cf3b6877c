"""How a command fails: one sentence and the way out on stderr, a JSON object on stdout where machines read, an exit code."""

import json
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import core
from core.errors import YunwangError
from core.i18n import tr

EXIT_UNEXPECTED = 70
"""EX_SOFTWARE of sysexits.h."""
_KEEP = 20


def tell(error: YunwangError, *, as_json: bool) -> int:
    """Prints an error that a person can do something about. Returns its exit code."""
    from core.width import clean

    message, way_out = clean(tr(error.message)), clean(tr(error.way_out)) if error.way_out else ""
    _print(error.code, message, way_out, as_json=as_json)
    return error.exit_code


def unexpected(error: Exception, arguments: Sequence[str], *, as_json: bool) -> int:
    """Writes the details of a fault of ours to a file and says where. Returns `EXIT_UNEXPECTED`."""
    where = _write_details(error, arguments)
    message = tr("Something went wrong inside Yunwang: {kind}.", kind=type(error).__name__)
    way_out = tr("The details are in {file}; please send it to whoever looks after Yunwang.", file=where) if where else ""
    _print("unexpected", message, way_out, as_json=as_json)
    return EXIT_UNEXPECTED


def _print(code: str, message: str, way_out: str, *, as_json: bool) -> None:
    sys.stdout.flush()
    print(f"yunwang: {message} {way_out}".rstrip(), file=sys.stderr)
    if as_json:
        print(json.dumps({"error": {"code": code, "message": message, "way_out": way_out}}, ensure_ascii=False))


def _write_details(error: Exception, arguments: Sequence[str]) -> str:
    from core.paths import make_private

    at = datetime.now(UTC)
    text = "\n".join((f"yunwang {core.__version__}, Python {sys.version.split()[0]}, {at.isoformat(timespec='seconds')}",
                      f"command: {' '.join(arguments[:2])}", "", "".join(traceback.format_exception(error))))
    for folder in _folders():
        file = folder / f"crash-{at:%Y%m%dT%H%M%S}-{os.getpid()}.txt"
        try:
            make_private(folder)
            with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8", errors="replace") as out:
                out.write(text)
            _forget_old(folder)
        except OSError:
            continue
        return str(file)
    return ""


def _folders() -> tuple[Path, ...]:
    from core.errors import SettingsError
    from core.paths import data_dir
    from core.settings import Settings, load

    try:
        settings = load()
    except (SettingsError, OSError):
        settings = Settings()
    return data_dir(settings) / "crashes", Path(tempfile.gettempdir()) / f"yunwang-crashes-{os.getuid()}"


def _forget_old(folder: Path) -> None:
    for old in sorted(folder.glob("crash-*.txt"))[:-_KEEP]:
        old.unlink(missing_ok=True)
