"""`yunwang rule ...`: what becomes an alert, and what would have."""

import json
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path

import msgspec

import client
from cli import tables
from cli.asking import ask, clock, plain, print_json
from cli.moments import local, parse_moment
from cli.work import until_ended
from core import jobs
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.i18n import language, tr
from core.rulebook import TEST_JOB, Reloaded, RuleBook, RuleRow, RuleTest, Tested, TestReport, WouldFire
from core.settings import Settings
from core.width import clean
from core.work import Job

MOST_FILE = 512 * 1024
MOST_FILES = 200
MOST_NAMED = 5


def list_(args: Namespace, settings: Settings) -> int:
    """Handler of `rule.list`. Exit 5 when files of the site's own are left out because of a mistake."""
    book: RuleBook = ask(settings, lambda hub: hub.rules.all())
    rows = [row for row in book.rules if args.kind in ("", row.kind) and (row.own or not args.own)]
    if args.json:
        print_json({**plain(book), "rules": [plain(row) for row in rows]})
    else:
        headings = [tr("name"), tr("kind"), tr("severity"), tr("open"), tr("on"), tr("where it stands"), tr("what it says")]
        lines = [_line(row) for row in sorted(rows, key=lambda row: (row.kind, row.name))]
        print("\n".join(tables.lines(headings, lines, tables.room())))
    for problem in book.problems:
        print(clean(problem, 500), file=sys.stderr)
    return InvalidInputError.exit_code if book.problems else 0


def _line(row: RuleRow) -> list[str]:
    said = row.says.get(language(), "")
    return [row.name, row.kind, tr(row.severity), str(row.open or "-"), tr("no") if row.off else tr("yes"), row.source, clean(said, 200)]


def show(args: Namespace, settings: Settings) -> int:
    """Handler of `rule.show`."""
    book: RuleBook = ask(settings, lambda hub: hub.rules.all())
    row = next((row for row in book.rules if row.name == args.name), None)
    if row is None:
        raise NotFoundError(
            tr("There is no rule named {name}.", name=clean(args.name, 64)), way_out=tr("They are shown by `yunwang rule list`."),
        )
    if args.json:
        print_json(row)
        return 0
    about = [
        (tr("name"), row.name), (tr("kind"), row.kind), (tr("severity"), tr(row.severity)), (tr("on"), tr("no") if row.off else tr("yes")),
        (tr("where it stands"), row.source), (tr("open"), str(row.open)),
        *((key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)) for key, value in row.body.items()),
        (tr("what it says"), row.says.get(language(), "")), (tr("what to do"), row.hint.get(language(), "")),
    ]
    print("\n".join(tables.pairs([(name, clean(value, 1000)) for name, value in about])))
    return 0


