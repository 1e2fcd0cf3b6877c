"""A Linux machine by what it says of itself in /proc and to `df`: one command, one bounded answer, no agent."""

import re
from collections.abc import Iterator, Mapping

from core.measured import MEMORY, PROCESSOR, STORAGE
from core.probes import IN_BPS, INODES, LOAD, OUT_BPS, SWAP, UNITS_FAILED, UPTIME, Figure
from core.width import clean

COMMAND = (
    "export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin; s() { echo \"==$1\"; }; "
    "l() { s $1; head -n1 /proc/stat; cat /proc/uptime /proc/net/dev; }; l before; sleep 1; l after; "
    "s cpus; grep -c ^processor /proc/cpuinfo; s meminfo; cat /proc/meminfo; "
    "s loadavg; cat /proc/loadavg; s uptime; cat /proc/uptime; s df; df -PkT 2>/dev/null; s inodes; df -PiT 2>/dev/null; "
    "s units; systemctl list-units --state=failed --plain --no-legend --no-pager 2>/dev/null | head -n 50; "
    "s os; head -n 30 /etc/os-release 2>/dev/null; s kernel; uname -sr; s end"
)
"""Fixed: nothing of a definition or of the target becomes part of it."""
NOT_DISKS = frozenset({
    "tmpfs", "devtmpfs", "overlay", "squashfs", "proc", "sysfs", "cgroup", "cgroup2", "ramfs", "iso9660", "efivarfs", "autofs", "nsfs",
    "fuse.lxcfs", "tracefs", "shm",
})
NOT_WIRES = ("lo", "veth", "docker", "cali", "tap", "virbr", "br-", "dummy")
MOST_MOUNTS, MOST_UNITS, MOST_WIRES = 64, 20, 64
_LONGEST_S = 120.0
_SECTION = re.compile(r"^==(\w+)$", re.MULTILINE)


def sections(text: str) -> dict[str, list[str]]:
    """Lines by section. Raises `ValueError` where the end is missing: the answer was cut off, or no such shell answered."""
    parts = _SECTION.split(text)
    found = {name: [line for line in body.splitlines() if line.strip()] for name, body in zip(parts[1::2], parts[2::2], strict=False)}
    if "end" not in found:
        raise ValueError("the answer has no end")
    return found


def figures(said: Mapping[str, list[str]]) -> tuple[Figure, ...]:
    """What could be read; a line that makes no sense is left out."""
    looks = said.get("before", []), said.get("after", [])
    machine = (*_processor([*looks[0][:1], *looks[1][:1]]), *_traffic(*looks), *_memory(said.get("meminfo", [])), *_load(said))
    return (*machine, *_disks(said), *_units(said.get("units", [])))


def facts(said: Mapping[str, list[str]]) -> dict[str, str]:
    """Name of the system, kernel, and which units failed."""
    os = dict(line.split("=", 1) for line in said.get("os", []) if "=" in line)
    out = {"os": os.get("PRETTY_NAME", "").strip('"'), "kernel": " ".join(said.get("kernel", [])[:1]),
           "failed": " ".join(_failed(said.get("units", []))[:MOST_UNITS])}
    return {name: clean(value, 400) for name, value in out.items() if value}


def _processor(lines: list[str]) -> Iterator[Figure]:
    """Between two looks a second apart: the share of time that was neither idle nor waiting for disks (proc(5))."""
    looks = [[int(word) for word in line.split()[1:9] if word.isdecimal()] for line in lines if line.startswith("cpu ")]
    if len(looks) == 2 and all(len(look) >= 5 for look in looks):
        spent = [after - before for before, after in zip(*looks, strict=False)]
        if (total := sum(spent)) > 0:
            yield Figure(metric=PROCESSOR, value=max(0.0, min(100.0, 100.0 * (total - spent[3] - spent[4]) / total)))


