"""`yunwang event ...`: what devices said."""

import asyncio
import ipaddress
import json
import sys
import time
from argparse import Namespace
from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

import client
from cli import tables
from cli.asking import ask, plain
from cli.moments import local, parse_moment
from cli.work import until_ended
from core import jobs
from core.errors import ConflictError, InvalidInputError, NoAnswerError, UsageError
from core.events import PRIORITIES, SEARCH_JOB, EarsCount, Event, EventPage, EventQuery, EventRow, SenderPage, why_odd
from core.i18n import language, tr
from core.settings import Settings
from core.signals import RawLine
from core.views import ViewQuery
from core.width import clean, fit

MOST = 5_000
FOLLOWED = 500
LONGEST = 65_507


def list_events(args: Namespace, settings: Settings) -> int:
    """Handler of `event.list`."""
    query = _query(args, args.grep, args.since)
    if args.follow:
        return _follow(args, settings, query)
    page: EventPage = ask(settings, lambda hub: hub.events.list(query))
    if args.json:
        print(json.dumps(_plain_page(page), ensure_ascii=False, indent=1))
        return 0
    for row in reversed(page.rows):
        print(line_of(row))
    if not page.complete:
        print(tr(
            "Looked back to {moment}; more lies before it: --until, --limit, or yunwang event search.", moment=local(page.looked_to_ms),
        ), file=sys.stderr)
    return 0


def list_senders(args: Namespace, settings: Settings) -> int:
    """Handler of `event.senders`."""
    if not 1 <= args.limit <= MOST:
        raise UsageError(tr("A list has 1 to {most} lines.", most=MOST), way_out=tr("Choose another --limit."))
    page: SenderPage = ask(settings, lambda hub: hub.events.senders(args.unknown, args.limit))
    if args.json:
        print(json.dumps({"senders": [plain(row) for row in page.rows], "total": page.total}, ensure_ascii=False, indent=1))
        return 0
    words = tr("Address"), tr("Device"), tr("Last heard"), tr("Messages"), tr("Kind"), tr("Calls itself")
    rows = [
        [row.address, clean(row.device, 60) or "-", local(row.last_ms)[:19], f"{row.count:,}", ", ".join(row.kinds),
         clean(", ".join(row.hosts), 120) or "-"]
        for row in page.rows
    ]
    print(*tables.lines(words, rows, tables.room()), sep="\n")
    if len(page.rows) < page.total:
        print(tr("{shown} of {total} are shown: --limit.", shown=len(page.rows), total=page.total), file=sys.stderr)
    if any(not row.device_id for row in page.rows):
        print(tr("To take one in: yunwang device check ADDRESS, then yunwang inventory add device NAME address=ADDRESS."), file=sys.stderr)
    return 0


def heard(args: Namespace, settings: Settings) -> int:
    """Handler of `event.heard`. Exit code 1 where something was lost, 3 where the ears do not answer."""
    found: EarsCount = ask(settings, lambda hub: hub.events.heard())
    if args.json:
        print(json.dumps(plain(found), ensure_ascii=False, indent=1))
    elif not found.answers:
        print(tr("The ears do not answer: yunwang doctor."), file=sys.stderr)
    else:
        print(*tables.pairs([(name, f"{count:,}") for name, count in (
            (tr("received"), found.received), (tr("stored"), found.stored), (tr("lost for want of room"), found.dropped),
            (tr("read and counted"), found.events), (tr("kept, but not read"), found.unread),
            (tr("of SNMPv3, not believed"), found.rejected), (tr("informs acknowledged or waiting"), found.informs),
            (tr("connections turned away"), found.turned_away),
        )]), sep="\n")
    if not found.answers:
        return NoAnswerError.exit_code
    return 1 if found.dropped else 0


def _query(args: Namespace, grep: str, since: str) -> EventQuery:
    now = time.time_ns() // 1_000_000
    if not 1 <= getattr(args, "limit", 1) <= MOST:
        raise UsageError(tr("A list has 1 to {most} events.", most=MOST), way_out=tr("Search a long period with yunwang event search."))
    return EventQuery(
        start_ms=parse_moment(since, now) if since else 0, end_ms=parse_moment(args.until, now) if args.until else 0, device=args.device,
        source=_address(args.source), kind=args.kind or "", grep=grep, priority=PRIORITIES.index(args.severity),
        limit=getattr(args, "limit", 200),
    )


def _address(text: str) -> str:
    if not text:
        return ""
    try:
        return str(ipaddress.ip_address(text))
    except ValueError:
        raise UsageError(tr("{address} is no address.", address=clean(text, 60)), way_out=tr("Give an IPv4 or IPv6 address.")) from None


