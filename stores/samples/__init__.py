"""Samples: Parquet segments with a write-ahead of what is not sealed yet. One writer (senses), readers in other processes."""

from pathlib import Path

from core.sections import Samples
from stores.samples.store import ParquetSamples

__all__ = ["ParquetSamples", "open_samples"]


def open_samples(directory: Path, settings: Samples, readonly: bool = False) -> ParquetSamples:
    """The sample store in one folder; created unless `readonly`. A reader may open it before the writer has ever started."""
    return ParquetSamples(directory, settings, readonly=readonly)
