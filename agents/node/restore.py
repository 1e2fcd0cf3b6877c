"""The way back: a backup onto a data folder, all of it or nothing. What was there before is set aside, never deleted."""

import os
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from agents.node.copying import copy, sync_tree
from agents.node.progress import Progress, silent
from agents.node.proof import manifest_of, prove
from agents.node.snapshot import is_key
from agents.places import UNFINISHED, Lock, prepare
from core.errors import ConflictError, InvalidInputError, StorageError
from core.i18n import tr
from core.node import Manifest
from core.paths import data_dir
from core.settings import Settings
from stores.files import storage_errors, sync_folder

RESTORING = ".restoring"
_STAYS = ("log", "crashes", "backups", "run")


class Target(NamedTuple):
    """The records that are restored into."""

    newest_schema: int
    is_empty: Callable[[], bool]
    """Whether records of its own lie there (a PostgreSQL database is not in the data folder)."""
    load: Callable[[Path, Path, Progress], object]
    """Reads the records of a backup's folder into the records of a data folder."""
    note: Callable[[Path, Manifest], object]
    """Writes into the journal of the restored records that they were restored."""


class Plan(NamedTuple):
    """What a restore would do."""

    manifest: Manifest
    in_the_way: tuple[str, ...]
    """Names in the data folder that would be set aside."""
    key_here: bool
    """Whether the key of the secrets is there, or comes with the backup."""


def plan(settings: Settings, folder: Path, target: Target, *, replace: bool, progress: Progress = silent) -> Plan:
    """Proves the backup and looks at the data folder. Raises what keeps it from being restored; changes nothing."""
    manifest = manifest_of(folder)
    if manifest.schema > target.newest_schema:
        raise InvalidInputError(
            tr("The backup is of Yunwang {version}, which is newer than this one.", version=manifest.version),
            way_out=tr("Install that version, then restore."),
        )
    prove(folder, progress)
    data = data_dir(settings)
    in_the_way = tuple(sorted(path.name for path in data.iterdir() if _is_data(path))) if data.is_dir() else ()
    if not replace and (in_the_way or not target.is_empty()):
        raise ConflictError(
            tr("There are data in {folder} already: {names}.", folder=data, names=", ".join(in_the_way[:5]) or settings.records.url),
            way_out=tr("Name an empty general.data_dir, or let --replace set them aside."),
        )
    key_here = manifest.with_key or bool(settings.secrets.key) or any(is_key(path.name) for path in data.glob("*"))
    return Plan(manifest, in_the_way, key_here)


def restore(
    settings: Settings, folder: Path, target: Target, *, now_ms: int, replace: bool = False, progress: Progress = silent,
) -> tuple[Manifest, Path | None]:
    """Restores; the manifest, and where the old data lie now. The hub must be stopped: raises `ConflictError` when one runs.

    Cut off anywhere, it leaves `restore.unfinished` behind, with which no hub starts; the same command again finishes.
    """
    prepare(settings, unfinished=True)
    data = data_dir(settings)
    lock = Lock(settings)
    lock.take()
    try:
        again = (data / UNFINISHED).exists()
        made = plan(settings, folder, target, replace=replace or again, progress=progress)
        with storage_errors(data):
            (data / UNFINISHED).write_text(f"{folder.absolute()}\n", "utf-8")
            sync_folder(data)
            staging = data / RESTORING
            shutil.rmtree(staging, ignore_errors=True)
            try:
                _stage(folder, made.manifest, staging, progress)
                target.load(folder / "records", staging, progress)
                sync_tree(staging)
            except BaseException:
                shutil.rmtree(staging, ignore_errors=True)
                if not again:
                    (data / UNFINISHED).unlink(missing_ok=True)
                raise
            aside = _set_aside(data, [path.name for path in staging.iterdir()], now_ms)
            for path in staging.iterdir():
                path.rename(data / path.name)
            staging.rmdir()
            target.note(data, made.manifest)
            (data / UNFINISHED).unlink()
            sync_folder(data)
    finally:
        lock.release()
    return made.manifest, aside


def _is_data(path: Path) -> bool:
    """What stays where it is: logs, backups, locks, the key of the secrets, what earlier restores set aside."""
    name = path.name
    stays = name in _STAYS or name.startswith((".", "replaced-")) or name.endswith(".lock") or name == UNFINISHED
    return not (stays or is_key(name))


def _stage(folder: Path, manifest: Manifest, staging: Path, progress: Progress) -> None:
    staging.mkdir(mode=0o700)
    total, done = sum(entry.size for entry in manifest.files), 0
    for entry in manifest.files:
        top, _, rest = entry.path.partition("/")
        if top in ("data", "key"):
            found = copy(folder / entry.path, staging / rest)
            if found != (entry.size, entry.sha256):
                raise StorageError(
                    tr("The backup is damaged: {file}: {reason}.", file=folder / entry.path, reason=tr("it changed while it was read")),
                    way_out=tr("Use another backup; keep this one for evidence."),
                )
        done += entry.size
        progress(done, total, entry.path)


def _set_aside(data: Path, coming: list[str], now_ms: int) -> Path | None:
    """Renames what is in the way into a folder beside it; a key only where another one comes."""
    old = [path for path in data.iterdir() if _is_data(path) or path.name in coming]
    if not old:
        return None
    aside = data / f"replaced-{datetime.fromtimestamp(now_ms / 1000, UTC):%Y%m%dT%H%M%SZ}-{os.getpid()}"
    aside.mkdir(mode=0o700)
    for path in old:
        path.rename(aside / path.name)
    sync_folder(aside)
    return aside
