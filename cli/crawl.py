"""`yunwang inventory import discover:PREFIX`: the net is crawled by a job, and what it tells waits in the review queue."""

import sys
from argparse import Namespace

import msgspec

from cli.asking import ask, print_json
from cli.source_report import show_intake, show_unplaced
from cli.work import until_ended
from core import jobs
from core.crawl import KIND, CrawlReport, CrawlWish
from core.errors import ConflictError, UsageError
from core.i18n import tr
from core.settings import Settings, load
from core.width import clean
from core.work import Job


def import_discover(args: Namespace, settings: Settings | None = None) -> int:
    """Starts the crawl and waits for its end. What was begun goes on when this is interrupted: `yunwang job cancel` ends it."""
    settings = settings or load(getattr(args, "config", None))
    arguments = msgspec.to_builtins(_wish(args))
    job = ask(settings, lambda hub: hub.work.run(KIND, arguments))
    job = ask(settings, lambda hub: until_ended(hub, job.id, quiet=args.json or not sys.stderr.isatty()))
    return _show(args, job)


def _wish(args: Namespace) -> CrawlWish:
    prefixes = tuple(filter(None, (part.strip() for part in args.file.partition(":")[2].split(","))))
    if not prefixes:
        raise UsageError(tr("Which prefixes?"), way_out="yunwang inventory import discover:10.20.0.0/16 --seed 10.20.0.1")
    wished = {
        "most": args.max, "hops": args.hops, "rate": args.rate, "port": args.port, "credential_set": args.credential_set or None,
        "dry_run": args.dry_run, "seeds": _each(args.seed), "deny": _each(args.deny),
    }
    try:
        return msgspec.convert({"prefixes": prefixes, **{name: value for name, value in wished.items() if value is not None}}, CrawlWish)
    except msgspec.ValidationError as error:
        raise UsageError(tr("This is no crawl: {reason}.", reason=str(error))) from None


def _each(given: list[str] | None) -> tuple[str, ...]:
    return tuple(part.strip() for text in given or () for part in text.split(",") if part.strip())


def _show(args: Namespace, job: Job) -> int:
    if job.state != "done":
        if args.json:
            print_json(job)
        else:
            print(clean(f"{job.kind} {job.id}: {tr(jobs.STATES[job.state])} {tr(job.message)}", 1000), file=sys.stderr)
        return ConflictError.exit_code
    report = msgspec.convert(job.result, CrawlReport)
    if args.json:
        print_json(report)
    else:
        _tell(report)
    return 0


def _tell(report: CrawlReport) -> None:
    print(tr("{read} devices read, {links} links, {stations} stations; {known} of them are in the inventory.", read=report.read,
             links=report.links, stations=report.stations, known=report.known))
    print(tr("Silent: {silent}. Refused or unreadable: {refused}. Outside or denied: {left_out}.", silent=report.silent,
             refused=report.refused, left_out=report.left_out))
    if report.stopped_by:
        print(tr("It ended because it may read no more devices: raise --max."))
    show_unplaced(report.unreadable, report.refused, tr("Could not be read:"))
    show_intake(report.intake)
