"""One alert on standard output, with all that helps to understand it."""

from collections.abc import Iterator

from cli import tables
from cli.alert import being, hurry, lines
from cli.asking import clock
from cli.finding import short
from core.alerting import CAUSES, STEPS, AlertStep, AlertStory, actor_words
from core.i18n import tr
from core.rules import advised, said
from core.views import AlertRow
from core.width import clean

_SHOWN = 20


def pages(story: AlertStory) -> Iterator[str]:
    """Line by line."""
    row = story.alert
    yield f"[{tr(hurry(row))}] {clean(row.device or row.device_id, 120)}: {said(row)}"
    if hint := advised(row):
        yield f"  {hint}"
    yield ""
    yield from tables.pairs(list(_facts(story)))
    yield from _behind(story)
    yield from _impact(story)
    yield from _part(tr("What has happened"), [f"{clock(step.at_ms)}  {_step(step)}" for step in story.history])
    if not story.history_complete:
        yield f"  {tr('Older rows are in the archives of the audit trail.')}"
    yield from _part(tr("Who was told"), [
        f"{clock(one.at_ms)}  {clean(one.contact, 60)} ({tr(one.about)}, {tr(one.state)})" for one in story.told
    ])
    yield from _part(tr("What its device said"), [
        f"{clock(one.at_ms)}  {clean(one.mnemonic, 60)} {clean(one.text, 300)}" for one in story.said
    ])


def _facts(story: AlertStory) -> Iterator[tuple[str, str]]:
    row = story.alert
    yield tr("id"), row.id
    yield tr("rule"), row.rule
    for name, value in (
        (tr("part"), row.instance), (tr("unit"), story.unit), (tr("site"), story.site), (tr("state"), being(row)),
        (tr("cause"), tr(CAUSES.get(row.cause, row.cause)) if row.cause else ""), (tr("reason"), row.ack_reason),
        (tr("stand in"), f"{row.left} / {row.of}" if row.of else ""),
        (tr("root"), _about(story.root) if story.root else ""),
    ):
        if value:
            yield name, clean(value, 400)
    yield tr("raised at"), clock(row.raised_at)
    if window := story.window:
        yield tr("muted by"), f"{tr(window.kind)} {clean(window.name, 120)} ({clock(window.ended_early_at or window.ends_at)})"
    for name, value in sorted(row.evidence.items()):
        yield clean(name, 40), clean(value, 300)


def _about(row: AlertRow) -> str:
    return f"{short(row.id)} {row.device or row.device_id}: {said(row)}"


def _behind(story: AlertStory) -> Iterator[str]:
    if not story.children_total:
        return
    yield ""
    yield tr("What follows from it ({count})", count=story.children_total)
    yield from (f"  {line}" for line in lines(story.children[:_SHOWN]))
    if story.children_total > _SHOWN:
        yield f"  {tr('... and {count} more.', count=story.children_total - _SHOWN)}"


def _impact(story: AlertStory) -> Iterator[str]:
    found = story.impact
    if found is None or not found.total:
        return
    counts = [
        tr("{kind}: {down} down, {degraded} degraded", kind=tr(kind), down=down, degraded=degraded)
        for kind, (down, degraded) in found.counts.items() if down or degraded
    ]
    yield from _part(tr("What would fall with it"), [
        *counts, *(f"{tr(one.thing.kind)} {clean(one.thing.name, 80)}  {tr(one.harm)}" for one in found.worst[:_SHOWN] if one.thing.name),
    ])


def _part(title: str, found: list[str]) -> Iterator[str]:
    if found:
        yield ""
        yield title
        yield from (f"  {line}" for line in found)


def _step(step: AlertStep) -> str:
    text = step.text
    match step.what:
        case "raised":
            text = tr(text)
        case "suppressed" | "silenced":
            text = short(text)
        case "cause":
            text = tr(CAUSES.get(text, text))
    return " ".join(filter(None, (actor_words(step.who), tr(STEPS[step.what]), clean(text, 400))))
