"""Forms of answers: what the last good answer to each request looked like, byte by byte, and which bytes may differ in the next.

An answer of a device that is polled again and again differs from the one before in the request-id and in the digits of its numbers;
tags, lengths and names stay. So one comparison of whole datagrams checks all of them, and one gather reads all numbers. The sign
of an INTEGER and the leading zero of an unsigned number belong to what stays. Anything else is left to the block decoder, and what
it reads well is the new form.
"""

from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from core.polling import Kind

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Words = npt.NDArray[np.uint64]
Bytes = npt.NDArray[np.uint8]
_WORDS_STEP, _VARIABLES_STEP = 16, 8
KEEP: npt.NDArray[np.uint64] = np.array([(1 << 8 * min(size, 8)) - 1 for size in range(16)], np.uint64)
"""By the bytes of a number: which bits of the last eight bytes are it."""
_UNSIGNED = np.isin(np.arange(256), (Kind.COUNTER32, Kind.GAUGE32, Kind.TIMETICKS))
_T = TypeVar("_T", bound=np.generic)
_BY_SLOT = ("size", "words", "at", "first", "numbers", "negative")
_Room = tuple[int, int]
_IDLE_WORDS = 1 << 17
"""Less than a megabyte of holes is not worth the move."""
_TOGETHER = 4096
"""Forms are moved so many at a time, which bounds the memory that it takes."""


class Answers(NamedTuple):
    """Good answers as the block decoder read them; first axis: answers, second: values, of which the first `width` are used."""

    slots: Ints
    at: Ints
    """Where each datagram begins in the buffers, bytes."""
    size: Ints
    id_at: Ints
    """Where the four bytes of the request-id begin, bytes from the start of the datagram."""
    width: Ints
    ends: Ints
    """Where each value ends, bytes from the start of the datagram."""
    digits: Bytes
    """How many bytes each value has."""
    kind: Bytes


