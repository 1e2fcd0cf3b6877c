"""What a message says, in the language of whoever gets it. What devices said is cleaned and quoted, never a template or markup."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from core.approval import Approval
from core.i18n import mark, speaking, tr
from core.notices import About
from core.rules import advised, said
from core.signals import Severity, urgency
from core.views import AlertRow
from core.width import clean

MOST_LINES = 12
"""Roots that are told one by one; of the others the number."""
MOST_NAMES = 5
MOST_SUBJECT = 120
_CAUSES = {
    "line": mark("The line is down; the power seems to be there."), "power": mark("It lost its power."),
    "line-or-power": mark("Its only line is down, or it lost its power: nobody else stands there to ask."),
    "far-end": mark("The device at the far end was restarted."),
}


class Story(NamedTuple):
    """A root with what follows from it. devices: how many silent ones lie behind it. units: whose they are."""

    row: AlertRow
    devices: int = 0
    units: tuple[str, ...] = ()


class Words(NamedTuple):
    """A message's subject, one line, and its text."""

    subject: str
    text: str


def severity_of(stories: Sequence[Story]) -> Severity:
    """The worst of them."""
    order: tuple[Severity, ...] = ("critical", "major", "minor", "warning", "info")
    return min((hurry(story.row) for story in stories), key=order.index, default="info")


def hurry(row: AlertRow) -> Severity:
    """How much it hurries."""
    return urgency(_severity(row.severity), row.left, row.of)


def _severity(text: str) -> Severity:
    known: dict[str, Severity] = {"critical": "critical", "major": "major", "minor": "minor", "warning": "warning"}
    return known.get(text, "info")


def of_alerts(stories: Sequence[Story], about: About, language: str) -> Words:
    """One message about all of them: the worst first, those with most behind them before others."""
    order = ("critical", "major", "minor", "warning", "info")
    stories = sorted(stories, key=lambda one: (order.index(hurry(one.row)), -one.row.suppressed, one.row.raised_at, one.row.id))
    with speaking(language):
        lines = [line for number, story in enumerate(stories[:MOST_LINES], 1) for line in _told(story, number, about, len(stories))]
        if len(stories) > MOST_LINES:
            lines.append(tr("... and {count} more: yunwang alert list", count=len(stories) - MOST_LINES))
        return Words(_subject(stories, about), "\n".join(lines))


def _subject(stories: Sequence[Story], about: About) -> str:
    first, count = stories[0], len(stories)
    behind = sum(one.devices for one in stories)
    head = tr("recovered") if about == "recovery" else tr(hurry(first.row))
    what = f"{_name(first.row)}: {said(first.row)}"
    if count > 1:
        names = ", ".join(_name(one.row) for one in stories[:MOST_NAMES]) + (" ..." if count > MOST_NAMES else "")
        what = tr("{count} recovered: {names}", count=count, names=names) if about == "recovery" else tr(
            "{count} alerts: {names}", count=count, names=names)
    if behind and about == "alert":
        what = tr("{what} {count} devices behind it do not answer.", what=what, count=behind)
    return clean(f"[{head}] {what}", MOST_SUBJECT)


def _told(story: Story, number: int, about: About, count: int) -> list[str]:
    row = story.row
    head = f"{number}. " if count > 1 else ""
    lines = [f"{head}[{tr('recovered') if about == 'recovery' else tr(hurry(row))}] {_name(row)}: {said(row)}"]
    lines.append("   " + tr("Since {since}", since=_clock(row.raised_at)) + (
        " " + tr("until {until}", until=_clock(row.cleared_at)) if row.cleared_at else ""))
    if row.cause in _CAUSES:
        lines.append("   " + tr(_CAUSES[row.cause]))
    if about == "recovery":
        return lines
    if row.flapping:
        lines.append("   " + tr("It comes and goes; the next message comes when it holds still."))
    if row.of:
        lines.append("   " + tr("{left} of {of} still stand in for it.", left=row.left, of=row.of))
    if row.suppressed and not story.devices:
        lines.append("   " + tr("{alerts} alerts follow from it.", alerts=row.suppressed))
    elif row.suppressed:
        lines.append("   " + tr("{alerts} alerts follow from it, of {devices} devices that do not answer.", alerts=row.suppressed,
                                devices=story.devices))
    if story.units:
        more = " ..." if len(story.units) > MOST_NAMES else ""
        lines.append("   " + tr("Units: {names}", names=", ".join(clean(one, 60) for one in story.units[:MOST_NAMES]) + more))
    if row.comments == () and (advice := advised(row)):
        lines.append("   " + advice)
    return lines


def of_approval(approval: Approval, language: str) -> Words:
    """Somebody waits for a word of this contact."""
    with speaking(language):
        title = clean(approval.title, 200)
        lines = [
            tr("{author} asks: {title}", author=clean(approval.author_name, 60), title=title),
            tr("It waits until {end}.", end=_clock(approval.expires_at)),
            tr("Read and decide: yunwang approval show {id}", id=approval.id),
        ]
        return Words(clean(tr("[approval] {title}", title=title), MOST_SUBJECT), "\n".join(lines))


def of_test(name: str, language: str, at_ms: int) -> Words:
    """To see that it arrives."""
    with speaking(language):
        return Words(
            tr("[test] Yunwang reaches you by {name}", name=clean(name, 60)),
            tr("This is a test, sent {at}. Nothing has happened.", at=_clock(at_ms)),
        )


def of_backlog(subjects: Sequence[str], language: str) -> Words:
    """Messages that had to wait for their channel, told together."""
    with speaking(language):
        lines = [clean(one, MOST_SUBJECT) for one in subjects[: 3 * MOST_LINES]]
        if len(subjects) > len(lines):
            lines.append(tr("... and {count} more: yunwang alert list", count=len(subjects) - len(lines)))
        return Words(tr("[digest] {count} messages that waited", count=len(subjects)), "\n".join(lines))


def _name(row: AlertRow) -> str:
    return clean(row.device or row.instance or row.device_id, 60)


def _clock(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M:%S}"
