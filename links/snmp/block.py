"""The block decoder: reads many answers to many different requests together, in arrays, whatever they looked like before.

Where a variable binding begins depends on the lengths of all before it. They seldom change from poll to poll, so a block starts from
those of the answers before; every one is checked against the datagram, and a datagram where one differs is walked once by hand. Then
one gather reads all heads (sequence, name), one all values; checks and shifts run over the whole block. Each name is compared with
the one expected in that very place of that request. A datagram that is not exactly as planned is left to the plain decoder; the laws
that both decoders share are tests.
"""

from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from core.polling import Kind, Readings
from links.snmp.book import Book
from links.snmp.names import MASKS, WORDS
from links.snmp.wire import SPARE

_T = TypeVar("_T", np.uint8, np.uint16, np.uint64)
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
_BAD, _NUMBER, _MISSING, _FIVE, _NINE = 0, 1, 2, 3, 4


def _classes() -> Bytes:
    """What a value is, by tag * 256 + length."""
    table = np.zeros((256, 256), np.uint8)
    table[Kind.INTEGER, 1:9] = _NUMBER
    for tag in (Kind.COUNTER32, Kind.GAUGE32, Kind.TIMETICKS):
        table[tag, 1:5] = _NUMBER
        table[tag, 5] = _FIVE
    table[Kind.COUNTER64, 1:9] = _NUMBER
    table[Kind.COUNTER64, 9] = _NINE
    table[Kind.NO_SUCH_OBJECT, 0] = table[Kind.NO_SUCH_INSTANCE, 0] = _MISSING
    return table.ravel()


_CLASSES = _classes()
_SHIFTS = np.maximum(64 - 8 * np.arange(256), 0).astype(np.uint64)


class Heads(NamedTuple):
    """Of each datagram: request-id and where it stands, where the first variable binding begins, whether all before it is as planned."""

    ids: Ints
    id_at: Ints
    first: Ints
    good: Bools


class Decoded(NamedTuple):
    """Of each datagram: whether it was as planned and stored, and how many numbers it gave; of each binding: where its value ends, of how
    many bytes it is, and its kind."""

    good: Bools
    numbers: Ints
    ends: Ints
    digits: Bytes
    kind: Bytes


class BlockDecoder:
    """Decodes datagrams that lie in `flat` (with `SPARE` bytes behind the last) into a `Readings` arena."""

    def __init__(self, flat: Bytes, book: Book) -> None:
        self.flat, self.book = flat, book
        self._sizes = flat[1:]
        self._window = np.lib.stride_tricks.sliding_window_view(flat, 32)
        edge = len(flat) - 64
        self._head_at = np.ndarray((edge,), f"V{8 * WORDS}", flat, 0, (1,))
        self._value_at = np.ndarray((edge,), "V16", flat, 0, (1,))
        self._limit = len(flat) - SPARE

    def heads(self, at: Ints, end: Ints) -> Heads:
        """Reads everything before the variable bindings of datagrams at `at`, up to `end`."""
        f = self.flat
        good = (f[at] == 0x30) & (end - at > 28)
        i, good = self._enter(at, end, good)
        good &= (f[i] == 2) & (f[i + 1] == 1) & (f[i + 2] == 1) & (f[i + 3] == 4) & (f[i + 4] < 128)
        i = i + 5 + f[i + 4]
        good &= f[i] == 0xA2
        i, good = self._enter(i, end, good)
        row = self._window[i]
        good &= (row[:, 0] == 2) & (row[:, 1] == 4) & (row[:, 6] == 2) & (row[:, 7] == 1) & (row[:, 8] == 0)
        good &= (row[:, 9] == 2) & (row[:, 10] == 1) & (row[:, 12] == 0x30)
        ids: Ints = row[:, 2:6].copy().view(">i4").ravel().astype(np.int64)
        first, good = self._enter(i + 12, end, good)
        return Heads(ids, i + 2, first, good)

    def _enter(self, at: Ints, end: Ints, good: Bools) -> tuple[Ints, Bools]:
        """Steps into elements that must reach to the very end of their datagrams."""
        size = self.flat[at + 1].astype(np.int64)
        more = np.where(size > 127, size & 127, 0)
        one, two = self.flat[at + 2].astype(np.int64), self.flat[at + 3]
        body = np.where(more == 0, size, np.where(more == 1, one, one << 8 | two))
        inside = at + 2 + more
        good = good & (more <= 2) & (size != 128) & (inside + body == end)
        return np.minimum(inside, self._limit), good

    def decode(self, first: Ints, end: Ints, slots: Ints, into: Readings) -> Decoded:
        """Reads the bindings of datagrams that answer `slots` and stores those that are as planned."""
        count, start = self.book.count[slots], self.book.start[slots]
        width = int(count.max())
        used = None if count.min() == width else np.arange(width) < count[:, None]
        at, size, fits = self._lay_out(first, end, start, used, width)
        named = self.book.named[slots]
        wrong = self._misnamed(at, named, used)
        name_size = runs(self.book.names.size, named, width)
        at += name_size
        at += 4
        value = self._value_at[at].view(np.uint64).reshape(*at.shape, 2)
        number, kind, missing, legal = _values(value, size, name_size)
        if used is not None:
            legal |= ~used
            missing = missing if missing is None else missing & used
        good: Bools = fits & legal.all(axis=1) & ~wrong
        store(into, start, count, number, kind, good)
        numbers = count if missing is None else count - missing.sum(axis=1)
        digits = size - name_size - np.uint8(4)
        return Decoded(good, np.where(good, numbers, 0), at + digits + 2, digits, kind)

    def _lay_out(self, first: Ints, end: Ints, start: Ints, used: Bools | None, width: int) -> tuple[Ints, Bytes, Bools]:
        """(where each binding begins, its size without its own header, whether the datagram ends with its last binding)."""
        size = runs(self.book.binding, start, width)
        if used is not None:
            size *= used
        at = self._positions(first, size, used)
        differs = self._sizes.take(at) != size
        if used is not None:
            differs &= used
        for row in np.nonzero(differs.any(axis=1))[0].tolist():
            wanted = width if used is None else int(np.count_nonzero(used[row]))
            walked = _walk(self.flat[int(first[row]) : int(end[row])].tobytes(), wanted)
            size[row, :wanted] = walked
            self.book.binding[start[row] : start[row] + wanted] = walked
            at[row] = self._positions(first[row : row + 1], size[row : row + 1], None if used is None else used[row : row + 1])[0]
        last = at[:, -1] + size[:, -1] + (2 if used is None else 2 * used[:, -1])
        return at, size, last == end

    def _positions(self, first: Ints, size: Bytes, used: Bools | None) -> Ints:
        """Where bindings of these sizes begin, each after the header of two bytes and the contents of that before."""
        at = np.empty(size.shape, np.int64)
        at[:, 0] = first
        at[:, 1:] = size[:, :-1]
        at[:, 1:] += 2 if used is None else 2 * used[:, :-1]
        np.cumsum(at, axis=1, out=at)
        np.minimum(at, self._limit, out=at)
        return at

    def _misnamed(self, at: Ints, named: Ints, used: Bools | None) -> Bools:
        """Whether any binding of a datagram has another name than its place in its request asks for."""
        count, width = at.shape
        head = self._head_at[at].view(np.uint64).reshape(count, width * WORDS)
        head ^= runs(self.book.names.heads, named, width).reshape(count, -1)
        head &= MASKS[runs(self.book.names.size, named, width)].reshape(count, -1)
        if used is not None:
            head.reshape(count, width, WORDS)[~used] = 0
        out: Bools = np.bitwise_or.reduce(head, axis=1) != 0
        return out


