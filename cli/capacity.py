"""`yunwang capacity ...`: how full lines and pools are."""

import sys
import time
from argparse import Namespace
from collections.abc import Sequence

import msgspec

from cli import capacity_files, files
from cli.asking import ask, clock, plain, print_json
from cli.capacity_files import exact, kept
from cli.fitting import print_table
from cli.moments import parse_moment
from cli.work import until_ended
from core import jobs, months
from core.capacity import (
    HOT_PERCENT,
    REPORT_JOB,
    AvailabilityGroup,
    AvailabilityRow,
    CapacityGroup,
    CapacityQuery,
    CapacityReport,
    CapacityRow,
)
from core.errors import ConflictError, UsageError
from core.i18n import tr
from core.levels import level
from core.settings import Settings
from core.width import clean
from core.widths import doubted

MOST = 5000
WORST = 20
"""Of each kind in a report on the terminal."""


def top(args: Namespace, settings: Settings) -> int:
    """Handler of `capacity.top`."""
    query = _query(args).replace(kind=args.kind, limit=limited(args.limit))
    answer = ask(settings, lambda hub: hub.capacity.top(query))
    if args.json:
        print_json(msgspec.to_builtins(answer) | {"rows": plain(answer.rows)})
        return 0
    line = query.kind == "line"
    rows = [_cells(row, line=line, whole=args.csv) for row in answer.rows]
    print_table(_headings(line=line, whole=args.csv), rows, csv=args.csv, spare=_spare())
    if not args.csv:
        _doubts(answer.rows)
    tell_period(answer.start_ms, answer.end_ms, answer.step_ms)
    print(tr(
        "{measured} of {total} were measured, {share} of the time.", measured=answer.measured, total=answer.total,
        share=percent(100 * answer.completeness),
    ), file=sys.stderr)
    if answer.total and not answer.measured:
        print(nothing_yet(answer.step_ms), file=sys.stderr)
    if answer.doubted:
        print(tr("Of {n} lines what is declared cannot be true.", n=answer.doubted), file=sys.stderr)
    return 0


def tell_period(start_ms: int, end_ms: int, step_ms: int) -> None:
    """Beside the table, not in it."""
    print(tr(
        "{start} to {end}, steps of {minutes} minutes.", start=clock(start_ms), end=clock(end_ms), minutes=step_ms // 60_000,
    ), file=sys.stderr)


def nothing_yet(step_ms: int) -> str:
    """Why there is no figure at all."""
    return tr("There are no samples of this time. A step counts when its {minutes} minutes are over.", minutes=step_ms // 60_000)


def _query(args: Namespace) -> CapacityQuery:
    start, end = span(args)
    return CapacityQuery(by=args.by, start_ms=start, end_ms=end, site=args.site, unit=args.unit)


def span(args: Namespace) -> tuple[int, int]:
    """From --since and --until; 0: now."""
    now = time.time_ns() // 1_000_000
    return parse_moment(args.since, now), parse_moment(args.until, now) if args.until else 0


def limited(number: int) -> int:
    """Raises `UsageError` for what no list has."""
    if not 1 <= number <= MOST:
        raise UsageError(tr("A list has 1 to {most} rows.", most=MOST), way_out="--limit 100")
    return number


def _headings(*, line: bool, whole: bool) -> list[str]:
    shares = [tr("mean"), tr("p95"), tr("peak"), tr("a month"), tr("measured")]
    place = [tr("unit"), tr("site")]
    if line:
        ends = [tr("capacity bit/s"), tr("in p95 bit/s"), tr("out p95 bit/s")]
        return [tr("device"), tr("port"), tr("line"), *ends, *shares, *place, *([tr("note")] if whole else [])]
    return [tr("device"), tr("part"), *shares, *place] if not whole else [tr("kind"), tr("device"), tr("part"), *shares, *place]


def _spare() -> list[str]:
    """What a narrow terminal does without, first that which is missed least."""
    return [tr("site"), tr("unit"), tr("a month"), tr("mean"), tr("peak"), tr("out p95 bit/s"), tr("in p95 bit/s"), tr("capacity bit/s")]


def _cells(row: CapacityRow, *, line: bool, whole: bool) -> list[str]:
    shares = [percent(row.mean_percent), percent(row.p95_percent), percent(row.peak_percent), _signed(row.growth)]
    shares.append(percent(100 * row.completeness))
    place = [row.unit or "-", row.site or "-"]
    if line:
        bits = [row.capacity_bps or None, row.in_p95_bps, row.out_p95_bps]
        return [row.object, row.instance, row.label, *(_whole(one) if whole else rate(one) for one in bits), *shares, *place,
                *([doubted(row)] if whole else [])]
    cells = [row.object, row.instance, *shares, *place]
    return [row.kind, *cells] if whole else cells


def percent(value: float | None, digits: int = 1) -> str:
    """None: nothing is known."""
    return "-" if value is None else f"{value:.{digits}f} %"


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.1f}"


def _whole(value: float | None) -> str:
    return "-" if value is None else f"{value:.0f}"


def rate(value: float | None) -> str:
    """Bits per second, short."""
    if value is None:
        return "-"
    for unit, size in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if value >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.0f}"


