"""What is looked at on the disk and in the records, with its errors as sentences."""

import contextlib
import shutil
from pathlib import Path
from typing import NamedTuple

from agents.places import try_writing
from core.errors import YunwangError
from core.ports import ListQuery, RecordStore
from links.unixsocket import explain

MAX_NOTES = 1000


class Disk(NamedTuple):
    """The file system of a folder, bytes."""

    size: int
    free: int
    error: str
    """Why it cannot be written; empty: it can."""


def disk(folder: Path, *, writing: bool = True) -> Disk:
    """writing: tries a real write: a mode, a mount or a quota can refuse where free space is shown."""
    try:
        usage = shutil.disk_usage(folder)
    except OSError as error:
        return Disk(0, 0, str(explain(error, folder)))
    try:
        if writing:
            try_writing(folder)
    except YunwangError as error:
        return Disk(usage.total, usage.free, str(error))
    return Disk(usage.total, usage.free, "")


def damaged(data: Path) -> tuple[str, ...]:
    """`name: reason` of every segment that samples and logs set aside."""
    found: list[str] = []
    for store in ("samples", "logs"):
        with contextlib.suppress(OSError):
            for note in sorted((data / store / "damaged").glob("*.txt"))[:MAX_NOTES]:
                found.append(f"{store}/{note.name[:-4]}: {_first_line(note)}")  # noqa: PERF401 -- one that vanishes ends the list, no more
    return tuple(found)


def _first_line(note: Path) -> str:
    with note.open("rb") as file:
        return file.read(512).decode("utf-8", "replace").strip().partition("\n")[0]


class Newest(NamedTuple):
    """The end of the journal."""

    seq: int = 0
    at_ms: int = 0
    digest: str = ""
    error: str = ""


def newest_row(store: RecordStore) -> Newest:
    """Reads the end of the journal; its error as a sentence."""
    try:
        seq = store.revision()
        rows = store.journal(seq - 1, 1) if seq else ()
    except YunwangError as error:
        return Newest(error=str(error))
    return Newest(rows[-1].seq, rows[-1].at_ms, rows[-1].digest) if rows else Newest(seq)


def backup_error(store: RecordStore) -> str:
    """What the newest backup that ended came to, where it was no good."""
    try:
        page = store.page("job", ListQuery(where={"kind": "backup"}, sort="-due_at", limit=20))
    except YunwangError:  # that the records cannot be read is a reason of its own
        return ""
    ended = next((job for job in page.items if job["state"] not in ("waiting", "running")), None)
    return f"{ended['state']}: {ended.get('message', '')}" if ended and ended["state"] in ("failed", "missed") else ""
