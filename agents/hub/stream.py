"""The live stream: one channel for all consoles that look at the same window, one computation and one encoding for all of them."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

import msgspec

from agents.hub.table import Changes
from agents.hub.windows import Views, Window
from core.nouns import new_id
from core.views import ViewDelta, ViewQuery

TICK_S = 0.5
HEARTBEAT_S = 15.0
MAX_BEHIND = 32
"""Events that may wait for one console; with more it starts again from a snapshot."""
REMEMBERED = 64
"""Events kept for consoles that come back."""
LINGER_TICKS = 120
"""Ticks that a channel without consoles is kept for them."""
MAX_CHANNELS = 500

_encode = msgspec.json.Encoder().encode


def event(token: str, delta: ViewDelta) -> bytes:
    """One server-sent event. Its id says which channel and how far."""
    return b"id:%s-%d\nevent:%s\ndata:%s\n\n" % (token.encode(), delta.id, delta.kind.encode(), _encode(delta))


class Channel:
    """All consoles that look at one window."""

    def __init__(self, query: ViewQuery, window: Window) -> None:
        self.query, self.window = query, window
        self.token = new_id(0)
        self.number = 1
        self.recent: deque[tuple[int, bytes]] = deque(maxlen=REMEMBERED)
        self.consoles: set[Console] = set()
        self.idle_ticks = 0

    def snapshot(self) -> bytes:
        rows = tuple(self.window.rows.values())
        order = None if self.query.view == "overview" else tuple(self.window.rows)
        delta = ViewDelta(
            id=self.number, kind="snapshot", total=self.window.total, offset=self.query.offset, rows=rows, order=order,
        )
        return event(self.token, delta)

    def resync(self) -> bytes:
        return event(self.token, ViewDelta(id=self.number, kind="resync", offset=self.query.offset))

    def advance(self, window: Window) -> None:
        """Takes the new window and tells every console what is different."""
        old, self.window = self.window, window
        rows = tuple(row for key, row in window.rows.items() if old.rows.get(key) != row)
        order = tuple(window.rows) if list(window.rows) != list(old.rows) else None
        if not rows and order is None and window.total == old.total:
            return
        self.number += 1
        delta = ViewDelta(id=self.number, kind="delta", total=window.total, offset=self.query.offset, rows=rows, order=order)
        data = event(self.token, delta)
        self.recent.append((self.number, data))
        for console in self.consoles:
            console.offer(data)

    def since(self, last_event_id: str) -> list[bytes] | None:
        """The events after the one a console saw last; None when they are not all there any more."""
        token, _, digits = last_event_id.partition("-")
        if token != self.token or not digits.isascii() or not digits.isdigit() or len(digits) > 18:
            return None
        last = int(digits)
        missed = [data for number, data in self.recent if number > last]
        return missed if last <= self.number and len(missed) == self.number - last else None


class Console:
    """One subscriber of a channel: what waits for it."""

    def __init__(self, channel: Channel, last_event_id: str) -> None:
        missed = channel.since(last_event_id) if last_event_id else None
        self.channel = channel
        self.behind = False
        self._waiting: deque[bytes] = deque([channel.snapshot()] if missed is None else missed)
        self._news = asyncio.Event()
        self._news.set()

    def offer(self, data: bytes) -> None:
        if len(self._waiting) >= MAX_BEHIND:
            self._waiting.clear()
            self.behind = True
        if not self.behind:
            self._waiting.append(data)
        self._news.set()

    async def events(self) -> AsyncIterator[bytes]:
        while True:
            try:
                await asyncio.wait_for(self._news.wait(), HEARTBEAT_S)
            except TimeoutError:
                yield b":\n\n"
                continue
            self._news.clear()
            if self.behind:
                self.behind = False
                yield self.channel.resync() + self.channel.snapshot()
            while self._waiting:
                yield self._waiting.popleft()


class Streams:
    """All channels. `watch` is told which devices' interfaces are looked at, whenever that changes."""

    def __init__(self, views: Views, watch: Callable[[frozenset[str]], None]) -> None:
        self.views, self._watch = views, watch
        self._channels: dict[bytes, Channel] = {}

    @property
    def consoles(self) -> int:
        return sum(len(channel.consoles) for channel in self._channels.values())

    def watched(self) -> frozenset[str]:
        """Devices whose interfaces somebody looks at."""
        return frozenset(c.query.device_id for c in self._channels.values() if c.query.view == "interfaces" and c.consoles)

    def follow(self, query: ViewQuery, last_event_id: str = "") -> AsyncIterator[bytes]:
        """Events of a window, for ever. Raises at once what is wrong with the query."""
        self.views.check(query)
        return self._follow(query, last_event_id)

    async def _follow(self, query: ViewQuery, last_event_id: str) -> AsyncIterator[bytes]:
        before = self.watched()
        channel = self._channel(query)
        console = Console(channel, last_event_id)
        channel.consoles.add(console)
        self._tell_watched(before)
        try:
            async for data in console.events():
                yield data
        finally:
            before = self.watched()
            channel.consoles.discard(console)
            self._tell_watched(before)

    def _channel(self, query: ViewQuery) -> Channel:
        key = _encode(query)
        channel = self._channels.get(key)
        if channel is None:
            if len(self._channels) >= MAX_CHANNELS:
                self._forget_idle(0)
            channel = self._channels[key] = Channel(query, self.views.window(query))
        return channel

    def _tell_watched(self, before: frozenset[str]) -> None:
        now = self.watched()
        if now != before:
            self._watch(now)

    def tick(self, changes: Changes) -> None:
        """Brings every channel up to date."""
        for channel in self._channels.values():
            channel.idle_ticks = 0 if channel.consoles else channel.idle_ticks + 1
            if changes:
                channel.advance(self.views.refreshed(channel.query, channel.window, changes))
        self._forget_idle(LINGER_TICKS)

    def _forget_idle(self, ticks: int) -> None:
        for key in [k for k, c in self._channels.items() if not c.consoles and c.idle_ticks >= ticks]:
            del self._channels[key]
