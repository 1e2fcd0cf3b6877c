"""The columns of messages, and one of them in full. Pure."""

from core.i18n import mark, tr
from core.notices import Message
from core.width import clean
from tui.columns import Column
from tui.pane import Line
from tui.tables_work import state_of
from tui.words import NOTHING, Word, moment, severity

STATES = {
    "waiting": Word(".", mark("waiting"), "warn"), "sent": Word("+", mark("sent"), "good"), "failed": Word("x", mark("failed"), "bad"),
}
ABOUT = {"alert": mark("alert"), "recovery": mark("recovery"), "approval": mark("approval"), "test": mark("test")}


def state(row: Message) -> Word:
    return state_of(STATES, row.state)


def channel(row: Message) -> str:
    """By which it went; of one that waits nothing is known yet."""
    return clean(row.channel) if row.channel and (row.state == "sent" or row.about == "test") else NOTHING


def about(row: Message) -> list[Line]:
    """Everything that is known of one message."""
    tried = [Line(tr("Tries"), str(row.attempts))] if row.attempts > 1 or row.problem else []
    next_ = [Line(tr("Next try"), moment(row.due_at))] if row.state == "waiting" and row.due_at else []
    problem = [Line(tr("Problem"), clean(row.problem, 500), "bad")] if row.problem else []
    return [
        Line(clean(row.subject, 300), ""),
        Line(tr("State"), str(state(row)), state(row).tone),
        *problem, *tried, *next_,
        Line(tr("Recipient"), clean(row.contact)),
        Line(tr("Channel"), "  ".join(filter(None, (channel(row), clean(row.to))))),
        Line(tr("Tells of"), tr(ABOUT.get(row.about, row.about))),
        Line(tr("Written"), moment(row.created_at)), Line(tr("Sent"), moment(row.sent_at)),
        Line("", ""),
        *(Line("", clean(line, 500) or " ") for line in row.text.splitlines()),
    ]


MESSAGES = (
    Column(mark("State"), lambda r: str(state(r)), 7, 9, 0, "state", tone=lambda r: state(r).tone,
           words=tuple(word.word for word in STATES.values())),
    Column(mark("Written"), lambda r: moment(r.created_at), 11, 11, 0, "created_at"),
    Column(mark("Recipient"), lambda r: clean(r.contact), 10, 18, 0, "contact"),
    Column(mark("Channel"), channel, 8, 14, 2, "channel"),
    Column(mark("Tells of"), lambda r: tr(ABOUT.get(r.about, r.about)), 8, 8, 3, "about", words=tuple(ABOUT.values())),
    Column(mark("Severity"), lambda r: str(severity(r.severity)) if r.about == "alert" else "", 7, 7, 4, "severity"),
    Column(mark("Sent"), lambda r: moment(r.sent_at), 11, 11, 1, "sent_at"),
    Column(mark("Subject"), lambda r: clean(r.subject), 20, 60, 0),
    Column(mark("Problem"), lambda r: clean(r.problem), 24, 60, 5, tone=lambda _r: "bad"),
)
