"""`yunwang audit ...`: who did what; proved, exported, archived. With --file a copy of the records is proved without a hub."""

import asyncio
import json
import os
import re
import sys
import time
from argparse import Namespace
from pathlib import Path
from typing import Any

import msgspec

import client
from cli import tables
from cli.asking import ask, print_json
from cli.moments import local, parse_moment
from core.audit import AuditPage, AuditQuery, Tip, Verdict, read_tips
from core.errors import ConflictError, InvalidInputError, StorageError, UsageError
from core.i18n import reason, tr
from core.ports import JournalRow
from core.settings import Settings
from core.width import clean

PAGE = 500
MAX_TIPS = 64 << 20
_SHOWN = 60


def search(args: Namespace, settings: Settings) -> int:
    """Prints matching entries."""
    query, limit = _query(args).replace(oldest_first=args.oldest), max(0, args.limit)
    rows, more = ask(settings, lambda hub: _collect_all(hub, query, limit) if args.archives else _collect(hub, query, limit))
    if args.json:
        print_json({"items": [_plain(row) for row in rows], "more": more})
        return 0
    if args.details:
        for row in rows:
            _print_details(row)
    else:
        headings = [tr("entry"), tr("time"), tr("who"), tr("origin"), tr("action"), tr("object"), tr("what")]
        lines = [[str(row.seq), local(row.at_ms, row.zone_s), row.actor, row.origin, row.action, _object(row), _what(row)] for row in rows]
        print("\n".join(tables.lines(headings, lines, tables.room())))
    if more:
        print(tr("There are more; --limit 0 shows all."), file=sys.stderr)
    return 0


async def _collect(hub: client.Client, query: AuditQuery, limit: int) -> tuple[list[JournalRow], bool]:
    rows: list[JournalRow] = []
    page = AuditPage(cursor="")
    first = True
    while first or page.cursor:
        first = False
        wanted = min(PAGE, limit - len(rows)) if limit else PAGE
        page = await hub.audit.search(query.replace(limit=wanted, cursor=page.cursor))
        rows += page.items
        if limit and len(rows) >= limit:
            break
    return rows, bool(page.cursor)


async def _collect_all(hub: client.Client, query: AuditQuery, limit: int) -> tuple[list[JournalRow], bool]:
    """Archived entries as well: they come as an export does, which is itself in the trail."""
    rows: list[JournalRow] = []
    left = b""
    async for piece in hub.audit.pieces(query.replace(archives=True), "jsonl"):
        *whole, left = (left + piece).split(b"\n")
        rows += (msgspec.json.decode(line, type=JournalRow) for line in whole)
        if limit and len(rows) > limit:
            break
    return (rows[:limit], len(rows) > limit) if limit else (rows, False)


def _query(args: Namespace) -> AuditQuery:
    kind, _, object_id = args.object.partition(":")
    if args.object and not object_id:
        raise UsageError(tr("{word} is not of the form KIND:ID.", word=clean(args.object, 80)),
                         way_out=tr("For example: --object device:ID"))
    now = time.time_ns() // 1_000_000
    return AuditQuery(
        actor=args.actor, action=args.action, kind=kind or args.kind, object_id=object_id, origin=args.origin, request=args.request,
        word=args.word, refused=args.refused, start_ms=parse_moment(args.since, now) if args.since else 0,
        end_ms=parse_moment(args.until, now) if args.until else 0,
    )


def _object(row: JournalRow) -> str:
    name = row.after.get("name") or row.before.get("name")
    return f"{row.kind} {name or row.object_id}".strip()


def _what(row: JournalRow) -> str:
    """What changed, or what the entry says, in a few words."""
    if row.before and row.after:
        parts = [f"{field}: {_short(row.before.get(field))} > {_short(row.after.get(field))}" for field in row.after]
    else:
        parts = [f"{field}: {_short(value)}" for field, value in (row.after or row.before).items() if value not in ("", 0, None, [], {})]
    return clean("; ".join(parts), _SHOWN * 4)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}.."


def _print_details(row: JournalRow) -> None:
    pairs = [
        (tr("entry"), str(row.seq)), (tr("local time"), local(row.at_ms, row.zone_s)), (tr("UTC"), local(row.at_ms, 0)),
        (tr("who"), row.actor), (tr("origin"), row.origin), (tr("request"), row.request), (tr("action"), row.action),
        (tr("object"), _object(row)), (tr("before"), _json(row.before)), (tr("after"), _json(row.after)), (tr("digest"), row.digest),
    ]
    print("\n".join(tables.pairs([(name, value) for name, value in pairs if value])), end="\n\n")


