"""Samples to 5 minutes and hours: mean, least, greatest and number of the samples of each bucket."""

import numpy as np

from stores.samples.columns import Rows


def roll_up(rows: Rows, step_ms: int) -> Rows:
    """One row for each series and bucket that has samples; `at` is the bucket's beginning.

    Takes samples or finer roll-ups, sorted by series and time; means are weighed by the number of samples behind them.
    """
    if not len(rows.series):
        return Rows(rows.series, rows.at, rows.value, (rows.value, rows.value, rows.value))
    bucket = rows.at // step_ms
    starts = np.flatnonzero(np.concatenate([[True], (rows.series[1:] != rows.series[:-1]) | (bucket[1:] != bucket[:-1])]))
    if rows.more:
        low, high, count = rows.more
        counts = np.add.reduceat(count, starts)
        mean = np.add.reduceat(rows.value * count, starts) / counts
    else:
        low = high = rows.value
        counts = np.diff(starts, append=len(rows.series)).astype(np.float64)
        mean = np.add.reduceat(rows.value, starts) / counts
    least, greatest = np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)
    return Rows(rows.series[starts], bucket[starts] * step_ms, np.clip(mean, least, greatest), (least, greatest, counts))
