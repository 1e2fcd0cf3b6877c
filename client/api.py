"""Every route of the hub as one method that returns the nouns of core.

Each group of nouns has its own module and name here (`hub.accounts.list()`): it takes the `Transport` and asks by `get`, `send`, `tell`.

All methods raise the hub's own errors (`core.errors`), `UnavailableError` when no hub runs, `NoAnswerError` when it is too slow.
Times are milliseconds since 1970, UTC.
"""

from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import msgspec

from client import session
from client.accounts import Accounts
from client.address import Address
from client.alerts import Alerting
from client.approvals import Approvals
from client.audit import Audit
from client.capacity import Capacity
from client.custody import Custody
from client.events import Events
from client.finding import Finding
from client.graph import Graph
from client.history import History
from client.node import Node
from client.notify import Notify
from client.objects import Objects
from client.probes import Probes
from client.queue import Queue
from client.rules import Rules
from client.sampling import SamplesOnWire, frame_of
from client.sources import Sources
from client.streaming import follow
from client.transport import Transport, decode
from client.work import Work
from core.history import Changes
from core.measured import MeasuredNow, PollCost
from core.model import LISTED
from core.node import Check
from core.nouns import new_id
from core.objects import Device, Fact, Link
from core.ports import ListQuery, Page
from core.settings import Settings
from core.signals import SeriesFrame, SeriesKey
from core.sources import IntakeReport
from core.views import (
    AlertPage,
    DeviceDetail,
    DevicePage,
    Health,
    InterfaceRow,
    Overview,
    TrafficHistory,
    ViewDelta,
    ViewPage,
    ViewQuery,
)

IMPORT_TIMEOUT_S = 300.0
CHECK_TIMEOUT_S = 180.0


