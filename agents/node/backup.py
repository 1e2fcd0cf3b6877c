"""Backups: one folder with everything, made while the hub runs, proved after it was written, complete or not there at all.

    yunwang-20261123T134500Z/
        manifest.json   written last: version, revision, and size and SHA-256 of each file
        records/        the records, as `stores.records` writes them
        data/           all other files of the data folder: samples, logs, audit archives, ...
        settings/       yunwang.toml
        key/            the key of the secrets, only where asked for
"""

import fcntl
import os
import re
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec

from agents.node.copying import copy, digest_of, sync_tree
from agents.node.progress import Progress, silent
from agents.node.snapshot import ONCE_WRITTEN, STAGING, Staged, take
from agents.node.toml import settings_toml
from core import __version__
from core.errors import ConflictError, StorageError
from core.i18n import tr
from core.node import Backup, BackupFile, Manifest
from core.paths import data_dir
from core.settings import Settings
from stores.files import make_folder, publish, storage_errors, sync_folder

FORMAT = 1
MANIFEST = "manifest.json"
MAKING = ".making-"
NAME = re.compile(r"yunwang-\d{8}T\d{6}Z(-\d+)?")
_LARGEST_MANIFEST = 1 << 30


class Source(NamedTuple):
    """The records of the node that is backed up."""

    kind: str
    """`sqlite` or `postgresql`."""
    schema: int
    save: Callable[[Path, Progress], tuple[int, str]]
    """Writes all records into a folder as of one moment; number and digest of the newest journal row of that moment."""
    key_files: Callable[[], list[Path]]
    """Where the key of the secrets lies, for `with_key`."""


class Wish(NamedTuple):
    """What kind of backup."""

    to: Path
    with_key: bool = False
    scheduled: bool = False


def backups_folder(settings: Settings) -> Path:
    return Path(settings.service.backup_dir).expanduser() if settings.service.backup_dir else data_dir(settings) / "backups"


def make(settings: Settings, source: Source, wish: Wish, now_ms: Callable[[], int], progress: Progress = silent) -> Backup:
    """Makes, proves and names one backup; then removes scheduled ones beyond `service.backups_kept`.

    Whatever stops it (no room, `progress` raising, a crash) leaves no folder that looks like a backup. Raises `StorageError`,
    `DiskFullError`, and `ConflictError` when another one is being made.
    """
    data, began = data_dir(settings), now_ms()
    make_folder(wish.to)
    with _alone(data), storage_errors(wish.to):
        _sweep(wish.to, data)
        making, staging = wish.to / f"{MAKING}{os.getpid()}", data / f"{STAGING}{os.getpid()}"
        try:
            making.mkdir(mode=0o700)
            manifest = _Making(settings, source, wish, making, progress).run(staging, began, now_ms)
            final = _free_name(wish.to, began)
            sync_tree(making)
            publish(making, final)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
            shutil.rmtree(making, ignore_errors=True)
        if wish.scheduled:
            prune(wish.to, settings.service.backups_kept)
    return _line(final, manifest)


class _Making:
    """One backup on its way."""

    def __init__(self, settings: Settings, source: Source, wish: Wish, folder: Path, progress: Progress) -> None:
        self._settings, self._source, self._wish, self._folder, self._progress = settings, source, wish, folder, progress
        self._done = self._total = self._new_bytes = 0
        self._files: list[BackupFile] = []
        before = newest_of(wish.to)
        self._before = before[0] if before else None
        self._known = {file.path: file for file in before[1].files} if before else {}

    def run(self, staging: Path, began: int, now_ms: Callable[[], int]) -> Manifest:
        """Records first: rows that are archived meanwhile are then in both places, and never in none."""
        records = self._folder / "records"
        records.mkdir(mode=0o700)
        revision, tip = self._source.save(records, lambda _done, _total, table: self._progress(0, 0, f"records: {table}"))
        staged = take(data_dir(self._settings), staging)
        self._total = sum(file.size for file in staged)
        for file in staged:
            self._add(file)
        self._add_settings()
        if self._wish.with_key:
            for key in self._source.key_files():
                size, sha256 = copy(key, self._folder / "key" / key.name)
                self._files.append(BackupFile(path=f"key/{key.name}", size=size, sha256=sha256))
        self._files += [self._read_back(path) for path in sorted(records.rglob("*")) if path.is_file()]
        manifest = Manifest(
            format=FORMAT, version=__version__, node=socket.gethostname(), made_at=began, took_ms=max(0, now_ms() - began),
            revision=revision, tip=tip, store=self._source.kind, schema=self._source.schema, with_key=self._wish.with_key,
            scheduled=self._wish.scheduled, new_bytes=self._new_bytes, files=tuple(sorted(self._files, key=lambda file: file.path)),
        )
        _write(self._folder / MANIFEST, msgspec.json.format(msgspec.json.encode(manifest), indent=1))
        return manifest

    def _add(self, file: Staged) -> None:
        """A file that never changes is shared with the backup before or, on the same disk, with the data folder; all others are copied."""
        path, target = f"data/{file.path}", self._folder / "data" / file.path
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if file.at.suffix in ONCE_WRITTEN:
            known = self._known.get(path)
            if known and known.size == file.size and self._before and _linked(self._before / path, target):
                self._files.append(known)
                self._tell(file.size, path)
                return
            if _linked(file.at, target):
                self._files.append(self._read_back(target))
                self._tell(file.size, path)
                return
        size, sha256 = copy(file.at, target, file.size, lambda count: self._tell(count, path))
        self._new_bytes += size
        self._files.append(BackupFile(path=path, size=size, sha256=sha256))
        if digest_of(target) != (size, sha256):
            raise damaged(target)

    def _add_settings(self) -> None:
        target = self._folder / "settings" / "yunwang.toml"
        target.parent.mkdir(mode=0o700)
        _write(target, settings_toml(self._settings, masked=False).encode())
        self._files.append(self._read_back(target))

    def _read_back(self, file: Path) -> BackupFile:
        size, sha256 = digest_of(file)
        return BackupFile(path=file.relative_to(self._folder).as_posix(), size=size, sha256=sha256)

    def _tell(self, count: int, path: str) -> None:
        self._done += count
        self._progress(self._done, self._total, path)