def report(args: Namespace, settings: Settings) -> int:
    """Handler of `capacity.report`: begins the job and waits for it; interrupted, the job goes on."""
    format_ = args.format or ("json" if args.json else _format_of(args.output))
    if format_ == "xlsx" and not args.output and sys.stdout.isatty():
        raise UsageError(tr("Such a file cannot be shown on a terminal."), way_out=tr("Name a file with -o."))
    job_id = args.job
    if not job_id:
        wish = msgspec.to_builtins(_reported(args))
        job = ask(settings, lambda hub: hub.work.run(REPORT_JOB, wish))
        job = ask(settings, lambda hub: until_ended(hub, job.id, quiet=args.json or not sys.stderr.isatty()))
        if job.state != "done":
            print(clean(f"{job.kind} {job.id}: {tr(jobs.STATES[job.state])} {tr(job.message)}", 1000), file=sys.stderr)
            return ConflictError.exit_code
        job_id = job.id
    found = ask(settings, lambda hub: hub.capacity.report(job_id))
    if format_ == "text":
        _show(found)
        return 0
    content = capacity_files.WRITERS[format_](capacity_files.tables_of(found)) if format_ != "json" else _json(found)
    if args.output:
        files.write(args.output, content)
        print(tr("Wrote {file}.", file=args.output), file=sys.stderr)
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
    return 0


def _reported(args: Namespace) -> CapacityQuery:
    """A month by the clock of China, or what --since and --until say."""
    if not args.month:
        args.since = args.since or "30d"
        return _query(args)
    if args.since or args.until:
        raise UsageError(tr("A month needs no beginning and no end."), way_out=f"--month {args.month}")
    start, end = month(args.month)
    now = time.time_ns() // 1_000_000
    if start >= now:
        raise UsageError(tr("The month {month} has not begun.", month=args.month.strip()), way_out=f"--month {months.latest(now, 2)[1]}")
    return CapacityQuery(by=args.by, start_ms=start, end_ms=end, site=args.site, unit=args.unit)


def month(text: str) -> tuple[int, int]:
    """[from, until) of `2026-10`, by the clock of China. Raises `UsageError`."""
    try:
        return months.parse(text)
    except (ValueError, OverflowError, OSError):
        raise UsageError(tr("{text} is no month.", text=repr(text[:40])), way_out="--month 2026-10") from None


def _format_of(name: str) -> str:
    suffix = name.rpartition(".")[2].lower() if "." in name else ""
    return suffix if suffix in (*capacity_files.WRITERS, "json") else "csv" if name else "text"


def _json(found: CapacityReport) -> bytes:
    plainly = {name: plain(getattr(found, name)) for name in ("groups", "top", "doubted", "available", "availability")}
    return msgspec.json.format(msgspec.json.encode(msgspec.to_builtins(found) | plainly), indent=2) + b"\n"


def _show(found: CapacityReport) -> None:
    headings = [tr("of"), tr("name"), tr("kind"), tr("measured"), tr("nearly full"), tr("capacity bit/s"), tr("in p95 bit/s"),
                tr("out p95 bit/s"), tr("mean"), tr("p95"), tr("complete")]
    spare = [tr("capacity bit/s"), tr("mean"), tr("out p95 bit/s"), tr("in p95 bit/s"), tr("nearly full")]
    print_table(headings, [_group(one) for one in found.groups], csv=False, spare=spare)
    for kind in dict.fromkeys(row.kind for row in found.top):
        line = kind == "line"
        print(f"\n{tr('The fullest')}: {tr(capacity_files.KIND_WORDS[kind])}")
        rows = [_cells(row, line=line, whole=False) for row in found.top if row.kind == kind]
        print_table(_headings(line=line, whole=False), rows, csv=False, spare=_spare())
    _doubts(found.doubted)
    for group in found.available:
        _worked(group, [row for row in found.availability if row.kind == group.kind])
    print(tr(
        "{start} to {end}, steps of {minutes} minutes.", start=months.clock(found.start_ms), end=months.clock(found.end_ms),
        minutes=found.step_ms // 60_000,
    ), file=sys.stderr)
    print(tr("Nearly full: a 95th percentile of {percent} or more.", percent=percent(HOT_PERCENT, 0)), file=sys.stderr)
    print(tr("Again: {command}", command=f"yunwang capacity report --job {found.id}"), file=sys.stderr)


def _worked(group: AvailabilityGroup, rows: Sequence[AvailabilityRow]) -> None:
    """Those that are worst off, and how many there are in all."""
    print(f"\n{tr(capacity_files.MEASURED_WORDS[group.kind])}")
    print_table(
        [tr("name"), tr("level"), tr("target"), tr("available"), tr("target met"), tr("complete"), tr("outages"), tr("unit"), tr("site")],
        [[row.name, level(row.level), percent(row.target_percent, 2), percent(exact(row.percent), 3), kept(row),
          percent(100 * row.completeness), str(row.outages), row.unit or "-", row.site or "-"] for row in rows[:WORST]],
        csv=False, spare=[tr("site"), tr("unit"), tr("level"), tr("outages")],
    )
    print(tr(
        "{measured} of {total} measured, {missed} below target; together {percent}, {complete} complete.", total=group.count,
        measured=group.measured, missed=group.missed, percent=percent(exact(group.percent), 3),
        complete=percent(100 * group.completeness),
    ))


def _doubts(rows: Sequence[CapacityRow]) -> None:
    """Whose figures do not fit what is declared."""
    for row in rows:
        if row.doubt:
            print(f"! {clean(row.object)} {clean(row.instance)}: {doubted(row)}")


def _group(one: CapacityGroup) -> list[str]:
    bits = [one.capacity_bps or None, one.in_p95_bps, one.out_p95_bps]
    return [
        tr("unit") if one.what == "unit" else tr("site"), one.name or "-", tr(capacity_files.KIND_WORDS[one.kind]),
        f"{one.measured}/{one.count}", str(one.hot), *(rate(bit) for bit in bits), percent(one.mean_percent), percent(one.p95_percent),
        percent(100 * one.completeness),
    ]
