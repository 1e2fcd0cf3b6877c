"""All rows that rules watch, of all devices: fresh values against thresholds as whole arrays; Python only where something happens.

A quiet row costs a few comparisons. One that turned bad, or good again, is settled by `settling` as every other condition is.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from core.signals import Alert
from monitors.rates import variables
from monitors.rules.binding import CHANGE, NOTHING, STATE, Block
from monitors.rules.hours import holds_at, is_timed
from monitors.rules.rule import Rule
from monitors.rules.settling import Key, Watch, cleared, observed, settled, taken_over

_QUIET, _PENDING, _ALERTED, _ENDING = 0, 1, 2, 3
"""Nothing; bad, and not raised yet; raised and bad; raised and good again, not cleared yet."""
_AT_ONCE = 65536
_ALWAYS = Rule(name="", kind="threshold", severity="info")
Numbers = npt.NDArray[np.int64]
GoodOnes = Mapping[str, frozenset[str]]
"""Rows that were good while we watched, by device: rule and instance."""


class Member(NamedTuple):
    """A device of the arena, in its order. first: its first variable."""

    device_id: str
    block: Block
    first: int


class Fleet:
    """One for each arena's life; `assign` keeps what the old and the new have in common. Belongs to one thread, but for `good_ones`."""

    def __init__(self, rules: Iterable[str] = (), good_before: GoodOnes | None = None) -> None:
        """rules: names of all that are judged here; alerts of others are left alone."""
        self._names, self._taken = frozenset(rules), set[str]()
        self._members: tuple[Member, ...] = ()
        self._place: dict[str, int] = {}
        self._watches: dict[str, dict[Key, Watch]] = {}
        self._good_before = dict(good_before or {})
        self.offset: Numbers = np.zeros(1, np.int64)
        self._odd: Numbers = np.zeros(0, np.int64)
        self._last: npt.NDArray[np.float64] = np.zeros(0)
        self._arrays((), {})

    def use(self, rules: Iterable[str]) -> None:
        """Names of the rules that are judged here from now on; the rows follow with `assign`."""
        self._names = frozenset(rules)

    def __len__(self) -> int:
        return len(self._var)

    def assign(
        self, members: Sequence[Member], open_alerts: Mapping[str, Sequence[Alert]], now_ms: int, unusable: Collection[str] = (),
    ) -> tuple[Alert, ...]:
        """These devices from now on. open_alerts: what was left open before this process; taken over once a device is known.

        Clears alerts of what is watched no longer. unusable: devices that cannot be asked now: what is known of them stays as it is.
        """
        good = self.good_ones()
        out: list[Alert] = []
        here = {member.device_id: member for member in members}
        for device_id in self._watches.keys() - here.keys() - set(unusable):
            out += _ended(self._watches.pop(device_id), now_ms)
        for device_id, member in here.items():
            watches = self._watches.pop(device_id, {})
            if member.block is not NOTHING and device_id not in self._taken:
                self._taken.add(device_id)
                left = {(a.rule, a.instance): taken_over(a) for a in open_alerts.get(device_id, ()) if a.rule in self._names}
                watches = {**left, **watches}
            if kept := {key: watch for key, watch in watches.items() if member.block.number(key) is not None}:
                self._watches[device_id] = kept
            out += _ended({key: watch for key, watch in watches.items() if key not in kept}, now_ms)
        self._taken &= here.keys() | set(unusable)
        self._arrays(members, {**self._good_before, **good})
        return tuple(out)

    def _arrays(self, members: Sequence[Member], good: GoodOnes) -> None:
        last = self._last_values()
        blocks = [member.block for member in members]
        counts = [len(block) for block in blocks]
        self.offset = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)]).astype(np.int64)
        first = [int(at) for at in self.offset[:-1]]
        self._var = _joined([block.var + np.int32(m.first) for block, m in zip(blocks, members, strict=True)], np.int32)
        self._sign = _joined([block.sign for block in blocks], np.float32)
        self._raise = _joined([block.raise_at for block in blocks], np.float32)
        self._clear = _joined([block.clear_at for block in blocks], np.float32)
        self._mode = _joined([block.mode for block in blocks], np.uint8)
        self._times = sorted({(r.during, r.not_during, r.zone) for block in set(blocks) for r in block.rules if is_timed(r)})
        self._when = _joined([self._when_of(block) for block in blocks], np.uint16) if self._times else np.zeros(0, np.uint16)
        self._members, self._place = tuple(members), {m.device_id: n for n, m in enumerate(members)}
        self._odd = _joined([block.odd + start for block, start in zip(blocks, first, strict=True)], np.int64)
        self._mask = _joined([block.odd_mask for block in blocks], np.uint64)
        self._last = np.full(len(self._odd), np.nan)
        for number, member in enumerate(members):
            if (known := last.get(member.device_id)) is not None:
                self._last[self._odd_of(number)] = known[1] if known[0] == member.block else _carried(*known, member.block)
        self._was_good = np.ones(len(self._odd), np.bool_)
        self._must_be_good = np.zeros(len(self._odd), np.bool_)
        for number, block in enumerate(blocks):
            for place in block.careful.tolist():
                self._expect(self._odd_of(number).start + place, first[number] + int(block.odd[place]), good)
        self._status = np.zeros(len(self._var), np.uint8)
        for device_id, watches in self._watches.items():
            at = self._place.get(device_id, -1)
            for key, watch in watches.items() if at >= 0 else ():
                if (found := blocks[at].number(key)) is not None:
                    self._status[first[at] + found] = _status(watch)

    def _when_of(self, block: Block) -> npt.NDArray[np.uint16]:
        """Of each row, at which times it is judged: its place in `_times` from 1 on; 0: always."""
        places = [self._times.index((r.during, r.not_during, r.zone)) + 1 if is_timed(r) else 0 for r in block.rules]
        return np.array(places or [0], np.uint16)[block.rule] if len(block) else np.zeros(0, np.uint16)

    def _closed(self, now_ms: int) -> npt.NDArray[np.bool_] | None:
        """By such a place, whether nothing of it is judged now; None: all are."""
        shut = [not holds_at(_ALWAYS.replace(during=a, not_during=b, zone=zone), now_ms) for a, b, zone in self._times]
        return np.array([False, *shut]) if any(shut) else None

    def _odd_of(self, place: int) -> slice:
        begin, end = np.searchsorted(self._odd, self.offset[place : place + 2]).tolist()
        return slice(begin, end)

    def _last_values(self) -> dict[str, tuple[Block, npt.NDArray[np.float64]]]:
        """Of each device that has changes to be judged: what was seen last, so that a new arrangement misses none."""
        spans = ((member, self._odd_of(place)) for place, member in enumerate(self._members)) if len(self._odd) else ()
        return {member.device_id: (member.block, self._last[span]) for member, span in spans if span.stop > span.start}

    def _expect(self, at: int, row: int, good: GoodOnes) -> None:
        """A state that can only go bad after it was good."""
        member, number = self._whose(row)
        key = member.block.key(number)
        self._must_be_good[at] = True
        self._was_good[at] = _name(key) in good.get(member.device_id, ()) or key in self._watches.get(member.device_id, {})

    def _whose(self, row: int) -> tuple[Member, int]:
        place = int(np.searchsorted(self.offset, row, side="right")) - 1
        return self._members[place], row - int(self.offset[place])

    def good_ones(self) -> GoodOnes:
        """For those rules that need it: what was good while we watched."""
        out: dict[str, set[str]] = {}
        for row in self._odd[self._must_be_good & self._was_good].tolist():
            member, number = self._whose(row)
            out.setdefault(member.device_id, set()).add(_name(member.block.key(number)))
        return {device_id: frozenset(names) for device_id, names in out.items()}

    def look(self, devices: npt.ArrayLike, value: npt.NDArray[np.float32], now_ms: int) -> tuple[Alert, ...]:
        """Alerts that follow from fresh values. devices: numbers of those that answered. value: by variable of the whole arena."""
        device = np.asarray(devices, np.int64)
        if not len(device) or not len(self._var):
            return ()
        out: list[Alert] = []
        rows, closed = variables(self.offset, device), self._closed(now_ms)
        for start in range(0, len(rows), _AT_ONCE):
            out += self._some(rows[start : start + _AT_ONCE], value, now_ms, closed)
        return tuple(out)

    def _some(
        self, rows: Numbers, value: npt.NDArray[np.float32], now_ms: int, closed: npt.NDArray[np.bool_] | None,
    ) -> list[Alert]:
        where: Numbers | slice = rows
        if int(rows[-1]) - int(rows[0]) + 1 == len(rows):
            where = slice(int(rows[0]), int(rows[-1]) + 1)
        seen = value[self._var[where]]
        odd = np.flatnonzero(self._mode[where])
        if len(odd):
            seen[odd] = self._unusual(rows[odd], seen[odd])
        level = seen * self._sign[where]
        if closed is not None:
            level[closed[self._when[where]]] = -np.inf
        status = self._status[where]
        beyond = level > self._raise[where]
        touched = (beyond & (status != _ALERTED)) | (status == _PENDING) | (status == _ENDING)
        touched |= (status == _ALERTED) & (level <= self._clear[where])
        at = np.flatnonzero(touched)
        if not len(at):
            return []
        still = level[at] > self._clear[where][at]
        known = ~np.isnan(level[at])
        out = []
        for row, over, holds, sure, number in zip(
            rows[at].tolist(), beyond[at].tolist(), still.tolist(), known.tolist(), at.tolist(), strict=True,
        ):
            if sure:
                out += self._settle(row, over, holds, float(value[self._var[row]]), now_ms, float(seen[number]))
        return out

    def _unusual(self, rows: Numbers, seen: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """States as 1 where they are bad, changes as what changed."""
        at = np.searchsorted(self._odd, rows)
        mode, out = self._mode[rows], np.full(len(rows), np.nan, np.float32)
        state = np.flatnonzero((mode == STATE) & (seen >= 0) & (seen < 64))
        if len(state):
            bits = seen[state].astype(np.uint64)
            bad = (self._mask[at[state]] >> bits) & np.uint64(1)
            self._was_good[at[state]] |= bad == 0
            out[state] = np.where(self._was_good[at[state]], bad, np.nan)
        change = np.flatnonzero(mode == CHANGE)
        if len(change):
            now = seen[change].astype(np.float64)
            out[change] = now - self._last[at[change]]
            self._last[at[change]] = np.where(np.isnan(now), self._last[at[change]], now)
            out[change] = self._directed(rows[change], out[change])
        return out

    def _directed(self, rows: Numbers, moved: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        for at in np.flatnonzero(np.nan_to_num(moved)).tolist():
            member, number = self._whose(int(rows[at]))
            direction = member.block.rules[member.block.rule[number]].direction
            moved[at] = {"any": abs(moved[at]), "up": max(moved[at], 0), "down": max(-moved[at], 0)}[direction]
        return moved

    def _settle(self, row: int, beyond: bool, holds: bool, value: float, now_ms: int, seen: float) -> list[Alert]:
        member, number = self._whose(row)
        block = member.block
        key, rule = block.key(number), block.rules[block.rule[number]]
        watches = self._watches.setdefault(member.device_id, {})
        before = watches.get(key)
        bad = holds if before is not None and before.alert is not None and before.bad else beyond
        evidence = block.evidence(number, value)
        if rule.kind == "change":
            evidence["by"] = f"{seen:.4g}"
        watch, alert = settled(member.device_id, rule, key[1], observed(before, bad, now_ms), evidence, now_ms)
        if watch is None:
            watches.pop(key, None)
            if not watches:
                del self._watches[member.device_id]
        else:
            watches[key] = watch
        self._status[row] = _status(watch)
        return [] if alert is None else [alert]


def _joined(parts: list[npt.NDArray[Any]], kind: type[np.generic]) -> npt.NDArray[Any]:
    return np.concatenate(parts).astype(kind, copy=False) if parts else np.zeros(0, kind)


def _status(watch: Watch | None) -> int:
    if watch is None:
        return _QUIET
    if watch.alert is None:
        return _PENDING
    return _ALERTED if watch.bad else _ENDING


def _ended(watches: Mapping[Key, Watch], now_ms: int) -> Iterable[Alert]:
    return [cleared(watch.alert, now_ms) for watch in watches.values() if watch.alert is not None]


def _name(key: Key) -> str:
    return "\0".join(key)


def _carried(before: Block, last: npt.NDArray[np.float64], after: Block) -> npt.NDArray[np.float64]:
    """What was seen last in the rows of another block of the device that are about the same."""
    known = dict(zip(_odd_keys(before), last.tolist(), strict=True))
    return np.array([known.get(key, np.nan) for key in _odd_keys(after)], np.float64)


def _odd_keys(block: Block) -> list[tuple[str, tuple[str, ...], str, int]]:
    """Rule and its metrics, part, and which of the metrics of that part."""
    counts: Counter[tuple[str, tuple[str, ...], str]] = Counter()
    out = []
    for row in block.odd.tolist():
        rule = block.rules[block.rule[row]]
        key = rule.name, rule.metric, block.labels[block.label[row]]
        out.append((*key, counts[key]))
        counts[key] += 1
    return out