def _traffic(before: list[str], after: list[str]) -> Iterator[Figure]:
    """Bits a second of each interface between the two looks; not of loopback and of what lies inside containers (proc(5), net/dev)."""
    passed_s = _uptime_s(after) - _uptime_s(before)
    first, second = _octets(before), _octets(after)
    for name, (came, went) in second.items():
        if name in first and 0 < passed_s < _LONGEST_S and came >= first[name][0] and went >= first[name][1]:
            yield Figure(metric=IN_BPS, value=8 * (came - first[name][0]) / passed_s, part=name)
            yield Figure(metric=OUT_BPS, value=8 * (went - first[name][1]) / passed_s, part=name)


def _uptime_s(look: list[str]) -> float:
    """The second line of a look."""
    words = look[1].split() if len(look) > 1 else []
    return float(words[0]) if words and _plain(words[0]) else 0.0


def _octets(look: list[str]) -> dict[str, tuple[int, int]]:
    out: dict[str, tuple[int, int]] = {}
    for line in look[2:]:
        name, colon, rest = line.partition(":")
        words, name = rest.split(), clean(name.strip(), 60)
        counts = len(words) >= 9 and words[0].isdecimal() and words[8].isdecimal()
        if colon and counts and not name.startswith(NOT_WIRES) and len(out) < MOST_WIRES:
            out[name] = int(words[0]), int(words[8])
    return out


def _memory(lines: list[str]) -> Iterator[Figure]:
    """What is not available for new work without swapping."""
    pairs = ((name, rest.split()) for name, _, rest in (line.partition(":") for line in lines))
    kb = {name: int(words[0]) for name, words in pairs if words and words[0].isdecimal()}
    total, free = kb.get("MemTotal", 0), kb.get("MemAvailable", -1)
    if total > 0 and 0 <= free <= total:
        yield Figure(metric=MEMORY, value=100.0 * (total - free) / total)
    swap = kb.get("SwapTotal", 0)
    if swap > 0 and 0 <= kb.get("SwapFree", -1) <= swap:
        yield Figure(metric=SWAP, value=100.0 * (swap - kb["SwapFree"]) / swap)


def _load(said: Mapping[str, list[str]]) -> Iterator[Figure]:
    words = " ".join(said.get("loadavg", [])[:1]).split()
    cpus = " ".join(said.get("cpus", [])[:1])
    if len(words) > 2 and _plain(words[1]) and cpus.isdecimal() and int(cpus[:6]) > 0:
        yield Figure(metric=LOAD, value=float(words[1]) / int(cpus[:6]))
    seconds = " ".join(said.get("uptime", [])[:1]).split()
    if seconds and _plain(seconds[0]):
        yield Figure(metric=UPTIME, value=float(seconds[0]))


def _disks(said: Mapping[str, list[str]]) -> Iterator[Figure]:
    for name, metric in (("df", STORAGE), ("inodes", INODES)):
        for mount, used, free in _mounts(said.get(name, [])):
            yield Figure(metric=metric, value=100.0 * used / (used + free), part=mount)


def _mounts(lines: list[str]) -> Iterator[tuple[str, int, int]]:
    """Mount, used and free: the share counts without what is reserved for root, as `df` does (POSIX)."""
    seen = 0
    for line in lines[1:]:
        words = line.split(None, 6)
        if len(words) < 7 or words[1] in NOT_DISKS or not words[3].isdecimal() or not words[4].isdecimal():
            continue
        used, free = int(words[3]), int(words[4])
        if used + free > 0 and seen < MOST_MOUNTS:
            seen += 1
            yield clean(words[6], 120), used, free


def _units(lines: list[str]) -> Iterator[Figure]:
    yield Figure(metric=UNITS_FAILED, value=float(len(_failed(lines))))


def _failed(lines: list[str]) -> list[str]:
    return [words[0] for line in lines if len(words := line.lstrip("●* ").split()) >= 4 and words[2] == "failed"]


def _plain(word: str) -> bool:
    return len(word) < 20 and word.replace(".", "", 1).isdecimal()
