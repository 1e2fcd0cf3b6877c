"""`yunwang inventory diff`: what changed, or would change, field by field."""

import time
from argparse import Namespace
from collections.abc import Iterable
from typing import Any

from cli import files
from cli.asking import ask, print_json
from cli.fields import Field, fields
from cli.moments import local, parse_moment
from core.errors import InvalidInputError, UsageError
from core.history import Changes, ObjectChange
from core.i18n import language, tr
from core.settings import Settings
from core.views import ImportProblem
from core.width import clean
from inventory.sheets.columns import title

_SIGNS = {"added": "+", "changed": "~", "removed": "-"}


def diff(args: Namespace, settings: Settings) -> int:
    """A file against the records, or the records at two moments."""
    found = _of_file(args, settings) if args.file else _since(args, settings)
    if args.json:
        print_json(found)
    elif found.problems_total:
        print_problems(found.problems, found.problems_total)
    else:
        for change in found.objects:
            print("\n".join(lines(change)))
        print(_summary(found))
    return InvalidInputError.exit_code if found.problems_total else 0


def _of_file(args: Namespace, settings: Settings) -> Changes:
    if args.since or args.until:
        raise UsageError(tr("A file is compared with the records as they are now."), way_out=tr("Name a file, or --since, not both."))
    content = files.read(args.file)
    return ask(settings, lambda hub: hub.diff_file(base_name(args.file), content))


def _since(args: Namespace, settings: Settings) -> Changes:
    if not args.since:
        raise UsageError(tr("What shall be compared?"), way_out=tr("Name a file, or a time such as --since 1d."))
    now = time.time_ns() // 1_000_000
    start, end = parse_moment(args.since, now), parse_moment(args.until, now) if args.until else 0
    return ask(settings, lambda hub: hub.history.changes(start, end, args.kind or ()))


def base_name(name: str) -> str:
    """Of a file as the hub is told."""
    return "stdin.csv" if name == "-" else name.replace("\\", "/").rpartition("/")[2]


def lines(change: ObjectChange) -> list[str]:
    """One object with the fields that differ, `before → after`."""
    known = {field.name: field for field in fields(change.kind)}
    out = [f"{_SIGNS[change.what]} {title(change.kind, language())} {clean(change.name)}"]
    for one in change.fields:
        field = known.get(one.field, Field(one.field))
        before, after = field.shown(one.before), field.shown(one.after)
        value = {"added": after, "removed": before}.get(change.what, f"{before or '-'} → {after or '-'}")
        out.append(f"    {field.heading}: {value}")
    return out


def print_problems(problems: Iterable[ImportProblem], total: int) -> None:
    """Every mistake with its place."""
    import sys

    kept: list[Any] = list(problems)
    for problem in kept:
        place = tr("{sheet}, row {row}", sheet=problem.sheet, row=problem.row) if problem.row else problem.sheet
        print(clean(": ".join(filter(None, (place, problem.column, problem.message)))))
    if total > len(kept):
        print(tr("... and {count} more.", count=total - len(kept)))
    print(tr("Mistakes: {count}. Nothing was imported.", count=total), file=sys.stderr)


def _summary(found: Changes) -> str:
    counts = {what: sum(change.what == what for change in found.objects) for what in _SIGNS}
    text = tr("{added} added, {changed} changed, {removed} removed.", **counts)
    if found.total > len(found.objects):
        text += " " + tr("... and {count} more.", count=found.total - len(found.objects))
    if found.start_ms:
        text = f"{local(found.start_ms)} - {local(found.end_ms)}: {text}"
    return text
