"""Whether what is declared of a line can be true: no line carries more than it can.

A carrier lets bursts of seconds through; means of five minutes above the bought bandwidth for a twentieth of the time are no bursts.
"""

from typing import NamedTuple

from core.capacity import Doubt

BURST = 1.1
"""So many times the declared bandwidth may be carried for longer: carriers count other layers than ports do."""


class Width(NamedTuple):
    """capacity_bps: what percent are taken of; 0: not known."""

    capacity_bps: float
    doubt: Doubt


def believed(declared_bps: float, port_bps: float, p95_bps: float | None) -> Width:
    """The bandwidth to count with. 0: not declared, not known.

    More declared than the port can: the port's. More carried than was declared: the declaration is disproved, and the port's speed is
    all that is known; more than even that: the port tells a wrong speed, or its counters lie.
    """
    least = min((bps for bps in (declared_bps, port_bps) if bps > 0), default=0.0)
    if least and p95_bps is not None and p95_bps > BURST * least:
        if port_bps and p95_bps > BURST * port_bps:
            return Width(port_bps, "port-exceeded")
        return Width(port_bps, "declared-exceeded")
    if port_bps and declared_bps > port_bps:
        return Width(port_bps, "declared-above-port")
    return Width(least, "")
