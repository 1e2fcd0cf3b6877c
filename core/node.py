"""The node itself: how it is doing, what fills its disk, what its backups hold. Times are milliseconds since 1970, UTC; sizes are bytes."""

from typing import Literal

from core.nouns import Noun

NodeStatus = Literal["ok", "degraded", "failed"]
CheckStatus = Literal["ok", "warn", "fail"]


class Reason(Noun, frozen=True, kw_only=True):
    """One thing that is wrong with the node."""

    code: str
    """`disk-low`, `child-down`, ...: for machines; docs/operations.md says what to do about each."""
    status: NodeStatus
    message: str
    """Message id with `{}` fields that `values` fill."""
    values: dict[str, str] = {}


class Check(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """One line of `yunwang doctor`: what was looked at, what was found, and the fix as a command or a setting."""

    area: str
    name: str
    status: CheckStatus
    found: str
    fix: str = ""


class Heartbeat(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """What is posted outwards, so that somebody else notices when it stays away."""

    node: str
    version: str
    at_ms: int
    number: int
    """Grows by one with each since the hub started."""
    every_s: int
    """When the next is due: the other side raises its alarm after two or three of these."""
    status: NodeStatus
    reasons: tuple[str, ...] = ()
    """Codes."""
    revision: int
    devices: int
    alerts: int


class Portion(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """One kind of data on the disk."""

    name: str
    """`records`, `samples.raw`, `samples.5m`, `logs.sealed`, `backups`, ..."""
    size: int
    files: int
    oldest_ms: int = 0
    newest_ms: int = 0
    keep_days: int = 0
    """Retention; 0: kept until a person removes it, or bounded by size."""
    frees_at: int = 0
    """When retention next frees something of it; 0: never by itself."""
    freed_in_week: int = 0
    """What retention frees in the next seven days."""
    grows_daily: int = 0
    """Mean of the last full days; -1: not known yet."""
    removable: int = 0
    """What may go now without losing anything that is in use."""


class StorageReport(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """What fills the disk."""

    at_ms: int
    folder: str
    disk_size: int
    disk_free: int
    portions: tuple[Portion, ...]
    grows_daily: int
    """Of all of it, after what retention frees; 0: nothing, or not known yet."""
    full_at: int = 0
    """When the disk is full if it goes on like this; 0: not within ten years."""

    @property
    def size(self) -> int:
        return sum(portion.size for portion in self.portions)


class BackupFile(Noun, frozen=True, kw_only=True):
    """One file of a backup."""

    path: str
    """Relative to the backup's folder, with `/`."""
    size: int
    sha256: str


class Manifest(Noun, frozen=True, kw_only=True):
    """`manifest.json` of a backup, written last: a folder without it is no backup."""

    format: int
    version: str
    """Of Yunwang."""
    node: str
    made_at: int
    took_ms: int = 0
    revision: int
    """Newest journal row in it: everything acknowledged until then is there."""
    tip: str = ""
    """Digest of that row."""
    store: str
    """`sqlite` or `postgresql`: where the records came from."""
    schema: int
    with_key: bool = False
    """Whether the key of the secrets lies in it."""
    scheduled: bool = False
    """Made by the schedule, and removed by it in its time."""
    new_bytes: int = 0
    """What was really copied; the rest is shared with the data folder or the backup before."""
    files: tuple[BackupFile, ...]


class Backup(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """One line of `yunwang backup list`."""

    path: str
    made_at: int
    revision: int
    version: str
    size: int
    files: int
    with_key: bool = False
    scheduled: bool = False


class Exported(Noun, frozen=True, kw_only=True):
    """Settings, rules and schedules as text, the same for the same state, without anything secret."""

    files: dict[str, str]
    """Content by relative path."""
    revision: int = 0


class UpgradePlan(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """What the next start of this version would change in the stores."""

    version: str
    """Of the program."""
    store: str
    schema_found: int
    """0: there are no records yet."""
    schema_wanted: int
    too_new: tuple[str, ...] = ()
    """What a newer version wrote and this one does not know."""
    tables: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    """`table.column`."""
    migrations: tuple[str, ...] = ()

    @property
    def changes(self) -> bool:
        return bool(self.tables or self.columns or self.migrations)
