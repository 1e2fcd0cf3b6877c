"""Echoes to all whose time has come, in one go."""

import ipaddress
import time
from collections import defaultdict
from collections.abc import Sequence

from agents.senses.probing_asks import echoed, finished
from core.errors import ForbiddenError
from core.probes import Outcome, ProbeTask
from links.probes.icmp import ping


def is_echo(task: ProbeTask) -> bool:
    """Whether it goes with the others: ICMP to an address. Names are looked up one by one."""
    if task.probe.kind != "icmp":
        return False
    try:
        ipaddress.ip_address(task.host)
    except ValueError:
        return False
    return True


def pinged(batch: Sequence[ProbeTask]) -> list[Outcome]:
    """One outcome for each, in order. Those of the same options go together; dead ones cost all of them one timeout, not one each."""
    groups: dict[tuple[int, int, int, int], list[int]] = defaultdict(list)
    for number, task in enumerate(batch):
        options = task.probe.options
        how = int(options.get("count", "3")), int(options.get("spacing_ms", "200")), int(options.get("size", "56")), task.probe.timeout_ms
        groups[how].append(number)
    out = [Outcome()] * len(batch)
    for (count, spacing_ms, size, timeout_ms), numbers in groups.items():
        begun, at_ms = time.monotonic(), time.time_ns() // 1_000_000
        wait_s = max(0.05, (timeout_ms - count * spacing_ms) / 1000 - 0.2)
        try:
            found = ping([batch[n].host for n in numbers], count=count, spacing_s=spacing_ms / 1000, timeout_s=wait_s, size=size)
            outcomes = [echoed(echoes.rtt_ms, echoes.unreachable) for echoes in found]
        except ForbiddenError as error:
            outcomes = [Outcome(answer="unusable", said=str(error))] * len(numbers)
        took_ms = int((time.monotonic() - begun) * 1000)
        for number, outcome in zip(numbers, outcomes, strict=True):
            out[number] = finished(outcome, at_ms, took_ms)
    return out
