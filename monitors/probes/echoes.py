"""What ICMP echoes say: how many were lost, how long they took, how evenly."""

import itertools
import math
from collections.abc import Sequence

from core.probes import JITTER, LOSS, RTT, UP, Figure


def figures(rtt_ms: Sequence[float]) -> tuple[Figure, ...]:
    """Of one target: a value for each echo in the order of sending, NaN for a lost one. Jitter is the mean change from one echo to the
    next that came (after RFC 3550, 6.4.1, without its smoothing: three echoes have no history)."""
    came = [value for value in rtt_ms if not math.isnan(value)]
    loss = 100.0 * (len(rtt_ms) - len(came)) / len(rtt_ms) if rtt_ms else 100.0
    out = [Figure(metric=UP, value=1.0 if came else 0.0), Figure(metric=LOSS, value=loss)]
    if came:
        out.append(Figure(metric=RTT, value=sum(came) / len(came)))
    if len(came) > 1:
        changes = [abs(after - before) for before, after in itertools.pairwise(came)]
        out.append(Figure(metric=JITTER, value=sum(changes) / len(changes)))
    return tuple(out)
