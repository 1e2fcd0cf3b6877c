"""From statements to records and to the queue, until nothing follows any more."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import msgspec

from core.model import RECONCILED
from core.review import SHIPPED, Difference, Statement
from inventory.intake.binding import Bound, bind
from inventory.intake.deriving import Tongue, Voices, derive, rename, voices
from inventory.intake.differing import Found, found_lines, merge, of_object, of_waiting, says_same
from inventory.intake.owning import unowned
from inventory.intake.saying import guesses, implied, made
from inventory.intake.world import WRITTEN_FIRST, Draft

ROUNDS = 12
"""More are never needed: each accepts something that the one before made possible (a site, a device there, what stands in for it)."""
OURS = frozenset(rule.name for rule in SHIPPED)


class Settled(NamedTuple):
    """Where it came to rest."""

    bound: Bound
    spoken: Mapping[str, tuple[str, Voices]]


def settle_draft(
    draft: Draft, *, accept_new: str = "", found: Found | None = None, covers: Callable[[Difference], bool] = lambda _line: False,
) -> Settled:
    """Lets everything follow. accept_new: origin whose unknown objects come in. found, covers: lines of clouds, and which would be."""
    settled = Settled(Bound({}, []), {})
    for _ in range(ROUNDS):
        bound = bind(draft)
        tongue = Tongue(draft)
        if _admit(draft, bound, tongue, accept_new):
            continue
        settled = Settled(bound, _speak(draft, tongue))
        renamed = _derive_all(draft, settled.spoken)
        if renamed or _accept_by_rules(draft, settled.spoken):
            continue
        break
    _tidy(draft)
    lines = found_lines(draft, settled.bound, Tongue(draft), settled.spoken, unowned(draft)) | (found or {})
    merge(draft, lines, lambda line: _is_covered(draft, line) or covers(line))
    return settled


def _is_covered(draft: Draft, line: Difference) -> bool:
    if line.what == "unowned":
        return line.object_kind in draft.records
    records = draft.records.get(line.object_kind, {})
    return line.object_kind in RECONCILED or (bool(records) and bool(line.object_id) and line.object_id not in records)


def _admit(draft: Draft, bound: Bound, tongue: Tongue, accept_new: str) -> bool:
    """Unknown things that a rule, or the person who imports, lets in. Nothing is declared of them: they follow their sources."""
    came = False
    for kind in sorted(bound.waiting, key=lambda one: (WRITTEN_FIRST.index(one) if one in WRITTEN_FIRST else len(WRITTEN_FIRST), one)):
        for group in bound.waiting[kind]:
            rule = _lets_in(draft, kind, group, accept_new)
            line = of_waiting(draft, kind, group, tongue)
            if rule is None or (rule and _is_rejected(draft, line)):
                continue
            record = _record(draft, kind, group, tongue)
            if record is None or draft.named(kind, record.name) is not None:
                continue
            draft.put(kind, record)
            draft.declare(kind, record.id, record.name, {})
            for one in group:
                made_it = kind == "device" and (one.origin == accept_new or bool(draft.rule_for(kind, "new", "", one.origin)))
                draft.statements[one.id] = draft.statements[one.id].replace(object_id=record.id, same_as=record.id if made_it else "")
            if rule:
                draft.accept(rule, kind)
                if rule not in OURS:
                    _mark_accepted(draft, line.replace(object_id=record.id), f"rule:{rule}", {})
            came = True
    draft.regroup()
    return came


def _lets_in(draft: Draft, kind: str, group: list[Statement], accept_new: str) -> str | None:
    """Name of the rule; empty: a person's word; None: nothing does."""
    if accept_new and any(one.origin == accept_new for one in group):
        return ""
    return next((rule for one in group if (rule := draft.rule_for(kind, "new", "", one.origin))), None)


def _record(draft: Draft, kind: str, group: list[Statement], tongue: Tongue) -> Any:
    fields = guesses(one.fields for one in group) | {field: says[0].text for field, says in voices(kind, group, tongue).items()}
    try:
        return made(kind, draft.new_id(), fields)
    except msgspec.ValidationError:
        return None


def _speak(draft: Draft, tongue: Tongue) -> dict[str, tuple[str, Voices]]:
    """By object of which a source says something, its kind and what is said."""
    kinds = {object_id: kind for kind in RECONCILED if kind in draft.records for object_id in draft.records[kind]}
    return {
        object_id: (kinds[object_id], voices(kinds[object_id], draft.others(object_id), tongue))
        for object_id in draft.spoken_of() if object_id in kinds
    }


