"""The hub's own figures in the text format of Prometheus (exposition format 0.0.4)."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from agents.hub.node.health import Facts
from agents.hub.node.traffic import BOUNDS_S, Traffic
from core import __version__
from core.node import NodeStatus
from core.views import PollingHealth, ProcessRow

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_PAGE, _TICK = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_CLK_TCK")
PIECE = 500
"""Lines."""
Labels = Mapping[str, str]


class Metric(NamedTuple):
    """One family: its name without suffixes, and samples of (suffix, labels, value)."""

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    help: str
    samples: Sequence[tuple[str, Labels, float]]


def render(metrics: Iterable[Metric]) -> bytes:
    return b"".join(rendered(metrics))


def rendered(metrics: Iterable[Metric]) -> Iterator[bytes]:
    """The same piece by piece, so that the figures of a province are never in memory as text."""
    for metric in metrics:
        yield f"# HELP {metric.name} {metric.help}\n# TYPE {metric.name} {metric.kind}\n".encode()
        for first in range(0, len(metric.samples), PIECE):
            some = metric.samples[first : first + PIECE]
            yield "".join(f"{metric.name}{suffix}{_labels(labels)} {value:.17g}\n" for suffix, labels, value in some).encode()


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    quoted = (f'{name}="{_escaped(value)}"' for name, value in labels.items())
    return "{" + ",".join(quoted) + "}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def gauge(name: str, help_: str, value: float, **labels: str) -> Metric:
    return Metric(name, "gauge", help_, (("", labels, float(value)),))


def counter(name: str, help_: str, value: float) -> Metric:
    return Metric(name, "counter", help_, (("", {}, float(value)),))


def of_traffic(traffic: Traffic) -> list[Metric]:
    answers = [("", {"method": method, "status": str(status)}, float(count)) for (method, status), count in sorted(traffic.answers.items())]
    buckets: list[tuple[str, Labels, float]] = []
    below = 0
    for bound, count in zip((*BOUNDS_S, float("inf")), traffic.buckets, strict=True):
        below += count
        buckets.append(("_bucket", {"le": "+Inf" if bound == float("inf") else f"{bound:g}"}, float(below)))
    buckets += [("_sum", {}, traffic.seconds), ("_count", {}, float(below))]
    return [
        Metric("yunwang_hub_requests_total", "counter", "Requests answered, by method and status.", answers),
        Metric("yunwang_hub_request_seconds", "histogram", "Time to answer, streams left out.", buckets),
        counter("yunwang_hub_access_lines_lost_total", "Lines of the access log that did not fit.", traffic.lost_lines),
    ]


def of_node(facts: Facts, status: NodeStatus, revision: int) -> list[Metric]:
    up = {"ok": 0, "degraded": 1, "failed": 2}[status]
    return [
        gauge("yunwang_build_info", "Version of Yunwang.", 1, version=__version__),
        gauge("yunwang_node_status", "0 ok, 1 degraded, 2 failed.", up),
        gauge("yunwang_journal_sequence", "Newest row of the journal.", revision),
        gauge("yunwang_disk_size_bytes", "File system of the data folder.", facts.disk_size),
        gauge("yunwang_disk_free_bytes", "Free bytes of it.", facts.disk_free),
        gauge("yunwang_damaged_segments", "Segments that were set aside.", len(facts.damaged)),
        gauge("yunwang_clock_step_seconds", "Last step of the wall clock.", facts.clock_step_ms / 1000),
    ]


def of_children(rows: Sequence[ProcessRow]) -> list[Metric]:
    measured = [(row, *measure(row.pid)) for row in rows]

    def family(name: str, kind: Literal["counter", "gauge"], help_: str, values: Iterable[float]) -> Metric:
        return Metric(name, kind, help_, [("", {"process": row.kind}, value) for row, value in zip(rows, values, strict=True)])

    return [
        family("yunwang_process_up", "gauge", "Whether the process runs.", (float(row.pid > 0) for row in rows)),
        family("yunwang_process_restarts_total", "counter", "How often it was started again.", (float(row.restarts) for row in rows)),
        family("yunwang_process_start_time_seconds", "gauge", "Since when it runs.", (row.since / 1000 for row in rows)),
        family("yunwang_process_resident_memory_bytes", "gauge", "Memory it holds.", (memory for _, memory, _ in measured)),
        family("yunwang_process_cpu_seconds_total", "counter", "Processor time it took.", (cpu for _, _, cpu in measured)),
    ]


def of_polling(polling: PollingHealth) -> list[Metric]:
    return [
        gauge("yunwang_polling_variables", "Variables polled each interval.", polling.variables),
        gauge("yunwang_polling_variables_per_second", "Variables read per second.", polling.variables_per_s),
        counter("yunwang_polling_requests_total", "SNMP requests.", polling.requests),
        counter("yunwang_polling_timeouts_total", "SNMP requests without an answer.", polling.timeouts),
        counter("yunwang_polling_polls_total", "Finished polls of devices.", polling.polls),
        counter("yunwang_polling_faults_total", "Faults of our own that polling survived.", polling.faults),
        gauge("yunwang_polling_overdue_devices", "Devices whose poll is late.", polling.overdue),
        gauge("yunwang_polling_undiscovered_devices", "Devices whose interfaces are not known yet.", polling.undiscovered),
        gauge("yunwang_samples_stored", "Whether samples are being stored.", float(not polling.storage_error)),
    ]


def measure(pid: int) -> tuple[float, float]:
    """Resident memory in bytes and processor seconds of a process; zeros when it is gone (proc(5))."""
    try:
        folder = Path(f"/proc/{pid}")
        pages = int((folder / "statm").read_text("ascii").split()[1])
        fields = (folder / "stat").read_text("ascii", "replace").rpartition(")")[2].split()
        return float(pages * _PAGE), (int(fields[11]) + int(fields[12])) / _TICK
    except (OSError, ValueError, IndexError):
        return 0.0, 0.0
