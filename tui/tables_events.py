"""The columns of what devices say, and one event in full. Pure."""

from core.events import PRIORITIES, EventRow, why_odd
from core.i18n import language, mark, tr
from core.width import clean
from tui.columns import Column
from tui.words import moment

WORDS = {
    "emergency": mark("emergency"), "alert": mark("alert"), "critical": mark("critical"), "error": mark("error"),
    "warning": mark("warning"), "notice": mark("notice"), "info": mark("info"), "debug": mark("debug"),
}
KINDS = {"trap": mark("trap"), "syslog": mark("log line")}
_TONES = ("bad", "bad", "bad", "bad", "warn", "", "dim", "dim")
MOST_FIELDS = 12


def sentence(row: EventRow) -> str:
    """What was said, in the language of the screen where that is known, else in the device's own words."""
    return clean(row.said.get(language(), "") or row.text)


def priority(row: EventRow) -> str:
    return tr(WORDS[PRIORITIES[row.priority]])


def kind(row: EventRow) -> str:
    return tr(KINDS.get(row.kind, row.kind))


def about(row: EventRow) -> list[str]:
    """Everything that is known of one event, in lines."""
    head = f"{moment(row.at_ms)}  {clean(row.device) or clean(row.source)}  {clean(row.source)}  {kind(row)}  {clean(row.mnemonic)}"
    lines = [head, clean(row.text)]
    if row.fields:
        lines.append("  ".join(f"{clean(name, 40)}={clean(value, 60)}" for name, value in list(row.fields.items())[:MOST_FIELDS]))
    if row.odd:
        lines.append(tr("Read only in part: {reason}", reason=clean(why_odd(row))))
    return lines


EVENTS = (
    Column(mark("Severity"), priority, 8, 9, 0, "priority", tone=lambda r: _TONES[r.priority], words=tuple(WORDS.values())),
    Column(mark("When"), lambda r: moment(r.last_ms or r.at_ms), 11, 11, 0, "at_ms"),
    Column(mark("Device"), lambda r: clean(r.device) or clean(r.source), 16, 28, 0, "device"),
    Column(mark("Kind"), kind, 6, 8, 4, "kind", words=tuple(KINDS.values())),
    Column(mark("Mnemonic"), lambda r: clean(r.mnemonic), 14, 28, 2, "mnemonic"),
    Column(mark("Times"), lambda r: f"{r.count:,}" if r.count > 1 else "", 6, 8, 1, "count", right=True),
    Column(mark("Text"), sentence, 24, 100, 0),
)
