"""Work that runs by itself: schedules, jobs, windows. Times are milliseconds since 1970, UTC."""

from typing import Any, Literal

from core.identity import EVERYWHERE, Scope
from core.nouns import Noun

JobState = Literal["waiting", "running", "done", "failed", "cancelled", "missed"]
WindowKind = Literal["maintenance", "freeze", "silence", "protection"]


class Schedule(Noun, frozen=True, kw_only=True):
    """When a kind of job runs 计划任务."""

    id: str
    name: str
    kind: str
    """Kind of the job: `backup`, `audit.verify`, ..."""
    arguments: dict[str, Any] = {}
    cron: str
    """Five fields: minute hour day month weekday."""
    time_zone: str = "Asia/Shanghai"
    jitter_s: int = 0
    """Up to this much later, the same for one schedule every time."""
    overlap: Literal["skip", "queue"] = "skip"
    """What happens when the one before still runs."""
    deadline_s: int = 3600
    """A job that could not begin in this time is `missed`."""
    limit_s: int = 4 * 3600
    """How long a job may run; 0: without limit."""
    catch_up: bool = True
    """After a downtime run once what was due."""
    enabled: bool = True
    author: str = ""
    last_due: int = 0
    """The newest due time for which a job was made: what makes a job run once."""


class Job(Noun, frozen=True, kw_only=True):
    """One piece of work in the queue 作业."""

    id: str
    kind: str
    arguments: dict[str, Any] = {}
    author: str
    schedule: str = ""
    """Name of the schedule; empty: asked for by a person."""
    due_at: int
    state: JobState = "waiting"
    created_at: int
    started_at: int = 0
    ended_at: int = 0
    deadline_at: int = 0
    """Until when it must have begun; 0: any time."""
    limit_s: int = 0
    """How long it may run; 0: without limit."""
    attempt: int = 0
    """How often it was begun."""
    done: int = 0
    total: int = 0
    """0: not known yet."""
    message: str = ""
    """Message id of what it is doing or what it failed with."""
    checkpoint: dict[str, Any] = {}
    """Where a resumable job goes on."""
    result: dict[str, Any] = {}
    cancel_wanted: bool = False


class Window(Noun, frozen=True, kw_only=True):
    """A stretch of time that changes how others behave: maintenance 维护, freeze 封网, silence 静默, heightened protection 重保."""

    id: str
    name: str
    kind: WindowKind
    starts_at: int
    ends_at: int
    """Always set: there is no silence without an end."""
    scope: Scope = EVERYWHERE
    devices: tuple[str, ...] = ()
    """Names; with `scope` empty and this set: only these."""
    rules: tuple[str, ...] = ()
    """Of silence and maintenance: only alerts of these rules; empty: all."""
    instances: tuple[str, ...] = ()
    """Of silence and maintenance: only alerts about these parts of a device; empty: all."""
    reason: str
    author: str
    ended_early_at: int = 0

    def holds(self, now_ms: int) -> bool:
        return self.starts_at <= now_ms < (self.ended_early_at or self.ends_at)


class JobWish(Noun, frozen=True, kw_only=True):
    """A job to run now."""

    kind: str
    arguments: dict[str, Any] = {}


class KindRow(Noun, frozen=True, kw_only=True):
    """One kind of job."""

    name: str
    summary: str = ""
    """Message id."""
    resumable: bool = False
    action: str = ""
    """What one must be allowed to do to run it."""


class ScheduleWish(Noun, frozen=True, kw_only=True):
    """A new schedule; fields as in `Schedule`."""

    name: str
    kind: str
    arguments: dict[str, Any] = {}
    cron: str
    time_zone: str = "Asia/Shanghai"
    jitter_s: int = 0
    overlap: Literal["skip", "queue"] = "skip"
    deadline_s: int = 3600
    limit_s: int = 4 * 3600
    catch_up: bool = True


class ScheduleChange(Noun, frozen=True, kw_only=True):
    """Other values for some fields of a schedule; what is None stays."""

    cron: str | None = None
    time_zone: str | None = None
    arguments: dict[str, Any] | None = None
    jitter_s: int | None = None
    overlap: Literal["skip", "queue"] | None = None
    deadline_s: int | None = None
    limit_s: int | None = None
    catch_up: bool | None = None
    enabled: bool | None = None


class WindowWish(Noun, frozen=True, kw_only=True):
    """A new window. units, sites, devices: names; all empty: everywhere."""

    name: str
    kind: WindowKind
    starts_at: int = 0
    """0: now."""
    ends_at: int
    units: tuple[str, ...] = ()
    sites: tuple[str, ...] = ()
    devices: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()
    instances: tuple[str, ...] = ()
    reason: str


class WindowAdded(Noun, frozen=True, kw_only=True):
    """The window, and those that ask for the opposite at the same time."""

    window: Window
    conflicts: tuple[Window, ...] = ()
