"""Probes: questions to things that SNMP does not answer, asked again and again. What they ask, what came of it, what it is counted in.

A probe is about an object of the inventory (a device, a system, a data line, a cloud platform); its samples are series of that object:
`SeriesKey(object's id, metric, instance)`. The instance is the probe's name, or `NAME:PART` where one probe measures several parts (file
systems, hypervisors, projects). Rules judge them like everything else that is measured.
"""

from typing import Annotated, Literal

from msgspec import Meta

from core.i18n import mark
from core.nouns import Noun

ProbeKind = Literal["icmp", "tcp", "http", "dns", "ntp", "ssh", "sql", "host", "openstack", "prometheus"]
"""http: HTTP and HTTPS. ssh: the banner, nobody logs in. host: a Linux machine over SSH, without an agent. sql: rows and their age."""
Answer = Literal[
    "ok", "no-answer", "closed", "unreachable", "unknown-name", "refused", "bad-certificate", "wrong-content", "wrong-status", "nonsense",
    "too-much", "host-key-changed", "not-covered", "unusable", "pending",
]
"""What came of a run. unusable: something of ours is missing or unfit (a secret, the object), which says nothing about the target."""
OURS = frozenset({"not-covered", "unusable", "pending"})
"""Answers that say nothing about the target: nothing is stored, nothing is raised."""

UP, RTT, LOSS, JITTER = "yw_probe_up", "yw_probe_rtt_ms", "yw_probe_loss_percent", "yw_probe_jitter_ms"
"""1 or 0; milliseconds of the answer; of ICMP the share of echoes that did not come back, and the mean change between two of them."""
CERTIFICATE = "yw_certificate_days"
"""Until the certificate expires; negative: it has."""
HTTP_STATUS, HTTP_BYTES = "yw_http_status", "yw_http_bytes"
DNS_ANSWERS = "yw_dns_answers"
NTP_OFFSET, NTP_STRATUM, NTP_DELAY = "yw_ntp_offset_ms", "yw_ntp_stratum", "yw_ntp_delay_ms"
ROWS, ROWS_AGE, ROWS_AGE_RATIO, ROWS_RATIO = "yw_rows_moved", "yw_rows_age_s", "yw_rows_age_ratio", "yw_rows_ratio"
"""Of a data line: rows moved, seconds since the newest, the latter as a share of what the line promises (above 1: stale), and rows as a
share of those that it moves on a day."""
SWAP, INODES, LOAD, UPTIME, UNITS_FAILED, IN_BPS, OUT_BPS = (
    "yw_swap_percent", "yw_inodes_percent", "yw_load_per_cpu", "yw_uptime_s", "yw_units_failed", "yw_host_in_bps", "yw_host_out_bps",
)
"""Of a host, beside PROCESSOR, MEMORY and STORAGE of `core.measured`."""
HYPERVISOR_UP, HYPERVISOR_VCPUS, HYPERVISOR_MEMORY, HYPERVISOR_DISK, HYPERVISOR_VMS = (
    "yw_hypervisor_up", "yw_hypervisor_vcpus_percent", "yw_hypervisor_memory_percent", "yw_hypervisor_disk_percent", "yw_hypervisor_vms",
)
QUOTA, VMS = "yw_quota_percent", "yw_vms"
"""Use of a quota in percent (`NAME:PROJECT:RESOURCE`); virtual machines by state (`NAME:ACTIVE`)."""

METRICS = frozenset({
    UP, RTT, LOSS, JITTER, CERTIFICATE, HTTP_STATUS, HTTP_BYTES, DNS_ANSWERS, NTP_OFFSET, NTP_STRATUM, NTP_DELAY, ROWS, ROWS_AGE,
    ROWS_AGE_RATIO, ROWS_RATIO, SWAP, INODES, LOAD, UPTIME, UNITS_FAILED, IN_BPS, OUT_BPS, HYPERVISOR_UP, HYPERVISOR_VCPUS,
    HYPERVISOR_MEMORY, HYPERVISOR_DISK, HYPERVISOR_VMS, QUOTA, VMS,
})
"""Those that only probes measure."""
ECHO = "icmp"
"""What the probe is called that every polled device has without anybody adding it."""
SENTENCES: dict[str, str] = {
    "ok": mark("It answers as it should."),
    "no-answer": mark("It did not answer in time."),
    "closed": mark("Nothing listens on that port."),
    "unreachable": mark("There is no way to it from here."),
    "unknown-name": mark("Its name is not known here."),
    "refused": mark("It refuses our login."),
    "bad-certificate": mark("Its certificate is not trusted."),
    "wrong-content": mark("It answers with something else than expected."),
    "wrong-status": mark("It answers with another status than expected."),
    "nonsense": mark("It answers something that this protocol does not know."),
    "too-much": mark("It answers with more than is read."),
    "host-key-changed": mark("Its SSH host key is another one; nothing was sent."),
    "not-covered": mark("This is not covered yet."),
    "unusable": mark("It could not be asked."),
    "pending": mark("It has not been asked yet."),
}
"""For a person, by answer: message ids."""

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x20\x7f:/]([^\x00-\x1f\x7f:/]*[^\x00-\x20\x7f:/])?$")]
Target = Annotated[str, Meta(max_length=512, pattern=r"^[^\x00-\x20\x7f]*$")]
Options = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=32)], Annotated[str, Meta(max_length=8192)]], Meta(max_length=24),
]
Interval = Annotated[int, Meta(ge=1, le=86_400)]
Timeout = Annotated[int, Meta(ge=100, le=60_000)]
Port = Annotated[int, Meta(ge=0, le=65_535)]
Note = Annotated[str, Meta(max_length=1000)]


