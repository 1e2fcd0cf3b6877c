"""`yunwang graph ...`: what carries an object, what fails with it, how one gets from one to another."""

from argparse import Namespace

from cli import tables
from cli.asking import ask, print_json
from core.i18n import language, tr
from core.model import TITLES
from core.questions import ImpactReport, Thing
from core.settings import Settings
from core.width import clean


def xray(args: Namespace, settings: Settings) -> int:
    """A tree, indented by how far down it goes."""
    found = ask(settings, lambda hub: hub.graph.xray(args.name))
    if args.json:
        print_json(found)
        return 0
    for row in found.rows:
        port = f"  [{clean(row.port)}]" if row.port else ""
        print(f"{'  ' * row.depth}{title(row.thing.kind)}  {clean(row.thing.name)}{port}")
    if found.cut_off:
        print(tr("There is more; ask for a part of it."))
    return 0


def impact(args: Namespace, settings: Settings) -> int:
    """Counts by kind, then what fails."""
    found = ask(settings, lambda hub: hub.graph.impact(args.name))
    if args.json:
        print_json(found)
        return 0
    _show_impact(found)
    return 0


def _show_impact(found: ImpactReport) -> None:
    counts = [(title(kind), str(down), str(degraded)) for kind, (down, degraded) in found.counts.items()]
    print("\n".join(tables.lines([tr("Kind"), tr("Down"), tr("Degraded")], counts)))
    print()
    rows = [
        (tr(one.harm), title(one.thing.kind), one.thing.name, f"{one.left}/{one.of}" if one.of else "",
         (str(one.protection_level) if one.protection_level else "") + (" CII" if one.cii else ""), _because(one.because, one.thing))
        for one in found.worst
    ]
    headings = [tr("State"), tr("Kind"), tr("Name"), tr("Left"), tr("Level"), tr("Because of")]
    print("\n".join(tables.lines(headings, rows, tables.room())))
    if found.total > len(found.worst):
        print(tr("... and {count} more.", count=found.total - len(found.worst)))


def _because(cause: Thing | None, thing: Thing) -> str:
    return cause.name if cause is not None and cause.id != thing.id else ""


def path(args: Namespace, settings: Settings) -> int:
    """One line for each object on the way; exit code 1 where there is none."""
    found = ask(settings, lambda hub: hub.graph.path(args.start, args.end))
    if args.json:
        print_json(found)
    elif not found.hops:
        print(tr("Nothing leads from one to the other."))
    else:
        rows = [(title(hop.thing.kind), hop.thing.name, hop.edge, hop.out_port, hop.in_port) for hop in found.hops]
        print("\n".join(tables.lines([tr("Kind"), tr("Name"), tr("By"), tr("From port"), tr("To port")], rows, tables.room())))
    return 0 if found.hops else 1


def title(kind: str) -> str:
    """What a kind is called in the language that is spoken."""
    zh, en = TITLES.get(kind, (kind, kind))
    return zh if language() == "zh" else en
