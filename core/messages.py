"""What our processes say to each other over the bus. Subjects are `to.what`; bodies are MessagePack of these nouns.

    hub -> senses   request `senses.assign` Assign            -> Done
    hub -> senses   request `senses.watch` Watch              -> Done      whose interfaces somebody looks at
    senses -> hub   request `hub.secrets` SecretsWanted -> Secrets           once for each assignment, audited
    senses -> hub   publish `live.devices` LiveDevices                     at most twice a second
    senses -> hub   publish `live.interfaces` LiveInterfaces               after each poll of a watched device
    senses -> hub   publish `live.health` PollingHealth
    senses -> hub   publish `live.probes` ProbeNews                        what probes found, once a second
    hub -> senses   request `senses.probe` name of a probe    -> Outcome   runs it now
    senses -> hub   request `hub.observed` Observed           -> Done      acknowledged when the transaction is durable
    senses -> hub   request `hub.alerts` AlertTransitions     -> Done      the same
    hub -> workers  request `work.import` ImportJob           -> ImportResult
    hub -> workers  publish `work.import.stop` id of the job
    hub -> workers  request `work.start` StartJob             -> StartedJob
    hub -> workers  request `work.stop` StopJob               -> Done
    workers -> hub  publish `live.jobs` JobsReport                         twice a second while something runs
    workers -> hub  request `hub.job` JobNews                 -> Done      acknowledged when it is durable
    hub -> ears     request `ears.count` Nothing              -> EarsCount
    hub -> ears     request `ears.senders` nothing            -> Sender...  everybody who spoke
    ears -> hub     request `hub.ears.users` nothing          -> CredentialRef...   whose SNMPv3 messages are believed
    ears -> hub     publish `live.events` EventBatch                       at most once a second
"""

from typing import Any, Literal

import msgspec

from core.failure import Failure
from core.nouns import Noun
from core.objects import CredentialRef, Device, Fact, Interface, Link, Station
from core.probes import ProbeTask
from core.signals import Alert
from core.views import ImportProblem, InterfaceRow, Status


class Nothing(Noun, frozen=True, kw_only=True):
    """An empty body."""


class Done(Noun, frozen=True, kw_only=True):
    """Acknowledged; or `error` in one sentence."""

    error: str = ""
    count: int = 0


class Assign(Noun, frozen=True, kw_only=True):
    """All devices to poll, by reference to their credentials. Replaces what was assigned before; what stays the same is not disturbed."""

    revision: int
    devices: tuple[Device, ...]
    credentials: tuple[CredentialRef, ...]
    open_alerts: tuple[Alert, ...] = ()
    """So that senses, restarted, clears what it raised before."""
    probes: tuple[ProbeTask, ...] = ()
    rules: bytes = b""
    """The rules in force, as `monitors.rules.book` packs them; empty: they stay as they are."""


class SecretsWanted(Noun, frozen=True, kw_only=True):
    """Names of credentials of the assigned devices whose secrets the hub keeps or fetches."""

    names: tuple[str, ...]


class Secrets(Noun, frozen=True, kw_only=True):
    """Secrets by the names of their credentials; and why there is none for the others, in one sentence each."""

    values: dict[str, str]
    problems: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"Secrets({len(self.values)})"


class Watch(Noun, frozen=True, kw_only=True):
    """Devices whose interface rows are wanted after each poll, and at once."""

    device_ids: tuple[str, ...]


class LiveDevice(Noun, frozen=True, kw_only=True):
    """The live fields of a `core.views.DeviceRow`."""

    id: str
    status: Status
    since: int
    polled_at: int
    rtt_ms: float = -1.0
    uptime_s: int = -1
    in_bps: float = -1.0
    out_bps: float = -1.0
    ports_up: int = -1
    ports: int = -1


class LiveDevices(Noun, frozen=True, kw_only=True):
    """Devices whose live fields changed."""

    at_ms: int
    rows: tuple[LiveDevice, ...]


class LiveInterfaces(Noun, frozen=True, kw_only=True):
    """All interface rows of one device after a poll."""

    device_id: str
    at_ms: int
    rows: tuple[InterfaceRow, ...]


class Observed(Noun, frozen=True, kw_only=True):
    """What discovery found on one device; replaces what was observed there before."""

    device_id: str
    at_ms: int
    interfaces: tuple[Interface, ...]
    facts: tuple[Fact, ...]
    links: tuple[Link, ...]
    stations: tuple[Station, ...] = ()


