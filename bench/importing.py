"""What an import costs: the City's whole workbook through a hub that runs, beside a plain read of the same file by openpyxl.

    python bench/run.py import [--quick]
"""

import asyncio
import io
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import openpyxl

from agents import launch
from agents.places import settled
from client import connect
from core.sections import General
from core.settings import Settings
from core.sources import IntakeReport
from lab.city import City

NAME = "import"
DEVICES, FEW = 3000, 300


def run(quick: bool) -> Iterator[tuple[str, str]]:
    city = City(1, FEW if quick else DEVICES)
    book = city.workbook(16161, 60, "env:NOBODY")
    rows, plain = _plain(book)
    yield f"openpyxl alone reads the workbook ({len(book) >> 10} KiB, {rows} rows)", f"{plain:.2f} s"
    folder = Path(tempfile.mkdtemp(prefix="yunwang-bench-"))
    settings = settled(Settings(general=General(data_dir=str(folder / "d"), run_dir=str(folder / "r"), language="en")))
    launch.start(settings, kinds=("hub", "workers"), die_with_us=True)
    try:
        yield from asyncio.run(_imports(settings, book, plain))
    finally:
        launch.stop(settings)
        shutil.rmtree(folder, ignore_errors=True)


def _plain(book: bytes) -> tuple[int, float]:
    started = time.perf_counter()
    found = openpyxl.load_workbook(io.BytesIO(book), read_only=True)
    rows = sum(1 for sheet in found.worksheets for row in sheet.iter_rows(values_only=True) if any(value is not None for value in row))
    return rows, time.perf_counter() - started


async def _imports(settings: Settings, book: bytes, plain: float) -> list[tuple[str, str]]:
    out = []
    async with connect(settings) as hub:
        for what, dry in (("checked only (dry run)", True), ("imported into an empty inventory", False), ("imported again", False)):
            watch = _Memory()
            started = time.perf_counter()
            report = await hub.import_file("city.xlsx", book, dry_run=dry)
            spent = time.perf_counter() - started
            text = f"{spent:.1f} s, {spent / plain:.1f} times the plain read; {watch.ended()}; {_counts(report)}"
            out.append((f"the workbook is {what}", text))
    return out


def _counts(report: IntakeReport) -> str:
    assert not report.problems_total, report.problems[:3]
    assert not report.unplaced_total, report.unplaced[:3]
    parts = (("added", report.added), ("changed", report.changed), ("unchanged", report.unchanged))
    return ", ".join(f"{sum(counts.values())} {what}" for what, counts in parts if counts)


class _Memory:
    """The most that the hub and the job had at one time, sampled."""

    def __init__(self) -> None:
        self._most = {"hub": 0.0, "job": 0.0, "together": 0.0}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        me = Path("/proc/self").resolve().name
        while not self._stop.wait(0.05):
            family = _children(me)
            sizes = {"hub": 0.0, "job": 0.0}
            for pid, words in family:
                size = _rss_mb(pid)
                if "agents.job" in words:
                    sizes["job"] += size
                elif "hub" in words:
                    sizes["hub"] = max(sizes["hub"], size)
            sizes["together"] = sizes["hub"] + sizes["job"]
            self._most = {name: max(size, sizes[name]) for name, size in self._most.items()}

    def ended(self) -> str:
        self._stop.set()
        self._thread.join()
        return ", ".join(f"{name} {size:.0f} MB" for name, size in self._most.items())


def _children(pid: str) -> list[tuple[str, str]]:
    """All processes below one, with their command lines."""
    parents: dict[str, list[str]] = {}
    words: dict[str, str] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                parents.setdefault((folder / "stat").read_text().rpartition(")")[2].split()[1], []).append(folder.name)
                words[folder.name] = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
            except OSError:
                continue
    found, waiting = [], [pid]
    while waiting:
        below = parents.get(waiting.pop(), [])
        found += [(one, words.get(one, "")) for one in below]
        waiting += below
    return found


def _rss_mb(pid: str) -> float:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)
