"""One polled device as senses knows it, and what a person sees of it while it is watched."""

import math
from typing import NamedTuple

from core.objects import Device, Interface
from core.polling import PollPlan, Target
from core.views import InterfaceRow
from monitors.answers import SYS_UPTIME
from monitors.interfaces import is_aggregate, is_physical
from monitors.judge import Port
from monitors.meaning import UPTIME, PlanMeaning, Polled
from monitors.samples import Ledger

ALIVE = Polled(plan=PollPlan(scalars=(SYS_UPTIME,)), meaning=PlanMeaning(scalars=(UPTIME,), tables=()))
"""What is asked of a device that nothing is known of: whether it lives."""
_FIELDS = {
    "ifAdminStatus": "admin_status",
    "ifOperStatus": "oper_status",
    "ifHCInOctets": "in_bps",
    "ifHCOutOctets": "out_bps",
    "ifInErrors": "in_errors",
    "ifOutErrors": "out_errors",
    "ifInDiscards": "in_discards",
    "ifOutDiscards": "out_discards",
}
_WHOLE = ("admin_status", "oper_status")


class Entry(NamedTuple):
    """What to poll of one device, and the interfaces it is about."""

    device: Device
    target: Target
    polled: Polled = ALIVE
    interfaces: tuple[Interface, ...] = ()

    @property
    def known(self) -> bool:
        return self.polled is not ALIVE


def current(entry: Entry, ledger: Ledger, number: int) -> dict[int, dict[str, float]]:
    """Last values of each interface by ifIndex and field of `InterfaceRow`; what is not known is left out."""
    out: dict[int, dict[str, float]] = {}
    start = int(ledger.meter.offset[number]) + len(entry.polled.meaning.scalars)
    for table in entry.polled.meaning.tables:
        width, height = len(table.columns), len(table.labels)
        if table.indexes:
            values = ledger.value[start : start + width * height].reshape(height, width)
            for position, column in enumerate(table.columns):
                if field := _FIELDS.get(column.metric):
                    factor = 8.0 if field.endswith("_bps") else 1.0
                    for index, value in zip(table.indexes, values[:, position].tolist(), strict=True):
                        if not math.isnan(value):
                            out.setdefault(index, {})[field] = value * factor
        start += width * height
    return out


def ports_of(entry: Entry, ledger: Ledger, number: int) -> tuple[Port, ...]:
    """Ports worth an alert as they are now; one that did not say is 0."""
    values = current(entry, ledger, number)
    out = []
    for interface in entry.interfaces:
        if is_physical(interface) or is_aggregate(interface):
            now = values.get(interface.if_index, {})
            out.append(Port(interface.name, int(now.get("admin_status", 0)), int(now.get("oper_status", 0)), interface.alias))
    return tuple(out)


def rows_of(entry: Entry, ledger: Ledger, number: int, at_ms: int, changed: dict[str, int]) -> tuple[InterfaceRow, ...]:
    """All interface rows of a device. changed: by name, when ifOperStatus last changed."""
    values = current(entry, ledger, number)
    rows = []
    for interface in entry.interfaces:
        row = InterfaceRow(
            if_index=interface.if_index,
            name=interface.name,
            alias=interface.alias,
            if_type=interface.if_type,
            speed_bps=interface.speed_bps,
            admin_status=interface.admin_status,
            oper_status=interface.oper_status,
            changed_at=changed.get(interface.name, 0),
            polled_at=at_ms,
        )
        now = {f: int(v) if f in _WHOLE else round(v, 3) for f, v in values.get(interface.if_index, {}).items()}
        rows.append(row.replace(**now) if now else row)
    return tuple(rows)


def finite(value: float) -> float:
    """The value, or -1 where it is not known."""
    return float(value) if math.isfinite(value) else -1.0
