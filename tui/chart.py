"""A chart of traffic in and out over the last hours."""

import time
from typing import Any

import numpy as np
import numpy.typing as npt
from textual_plotext import PlotextPlot

from core.signals import SeriesFrame
from tui.words import bits

OCTET = 8
LEAST_TOP = 1000.0
"""Bit/s at the top of the scale of a silent interface."""
MARKS = (("braille", "cyan"), ("+", "orange"))
"""Two marks, so that the lines can be told apart without colour."""


def thin(frame: SeriesFrame, points: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Seconds since 1970 and bit/s, at most about `points` of them: each the mean of its stretch, empty stretches left out."""
    good = ~np.isnan(frame.mean)
    at, value = frame.at_ms[good] / 1000.0, frame.mean[good] * OCTET
    if len(at) <= points:
        return at, value
    edges = np.linspace(at[0], at[-1], points + 1)
    cell = np.clip(np.searchsorted(edges, at, "right") - 1, 0, points - 1)
    number = np.bincount(cell, minlength=points)
    used = number > 0
    return np.bincount(cell, at, points)[used] / number[used], np.bincount(cell, value, points)[used] / number[used]


class TrafficChart(PlotextPlot):
    """Bit/s in and out; redrawn only when new data or another size comes.

    No words inside: plotext counts a Chinese character as one cell. The line above the chart says which mark is which.
    """

    def __init__(self) -> None:
        super().__init__()
        self._frames: dict[str, SeriesFrame] = {}
        self._span = (0.0, 1.0)

    def show(self, frames: dict[str, SeriesFrame], start_s: float, end_s: float) -> None:
        """frames: octets per second by direction (`In`, `Out`), over [start_s, end_s)."""
        self._frames, self._span = frames, (start_s, end_s)
        self._draw()

    @property
    def has_points(self) -> bool:
        return any(len(frame.at_ms) for frame in self._frames.values())

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        plot: Any = self.plt
        plot.clear_figure()
        top = LEAST_TOP
        for (marker, colour), frame in zip(MARKS, self._frames.values(), strict=False):
            at, value = thin(frame, max(20, 2 * self.size.width))
            if len(at):
                plot.plot(at.tolist(), value.tolist(), marker=marker, color=colour)
                top = max(top, float(value.max()))
        start, end = self._span
        ticks = np.linspace(start, end, max(2, min(9, self.size.width // 14))).tolist()
        form = "%H:%M" if end - start <= 90_000 else "%m-%d"
        plot.xticks(ticks, [time.strftime(form, time.localtime(t)) for t in ticks])
        levels = np.linspace(0, top, max(2, min(6, self.size.height // 3))).tolist()
        plot.yticks(levels, [bits(level) for level in levels])
        plot.xlim(start, end)
        plot.ylim(0, top * 1.02)
        self.refresh()
