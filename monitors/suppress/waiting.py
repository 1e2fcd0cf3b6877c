"""How long a root waits before it speaks: until those around it, one of which may be what is behind it, answered or are overdue."""

from monitors.suppress.meaning import Meaning
from monitors.suppress.seen import Seen
from monitors.suppress.surroundings import Surroundings

MARGIN_MS = 5_000
LONGEST_MS = 60_000
PORT_POLLS = 2
"""A device is silent after so many polls; the port towards it is down after one."""
GRACE_MS = 90_000
"""What a root suppressed may come back by itself for so long after the root did."""


def speaks_at(meaning: Meaning, device_id: str, instance: str, raised_at: int, around: Surroundings, seen: Seen) -> int:
    """When a root may be told, milliseconds since 1970. What is a device's own word (a figure, a fan) at once."""
    if meaning == "silent":
        return raised_at + _wait([wire.far for wire in around.upwards(device_id)], raised_at, 1, around, seen)
    if meaning == "port":
        return raised_at + _wait([wire.far for wire in around.at(device_id, instance)], raised_at, PORT_POLLS, around, seen)
    if meaning in ("peer", "gone"):
        far = around.owner.get(instance, device_id) if meaning == "peer" else device_id
        return raised_at + _wait([far] if far in around.devices else [], raised_at, PORT_POLLS, around, seen)
    return raised_at


def _wait(asked: list[str], raised_at: int, polls: int, around: Surroundings, seen: Seen) -> int:
    """Until each of those answered after it was raised: then they are not what is behind it."""
    late = [one for one in asked if one in around.polled and seen.answered.get(one, 0) <= raised_at]
    longest = max((around.interval_s(one) * 1000 * polls for one in late), default=0)
    return min(longest + MARGIN_MS, LONGEST_MS) if late else 0
