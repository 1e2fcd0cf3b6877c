"""What fills the disk, what retention frees of it and when, and how long the room lasts at this pace."""

import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from agents.node.backup import MAKING, found_in
from agents.node.snapshot import STAGING
from core.i18n import mark
from core.node import Portion, StorageReport
from core.settings import Settings
from stores.files import storage_errors
from stores.logs import segment as lines
from stores.samples.segment import parse as parse_samples

DAY_MS, HOUR_MS = 86_400_000, 3_600_000
PACE_DAYS = 7
HORIZON_DAYS = 3650
NAMES = (
    mark("records"), mark("samples.raw"), mark("samples.5m"), mark("samples.1h"), mark("samples.open"), mark("logs.sealed"),
    mark("logs.open"), mark("own logs"), mark("crash reports"), mark("audit archives"), mark("backups"), mark("replaced"),
    mark("damaged"), mark("leftovers"), mark("other"),
)
"""What a portion may be called."""


class File(NamedTuple):
    """One file of the data folder. from_ms, to_ms: bounds of what it holds; 0: not known from its name."""

    portion: str
    size: int
    changed_ms: int
    from_ms: int = 0
    to_ms: int = 0
    removable: bool = False


def report(settings: Settings, data: Path, backups: Path, now_ms: int) -> StorageReport:
    """Looks at every file once. Raises `StorageError`."""
    with storage_errors(data):
        usage = shutil.disk_usage(data)
        shared: set[tuple[int, int]] = set()
        files = [*_files(data, backups, shared), *_backups(backups, shared)]
    keep = kept_days(settings)
    portions = tuple(
        portion(name, [file for file in files if file.portion == name], keep.get(name, 0), now_ms) for name in _in_order(files)
    )
    pace = pace_of(portions, now_ms)
    return StorageReport(
        at_ms=now_ms, folder=str(data), disk_size=usage.total, disk_free=usage.free, portions=portions, grows_daily=pace,
        full_at=full_at(usage.free, pace, now_ms),
    )


def kept_days(settings: Settings) -> dict[str, int]:
    """Retention by portion, days."""
    samples = settings.samples
    return {
        "samples.raw": samples.raw_days, "samples.5m": samples.five_minute_days, "samples.1h": samples.hour_days,
        "logs.sealed": settings.logs.keep_days, "records": settings.audit.keep_days,
    }


def portion(name: str, files: Sequence[File], keep_days: int, now_ms: int) -> Portion:
    """The sum of one kind of files, and what its retention will do."""
    dated = [file for file in files if file.to_ms]
    keeps = keep_days if dated else 0
    ends = [file.to_ms + keeps * DAY_MS for file in dated] if keeps else []
    week = now_ms + 7 * DAY_MS
    return Portion(
        name=name, size=sum(file.size for file in files), files=len(files), keep_days=keep_days,
        oldest_ms=min((file.from_ms or file.changed_ms for file in files), default=0),
        newest_ms=max((file.to_ms or file.changed_ms for file in files), default=0),
        frees_at=max(min(ends), now_ms) if ends else 0,
        freed_in_week=sum(file.size for file, end in zip(dated, ends, strict=True) if end <= week) if ends else 0,
        grows_daily=grows_daily(dated, now_ms), removable=sum(file.size for file in files if file.removable),
    )


def grows_daily(dated: Sequence[File], now_ms: int) -> int:
    """Mean bytes a day over the last full days that there is something of; -1 before one such day."""
    today = now_ms // DAY_MS
    by_day: dict[int, int] = defaultdict(int)
    for file in dated:
        by_day[file.to_ms // DAY_MS] += file.size
    days = [by_day[day] for day in range(today - PACE_DAYS, today) if by_day.get(day)]
    return sum(days) // len(days) if days else -1


def pace_of(portions: Iterable[Portion], now_ms: int) -> int:
    """Bytes a day that the disk loses: growth, less what retention gives back in the next week."""
    known = [portion for portion in portions if portion.grows_daily > 0]
    return sum(portion.grows_daily for portion in known) - sum(p.freed_in_week for p in known if p.frees_at >= now_ms) // 7


def full_at(free: int, pace: int, now_ms: int) -> int:
    """When the disk is full at this pace; 0: not in sight."""
    if pace <= 0 or free // pace > HORIZON_DAYS:
        return 0
    return now_ms + int(free / pace * DAY_MS)


def _in_order(files: Iterable[File]) -> list[str]:
    size: dict[str, int] = defaultdict(int)
    for file in files:
        size[file.portion] += file.size
    return sorted(size, key=lambda name: (-size[name], name))


def _files(data: Path, backups: Path, shared: set[tuple[int, int]]) -> Iterator[File]:
    """Files of the data folder; `shared` learns those that have a second name."""
    for folder, folders, names in os.walk(data):
        below = Path(folder).relative_to(data).as_posix()
        folders[:] = [name for name in folders if Path(folder) / name != backups]
        kind = _kind(below)
        for name in names:
            try:
                about = (Path(folder) / name).lstat()
            except FileNotFoundError:
                continue
            if about.st_nlink > 1:
                shared.add((about.st_dev, about.st_ino))
            yield kind(below, name, about.st_blocks * 512, int(about.st_mtime * 1000))


def _kind(below: str) -> Callable[[str, str, int, int], File]:
    first, _, _rest = below.partition("/")
    if first.startswith((STAGING, ".restoring")):
        return lambda _b, _n, size, at: File("leftovers", size, at, removable=True)
    if first == "samples":
        return _sample
    if first == "logs":
        return _lines
    if first.startswith("replaced-"):
        return lambda _b, _n, size, at: File("replaced", size, at, removable=True)
    known = {"log": "own logs", "crashes": "crash reports", "audit": "audit archives", ".": "records"}
    name = known.get(first, "other")
    if first == ".":
        return lambda _b, n, size, at: File("records" if n.startswith("records.db") else "other", size, at)
    return lambda _b, _n, size, at: File(name, size, at, removable=name == "crash reports")


def _sample(below: str, name: str, size: int, at: int) -> File:
    parts = below.split("/")
    if parts[1:2] == ["damaged"]:
        return File("damaged", size, at, removable=True)
    if len(parts) == 3 and parts[2][:1] == "s" and parts[2][1:].isdigit():
        segment = parse_samples(parts[1], int(parts[2][1:]), name)
        if segment is not None:
            return File(f"samples.{parts[1]}", size, at, segment.window * HOUR_MS, (segment.window + segment.hours) * HOUR_MS)
    return File("samples.open", size, at)


def _lines(below: str, name: str, size: int, at: int) -> File:
    if "/damaged" in below:
        return File("damaged", size, at, removable=True)
    segment = lines.parse(name) if below.endswith("sealed") else None
    return File("logs.sealed", size, at, segment.low, segment.high) if segment else File("logs.open", size, at)


def _backups(folder: Path, seen: set[tuple[int, int]]) -> Iterator[File]:
    """Backups by what they really take: a file that is shared with the data folder or with another backup counts once."""
    complete = {path.name: manifest.made_at for path, manifest in found_in(folder)}
    for path, _folders, names in os.walk(folder):
        relative = Path(path).relative_to(folder).parts
        top = relative[0] if relative else ""
        for name in names:
            about = (Path(path) / name).lstat()
            inode = (about.st_dev, about.st_ino)
            if inode not in seen:
                seen.add(inode)
                made = complete.get(top, int(about.st_mtime * 1000))
                yield File("backups", about.st_blocks * 512, made, removable=top.startswith(MAKING))
