"""What the hub's API answers and streams: the contract between agents.hub and client, and so of every screen.

Times are milliseconds since 1970, UTC; 0 where nothing is known yet. Rates are per second. -1: not known.
"""

from typing import Any, Literal

from core.failure import Failure
from core.node import NodeStatus, Reason
from core.nouns import Noun
from core.objects import Device
from core.signals import Comment

Status = Literal["up", "partial", "down", "refused", "unknown"]


class DeviceRow(Noun, frozen=True, kw_only=True):
    """One line of the device list, declared and live fields together."""

    id: str
    name: str
    address: str
    site: str
    county: str = ""
    level: str = ""
    role: str = ""
    platform: str = ""
    unit: str = ""
    status: Status = "unknown"
    since: int = 0
    """Since when the status holds."""
    polled_at: int = 0
    rtt_ms: float = -1.0
    uptime_s: int = -1
    in_bps: float = -1.0
    out_bps: float = -1.0
    ports_up: int = -1
    ports: int = -1
    alerts: int = 0


class InterfaceRow(Noun, frozen=True, kw_only=True):
    """One line of a device's interfaces."""

    if_index: int
    name: str
    alias: str = ""
    if_type: int = 1
    speed_bps: int = 0
    admin_status: int = 0
    oper_status: int = 0
    in_bps: float = -1.0
    out_bps: float = -1.0
    in_errors: float = -1.0
    out_errors: float = -1.0
    in_discards: float = -1.0
    out_discards: float = -1.0
    changed_at: int = 0
    """When ifOperStatus last changed while we watched."""
    polled_at: int = 0


class AlertRow(Noun, frozen=True, kw_only=True):
    """One line of the alert list."""

    id: str
    rule: str
    severity: str
    device_id: str
    device: str
    """Name of what it is about."""
    object_kind: str = "device"
    """Kind of what it is about; empty: of nothing in the inventory."""
    instance: str = ""
    evidence: dict[str, str] = {}
    raised_at: int
    began_at: int = 0
    cleared_at: int = 0
    last_at: int = 0
    acked_at: int = 0
    acked_by: str = ""
    ack_reason: str = ""
    silenced_by: str = ""
    suppressed_by: str = ""
    suppressed: int = 0
    flapping: bool = False
    cause: str = ""
    left: int = 0
    of: int = 0
    renewed_at: int = 0
    together: int = 0
    place: str = ""
    comments: tuple[Comment, ...] = ()
    said: dict[str, str] = {}
    """What happened, in a sentence, by language."""
    hints: dict[str, str] = {}
    """What to do about it, by language."""


class GroupCount(Noun, frozen=True, kw_only=True):
    """Devices of one group (county, role) by status."""

    name: str
    devices: int
    up: int
    down: int
    alerts: int


class PollingHealth(Noun, frozen=True, kw_only=True):
    """How the polling itself is doing."""

    variables_per_s: float = 0.0
    variables: int = 0
    requests: int = 0
    timeouts: int = 0
    cpu_share: float = 0.0
    """CPU seconds of senses per second of time, over the last minute."""
    overdue: int = 0
    """Devices whose poll is later than one interval."""
    polls: int = 0
    """Finished polls of devices since the start."""
    undiscovered: int = 0
    """Devices that answer and whose interfaces are not known yet."""
    storage_error: str = ""
    """Why samples are not being stored right now; empty: they are."""
    faults: int = 0
    """Faults of our own that polling survived, since the start."""
    polling_error: str = ""
    """What they were, in one sentence, for a minute after the last; empty: nothing."""


class Estate(Noun, frozen=True, kw_only=True):
    """What exists besides the net, and what waits for a word about it."""

    units: int = 0
    systems: int = 0
    platforms: int = 0
    hosts: int = 0
    hosts_up: int = 0
    vms: dict[str, int] = {}
    """By what their platform says of them: ACTIVE, SHUTOFF, ERROR, and `other`."""
    queue: int = 0
    """Open lines of the review queue."""
    unowned: int = 0
    """Of these the ones about what nobody owns 无主资产."""


