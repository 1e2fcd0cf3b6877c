"""Operations on alerts: finding them, taking them on, noting, silencing, closing."""

from typing import get_args

from core.operations.noun import JSON, Argument, Operation
from core.signals import Severity

_ID = Argument(name="ID", help="The alert, as `alert list` shows it.")
_IDS = Argument(name="ID", help="The alerts, as `alert list` shows them; none: those that the filters say.", many="*")
_FILTERS = (
    Argument(name="--severity", help="This urgent or more; what something stands in for is at most minor.", choices=get_args(Severity),
             default="", metavar="WORD"),
    Argument(name="--unit", help="Only of this unit and those below.", default="", metavar="NAME"),
    Argument(name="--site", help="Only at this site.", default="", metavar="NAME"),
    Argument(name="--device", help="Only of this device or object: name or id.", default="", metavar="NAME"),
    Argument(name="--rule", help="Only of this rule, * for any characters.", default="", metavar="RULE"),
    Argument(name="--grep", help="Only those that hold these words.", default="", metavar="TEXT"),
    Argument(name="--since", help="Raised then or later: 2026-11-23T08:30, 90m, 12h, 7d ago.", default="", metavar="TIME"),
    Argument(name="--root", help="This alert and what follows from it.", default="", metavar="ID"),
    Argument(name="--suppressed", help="Those too that follow from another alert.", type="flag"),
    Argument(name="--unacked", help="Only those that nobody has taken on.", type="flag"),
    Argument(name="--unmuted", help="Only those that no window mutes.", type="flag"),
)
_BULK = (
    *_FILTERS, Argument(name="--everything", help="All open alerts are meant.", type="flag"),
    Argument(name="--dry-run", help="Only say what would be done.", type="flag"),
    Argument(name="--yes", help="Do not ask.", type="flag"), JSON,
)


def _reason(text: str) -> Argument:
    return Argument(name="-m --message", help=text, default="", metavar="TEXT")


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="alert.list", summary="List alerts: roots with how many follow from each, the most urgent first.", noun="alert", verb="list",
        arguments=(
            *_FILTERS, Argument(name="--all", help="Cleared ones too.", type="flag"),
            Argument(name="--cleared", help="Only cleared ones.", type="flag"),
            Argument(name="--limit", help="At most so many.", type="int", default=200, metavar="N"),
            Argument(name="--after", help="The next page: what the page before named at its end.", default="", metavar="CURSOR"), JSON,
        ),
        handler="cli.alert:list_",
    ),
    Operation(
        id="alert.show", summary="Show an alert: what to do, what follows from it, its history, what depends on it.", noun="alert",
        verb="show", arguments=(_ID, JSON), handler="cli.alert:show",
    ),
    Operation(
        id="alert.ack", summary="Take alerts on: nobody is told of them again.", noun="alert", verb="ack", needs="alert.ack",
        arguments=(_IDS, _reason("The reason, or what is done about it."), *_BULK), handler="cli.alert:ack",
    ),
    Operation(
        id="alert.unack", summary="Give alerts back that were taken on.", noun="alert", verb="unack", needs="alert.ack",
        arguments=(_IDS, _reason("The reason."), *_BULK), handler="cli.alert:unack",
    ),
    Operation(
        id="alert.comment", summary="Note something about alerts.", noun="alert", verb="comment", needs="alert.comment",
        arguments=(_IDS, _reason("The note."), *_BULK), handler="cli.alert:comment",
    ),
    Operation(
        id="alert.close", summary="Close alerts whose condition nobody looks at any more.", noun="alert", verb="close",
        needs="alert.close", arguments=(_IDS, _reason("The reason."), *_BULK), handler="cli.alert:close",
    ),
    Operation(
        id="alert.silence", summary="Silence what an alert is about, or devices, units, sites, rules, until a time.", noun="alert",
        verb="silence", needs="window.add",
        arguments=(
            Argument(name="ID", help="The alert: its rule about this part of its object is silenced.", many="?", default=""),
            Argument(name="--until", help="When it ends: +2h, 18:00, 2026-11-23 18:00.", default="", metavar="TIME"),
            _reason("The reason."),
            Argument(name="--whole", help="Everything about the alert's device.", type="flag"),
            Argument(name="--device", help="This device; may be repeated.", many="*", metavar="NAME"),
            Argument(name="--unit", help="This unit and those below; may be repeated.", many="*", metavar="NAME"),
            Argument(name="--site", help="This site; may be repeated.", many="*", metavar="NAME"),
            Argument(name="--rule", help="Only alerts of this rule; may be repeated.", many="*", metavar="RULE"),
            Argument(name="--part", help="Only alerts about this part, as a port; may be repeated.", many="*", metavar="NAME"),
            Argument(name="--everywhere", help="The rule everywhere is meant.", type="flag"),
            Argument(name="--dry-run", help="Only say what would be done.", type="flag"), JSON,
        ),
        handler="cli.alert_silence:silence",
    ),
    Operation(
        id="alert.unsilence", summary="End the silence that mutes an alert.", noun="alert", verb="unsilence", needs="window.end",
        arguments=(_ID, JSON), handler="cli.alert_silence:unsilence",
    ),
)
