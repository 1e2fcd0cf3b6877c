"""One sealed segment: a Parquet file of one shard, sorted by series and time, of which every byte that is read was checked before.

The name says all that a reader must know to find it: `{window}-{hours}-{first}-{last}-{crc}.parquet`. window: hours since 1970 at
which it begins; hours: how many it spans; first, last: the write-aheads it was made from; crc: CRC-32 of the Parquet footer. The
footer carries, for each row group, its first and last series, its end in the file and the CRC-32 of its bytes.
"""

import base64
import os
import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.i18n import tr
from stores.files import publish
from stores.samples.columns import SHARD_BITS, Rows, empty, join

GROUP_ROWS = 32_768
"""Rows of one row group: what must be decoded to read one series."""

TIERS = ("raw", "5m", "1h")
STEP_MS = {"raw": 0, "5m": 300_000, "1h": 3_600_000}
MORE = {"raw": (), "5m": ("low", "high", "count"), "1h": ("low", "high", "count")}

_NAME = re.compile(r"(\d{7})-(\d{3})-(\d{10})-(\d{10})-([0-9a-f]{8})\.parquet")
_BARE = ["series", "at_ms", "value"]
_INDEX_KEY = "yunwang.groups"
_GROUP = np.dtype([("first", "<u4"), ("last", "<u4"), ("rows", "<u4"), ("crc", "<u4"), ("end", "<i8")])


class DamagedError(Exception):
    """A segment that must be set aside; its text is the reason."""


class Segment(NamedTuple):
    """A segment by its name."""

    tier: str
    shard: int
    window: int
    hours: int
    first: int
    last: int
    crc: int

    @property
    def name(self) -> str:
        return f"{self.window:07d}-{self.hours:03d}-{self.first:010d}-{self.last:010d}-{self.crc:08x}.parquet"

    def path(self, root: Path) -> Path:
        return shelf(root, self.tier, self.shard) / self.name

    def replaces(self, other: "Segment") -> bool:
        """Everything of the other is in this one."""
        inside = self.window <= other.window and other.window + other.hours <= self.window + self.hours
        return inside and self.first <= other.first and other.last <= self.last and self != other


def shelf(root: Path, tier: str, shard: int) -> Path:
    return root / tier / f"s{shard:05d}"


def parse(tier: str, shard: int, name: str) -> Segment | None:
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    window, hours, first, last = (int(part) for part in found.groups()[:4])
    return Segment(tier, shard, window, hours, first, last, int(found[5], 16))


