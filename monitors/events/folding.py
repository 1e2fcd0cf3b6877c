"""The same thing said again is counted, not told again; a storm is held to a bound, and its count is kept.

The same is: the same source and word, the same things that it is about, and a text that differs in free-standing numbers at most.
`GigabitEthernet0/0/3`, `10.1.2.3` and `ifIndex=7` name things, and are no such numbers: two ports that go down are two events.
`Times=37` counts, as what devices say of logins that failed.
"""

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from core.events import STORM, Event, EventKind
from monitors.events.telling import of_storm

WINDOW_MS = 60_000
"""From its first to its last message; what is said later is a new event."""
PER_SOURCE = 100
"""Different events of one source within a window."""
IN_ALL = 10_000
"""Of all sources."""
_NUMBER = re.compile(r"\d(?:(?<![\w/.:=_-]\d)|(?<=\b[Tt]imes=\d)|(?<=\b[Cc]ount=\d))\d*(?![\w/:_-]|\.\d)")
"""It begins with the digit, so that nothing is tried where there is none."""
_NAMING = ("Index", "Name", "Descr", "Addr", "Id", "State", "Status", "peer", "interface", "user", "User")
"""Ends of the names of fields that say what an event is about: their numbers count."""
Key = tuple[str, EventKind, str]
"""Source, kind, and what is said."""


class _Heard:
    """One event as it is being counted."""

    __slots__ = ("count", "first", "last_ms", "news")

    def __init__(self, first: Event) -> None:
        self.first, self.count, self.last_ms, self.news = first, first.count, first.at_ms, True

    def event(self) -> Event:
        if self.count == 1:
            return self.first
        return self.first.replace(count=self.count, last_ms=self.last_ms)


class _Storm:
    """What one source says beyond its bound, from the first of it to a window without any."""

    __slots__ = ("_ended", "_id", "_key", "began_ms", "count", "last_ms", "news")

    def __init__(self, id_: str, source: str, kind: EventKind, at_ms: int) -> None:
        self._id, self._key, self.began_ms, self._ended = id_, (source, kind), at_ms, False
        self.count, self.last_ms, self.news = 0, at_ms, True

    def end(self, news: "list[_Heard | _Storm]") -> None:
        self._ended, self.news = True, True
        news.append(self)

    def event(self) -> Event:
        source, kind = self._key
        seconds = max(0, self.last_ms - self.began_ms) // 1000
        fields = {"storm": "ended" if self._ended else "began", "count": str(self.count), "seconds": str(seconds)}
        return Event(
            id=self._id, at_ms=self.began_ms, source=source, kind=kind, mnemonic=STORM, priority=4, count=self.count, fields=fields,
            last_ms=self.last_ms if self.count > 1 else 0, text=of_storm(fields)["en"],
        )


class Folder:
    """Counts what is put; `take` gives what is new or has grown. prefix: makes ids of this run differ from all others."""

    def __init__(self, prefix: str, per_source: int = PER_SOURCE, in_all: int = IN_ALL) -> None:
        self._prefix, self._per_source, self._in_all = prefix, per_source, in_all
        self._heard: dict[Key, _Heard] = {}
        self._storms: dict[tuple[str, EventKind], _Storm] = {}
        self._of_source: dict[str, int] = {}
        self._number = 0

    def __len__(self) -> int:
        return len(self._heard) + len(self._storms)

    def put(self, events: Iterable[Event]) -> None:
        """In the order in which they came."""
        for event in events:
            key = key_of(event)
            if not self.counted(key, event.at_ms, event.count):
                self.begin(key, event)

    def counted(self, key: Key, at_ms: int, count: int = 1) -> bool:
        """Whether it was said before, or is beyond the bound of its source: then it is counted. Else it is to `begin`."""
        known = self._heard.get(key)
        if known is not None:
            if not 0 <= at_ms - known.first.at_ms < WINDOW_MS:
                return False
            known.count += count
            known.last_ms, known.news = at_ms, True
            return True
        if self._of_source.get(key[0], 0) < self._per_source and len(self._heard) < self._in_all:
            return False
        self.storm(key[0], key[1], at_ms, count)
        return True

    def begin(self, key: Key, event: Event) -> None:
        """What was not `counted`."""
        if key not in self._heard:
            self._of_source[event.source] = self._of_source.get(event.source, 0) + 1
        self._heard[key] = _Heard(event.replace(id=self._new_id()))

    def storm(self, source: str, kind: EventKind, at_ms: int, count: int) -> None:
        """What is beyond the bound, or was not read at all, is counted in one event of its source for as long as it goes on."""
        known = self._storms.get((source, kind))
        if known is None:
            key = (source, kind) if len(self._storms) < self._in_all else ("", kind)
            known = self._storms.get(key)
            if known is None:
                known = self._storms[key] = _Storm(self._new_id(), *key, at_ms)
        known.count += count
        known.last_ms, known.news = at_ms, True

    def _new_id(self) -> str:
        self._number += 1
        return f"{self._prefix}-{self._number}"

    def take(self, now_ms: int) -> list[Event]:
        """News since the last time, in the order in which it was said last. What is over is forgotten; that a storm is over is news."""
        news: list[_Heard | _Storm] = [heard for heard in self._heard.values() if heard.news]
        for key in [key for key, heard in self._heard.items() if _is_over(heard.first.at_ms, now_ms)]:
            self._forget_one(self._heard.pop(key).first.source)
        for storm_key in [key for key, storm in self._storms.items() if _is_over(storm.last_ms, now_ms)]:
            self._storms.pop(storm_key).end(news)
        news += [storm for storm in self._storms.values() if storm.news]
        for one in news:
            one.news = False
        news.sort(key=lambda one: one.last_ms)
        return [one.event() for one in news]

    def _forget_one(self, source: str) -> None:
        left = self._of_source.get(source, 0) - 1
        if left > 0:
            self._of_source[source] = left
        else:
            self._of_source.pop(source, None)


def _is_over(at_ms: int, now_ms: int) -> bool:
    return not -WINDOW_MS <= now_ms - at_ms < WINDOW_MS


def key_of(event: Event) -> Key:
    """What makes two events the same."""
    if event.kind == "trap" and event.mnemonic:
        return key_of_trap(event.source, event.mnemonic, event.fields)
    names = [value for name, value in event.fields.items() if _is_naming(name)] if event.fields else ()
    return event.source, event.kind, "\0".join((event.mnemonic, event.program, _without_numbers(event.text), *names))


def key_of_trap(source: str, mnemonic: str, fields: Mapping[str, str]) -> Key:
    """A trap says nothing beside its fields."""
    told = [value if _is_naming(name) or value.isalpha() else _without_numbers(value) for name, value in fields.items()]
    return source, "trap", "\0".join((mnemonic, *fields, *told))


def _without_numbers(text: str) -> str:
    return _NUMBER.sub("#", text)


@lru_cache(maxsize=4096)
def _is_naming(name: str) -> bool:
    return name.endswith(_NAMING)
