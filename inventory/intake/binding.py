"""Of which object each statement speaks: devices by their signs, everything else by its name.

It is found out anew from all statements at once, in rounds, so that the order in which they came leaves no trace: first what the
declarations and the devices themselves tell, then what becomes certain by that.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from core.review import DECLARATION, Statement
from inventory.intake.saying import value_of
from inventory.intake.world import Draft
from inventory.recognise import Book, Signs, Verdict

RANKS = ("device:", "netbox", "librenms", "zabbix", "oxidized", "crawl")
"""Of the sources that are not declared, the best first; before all of them what is configured."""
PINNED = "device:"
"""Origin of what a device says of itself: the hub knows which one it asked."""


class Doubt(NamedTuple):
    """A statement that may speak of several devices, or of one that is only somewhat like it."""

    statement: Statement
    verdict: Verdict


class Bound(NamedTuple):
    """What was found out. waiting: statements of one thing that is nobody of the records, the best first; by kind."""

    waiting: dict[str, list[list[Statement]]]
    doubts: list[Doubt]


def rank(one: Statement) -> tuple[int, int, float, str, str]:
    """The less, the better: live before gone, then by source, confidence and names; never by the order of arrival."""
    place = -1 if one.source == "configured" else next((n for n, begin in enumerate(RANKS) if one.origin.startswith(begin)), len(RANKS))
    return (1 if one.gone_at else 0), place, -one.confidence, one.origin, one.name


def bind(draft: Draft) -> Bound:
    """Gives every statement its object, and groups those that have none."""
    _forget_removed(draft)
    draft.regroup()
    loose: dict[str, list[Statement]] = {}
    for one in draft.statements.values():
        if one.origin != DECLARATION and not one.origin.startswith(PINNED) and one.object_kind in draft.records:
            loose.setdefault(one.object_kind, []).append(one)
    found = Bound({}, [])
    for kind, statements in loose.items():
        if kind == "device":
            _bind_devices(draft, sorted(statements, key=rank), found)
        else:
            _bind_by_name(draft, kind, sorted(statements, key=rank), found)
    draft.regroup()
    return found


def _forget_removed(draft: Draft) -> None:
    """What is declared of, or said by, an object that was removed elsewhere."""
    for one in list(draft.statements.values()):
        own = one.origin == DECLARATION or one.origin.startswith(PINNED)
        if own and one.object_kind in draft.records and one.object_id not in draft.records[one.object_kind]:
            del draft.statements[one.id]


def _bind_by_name(draft: Draft, kind: str, statements: Iterable[Statement], found: Bound) -> None:
    groups: dict[str, list[Statement]] = {}
    names = draft.by_name[kind]
    for one in statements:
        known = names.get(one.name, "")
        _point(draft, one, known)
        if not known:
            groups.setdefault(one.name, []).append(one)
    if groups:
        found.waiting[kind] = list(groups.values())


def _bind_devices(draft: Draft, statements: list[Statement], found: Bound) -> None:
    book, open_ones = Book(anchors(draft)), []
    for one in statements:
        fixed = _fixed(draft, one)
        if fixed:
            book.add(signs_of(one, fixed))
        else:
            open_ones.append(one)
    verdicts: dict[str, Verdict] = {}
    while open_ones:
        verdicts = {one.id: book.recognise(signs_of(one)) for one in open_ones}
        certain = [one for one in open_ones if verdicts[one.id].device_id]
        if not certain:
            break
        for one in certain:
            _point(draft, one, verdicts[one.id].device_id)
            book.add(signs_of(one, verdicts[one.id].device_id))
        open_ones = [one for one in open_ones if not verdicts[one.id].device_id]
    nobody = []
    for one in open_ones:
        _point(draft, one, "")
        if verdicts[one.id].rivals:
            found.doubts.append(Doubt(draft.statements[one.id], verdicts[one.id]))
        else:
            nobody.append(draft.statements[one.id])
    if nobody:
        found.waiting["device"] = _clusters(nobody)


def anchors(draft: Draft) -> Iterable[Signs]:
    """What is declared of each device, and what each says of itself."""
    for device_id in draft.records["device"]:
        fields = draft.declaration("device", device_id)
        yield Signs(
            device_id=device_id, serials=(_text(fields, "serial"),), name=_text(fields, "name"), address=_text(fields, "address"),
        )
        for one in draft.others(device_id):
            if one.origin.startswith(PINNED):
                yield signs_of(one, device_id)


def signs_of(one: Statement, device_id: str = "") -> Signs:
    """What a statement knows to tell a device by, also from before."""
    former = one.former
    return Signs(
        device_id=device_id, serials=(_text(one.fields, "serial"), *former.get("serial", ())), chassis=_text(one.fields, "chassis"),
        engine=_text(one.fields, "engine"), name=_text(one.fields, "name"), address=_text(one.fields, "address"),
        names=former.get("name", ()), addresses=former.get("address", ()),
    )


def _text(fields: Mapping[str, str], name: str) -> str:
    found = fields.get(name)
    return str(value_of(found)) if found else ""


def _fixed(draft: Draft, one: Statement) -> str:
    """The object that a person said it is, or that came into the inventory by this very statement."""
    if one.same_as and one.same_as in draft.records["device"]:
        _point(draft, one, one.same_as)
        return one.same_as
    return ""


def _clusters(statements: list[Statement]) -> list[list[Statement]]:
    """Those that speak of the same unknown device, together."""
    book, groups = Book(), dict[str, list[Statement]]()
    for one in statements:
        verdict = book.recognise(signs_of(one))
        group = verdict.device_id or one.id
        groups.setdefault(group, []).append(one)
        book.add(signs_of(one, group))
    return list(groups.values())


def _point(draft: Draft, one: Statement, object_id: str) -> None:
    if one.object_id != object_id:
        draft.statements[one.id] = one.replace(object_id=object_id)
