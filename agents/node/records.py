"""The records of a node as its backups see them."""

import os
import pwd
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.node.backup import Source
from agents.node.progress import Progress
from agents.node.restore import Target
from core.identity import Actor
from core.node import Manifest
from core.settings import Settings
from stores.records import open_records, records_at
from stores.records.portable import records_are_empty, records_backup, records_restore
from stores.records.schema import NEWEST
from stores.secrets import Keyring


@contextmanager
def source(settings: Settings) -> Iterator[Source]:
    """The records opened for reading, beside whoever writes them."""
    store = open_records(records_at(settings), readonly=True)

    def save(folder: Path, progress: Progress) -> tuple[int, str]:
        tail = records_backup(store, folder, progress)
        return tail.revision, tail.tip

    def keys() -> list[Path]:
        file = Keyring.open(settings, create=False).file
        return [file] if file else []

    try:
        yield Source(store.name, NEWEST, save, keys)
    finally:
        store.close()


def target(settings: Settings) -> Target:
    """Where a backup of records is restored into."""

    def is_empty() -> bool:
        return not settings.records.url or records_are_empty(settings.records.url)

    def load(folder: Path, data: Path, progress: Progress) -> None:
        records_restore(records_at(_in(settings, data)), folder, progress)

    def note(data: Path, manifest: Manifest) -> None:
        store = open_records(records_at(_in(settings, data)))
        try:
            with store.write(actor(), time.time_ns() // 1_000_000) as write:
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

