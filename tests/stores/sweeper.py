"""Appends sweeps to a sample store until it is killed, saying each one that was acknowledged. Run as a program by the crash tests.

Arguments: folder, first sweep, how many. Series n of sweep k has the value n * 1000 + k at T0 + 30 s * k.
"""

import sys
from pathlib import Path

import numpy as np

from core.sections import Samples
from core.signals import SampleBlock, SeriesKey
from stores.samples import open_samples

T0 = 1_700_000_000_000 // 3_600_000 * 3_600_000
STEP = 30_000
COUNT = 50


def main(folder: str, first: int, sweeps: int) -> None:
    store = open_samples(Path(folder), Samples(seal_s=120))
    keys = [SeriesKey("d", "m", str(n)) for n in range(COUNT)]
    ids = store.series_ids(keys)
    print("open", flush=True)  # noqa: T201  the parent reads it
    for k in range(first, first + sweeps):
        at = T0 + k * STEP
        store.append(SampleBlock(ids, np.full(COUNT, at, np.int64), np.arange(COUNT) * 1000.0 + k))
        print(k, flush=True)  # noqa: T201  the parent reads it
        for _ in range(2):
            store.maintain(at)
    store.close()


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
