"""One alert with all that helps to understand it, as paragraphs. Pure."""

from collections.abc import Iterator

from core.alerting import CAUSES, STEPS, AlertStep, AlertStory, actor_words
from core.i18n import tr
from core.views import AlertRow
from core.width import clean
from core.work import Window
from tui.pane import Line
from tui.tables_work import WINDOW_KINDS
from tui.words import hint, moment, sentence, severity

SHOWN = 12


def paragraphs(story: AlertStory) -> list[Line]:
    """What, what to do, whose; why; what follows; what happened; who was told; what its device said."""
    row = story.alert
    lines = [Line("", f"{severity(row.severity)}  {clean(row.device) or clean(row.device_id)}  {sentence(row)}", _tone(row))]
    if advice := hint(row):
        lines.append(Line("", f"> {advice}"))
    lines += _facts(story)
    lines += _behind(story)
    lines += _impact(story)
    lines += _part(tr("What has happened"), [(moment(step.at_ms), _step(step)) for step in story.history])
    if not story.history_complete:
        lines.append(Line(" ", tr("Older rows are in the archives of the audit trail."), "dim"))
    lines += _part(tr("Who was told"), [
        (moment(one.at_ms), f"{clean(one.contact, 60)}  {tr(one.about)}, {tr(one.state)}") for one in story.told
    ])
    lines += _part(tr("What its device said"), [
        (moment(one.at_ms), " ".join(filter(None, (clean(one.mnemonic, 60), clean(one.text, 300))))) for one in story.said
    ])
    return lines


def _tone(row: AlertRow) -> str:
    return "dim" if row.cleared_at else severity(row.severity).tone


def _facts(story: AlertStory) -> Iterator[Line]:
    row = story.alert
    muted = _window(story.window) if story.window is not None else ""
    acked = ": ".join(filter(None, (clean(row.acked_by, 60), clean(row.ack_reason, 300)))) if row.acked_at else ""
    for name, value in (
        (tr("Raised"), moment(row.raised_at)), (tr("Cleared"), moment(row.cleared_at) if row.cleared_at else ""),
        (tr("Part"), row.instance), (tr("Unit"), story.unit), (tr("Site"), story.site), (tr("Rule"), row.rule),
        (tr("Taken on by"), acked), (tr("Muted by"), muted),
        (tr("Cause"), tr(CAUSES.get(row.cause, row.cause)) if row.cause else ""),
        (tr("Stand in"), f"{row.left} / {row.of}" if row.of else ""),
        (tr("Follows from"), f"{clean(story.root.device)}  {sentence(story.root)}" if story.root is not None else ""),
        (tr("Evidence"), "  ".join(f"{clean(name, 40)}={clean(value, 100)}" for name, value in sorted(row.evidence.items()) if value)),
    ):
        if value:
            yield Line(name, clean(value, 600))


def _window(window: Window) -> str:
    until = moment(window.ended_early_at or window.ends_at)
    return f"{tr(WINDOW_KINDS.get(window.kind, window.kind))} {clean(window.name, 120)} ({until})"


def _behind(story: AlertStory) -> Iterator[Line]:
    if not story.children_total:
        return
    yield from _head(tr("What follows from it ({count})", count=story.children_total))
    for row in story.children[:SHOWN]:
        yield Line(moment(row.raised_at), f"{clean(row.device) or clean(row.device_id)}  {sentence(row)}")
    if story.children_total > SHOWN:
        yield Line(" ", tr("... and {count} more.", count=story.children_total - SHOWN), "dim")


def _impact(story: AlertStory) -> Iterator[Line]:
    found = story.impact
    if found is None or not found.total:
        return
    yield from _head(tr("What would fall with it"))
    for kind, (down, degraded) in found.counts.items():
        if down or degraded:
            yield Line(" ", tr("{kind}: {down} down, {degraded} degraded", kind=tr(kind), down=down, degraded=degraded))
    for one in found.worst[:SHOWN]:
        if one.thing.name:
            yield Line(" ", f"{tr(one.thing.kind)} {clean(one.thing.name, 80)}  {tr(one.harm)}")


def _part(title: str, found: list[tuple[str, str]]) -> Iterator[Line]:
    if found:
        yield from _head(title)
        yield from (Line(when, words or " ") for when, words in found)


def _head(title: str) -> tuple[Line, Line]:
    return Line("", ""), Line(title, "")


def _step(step: AlertStep) -> str:
    text = step.text
    match step.what:
        case "raised" | "severity":
            text = tr(text)
        case "suppressed" | "silenced":
            text = ""
        case "cause":
            text = tr(CAUSES.get(text, text))
    return "  ".join(filter(None, (actor_words(step.who), tr(STEPS[step.what]), clean(text, 400))))
