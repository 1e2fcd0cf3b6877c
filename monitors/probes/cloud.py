"""How full and how well a cloud is: what Nova and Cinder say of hypervisors, quotas and machines (OpenStack's API reference)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from core.probes import (
    HYPERVISOR_DISK,
    HYPERVISOR_MEMORY,
    HYPERVISOR_UP,
    HYPERVISOR_VCPUS,
    HYPERVISOR_VMS,
    QUOTA,
    VMS,
    Figure,
)
from core.width import clean

Item = Mapping[str, Any]
_SHARES = (
    (HYPERVISOR_VCPUS, "vcpus_used", "vcpus"), (HYPERVISOR_MEMORY, "memory_mb_used", "memory_mb"),
    (HYPERVISOR_DISK, "local_gb_used", "local_gb"),
)
RESOURCES = ("instances", "cores", "ram", "volumes", "gigabytes")
MOST_HOSTS, MOST_PROJECTS = 2000, 2000
STATES = frozenset({
    "ACTIVE", "BUILD", "DELETED", "ERROR", "HARD_REBOOT", "MIGRATING", "PASSWORD", "PAUSED", "REBOOT", "REBUILD", "RESCUE", "RESIZE",
    "REVERT_RESIZE", "SHELVED", "SHELVED_OFFLOADED", "SHUTOFF", "SOFT_DELETED", "SUSPENDED", "UNKNOWN", "VERIFY_RESIZE",
})


def hypervisors(items: Iterable[Item]) -> list[Figure]:
    """Up and enabled, use of processors, memory and local disks in percent of what is there, and machines."""
    out: list[Figure] = []
    for item in list(items)[:MOST_HOSTS]:
        name = clean(str(item.get("hypervisor_hostname", "")), 120)
        if not name:
            continue
        out.append(Figure(metric=HYPERVISOR_UP, value=1.0 if item.get("state") == "up" else 0.0, part=name))
        for metric, used, total in _SHARES:
            whole, part = _number(item.get(total)), _number(item.get(used))
            if whole > 0 and part >= 0:
                out.append(Figure(metric=metric, value=100.0 * part / whole, part=name))
        if (count := _number(item.get("running_vms"))) >= 0:
            out.append(Figure(metric=HYPERVISOR_VMS, value=count, part=name))
    return out


def quotas(items: Iterable[Item]) -> list[Figure]:
    """Use of each limited resource of each project, with what is reserved; -1 is no limit (Nova, Cinder)."""
    out: list[Figure] = []
    for item in list(items)[:MOST_PROJECTS]:
        name = clean(str(item.get("name", "")), 80)
        for resource in RESOURCES:
            found = next((said for half in ("compute", "storage") if isinstance(said := _of(item, half).get(resource), dict)), None)
            if found is None or not name:
                continue
            limit, used = _number(found.get("limit")), _number(found.get("in_use"))
            taken = used + max(_number(found.get("reserved")), 0.0)
            if limit > 0 and used >= 0:
                out.append(Figure(metric=QUOTA, value=100.0 * taken / limit, part=f"{name}:{resource}"))
    return out


def machines(items: Iterable[Item]) -> list[Figure]:
    """Machines by state; a state that Nova does not know counts as UNKNOWN."""
    counted = Counter(state if (state := str(item.get("status", ""))) in STATES else "UNKNOWN" for item in items)
    for state in ("ACTIVE", "ERROR"):
        counted.setdefault(state, 0)
    return [Figure(metric=VMS, value=float(count), part=state) for state, count in sorted(counted.items())]


def _of(item: Item, half: str) -> Mapping[str, Any]:
    found = item.get(half)
    return found if isinstance(found, dict) else {}


def _number(value: Any) -> float:
    """-1 for what is no number."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e15 else -1.0
