"""Operations on the review queue, its rules, and on a device whose box was replaced."""

from typing import get_args

from core.model import MODEL
from core.operations.noun import JSON, Argument, Operation
from core.review import DifferenceClass, DifferenceState

_KINDS, _CLASSES = tuple(MODEL), get_args(DifferenceClass)
_IDS = Argument(name="ID", help="Lines, as `queue list` shows them; none: those that the filter finds.", many="*")
_FILTER = (
    Argument(name="--kind", help="Only objects of this kind.", choices=_KINDS, default="", metavar="KIND"),
    Argument(name="--class", help="Only differences of this class.", choices=_CLASSES, default=""),
    Argument(name="--field", help="Only this field.", default="", metavar="FIELD"),
    Argument(name="--origin", help="Only what this source said.", default="", metavar="ORIGIN"),
    Argument(name="--unit", help="Only objects of this unit.", default="", metavar="NAME"),
    Argument(name="--filter", help="Only lines in which every one of these words occurs.", default="", metavar="TEXT"),
)
_NOTE = Argument(name="-m --message", help="Why.", default="", metavar="TEXT")
_DRY = Argument(name="--dry-run", help="Check and count, but change nothing.", type="flag")
_YES = Argument(name="--yes", help="Do not ask before a verdict on many lines.", type="flag")
_RULE = Argument(name="NAME", help="Name of the rule.")
_RULE_FIELDS = (
    Argument(name="--kind", help="Objects of this kind; may be repeated.", choices=_KINDS, many="*", metavar="KIND"),
    Argument(
        name="--class", help="Differences of this class; may be repeated.", many="*", metavar="CLASS",
        choices=tuple(one for one in _CLASSES if one not in ("unowned", "in-doubt")),
    ),
    Argument(name="--field", help="This field; may be repeated.", many="*", metavar="FIELD"),
    Argument(name="--origin", help="Sources whose name begins so, as netbox:; may be repeated.", many="*", metavar="ORIGIN"),
    Argument(name="--only-empty", help="Only fields of which nobody declared anything.", type="flag"),
)

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="queue.list", summary="List what the sources say against each other, and what nobody owns.", noun="queue", verb="list",
        arguments=(
            Argument(name="--state", help="In this state.", choices=(*get_args(DifferenceState), "all"), default="open"), *_FILTER,
            Argument(name="--limit", help="At most so many.", type="int", default=100, metavar="N"), JSON,
        ), handler="cli.queue:list_",
    ),
    Operation(
        id="queue.show", summary="Show one line: declared, configured and observed beside each other, who said it and since when.",
        noun="queue", verb="show", arguments=(Argument(name="ID", help="The line, as `queue list` shows it."), JSON),
        handler="cli.queue:show",
    ),
    Operation(
        id="queue.accept", summary="Accept lines: what they propose is declared from now on.", noun="queue", verb="accept",
        arguments=(
            _IDS, *_FILTER,
            Argument(name="--set", help="Write this instead, as unit=NAME; may be repeated.", many="*", metavar="FIELD=VALUE"),
            Argument(name="--device", help="Which device it is, of a line in doubt.", default="", metavar="NAME"), _NOTE, _DRY, _YES, JSON,
        ), handler="cli.queue:accept",
    ),
    Operation(
        id="queue.reject", summary="Reject lines: they are not asked again until something else is said.", noun="queue", verb="reject",
        arguments=(_IDS, *_FILTER, _NOTE, _DRY, _YES, JSON), handler="cli.queue:reject",
    ),
    Operation(
        id="queue.reopen", summary="Open rejected lines again.", noun="queue", verb="reopen",
        arguments=(_IDS, *_FILTER, _NOTE, _DRY, _YES, JSON), handler="cli.queue:reopen",
    ),
    Operation(
        id="queue.undo", summary="Take an acceptance back: what was before is written again.", noun="queue", verb="undo",
        arguments=(_IDS, *_FILTER, _NOTE, _DRY, _YES, JSON), handler="cli.queue:undo",
    ),
    Operation(
        id="queue.rule-list", summary="List the rules that accept differences by themselves.", noun="queue", verb="rule-list",
        arguments=(JSON,), handler="cli.queue_rules:list_",
    ),
    Operation(
        id="queue.rule-add", summary="Add a rule; what is open and fits is accepted at once.", noun="queue", verb="rule-add",
        arguments=(_RULE, *_RULE_FIELDS, _NOTE, _DRY, JSON), handler="cli.queue_rules:add",
    ),
    Operation(
        id="queue.rule-remove", summary="Remove a rule; what it accepted stays.", noun="queue", verb="rule-remove", arguments=(_RULE,),
        handler="cli.queue_rules:remove",
    ),
    Operation(
        id="queue.rule-enable", summary="Switch a rule on.", noun="queue", verb="rule-enable", arguments=(_RULE, JSON),
        handler="cli.queue_rules:enable",
    ),
    Operation(
        id="queue.rule-disable", summary="Switch a rule off; from now on a person is asked.", noun="queue", verb="rule-disable",
        arguments=(_RULE, JSON), handler="cli.queue_rules:disable",
    ),
    Operation(
        id="queue.rule-test", summary="Say how many of the open lines a rule would accept.", noun="queue", verb="rule-test",
        arguments=(_RULE, JSON), handler="cli.queue_rules:test",
    ),
    Operation(
        id="device.replace", summary="Put another box in the place of a device; its id and history stay.", noun="device", verb="replace",
        arguments=(
            Argument(name="NAME", help="Name of the device."),
            Argument(name="--serial", help="Serial number of the new box.", default="", metavar="NUMBER"),
            Argument(name="--model", help="Model of the new box, where it is another.", default="", metavar="MODEL"), _DRY, JSON,
        ), handler="cli.queue:replace",
    ),
)