class SegmentWriter:
    """Writes sorted rows to a temporary file; `close` gives it its name. Left without `close`, it leaves a file that is swept away.

    What will be merged within the hour is packed by LZ4, at half the cost; what lasts by zstd with the bytes of the floats apart.
    """

    def __init__(self, root: Path, tier: str, shard: int, window: int, hours: int, seqs: tuple[int, int]) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        self._root, self._what = root, (tier, shard, window, hours, *seqs)
        self._folder = shelf(root, tier, shard)
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._temporary = self._folder / f"{window:07d}-{hours:03d}-{seqs[0]:010d}-{seqs[1]:010d}.tmp"
        self._sink = _Sink(self._temporary)
        columns = [pa.field("series", pa.uint32(), nullable=False), pa.field("at_ms", pa.int64(), nullable=False)]
        columns += [pa.field(name, pa.float64(), nullable=False) for name in ("value", *MORE[tier])]
        self._schema = pa.schema(columns)
        lasting = hours > 1 or (tier == "raw" and seqs[0] != seqs[1])
        packing: dict[str, Any] = {"compression": "zstd", "compression_level": 1} if lasting else {"compression": "lz4"}
        split = "BYTE_STREAM_SPLIT" if lasting else "PLAIN"
        floats = {name: split for name in ("value", "low", "high") if name in self._schema.names}
        self._parquet = pq.ParquetWriter(
            pa.PythonFile(self._sink, mode="w"),
            self._schema,
            use_dictionary=["count"] if tier != "raw" else False,
            column_encoding={"series": "DELTA_BINARY_PACKED", "at_ms": "PLAIN", **floats},
            write_statistics=["series"],
            store_schema=False,
            **packing,
        )
        self._groups: list[tuple[int, ...]] = []
        self._waiting: list[Rows] = []
        self._waiting_rows = 0

    def write(self, rows: Rows) -> None:
        """Rows that follow, in order, those written before."""
        if self._waiting_rows:
            missing = GROUP_ROWS - self._waiting_rows
            self._keep(rows.take(slice(0, missing)))
            if self._waiting_rows < GROUP_ROWS:
                return
            self._flush(join(self._waiting))
            rows = rows.take(slice(missing, None))
        whole = len(rows.series) // GROUP_ROWS * GROUP_ROWS
        for start in range(0, whole, GROUP_ROWS):
            self._flush(rows.take(slice(start, start + GROUP_ROWS)))
        if whole < len(rows.series):
            self._keep(rows.take(slice(whole, None)))

    def _keep(self, rows: Rows) -> None:
        self._waiting.append(rows)
        self._waiting_rows += len(rows.series)

    def _flush(self, group: Rows) -> None:
        """Writes one row group. Nothing waits afterwards."""
        import pyarrow as pa

        arrays = [pa.array(column) for column in (group.series, group.at, group.value, *group.more)]
        self._parquet.write_table(pa.Table.from_arrays(arrays, schema=self._schema), row_group_size=GROUP_ROWS)
        first, last = int(group.series[0]), int(group.series[-1])
        self._groups.append((first, last, len(group.series), self._sink.take_crc(), self._sink.size))
        self._waiting, self._waiting_rows = [], 0

    def close(self) -> Segment | None:
        """The finished segment, on disk and with its name; None when there were no rows."""
        if self._waiting_rows:
            self._flush(join(self._waiting))
        index = np.array(self._groups, _GROUP)
        self._parquet.add_key_value_metadata({_INDEX_KEY: base64.b64encode(index.tobytes()).decode()})
        self._parquet.close()
        if not self._groups:
            self.abandon()
            return None
        self._sink.sync()
        segment = Segment(*self._what, self._sink.footer_crc())
        self._sink.close()
        publish(self._temporary, segment.path(self._root))
        return segment

    def abandon(self) -> None:
        self._sink.close()
        self._temporary.unlink(missing_ok=True)


class _Sink:
    """A file that sums up what is written to it."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self.size, self._crc, self._tail = 0, 0, b""
        self.closed = False

    def write(self, data: Any) -> int:
        view = memoryview(data)
        count = len(view)
        if self.closed:  # Parquet's writer, collected later, still wants to write the footer of what was given up
            return count
        self._crc = zlib.crc32(view, self._crc)
        while view:
            written = os.write(self._fd, view)
            view = view[written:]
        self.size += count
        return count

    def take_crc(self) -> int:
        """CRC-32 of what was written since the last call."""
        crc, self._crc = self._crc, 0
        return crc

    def footer_crc(self) -> int:
        return self._crc

    def tell(self) -> int:
        return self.size

    def flush(self) -> None:
        return

    def writable(self) -> bool:
        return True

    def sync(self) -> None:
        os.fsync(self._fd)

    def close(self) -> None:
        if not self.closed:
            self.closed = True
            os.close(self._fd)


class _Source:
    """The file as Parquet's reader sees it: the footer, and the one row group that was read and checked."""

    closed = False

    def __init__(self, size: int) -> None:
        self._size, self._at = size, 0
        self._from, self._bytes = 0, b""

    def hold(self, start: int, data: bytes) -> None:
        self._from, self._bytes = start, data

    def read(self, count: int = -1) -> bytes:
        offset = self._at - self._from
        data = self._bytes[offset : offset + count] if offset >= 0 else b""
        self._at += len(data)
        return data

    def seek(self, offset: int, whence: int = 0) -> int:
        self._at = offset + (self._size if whence == 2 else self._at if whence == 1 else 0)
        return self._at

    def tell(self) -> int:
        return self._at

    def size(self) -> int:
        return self._size

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def close(self) -> None:
        return