class Client:
    """The hub as its callers see it. Use it as an async context manager; it may be shared by tasks of one event loop."""

    def __init__(self, address: Address) -> None:
        self._wire = Transport(address)
        self.accounts = Accounts(self._wire)
        self.alerting = Alerting(self._wire)
        self.rules = Rules(self._wire)
        self.audit = Audit(self._wire)
        self.capacity = Capacity(self._wire)
        self.custody = Custody(self._wire)
        self.node = Node(self._wire)
        self.graph = Graph(self._wire)
        self.queue = Queue(self._wire)
        self.history = History(self._wire)
        self.finding = Finding(self._wire)
        self.objects = Objects(self._wire)
        self.approvals = Approvals(self._wire)
        self.work = Work(self._wire)
        self.sources = Sources(self._wire)
        self.notify = Notify(self._wire)
        self.events = Events(self._wire)
        self.probes = Probes(self._wire)

    async def __aenter__(self) -> Self:
        try:
            await self.health()
        except BaseException:
            await self.close()
            raise
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        await self._wire.close()

    def identify(self, token: str, persona: str = "") -> None:
        """Whom this client asks for from now on: the bearer's secret of a session or token, a persona; empty: neither."""
        self._wire.token, self._wire.persona = token, persona

    async def health(self) -> Health:
        return await self.node.health()

    async def overview(self) -> Overview:
        return await self._wire.get("/api/v1/overview", Overview)

    async def traffic(self) -> TrafficHistory:
        """Of the whole city over the last hour."""
        return await self._wire.get("/api/v1/overview/traffic", TrafficHistory)

    async def devices(self, query: ViewQuery) -> DevicePage:
        """Rows `offset` to `offset + limit` of the filtered, sorted list."""
        return await self._wire.get("/api/v1/views/devices", DevicePage, _here(query))

    async def device(self, device_id: str) -> DeviceDetail:
        """By id or by name."""
        return await self._wire.get(f"/api/v1/devices/{_segment(device_id)}", DeviceDetail)

    async def interfaces(self, device_id: str) -> tuple[InterfaceRow, ...]:
        return await self._wire.get(f"/api/v1/devices/{_segment(device_id)}/interfaces", tuple[InterfaceRow, ...])

    async def measured(self, device_id: str) -> MeasuredNow:
        """Processors, memory, storage, sensors and peers, as polled last."""
        return await self._wire.get(f"/api/v1/devices/{_segment(device_id)}/measured", MeasuredNow)

    async def cost(self, device_id: str) -> PollCost:
        """What one poll asks of a device."""
        return await self._wire.get(f"/api/v1/devices/{_segment(device_id)}/cost", PollCost)

    async def check(self, device_id: str, *, ssh_port: int = 22) -> tuple[Check, ...]:
        """Everything that a device needs to be monitored, tried by the hub with what it knows of it."""
        path = f"/api/v1/devices/{_segment(device_id)}/check?ssh_port={ssh_port}"
        return await self._wire.send("POST", path, tuple[Check, ...], timeout_s=CHECK_TIMEOUT_S)

    async def facts(self, device_id: str) -> tuple[Fact, ...]:
        return await self._wire.get(f"/api/v1/devices/{_segment(device_id)}/facts", tuple[Fact, ...])

    async def links(self, device_id: str) -> tuple[Link, ...]:
        return await self._wire.get(f"/api/v1/devices/{_segment(device_id)}/links", tuple[Link, ...])

    async def series(self, device_id: str) -> tuple[SeriesKey, ...]:
        """What is measured on a device."""
        return await self._wire.get(f"/api/v1/devices/{_segment(device_id)}/series", tuple[SeriesKey, ...])

    async def samples(
        self, device_id: str, metric: str, instance: str = "", *, start_ms: int, end_ms: int, points: int = 0,
    ) -> SeriesFrame:
        """One series over [start, end); points > 0: at most about that many."""
        params: dict[str, str | int] = {
            "metric": metric, "instance": instance, "start": start_ms, "end": end_ms, "points": points,
        }
        return frame_of(await self._wire.get(f"/api/v1/devices/{_segment(device_id)}/samples", SamplesOnWire, params))

    async def page(self, kind: str, query: ListQuery | None = None) -> Page:
        """One page of the records of a kind, see `core.model.LISTED`."""
        query = query or ListQuery()
        params: dict[str, str | int] = {"text": query.text, "sort": query.sort, "limit": query.limit, "cursor": query.cursor}
        return await self._wire.get(f"/api/v1/records/{_segment(kind)}", Page, params | _where(query.where))

    async def record(self, kind: str, name: str) -> Any:
        """One record by its name, or by its key where the kind has keys."""
        return await self._wire.get(f"/api/v1/records/{_segment(kind)}/{_segment(name)}", LISTED.get(kind, Device))

    async def tagged(self, kind: str, name: str) -> tuple[Any, str]:
        """One record, and the tag that `put_record` takes so that nobody's change is lost."""
        answer = await self._wire.answer("GET", f"/api/v1/records/{_segment(kind)}/{_segment(name)}")
        return decode(answer.content, LISTED.get(kind, Device)), answer.headers["etag"]

    async def put_record(
        self, kind: str, record: Any, *, tag: str = "", key: str = "", new: bool = False, dry_run: bool = False,
    ) -> Any:
        """Declares or replaces one record by its name, by the rules of an import. `ChangedError`: it is not any more as `tag` says.

        new: `ConflictError` where there is one already. dry_run: what it would be; nothing is written.
        """
        fields = {name: value for name, value in msgspec.to_builtins(record).items() if name not in ("id", "name", "key")}
        headers = {"if-match": tag, "content-type": "application/json"} if tag else {"content-type": "application/json"}
        path = f"/api/v1/records/{_segment(kind)}/{_segment(getattr(record, 'key', record.name))}"
        body = await self._wire.raw(
            "PUT", path, content=msgspec.json.encode(fields), headers={**headers, "idempotency-key": key or new_id(0)},
            params={"new": int(new), "dry_run": int(dry_run)}, timeout_s=IMPORT_TIMEOUT_S,
        )
        return decode(body, LISTED.get(kind, Device))

    async def remove_record(self, kind: str, name: str, *, tag: str = "", dry_run: bool = False) -> Any:
        """Removes one record and returns it. `ConflictError` while others refer to it."""
        body = await self._wire.raw(
            "DELETE", f"/api/v1/records/{_segment(kind)}/{_segment(name)}", params={"dry_run": int(dry_run)},
            headers={"idempotency-key": new_id(0), **({"if-match": tag} if tag else {})}, timeout_s=IMPORT_TIMEOUT_S,
        )
        return decode(body, LISTED.get(kind, Device))

    async def alerts(self, query: ViewQuery | None = None, *, open_only: bool = True) -> AlertPage:
        """Open alerts first, newest first; filters are fields of the alert, else of its device."""
        params = _here(query or ViewQuery(view="alerts"))
        return await self._wire.get("/api/v1/alerts", AlertPage, {**params, "open": int(open_only)})

    async def view(self, query: ViewQuery) -> ViewPage:
        """A window on any view, as the stream would begin with it."""
        return await self._wire.get(f"/api/v1/views/{query.view}", ViewPage, _here(query))

    async def import_file(self, filename: str, content: bytes, *, dry_run: bool = False, key: str = "") -> IntakeReport:
        """Imports a sheet; a repetition with the same `key` is told what the first was told and changes nothing."""
        body = await self._wire.raw(
            "POST", "/api/v1/imports", params={"filename": filename, "dry_run": int(dry_run)}, content=content,
            headers={"idempotency-key": key or new_id(0), "content-type": "application/octet-stream"}, timeout_s=IMPORT_TIMEOUT_S,
        )
        return decode(body, IntakeReport)

    async def diff_file(self, filename: str, content: bytes) -> Changes:
        """What an import of this sheet would change, field by field."""
        body = await self._wire.raw(
            "POST", "/api/v1/imports/diff", params={"filename": filename}, content=content,
            headers={"content-type": "application/octet-stream"}, timeout_s=IMPORT_TIMEOUT_S,
        )
        return decode(body, Changes)

    async def export(self, kind: str, format: str = "csv") -> bytes:  # noqa: A002 -- it is what people call it
        """All records of a kind (`all` for every kind, not as csv) as csv, xlsx, json or a SQLite file."""
        return await self._wire.raw("GET", f"/api/v1/export/{_segment(kind)}", params={"format": format}, timeout_s=IMPORT_TIMEOUT_S)

    def subscribe(self, query: ViewQuery, on_state: Callable[[bool], None] | None = None) -> AsyncIterator[ViewDelta]:
        """Deltas of one window, for ever: reconnects and resumes by itself. on_state: told True when connected, False when lost.

        Raises only what a repetition would not mend (`ForbiddenError`, `NotFoundError`, `InvalidInputError`).
        """
        return follow(self._wire, window_params(query), on_state)


def connect(settings: Settings) -> Client:
    """A client of the hub that runs with these settings; entering it raises `UnavailableError` when none does."""
    client = Client(Address.of(settings))
    client.identify(session.token(settings), session.persona())
    return client


def window_params(query: ViewQuery) -> dict[str, str | int]:
    """A `ViewQuery` as query parameters; `where` as `where.FIELD`."""
    plain = msgspec.structs.asdict(query)
    where = plain.pop("where")
    return {k: v for k, v in plain.items() if v != ""} | _where(where)


def _here(query: ViewQuery) -> dict[str, str | int]:
    """The same where the address says which view."""
    return {name: value for name, value in window_params(query).items() if name != "view"}


def _where(where: dict[str, str]) -> dict[str, str | int]:
    return {f"where.{field}": value for field, value in where.items()}


def _segment(text: str) -> str:
    return quote(text, safe="")
