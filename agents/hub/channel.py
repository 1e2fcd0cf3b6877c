"""One window that consoles look at: what is in it, what they were told last, and what each event is as bytes.

The id of an event is TOKEN-NUMBER-STATE: which channel, how far, and a digest of the window after it. A hub that was started again knows no
token, but a console whose state is still the window's has missed nothing and goes on without a snapshot.
"""

import hashlib
from collections import deque
from typing import TYPE_CHECKING

import msgspec

from agents.hub.filtering import Changes
from agents.hub.lists import RECORDS
from agents.hub.sight import EVERYTHING, Sight
from agents.hub.windows import Window, touched
from core.failure import Failure
from core.nouns import new_id
from core.views import ViewDelta, ViewQuery

if TYPE_CHECKING:
    from agents.hub.stream import Console

REMEMBERED = 64
"""Events kept for consoles that come back."""
NOTHING = Window({}, 0)

_encode = msgspec.json.Encoder().encode


class Channel:
    """All consoles that look at one window with the same sight."""

    def __init__(self, query: ViewQuery, sight: Sight = EVERYTHING, window: Window = NOTHING) -> None:
        self.query, self.sight, self.window = query, sight, window
        self.of_records = query.view in RECORDS
        self.token = new_id(0)
        self.number = 1
        self.recent: deque[tuple[int, bytes]] = deque(maxlen=REMEMBERED)
        self.consoles: set[Console] = set()
        self.idle_ticks = 0
        self.is_late = False
        """A change could not be read yet."""
        self._state = self._digest()

    @property
    def id(self) -> str:
        """Of the event that brought the window to where it is."""
        return f"{self.token}-{self.number}-{self._state}"

    def is_touched(self, changes: Changes) -> bool:
        return self.is_late or touched(self.query, changes)

    def snapshot(self) -> bytes:
        order = None if self.query.view == "overview" else tuple(self.window.rows)
        rows = tuple(self.window.rows.values())
        return self._event(ViewDelta(
            id=self.number, kind="snapshot", total=self.window.total, offset=self.query.offset, rows=rows, order=order,
        ))

    def resync(self) -> bytes:
        return self._event(ViewDelta(id=self.number, kind="resync", offset=self.query.offset))

    def advance(self, window: Window) -> None:
        """Takes the new window and tells every console what is different."""
        self.is_late = False
        old, self.window = self.window, window
        if window is old:
            return
        rows = tuple(row for key, row in window.rows.items() if old.rows.get(key) != row)
        order = tuple(window.rows) if list(window.rows) != list(old.rows) else None
        if not rows and order is None and window.total == old.total:
            return
        self.number += 1
        self._state = self._digest()
        delta = ViewDelta(id=self.number, kind="delta", total=window.total, offset=self.query.offset, rows=rows, order=order)
        data = self._event(delta)
        self.recent.append((self.number, data))
        for console in self.consoles:
            console.offer(data)

    def since(self, last_event_id: str) -> list[bytes] | None:
        """The events after the one a console saw last; None when they are not all there any more."""
        token, _, rest = last_event_id.partition("-")
        digits, _, state = rest.partition("-")
        if not digits.isascii() or not digits.isdigit() or len(digits) > 18:
            return None
        if token != self.token:
            same = ViewDelta(id=self.number, kind="delta", total=self.window.total, offset=self.query.offset)
            return [self._event(same)] if state == self._state else None
        last = int(digits)
        missed = [data for number, data in self.recent if number > last]
        return missed if last <= self.number and len(missed) == self.number - last else None

    def _digest(self) -> str:
        """Of all that a console sees."""
        found = hashlib.blake2b(b"%d" % self.window.total, digest_size=9)
        for key, row in self.window.rows.items():
            found.update(_encode((key, row)))
        return found.hexdigest()

    def _event(self, delta: ViewDelta) -> bytes:
        return b"id:%s\nevent:%s\ndata:%s\n\n" % (self.id.encode(), delta.kind.encode(), _encode(delta))


def last_word(channel: Channel, failure: Failure) -> bytes:
    """What a console is told before its stream ends."""
    return b"event:end\ndata:%s\n\n" % _encode(ViewDelta(id=channel.number, kind="end", error=failure))
