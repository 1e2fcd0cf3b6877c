"""A source tells: its words become statements, and everything follows from those."""

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from core.i18n import tr
from core.model import KEYED, RECONCILED
from core.review import DECLARATION, Statement
from core.sources import Told, Unplaced
from inventory.intake.binding import PINNED, anchors, signs_of
from inventory.intake.cloud import Cloud
from inventory.intake.deriving import Tongue, rename, unknown_names
from inventory.intake.differing import DAY_MS
from inventory.intake.reporting import SHOWN, report
from inventory.intake.saying import guessed, implied, made, said, value_of
from inventory.intake.settling import settle_draft
from inventory.intake.world import PLAIN, WRITTEN_FIRST, Draft, Plan, World, name_of, statement_id
from inventory.recognise import Book, Signs

MOST_FORMER = 4
LONGEST_NAME, LONGEST_TEXT = 512, 16_384
"""What is longer no object is called, and no field holds: it is left out."""


def take(
    world: World, told: Told, now_ms: int, new_id: Callable[[], str], *, accept_new: bool = False, pinned: Mapping[str, str] | None = None,
) -> Plan:
    """What a source's words change. accept_new: what nobody declared comes into the inventory at once, because a person said so.

    pinned: by the name that is told, the id of the device that told it itself.
    """
    draft = Draft(world, now_ms, new_id)
    taking = _Taking(draft, told, accept_new, pinned or {})
    for kind in sorted(told.records, key=lambda one: (WRITTEN_FIRST.index(one) if one in WRITTEN_FIRST else len(WRITTEN_FIRST), one)):
        taking.kind(kind)
    cloud = taking.cloud()
    settle_draft(draft, accept_new=told.origin if accept_new else "", found=cloud.lines, covers=cloud.covers)
    taking.look_for_unknown()
    return finished(draft, report(draft, told, taking.told_counts, taking.unplaced, taking.unplaced_total))


def settle(world: World, now_ms: int, new_id: Callable[[], str]) -> Plan:
    """What follows from what is known without anybody telling anything: after a change of rules, of records, or of time."""
    draft = Draft(world, now_ms, new_id)
    settle_draft(draft)
    return finished(draft, None)


def finished(draft: Draft, report: Any) -> Plan:
    deletes, puts = draft.changes()
    notes = tuple(
        ("queue.rule", {"rule": rule, "accepted": dict(sorted(counts.items()))}) for rule, counts in sorted(draft.accepted.items())
    )
    return Plan(deletes, puts, notes if deletes or puts else (), report)


