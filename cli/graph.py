"""`yunwang graph ...`: what carries an object, what fails with it, how one gets from one to another, what lies around it."""

import time
from argparse import Namespace
from collections.abc import Sequence
from typing import cast

from cli import tables
from cli.asking import ask, clock, print_json
from cli.moments import parse_moment
from core.edges import EDGES, EdgeKind
from core.i18n import language, mark, tr
from core.model import TITLES
from core.questions import Dependence, DependsAnswer, EdgeRow, ImpactReport, Thing, UnitHarm, WhatIfReport
from core.settings import Settings
from core.width import clean

HARMS = {"down": mark("out of service"), "degraded": mark("degraded")}
"""As they are shown."""


def xray(args: Namespace, settings: Settings) -> int:
    """A tree, indented by how far down (or up) it goes."""
    at_ms = moment(args.at)
    found = ask(settings, lambda hub: hub.graph.xray(args.name, way="up" if args.up else "down", at_ms=at_ms))
    if args.json:
        print_json(found)
        return 0
    for row in found.rows:
        about = "  ".join(part for part in (f"[{row.port}]" if row.port else "", row.about, row.state, _level(row)) if part)
        print(f"{'  ' * row.depth}{named(row.thing)}  {clean(about)}".rstrip())
    if found.cut_off:
        print(tr("There is more; ask for a part of it."))
    tell_hidden(found.hidden)
    return 0


def _level(row: object) -> str:
    level, cii = getattr(row, "protection_level", 0), getattr(row, "cii", False)
    return (tr("level {level}", level=level) if level else "") + (" CII" if cii else "")


def impact(args: Namespace, settings: Settings) -> int:
    """Levels and units first, then counts by kind and what fails."""
    at_ms = moment(args.at)
    found = ask(settings, lambda hub: hub.graph.impact(args.name, at_ms=at_ms))
    if args.json:
        print_json(found)
    else:
        _show_impact(found)
    return 0


def whatif(args: Namespace, settings: Settings) -> int:
    """What is down already, then what the plan adds to it."""
    found = ask(settings, lambda hub: hub.graph.what_if(args.name, live=args.with_live))
    if args.json:
        print_json(found)
        return 0
    _show_already(found)
    _show_impact(found.added)
    return 0


def _show_already(found: WhatIfReport) -> None:
    if not found.already_total:
        return
    names = ", ".join(named(one) for one in found.already[:10])
    more = f" ({tr('... and {count} more.', count=found.already_total - 10)})" if found.already_total > 10 else ""
    print(f"{tr('Down already:')} {names}{more}")
    print(tr("What is planned adds:"))
    print()


def _show_impact(found: ImpactReport) -> None:
    if not found.total:
        print(tr("Nothing else fails, and nothing loses redundancy."))
        return
    room = tables.room()
    if found.levels:
        levels = [(str(one.level), str(one.down), str(one.degraded), str(one.cii)) for one in found.levels]
        table([tr("Protection level"), tr("Systems down"), tr("Degraded"), "CII"], levels)
    if found.units:
        units = [
            (one.thing.name, str(one.down), str(one.degraded), str(one.level or ""), _access(one), f"{one.contact} {one.phone}".strip())
            for one in found.units
        ]
        table([tr("Unit"), tr("Systems down"), tr("Degraded"), tr("Protection level"), tr("Access"), tr("Contact")], units, room)
        tell_more(found.units_total - len(found.units))
    counts = [(title(kind), str(down), str(degraded)) for kind, (down, degraded) in found.counts.items()]
    table([tr("Kind"), tr("Out of service"), tr("Degraded")], counts)
    rows = [
        (tr(HARMS[one.harm]), title(one.thing.kind), one.thing.name, f"{one.left}/{one.of}" if one.of else "", _level(one), one.unit,
         _because(one.because, one.thing)) for one in found.worst
    ]
    table([tr("State"), tr("Kind"), tr("Name"), tr("Left"), tr("Protection level"), tr("Unit"), tr("Because of")], rows, room)
    tell_more(found.total - found.hidden - len(found.worst))
    tell_hidden(found.hidden)


def _access(one: UnitHarm) -> str:
    return f"{tr(HARMS[one.access])} {one.left}/{one.of}" if one.of else ""


def _because(cause: Thing | None, thing: Thing) -> str:
    return cause.name if cause is not None and cause.id != thing.id else ""


