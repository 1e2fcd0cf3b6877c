"""What `yunwang doctor` looks at, as plain facts."""

from typing import NamedTuple

from core.views import ProcessRow

GIB = 1 << 30


class Folder(NamedTuple):
    """A folder that a node needs."""

    path: str
    exists: bool = True
    creatable: bool = True
    mode: int = 0o700
    error: str = ""
    """Why it cannot be written, by a real write."""
    kind: str = ""
    """Kind of its file system, as the kernel calls it."""
    size: int = 0
    free: int = 0


class Port(NamedTuple):
    """A port that the settings name, tried by a real bind where no hub runs."""

    setting: str
    number: int
    problem: str = ""
    """`denied`, `taken`, another sentence; empty: it can be had."""


class Reached(NamedTuple):
    """Another machine or program that the settings name."""

    name: str
    found: str = ""
    error: str = ""
    fix: str = ""


class Certificate(NamedTuple):
    """A PEM file that the settings name."""

    setting: str
    path: str
    ends_ms: int = 0
    error: str = ""


class Machine(NamedTuple):
    """All of it. Times are milliseconds since 1970, sizes are bytes."""

    now_ms: int
    uid: int
    python: tuple[int, ...]
    openssl: str
    sm3: bool
    sm4: bool
    missing: tuple[str, ...]
    """Distributions that Yunwang needs and that are not installed."""
    crashes: int
    data: Folder
    run: Folder
    unfinished: bool
    socket_bytes: int
    socket_limit: int
    ports: tuple[Port, ...]
    unprivileged_start: int
    may_bind: bool
    rmem_max: int
    files_soft: int
    files_hard: int
    memory: int
    synchronised: bool
    newest_row_ms: int
    zones: bool
    encoding: str
    is_terminal: bool
    term: str
    cjk_cells: int
    """Cells that the terminal gives a Chinese character; 0: it does not say."""
    ambiguous_cells: int
    links: tuple[Reached, ...]
    certificates: tuple[Certificate, ...]
    hub_pid: int
    processes: tuple[ProcessRow, ...]