class Overview(Noun, frozen=True, kw_only=True):
    """The first screen."""

    at_ms: int
    devices: int
    up: int
    down: int
    unknown: int
    interfaces: int = 0
    interfaces_up: int = 0
    in_bps: float = -1.0
    out_bps: float = -1.0
    alerts: dict[str, int] = {}
    """Open alerts by severity, without those that follow from another one."""
    counties: tuple[GroupCount, ...] = ()
    roles: tuple[GroupCount, ...] = ()
    busiest: tuple[DeviceRow, ...] = ()
    newest_alerts: tuple[AlertRow, ...] = ()
    polling: PollingHealth = PollingHealth()
    estate: Estate | None = None
    """None: not counted yet, or not for who sees only a part."""
    banner: str = ""
    """Message id of a warning that every screen must carry (a demo city, ...)."""


class TrafficHistory(Noun, frozen=True, kw_only=True):
    """Bit/s of the whole city, oldest first: three tuples of the same length; -1: not known. Empty for who does not see everything."""

    period_s: float = 5.0
    at_ms: tuple[int, ...] = ()
    in_bps: tuple[float, ...] = ()
    out_bps: tuple[float, ...] = ()


View = Literal["overview", "devices", "interfaces", "alerts", "jobs", "approvals", "audit", "windows", "queue", "objects", "events",
               "messages"]
"""From `jobs` on lists of records: newest first unless sorted otherwise, followed as they are written. `objects` lists one kind of the
model, named as `where.object_kind`."""


class ViewQuery(Noun, frozen=True, kw_only=True):
    """A window on a view: what one screen sees. The hub streams deltas of just these rows."""

    view: View
    device_id: str = ""
    """Of `interfaces`."""
    text: str = ""
    where: dict[str, str] = {}
    sort: str = "name"
    """Field; a leading `-` turns the order."""
    offset: int = 0
    limit: int = 200


class ViewDelta(Noun, frozen=True, kw_only=True):
    """One event of the stream. `id` grows by one for each event of a stream; after a resync it may have jumped."""

    id: int
    kind: Literal["snapshot", "delta", "resync", "end"]
    """snapshot: `rows` are all rows of the window. delta: `rows` are those that changed, `order` the window's ids where membership or
    order changed. resync: the client was too slow, or may see other rows than before; a snapshot follows. end: nothing follows; `error`
    says why."""
    total: int = 0
    """Rows that match the filter."""
    offset: int = 0
    rows: tuple[dict[str, Any], ...] = ()
    order: tuple[str, ...] | None = None
    """Ids of the window in order, or None when unchanged (`interfaces`: ifIndex as text; `overview`: one row without id)."""
    error: Failure | None = None


class ImportProblem(Noun, frozen=True, kw_only=True):
    """One mistake in a spreadsheet, by sheet, row and column."""

    sheet: str
    row: int
    """1-based as the spreadsheet shows it; 0: the whole sheet."""
    column: str
    """Letter and heading (`C 管理地址`); empty: the whole row."""
    message: str
    """Translated template filled with the values concerned."""


class DevicePage(Noun, frozen=True, kw_only=True):
    """A window on the device list."""

    rows: tuple[DeviceRow, ...]
    total: int
    """Devices that match the filter."""


class ViewPage(Noun, frozen=True, kw_only=True):
    """A window on any view, as plain rows: what the stream begins with."""

    rows: tuple[dict[str, Any], ...]
    total: int


class DeviceDetail(Noun, frozen=True, kw_only=True):
    """One device: what was declared, and its line of the list with the live fields."""

    row: DeviceRow
    device: Device


class AlertPage(Noun, frozen=True, kw_only=True):
    """A window on the alert list."""

    rows: tuple[AlertRow, ...]
    total: int


class ProcessRow(Noun, frozen=True, kw_only=True):
    """One child of the supervisor."""

    kind: str
    pid: int = 0
    """0: not running."""
    restarts: int = 0
    since: int = 0
    error: str = ""
    """Its last word, when it failed."""


class Health(Noun, frozen=True, kw_only=True):
    """How the hub is doing. Whoever is not known gets only `status`."""

    status: NodeStatus
    reasons: tuple[Reason, ...] = ()
    """What is wrong, the worst first."""
    version: str = ""
    revision: int = 0
    devices: int = 0
    clients: int = 0
    streams: int = 0
    processes: tuple[ProcessRow, ...] = ()