def _windows(array: npt.NDArray[_T], width: int) -> npt.NDArray[_T]:
    """All runs of `width` entries as rows, without copying."""
    shape = (len(array) - width + 1, width, *array.shape[1:])
    return np.ndarray(shape, array.dtype, array, 0, (array.strides[0], *array.strides))


def runs(array: npt.NDArray[_T], start: Ints, width: int) -> npt.NDArray[_T]:
    """array[s : s + width] for each s of `start`: whole runs are copied, not single entries."""
    return _windows(array, width)[start]


def _walk(data: bytes, count: int) -> list[int]:
    """Sizes of the first `count` bindings; 0 from where they leave the datagram."""
    sizes, at = [0] * count, 0
    for n in range(count):
        if at + 1 >= len(data):
            break
        sizes[n] = data[at + 1]
        at += sizes[n] + 2
    return sizes


def store(into: Readings, start: Ints, count: Ints, number: Words, kind: Bytes, good: Bools) -> None:
    """Puts the numbers of good datagrams into the arena, those of equal count together as whole runs."""
    least, most = int(count.min()), int(count.max())
    for many in (most,) if least == most else np.unique(count).tolist():
        rows = np.nonzero(good & (count == many))[0]
        every = len(rows) == len(number)
        place = start[rows]
        _windows(into.raw, many)[place] = number if every else number[rows, :many]
        _windows(into.kind, many)[place] = kind if every else kind[rows, :many]


def _values(value: Words, binding: Bytes, name_size: Bytes) -> tuple[Words, Bytes, Bools | None, Bools]:
    """(numbers, kinds, which are missing or None, which are legal) from 16 bytes at each value: tag, length, contents."""
    value.byteswap(inplace=True)
    a, b = value[..., 0], value[..., 1]
    key = (a >> np.uint64(48)).astype(np.uint16)
    kind, size = (key >> np.uint16(8)).astype(np.uint8), key.astype(np.uint8)
    what = _CLASSES.take(key)
    left = a << np.uint64(16)
    left |= b >> np.uint64(48)
    shift = _SHIFTS.take(size)
    number = (left.view(np.int64) >> shift.view(np.int64)).view(np.uint64)
    legal = what != _BAD
    size += name_size
    size += 4
    legal &= binding == size
    odd = what > _NUMBER
    below = number.view(np.int64) < 0
    missing = None
    if below.any():
        below &= kind != Kind.INTEGER
        number[below] = left[below] >> shift[below]
    if odd.any():
        missing = what == _MISSING
        number[missing] = 0
        legal &= ~((what == _FIVE) & (number > 0xFFFF_FFFF))
        nine = what == _NINE
        if nine.any():
            legal &= ~nine | (left >> np.uint64(56) == 0)
            number[nine] = (left[nine] << np.uint64(8)) | ((b[nine] >> np.uint64(40)) & np.uint64(0xFF))
        if not missing.any():
            missing = None
    return number, kind, missing, legal