def _derive_all(draft: Draft, spoken: Mapping[str, tuple[str, Voices]]) -> bool:
    """Every record of which something is said or declared anew; whether names changed."""
    for object_id, (kind, found) in spoken.items():
        _materialise(draft, kind, object_id)
        _derive_one(draft, kind, object_id, found)
    for kind in RECONCILED & draft.records.keys():
        for object_id in draft.touched & draft.records[kind].keys():
            if object_id not in spoken and draft.has_declaration(object_id):
                _derive_one(draft, kind, object_id, {})
    renamed, draft.renamed = draft.renamed, {}
    for kind, names in renamed.items():
        rename(draft, kind, names)
    return bool(renamed)


def _materialise(draft: Draft, kind: str, object_id: str) -> None:
    """What a record declared all by itself is a statement from the moment on in which somebody else speaks of it."""
    if not draft.has_declaration(object_id):
        record = draft.records[kind][object_id]
        draft.declare(kind, object_id, record.name, implied(kind, record))


def _derive_one(draft: Draft, kind: str, object_id: str, found: Voices) -> None:
    old = draft.records[kind][object_id]
    record = derive(draft, kind, object_id, found)
    if record is None or record == old:
        return
    if record.name != old.name:
        if draft.named(kind, record.name) is not None:
            record = record.replace(name=old.name)
        else:
            draft.renamed.setdefault(kind, {})[old.name] = record.name
    draft.put(kind, record)


def _accept_by_rules(draft: Draft, spoken: Mapping[str, tuple[str, Voices]]) -> bool:
    """What people's rules accept of what contradicts a declaration: only the best source's word, so that two never take turns."""
    if all(rule.name in OURS for rule in draft.world.rules):
        return False
    came = False
    for object_id, (kind, found) in spoken.items():
        record = draft.records[kind].get(object_id)
        if record is None:
            continue
        for line in list(of_object(draft, kind, record, found, draft.others(object_id))):
            rule = "" if _is_rejected(draft, line) else draft.rule_for(kind, line.what, line.field, line.origin)
            best = found.get(line.field)
            if rule and line.what != "missing" and best and best[0].text == line.proposal.get(line.field):
                accept_fields(draft, line, f"rule:{rule}")
                draft.accept(rule, kind)
                came = True
            elif rule and line.what == "missing":
                remove_missing(draft, line, f"rule:{rule}")
                draft.accept(rule, kind)
                came = True
                break
    return came


def accept_fields(draft: Draft, line: Difference, by: str, note: str = "") -> None:
    """What a line proposes is declared from now on."""
    kind, declared = line.object_kind, draft.declaration(line.object_kind, line.object_id)
    before = {field: declared[field] for field in line.proposal if field in declared}
    draft.declare(kind, line.object_id, line.name, {**declared, **line.proposal})
    _mark_accepted(draft, line, by, before, note)


def _mark_accepted(draft: Draft, line: Difference, by: str, before: dict[str, str], note: str = "") -> None:
    known = draft.queue.get(line.id)
    first = known.first_seen if known is not None else line.first_seen
    draft.queue[line.id] = line.replace(first_seen=first, state="accepted", by=by, at_ms=draft.now_ms, note=note, before=before)


def _is_rejected(draft: Draft, line: Difference) -> bool:
    """A person said no to exactly this: no rule says yes."""
    known = draft.queue.get(line.id)
    return known is not None and known.state == "rejected" and says_same(known, line)


def remove_missing(draft: Draft, line: Difference, by: str, note: str = "") -> None:
    """An object that is no more goes; the journal keeps what it was."""
    record = draft.records[line.object_kind][line.object_id]
    _mark_accepted(draft, line, by, implied(line.object_kind, record), note)
    draft.remove(line.object_kind, line.object_id)


def _tidy(draft: Draft) -> None:
    """No statement says again what the record alone says."""
    for kind in RECONCILED & draft.records.keys():
        for object_id in draft.touched & draft.records[kind].keys():
            alone = draft.has_declaration(object_id) and not draft.others(object_id)
            if alone and draft.declaration(kind, object_id) == implied(kind, draft.records[kind][object_id]):
                draft.undeclare(object_id)