def _json(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""


def _plain(row: JournalRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__struct_fields__}


def verify(args: Namespace, settings: Settings) -> int:
    """Proves the trail; exit code 9 when it does not hold."""
    tips = _tips(args.tip) if args.tip else []
    verdict = _offline(args, tips) if args.file else asyncio.run(_walk(settings, tips))
    if args.json:
        print_json({"good": verdict.good, **{name: getattr(verdict, name) for name in verdict.__struct_fields__}})
    else:
        _print_verdict(verdict, bool(tips))
    return 0 if verdict.good else StorageError.exit_code


async def _walk(settings: Settings, tips: list[Tip]) -> Verdict:
    async with client.connect(settings) as hub:
        async for step in hub.audit.verify(tips):
            if step.verdict:
                _progress(0, 0)
                return step.verdict
            _progress(step.done, step.total)
    raise StorageError(tr("The hub broke off the verification."), way_out=tr("Try again; `yunwang hub status` tells more."))


def _offline(args: Namespace, tips: list[Tip]) -> Verdict:
    from stores.audit import Verifier
    from stores.records import open_records

    file = Path(args.file)
    if not file.is_file():
        raise InvalidInputError(tr("There is no file {file}.", file=args.file), way_out=tr("Name a copy of records.db."))
    store = open_records(file, readonly=True)
    try:
        verdict = Verifier(store, Path(args.archives) if args.archives else file.parent / "audit", tips, _progress).run()
    finally:
        store.close()
        _progress(0, 0)
    return verdict


def _progress(done: int, total: int) -> None:
    """One line that is written over; total 0 removes it."""
    if sys.stderr.isatty():
        text = tr("{done} of {total} entries ({percent} %)", done=done, total=total, percent=done * 100 // total) if total else ""
        print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)


def _print_verdict(verdict: Verdict, compared: bool) -> None:
    for note in verdict.notes:
        print(clean(note), file=sys.stderr)
    if not verdict.good:
        print(tr("The audit trail does NOT hold. The first entry that does not: {seq} ({reason}).",
                 seq=verdict.bad_seq, reason=clean(verdict.reason)))
        print(tr("{rows} entries before it hold.", rows=verdict.rows))
        return
    print(tr("The audit trail holds: {rows} entries, {archived} of them in archives, {seals} seals.",
             rows=verdict.rows, archived=verdict.archived, seals=verdict.seals))
    print(tr("Newest entry {seq}, digest {digest}.", seq=verdict.last_seq, digest=verdict.tip))
    if compared:
        print(tr("{count} digests that were kept elsewhere agree.", count=verdict.tips))
    else:
        print(tr("Without --tip nobody can tell whether entries at the very end were cut off."), file=sys.stderr)


def _tips(name: str) -> list[Tip]:
    try:
        with Path(name).open("rb") as file:
            text = file.read(MAX_TIPS + 1)
    except OSError as error:
        raise InvalidInputError(tr("The file {file} cannot be read: {reason}.", file=name, reason=reason(error)),
                                way_out=tr("Check the name and its mode.")) from None
    found = read_tips(text.decode("utf-8", "replace").splitlines())
    if not found:
        raise InvalidInputError(tr("There is no digest in {file}.", file=name),
                                way_out=tr("Name the file that audit.tip_file or syslog wrote."))
    return found


def export(args: Namespace, settings: Settings) -> int:
    """Writes matching entries to a file, as a whole or not at all."""
    format_ = args.format or ("jsonl" if re.search(r"\.jsonl?$", args.file) else "csv")
    query = _query(args).replace(archives=args.archives)
    if args.file == "-":
        sys.stdout.flush()
        asyncio.run(_pour(settings, query, format_, sys.stdout.buffer))
        return 0
    path = Path(args.file)
    if path.exists():
        raise ConflictError(tr("There is a file {file} already.", file=args.file), way_out=tr("Choose another name."))
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            asyncio.run(_pour(settings, query, format_, out))
            out.flush()
            os.fsync(out.fileno())
        temporary.rename(path)
    except OSError as error:
        if isinstance(error, StorageError):
            raise
        raise StorageError(tr("The file {file} cannot be written: {reason}.", file=args.file, reason=reason(error)),
                           way_out=tr("Choose another folder, or make room.")) from None
    finally:
        temporary.unlink(missing_ok=True)
    print(tr("Written: {file}", file=args.file), file=sys.stderr)
    return 0


async def _pour(settings: Settings, query: AuditQuery, format_: str, out: Any) -> None:
    async with client.connect(settings) as hub:
        async for piece in hub.audit.pieces(query, format_):
            out.write(piece)


def archive(args: Namespace, settings: Settings) -> int:
    """Archives now."""
    found = ask(settings, lambda hub: hub.audit.archive(trust_clock=args.trust_clock))
    if args.json:
        print_json(msgspec.to_builtins(found))
    else:
        for segment in found.segments:
            print(tr("{file}: entries {first} to {last}", file=segment.file, first=segment.first_seq, last=segment.last_seq))
        print(tr("{rows} entries were archived.", rows=found.rows))
    if found.held and not args.json:
        print(tr("{held} more are old by the clock, but the hub was seen running for only {days} days.",
                 held=found.held, days=found.witnessed_days), tr("If the clock is right: --trust-clock"), file=sys.stderr)
    return ConflictError.exit_code if found.held and not found.rows else 0


def status(args: Namespace, settings: Settings) -> int:
    """Prints how the trail is doing."""
    found = ask(settings, lambda hub: hub.audit.status())
    if args.json:
        print_json(msgspec.to_builtins(found))
        return 0
    keys = sorted({segment.signer for segment in found.archives})
    pairs = [
        (tr("newest entry"), str(found.newest_seq)),
        (tr("oldest entry online"), f"{found.oldest_seq}  {local(found.oldest_at) if found.oldest_at else ''}"),
        (tr("last seal"), f"{found.sealed_seq}  {local(found.sealed_at)}" if found.sealed_at else tr("none yet")),
        (tr("its digest"), found.tip),
        (tr("hash"), found.hash),
        (tr("digests to be sent"), str(found.unsent)),
        (tr("archives"), str(len(found.archives))),
        *((tr("signed by"), key) for key in keys),
        *(((tr("trouble"), found.trouble),) if found.trouble else ()),
    ]
    print("\n".join(tables.pairs(pairs)))
    return 0
