"""Alerts that somebody is still to be told of: from being offered to having been told. Time is an argument; nothing here is the only copy.

What was told stands in the messages, what is open in the alerts: after a crash the rest is found again from both.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from core.notices import About, Message
from core.signals import Alert
from core.views import AlertRow
from monitors.suppress import GRACE_MS

CALM_MS = 10 * 60_000
"""Of what flapped it is told that it is over after it held still for so long."""
AGAIN_MS = 30 * 60_000
"""What flaps is told once in so long."""
LOOK_MS = 10_000
"""How often it is looked whether what is muted or taken on still is."""
OLDEST_MS = 24 * 3_600_000
"""After a start, what is older and was never told is not told any more."""
MOST_TOLD = 50_000
Key = tuple[str, str, str]
K = TypeVar("K")
V = TypeVar("V")


class Item(NamedTuple):
    """One thing to tell. since: from when it waits for its surroundings. not_before: not told earlier."""

    alert_id: str
    about: About
    since: int
    not_before: int = 0


class Pending:
    """Belongs to the hub's loop."""

    def __init__(self) -> None:
        self.items: dict[str, Item] = {}
        self.told: dict[str, dict[str, int]] = {}
        """By alert the contacts that were told of it, with the `renewed_at` of what they were told."""
        self.over: dict[str, set[str]] = {}
        """And those of them that were told since that it is over."""
        self._suppressed: set[str] = set()
        self._flapped: dict[Key, int] = {}

    def load(self, messages: Iterable[Message], rows: Sequence[AlertRow], now_ms: int) -> None:
        """From what was written before: messages with the oldest first."""
        renewed = {row.id: row.renewed_at for row in rows}
        for one in messages:
            for alert in one.alerts if one.about in ("alert", "recovery") else ():
                news = renewed.get(alert, 0)
                self._note(alert, one.about, one.contact, news if one.created_at >= news else 0)
        for row in rows:
            if not row.cleared_at and row.suppressed_by:
                self._suppressed.add(row.id)
            elif _is_muted(row) or max(row.raised_at, row.cleared_at, row.renewed_at) > now_ms - OLDEST_MS:
                self.offer(row, now_ms)

    def offer(self, alert: Alert | AlertRow, now_ms: int) -> None:
        """An alert as it is now."""
        if alert.cleared_at:
            self._ended(alert, now_ms)
        elif alert.suppressed_by:
            self.items.pop(alert.id, None)
            self._suppressed.add(alert.id)
        elif (known := self.items.get(alert.id)) is None or known.about == "recovery":
            released = alert.id in self._suppressed
            self._suppressed.discard(alert.id)
            since = now_ms if released else min(now_ms, max(alert.raised_at, alert.renewed_at))
            self.items[alert.id] = Item(alert.id, "alert", since, now_ms + GRACE_MS if released else 0)

    def _ended(self, alert: Alert | AlertRow, now_ms: int) -> None:
        self.items.pop(alert.id, None)
        self._suppressed.discard(alert.id)
        if self.untold_end(alert.id):
            wait = CALM_MS if alert.flapping else 0
            since = min(now_ms, alert.cleared_at)
            self.items[alert.id] = Item(alert.id, "recovery", since, since + wait)

    def was_told(self, row: AlertRow, contact: str) -> bool:
        """As it is now: what became news again since is not."""
        return self.told.get(row.id, {}).get(contact, -1) >= row.renewed_at

    def untold_end(self, alert_id: str) -> list[str]:
        """Contacts that were told of it, and not yet that it is over."""
        over = self.over.get(alert_id, ())
        return [contact for contact in self.told.get(alert_id, {}) if contact not in over]

    def due(self, row_of: Callable[[str], AlertRow | None], speaks_at: Callable[[AlertRow, Item], int], now_ms: int) -> Iterator[
        tuple[Item, AlertRow]
    ]:
        """What may be told now; what is nothing any more is forgotten, what is muted is looked at again later."""
        for item in list(self.items.values()):
            if item.not_before > now_ms:
                continue
            row = row_of(item.alert_id)
            if row is None or bool(row.cleared_at) != (item.about == "recovery") or (not row.cleared_at and row.suppressed_by):
                del self.items[item.alert_id]
            elif item.about == "recovery":
                yield item, row
            elif row.silenced_by or row.acked_at:
                self.later(item, now_ms + LOOK_MS)
            elif row.flapping and self._flapped.get(_key(row), 0) > now_ms - AGAIN_MS:
                del self.items[item.alert_id]
            elif speaks_at(row, item) <= now_ms:
                yield item, row

    def later(self, item: Item, at_ms: int) -> None:
        """Not before then."""
        self.items[item.alert_id] = item._replace(not_before=at_ms)

    def tell(self, item: Item, row: AlertRow, contact: str, now_ms: int) -> None:
        """A message of it, as this row was, to this contact is written."""
        self._note(item.alert_id, item.about, contact, row.renewed_at)
        if row.flapping:
            self._flapped[_key(row)] = now_ms
        _forget_oldest(self.told)
        _forget_oldest(self.over)
        _forget_oldest(self._flapped)

    def _note(self, alert_id: str, about: About, contact: str, renewed_at: int) -> None:
        if about == "recovery":
            self.over.setdefault(alert_id, set()).add(contact)
        else:
            self.told.setdefault(alert_id, {})[contact] = renewed_at
            self.over.get(alert_id, set()).discard(contact)

    def done(self, item: Item) -> None:
        """Everybody who is to be told was told."""
        self.items.pop(item.alert_id, None)

    def stepped(self, step_ms: int) -> None:
        """The wall clock did: what waits goes on waiting for as long as it would have."""
        for item in self.items.values():
            self.items[item.alert_id] = item._replace(since=item.since + step_ms, not_before=item.not_before + step_ms)
        self._flapped = {key: at + step_ms for key, at in self._flapped.items()}


def _forget_oldest(some: dict[K, V]) -> None:
    while len(some) > MOST_TOLD:
        del some[next(iter(some))]


def _is_muted(row: AlertRow) -> bool:
    """It was not told for a reason that may end, however long ago it came."""
    return not row.cleared_at and bool(row.silenced_by or row.acked_at)


def _key(row: AlertRow) -> Key:
    return row.device_id, row.rule, row.instance
