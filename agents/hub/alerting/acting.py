"""Alerts are taken on, given back, noted and closed: many in one transaction, each as it is by then."""

from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from agents.hub.alerting.choosing import Chosen, chosen
from agents.hub.alerting.closing import Watching
from agents.hub.alerting.meeting import without_ack
from agents.hub.records import in_thread, now_ms
from core.alerting import MOST_AT_ONCE, MOST_COMMENTS, AlertOrder, AlertsDone, Verb
from core.errors import ConflictError, InvalidInputError, NotFoundError, YunwangError
from core.i18n import tr
from core.identity import Caller
from core.ports import RecordWrite
from core.signals import Alert, Comment
from core.width import clean

if TYPE_CHECKING:
    from agents.hub.hub import Hub

ACTIONS: dict[Verb, str] = {"ack": "alert.ack", "unack": "alert.ack", "comment": "alert.comment", "close": "alert.close"}
MOST_REFUSED = 100


class Doing(NamedTuple):
    """Who does what, and what they say."""

    who: str
    text: str
    now: int

    def noted(self, alert: Alert) -> Alert:
        """With what was said as a comment, where something was."""
        if not self.text:
            return alert
        if len(alert.comments) >= MOST_COMMENTS:
            raise ConflictError(tr("This alert has {count} comments already.", count=MOST_COMMENTS))
        return alert.replace(comments=(*alert.comments, Comment(at_ms=self.now, by=self.who, text=self.text)))


def _acked(alert: Alert, doing: Doing) -> Alert:
    if alert.cleared_at:
        raise ConflictError(tr("This alert is over."))
    if alert.acked_at and alert.acked_by == doing.who and alert.ack_reason == doing.text:
        return alert
    return alert.replace(acked_at=max(doing.now, 1), acked_by=doing.who, ack_reason=doing.text)


def _given_back(alert: Alert, doing: Doing) -> Alert:
    return doing.noted(without_ack(alert)) if alert.acked_at else alert


def _commented(alert: Alert, doing: Doing) -> Alert:
    return doing.noted(alert)


def _closed(alert: Alert, doing: Doing) -> Alert:
    return alert if alert.cleared_at else doing.noted(alert).replace(cleared_at=max(doing.now, alert.raised_at + 1))


_CHANGES: dict[Verb, Callable[[Alert, Doing], Alert]] = {
    "ack": _acked, "unack": _given_back, "comment": _commented, "close": _closed,
}
_JOURNALED: dict[Verb, str] = {"ack": "alert.ack", "unack": "alert.unack", "comment": "alert.comment", "close": "alert.close"}
_NEEDS_WORDS = frozenset({"comment", "close"})


async def act(hub: "Hub", caller: Caller, verb: Verb, order: AlertOrder) -> AlertsDone:
    """Does it to the alerts that this caller may touch; what cannot be done to one is told of that one."""
    text = clean(order.text).strip()
    if verb in _NEEDS_WORDS and not text:
        raise InvalidInputError(tr("It needs a reason, or a note."), way_out=tr("Say it with -m: the history of the alert keeps it."))
    found = await _meant(hub, caller, verb, order)
    rows, left, cursor = found.page(order.after, MOST_AT_ONCE)
    doing = Doing(caller.actor.name, text, now_ms())
    unclosable = await in_thread(Watching.of(hub).refusals, rows) if verb == "close" else {}
    ids = [row.id for row in rows if row.id not in unclosable]
    if order.dry_run:
        tried = _each(ids, lambda one: hub.store.get("alert", one), lambda _: None, verb, doing)
        return _told(tried, unclosable).replace(left=left, cursor=cursor, dry_run=True)
    written: list[Alert] = []

    def change(write: RecordWrite) -> AlertsDone:
        written.clear()

        def put(alert: Alert) -> None:
            write.put(_JOURNALED[verb], alert)
            written.append(alert)

        return _told(_each(ids, lambda one: write.get("alert", one), put, verb, doing), unclosable).replace(left=left, cursor=cursor)

    async with hub.alerting.one:
        done = await hub.write(caller, change)
        await hub.alerting.show(written)
    if verb == "close":
        hub.alerting.forget(written)
    return done


async def _meant(hub: "Hub", caller: Caller, verb: Verb, order: AlertOrder) -> Chosen:
    query = order.alerts
    if not (query.narrows or order.everything):
        raise InvalidInputError(
            tr("It is not said which alerts are meant."), way_out=tr("Name them by id, give a filter, or say that all are meant."),
        )
    found = await chosen(hub, query, hub.sight(caller) if query.ids else hub.sight(caller, ACTIONS[verb]))
    for row in found.rows if query.ids else ():
        place = found.places.of(row)
        if not found.places.sees(hub.sight(caller, ACTIONS[verb]), row):
            await hub.allow(caller, ACTIONS[verb], row.id, place.unit, place.site)
    return found


class _Each(NamedTuple):
    done: list[str]
    same: int
    refused: dict[str, str]


def _each(ids: list[str], get: Callable[[str], Alert], put: Callable[[Alert], None], verb: Verb, doing: Doing) -> _Each:
    done: list[str] = []
    same = 0
    refused: dict[str, str] = {}
    for one in ids:
        try:
            before = get(one)
            after = _CHANGES[verb](before, doing)
        except NotFoundError:
            refused[one] = tr("It is not there any more.")
            continue
        except ConflictError as error:
            refused[one] = str(error)
            continue
        if after == before:
            same += 1
        else:
            put(after)
            done.append(one)
    return _Each(done, same, refused)


def _told(each: _Each, unclosable: dict[str, YunwangError]) -> AlertsDone:
    refused = {one: str(error) for one, error in unclosable.items()} | each.refused
    return AlertsDone(done=tuple(each.done), same=each.same, refused=dict(list(refused.items())[:MOST_REFUSED]))