def damaged(file: Path) -> StorageError:
    return StorageError(
        tr("{path} was not written as it was read: the disk or the memory is at fault.", path=file),
        way_out=tr("Look at the disk and its messages; back up to another one."),
    )


def _linked(source: Path, target: Path) -> bool:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:
        return False
    return True


def _write(file: Path, content: bytes) -> None:
    with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600), "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def _alone(data: Path) -> Iterator[None]:
    """One backup of a data folder at a time; the system frees this when the process ends, however it does."""
    with storage_errors(data):
        fd = os.open(data / "backup.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError:
        raise ConflictError(tr("A backup is being made already."), way_out=tr("Wait for it: `yunwang job list`.")) from None
    finally:
        os.close(fd)


def _sweep(to: Path, data: Path) -> None:
    """What backups left that were killed: nobody else makes one now."""
    for leftover in (*to.glob(f"{MAKING}*"), *data.glob(f"{STAGING}*")):
        shutil.rmtree(leftover, ignore_errors=True)


def _free_name(to: Path, at_ms: int) -> Path:
    stem = f"yunwang-{datetime.fromtimestamp(at_ms / 1000, UTC):%Y%m%dT%H%M%SZ}"
    name = to / stem
    number = 2
    while name.exists():
        name = to / f"{stem}-{number}"
        number += 1
    return name


def read_manifest(folder: Path) -> Manifest | None:
    """None where there is none, or none that can be understood."""
    try:
        with (folder / MANIFEST).open("rb") as file:
            return msgspec.json.decode(file.read(_LARGEST_MANIFEST), type=Manifest)
    except (OSError, msgspec.DecodeError):
        return None


def found_in(to: Path) -> list[tuple[Path, Manifest]]:
    """Complete backups, newest first. Raises `StorageError` where this account may not look."""
    try:
        with storage_errors(to):
            folders = [path for path in to.iterdir() if NAME.fullmatch(path.name)]
    except StorageError as error:
        if isinstance(error.__cause__, (FileNotFoundError, NotADirectoryError)):
            return []
        raise
    found = [(path, manifest) for path in folders if (manifest := read_manifest(path))]
    return sorted(found, key=lambda pair: (pair[1].made_at, pair[0].name), reverse=True)


def newest_of(to: Path) -> tuple[Path, Manifest] | None:
    return next(iter(found_in(to)), None)


def listed(to: Path) -> list[Backup]:
    return [_line(path, manifest) for path, manifest in found_in(to)]


def prune(to: Path, kept: int) -> list[Path]:
    """Removes the oldest scheduled backups beyond `kept`; those that people made stay."""
    old = [path for path, manifest in found_in(to) if manifest.scheduled][kept:]
    for path in old:
        dying = path.with_name(f"{MAKING}{path.name}")
        path.rename(dying)  # in one step: a half removed backup must not look like one
        sync_folder(to)
        shutil.rmtree(dying, ignore_errors=True)
    return old


def _line(path: Path, manifest: Manifest) -> Backup:
    return Backup(
        path=str(path), made_at=manifest.made_at, revision=manifest.revision, version=manifest.version, files=len(manifest.files),
        size=sum(file.size for file in manifest.files), with_key=manifest.with_key, scheduled=manifest.scheduled,
    )
