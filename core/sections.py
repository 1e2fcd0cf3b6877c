"""The sections of the settings. Every field's description is its documentation: docs/settings.md is made from here."""

from typing import Annotated, Literal

from msgspec import Meta

from core.nouns import Noun

Folder = Annotated[str, Meta(pattern=r"^[^\x00-\x1f]*$")]
Port = Annotated[int, Meta(ge=0, le=65535)]


class General(Noun, frozen=True, kw_only=True):
    """Who and where."""

    language: Annotated[Literal["auto", "zh", "en"], Meta(description="Language of screens, messages and reports.")] = "auto"
    data_dir: Annotated[
        Folder, Meta(description="Folder of all stores. Empty: /var/lib/yunwang as root, else ~/.local/share/yunwang.")
    ] = ""
    run_dir: Annotated[Folder, Meta(description="Folder of sockets and the lock. Empty: /run/yunwang or XDG_RUNTIME_DIR.")] = ""
    idle_stop_s: Annotated[
        int, Meta(ge=0, description="A hub that a console started stops this long after the last client, when nothing is polled. 0: never.")
    ] = 300


class Polling(Noun, frozen=True, kw_only=True):
    """SNMP polling."""

    interval_s: Annotated[int, Meta(ge=1, le=86400, description="Interval of devices that name none, seconds.")] = 60
    window: Annotated[int, Meta(ge=1, le=65536, description="Requests in flight over all devices; one device has at most one.")] = 512
    max_datagram: Annotated[int, Meta(ge=484, le=65507, description="Largest answer asked of a device at first, bytes.")] = 1400
    dead_probe_s: Annotated[
        int, Meta(ge=1, description="Longest pause between two probes (one small question each) of a device that does not answer, seconds.")
    ] = 60
    rediscover_s: Annotated[int, Meta(ge=60, description="Longest time until a device's tables are read anew.")] = 86400
    most_variables: Annotated[int, Meta(ge=100, le=1_000_000, description="Variables of one device in one poll, at most.")] = 60_000
    busy_share: Annotated[
        float, Meta(gt=0, le=1, description="Share of its interval that a device may be busy answering; a slow one is polled less often.")
    ] = 0.5
    longest_interval_s: Annotated[
        int, Meta(ge=1, le=86400, description="Longest interval of a slow device, seconds; one that needs more is asked for less.")
    ] = 240
    receive_buffer: Annotated[int, Meta(ge=65536, description="Socket receive buffer, bytes; bounded by net.core.rmem_max.")] = 8388608


class Probes(Noun, frozen=True, kw_only=True):
    """Probes: ICMP, HTTP, DNS, databases, hosts and whatever else SNMP does not answer."""

    ping_s: Annotated[int, Meta(ge=0, le=86400, description="Every polled device is sent ICMP echoes so often, seconds. 0: none is.")] = 60
    at_once: Annotated[int, Meta(ge=1, le=4096, description="Probes that run at a time.")] = 256
    threads: Annotated[int, Meta(ge=1, le=128, description="Of them so many hosts by SSH, clouds and Prometheus at a time.")] = 16


class Samples(Noun, frozen=True, kw_only=True):
    """The sample store and what it forgets."""

    raw_days: Annotated[int, Meta(ge=1, description="Days that raw samples are kept.")] = 7
    five_minute_days: Annotated[int, Meta(ge=1, description="Days that 5-minute roll-ups are kept.")] = 90
    hour_days: Annotated[int, Meta(ge=1, description="Days that 1-hour roll-ups are kept.")] = 1095
    disk_share: Annotated[float, Meta(gt=0, le=1, description="Share of the file system that samples may take; the oldest go first.")] = 0.5
    seal_s: Annotated[int, Meta(ge=1, description="Seconds until an open segment is sealed as Parquet.")] = 600


class Rules(Noun, frozen=True, kw_only=True):
    """What becomes an alert."""

    folder: Annotated[
        Folder, Meta(description="Folder of the site's own rules (*.yml) over the shipped ones; empty: rules in data_dir, if it is there.")
    ] = ""
    follow: Annotated[
        bool, Meta(description="Read rules anew by itself when their files have changed; else: yunwang rule reload, or SIGHUP.")
    ] = True


class Export(Noun, frozen=True, kw_only=True):
    """What leads out to Prometheus."""

    remote_write_url: Annotated[
        Folder, Meta(description="Address that figures of all devices are pushed to by Prometheus remote write; empty: none.")
    ] = ""
    remote_write_token: Annotated[Folder, Meta(description="Where the bearer token for it is: file:PATH or env:NAME; empty: none.")] = ""
    remote_write_s: Annotated[int, Meta(ge=5, description="Seconds between two pushes.")] = 60
    remote_write_ports: Annotated[bool, Meta(description="Push traffic, errors, discards and state of each port as well.")] = False
    remote_write_hours: Annotated[
        int, Meta(ge=1, le=720, description="What a receiver missed longer ago than this is not sent when it is back, hours.")
    ] = 24