def check(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 -- every handler has them
    """Handler of `rule.check`. Exit 5 when there is a mistake."""
    from agents.rulebook import read_file
    from monitors.rules.book import with_own

    files, problems = [], []
    for path in _paths(args.file):
        try:
            files.append(read_file(path))
        except InvalidInputError as error:
            problems.append(f"{error.message} {error.way_out}".strip())
    if not problems:
        try:
            with_own(tuple(files))
        except InvalidInputError as error:
            problems.append(f"{error.message} {error.way_out}".strip())
    names = [rule.name for rules in files for rule in rules]
    if args.json:
        print_json({"rules": names, "problems": problems})
    else:
        print("\n".join(clean(problem, 500) for problem in problems) or tr("{count} rules, no mistake.", count=len(names)))
    return InvalidInputError.exit_code if problems else 0


def reload(args: Namespace, settings: Settings) -> int:
    """Handler of `rule.reload`. Exit 5 when there is a mistake: then nothing has changed."""
    told: Reloaded = ask(settings, lambda hub: hub.rules.reload(dry_run=args.dry_run))
    if args.json:
        print_json(told)
    elif not told.problems:
        print("\n".join(_reloaded(told)))
    for problem in told.problems:
        print(clean(problem, 500), file=sys.stderr)
    if told.problems:
        print(tr("Nothing has changed: what held before holds."), file=sys.stderr)
    return InvalidInputError.exit_code if told.problems else 0


def _reloaded(told: Reloaded) -> Iterator[str]:
    parts = ((tr("new"), told.added), (tr("changed"), told.changed), (tr("gone or off"), told.gone))
    for heading, names in parts:
        if names:
            yield f"{heading}: {' '.join(clean(name, 64) for name in names)}"
    if not (told.added or told.changed or told.gone):
        yield tr("No rule has changed.")
    elif told.dry_run:
        yield tr("Nothing was changed; {count} open alerts would be closed.", count=told.closed)
    else:
        yield tr("These rules hold from now on; {count} open alerts were closed.", count=told.closed)


def _paths(names: list[str]) -> Iterator[Path]:
    for name in names:
        path = Path(name)
        yield from sorted(path.glob("*.yml"))[:MOST_FILES] if path.is_dir() else (path,)


def test(args: Namespace, settings: Settings) -> int:
    """Handler of `rule.test`: begins the job and waits for its end; interrupted, the job goes on."""
    wish = msgspec.to_builtins(_wish(args))

    async def begin(hub: client.Client) -> Job:
        return await hub.work.run(TEST_JOB, wish)

    job = ask(settings, begin)
    job = ask(settings, lambda hub: until_ended(hub, job.id, quiet=args.json or not sys.stderr.isatty()))
    if job.state != "done":
        print(clean(f"{job.kind} {job.id}: {tr(jobs.STATES[job.state])} {tr(job.message)}", 1000), file=sys.stderr)
        return ConflictError.exit_code
    report = msgspec.convert(job.result, TestReport)
    if args.json:
        rules = [{**plain(one), "alerts": [plain(alert) for alert in one.alerts]} for one in report.rules]
        print_json({**plain(report), "rules": rules})
    else:
        _tell(report, args.limit)
    return 0


def _wish(args: Namespace) -> RuleTest:
    now = time.time_ns() // 1_000_000
    start, end = parse_moment(args.since, now), parse_moment(args.until, now) if args.until else now
    path = Path(args.rule)
    if not (path.suffix in (".yml", ".yaml") or "/" in args.rule or args.rule == "-"):
        return RuleTest(name=args.rule, device=args.device, start_ms=start, end_ms=end)
    return RuleTest(name=args.name, text=_text(args.rule), file=path.name, device=args.device, start_ms=start, end_ms=end)


def _text(name: str) -> str:
    try:
        if name == "-":
            return sys.stdin.read(MOST_FILE)
        with Path(name).open("rb") as file:
            return file.read(MOST_FILE).decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidInputError(f"{name}: {error}", way_out=tr("Make it a readable UTF-8 file.")) from None


def _tell(report: TestReport, limit: int) -> None:
    for one in report.rules:
        print(_summary(one, report))
        for line in _more(one):
            print(line)
        rows = [_fire(alert, report.end_ms) for alert in one.alerts[: max(limit, 0)]]
        if rows:
            headings = [tr("raised"), tr("for"), tr("severity"), tr("object"), tr("part"), tr("seen")]
            print("\n".join(tables.lines(headings, rows, tables.room())))
        if one.count > len(rows) > 0:
            print(tr("The newest {shown} of {count} are shown.", shown=len(rows), count=one.count))


def _summary(one: Tested, report: TestReport) -> str:
    name = clean(one.rule, 64)
    if one.why_not:
        return f"{name}: {tr(one.why_not)}"
    if not one.series and one.kind != "composed":
        return tr("{rule}: there are no samples of what it is about from {start} on.", rule=name, start=local(report.start_ms)[:16])
    return tr(
        "{rule}: would have fired {count} times from {start} to {end}, {long} together; {open} of them still open. {series} series of "
        "{objects} objects were looked at.",
        rule=name, count=one.count, start=local(report.start_ms)[:16], end=local(report.end_ms)[:16], long=_lasting(one.seconds),
        open=one.open, series=one.series, objects=one.objects,
    )


def _more(one: Tested) -> Iterator[str]:
    if one.thin:
        yield tr("{thin} of these series are too short for what it looks back: nothing can be said of them.", thin=one.thin)
    if one.count:
        yield tr("First {first}, last {last}; {objects} objects.", first=clock(one.first_at), last=clock(one.last_at), objects=one.firing)
    if one.firing > 1:
        most = ", ".join(f"{clean(name, 64)} {count}" for name, count in list(one.per_object.items())[:MOST_NAMED])
        yield tr("Most often: {most}", most=most)


def _fire(alert: WouldFire, end_ms: int) -> list[str]:
    lasted = ((alert.cleared_at or end_ms) - alert.raised_at) // 1000
    seen = " ".join(f"{key}={value}" for key, value in sorted(alert.evidence.items()))
    return [
        clock(alert.raised_at), _lasting(lasted) + ("" if alert.cleared_at else " …"), tr(alert.severity), alert.device, alert.instance,
        clean(seen, 200),
    ]


def _lasting(seconds: int) -> str:
    for size, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds} s"
