"""One polled device as senses knows it, and what a person and the rules see of it after a poll."""

import math
from collections.abc import Mapping
from typing import NamedTuple

from agents.senses.ports import NO_PORTS, Ports
from core.objects import Device
from core.polling import PollPlan, Target
from core.text import oid_text
from core.views import InterfaceRow
from monitors.answers import SYS_UPTIME
from monitors.judge import Port
from monitors.meaning import UPTIME, PlanMeaning, Polled
from monitors.rules.binding import NOTHING, Block
from monitors.samples import Ledger

ALIVE = Polled(plan=PollPlan(scalars=(SYS_UPTIME,)), meaning=PlanMeaning(scalars=(UPTIME,), tables=()))
"""What is asked of a device that nothing is known of: whether it lives."""
_STATES = {"ifAdminStatus": "admin_status", "ifOperStatus": "oper_status"}
_FIELDS = {
    **_STATES,
    "ifHCInOctets": "in_bps",
    "ifHCOutOctets": "out_bps",
    "ifInErrors": "in_errors",
    "ifOutErrors": "out_errors",
    "ifInDiscards": "in_discards",
    "ifOutDiscards": "out_discards",
}


class Entry(NamedTuple):
    """What to poll of one device, and the interfaces it is about."""

    device: Device
    target: Target
    polled: Polled = ALIVE
    ports: Ports = NO_PORTS
    checks: Block = NOTHING
    """What the rules watch of it."""
    platform: str = ""
    """As discovery found it."""
    every: int = 1
    """See `Target.every`."""

    @property
    def asked(self) -> Target:
        """The target as the engine is to ask it."""
        return self.target if self.every == 1 else self.target.replace(every=self.every)

    @property
    def known(self) -> bool:
        return self.polled is not ALIVE


def _current(entry: Entry, ledger: Ledger, number: int, fields: Mapping[str, str]) -> dict[int, dict[str, float]]:
    """Last values of each interface by ifIndex and field of `InterfaceRow`; what is not known is left out. fields: by metric."""
    out: dict[int, dict[str, float]] = {}
    start = int(ledger.meter.offset[number]) + len(entry.polled.meaning.scalars)
    for table in entry.polled.meaning.tables:
        width, height = len(table.columns), len(table.labels)
        if table.indexes:
            values = ledger.value[start : start + width * height].reshape(height, width)
            for position, column in enumerate(table.columns):
                if field := fields.get(column.metric):
                    factor = 8.0 if field.endswith("_bps") else 1.0
                    for index, value in zip(table.indexes, values[:, position].tolist(), strict=True):
                        if not math.isnan(value):
                            out.setdefault(index, {})[field] = value * factor
        start += width * height
    return out


def judged_ports(entry: Entry, ledger: Ledger, number: int) -> tuple[Port, ...]:
    """Ports worth an alert as they are now; one that did not say is 0."""
    values, ports = _current(entry, ledger, number, _STATES), entry.ports
    out = []
    for index, name, alias, alerting in zip(ports.if_index, ports.name, ports.alias, ports.alerting, strict=True):
        if alerting:
            now = values.get(index, {})
            out.append(Port(name, int(now.get("admin_status", 0)), int(now.get("oper_status", 0)), alias))
    return tuple(out)


def rows_of(entry: Entry, ledger: Ledger, number: int, at_ms: int, changed: Mapping[str, int]) -> tuple[InterfaceRow, ...]:
    """All interface rows of a device. changed: by name, when ifOperStatus last changed."""
    values = _current(entry, ledger, number, _FIELDS)
    rows = []
    for index, name, alias, kind, speed, admin, oper, _ in zip(*entry.ports, strict=True):
        row = InterfaceRow(
            if_index=index,
            name=name,
            alias=alias,
            if_type=kind,
            speed_bps=speed,
            admin_status=admin,
            oper_status=oper,
            changed_at=changed.get(name, 0),
            polled_at=at_ms,
        )
        now = {f: int(v) if f in _STATES.values() else round(v, 3) for f, v in values.get(index, {}).items()}
        rows.append(row.replace(**now) if now else row)
    return tuple(rows)


def measures_of(entry: Entry, ledger: Ledger, number: int) -> dict[tuple[str, str], float]:
    """Last values of processors, pools, volumes and sensors by metric and OID; what is not known is left out."""
    out: dict[tuple[str, str], float] = {}
    start = int(ledger.meter.offset[number]) + len(entry.polled.plan.scalars)
    for plan, meaning in zip(entry.polled.plan.tables, entry.polled.meaning.tables, strict=True):
        size = len(plan.columns) * len(plan.indexes)
        if plan.by_name and not meaning.indexes and meaning.columns[0].store:
            values = ledger.value[start : start + size].tolist()
            metric, column = meaning.columns[0].metric, plan.columns[0]
            out |= {(metric, oid_text(column + at)): v for at, v in zip(plan.indexes, values, strict=True) if not math.isnan(v)}
        start += size
    return out


def finite(value: float) -> float:
    """The value, or -1 where it is not known."""
    return float(value) if math.isfinite(value) else -1.0