class Forms:
    """Arrays by slot: `size` (bytes of the answer, 0: no form), `words` and `at` (its place in `data` and `mask`), `first` (its place
    in the arrays by variable), `numbers` (values that are numbers), `negative` (some are below zero).

    data, mask: uint64, the answer and which bits of it stay. By variable: `place` (uint16, bytes from the start of the datagram to the
    last eight of the value), `digits` (uint8, how many bytes it has) and `kind`. rooms: by slot, (words, variables)
    that its place has.
    """

    def __init__(self) -> None:
        self.size, self.words, self.at, self.first, self.numbers = (np.zeros(1024, np.int64) for _ in range(5))
        self.negative: Bools = np.zeros(1024, np.bool_)
        self.data: Words = np.zeros(1 << 15, np.uint64)
        self.mask: Words = np.zeros(1 << 15, np.uint64)
        self.place: npt.NDArray[np.uint16] = np.zeros(1 << 13, np.uint16)
        self.digits: Bytes = np.zeros(1 << 13, np.uint8)
        self.kind: Bytes = np.zeros(1 << 13, np.uint8)
        self.rooms: dict[int, _Room] = {}
        self._free: dict[_Room, list[tuple[int, int]]] = {}
        self._used_words = self._used_variables = self._idle_words = 0
        self._heir_of: Forms | None = None
        self._left: dict[int, _Room] = {}

    def has(self, slots: Ints, size: Ints) -> Bools:
        """Which of these slots have a form for answers of these sizes, bytes."""
        self._grow(int(slots.max(initial=0)))
        out: Bools = self.size[slots] == size
        return out

    def adopt(self, slot: int, old: "Forms", was: int) -> None:
        """Takes over the form that a slot has in `old`, if any. The forms themselves stay where they are: from the next `learn` on, both
        share them, and `old` must not be used any more."""
        if self._heir_of is not old:
            self._inherit(old)
        room = self._left.pop(was, None)
        if room is not None:
            self._grow(slot)
            self.rooms[slot] = room
            for name in _BY_SLOT:
                getattr(self, name)[slot] = getattr(old, name)[was]

    def _inherit(self, old: "Forms") -> None:
        old._settle()  # noqa: SLF001 - the same class
        self._heir_of = old
        self._left = dict(old.rooms)
        self.data, self.mask, self.place, self.digits, self.kind = old.data, old.mask, old.place, old.digits, old.kind
        self._free = {room: list(places) for room, places in old._free.items()}  # noqa: SLF001 - the same class
        self._used_words, self._used_variables = old._used_words, old._used_variables  # noqa: SLF001
        self._idle_words = old._idle_words  # noqa: SLF001

    def _settle(self) -> None:
        """What nobody took over is free."""
        if self._heir_of is not None:
            for was, room in self._left.items():
                self._give_back(room, int(self._heir_of.at[was]), int(self._heir_of.first[was]))
            self._heir_of, self._left = None, {}

    def forget(self, first: int, stop: int) -> None:
        """These slots are no longer used."""
        for slot in range(first, min(stop, len(self.size))):
            self._release(slot)

    def abandon(self, slots: Ints) -> None:
        """These forms are not to be trusted, nor where they stand: they are learnt anew, in other places."""
        for slot in slots.tolist():
            self.rooms.pop(slot, None)
            if slot < len(self.size):
                self.size[slot] = 0

    def _release(self, slot: int) -> None:
        room = self.rooms.pop(slot, None)
        if room is not None:
            self._give_back(room, int(self.at[slot]), int(self.first[slot]))
            self.size[slot] = 0

    def _give_back(self, room: _Room, at: int, first: int) -> None:
        self._free.setdefault(room, []).append((at, first))
        self._idle_words += room[0]

    def _move_together(self) -> None:
        """Forms of the sizes that answers have now, without the holes of those that they had before."""
        slots = np.fromiter(self.rooms, np.int64, len(self.rooms))
        rooms = np.array(list(self.rooms.values()), np.int64).reshape(-1, 2)
        stops = np.cumsum(rooms, axis=0)
        at, first = stops[:, 0] - rooms[:, 0], stops[:, 1] - rooms[:, 1]
        self._used_words, self._used_variables = (int(n) for n in rooms.sum(axis=0))
        for name in ("data", "mask"):
            setattr(self, name, _moved(getattr(self, name), self.at[slots], at, rooms[:, 0]))
        for name in ("place", "digits", "kind"):
            setattr(self, name, _moved(getattr(self, name), self.first[slots], first, rooms[:, 1]))
        self.at[slots], self.first[slots] = at, first
        self._free, self._idle_words = {}, 0
        self._grow_places()

    def learn(self, flat: Bytes, answers: Answers) -> None:
        """The next answers to these slots are expected to look like these. flat: the buffers."""
        self._settle()
        if self._idle_words > max(_IDLE_WORDS, self._used_words // 2):
            self._move_together()
        if len(answers.slots):
            self._grow(int(answers.slots.max()))
        for row, slot in enumerate(answers.slots.tolist()):
            self._make_room(slot, int(answers.size[row]), int(answers.width[row]))
            self._write(flat, answers, row, slot)

    def _write(self, flat: Bytes, answers: Answers, row: int, slot: int) -> None:
        count, size, words = int(answers.width[row]), int(answers.size[row]), int(self.words[slot])
        begin, at, first = int(answers.at[row]), int(self.at[slot]), int(self.first[slot])
        ends, digits, kind = answers.ends[row, :count], answers.digits[row, :count], answers.kind[row, :count]
        self.data[at : at + words] = flat[begin : begin + 8 * words].view(np.uint64)
        mask = self.mask[at : at + words].view(np.uint8)
        mask[:size], mask[size:] = 0xFF, 0
        mask[answers.id_at[row] : answers.id_at[row] + 4] = 0
        free = np.minimum(digits, np.where(_UNSIGNED[kind], 4, 8))
        for byte in range(1, int(free.max(initial=0)) + 1):
            mask[ends[free >= byte] - byte] = 0
        whole = (kind == Kind.INTEGER) & (digits > 0)
        signs = ends[whole] - digits[whole]
        mask[signs] |= 0x80
        self.place[first : first + count] = ends - 8
        self.digits[first : first + count] = digits
        self.kind[first : first + count] = kind
        self.size[slot] = size
        self.numbers[slot] = np.count_nonzero((kind != Kind.NO_SUCH_OBJECT) & (kind != Kind.NO_SUCH_INSTANCE))
        self.negative[slot] = bool((flat[begin + signs] & 0x80).any())

    def _make_room(self, slot: int, size: int, count: int) -> None:
        room = (-(-size // (8 * _WORDS_STEP)) * _WORDS_STEP, -(-count // _VARIABLES_STEP) * _VARIABLES_STEP)
        if self.rooms.get(slot) == room:
            return
        self._release(slot)
        free = self._free.get(room)
        if free:
            self.at[slot], self.first[slot] = free.pop()
            self._idle_words -= room[0]
        else:
            self.at[slot], self.first[slot] = self._used_words, self._used_variables
            self._used_words += room[0]
            self._used_variables += room[1]
            self._grow_places()
        self.rooms[slot] = room
        self.words[slot] = room[0]

    def _grow(self, slot: int) -> None:
        if slot >= len(self.size):
            for name in _BY_SLOT:
                setattr(self, name, _longer(getattr(self, name), slot + 1))

    def _grow_places(self) -> None:
        """Room behind the last form too: forms are read in rows as long as the longest of them."""
        if self._used_words + 8192 > len(self.data):
            self.data, self.mask = _longer(self.data, self._used_words), _longer(self.mask, self._used_words)
        if self._used_variables + 512 > len(self.place):
            for name in ("place", "digits", "kind"):
                setattr(self, name, _longer(getattr(self, name), self._used_variables))


def _longer(array: npt.NDArray[_T], least: int) -> npt.NDArray[_T]:
    """A longer copy. The new part is not touched, and so takes no memory yet."""
    out = np.zeros(least + max(len(array), 8192), array.dtype)
    out[: len(array)] = array
    return out


def _moved(array: npt.NDArray[_T], old: Ints, new: Ints, size: Ints) -> npt.NDArray[_T]:
    """A new array with runs of these sizes, which stood at `old`, at `new`: one after the other, with room behind them."""
    total = int(size.sum())
    out = np.zeros(total + max(total // 4, 16384), array.dtype)
    for start in range(0, len(size), _TOGETHER):
        part = slice(start, start + _TOGETHER)
        here = int(new[start])
        source = np.repeat(old[part] - new[part], size[part])
        source += np.arange(here, here + len(source))
        out[here : here + len(source)] = array[source]
    return out