class Probe(Noun, frozen=True, kw_only=True):
    """Probe 探测 as it is kept."""

    id: str
    name: str
    kind: ProbeKind
    object_kind: str = "device"
    object: str = ""
    """Name or key of the object that it is about; empty: of nothing in the inventory, its series are its own."""
    target: str = ""
    """Host, address or URL; empty: the address of the object."""
    port: int = 0
    """0: the usual one of its kind."""
    interval_s: int = 60
    timeout_ms: int = 5000
    """For everything together."""
    credential: str = ""
    options: dict[str, str] = {}
    """What only this kind knows, see `monitors.probes.kinds`."""
    enabled: bool = True
    note: str = ""


class NewProbe(Noun, frozen=True, kw_only=True):
    """A probe as a person adds it."""

    name: Name
    kind: ProbeKind
    object_kind: Annotated[str, Meta(max_length=32)] = "device"
    object: Annotated[str, Meta(max_length=255)] = ""
    target: Target = ""
    port: Port = 0
    interval_s: Interval = 60
    timeout_ms: Timeout = 5000
    credential: Annotated[str, Meta(max_length=64)] = ""
    options: Options = {}
    note: Note = ""


class NewProbes(Noun, frozen=True, kw_only=True):
    """Several at once: all or none. over: those of the same name become what is said here."""

    probes: Annotated[tuple[NewProbe, ...], Meta(min_length=1, max_length=2000)]
    over: bool = False
    dry_run: bool = False


class ProbeChange(Noun, frozen=True, kw_only=True):
    """Other values for some fields; what is None stays. An option with an empty value goes."""

    target: Target | None = None
    port: Port | None = None
    interval_s: Interval | None = None
    timeout_ms: Timeout | None = None
    credential: Annotated[str, Meta(max_length=64)] | None = None
    options: Options | None = None
    enabled: bool | None = None
    note: Note | None = None


class Figure(Noun, frozen=True, kw_only=True):
    """One measured value. part: of what, where a probe measures several; empty: of the target itself."""

    metric: str
    value: float
    part: str = ""


class Outcome(Noun, frozen=True, kw_only=True):
    """What one run found. What stands in `said` and `facts` was said by the target: cleaned, bounded, never parsed as anything."""

    answer: Answer = "pending"
    said: str = ""
    """In the target's, the system's or our own words; may be empty."""
    figures: tuple[Figure, ...] = ()
    facts: dict[str, str] = {}
    """By name: `issuer`, `expires`, `server`, `stratum`, ..."""
    at_ms: int = 0
    took_ms: int = 0

    def figure(self, metric: str, part: str = "") -> float | None:
        """The value of a metric, where it was measured."""
        return next((one.value for one in self.figures if one.metric == metric and one.part == part), None)


class ProbeTask(Noun, frozen=True, kw_only=True):
    """A probe as senses run it: with what the inventory knows of its object. Its secret is borrowed by the credential's name."""

    probe: Probe
    object_id: str
    """Under which its series are stored."""
    host: str
    """Where it asks: the probe's target, else the object's address; empty: there is none."""
    about: dict[str, str] = {}
    """Of a data line: `fresh_minutes`, `rows_per_day`."""
    host_key: str = ""
    """Algorithm and fingerprint of the pinned SSH host key; `changed`: it waits for a person."""


class ProbeNow(Noun, frozen=True, kw_only=True):
    """What a probe found last, by its name."""

    name: str
    outcome: Outcome


class ProbeNews(Noun, frozen=True, kw_only=True):
    """What probes found since the last such message."""

    rows: tuple[ProbeNow, ...]


class ProbeRow(Noun, frozen=True, kw_only=True):
    """A probe as it is listed."""

    probe: Probe
    outcome: Outcome
    host: str = ""
    unit: str = ""
    site: str = ""


class ProbesReport(Noun, frozen=True, kw_only=True):
    """What adding them did, or would do (`dry_run`)."""

    added: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    unchanged: tuple[str, ...] = ()
    dry_run: bool = False
