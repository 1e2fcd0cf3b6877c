"""The records of a node as its backups see them."""

import os
import pwd
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from agents.node.backup import Source
from agents.node.copying import copy
from agents.node.progress import Progress
from agents.node.restore import Target
from agents.node.upgrade import compare
from core.approving import void
from core.errors import InvalidInputError, StorageError
from core.i18n import tr
from core.identity import Actor
from core.node import Manifest
from core.settings import Settings
from stores.files import storage_errors
from stores.records import open_records, records_at
from stores.records.faults import damaged
from stores.records.portable import records_are_empty, records_backup, records_restore
from stores.records.schema import NEWEST
from stores.secrets import Keyring

RAW = "records.db"


@contextmanager
def source(settings: Settings) -> Iterator[Source]:
    """The records opened for reading, beside whoever writes them.

    Records of an older version cannot be read as records: their file is kept as it is, for that version and for this one to bring up
    to date.
    """
    if compare(settings).changes:
        yield _as_a_file(settings)
        return
    store = open_records(records_at(settings), readonly=True)

    def save(folder: Path, progress: Progress) -> tuple[int, str]:
        tail = records_backup(store, folder, progress)
        return tail.revision, tail.tip

    try:
        yield Source(store.name, NEWEST, save, lambda: _keys(settings))
    finally:
        store.close()


def _keys(settings: Settings) -> list[Path]:
    file = Keyring.open(settings, create=False).file
    return [file] if file else []


def _as_a_file(settings: Settings) -> Source:
    """SQLite's own online backup of the file, which is checked afterwards."""
    plan = compare(settings)
    if plan.store != "sqlite":
        raise StorageError(
            tr("The records in PostgreSQL are of an older version."), way_out=tr("Save them with pg_dump before this version starts."),
        )

    def save(folder: Path, _progress: Progress) -> tuple[int, str]:
        with storage_errors(folder), closing(sqlite3.connect(f"{_uri(records_at(settings))}?mode=ro", uri=True)) as old:
            file = folder / RAW
            file.touch(0o600)
            with closing(sqlite3.connect(file)) as new:
                try:
                    old.backup(new)
                    problem = new.execute("PRAGMA integrity_check(1)").fetchone()[0]
                    newest = new.execute("SELECT seq, digest FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
                except sqlite3.Error as error:
                    raise damaged(records_at(settings), error) from error
            if problem != "ok":
                raise damaged(records_at(settings), ValueError(problem))
        return newest or (0, "")

    return Source("sqlite", plan.schema_found, save, lambda: _keys(settings))


def _uri(path: str) -> str:
    return Path(path).absolute().as_uri()


def target(settings: Settings) -> Target:
    """Where a backup of records is restored into."""

    def is_empty() -> bool:
        return not settings.records.url or records_are_empty(settings.records.url)

    def load(folder: Path, data: Path, progress: Progress) -> None:
        if (folder / RAW).exists():
            if settings.records.url:
                raise InvalidInputError(
                    tr("The backup holds records of an older version as a file of SQLite."),
                    way_out=tr("Restore it without records.url, start the hub once, and back up anew."),
                )
            copy(folder / RAW, data / RAW)
        else:
            records_restore(records_at(_in(settings, data)), folder, progress)

    def note(data: Path, manifest: Manifest) -> None:
        store, now = open_records(records_at(_in(settings, data))), time.time_ns() // 1_000_000
        try:
            approvals = [void(approval, now) for approval in store.all("approval")]
            with store.write(actor(), now) as write:
                for approval in approvals:
                    write.put("approval.void", approval)  # used since the backup was made, it would be used twice
                write.note("node.restore", {
                    "made_at": manifest.made_at, "revision": manifest.revision, "node": manifest.node, "version": manifest.version,
                })
        finally:
            store.close()

    return Target(NEWEST, is_empty, load, note)


def _in(settings: Settings, data: Path) -> Settings:
    return settings.replace(general=settings.general.replace(data_dir=str(data)))


def actor() -> Actor:
    """The system account that works on the node itself, without its hub."""
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid:{uid}"
    return Actor(name=name, uid=uid, origin=f"process:{os.getpid()}")

