"""What suppression looks at beside the graph."""

from collections.abc import Mapping
from typing import NamedTuple, Protocol

SLACK_MS = 15 * 60_000
"""A consequence may be noticed so much earlier than its root: devices are polled at intervals of their own."""


class Noticed(Protocol):
    """An open alert, as far as suppression looks at it."""

    @property
    def id(self) -> str: ...

    @property
    def rule(self) -> str: ...

    @property
    def device_id(self) -> str: ...

    @property
    def instance(self) -> str: ...

    @property
    def severity(self) -> str: ...

    @property
    def raised_at(self) -> int: ...


class Seen(NamedTuple):
    """answered: when a device that is up answered last. powerless: when a device told that its power goes. rooms: the same of those that
    speak for the room that they stand in. Milliseconds since 1970, by id of the device."""

    answered: Mapping[str, int] = {}
    powerless: Mapping[str, int] = {}
    rooms: Mapping[str, int] = {}


NOTHING_SEEN = Seen()


def order(alert: Noticed) -> tuple[int, str]:
    """The same for the same alerts, however they arrived."""
    return alert.raised_at, alert.id


def follows(child: Noticed, root: Noticed) -> bool:
    """Whether by its time the one can come from the other: what was there long before does not."""
    return child.raised_at >= root.raised_at - SLACK_MS
