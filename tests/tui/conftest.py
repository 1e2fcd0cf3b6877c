"""A hub in memory with the console's side of `client.api.Client`, and consoles that run on it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from core import i18n
from core.approval import Approval, Decision, Subject
from core.audit import PROCESS, REFUSALS, AuditPage, AuditQuery, Progress, Verdict
from core.errors import ForbiddenError, InvalidInputError, LoginNeededError, NotFoundError, UnavailableError
from core.events import EventPage, EventQuery, EventRow
from core.identity import Enrolment, Identity, LoginAnswer, Role, Scope
from core.measured import MeasuredNow
from core.objects import Device, Fact, Link
from core.permissions import PERMISSIONS
from core.ports import JournalRow
from core.rows import ApprovalRow, AuditRow, JobRow, WindowRow
from core.signals import SeriesFrame
from core.views import (
    AlertPage,
    AlertRow,
    DeviceDetail,
    DevicePage,
    DeviceRow,
    Estate,
    GroupCount,
    Health,
    InterfaceRow,
    Overview,
    PollingHealth,
    TrafficHistory,
    ViewDelta,
    ViewQuery,
)
from core.work import Job, Schedule, Window, WindowAdded
from tui.console import YunwangApp

COUNTIES = ("莲都", "龙泉", "青田", "云和", "庆元", "缙云", "遂昌", "松阳", "景宁")
NOW = 1_764_000_000_000


EVERYTHING = tuple(PERMISSIONS)


class TwinAccounts:
    """One account; `need_code` asks for the second factor."""

    def __init__(self, hub: "TwinHub") -> None:
        self.hub = hub
        self.identity: Identity | None = Identity(
            name="zhang", display_name="张三", account="acc-zhang", how="session", roles=("operator",), scopes=(Scope(),),
            actions=EVERYTHING,
        )
        self.secret, self.need_code = "right", ""
        self.said: list[str] = []

    async def whoami(self) -> Identity:
        self.hub.reach()
        if self.identity is None:
            raise LoginNeededError("Nobody is logged in.", way_out="yunwang login")
        return self.identity

    async def login(self, name: str, secret: str, code: str = "") -> LoginAnswer:
        self.hub.reach()
        if name == "locked":
            raise ForbiddenError("The account is locked until 18:00.", way_out="Ask the security officer to unlock it.")
        if secret != self.secret:
            raise ForbiddenError("Account or password is wrong.")
        if self.need_code and code != self.need_code:
            if code:
                raise ForbiddenError("The code is wrong or was used.")
            return LoginAnswer(need="code")
        self.identity = Identity(
            name=name, account=f"acc-{name}", how="session", roles=("operator",), scopes=(Scope(),), actions=EVERYTHING,
        )
        self.hub.change()
        return LoginAnswer(token="t", identity=self.identity)

    async def logout(self) -> None:
        self.identity = None

    def use_persona(self, role: str) -> None:
        assert self.identity is not None
        actions = tuple(action for action, holders in PERMISSIONS.items() if role in holders)
        self.identity = self.identity.replace(roles=(role,), actions=actions)

    async def change_secret(self, old: str, new: str) -> None:
        if old != self.secret:
            raise ForbiddenError("The password until now is wrong.")
        self.secret = new
        self.identity = self.identity.replace(must_change=False) if self.identity else None

    async def enrol(self) -> Enrolment:
        return Enrolment(secret="JBSWY3DPEHPK3PXP", uri="otpauth://totp/Yunwang:zhang?secret=JBSWY3DPEHPK3PXP&issuer=Yunwang")

    async def confirm(self, code: str) -> None:
        if code != "123456":
            raise ForbiddenError("The code is wrong.")
        self.identity = self.identity.replace(must_enrol=False, second_factor=True) if self.identity else None


class TwinWork:
    """Jobs, schedules, windows."""

    def __init__(self, hub: "TwinHub") -> None:
        self.hub = hub
        self.jobs: list[JobRow] = []
        self.windows: list[WindowRow] = []
        self.plans: list[Schedule] = []
        self.asked: list[tuple[str, Any]] = []
        self.conflicts: list[Window] = []

    async def schedules(self) -> tuple[Schedule, ...]:
        self.hub.reach()
        return tuple(self.plans)

    async def next_times(self, name: str, count: int = 5) -> tuple[int, ...]:
        return tuple(int(time.time() * 1000) + 3_600_000 * number for number in range(1, count + 1))

    async def run(self, kind: str, arguments: dict[str, Any]) -> None:
        self.asked.append(("run", kind))

    async def resume(self, job_id: str) -> None:
        self.asked.append(("resume", job_id))

    async def job(self, job_id: str) -> Job:
        row = next(row for row in self.jobs if row.id == job_id)
        return Job(id=row.id, kind=row.kind, author=row.author, due_at=row.due_at, created_at=row.created_at, arguments={"full": True})

    async def cancel(self, job_id: str) -> None:
        self.jobs = [row.replace(cancel_wanted=True) if row.id == job_id else row for row in self.jobs]
        self.hub.change()

    async def enable_schedule(self, name: str, enabled: bool) -> None:
        self.plans = [plan.replace(enabled=enabled) if plan.name == name else plan for plan in self.plans]

    async def add_window(self, **fields: Any) -> WindowAdded:
        self.asked.append(("window", fields))
        row = WindowRow(id=f"n{len(self.windows)}", author="zhang", **fields)
        self.windows.append(row)
        self.hub.change()
        window = Window(id=row.id, name=row.name, kind=row.kind, starts_at=row.starts_at, ends_at=row.ends_at, reason="", author="")
        return WindowAdded(window=window, conflicts=tuple(self.conflicts))

    async def end_window(self, window_id: str) -> None:
        self.windows = [row.replace(ended_early_at=int(time.time() * 1000)) if row.id == window_id else row for row in self.windows]
        self.hub.change()


class TwinApprovals:
    """Whole approvals; the view shows rows of them."""

    def __init__(self, hub: "TwinHub") -> None:
        self.hub = hub
        self.all: dict[str, Approval] = {}

    def rows(self) -> list[ApprovalRow]:
        return [
            ApprovalRow(
                id=one.id, kind=one.kind, title=one.title, author=one.author, author_name=one.author_name, risk=one.subject.risk,
                digest=one.digest, rule=one.rule, steps=one.steps, fulfilled=tuple(w.step for w in one.decisions if w.verdict == "approve"),
                state=one.state, comments=sum(w.verdict == "comment" for w in one.decisions), created_at=one.created_at,
                expires_at=one.expires_at,
            )
            for one in sorted(self.all.values(), key=lambda one: -one.created_at)
        ]

    async def get(self, approval_id: str) -> Approval:
        self.hub.reach()
        return self.all[approval_id]

    async def _say(self, approval_id: str, verdict: Any, text: str, **changes: Any) -> None:
        one = self.all[approval_id]
        word = Decision(at_ms=NOW, account="acc-zhang", name="张三", verdict=verdict, text=text, step=0 if verdict == "approve" else -1)
        self.all[approval_id] = one.replace(decisions=(*one.decisions, word), **changes)
        self.hub.change()

    async def approve(self, approval_id: str, digest: str, text: str = "") -> None:
        assert digest == self.all[approval_id].digest
        await self._say(approval_id, "approve", text, state="approved")

    async def reject(self, approval_id: str, digest: str, text: str) -> None:
        await self._say(approval_id, "reject", text, state="rejected")

    async def comment(self, approval_id: str, digest: str, text: str) -> None:
        await self._say(approval_id, "comment", text)

    async def withdraw(self, approval_id: str, text: str = "") -> None:
        raise ForbiddenError("Only the author may withdraw it.")


class TwinAudit:
    """The journal in a list, oldest first."""

    def __init__(self, hub: "TwinHub") -> None:
        self.hub = hub
        self.journal: list[JournalRow] = []
        self.verdict = Verdict(rows=0, tip="ab" * 32)

    def newest(self) -> list[AuditRow]:
        return [AuditRow(id=str(r.seq), seq=r.seq, at_ms=r.at_ms, actor=r.actor, action=r.action) for r in self.journal[-1:]]

    async def search(self, query: AuditQuery) -> AuditPage:
        self.hub.reach()
        found = [
            row for row in reversed(self.journal)
            if row.actor.startswith(query.actor) and row.action.startswith(query.action)
            and all(word in f"{row.object_id} {row.action} {row.before} {row.after}" for word in query.word.split())
            and not (query.people and row.actor.startswith(PROCESS))
            and (not query.refused or row.action.endswith(REFUSALS)) and row.at_ms >= query.start_ms
        ]
        first = int(query.cursor or 0)
        more = first + query.limit < len(found)
        return AuditPage(items=tuple(found[first : first + query.limit]), cursor=str(first + query.limit) if more else "")

    async def verify(self) -> AsyncIterator[Progress]:
        yield Progress(done=1, total=len(self.journal))
        yield Progress(verdict=self.verdict.replace(rows=len(self.journal)))

    async def pieces(self, query: AuditQuery, form: str) -> AsyncIterator[bytes]:
        for row in (await self.search(query)).items:
            yield f"{form} {row.action}\n".encode()


def _busy(hub: "TwinHub") -> "TwinHub":
    """The same hub with work in it: jobs, schedules, windows, approvals, an audit trail."""
    now = int(time.time() * 1000)
    hub.work.jobs = [
        JobRow(id="j3", kind="backup", author="zhang", due_at=now - 60_000, created_at=now - 60_000, started_at=now - 30_000,
               state="running", done=42, total=120, message="Copying records", attempt=1),
        JobRow(id="j2", kind="audit.verify", author="system:schedule", schedule="audit.verify", due_at=now + 60_000,
               created_at=now - 70_000),
        JobRow(id="j1", kind="audit.archive", author="system:schedule", schedule="weekly", due_at=now - 9_000_000,
               created_at=now - 9_000_000, started_at=now - 9_000_000, ended_at=now - 8_900_000,
               state="failed", message="The disk is full.", attempt=2),
    ]
    hub.work.plans = [
        Schedule(id="s1", name="audit.verify", kind="audit.verify", cron="30 2 * * *", author="system", last_due=now - 40_000_000),
        Schedule(id="s2", name="backup", kind="backup", cron="0 1 * * *", enabled=False, jitter_s=600, author="lin"),
    ]
    hub.work.windows = [
        WindowRow(id="w1", name="核心机房割接", kind="maintenance", starts_at=now - 3_600_000, ends_at=now + 3_600_000,
                  sites=("莲都政务中心机房",), reason="更换核心交换机", author="zhang"),
        WindowRow(id="w2", name="国庆封网", kind="freeze", starts_at=now + 86_400_000, ends_at=now + 8 * 86_400_000,
                  reason="节日保障", author="lin"),
        WindowRow(id="w3", name="测试静默", kind="silence", starts_at=now - 9_000_000, ends_at=now - 8_000_000,
                  devices=("a", "b"), reason="x", author="lin"),
    ]
    step: tuple[Role, ...] = ("operator",)
    for number, (author, state) in enumerate((("acc-li", "open"), ("acc-zhang", "open"), ("acc-li", "rejected"))):
        digest = f"{number}{'f' * 63}"
        content = {"account": "wang", "role": "auditor"}
        subject = Subject(kind="grant", title=f"授予 wang 审计管理员 {number}", digest=digest, risk="high", content=content)
        hub.approvals.all[f"p{number}"] = Approval(
            id=f"p{number}", kind="grant", digest=digest, title=subject.title, author=author, author_name=author[4:], subject=subject,
            rule="offices", steps=(("security-officer",), step), state=state,  # type: ignore[arg-type]
            created_at=NOW + number, expires_at=now + 86_400_000, hours=24,
        )
    hub.audit.journal = [
        JournalRow(seq=1, at_ms=NOW, zone_s=28800, actor="lin", origin="unix:12", action="user.add", kind="account", object_id="a1",
                   before={}, after={"name": "wang", "unit": "大数据局"}, previous="0" * 64, digest="1" * 64, request="r-1"),
        JournalRow(seq=2, at_ms=NOW + 1000, zone_s=28800, actor="zhang", origin="10.1.2.3", action="refused", kind="",
                   object_id="", before={}, after={"action": "grant.add", "object": "wang"}, previous="1" * 64, digest="2" * 64),
        JournalRow(seq=3, at_ms=NOW + 2000, zone_s=28800, actor="lin", origin="unix:12", action="device.update", kind="device",
                   object_id="d1", before={"name": "莲都-核心-1", "site": "甲[red]", "role": "PE"},
                   after={"name": "莲都-核心-1", "site": "乙", "role": "PE"}, previous="2" * 64, digest="3" * 64),
    ]
    return hub


@pytest.fixture
def busy() -> Callable[["TwinHub"], "TwinHub"]:
    """Puts work into a hub in memory."""
    return _busy


class TwinLogs:
    """What devices said."""

    def __init__(self) -> None:
        self.rows: tuple[EventRow, ...] = ()
        self.asked: list[EventQuery] = []
        self.complete = True

    async def list(self, query: EventQuery) -> EventPage:
        self.asked.append(query)
        return EventPage(rows=self.rows, looked_to_ms=0, complete=self.complete)


class TwinHub:
    """Rows in lists; every change wakes the subscriptions, as the hub's stream does."""

    def __init__(self) -> None:
        self.rows: list[DeviceRow] = []
        self.alert_rows: list[AlertRow] = []
        self.ports: dict[str, list[InterfaceRow]] = {}
        self.fact_rows: dict[str, tuple[Fact, ...]] = {}
        self.link_rows: dict[str, tuple[Link, ...]] = {}
        self.measured_now = MeasuredNow(device_id="")
        self.polling = PollingHealth(variables_per_s=48123.0, variables=1_443_000, cpu_share=0.12, polls=3000)
        self.banner = ""
        self.past = TrafficHistory()
        self.accounts = TwinAccounts(self)
        self.work = TwinWork(self)
        self.approvals = TwinApprovals(self)
        self.audit = TwinAudit(self)
        self.events = TwinLogs()
        self.down = False
        self.queries: list[ViewQuery] = []
        self.more_views: dict[str, Callable[[ViewQuery], tuple[list[Any], int]]] = {}
        """Views that a folder of tests adds: the rows of the window, and how many match."""
        self.estate: Estate | None = None
        self.closed = False
        self._wake = asyncio.Event()

    def change(self) -> None:
        self._wake.set()
        self._wake = asyncio.Event()

    def lose(self) -> None:
        self.down = True
        self.change()

    def answer(self) -> None:
        self.down = False
        self.change()

    def reach(self) -> None:
        if self.down:
            raise UnavailableError("No hub is running.", way_out="Start it with `yunwang hub start`.")

    async def health(self) -> Health:
        self.reach()
        return Health(status="ok", version="0", revision=1, devices=len(self.rows), clients=1, streams=1)

    async def overview(self) -> Overview:
        self.reach()
        return self._overview()

    def _overview(self) -> Overview:
        up = sum(r.status == "up" for r in self.rows)
        down = sum(r.status == "down" for r in self.rows)
        severities: dict[str, int] = {}
        for alert in self.alert_rows:
            if not alert.cleared_at:
                severities[alert.severity] = severities.get(alert.severity, 0) + 1
        groups = []
        for name in COUNTIES:
            own = [r for r in self.rows if r.county == name]
            if own:
                is_up, is_down = sum(r.status == "up" for r in own), sum(r.status == "down" for r in own)
                groups.append(GroupCount(name=name, devices=len(own), up=is_up, down=is_down, alerts=sum(r.alerts for r in own)))
        return Overview(
            at_ms=NOW, devices=len(self.rows), up=up, down=down, unknown=len(self.rows) - up - down, interfaces=96_000,
            interfaces_up=71_234, in_bps=12.3e9, out_bps=9.8e9, alerts=severities, counties=tuple(groups),
            busiest=tuple(sorted(self.rows, key=lambda r: -r.in_bps)[:10]), newest_alerts=tuple(self.alert_rows[:20]),
            polling=self.polling, banner=self.banner, estate=self.estate,
        )

    async def traffic(self) -> TrafficHistory:
        self.reach()
        return self.past

    async def devices(self, query: ViewQuery) -> DevicePage:
        self.reach()
        rows = self._matching(query)
        return DevicePage(rows=tuple(rows[query.offset : query.offset + query.limit]), total=len(rows))

    async def device(self, device_id: str) -> DeviceDetail:
        self.reach()
        for row in self.rows:
            if device_id in (row.id, row.name):
                return DeviceDetail(row=row, device=Device(id=row.id, name=row.name, address=row.address, site=row.site, role="PE"))
        raise NotFoundError("There is no such device.")

    async def measured(self, device_id: str) -> MeasuredNow:
        self.reach()
        return self.measured_now.replace(device_id=device_id)

    async def facts(self, device_id: str) -> tuple[Fact, ...]:
        self.reach()
        return self.fact_rows.get(device_id, ())

    async def links(self, device_id: str) -> tuple[Link, ...]:
        self.reach()
        return self.link_rows.get(device_id, ())

    async def samples(self, device_id: str, metric: str, instance: str = "", *, start_ms: int, end_ms: int, points: int = 0) -> SeriesFrame:
        self.reach()
        if not metric.startswith("ifHC"):
            return SeriesFrame(np.zeros(0, np.int64), np.zeros(0), np.zeros(0), np.zeros(0))
        at = np.arange(start_ms, end_ms, 30_000, dtype=np.int64)
        mean = (1e8 if "In" in metric else 5e7) * (1.5 + np.sin(at / 300_000)) / 8
        return SeriesFrame(at, mean, mean, mean)

    async def alerts(
        self, *, open_only: bool = True, device_id: str = "", severity: str = "", offset: int = 0, limit: int = 200,
    ) -> AlertPage:
        self.reach()
        return AlertPage(rows=tuple(self.alert_rows[offset : offset + limit]), total=len(self.alert_rows))

    async def close(self) -> None:
        self.closed = True

    def _matching(self, query: ViewQuery) -> list[DeviceRow]:
        words = query.text.casefold().split()
        found = [
            r for r in self.rows
            if all(w in f"{r.name} {r.address} {r.site} {r.county} {r.unit}".casefold() for w in words)
            and all(str(getattr(r, k)) == v for k, v in query.where.items())
        ]
        return sorted(found, key=lambda r: getattr(r, query.sort.lstrip("-")), reverse=query.sort.startswith("-"))

    def _window(self, query: ViewQuery) -> tuple[dict[str, dict[str, Any]], int]:
        if query.view == "overview":
            return {"": msgspec.structs.asdict(self._overview())}, 1
        if query.view in self.more_views:
            shown, total = self.more_views[query.view](query)
            return {row.id: msgspec.structs.asdict(row) for row in shown}, total
        if query.view == "devices":
            found: list[Any] = self._matching(query)
        elif query.view in ("jobs", "approvals", "windows"):
            rows = {"jobs": self.work.jobs, "approvals": self.approvals.rows(), "windows": self.work.windows}[query.view]
            found = [r for r in rows if all(str(getattr(r, k)) == v for k, v in query.where.items())]
            found = [r for r in found if all(w in str(msgspec.structs.asdict(r)) for w in query.text.split())]
        elif query.view == "audit":
            found = self.audit.newest()
        elif query.view == "alerts":
            if "county" in query.where:
                raise InvalidInputError("There is no field county to filter or sort by.")
            found = [a for a in self.alert_rows if all(str(getattr(a, k)) == v for k, v in query.where.items())]
            found = [a for a in found if all(w in f"{a.device} {a.rule}" for w in query.text.split())]
        else:
            found = [p for p in self.ports.get(query.device_id, []) if query.text in p.name]
        shown = found[query.offset : query.offset + query.limit]
        return {str(getattr(r, "id", "") or getattr(r, "if_index", "")): msgspec.structs.asdict(r) for r in shown}, len(found)

    async def subscribe(self, query: ViewQuery, on_state: Callable[[bool], None] | None = None) -> AsyncIterator[ViewDelta]:
        self.queries.append(query)
        tell = on_state or (lambda _c: None)
        number, old, connected = 0, None, False
        while True:
            wake = self._wake
            if self.down:
                if connected:
                    tell(False)
                connected, old = False, None
            else:
                if not connected:
                    tell(True)
                connected = True
                rows, total = self._window(query)
                number += 1
                wire = msgspec.json.decode(msgspec.json.encode(rows))
                if old is None:
                    yield ViewDelta(
                        id=number, kind="snapshot", total=total, offset=query.offset, rows=tuple(wire.values()), order=tuple(wire),
                    )
                else:
                    changed = tuple(row for key, row in wire.items() if old.get(key) != row)
                    order = tuple(wire) if list(wire) != list(old) else None
                    if changed or order is not None:
                        yield ViewDelta(id=number, kind="delta", total=total, offset=query.offset, rows=changed, order=order)
                old = wire
            await wake.wait()


