"""What is happening: samples, raw lines, alerts. Times are milliseconds since 1970, UTC."""

from typing import TYPE_CHECKING, Literal, NamedTuple

from core.nouns import Noun

if TYPE_CHECKING:  # the hub is there before numpy is
    import numpy as np
    import numpy.typing as npt

Severity = Literal["critical", "major", "minor", "warning", "info"]


class SeriesKey(NamedTuple):
    """What one series measures. Distributed stores render it as metric{device=...,instance=...}."""

    device_id: str
    metric: str
    """Term of the MIB (`ifHCInOctets`) or ours (`yw_rtt_ms`). Counters are stored as rates per second under the counter's name."""
    instance: str = ""
    """ifName, processor number, ...; empty for a scalar."""


class SampleBlock(NamedTuple):
    """Samples of one finished sweep or part of one: three arrays of the same length.

    Acknowledged as a whole: after `append` returned, a crash loses none of it.
    """

    series: "npt.NDArray[np.uint32]"
    at_ms: "npt.NDArray[np.int64]"
    value: "npt.NDArray[np.float64]"
    """NaN: no value; not stored."""


class SeriesFrame(NamedTuple):
    """One series over time, oldest first. From roll-ups `low` and `high` bound each mean; of raw samples they equal it."""

    at_ms: "npt.NDArray[np.int64]"
    mean: "npt.NDArray[np.float64]"
    low: "npt.NDArray[np.float64]"
    high: "npt.NDArray[np.float64]"


class RawLine(Noun, frozen=True, kw_only=True):
    """One raw trap or syslog message as it came from the wire."""

    at_ms: int
    source: str
    """Address it came from."""
    kind: Literal["trap", "syslog"]
    raw: bytes
    """At most 65,507 bytes; kept as evidence, decoded only on the way out."""


class Comment(Noun, frozen=True, kw_only=True):
    """What somebody noted about an alert."""

    at_ms: int
    by: str
    text: str


class Alert(Noun, frozen=True, kw_only=True):
    """Something that a person should know, raised and cleared by rules."""

    id: str
    rule: str
    """Name of the rule: `device-unreachable`, `interface-down`, ..."""
    device_id: str
    instance: str = ""
    """ifName, ...; empty when the alert is about the device."""
    severity: Severity
    evidence: dict[str, str] = {}
    """What the rule saw, by name; the sentence for a person is the rule's translated template filled with it."""
    raised_at: int
    began_at: int = 0
    """When its condition was first seen: some hold for a while before they are raised. 0: it is not known."""
    cleared_at: int = 0
    """0: still holds."""
    last_at: int = 0
    """The newest observation that saw it; 0: the one that raised it."""
    acked_at: int = 0
    """0: nobody has taken it on."""
    acked_by: str = ""
    ack_reason: str = ""
    silenced_by: str = ""
    """Id of the window that mutes it; empty: none."""
    suppressed_by: str = ""
    """Id of the root alert; empty for a root."""
    suppressed: int = 0
    """Of a root: how many alerts it suppresses."""
    flapping: bool = False
    """It came and went so often that it is one thing until it holds still."""
    cause: str = ""
    """What is behind it, as far as the surroundings tell: `line`, `power`, `far-end`, ...; empty: not known."""
    left: int = 0
    of: int = 0
    """Of what stands in for each other there, how many still live; of is 0 where nothing stands in. See `urgency`."""
    renewed_at: int = 0
    """When it became news again: it grew more severe, opened again, or what explained it went and it stayed. 0: never."""
    together: int = 0
    """Of a root that stands for alerts of one rule that began together: of how many objects, its own among them."""
    place: str = ""
    """Where they began together: name of the site, of ports that of the device; empty: at several."""
    comments: tuple[Comment, ...] = ()


_URGENCY: tuple[Severity, ...] = ("critical", "major", "minor", "warning", "info")


def urgency(severity: Severity, left: int = 0, of: int = 0) -> Severity:
    """How much it hurries: where something still stands in, nothing is out, and it is at most minor."""
    eased = left > 0 and of > left
    return _URGENCY[max(_URGENCY.index(severity), _URGENCY.index("minor"))] if eased else severity
