"""What a device measures of itself as lines of one table: processors, memory, storage, sensors, peers. Pure."""

from core.i18n import mark, tr
from core.measured import UNITS, MeasuredNow, MemoryPool, Sensor, StorageVolume
from core.nouns import Noun
from core.width import clean
from tui.columns import Column
from tui.words import NOTHING

FULL_WARN, FULL_BAD = 80.0, 90.0
KINDS = {
    "processor": mark("Processor"), "memory": mark("Memory"), "storage": mark("Storage"), "temperature": mark("Temperature"),
    "voltage": mark("Voltage"), "current": mark("Current"), "power": mark("Power"), "dbm": mark("Optical power"), "fanspeed": mark("Fan"),
    "state": mark("State"), "humidity": mark("Humidity"), "charge": mark("Battery charge"), "runtime": mark("Battery time"),
    "load": mark("Load"), "bgp": mark("BGP peer"), "ospf": mark("OSPF neighbour"), "member": mark("Member"), "mark": mark("Mark"),
}
_GOOD_STATES = frozenset({"ok", "normal", "up", "on", "good", "active", "online", "enabled", "established", "full", "running", "present"})
_BAD_STATES = frozenset({"failed", "fail", "down", "critical", "fault", "faulty", "error", "alarm", "shutdown", "abnormal", "offline"})


class Measure(Noun, frozen=True, kw_only=True):
    """One line. `tone` as columns name it."""

    key: str
    kind: str
    name: str
    value: str
    limits: str
    tone: str
    live: bool


def _line(key: str, kind: str, name: str, value: str, limits: str, tone: str, live: bool) -> Measure:
    return Measure(key=key, kind=kind, name=name, value=value, limits=limits, tone=tone, live=live)


def measures(now: MeasuredNow) -> list[Measure]:
    """Whatever is out of its limits first, the rest in the device's order."""
    rows = [
        *(_line(f"p{n}", "processor", clean(one.name), f"{one.usage_percent:.0f} %", "", full(one.usage_percent), one.live)
          for n, one in enumerate(now.processors)),
        *(_pool(f"m{n}", "memory", one) for n, one in enumerate(now.memory)),
        *(_pool(f"s{n}", "storage", one) for n, one in enumerate(now.storage)),
        *(_sensor(f"x{n}", one) for n, one in enumerate(now.sensors)),
        *(_line(f"b{n}", "bgp", f"{clean(one.peer)} AS{one.remote_as}", clean(one.state), clean(one.vrf),
                  "" if not one.enabled else "good" if one.state == "established" else "bad", False) for n, one in enumerate(now.peers)),
        *(_line(f"o{n}", "ospf", clean(one.address), clean(one.state), clean(one.router_id),
                  "good" if one.state in ("full", "twoWay") else "warn", False) for n, one in enumerate(now.ospf)),
        *(_line(f"k{n}", "member", clean(one.name), clean(one.state or one.role), clean(one.role), state_tone(one.state), False)
          for n, one in enumerate(now.members)),
        *(_line(f"z{n}", "mark", clean(one), "", "", "warn", False) for n, one in enumerate(now.marks)),
    ]
    order = {"bad": 0, "warn": 1}
    return sorted(rows, key=lambda row: order.get(row.tone, 2))


def full(percent: float) -> str:
    """How near to full."""
    return "bad" if percent >= FULL_BAD else "warn" if percent >= FULL_WARN else ""


def size(octets: int) -> str:
    """Octets in binary units."""
    if octets < 0:
        return NOTHING
    value = float(octets)
    for unit in ("B", "KiB", "MiB", "GiB", "TiB"):
        if value < 1024 or unit == "TiB":
            break
        value /= 1024
    return f"{value:.0f} {unit}" if value >= 100 or unit == "B" else f"{value:.1f} {unit}"


def state_tone(word: str) -> str:
    """What a maker's word for a state means; empty: not known."""
    known = word.strip().lower()
    return "good" if known in _GOOD_STATES else "bad" if known in _BAD_STATES else ""


def _pool(key: str, kind: str, one: MemoryPool | StorageVolume) -> Measure:
    limits = tr("{used} of {total}", used=size(one.used_bytes), total=size(one.total_bytes)) if one.total_bytes > 0 else ""
    return _line(key, kind, clean(one.name), f"{one.used_percent:.0f} %", limits, full(one.used_percent), one.live)


def _sensor(key: str, one: Sensor) -> Measure:
    if one.kind == "state":
        word = clean(one.states.get(f"{one.value:.0f}", f"{one.value:g}"), 40)
        return _line(key, "state", clean(one.name), word, "", state_tone(word), one.live)
    unit = UNITS.get(one.kind, "")
    return _line(key, one.kind, clean(one.name), f"{one.value:g} {unit}".strip(), _limits(one), limit_tone(one), one.live)


def limit_tone(one: Sensor) -> str:
    """Against the limits that the device itself names."""
    if (one.high is not None and one.value >= one.high) or (one.low is not None and one.value <= one.low):
        return "bad"
    if (one.high_warn is not None and one.value >= one.high_warn) or (one.low_warn is not None and one.value <= one.low_warn):
        return "warn"
    return "good" if any(limit is not None for limit in (one.high, one.low, one.high_warn, one.low_warn)) else ""


def _limits(one: Sensor) -> str:
    low = next((limit for limit in (one.low_warn, one.low) if limit is not None), None)
    high = next((limit for limit in (one.high_warn, one.high) if limit is not None), None)
    if low is None and high is None:
        return ""
    return f"{NOTHING if low is None else f'{low:g}'} .. {NOTHING if high is None else f'{high:g}'}"


MEASURED = (
    Column(mark("Kind"), lambda r: tr(KINDS.get(r.kind, r.kind)), 10, 16, 0),
    Column(mark("Name"), lambda r: r.name, 20, 44, 0),
    Column(mark("Value"), lambda r: r.value, 10, 16, 0, right=True, tone=lambda r: r.tone),
    Column(mark("Limits"), lambda r: r.limits, 12, 22, 1),
    Column(mark("Last poll"), lambda r: tr("live") if r.live else tr("discovery"), 9, 10, 2, tone=lambda r: "" if r.live else "dim"),
)


def measure_key(row: Measure) -> str:
    return row.key