class AlertTransitions(Noun, frozen=True, kw_only=True):
    """Alerts raised (`cleared_at` 0) or cleared. `key` makes a repetition harmless."""

    key: str
    alerts: tuple[Alert, ...]


class OddCell(Noun, frozen=True, kw_only=True):
    """A cell of a spreadsheet that holds no plain value."""

    kind: Literal["formula", "error", "date", "merged", "other"]
    text: str = ""
    """What the spreadsheet shows, at most 64 characters; empty where it must not be repeated."""


Cell = str | int | float | bool | OddCell | None


class SheetRow(Noun, frozen=True, kw_only=True):
    """One row, numbered from 1 as the spreadsheet shows it. Cells at the end may be missing: they are empty."""

    number: int
    cells: tuple[Cell, ...]


class SheetColumn(Noun, frozen=True, kw_only=True):
    """How a column of a written sheet helps the person who fills it in."""

    heading: str
    required: bool = False
    choices: tuple[str, ...] = ()
    names_of: str = ""
    """The sheet whose first column holds what may stand here."""
    note: str = ""
    """Message id."""


class Sheet(Noun, frozen=True, kw_only=True):
    """One sheet as `links.sheets` reads and writes it: rows that are not wholly empty, in order."""

    name: str
    rows: tuple[SheetRow, ...]
    problems: tuple[ImportProblem, ...] = ()
    """What the reading itself found."""
    columns: tuple[SheetColumn, ...] = ()
    """Only of sheets to be written."""


class ImportJob(Noun, frozen=True, kw_only=True):
    """A file to read and validate against the records as they are. At most 64 MiB."""

    id: str = ""
    """By which it can be stopped."""
    filename: str
    content: bytes
    records: str
    """Path of the record store, opened read-only."""
    language: str = ""
    """Of the person who asks: the problems are told in it. Empty: the process's own."""


class ImportResult(Noun, frozen=True, kw_only=True):
    """Either problems, or records that can be put (ids of known names kept, new ones empty)."""

    records: dict[str, tuple[Any, ...]] = {}
    """By kind, nouns of `core.kinds.KEPT`; see `import_result`."""
    fields: dict[str, tuple[str, ...]] = {}
    """By kind, the fields of which the file speaks: the columns that it has."""
    problems: tuple[ImportProblem, ...] = ()
    problems_total: int = 0


class _Undecoded(Noun, frozen=True, kw_only=True):
    """An `ImportResult` whose records wait for the types of their kinds."""

    records: dict[str, msgspec.Raw] = {}
    fields: dict[str, tuple[str, ...]] = {}
    problems: tuple[ImportProblem, ...] = ()
    problems_total: int = 0


def import_result(body: bytes) -> ImportResult:
    """The answer to an `ImportJob`, its records as the nouns of their kinds."""
    from core.kinds import KEPT

    found = msgspec.msgpack.decode(body, type=_Undecoded)
    records = {kind: msgspec.msgpack.decode(rows, type=tuple.__class_getitem__((KEPT[kind], ...))) for kind, rows in found.records.items()}
    return ImportResult(records=records, fields=found.fields, problems=found.problems, problems_total=found.problems_total)


class StartJob(Noun, frozen=True, kw_only=True):
    """A job to run in a process of its own, now."""

    id: str
    attempt: int
    entry: str
    """`module:function`"""
    author: str
    arguments: dict[str, Any] = {}
    checkpoint: dict[str, Any] = {}
    limit_s: int = 0
    """How long it may run; 0: without limit."""


class StartedJob(Noun, frozen=True, kw_only=True):
    """Begun; `refused` in one sentence when there is no room for it."""

    instance: str
    """Which workers: another one after a restart."""
    number: int
    """The job is in every report of theirs from this number on, until its end was acknowledged."""
    refused: str = ""


class StopJob(Noun, frozen=True, kw_only=True):
    """A job that shall end: asked first, killed a little later."""

    id: str
    attempt: int


class JobProgress(Noun, frozen=True, kw_only=True):
    """How far one job is."""

    id: str
    attempt: int
    done: int = 0
    total: int = 0
    message: str = ""


class JobsReport(Noun, frozen=True, kw_only=True):
    """All that these workers run, or have run and not yet told."""

    instance: str
    number: int
    jobs: tuple[JobProgress, ...] = ()


class JobNews(Noun, frozen=True, kw_only=True):
    """A checkpoint of a job, or its end: `result`, `failure`, or neither when it was stopped."""

    id: str
    attempt: int
    checkpoint: dict[str, Any] | None = None
    ended: bool = False
    result: dict[str, Any] | None = None
    failure: Failure | None = None
