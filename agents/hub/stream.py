"""The live stream: one channel for all consoles that see the same window, one computation and one encoding for all of them.

Every event is authorised when it is sent: a console whose caller sees other rows by now starts again with those, one whose caller may not
look any more is told so and ended.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

import msgspec

from agents.hub.channel import Channel, last_word
from agents.hub.filtering import Changes
from agents.hub.lists import RECORDS
from agents.hub.records import in_thread
from agents.hub.sight import EVERYTHING, Sight
from agents.hub.windows import Views, Window
from core.errors import UnavailableError, YunwangError
from core.failure import Failure
from core.i18n import tr
from core.views import ViewQuery

TICK_S = 0.5
HEARTBEAT_S = 15.0
MAX_BEHIND = 32
"""Events that may wait for one console; with more it starts again from a snapshot."""
LINGER_TICKS = 120
"""Ticks that a channel without consoles is kept for them."""
MAX_CHANNELS = 500

Look = Callable[[], Sight]
"""What the caller of a stream sees by now; raises when that is nothing."""
_encode = msgspec.json.Encoder().encode


def _see_all() -> Sight:
    return EVERYTHING


class Console:
    """One subscriber of a channel: what waits for it."""

    def __init__(self, channel: Channel, last_event_id: str) -> None:
        missed = channel.since(last_event_id) if last_event_id else None
        self.channel = channel
        self.behind = False
        self.ended: Failure | None = None
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

    def start_again(self, channel: Channel) -> None:
        """From a snapshot of this channel."""
        self.channel = channel
        self._waiting.clear()
        self.behind = True
        self._news.set()

    def end(self, failure: Failure) -> None:
        self.ended = failure
        self._news.set()

    async def wait(self) -> bool:
        """True when there is something to tell, False when it is time for a sign of life."""
        try:
            async with asyncio.timeout(HEARTBEAT_S):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def take(self) -> bytes:
        """All that waits, as one piece."""
        if self.behind:
            self.behind = False
            return self.channel.resync() + self.channel.snapshot()
        waiting = b"".join(self._waiting)
        self._waiting.clear()
        return waiting


class Streams:
    """All channels. `watch` is told which devices' interfaces are looked at, whenever that changes."""

    def __init__(self, views: Views, watch: Callable[[frozenset[str]], None]) -> None:
        self.views, self._watch = views, watch
        self._channels: dict[bytes, Channel] = {}
        self._closing: Failure | None = None

    @property
    def consoles(self) -> int:
        return sum(len(channel.consoles) for channel in self._channels.values())

    @property
    def of_records(self) -> bool:
        """Whether anybody follows a view of records."""
        return any(channel.of_records for channel in self._channels.values())

    def watched(self) -> frozenset[str]:
        """Devices whose interfaces somebody looks at."""
        return frozenset(c.query.device_id for c in self._channels.values() if c.query.view == "interfaces" and c.consoles)

    async def follow(self, query: ViewQuery, last_event_id: str = "", look: Look = _see_all) -> AsyncIterator[bytes]:
        """Events of a window, for ever. Raises at once what is wrong with the query."""
        await self._check(query, look())
        return self._follow(query, last_event_id, look)

    async def _check(self, query: ViewQuery, sight: Sight) -> None:
        if query.view in RECORDS:
            await in_thread(self.views.check, query, sight)
        else:
            self.views.check(query, sight)

    async def _follow(self, query: ViewQuery, last_event_id: str, look: Look) -> AsyncIterator[bytes]:
        channel = await self._channel(query, look())
        console = Console(channel, last_event_id)
        self._join(console, channel)
        try:
            while console.ended is None:
                news = await console.wait()
                if console.ended is None and not await self._still(console, look):
                    continue
                yield (console.take() or b":\n\n") if news else b":\n\n"
            yield last_word(console.channel, console.ended)
        finally:
            self._leave(console)

    async def _still(self, console: Console, look: Look) -> bool:
        """Whether what waits may be told; if not, the console is on its way to what may."""
        try:
            sight = look()
            if sight == console.channel.sight:
                return True
            await self._check(console.channel.query, sight)
        except YunwangError as error:
            console.end(Failure(code=error.code, message=tr(error.message), way_out=tr(error.way_out)))
            return False
        channel = await self._channel(console.channel.query, sight)
        self._leave(console)
        self._join(console, channel)
        console.start_again(channel)
        return False

    def _join(self, console: Console, channel: Channel) -> None:
        before = self.watched()
        channel.consoles.add(console)
        if self._closing:
            console.end(self._closing)
        self._tell_watched(before)

    def _leave(self, console: Console) -> None:
        before = self.watched()
        console.channel.consoles.discard(console)
        self._tell_watched(before)

    async def _channel(self, query: ViewQuery, sight: Sight) -> Channel:
        key = _encode((query, sight.key()))
        if key not in self._channels:
            if len(self._channels) >= MAX_CHANNELS:
                self._forget_idle(0)
            window = await self._window(Channel(query, sight))
            self._channels.setdefault(key, Channel(query, sight, window))  # somebody may have been faster
        return self._channels[key]

    async def _window(self, channel: Channel) -> Window:
        if channel.of_records:
            return await in_thread(self.views.window, channel.query, channel.sight)
        return self.views.window(channel.query, channel.sight)

    def _tell_watched(self, before: frozenset[str]) -> None:
        now = self.watched()
        if now != before:
            self._watch(now)

    async def tick(self, changes: Changes) -> None:
        """Brings every channel up to date. A view of records that cannot be read stays as it was."""
        for channel in list(self._channels.values()):
            channel.idle_ticks = 0 if channel.consoles else channel.idle_ticks + 1
            if changes:
                await self._advance(channel, changes)
        self._forget_idle(LINGER_TICKS)

    async def _advance(self, channel: Channel, changes: Changes) -> None:
        if not channel.of_records:
            channel.advance(self.views.refreshed(channel.query, channel.window, changes, channel.sight))
        elif channel.is_touched(changes):
            try:
                channel.advance(await self._window(channel))
            except YunwangError:
                channel.is_late = True

    def reconsider(self) -> None:
        """Who may see what has changed: every console is looked at now, not only at its next event."""
        for channel in self._channels.values():
            for console in channel.consoles:
                console.offer(b"")

    def farewell(self) -> None:
        """The hub stops: all are told to come back."""
        error = UnavailableError(tr("The hub is being stopped."))
        self._closing = Failure.of(error)
        for channel in self._channels.values():
            for console in channel.consoles:
                console.end(self._closing)

    def _forget_idle(self, ticks: int) -> None:
        for key in [k for k, c in self._channels.items() if not c.consoles and c.idle_ticks >= ticks]:
            del self._channels[key]