def _city(devices: int) -> TwinHub:
    hub = TwinHub()
    for i in range(devices):
        county = COUNTIES[i % 9]
        status = "down" if i % 50 == 7 else "unknown" if i % 97 == 3 else "up"
        hub.rows.append(DeviceRow(
            id=f"d{i:05}", name=f"{county}-汇聚-{i:04}", address=f"10.{i // 250}.{i % 250}.1", site=f"{county}政务中心机房", county=county,
            level="county", role="aggregation", platform="huawei_vrp", unit=f"{county}大数据局", status=status, since=NOW - 3_600_000,
            polled_at=NOW, rtt_ms=1.5 + i % 7, uptime_s=86400 * (i % 400) + 3 * 3600, in_bps=1e6 * (i + 1), out_bps=5e5 * (i + 1),
            ports_up=40, ports=48, alerts=1 if status == "down" else 0,
        ))
    hub.alert_rows = [
        AlertRow(id=f"a{r.id}", rule="device-unreachable", severity="critical", device_id=r.id, device=r.name, raised_at=NOW - 60_000)
        for r in hub.rows if r.status == "down"
    ]
    if hub.rows:
        first = hub.rows[0].id
        hub.ports[first] = [
            InterfaceRow(if_index=i, name=f"GigabitEthernet0/0/{i}", alias=f"至{COUNTIES[i % 9]}政务外网接入", if_type=6,
                         speed_bps=1_000_000_000, admin_status=1, oper_status=1 if i % 5 else 2,
                         in_bps=9.5e8 if i == 3 else 1.2e7 * i, out_bps=6e6 * i,
                         in_errors=0.5 if i == 4 else 0.0, out_errors=0.0, in_discards=0.0, out_discards=0.0, polled_at=NOW)
            for i in range(1, 49)
        ]
        hub.fact_rows[first] = tuple(
            Fact(object_id=first, field=f, value=v, source="observed", confidence=1.0, valid_from=NOW)
            for f, v in (("vendor", "Huawei"), ("model", "S6730-H48X6C"), ("version", "V200R022C00SPC500"))
        )
        hub.link_rows[first] = (
            Link(device_a=first, port_a="GigabitEthernet0/0/1", device_b="d00001", port_b="GE1/0/1", source="lldp", confidence=0.95,
                 valid_from=NOW),
        )
    return hub


