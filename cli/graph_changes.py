"""`yunwang graph changes`: what changed between two times, who wrote it, and which edges came and went."""

from argparse import Namespace

from cli.asking import ask, clock, print_json
from cli.graph import edge, moment, named, others, table, tell_hidden, tell_more, title
from core.i18n import tr
from core.questions import ChangedRow, ChangesAnswer, Thing
from core.settings import Settings
from core.width import clean

_SIGNS = {"came": "+", "went": "-", "changed": "~"}
_WIDEST = 60


def changes(args: Namespace, settings: Settings) -> int:
    """Objects with a sign, their fields before and after, who wrote them; then edges."""
    since, until = moment(args.since), moment(args.until)
    found = ask(
        settings, lambda hub: hub.graph.changes(since, until, kinds=args.kind or (), unit=args.unit, limit=args.limit),
    )
    if args.json:
        print_json(found)
        return 0
    _show_changes(found)
    return 0


def _show_changes(found: ChangesAnswer) -> None:
    if not found.objects_total and not found.edges_total:
        print(tr("Nothing changed."))
    for one in found.objects:
        print("\n".join(_changed(one)))
    tell_more(found.objects_total - len(found.objects))
    for change in found.edges:
        row = change.row
        ends = f"{_end(row.a, row.a_port)} --{edge(row.edge)}--> {_end(row.b, row.b_port)}"
        print(f"{_SIGNS[change.what]} {clock(change.at_ms)}  {ends}  ({clean(row.source)})")
    tell_more(found.edges_total - len(found.edges))
    counts = [(title(kind), *map(str, some)) for kind, some in found.counts.items()]
    if counts:
        print()
        table([tr("Kind"), tr("Came"), tr("Went"), tr("Changed")], counts)
    tell_hidden(found.hidden)


def _changed(row: ChangedRow) -> list[str]:
    who = f"{clock(row.at_ms)}  {clean(row.by)}  {clean(row.action)}" if row.by else ""
    fields = [f"    {one.field}: {_value(one.before)} → {_value(one.after)}" for one in row.fields]
    return [f"{_SIGNS[row.what]} {named(row.thing)}  {who}".rstrip(), *fields]


def _value(value: object) -> str:
    text = clean(", ".join(map(str, value)) if isinstance(value, list) else str(value))
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"


def _end(thing: Thing, port: str) -> str:
    return f"{clean(thing.name) or others()}{f':{clean(port)}' if port else ''}"
