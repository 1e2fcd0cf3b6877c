"""`yunwang watch`: what changes, as lines in the shell."""

import asyncio
import contextlib
import time
from argparse import Namespace
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any

import msgspec

import client
from cli import tables
from core.i18n import language, mark, tr
from core.rules import sentence
from core.settings import Settings
from core.views import AlertRow, DeviceRow, View, ViewDelta, ViewQuery
from core.width import clean, fit, pad, width

WINDOW = 1000
STATES = {"up": mark("up"), "partial": mark("partial"), "down": mark("down"), "refused": mark("refused"), "unknown": mark("unknown")}
SEVERITIES = {
    "critical": mark("critical"), "major": mark("major"), "minor": mark("minor"), "warning": mark("warning"), "info": mark("info"),
}
Told = dict[str, Any]


def watch(args: Namespace, settings: Settings) -> int:
    """Handler of the operation `watch`. Ends by itself only after --for."""
    wanted: list[View] = [view for view, chosen in (("alerts", args.alerts), ("devices", args.devices)) if chosen]  # type: ignore[misc]
    try:
        asyncio.run(_follow(settings, wanted or ["alerts", "devices"], args))
    except TimeoutError:
        return 0
    return 0


async def _follow(settings: Settings, views: list[View], args: Namespace) -> None:
    seconds = getattr(args, "for")
    async with client.connect(settings) as hub, asyncio.timeout(seconds if seconds > 0 else None):
        await asyncio.gather(*(_one(hub, view, args) for view in views))


async def _one(hub: client.Client, view: View, args: Namespace) -> None:
    where = {"cleared_at": "0"} if view == "alerts" else {}
    sort = "-raised_at" if view == "alerts" else "-since"
    query = ViewQuery(view=view, text=args.text or "", where=where, sort=sort, limit=WINDOW)
    news = News(alerts) if view == "alerts" else News(devices)
    async for told in _changes(hub.subscribe(query), news):
        print(msgspec.json.encode(told).decode() if args.json else _within(line(told)), flush=True)


async def _changes(deltas: AsyncIterator[ViewDelta], news: "News") -> AsyncIterator[Told]:
    async with contextlib.aclosing(deltas) as following:  # type: ignore[type-var]
        async for delta in following:
            for told in news.take(delta):
                yield told


class News:
    """Out of the deltas of one window: what is worth a line."""

    def __init__(self, tell: Callable[[dict[str, Any] | None, dict[str, Any] | None], Told | None]) -> None:
        self._tell = tell
        self._rows: dict[str, dict[str, Any]] = {}
        self._began = False

    def take(self, delta: ViewDelta) -> list[Told]:
        """A first snapshot tells what is so now; later ones, after a lost connection, only what is different."""
        if delta.kind not in ("snapshot", "delta"):
            return []
        found = {row["id"]: row for row in delta.rows}
        gone: set[str] = set()
        if delta.order is not None and delta.total <= WINDOW:
            gone = self._rows.keys() - set(delta.order)
        elif delta.kind == "snapshot":
            gone = self._rows.keys() - found.keys()
        told = [self._tell(self._rows.get(name), row) for name, row in found.items()]
        told += [self._tell(self._rows.pop(name), None) for name in gone]
        self._rows |= found
        return [one for one in told if one is not None]


def alerts(before: dict[str, Any] | None, now: dict[str, Any] | None) -> Told | None:
    """Raised, cleared, taken on, or now the consequence of another."""
    if now is None:
        return {"at_ms": int(time.time() * 1000), "what": "alert", "change": "cleared", **_plain(before or {})}
    if before is None:
        return {"at_ms": now["raised_at"], "what": "alert", "change": "raised", **_plain(now)}
    for field, change in (("acked_at", "taken on"), ("suppressed_by", "suppressed")):
        if now.get(field) and not before.get(field):
            return {"at_ms": int(time.time() * 1000), "what": "alert", "change": change, **_plain(now)}
    return None


def devices(before: dict[str, Any] | None, now: dict[str, Any] | None) -> Told | None:
    """Another state than before; what is up at the beginning is not worth a line."""
    if now is None or (before is not None and before["status"] == now["status"]) or (before is None and now["status"] == "up"):
        return None
    row = msgspec.convert(now, DeviceRow)
    return {"at_ms": row.since, "what": "device", "change": row.status, "device": row.name, "address": row.address, "site": row.site}


def _plain(found: dict[str, Any]) -> Told:
    row = msgspec.convert(found, AlertRow)
    return {"id": row.id, "severity": row.severity, "device": row.device, "instance": row.instance, "rule": row.rule,
            "sentence": row.said or {"zh": sentence(row.rule, row.instance, row.evidence)}, "root": row.suppressed_by}


def _within(text: str) -> str:
    """One change is one line of the terminal; into a file or a pipe it goes whole."""
    return fit(text, room) if (room := tables.room()) else text


CHANGES = {"raised": mark("raised"), "cleared": mark("cleared"), "taken on": mark("taken on"), "suppressed": mark("suppressed")}


def line(told: Told) -> str:
    """One change for a person."""
    at = time.strftime("%H:%M:%S", time.localtime(told["at_ms"] / 1000))
    device = clean(told["device"], 60)
    first, second = _widest((mark("Device"), *SEVERITIES.values())), _widest((*STATES.values(), *CHANGES.values()))
    if told["what"] == "device":
        place = f"{clean(told['address'])}  {clean(told['site'])}"
        return f"{at}  {pad(tr('Device'), first)} {pad(tr(STATES[told['change']]), second)} {device}  {place}"
    said = told["sentence"]
    text = clean(said.get(language()) or next(iter(said.values()), told["rule"]))
    head = f"{pad(tr(SEVERITIES.get(str(told['severity']), 'info')), first)} {pad(tr(CHANGES[told['change']]), second)}"
    return f"{at}  {head} {device}  {text}"


def _widest(words: Iterable[str]) -> int:
    return max(width(tr(word)) for word in words)
