"""The same thing said again is counted, not told again; a storm is held to a bound, and its count is kept.

The same is: the same source and word, the same things that it is about, and a text that differs in free-standing numbers at most.
`GigabitEthernet0/0/3`, `10.1.2.3` and `ifIndex=7` name things, and are no such numbers: two ports that go down are two events.
`Times=37` counts, as what devices say of logins that failed.
"""

import re
from collections.abc import Iterable

from core.events import STORM, Event

WINDOW_MS = 60_000
"""From its first to its last message; what is said later is a new event."""
PER_SOURCE = 100
"""Different events of one source within a window."""
IN_ALL = 10_000
"""Of all sources."""
_NUMBER = re.compile(r"(?:(?<![\w/.:=_-])|(?<=\b[Tt]imes=)|(?<=\b[Cc]ount=))\d+(?![\w/:_-]|\.\d)")
_NAMING = ("Index", "Name", "Descr", "Addr", "Id", "State", "Status", "peer", "interface", "user", "User")
"""Ends of the names of fields that say what an event is about: their numbers count."""
_HAS_NUMBER = re.compile(r"\d")
Key = tuple[str, str, str]


class _Heard:
    """One event as it is being counted."""

    __slots__ = ("count", "first", "last_ms", "news")

    def __init__(self, first: Event) -> None:
        self.first, self.count, self.last_ms, self.news = first, first.count, first.at_ms, True

    def event(self) -> Event:
        if self.count == 1:
            return self.first
        return self.first.replace(count=self.count, last_ms=self.last_ms)


class Folder:
    """Counts what is put; `take` gives what is new or has grown. prefix: makes ids of this run differ from all others."""

    def __init__(self, prefix: str, per_source: int = PER_SOURCE, in_all: int = IN_ALL) -> None:
        self._prefix, self._per_source, self._in_all = prefix, per_source, in_all
        self._heard: dict[Key, _Heard] = {}
        self._of_source: dict[str, int] = {}
        self._number = 0

    def __len__(self) -> int:
        return len(self._heard)

    def put(self, events: Iterable[Event]) -> None:
        """In the order in which they came."""
        for event in events:
            key = key_of(event)
            known = self._heard.get(key)
            if known is not None and 0 <= event.at_ms - known.first.at_ms < WINDOW_MS:
                known.count += event.count
                known.last_ms, known.news = event.at_ms, True
            else:
                self._begin(key, event)

    def _begin(self, key: Key, event: Event) -> None:
        source = event.source
        if key not in self._heard and (self._of_source.get(source, 0) >= self._per_source or len(self._heard) >= self._in_all):
            self._storm(event)
            return
        if key not in self._heard:
            self._of_source[source] = self._of_source.get(source, 0) + 1
        self._heard[key] = _Heard(event.replace(id=self._new_id()))

    def _storm(self, event: Event) -> None:
        """What is beyond the bound is counted in one event of its source, which is told once a window like any other."""
        key = (event.source, event.kind, STORM)
        known = self._heard.get(key)
        if known is not None and 0 <= event.at_ms - known.first.at_ms < WINDOW_MS:
            known.count += event.count
            known.last_ms, known.news = event.at_ms, True
            return
        if len(self._heard) >= 2 * self._in_all:
            key = ("", event.kind, STORM)
            if (known := self._heard.get(key)) is not None and 0 <= event.at_ms - known.first.at_ms < WINDOW_MS:
                known.count += event.count
                known.last_ms, known.news = event.at_ms, True
                return
        self._heard[key] = _Heard(Event(
            id=self._new_id(), at_ms=event.at_ms, source=key[0], kind=event.kind, mnemonic=STORM, priority=4, count=event.count,
            text="More different messages than are shown one by one; all of them are kept.",
        ))

    def _new_id(self) -> str:
        self._number += 1
        return f"{self._prefix}-{self._number}"

    def take(self, now_ms: int) -> list[Event]:
        """News since the last time, in the order in which it was said last. What is over is forgotten."""
        news = [heard for heard in self._heard.values() if heard.news]
        for heard in news:
            heard.news = False
        over = [key for key, heard in self._heard.items() if not -WINDOW_MS <= now_ms - heard.first.at_ms < WINDOW_MS]
        for key in over:
            heard = self._heard.pop(key)
            if key[2] != STORM:
                self._forget_one(heard.first.source)
        news.sort(key=lambda heard: heard.last_ms)
        return [heard.event() for heard in news]

    def _forget_one(self, source: str) -> None:
        left = self._of_source.get(source, 0) - 1
        if left > 0:
            self._of_source[source] = left
        else:
            self._of_source.pop(source, None)


def key_of(event: Event) -> Key:
    """What makes two events the same."""
    text, fields = event.text, event.fields
    if _HAS_NUMBER.search(text):
        text = _NUMBER.sub("#", text)
    names = [value for name, value in fields.items() if name.endswith(_NAMING)] if fields else ()
    return event.source, event.kind, "\0".join((event.mnemonic, event.program, text, *names))
