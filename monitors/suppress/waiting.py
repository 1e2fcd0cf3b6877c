"""How long a root waits before it speaks: until those around it, one of which may be what is behind it, answered or are overdue.

What is asked is whether they answered after the thing was first seen, not after it was raised: a device is silent after two polls, and in
between everybody else was polled too. So it waits only where somebody before it has missed a poll as well.
"""

from monitors.suppress.meaning import Meaning
from monitors.suppress.seen import Seen
from monitors.suppress.surroundings import Surroundings

MARGIN_MS = 5_000
LONGEST_MS = 90_000
PORT_POLLS = 2
"""A device is silent after so many polls; the port towards it is down after one."""
GRACE_MS = 90_000
"""What a root suppressed may come back by itself for so long after the root did."""
GATHERING_MS = 60_000
"""What is over already, or no outage, waits so long for what began together with it: polls are a minute apart."""
GATHERED: frozenset[Meaning] = frozenset({"restarted", "room", "way", "served"})


def speaks_at(
    meaning: Meaning, device_id: str, instance: str, raised_at: int, around: Surroundings, seen: Seen, began_at: int = 0,
) -> int:
    """When a root may be told, milliseconds since 1970. What is a device's own word (a figure, a fan) at once. began_at: when it was first
    seen, where that is known."""
    first = began_at or raised_at
    if meaning == "silent":
        return raised_at + _wait([wire.far for wire in around.upwards(device_id)], first, 1, around, seen)
    if meaning == "port":
        return raised_at + _wait([wire.far for wire in around.at(device_id, instance)], first, PORT_POLLS, around, seen)
    if meaning in ("peer", "gone"):
        far = around.owner.get(instance, device_id) if meaning == "peer" else device_id
        return raised_at + _wait([far] if far in around.devices else [], first, PORT_POLLS, around, seen)
    return raised_at + (GATHERING_MS if meaning in GATHERED and around.site.get(device_id) else 0)


def _wait(asked: list[str], first: int, polls: int, around: Surroundings, seen: Seen) -> int:
    """Until each of those answered after it was first seen: then they are not what is behind it."""
    late = [one for one in asked if one in around.polled and seen.answered.get(one, 0) <= first]
    longest = max((around.interval_s(one) * 1000 * polls for one in late), default=0)
    return min(longest + MARGIN_MS, LONGEST_MS) if late else 0
