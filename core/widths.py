"""Bandwidths in words: what is declared of a line, what its port says, and why one of both is not believed."""

from core.capacity import CapacityRow, Doubt
from core.i18n import mark, tr

NOT_KNOWN = mark("not known")
DOUBTS: dict[Doubt, str] = {
    "declared-exceeded": mark("declared {declared}, port {port}, carried {carried}: declaration seems wrong"),
    "declared-above-port": mark("declared {declared}, port {port}: declaration seems wrong"),
    "port-exceeded": mark("declared {declared}, port {port}, carried {carried}: the port tells a wrong speed, or its counters are wrong"),
}


def bandwidth(bps: float | None) -> str:
    """`100 Mbit/s`; 0 or None: not known."""
    if not bps:
        return tr(NOT_KNOWN)
    for unit, size in (("Gbit/s", 1e9), ("Mbit/s", 1e6), ("kbit/s", 1e3)):
        if bps >= size:
            return f"{bps / size:.3g} {unit}" if bps < 1000 * size else f"{bps / size:.0f} {unit}"
    return f"{bps:.0f} bit/s"


def doubted(row: CapacityRow) -> str:
    """Why what is declared or told of a line is not believed; empty where nothing speaks against it."""
    if not row.doubt:
        return ""
    declared, port, carried = bandwidth(row.declared_bps), bandwidth(row.port_bps), bandwidth(row.billed_bps)
    return tr(DOUBTS[row.doubt], declared=declared, port=port, carried=carried)
