"""Proving a backup: every file that its manifest names is there, whole, and nothing else is."""

import os
from pathlib import Path

import msgspec

from agents.node.backup import FORMAT, MANIFEST
from agents.node.copying import digest_of
from agents.node.progress import Progress, silent
from core.errors import InvalidInputError, NotFoundError, StorageError
from core.i18n import tr
from core.node import BackupFile, Manifest
from stores.files import storage_errors

_LARGEST = 1 << 30


def manifest_of(folder: Path) -> Manifest:
    """Raises `NotFoundError` where there is no backup, `InvalidInputError` where it is of another kind, `StorageError` where damaged."""
    file = folder / MANIFEST
    try:
        with storage_errors(file), file.open("rb") as read:
            content = read.read(_LARGEST)
    except StorageError:
        if file.exists():
            raise
        raise NotFoundError(
            tr("{path} is no backup: it has no manifest.json.", path=folder), way_out=tr("`yunwang backup list` names the backups."),
        ) from None
    try:
        manifest = msgspec.json.decode(content, type=Manifest)
    except msgspec.DecodeError as error:
        raise _damaged(file, tr("the manifest cannot be read ({reason})", reason=error)) from None
    if manifest.format != FORMAT:
        raise InvalidInputError(
            tr("{path} was made by Yunwang {version} in another form.", path=folder, version=manifest.version),
            way_out=tr("Restore it with that version."),
        )
    for entry in manifest.files:
        _check_path(file, entry.path)
    return manifest


def prove(folder: Path, progress: Progress = silent) -> Manifest:
    """Reads every byte. Raises `StorageError` that names the first file which is damaged, missing or not of the backup."""
    manifest = manifest_of(folder)
    total, done = sum(entry.size for entry in manifest.files), 0
    for entry in manifest.files:
        prove_file(folder, entry)
        done += entry.size
        progress(done, total, entry.path)
    known = {entry.path for entry in manifest.files} | {MANIFEST}
    for path, folders, names in os.walk(folder):
        for name in (*names, *(name for name in folders if (Path(path) / name).is_symlink())):
            found = (Path(path) / name).relative_to(folder).as_posix()
            if found not in known:
                raise _damaged(Path(path) / name, tr("it is not of this backup"))
    return manifest


def prove_file(folder: Path, entry: BackupFile) -> None:
    file = folder / entry.path
    if file.is_symlink() or not file.is_file():
        raise _damaged(file, tr("it is missing"))
    with storage_errors(file):
        size, sha256 = digest_of(file)
    if size != entry.size:
        raise _damaged(file, tr("it has {found} bytes instead of {wanted}", found=size, wanted=entry.size))
    if sha256 != entry.sha256:
        raise _damaged(file, tr("its SHA-256 is another"))


def _check_path(manifest: Path, path: str) -> None:
    """A manifest is a stranger's file: it must not name anything outside its folder."""
    parts = path.split("/")
    if parts[0] not in ("records", "data", "settings", "key") or len(parts) < 2 or any(part in ("", ".", "..") for part in parts):
        raise _damaged(manifest, tr("it names a file {path}", path=path[:100]))
    if "\0" in path or "\\" in path or len(path) > 1024:
        raise _damaged(manifest, tr("it names a file {path}", path=path[:100]))


def _damaged(file: Path, reason: str) -> StorageError:
    return StorageError(
        tr("The backup is damaged: {file}: {reason}.", file=file, reason=reason),
        way_out=tr("Use another backup; keep this one for evidence."),
    )
