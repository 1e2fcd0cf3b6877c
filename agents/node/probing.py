"""Looking at this machine for `yunwang doctor`. Everything is tried for real where trying does no harm; nothing here judges."""

import contextlib
import ctypes
import hashlib
import importlib.metadata
import os
import re
import resource
import shutil
import ssl
import sys
import time
import zoneinfo
from pathlib import Path
from typing import Any

from agents.node.machine import Folder, Machine
from agents.node.reaching import certificates, links, ports
from agents.node.tty import cells_of
from agents.places import UNFINISHED, owner, try_writing
from agents.supervisor import read_status
from core.errors import YunwangError
from core.paths import data_dir, run_dir
from core.settings import Settings
from links.unixsocket import MAX_PATH

_STA_UNSYNC = 0x40
_CAP_NET_BIND_SERVICE = 10
_BASE = re.compile(r"[A-Za-z0-9._-]+")


def probe(settings: Settings, now_ms: int) -> Machine:
    """Takes some seconds where something that the settings name does not answer; never changes anything."""
    data, run = data_dir(settings), run_dir(settings)
    hub_pid = _hub(settings)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return Machine(
        now_ms=now_ms, uid=os.geteuid(), python=sys.version_info[:3], openssl=ssl.OPENSSL_VERSION,
        sm3="sm3" in hashlib.algorithms_available, sm4=_has_sm4(), missing=_missing(), crashes=_count(data / "crashes"),
        data=folder(data), run=folder(run),
        unfinished=os.path.lexists(data / UNFINISHED), socket_bytes=len(os.fsencode(run / "hub.sock")), socket_limit=MAX_PATH,
        ports=ports(settings, running=bool(hub_pid)), unprivileged_start=_number("/proc/sys/net/ipv4/ip_unprivileged_port_start", 1024),
        may_bind=_may_bind(), rmem_max=_number("/proc/sys/net/core/rmem_max", 0), files_soft=_limit(soft), files_hard=_limit(hard),
        memory=os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"), synchronised=_synchronised(),
        newest_row_ms=_newest_row(settings, data), zones=_has_zones(), encoding=sys.stdout.encoding or "", is_terminal=sys.stdout.isatty(),
        term=os.environ.get("TERM", ""), cjk_cells=cells_of("云"), ambiguous_cells=cells_of("①"), links=links(settings, hub_pid),
        certificates=certificates(settings), hub_pid=hub_pid, processes=read_status(run),
    )


def _hub(settings: Settings) -> int:
    try:
        return owner(settings)
    except YunwangError:  # the folder cannot be looked into: its own check says so
        return 0


def folder(path: Path) -> Folder:
    """Mode, kind and room of a folder; whether it can be written is found by writing."""
    try:
        about = path.stat()
    except OSError:
        parent = next((p for p in path.parents if os.path.lexists(p)), Path("/"))
        return Folder(str(path), exists=False, creatable=os.access(parent, os.W_OK | os.X_OK), kind=_kind(parent))._replace(**_room(parent))
    error = ""
    try:
        try_writing(path)
    except YunwangError as refused:
        error = str(refused)
    return Folder(str(path), mode=about.st_mode & 0o7777, error=error, kind=_kind(path))._replace(**_room(path))


def _room(path: Path) -> dict[str, Any]:
    try:
        usage = shutil.disk_usage(path)
    except OSError:
        return {}
    return {"size": usage.total, "free": usage.free}


def _kind(path: Path) -> str:
    """Of the mount that holds the path: the longest mount point that is its beginning (proc_pid_mountinfo(5))."""
    wanted, best = path.resolve(), ("", "")
    with contextlib.suppress(OSError):
        for line in Path("/proc/self/mountinfo").read_text("utf-8", "replace").splitlines():
            before, _, after = line.partition(" - ")
            point = before.split(" ")[4].encode().decode("unicode_escape")
            if wanted.is_relative_to(point) and len(point) >= len(best[0]):
                best = (point, after.split(" ")[0])
    return best[1]


def _missing() -> tuple[str, ...]:
    """Requirements of our own distribution that are not installed."""
    try:
        wanted = importlib.metadata.requires("yunwang") or []
    except importlib.metadata.PackageNotFoundError:
        return ()
    names = [found[0] for text in wanted if (found := _BASE.match(text)) and "extra ==" not in text]
    missing = []
    for name in names:
        try:
            importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            missing.append(name)
    return tuple(missing)


def _has_sm4() -> bool:
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

    try:
        Cipher(algorithms.SM4(bytes(16)), modes.GCM(bytes(12))).encryptor()
    except UnsupportedAlgorithm:
        return False
    return True


def _may_bind() -> bool:
    """CAP_NET_BIND_SERVICE among the effective capabilities (capabilities(7))."""
    with contextlib.suppress(OSError, ValueError):
        for line in Path("/proc/self/status").read_text("ascii", "replace").splitlines():
            if line.startswith("CapEff:"):
                return bool(int(line.split()[1], 16) >> _CAP_NET_BIND_SERVICE & 1)
    return False


def _synchronised() -> bool:
    """What the kernel's clock says of itself (adjtimex(2)); reading needs no right."""
    area = ctypes.create_string_buffer(512)
    state = ctypes.CDLL(None).adjtimex(area)
    status = int.from_bytes(area.raw[40:44], sys.byteorder)
    return state >= 0 and not status & _STA_UNSYNC


def _newest_row(settings: Settings, data: Path) -> int:
    """Time of the newest journal row; 0 where there is none, or it cannot be read."""
    path = data / "records.db"
    if settings.records.url or not os.access(path, os.R_OK):
        return 0
    import sqlite3

    try:
        connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=2)
        with contextlib.closing(connection):
            row = connection.execute("SELECT at_ms FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
    except sqlite3.Error:
        return 0
    return int(row[0]) if row else 0


def _has_zones() -> bool:
    try:
        zoneinfo.ZoneInfo("Asia/Shanghai")
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _number(path: str, otherwise: int) -> int:
    try:
        return int(Path(path).read_text("ascii").split()[0])
    except (OSError, ValueError, IndexError):
        return otherwise


def _limit(value: int) -> int:
    return (1 << 31) if value == resource.RLIM_INFINITY else value


def _count(path: Path) -> int:
    try:
        return sum(1 for name in path.iterdir() if name.name.startswith("crash-"))
    except OSError:
        return 0


def now_ms() -> int:
    return time.time_ns() // 1_000_000