Percent = Annotated[float, Meta(ge=0, le=100)]


class Availability(Noun, frozen=True, kw_only=True):
    """What is promised: percent of the time outside maintenance windows in which it works. The level of each thing says which holds."""

    system_1: Annotated[Percent, Meta(description="Business systems of protection level 1.")] = 99.0
    system_2: Annotated[Percent, Meta(description="Business systems of protection level 2.")] = 99.5
    system_3: Annotated[Percent, Meta(description="Business systems of protection level 3.")] = 99.9
    system_4: Annotated[Percent, Meta(description="Business systems of protection level 4.")] = 99.95
    system_5: Annotated[Percent, Meta(description="Business systems of protection level 5.")] = 99.99
    system_cii: Annotated[Percent, Meta(description="At least this much for systems of critical information infrastructure.")] = 99.95
    unit_city: Annotated[Percent, Meta(description="Access to the net of units of the city.")] = 99.9
    unit_county: Annotated[Percent, Meta(description="Access to the net of units of counties.")] = 99.5
    unit_township: Annotated[Percent, Meta(description="Access to the net of units of townships.")] = 99.0
    backbone: Annotated[Percent, Meta(description="Devices of the backbone: P, PE, core, aggregation, firewall.")] = 99.95
    device: Annotated[Percent, Meta(description="All other devices, and hosts of clouds.")] = 99.5


class Logs(Noun, frozen=True, kw_only=True):
    """The store of raw traps and syslog."""

    keep_days: Annotated[int, Meta(ge=190, description="Days that raw lines are kept; the law asks for half a year.")] = 190
    disk_share: Annotated[float, Meta(gt=0, le=1, description="Share of the file system from which on a warning is raised.")] = 0.3


class Ears(Noun, frozen=True, kw_only=True):
    """Listeners for traps and syslog. Port 0: not listening."""

    address: Annotated[str, Meta(description="Address to listen on.")] = "127.0.0.1"
    syslog_port: Annotated[Port, Meta(description="UDP port for syslog (standard: 514).")] = 0
    trap_port: Annotated[Port, Meta(description="UDP port for traps and informs (standard: 162).")] = 0
    syslog_tcp_port: Annotated[Port, Meta(description="TCP port for syslog (RFC 6587; usual: 601).")] = 0
    syslog_tls_port: Annotated[Port, Meta(description="TCP port for syslog with TLS (RFC 5425; standard: 6514).")] = 0
    certificate: Annotated[Folder, Meta(description="PEM file of the certificate that senders of TLS see, with its chain.")] = ""
    key: Annotated[Folder, Meta(description="PEM file of its key.")] = ""
    authority: Annotated[Folder, Meta(description="PEM file of the authority of senders; with it only those it signed are heard.")] = ""


class Records(Noun, frozen=True, kw_only=True):
    """The record store."""

    url: Annotated[
        Folder, Meta(description="PostgreSQL instead of SQLite: postgresql://host/database; its secret comes from ~/.pgpass or PGPASSWORD.")
    ] = ""


class Api(Noun, frozen=True, kw_only=True):
    """The hub's API beside its Unix socket."""

    listen: Annotated[Folder, Meta(description="ADDRESS:PORT for TCP with TLS; empty: only the Unix socket.")] = ""
    certificate: Annotated[Folder, Meta(description="PEM file of the hub's certificate with its chain.")] = ""
    key: Annotated[Folder, Meta(description="PEM file of the certificate's key, mode 0600.")] = ""
    client_authority: Annotated[
        Folder, Meta(description="PEM file of the authority of client certificates; empty: none are asked for.")
    ] = ""
    client_required: Annotated[bool, Meta(description="Refuse whoever shows no client certificate, whatever else they have.")] = False
    url: Annotated[Folder, Meta(description="Clients: https://HOST:PORT of a hub elsewhere; empty: the Unix socket here.")] = ""
    authority: Annotated[
        Folder, Meta(description="Clients: PEM file of the authority that signed the hub's certificate; empty: the system's.")
    ] = ""
    client_certificate: Annotated[Folder, Meta(description="Clients: PEM file of one's own certificate, where the hub asks for it.")] = ""
    client_key: Annotated[Folder, Meta(description="Clients: PEM file of its key, mode 0600; empty: in the same file.")] = ""