class _Taking:
    """One take of one source."""

    def __init__(self, draft: Draft, told: Told, accept_new: bool, pinned: Mapping[str, str]) -> None:
        self._draft, self._told, self._accept_new, self._pinned = draft, told, accept_new, pinned
        self.unplaced: list[Unplaced] = []
        self.unplaced_total = 0
        self.told_counts = Counter[str]()

    def kind(self, kind: str) -> None:
        """Takes all records of a kind, but for those of a cloud."""
        records = self._once(kind)
        self.told_counts[kind] = len(records)
        if kind in PLAIN:
            self._plain(kind, records)
        elif kind in RECONCILED and self._told.origin == DECLARATION:
            self._declare(kind, records)
        elif kind in RECONCILED:
            self._state(kind, records)
        elif kind not in KEYED:
            for name in records:
                self._unplace(kind, name, tr("There is no kind of object called {name}.", name=kind))

    def cloud(self) -> Cloud:
        """Takes what has keys."""
        found = Cloud(self._draft, self._told, self._accept_new, self._unplace)
        found.take({kind: self._once(kind, tell=False) for kind in self._told.records if kind in KEYED})
        return found

    def _once(self, kind: str, *, tell: bool = True) -> dict[str, Any]:
        """By name or key; what is told twice counts once."""
        out: dict[str, Any] = {}
        for noun in self._told.records.get(kind, ()):
            name = name_of(noun)
            if not name or len(name) > LONGEST_NAME or name in out:
                if tell:
                    self._unplace(kind, (name or getattr(noun, "name", ""))[:LONGEST_NAME], _why_not(name))
            else:
                out[name] = noun
        return out

    def _unplace(self, kind: str, name: str, reason: str) -> None:
        self.unplaced_total += 1
        if len(self.unplaced) < SHOWN:
            self.unplaced.append(Unplaced(kind=kind, name=name, reason=reason))

    def _plain(self, kind: str, records: Mapping[str, Any]) -> None:
        for name, noun in records.items():
            known = self._draft.named(kind, name)
            self._draft.put(kind, noun.replace(id=known.id if known is not None else self._draft.new_id()))

    def _declare(self, kind: str, records: Mapping[str, Any]) -> None:
        """The person's word. A device that is told under another name is itself where its serial number says so."""
        draft, speaks = self._draft, self._told.fields.get(kind)
        book = Book(anchors(draft)) if kind == "device" and any(draft.named(kind, name) is None for name in records) else None
        claimed = set[str]()
        for name, noun in records.items():
            known = draft.named(kind, name)
            if known is None and book is not None:
                seen = book.recognise(Signs(serials=(noun.serial,), name=name, address=noun.address))
                known = draft.records[kind].get(seen.device_id) if "serial" in seen.by and not seen.replaced else None
                known = None if known is not None and (known.name in records or known.id in claimed) else known
                claimed.add(known.id if known is not None else "")
            self._declare_one(kind, noun, known, said(kind, noun, speaks), speaks)

    def _declare_one(self, kind: str, noun: Any, known: Any, says: dict[str, str], speaks: tuple[str, ...] | None) -> None:
        draft = self._draft
        if known is None:
            object_id, fields = draft.new_id(), says
            draft.put(kind, noun.replace(id=object_id))
        else:
            object_id = known.id
            before = draft.declaration(kind, object_id)
            kept = {} if speaks is None else {field: text for field, text in before.items() if field not in speaks and field != "name"}
            fields = {**kept, **says}
            if fields == before:
                return
        draft.touched.add(object_id)
        alone = not draft.others(object_id) and not draft.has_declaration(object_id)
        record = made(kind, object_id, {**implied(kind, noun if known is None else known), **fields})
        if known is not None and known.name != record.name:
            draft.put(kind, known.replace(name=record.name))
            rename(draft, kind, {known.name: record.name})
        if alone and implied(kind, record) == fields:
            draft.put(kind, record)
        else:
            draft.declare(kind, object_id, noun.name, fields)

    def _state(self, kind: str, records: Mapping[str, Any]) -> None:
        """The word of another source: kept as its statement."""
        draft, origin = self._draft, self._told.origin
        before = {one.name: one for one in draft.statements.values() if one.origin == origin and one.object_kind == kind}
        unseen = {name: one for name, one in before.items() if name not in records}
        lineage = Book(signs_of(one, one.id) for one in unseen.values()) if kind == "device" and unseen else None
        for name, noun in records.items():
            told = said(kind, noun, self._told.fields.get(kind)) | guessed(kind, noun, self._told.guessed.get(kind, ()))
            fields = {field: text for field, text in told.items() if len(text) <= LONGEST_TEXT}
            old = before.get(name)
            if old is None and lineage is not None:
                seen = lineage.recognise(Signs(serials=(noun.serial,), name=name, address=noun.address))
                old = draft.statements.get(seen.device_id) if seen.device_id and not seen.replaced else None
                if old is not None:
                    unseen.pop(old.name, None)
                    del draft.statements[old.id]
            self._put_statement(kind, name, fields, old)
        if kind in self._told.whole:
            self._forget(unseen)

    def _put_statement(self, kind: str, name: str, fields: dict[str, str], old: Statement | None) -> None:
        draft, told, now = self._draft, self._told, self._draft.now_ms
        object_id = self._pinned.get(name, "")
        if told.origin.startswith(PINNED) and not object_id:
            known = draft.named(kind, name)
            object_id = known.id if known is not None else ""
        new_id = statement_id(kind, told.origin, name)
        if old is None:
            draft.statements[new_id] = Statement(
                id=new_id, object_kind=kind, object_id=object_id, name=name, source=told.source, origin=told.origin, fields=fields,
                since=now, seen_at=now,
            )
            return
        if old.fields == fields and not old.gone_at and old.id == new_id:
            draft.statements[new_id] = old.replace(seen_at=now) if now - old.seen_at >= DAY_MS else old
            return
        if kind == "device":
            remember_box(draft, old, fields)
        since = old.since if old.fields == fields else now
        draft.statements[new_id] = old.replace(
            id=new_id, name=name, fields=fields, since=since, seen_at=now, gone_at=0, former=_former(old, fields),
        )

    def _forget(self, unseen: Mapping[str, Statement]) -> None:
        """What a source that tells all it has tells no more."""
        for one in unseen.values():
            if not one.object_id:
                del self._draft.statements[one.id]
            elif not one.gone_at:
                self._draft.statements[one.id] = one.replace(gone_at=self._draft.now_ms)

    def look_for_unknown(self) -> None:
        """Names that stand in what was told and that nobody knows."""
        tongue = Tongue(self._draft)
        for kind, records in self._told.records.items():
            if kind not in RECONCILED:
                continue
            for noun in records:
                for target, name in unknown_names(self._draft, kind, noun, self._told.origin, tongue):
                    reason = tr("There is no {kind} {name} in the inventory.", kind=tr(target), name=name)
                    self._unplace(kind, noun.name, reason)


def _why_not(name: str) -> str:
    if not name:
        return tr("It has no name.")
    return tr("Its name is too long.") if len(name) > LONGEST_NAME else tr("It is told twice.")


def _former(old: Statement, fields: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Names and addresses under which the source told of it before, the newest first. A serial number goes with the box."""
    out = dict(old.former)
    for field in ("name", "address") if old.object_kind == "device" else ():
        was = old.fields.get(field)
        if was and was != fields.get(field):
            out[field] = tuple(dict.fromkeys((str(value_of(was)), *out.get(field, ()))))[:MOST_FORMER]
    return out


def remember_box(draft: Draft, old: Statement, fields: Mapping[str, str]) -> None:
    """A box that is swapped silently: what held is held on to, so that somebody is asked."""
    was, now = old.fields.get("serial"), fields.get("serial")
    record = draft.records["device"].get(old.object_id)
    if not was or not now or was == now or record is None or record.serial != value_of(was):
        return
    declared = draft.declaration("device", record.id)
    if "serial" not in declared:
        kept = {"serial": was, **({"model": old.fields["model"]} if "model" in old.fields and "model" not in declared else {})}
        draft.declare("device", record.id, record.name, {**declared, **kept})