def line_of(row: Event) -> str:
    """Time, who, how severe, the maker's word, what is said."""
    who = (row.device if isinstance(row, EventRow) else "") or row.host or row.source
    said = row.said.get(language(), "") if isinstance(row, EventRow) else ""
    count = f" ×{row.count}" if row.count > 1 else ""
    odd = f" [{why_odd(row)}]" if row.odd else ""
    head = f"{local(row.at_ms)[:19]} {fit(clean(who, 60), 24)} {fit(tr(PRIORITIES[row.priority]), 9)}"
    return f"{head} {clean(row.mnemonic or row.program or '-', 60)}{count} {clean(said or row.text, 400)}{odd}"


def _plain_page(page: EventPage) -> dict[str, Any]:
    return {"events": [plain(row) for row in page.rows], "looked_to_ms": page.looked_to_ms, "complete": page.complete}


def _follow(args: Namespace, settings: Settings, query: EventQuery) -> int:
    """What the hub keeps in memory, and then each event as it comes or grows."""
    where = {"priority": str(query.priority), "kind": query.kind, "source": query.source}

    async def run() -> None:
        async with client.connect(settings) as hub:
            view = ViewQuery(
                view="events", text=query.grep, device_id=query.device, where={k: v for k, v in where.items() if v}, limit=FOLLOWED,
                sort="-at_ms",
            )
            shown: dict[str, int] = {}
            async for delta in hub.subscribe(view):
                rows = [msgspec.convert(row, EventRow) for row in delta.rows]
                fresh = [row for row in rows if shown.get(row.id) != row.count and max(row.at_ms, row.last_ms) >= query.start_ms]
                for row in sorted(fresh, key=lambda row: max(row.at_ms, row.last_ms)):
                    shown[row.id] = row.count
                    print(json.dumps(plain(row), ensure_ascii=False) if args.json else line_of(row), flush=True)
                while len(shown) > 4 * FOLLOWED:
                    shown.pop(next(iter(shown)))

    asyncio.run(run())
    return 0


def parse(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 -- every handler has them
    """Handler of `event.parse`: one event for each line that has anything in it."""
    from agents.hearing import Hearing

    hearing, source = Hearing(time.localtime().tm_gmtoff), _address(getattr(args, "from"))
    for raw in _raw_lines(sys.stdin.buffer):
        at_ms = time.time_ns() // 1_000_000
        if args.trap:
            line = RawLine(at_ms=at_ms, source=source, kind="trap", raw=_octets(raw))
        else:
            line = RawLine(at_ms=at_ms, source=source, kind="syslog", raw=raw)
        event = hearing.event(line)
        if args.json:
            print(json.dumps(plain(event), ensure_ascii=False))
        else:
            _tell(event)
    return 0


def _raw_lines(stream: Any) -> Iterator[bytes]:
    """Bounded: what is longer than a datagram can be is cut."""
    while True:
        line = stream.readline(LONGEST)
        if not line:
            return
        whole = line
        while not line.endswith(b"\n") and (line := stream.readline(LONGEST)):
            continue
        if whole.strip():
            yield whole.rstrip(b"\r\n")


def _octets(raw: bytes) -> bytes:
    try:
        return bytes.fromhex(raw.decode("ascii", "replace").replace(":", " "))
    except ValueError:
        raise InvalidInputError(
            tr("This line is not of hexadecimal digits: {line}", line=clean(raw[:40].decode("utf-8", "replace"))),
            way_out=tr("Without --trap, lines are syslog."),
        ) from None


def _tell(event: Event) -> None:
    print(line_of(event))
    for name, value in _about(event):
        print(f"    {fit(name, 18)} {clean(value, 400)}")


def _about(event: Event) -> Iterable[tuple[str, str]]:
    yield from ((name, value) for name, value in (
        (tr("facility"), event.facility), (tr("calls itself"), event.host), (tr("program"), event.program),
        (tr("said at"), local(event.said_ms) if event.said_ms else ""),
    ) if value)
    yield from ((clean(name, 64), value) for name, value in event.fields.items())


def search(args: Namespace, settings: Settings) -> int:
    """Handler of `event.search`: begins the job and waits for its end; interrupted, the job goes on."""
    query = _query(args, args.word, args.since)

    job = ask(settings, lambda hub: hub.work.run(SEARCH_JOB, msgspec.to_builtins(query)))
    job = ask(settings, lambda hub: until_ended(hub, job.id, quiet=args.json or not sys.stderr.isatty()))
    if job.state != "done":
        print(clean(f"{job.kind} {job.id}: {tr(jobs.STATES[job.state])} {tr(job.message)}", 1000), file=sys.stderr)
        return ConflictError.exit_code
    result = job.result or {}
    if args.json:
        print(json.dumps(result, ensure_ascii=False, indent=1))
        return 0
    for one in reversed(result.get("events", [])):
        print(line_of(msgspec.convert(one, Event)))
    told = {"count": result.get("count", 0), "shown": len(result.get("events", []))}
    print(tr("At least {count} lines; the newest {shown} are shown.", **told) if result.get("at_least")
          else tr("{count} lines; the newest {shown} are shown.", **told), file=sys.stderr)
    return 0
