"""What exists: the parts of systems, the people and teams, the data lines. Conventions as in `core.objects`."""

from typing import Literal

from core.nouns import Noun

Tier = Literal["web", "app", "db", "cache", "queue", "gateway", "other"]


class Component(Noun, frozen=True, kw_only=True):
    """Component 组件 of a business system."""

    id: str
    name: str
    """Unique; by habit SYSTEM/TIER."""
    system: str
    tier: Tier = "other"
    needed: int = 1
    """How many of the machines it runs on must live for it to work; fewer: it is down, fewer than all: degraded."""
    runs_on: tuple[str, ...] = ()
    """Keys of the VMs it runs on."""
    devices: tuple[str, ...] = ()
    """Names of devices it runs on: servers of its own."""
    note: str = ""


class Person(Noun, frozen=True, kw_only=True):
    """Person 人员: a contact, not an account."""

    id: str
    name: str
    unit: str = ""
    team: str = ""
    phone: str = ""
    mail: str = ""
    duty: str = ""


class Team(Noun, frozen=True, kw_only=True):
    """Team 运维单位 that operates things under a contract."""

    id: str
    name: str
    unit: str = ""
    company: str = ""
    phone: str = ""


class DataLine(Noun, frozen=True, kw_only=True):
    """Data line 数据高铁线路 from one system to another."""

    id: str
    name: str
    source_system: str
    target_system: str
    unit: str = ""
    fresh_minutes: int = 1440
    """Older data than this is stale."""
    rows_per_day: int = 0
    note: str = ""
