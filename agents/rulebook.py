"""The rules in force on this machine: the shipped ones, and the site's own folder over them.

What was read without a mistake is kept beside the records. A mistake in any file leaves in force, as a whole, what was kept: in every
process, and over a restart. The hub alone keeps; the others read.
"""

import logging
import os
from pathlib import Path
from typing import NamedTuple

import msgspec

from core.errors import InvalidInputError, StorageError
from core.i18n import tr
from core.paths import data_dir
from core.settings import Settings
from monitors.rules.book import Book, Files, packed, shipped, unpacked, with_own
from monitors.rules.reading import read_rules
from monitors.rules.rule import Rule
from monitors.yamlfile import SIZE_LIMIT
from stores.files import storage_errors, sync_folder

MOST_FILES = 100
LARGEST = 64 << 20
KEPT = "rules-in-force"
log = logging.getLogger(__name__)


class Found(NamedTuple):
    """files: the site's own rules that hold. problems: what could not be read, by file, line and key."""

    book: Book
    problems: tuple[str, ...] = ()
    files: Files = ()
    kept: bool = False
    """Because of the problems, what was read last without one holds."""


def folder_of(settings: Settings) -> Path:
    """Where the site's own rules are."""
    return Path(settings.rules.folder) if settings.rules.folder else data_dir(settings) / "rules"


def rulebook(settings: Settings) -> Found:
    """The rules in force: as the hub read them last, or the folder's where no hub has read any."""
    files = _kept(settings)
    try:
        return Found(with_own(files), (), files) if files is not None else read_own(settings)
    except InvalidInputError as error:  # another release ships other rules
        log.warning("%s", error)
        return read_own(settings)


def at_start(settings: Settings) -> Found:
    """The folder's rules; with a mistake what was kept, or, with nothing kept, those of the files without one."""
    found = read_own(settings)
    for problem in found.problems:
        log.warning("%s", problem)
    if not found.problems or not (files := _kept(settings)):
        return found
    try:
        return Found(with_own(files), found.problems, files, kept=True)
    except InvalidInputError as error:
        log.warning("%s", error)
        return found


def read_own(settings: Settings) -> Found:
    """What stands in the folder now, good or not; whatever has a mistake is left out."""
    folder = folder_of(settings)
    if settings.rules.folder and not folder.is_dir():
        return Found(shipped(), (tr("There is no folder {path} (rules.folder).", path=folder),))
    files: list[tuple[Rule, ...]] = []
    problems: list[str] = []
    try:
        paths = sorted(folder.glob("*.yml"))[:MOST_FILES] if folder.is_dir() else []
    except OSError as error:
        return Found(shipped(), (f"{folder}: {error.strerror}",))
    for path in paths:
        try:
            files.append(read_file(path))
        except InvalidInputError as error:
            problems.append(str(error))
    try:
        return Found(with_own(tuple(files)), tuple(problems), tuple(files))
    except InvalidInputError as error:
        return Found(shipped(), (*problems, str(error)))


def look_of(folder: Path) -> tuple[tuple[str, int, int, int], ...]:
    """By which a change of the folder is noticed: name, size, time and number of each file."""
    out = []
    try:
        for path in sorted(folder.glob("*.yml"))[:MOST_FILES]:
            told = path.stat()
            out.append((path.name, told.st_size, told.st_mtime_ns, told.st_ino))
    except OSError:
        return ()
    return tuple(out)


def keep(settings: Settings, files: Files) -> None:
    """Keeps what was read without a mistake. Raises `StorageError`."""
    path = data_dir(settings) / KEPT
    body = packed(files)
    with storage_errors(path):
        new = path.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)
        sync_folder(path.parent)


def _kept(settings: Settings) -> Files | None:
    path = data_dir(settings) / KEPT
    try:
        return unpacked(path.read_bytes()) if path.stat().st_size <= LARGEST else None
    except FileNotFoundError:
        return None
    except (OSError, StorageError, msgspec.DecodeError) as error:
        log.warning("%s: %s", path.name, error)
        return None


def read_file(path: Path) -> tuple[Rule, ...]:
    """The rules of one file. Raises `InvalidInputError`."""
    try:
        with path.open("rb") as file:
            return read_rules(path.name, file.read(SIZE_LIMIT + 1).decode("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{path.name}: {error}", way_out="Make it a readable UTF-8 file.") from None
