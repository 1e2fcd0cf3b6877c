"""Reads answers that have come: by their form where they look like those before, by the block decoder where they do not."""

import numpy as np
import numpy.typing as npt

from core.polling import Kind, Readings
from links.snmp.block import BlockDecoder, runs, store
from links.snmp.book import Book
from links.snmp.forms import KEEP, Answers

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
_ID = np.uint64(0x0204 << 48)
"""Tag and length of a request-id of four bytes, above the rest of a word."""
_ID_MASK = np.uint64(0xFFFF << 48)


def _extra() -> Ints:
    """By the first byte of a length: how many more bytes it has; -1: not one that we read."""
    table = np.full(256, -1, np.int64)
    table[:128], table[0x81], table[0x82] = 0, 1, 2
    return table


_EXTRA = _extra()
_SIZE_SHIFT = np.array([48, 40, 32], np.uint64)
_SIZE_MASK = np.array([0xFF, 0xFF, 0xFFFF], np.uint64)


class Reader:
    """Over `flat`, the buffers, which begin at multiples of eight bytes and have `SPARE` bytes behind the last."""

    def __init__(self, flat: Bytes, book: Book) -> None:
        self.flat, self.book = flat, book
        self.decoder = BlockDecoder(flat, book)
        self._words = flat[: len(flat) // 8 * 8].view(np.uint64)
        self._word_at = np.ndarray((len(flat) - 8,), "V8", flat, 0, (1,))

    def ids(self, at: Ints, end: Ints) -> tuple[Ints, Bools]:
        """(request-id, whether a message as long as the datagram has one where it belongs); `read` checks the rest of the head."""
        f = self.flat
        outer = _EXTRA[f[at + 1]]
        begin = self._word_at[at].view(np.uint64).byteswap()
        body = (begin >> _SIZE_SHIFT[outer] & _SIZE_MASK[outer]).astype(np.int64)
        good: Bools = (outer >= 0) & (at + 2 + outer + body == end)
        i = at + outer
        community = f[i + 6]
        i += community
        inner = _EXTRA[f[i + 8]]
        i += inner
        i += 9
        word = self._word_at[i].view(np.uint64).byteswap()
        good &= (inner >= 0) & (community < 128) & (i + 6 <= end) & (word & _ID_MASK == _ID)
        return (word >> np.uint64(16)).astype(np.uint32).view(np.int32).astype(np.int64), good

    def read(self, at: Ints, end: Ints, slots: Ints, into: Readings) -> tuple[Bools, Ints]:
        """Stores what answers to `slots` hold. Returns for each whether it was as planned, and how many numbers it gave."""
        good, numbers = np.zeros(len(at), np.bool_), np.zeros(len(at), np.int64)
        forms = self.book.forms
        known = forms.has(slots, end - at)
        if known.all():
            good = self._by_form(at, slots, into)
        elif known.any():
            good[known] = self._by_form(at[known], slots[known], into)
        numbers[good] = forms.numbers[slots[good]]
        if not good.all():
            rest = np.nonzero(~good)[0]
            good[rest], numbers[rest] = self._by_block(at[rest], end[rest], slots[rest], into)
        return good, numbers

    def _by_form(self, at: Ints, slots: Ints, into: Readings) -> Bools:
        forms = self.book.forms
        words, first = forms.words[slots], forms.first[slots]
        width = int(words.max())
        data = runs(self._words, at >> 3, width)
        data ^= runs(forms.data, forms.at[slots], width)
        data &= runs(forms.mask, forms.at[slots], width)
        if words.min() != width:
            data[np.arange(width) >= words[:, None]] = 0
        good: Bools = np.bitwise_or.reduce(data, axis=1) == 0
        count = self.book.count[slots]
        width = int(count.max())
        keep, kind = KEEP.take(runs(forms.digits, first, width)), runs(forms.kind, first, width)
        number = self._word_at[runs(forms.place, first, width) + at[:, None]].view(np.uint64)
        number.byteswap(inplace=True)
        number &= keep
        below = forms.negative[slots]
        if below.any():
            number[below] = _signed(number[below], keep[below], kind[below])
        store(into, self.book.start[slots], count, number, kind, good)
        return good

    def _by_block(self, at: Ints, end: Ints, slots: Ints, into: Readings) -> tuple[Bools, Ints]:
        heads = self.decoder.heads(at, end)
        good, numbers = heads.good.copy(), np.zeros(len(at), np.int64)
        if good.any():
            at, slots = at[good], slots[good]
            done = self.decoder.decode(heads.first[good], end[good], slots, into)
            fine = done.good
            answers = Answers(
                slots[fine], at[fine], (end[good] - at)[fine], (heads.id_at[good] - at)[fine], self.book.count[slots][fine],
                (done.ends - at[:, None])[fine], done.digits[fine], done.kind[fine],
            )
            self.book.forms.learn(self.flat, answers)
            numbers[good] = done.numbers
            good[good] = fine
        return good, numbers


def _signed(number: Words, keep: Words, kind: Bytes) -> Words:
    """Extends the sign of INTEGERs."""
    sign = keep ^ (keep >> np.uint64(1))
    return np.where((kind == Kind.INTEGER) & (number & sign != 0), number | ~keep, number)