class SegmentReader:
    """Reads row groups of one segment. Raises `DamagedError`, or FileNotFoundError when it was merged away in the meantime."""

    def __init__(self, root: Path, segment: Segment) -> None:
        self.segment = segment
        self._fd = os.open(segment.path(root), os.O_RDONLY | os.O_CLOEXEC)
        try:
            self._open()
        except BaseException:
            os.close(self._fd)
            raise

    def _open(self) -> None:
        import pyarrow as pa
        import pyarrow.parquet as pq

        size = os.fstat(self._fd).st_size
        tail = os.pread(self._fd, 8, max(size - 8, 0))
        length = int.from_bytes(tail[:4], "little")
        if len(tail) < 8 or tail[4:] != b"PAR1" or length + 12 > size:
            raise DamagedError(tr("the end of the file is missing"))
        footer = os.pread(self._fd, length + 8, size - 8 - length)
        if zlib.crc32(footer) != self.segment.crc:
            raise DamagedError(tr("the footer is damaged"))
        try:
            metadata = pq.read_metadata(pa.BufferReader(footer))
            index = base64.b64decode(metadata.metadata[_INDEX_KEY.encode()])
            self.groups: npt.NDArray[Any] = np.frombuffer(index, _GROUP)
        except (pa.ArrowException, OSError, KeyError, ValueError, TypeError) as error:
            raise DamagedError(tr("the footer is not understood: {reason}", reason=error)) from error
        self._source = _Source(size)
        self._parquet = pq.ParquetFile(pa.PythonFile(self._source, mode="r"), metadata=metadata, pre_buffer=False)

    @property
    def rows(self) -> int:
        return int(self.groups["rows"].sum())

    def group(self, number: int, bare: bool = False) -> Rows:
        """All rows of one row group. bare: of a roll-up only the means."""
        series, at, value, *more = self.columns(number, _BARE if bare else [*_BARE, *MORE[self.segment.tier]])
        return Rows(series, at, value, tuple(more))

    def columns(self, number: int, names: list[str]) -> list[npt.NDArray[Any]]:
        """Some columns of one row group. All of its bytes are checked, whatever is read of them."""
        import pyarrow as pa

        start = int(self.groups["end"][number - 1]) if number else 0
        end = int(self.groups["end"][number])
        data = os.pread(self._fd, end - start, start)
        if len(data) < end - start or zlib.crc32(data) != int(self.groups["crc"][number]):
            raise DamagedError(tr("row group {number} is damaged", number=number))
        self._source.hold(start, data)
        try:
            table = self._parquet.read_row_group(number, columns=names, use_threads=False)
        except (pa.ArrowException, OSError) as error:
            raise DamagedError(tr("row group {number} is not understood: {reason}", number=number, reason=error)) from error
        finally:
            self._source.hold(0, b"")
        return [column.to_numpy() for column in table.itercolumns()]

    def series(self, number: int) -> Rows:
        """All rows of one series, in order of time."""
        touched = np.flatnonzero((self.groups["first"] <= number) & (self.groups["last"] >= number))
        parts = []
        for group in touched.tolist():
            rows = self.group(group)
            a, b = np.searchsorted(rows.series, [number, number + 1])
            parts.append(rows.take(slice(int(a), int(b))))
        return join(parts) if parts else empty(len(MORE[self.segment.tier]))

    def each_group(self) -> Iterator[Rows]:
        for number in range(len(self.groups)):
            yield self.group(number)

    def close(self) -> None:
        if self._fd >= 0:
            self._parquet.close(force=True)
            os.close(self._fd)
            self._fd = -1


def shard_of(series: int) -> int:
    return series >> SHARD_BITS
