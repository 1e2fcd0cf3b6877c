"""What an intake did, and what was written elsewhere, for people."""

import sys
from collections.abc import Sequence

from cli import tables
from core.i18n import language, tr
from core.model import TITLES
from core.sources import IntakeReport, PushReport, Unplaced
from core.width import clean

SHOWN = 50


def title(kind: str) -> str:
    """What a kind is called in the language that is spoken; unknown ones as they are."""
    zh, en = TITLES.get(kind, (kind, kind))
    return zh if language() == "zh" else en


def show_intake(report: IntakeReport) -> None:
    """Counts by kind, then what has no place here."""
    parts = (report.added, report.changed, report.unchanged, report.removed, report.queued)
    kinds = [kind for kind in TITLES if any(kind in part for part in parts)]
    rows = [[title(kind), *(str(part.get(kind, 0)) for part in parts)] for kind in kinds]
    print("\n".join(tables.lines([tr("kind"), tr("added"), tr("changed"), tr("unchanged"), tr("gone"), tr("in the queue")], rows)))
    for rule, count in report.by_rule.items():
        print(tr("Accepted by the rule {rule}: {count}", rule=clean(rule), count=count))
    show_unplaced(report.unplaced, report.unplaced_total, tr("Without a place here:"))
    if report.dry_run:
        print(tr("Nothing was changed: this was only a check."), file=sys.stderr)
    if sum(report.queued.values()) and not report.dry_run:
        print(tr("Differences wait for a person: yunwang queue list"), file=sys.stderr)


def show_unplaced(found: Sequence[Unplaced], total: int, heading: str) -> None:
    if not total:
        return
    print(heading)
    for one in found[:SHOWN]:
        print(clean(f"  {title(one.kind)} {one.name}: {tr(one.reason)}", 500))
    if total > min(len(found), SHOWN):
        print(tr("... and {count} more.", count=total - min(len(found), SHOWN)))


def show_push(report: PushReport) -> None:
    """Counts by kind, then what differs, then what could not be written."""
    parts = (report.created, report.updated, report.unchanged)
    kinds = sorted({kind for part in parts for kind in part})
    rows = [[title(kind), *(str(part.get(kind, 0)) for part in parts)] for kind in kinds]
    print("\n".join(tables.lines([tr("kind"), tr("created"), tr("updated"), tr("unchanged")], rows)))
    show_unplaced(report.differs, report.differs_total, tr("Said otherwise there, and left so:"))
    show_unplaced(report.unplaced, report.unplaced_total, tr("Could not be written:"))
    if report.dry_run:
        print(tr("Nothing was changed: this was only a check."), file=sys.stderr)
