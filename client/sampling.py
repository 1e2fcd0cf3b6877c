"""Samples on the wire, and as arrays."""

from core.nouns import Noun
from core.signals import SeriesFrame


class SamplesOnWire(Noun, frozen=True, kw_only=True):
    """A `SeriesFrame` on the wire: four lists of the same length; None where there is no value."""

    at_ms: list[int]
    mean: list[float | None]
    low: list[float | None]
    high: list[float | None]


def frame_of(found: SamplesOnWire) -> SeriesFrame:
    import numpy as np

    return SeriesFrame(np.array(found.at_ms, np.int64), *(np.array(one, np.float64) for one in (found.mean, found.low, found.high)))
