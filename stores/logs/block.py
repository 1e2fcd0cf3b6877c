"""A block of raw lines as columns: only the lines that are asked for become objects.

Packed: uint32 number of lines, then per line int64 time, uint32 source (place in the list of sources), uint8 kind, uint32 length;
then the sources as MessagePack list of text (uint32 length before it), then the raw bytes of all lines.
"""

import struct
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from core.ports import LogQuery
from core.signals import RawLine

KINDS = ("trap", "syslog")
MAX_LINES = 60_000
MAX_BYTES = 4 << 20
"""Raw bytes of one block: what a search holds unpacked."""

_COUNT = struct.Struct("<I")


class Block(NamedTuple):
    """Columns of the same length, in the order of arrival, or by source and time where sealed."""

    at: npt.NDArray[np.int64]
    source: npt.NDArray[np.uint32]
    kind: npt.NDArray[np.uint8]
    start: npt.NDArray[np.int64]
    """Where each line begins in `raw`; one more at the end."""
    sources: tuple[str, ...]
    raw: bytes

    def line(self, number: int) -> RawLine:
        a, b = int(self.start[number]), int(self.start[number + 1])
        source, kind = self.sources[int(self.source[number])], KINDS[int(self.kind[number])]
        return RawLine(at_ms=int(self.at[number]), source=source, kind=kind, raw=self.raw[a:b])  # type: ignore[arg-type]


def from_lines(lines: Sequence[RawLine]) -> Block:
    places: dict[str, int] = {}
    source = [places.setdefault(line.source, len(places)) for line in lines]
    sizes = np.fromiter((len(line.raw) for line in lines), np.int64, len(lines))
    return Block(
        np.fromiter((line.at_ms for line in lines), np.int64, len(lines)),
        np.array(source, np.uint32),
        np.fromiter((line.kind == KINDS[1] for line in lines), np.uint8, len(lines)),
        np.concatenate([[0], np.cumsum(sizes)]),
        tuple(places),
        b"".join(line.raw for line in lines),
    )


def pack(block: Block) -> bytes:
    names = msgspec.msgpack.encode(block.sources)
    columns = (block.at.astype("<i8"), block.source.astype("<u4"), block.kind, np.diff(block.start).astype("<u4"))
    return b"".join([_COUNT.pack(len(block.at)), *(c.tobytes() for c in columns), _COUNT.pack(len(names)), names, block.raw])


def unpack(data: bytes) -> Block:
    (count,) = _COUNT.unpack_from(data)
    at = 4

    def column(type_: str, width: int) -> Any:
        nonlocal at
        out = np.frombuffer(data, type_, count, at)
        at += count * width
        return out

    when, source, kind, size = column("<i8", 8), column("<u4", 4), column("u1", 1), column("<u4", 4)
    (length,) = _COUNT.unpack_from(data, at)
    names = msgspec.msgpack.decode(data[at + 4 : at + 4 + length], type=tuple[str, ...])
    return Block(when, source, kind, np.concatenate([[0], np.cumsum(size, dtype=np.int64)]), names, data[at + 4 + length :])


def matching(block: Block, query: LogQuery) -> npt.NDArray[np.int64]:
    """Numbers of the lines that match, in the order of the block."""
    picked = (block.at >= query.start_ms) & (block.at < query.end_ms)
    if query.sources:
        wanted = set(query.sources)
        picked &= np.isin(block.source, [place for place, source in enumerate(block.sources) if source in wanted])
    if query.kind:
        picked &= block.kind == (query.kind == KINDS[1])
        if query.kind not in KINDS:
            picked[:] = False
    if query.word and picked.any():
        picked &= _with_any(block, needles(query))
    return np.flatnonzero(picked)


def needles(query: LogQuery) -> frozenset[bytes]:
    """What is looked for in lines whose ASCII letters are small."""
    return frozenset(one.lower() for one in (query.word.encode("utf-8", "replace"), query.word.encode("gb18030", "replace"), *query.octets))


def _with_any(block: Block, wanted: Iterable[bytes]) -> npt.NDArray[np.bool_]:
    found = np.zeros(len(block.at), np.bool_)
    low = block.raw.lower()
    for needle in wanted:
        hit = low.find(needle)
        while hit >= 0:
            line = int(np.searchsorted(block.start, hit, "right")) - 1
            if hit + len(needle) <= block.start[line + 1]:
                found[line] = True
                hit = low.find(needle, int(block.start[line + 1]))
            else:
                hit = low.find(needle, hit + 1)
    return found


def by_source(block: Block) -> Block:
    """The same lines sorted by source, then time, then arrival; sources in order of their names."""
    names = sorted(block.sources)
    places = {name: place for place, name in enumerate(names)}
    rank = np.array([places[name] for name in block.sources], np.uint32)
    source = rank[block.source]
    order = np.lexsort((block.at, source))
    starts, ends = block.start[:-1][order], block.start[1:][order]
    raw = b"".join([block.raw[a:b] for a, b in zip(starts.tolist(), ends.tolist(), strict=True)])
    return Block(block.at[order], source[order], block.kind[order], np.concatenate([[0], np.cumsum(ends - starts)]), tuple(names), raw)


def join(blocks: Sequence[Block]) -> Block:
    """One after the other."""
    names = {name: place for place, name in enumerate(dict.fromkeys(name for block in blocks for name in block.sources))}
    sizes = np.concatenate([np.diff(block.start) for block in blocks])
    return Block(
        np.concatenate([block.at for block in blocks]),
        np.concatenate([np.array([names[name] for name in block.sources], np.uint32)[block.source] for block in blocks]),
        np.concatenate([block.kind for block in blocks]),
        np.concatenate([[0], np.cumsum(sizes)]),
        tuple(names),
        b"".join(block.raw for block in blocks),
    )


def cut(block: Block, a: int, b: int) -> Block:
    """Lines a to b, with only the sources they have."""
    source = block.source[a:b]
    used = np.unique(source)
    return Block(
        block.at[a:b],
        np.searchsorted(used, source).astype(np.uint32),
        block.kind[a:b],
        block.start[a : b + 1] - block.start[a],
        tuple(block.sources[place] for place in used.tolist()),
        block.raw[int(block.start[a]) : int(block.start[b])],
    )