@pytest.fixture
def city() -> Callable[[int], TwinHub]:
    """Makes a hub in memory with so many devices."""
    return _city


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    before = i18n.language()
    i18n.use("zh")
    yield
    i18n.use(before)


class Console:
    """A console without a terminal, driven like a person would."""

    def __init__(self, app: YunwangApp, pilot: Any, hub: TwinHub) -> None:
        self.app, self.pilot, self.hub = app, pilot, hub

    async def keys(self, *keys: str) -> None:
        for key in keys:
            self.app.simulate_key(key)
        await self.settle()

    async def type(self, text: str) -> None:
        """Into the line that is open, as a terminal delivers it: character by character."""
        from textual.events import Key

        for character in text:
            focused = self.app.screen.focused
            assert focused is not None
            focused.post_message(Key("x", character))
        await self.settle()

    async def settle(self) -> None:
        for _ in range(3):
            await self.pilot.pause()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Waits for something that the console does by itself; the bound only keeps a failure from hanging."""
        for _ in range(1500):
            if condition():
                await self.settle()
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"never happened; the screen says:\n{self.text()}")

    def lines(self) -> list[str]:
        """What stands on the screen, line by line."""
        return [strip.text for strip in self.app.screen._compositor.render_strips()]

    def text(self) -> str:
        return "\n".join(self.lines())

    async def change(self, edit: Callable[[TwinHub], None]) -> None:
        edit(self.hub)
        self.hub.change()
        await self.settle()


@pytest.fixture
def console(tmp_path: Path) -> Callable[..., Any]:
    """`async with console(hub, size=(80, 24)) as c`."""

    @contextlib.asynccontextmanager
    async def make(hub: TwinHub, size: tuple[int, int] = (80, 24), accident: Any = None) -> AsyncIterator[Console]:
        app = YunwangApp(hub, tmp_path / "reports", accident)
        async with app.run_test(size=size) as pilot:
            made = Console(app, pilot, hub)
            if not getattr(hub, "down", False):
                await made.until(lambda: app.overview is not None)
            await made.settle()
            yield made

    return make
