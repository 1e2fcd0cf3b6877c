"""What a device measures of itself: processors, memory, storage, sensors. Values are those of the last look at it."""

from typing import Literal

from core.nouns import Noun

SensorKind = Literal[
    "temperature", "voltage", "current", "power", "dbm", "fanspeed", "state", "count", "frequency", "percent", "load", "humidity",
    "runtime", "charge", "signal", "snr", "airflow", "delay", "pressure", "cooling", "waterflow", "power_factor", "power_consumed",
    "quality_factor", "chromatic_dispersion", "ber", "eer", "bitrate", "loss", "tv_signal",
]
"""Units: °C, V, A, W, dBm, rpm, the raw number, number, Hz, %, % of load, % rH, minutes, % of charge, dBm, dB, ..."""


class Processor(Noun, frozen=True, kw_only=True):
    """Processor 处理器."""

    name: str
    usage_percent: float
    oid: str = ""
    """Numeric OID of the value."""
    live: bool = False
    """The value is that of the last poll, not of the last discovery."""


class MemoryPool(Noun, frozen=True, kw_only=True):
    """Memory 内存池. -1: not known."""

    name: str
    total_bytes: int = -1
    used_bytes: int = -1
    used_percent: float
    oid: str = ""
    live: bool = False
    """The value is that of the last poll, not of the last discovery."""


class StorageVolume(Noun, frozen=True, kw_only=True):
    """Storage 存储卷. -1: not known."""

    name: str
    total_bytes: int = -1
    used_bytes: int = -1
    used_percent: float
    oid: str = ""
    live: bool = False
    """The value is that of the last poll, not of the last discovery."""


class Sensor(Noun, frozen=True, kw_only=True):
    """Sensor 传感器."""

    kind: SensorKind
    name: str
    value: float
    oid: str = ""
    states: dict[str, str] = {}
    """Of a state: what each number means."""
    low: float | None = None
    high: float | None = None
    """Limits that the device itself names; beyond the next two it is a warning."""
    low_warn: float | None = None
    high_warn: float | None = None
    if_index: int = 0
    """The interface that it is about: a transceiver's; 0: none."""
    live: bool = False
    """The value is that of the last poll, not of the last discovery."""


class Part(Noun, frozen=True, kw_only=True):
    """Physical part 部件 (ENTITY-MIB, RFC 6933)."""

    index: int
    kind: str
    """PhysicalClass: chassis, module, port, powerSupply, fan, sensor, ..."""
    name: str = ""
    descr: str = ""
    model: str = ""
    serial: str = ""
    hardware: str = ""
    firmware: str = ""
    software: str = ""
    inside: int = 0
    """Index of the part that contains it."""


class BgpPeer(Noun, frozen=True, kw_only=True):
    """BGP peer as the device reports it (RFC 4273)."""

    peer: str
    remote_as: int
    state: str = ""
    """idle, connect, active, opensent, openconfirm, established."""
    enabled: bool = True
    vrf: str = ""


class OspfNeighbour(Noun, frozen=True, kw_only=True):
    """OSPF neighbour (RFC 4750)."""

    address: str
    router_id: str = ""
    state: str = ""
    """down, attempt, init, twoWay, exchangeStart, exchange, loading, full."""


class Member(Noun, frozen=True, kw_only=True):
    """Member of a stack, cluster or pair 堆叠与双机成员."""

    name: str
    role: str = ""
    """As the maker says it: master, standby, ..."""
    state: str = ""


class MeasuredNow(Noun, frozen=True, kw_only=True):
    """Everything that a device measures of itself, as it is now."""

    device_id: str
    found_ms: int = 0
    """When it was discovered; 0: not yet."""
    polled_ms: int = 0
    """When what is `live` was polled."""
    processors: tuple[Processor, ...] = ()
    memory: tuple[MemoryPool, ...] = ()
    storage: tuple[StorageVolume, ...] = ()
    sensors: tuple[Sensor, ...] = ()
    peers: tuple[BgpPeer, ...] = ()
    ospf: tuple[OspfNeighbour, ...] = ()
    members: tuple[Member, ...] = ()
    profiles: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    """What is wrong with what it says, and what is not polled of it."""


PROCESSOR, MEMORY, STORAGE = "yw_processor_percent", "yw_memory_percent", "yw_storage_percent"
"""Metrics under which every device's processors, pools and volumes are stored, in percent used; the instance is the name of each."""


def sensor_metric(kind: SensorKind) -> str:
    """The metric of a kind of sensor: `yw_temperature`, `yw_state`, ... The instance is the sensor's name, the unit that of `UNITS`."""
    return f"yw_{kind}"


UNITS: dict[SensorKind, str] = {
    "temperature": "°C", "voltage": "V", "current": "A", "power": "W", "dbm": "dBm", "fanspeed": "rpm", "state": "", "count": "",
    "frequency": "Hz", "percent": "%", "load": "%", "humidity": "%", "runtime": "min", "charge": "%", "signal": "dBm", "snr": "dB",
    "airflow": "cfm", "delay": "s", "pressure": "kPa", "cooling": "W", "waterflow": "l/min", "power_factor": "", "power_consumed": "kWh",
    "quality_factor": "dB", "chromatic_dispersion": "ps/nm", "ber": "", "eer": "", "bitrate": "bit/s", "loss": "%", "tv_signal": "dBmV",
}
"""What the value of each kind is counted in."""


class TableCost(Noun, frozen=True, kw_only=True):
    """What is polled of one table, or of one kind of measure."""

    profile: str
    table: str
    metrics: tuple[str, ...]
    rows: int
    variables: int


class PollCost(Noun, frozen=True, kw_only=True):
    """What one poll costs a device. octets: of all requests, and about as many as all answers take."""

    address: str
    profiles: tuple[str, ...]
    tables: tuple[TableCost, ...]
    variables: int
    most_variables: int
    """The budget: of the settings, less for a device that is slow."""
    interval_s: float
    """Between two polls, of a device with the usual interval."""
    poll_s: float = 0.0
    """How long the device is busy with one poll, as far as reading its tables told; 0: not known."""
    requests: int
    octets_out: int
    octets_in: int
    found_s: float = 0.0
    """How long finding all that took; 0: it was known."""
    marks: tuple[str, ...] = ()
    """What is not polled, and why."""