class Accounts(Noun, frozen=True, kw_only=True):
    """Local accounts and logins."""

    least_length: Annotated[int, Meta(ge=8, le=128, description="Characters of a password.")] = 10
    least_classes: Annotated[int, Meta(ge=1, le=4, description="Kinds of characters in it: lower, upper, digits, others.")] = 3
    history: Annotated[int, Meta(ge=0, le=24, description="Former passwords that may not come back.")] = 5
    age_days: Annotated[int, Meta(ge=0, description="Days until it must be changed. 0: never.")] = 90
    failures: Annotated[int, Meta(ge=3, le=20, description="Wrong logins after which an account is locked.")] = 5
    lock_minutes: Annotated[int, Meta(ge=1, description="Minutes that it stays locked.")] = 30
    idle_minutes: Annotated[int, Meta(ge=1, description="Minutes without a request after which a session ends.")] = 30
    session_hours: Annotated[int, Meta(ge=1, le=24, description="Hours after which every session ends.")] = 12
    second_factor: Annotated[Literal["nobody", "offices", "everybody"], Meta(description="Who must have a TOTP generator.")] = "offices"
    ldap_url: Annotated[Folder, Meta(description="ldaps://HOST or ldap://HOST (StartTLS) of the directory; empty: none.")] = ""
    ldap_bind: Annotated[
        Folder, Meta(description="DN that a login binds as, with {name}: uid={name},ou=people,dc=city or {name}@city.local.")
    ] = ""
    ldap_authority: Annotated[Folder, Meta(description="PEM file of the authority that signed the directory's certificate.")] = ""


class Audit(Noun, frozen=True, kw_only=True):
    """The audit trail."""

    hash: Annotated[Literal["sha256", "sm3"], Meta(description="Hash of the chain for new rows.")] = "sha256"
    keep_days: Annotated[int, Meta(ge=190, description="Days that rows stay online; older ones move to signed archives.")] = 190
    seal_minutes: Annotated[int, Meta(ge=1, le=1440, description="Minutes between two seals of the chain.")] = 60
    tip_file: Annotated[Folder, Meta(description="File that each seal's digest is appended to: a mount of another machine.")] = ""
    tip_syslog: Annotated[Folder, Meta(description="HOST:PORT that each seal's digest is sent to by syslog (UDP, RFC 5424).")] = ""


class Secrets(Noun, frozen=True, kw_only=True):
    """Credentials at rest."""

    key: Annotated[
        Folder, Meta(description="Where the key is: file:PATH (0600), credential:NAME (systemd), env:NAME. Empty: secret.key in data_dir.")
    ] = ""
    cipher: Annotated[Literal["aes-256-gcm", "sm4-gcm"], Meta(description="Cipher of newly sealed secrets.")] = "aes-256-gcm"
    vault_url: Annotated[Folder, Meta(description="HashiCorp Vault, https://HOST:8200; empty: none.")] = ""
    vault_token: Annotated[Folder, Meta(description="Where its token is: file:PATH or env:NAME.")] = ""
    vault_mount: Annotated[Folder, Meta(description="Mount of its key-value store, version 2.")] = "secret"
    vault_authority: Annotated[Folder, Meta(description="PEM file of the authority that signed Vault's certificate.")] = ""
    ssh_legacy: Annotated[
        bool, Meta(description="Also the broken algorithms of SSH (SHA-1, CBC, 3DES), for devices that know no others.")
    ] = False


class Service(Noun, frozen=True, kw_only=True):
    """Life as a service."""

    log_format: Annotated[Literal["text", "json"], Meta(description="Form of the log lines.")] = "text"
    heartbeat_url: Annotated[
        Folder, Meta(description="Address that a heartbeat is posted to, so that somebody else notices a dead hub; empty: none.")
    ] = ""
    heartbeat_s: Annotated[int, Meta(ge=5, description="Seconds between two heartbeats.")] = 60
    backup_dir: Annotated[Folder, Meta(description="Folder of backups. Empty: backups in the data folder.")] = ""
    backups_kept: Annotated[int, Meta(ge=1, description="Scheduled backups that are kept.")] = 14
    export_git: Annotated[
        Folder, Meta(description="Folder of a git repository that settings, rules and schedules are exported to; empty: none.")
    ] = ""


class Work(Noun, frozen=True, kw_only=True):
    """Approvals and jobs."""

    approval_rules: Annotated[
        Folder,
        Meta(description="YAML file of who approves what. Empty: approvals.yml in ~/.config/yunwang or /etc/yunwang, else what we ship."),
    ] = ""
    jobs_at_once: Annotated[int, Meta(ge=1, le=32, description="Jobs that run at a time in the workers; as many again in the hub.")] = 2
    crawl_deny: Annotated[
        tuple[str, ...], Meta(description="Prefixes that no crawl of the net ever asks: industrial control, medical devices."),
    ] = ()
    jobs_kept_days: Annotated[int, Meta(ge=1, description="Days that finished jobs stay listed; the audit trail keeps them longer.")] = 190