def depends(args: Namespace, settings: Settings) -> int:
    """A tree, in which each object stands where it was reached first; or a list, nearest first."""
    at_ms = moment(args.at)
    found = ask(settings, lambda hub: hub.graph.depends(args.name, dependents=args.dependents, at_ms=at_ms))
    if args.json:
        print_json(found)
        return 0
    if args.list:
        rows = [(str(row.steps), title(row.thing.kind), row.thing.name, edge(row.by), row.port) for row in found.rows]
        table([tr("Steps"), tr("Kind"), tr("Name"), tr("Relation"), tr("Port")], rows, tables.room())
    else:
        print("\n".join(_tree(found)))
    tell_more(found.total - found.hidden - len(found.rows))
    tell_hidden(found.hidden)
    return 0


def _tree(found: DependsAnswer) -> list[str]:
    below: dict[str, list[Dependence]] = {}
    for row in found.rows:
        below.setdefault(row.via, []).append(row)
    out, pending = [named(found.of)], [(1, row) for row in reversed(below.get(found.of.id, []) + below.get("", []))]
    while pending:
        depth, row = pending.pop()
        out.append(f"{'  ' * depth}{named(row.thing)}{f'  [{clean(row.port)}]' if row.port else ''}")
        pending += [(depth + 1, one) for one in reversed(below.get(row.thing.id, []))]
    return out


def path(args: Namespace, settings: Settings) -> int:
    """One line for each object on the way; exit code 1 where there is none."""
    at_ms = moment(args.at)
    found = ask(settings, lambda hub: hub.graph.path(args.start, args.end, layer=args.layer, at_ms=at_ms))
    if args.json:
        print_json(found)
    elif not found.hops:
        print(tr("Nothing leads from one to the other."))
    else:
        rows = [(title(hop.thing.kind), hop.thing.name or others(), edge(hop.edge), hop.out_port, hop.in_port) for hop in found.hops]
        table([tr("Kind"), tr("Name"), tr("Relation"), tr("From port"), tr("To port")], rows, tables.room())
    return 0 if found.hops else 1


def around(args: Namespace, settings: Settings) -> int:
    """The fields of an object, then its edges."""
    at_ms = moment(args.at)
    found = ask(settings, lambda hub: hub.graph.around(args.name, at_ms=at_ms))
    if args.json:
        print_json(found)
        return 0
    print(named(found.thing))
    print("\n".join(tables.pairs([(field, str(value)) for field, value in found.fields.items()])))
    print()
    rows = [(_arrow(row, found.thing), edge(row.edge), *_far(row, found.thing), row.source, f"{row.confidence:.0%}", clock(row.valid_from))
            for row in found.edges]
    headings = ["", tr("Relation"), tr("Port"), tr("Kind"), tr("Name"), tr("Its port"), tr("Source"), tr("Sure"), tr("Since")]
    table(headings, rows, tables.room())
    tell_more(found.total - len(found.edges))
    return 0


def _arrow(row: EdgeRow, thing: Thing) -> str:
    return "->" if row.a.id == thing.id else "<-"


def _far(row: EdgeRow, thing: Thing) -> tuple[str, str, str, str]:
    ahead = row.a.id == thing.id
    far, mine, its = (row.b, row.a_port, row.b_port) if ahead else (row.a, row.b_port, row.a_port)
    return mine, title(far.kind), far.name or others(), its


def table(headings: Sequence[str], rows: Sequence[tuple[str, ...]], room: int = 0) -> None:
    print("\n".join(tables.lines(headings, rows, room)))
    print()


def tell_more(count: int) -> None:
    if count > 0:
        print(tr("... and {count} more.", count=count))


def tell_hidden(count: int) -> None:
    if count:
        print(tr("{count} objects of others are not shown.", count=count))


def others() -> str:
    return tr("(of others)")


def moment(text: str) -> int:
    return parse_moment(text, time.time_ns() // 1_000_000) if text else 0


def named(thing: Thing) -> str:
    """Kind and name of an object; of one that the caller may not see, its kind."""
    return f"{title(thing.kind)}  {clean(thing.name) if thing.id else others()}"


def edge(kind: str) -> str:
    """What a kind of edge is called in the language that is spoken."""
    found = EDGES.get(cast("EdgeKind", kind))
    return found.zh if found is not None and language() == "zh" else kind


def title(kind: str) -> str:
    """What a kind is called in the language that is spoken."""
    zh, en = TITLES.get(kind, (kind, kind))
    return zh if language() == "zh" else en
