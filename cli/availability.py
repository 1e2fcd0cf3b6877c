"""`yunwang availability KIND [NAME]`: how long things worked."""

import sys
from argparse import Namespace

import msgspec

from cli import tables
from cli.asking import ask, clock, plain, print_json
from cli.capacity import limited, nothing_yet, percent, span, tell_period
from cli.capacity_files import BASIS, exact, kept
from cli.fitting import print_table
from core.capacity import AvailabilityAnswer, AvailabilityQuery, AvailabilityRow, Outage
from core.i18n import tr
from core.levels import level
from core.settings import Settings
from core.width import clean

LONGEST = 5


def show(args: Namespace, settings: Settings) -> int:
    """Handler of `availability`."""
    start, end = span(args)
    query = AvailabilityQuery(
        kind=args.kind, name=args.name or "", start_ms=start, end_ms=end, site=args.site, unit=args.unit, limit=limited(args.limit),
    )
    answer = ask(settings, lambda hub: hub.capacity.availability(query))
    if args.json:
        print_json(msgspec.to_builtins(answer) | {"rows": plain(answer.rows)})
        return 0
    if query.name and not args.csv and answer.rows:
        _tell(answer.rows[0])
    else:
        headings = [tr("name"), tr("level"), tr("target"), tr("available"), tr("target met"), tr("down"), tr("degraded"), tr("planned"),
                    tr("unknown"), tr("outages"), tr("longest"), tr("measured by"), tr("unit"), tr("site")]
        spare = [tr("site"), tr("measured by"), tr("unit"), tr("degraded"), tr("planned"), tr("longest"), tr("level"), tr("outages")]
        print_table(headings, [_cells(row) for row in answer.rows], csv=args.csv, spare=spare)
    _sum_up(answer)
    return 0


def _sum_up(answer: AvailabilityAnswer) -> None:
    tell_period(answer.start_ms, answer.end_ms, answer.step_ms)
    print(tr(
        "{measured} of {total} were measured, {missed} below their target.", measured=answer.measured, total=answer.total,
        missed=answer.missed,
    ), file=sys.stderr)
    if answer.total and not answer.measured:
        print(nothing_yet(answer.step_ms), file=sys.stderr)


def _cells(row: AvailabilityRow) -> list[str]:
    return [
        row.name, level(row.level), percent(row.target_percent, 2), percent(exact(row.percent), 3), kept(row), lasted(row.down_s),
        lasted(row.degraded_s), lasted(row.planned_s), lasted(row.unknown_s), str(row.outages), lasted(row.longest_s), tr(BASIS[row.basis]),
        row.unit or "-", row.site or "-",
    ]


def lasted(seconds: int) -> str:
    """Two units at most."""
    if not seconds:
        return "-"
    days, rest = divmod(seconds, 86_400)
    hours, minutes = rest // 3600, rest % 3600 // 60
    if days:
        return f"{days} d {hours} h" if hours else f"{days} d"
    return f"{hours} h {minutes} min" if hours and minutes else f"{hours} h" if hours else f"{minutes} min" if minutes else f"{seconds} s"


def _tell(row: AvailabilityRow) -> None:
    print("\n".join(tables.pairs([
        (tr("name"), row.name), (tr("unit"), row.unit or "-"), (tr("site"), row.site or "-"), (tr("level"), level(row.level)),
        (tr("target"), percent(row.target_percent, 2)), (tr("available"), percent(exact(row.percent), 3)), (tr("target met"), kept(row)),
        (tr("down"), lasted(row.down_s)), (tr("degraded"), lasted(row.degraded_s)), (tr("planned"), lasted(row.planned_s)),
        (tr("unknown"), lasted(row.unknown_s)), (tr("complete"), percent(100 * row.completeness)),
        (tr("measured by"), tr(BASIS[row.basis])),
        (tr("maintenance windows left out"), ", ".join(row.windows) or "-"), (tr("outages"), str(row.outages)),
        *((clock(one.start_ms), f"{lasted((one.end_ms - one.start_ms) // 1000)} {clean(one.because)}") for one in _longest(row)),
    ])))


def _longest(row: AvailabilityRow) -> list[Outage]:
    """Of the outages that nobody planned, oldest first."""
    unplanned = sorted((one for one in row.last if not one.planned), key=lambda one: one.start_ms - one.end_ms)
    return sorted(unplanned[:LONGEST], key=lambda one: one.start_ms)
