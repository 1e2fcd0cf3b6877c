"""What a person decides about lines of the queue: accept, reject, reopen, undo."""

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from core.errors import ConflictError, InvalidInputError, NotFoundError, YunwangError
from core.i18n import tr
from core.model import KEYED
from core.review import STATES, Decided, DecisionOnLines, Difference
from inventory.intake.binding import Bound, bind
from inventory.intake.deriving import referred
from inventory.intake.differing import of_doubt
from inventory.intake.replacing import new_box
from inventory.intake.saying import by_name, fields_of, implied, made, missing_fields, said, text_of, typed, value_of
from inventory.intake.settling import accept_fields, remove_missing, settle_draft
from inventory.intake.telling import finished
from inventory.intake.world import WRITTEN_FIRST, Draft, Plan, World, name_of, statement_id

SHOWN = 100


def decide(world: World, ids: Iterable[str], wish: DecisionOnLines, by: str, now_ms: int, new_id: Callable[[], str]) -> Plan:
    """Carries the verdict out on every line that it can be carried out on; the report says which could not, and why."""
    draft = Draft(world, now_ms, new_id)
    deciding = _Deciding(draft, wish, by)
    lines = sorted((draft.queue[one] for one in ids if one in draft.queue), key=_order)
    refused = deciding.all(lines)
    settle_draft(draft)
    plan = finished(draft, None)
    report = Decided(
        dry_run=wish.dry_run, lines=len(lines), done=len(lines) - len(refused), records=plan.records(),
        refused=dict(list(refused.items())[:SHOWN]), refused_total=len(refused),
    )
    return plan._replace(report=report)


def _order(line: Difference) -> tuple[int, str, str]:
    kind = line.object_kind
    return (WRITTEN_FIRST.index(kind) if kind in WRITTEN_FIRST else len(WRITTEN_FIRST)), kind, line.name


class _Deciding:
    def __init__(self, draft: Draft, wish: DecisionOnLines, by: str) -> None:
        self._draft, self._wish, self._by = draft, wish, by
        self._doubts: dict[str, Any] = {}
        self._referred: dict[tuple[str, str], str] | None = None

    def all(self, lines: list[Difference]) -> dict[str, str]:
        """Those that could not be, with the reason. What refers to another line is tried again after that one."""
        if self._wish.verdict == "accept":
            bound: Bound = bind(self._draft)
            self._doubts = {of_doubt(self._draft, doubt).id: doubt for doubt in bound.doubts}
        refused: dict[str, str] = {}
        waiting = lines
        while waiting:
            refused, self._referred = {}, None
            for line in waiting:
                try:
                    self._one(line)
                except YunwangError as error:
                    refused[line.id] = str(error)
            if len(refused) == len(waiting):
                break
            waiting = [line for line in waiting if line.id in refused]
        return refused

    def _one(self, line: Difference) -> None:
        match self._wish.verdict:
            case "accept":
                self._must_be(line, "open", "rejected")
                self._accept(line)
            case "reject":
                self._must_be(line, "open")
                self._mark(line, "rejected")
            case "reopen":
                self._must_be(line, "rejected")
                self._draft.queue[line.id] = line.replace(state="open", by="", at_ms=0, note="")
            case "undo":
                self._must_be(line, "accepted")
                self._undo(line)

    def _must_be(self, line: Difference, *states: str) -> None:
        if line.state not in states:
            raise ConflictError(tr("It cannot be done: the line is {state}.", state=tr(STATES[line.state])))

    def _mark(self, line: Difference, state: Any, **more: Any) -> None:
        done = {"state": state, "by": self._by, "at_ms": self._draft.now_ms, "note": self._wish.note}
        self._draft.queue[line.id] = line.replace(**{**done, **more})

    def _accept(self, line: Difference) -> None:
        if line.what == "in-doubt":
            self._is_same(line)
        elif line.what == "new":
            self._add(line)
        elif self._record(line) is None:
            raise NotFoundError(tr("{name} is not there any more.", name=line.name))
        elif line.what == "missing":
            self._remove(line)
        elif line.what == "replaced":
            new_box(self._draft, line.object_id, line.proposal)
            self._fields(line)
        else:
            self._fields(line)

    def _record(self, line: Difference) -> Any:
        return self._draft.records.get(line.object_kind, {}).get(line.object_id)

    def _given(self, line: Difference) -> dict[str, str]:
        """What the person gave for this kind, as canonical JSON; raises what is wrong with it."""
        return {name: typed(line.object_kind, name, text) for name, text in self._wish.set.items()}

    def _fields(self, line: Difference) -> None:
        proposal = {**line.proposal, **self._given(line)}
        if not proposal:
            raise InvalidInputError(tr("It is not said what it shall be."), way_out=tr("Give it: --set {field}=NAME.", field=line.field))
        self._check_names(line.object_kind, proposal)
        if line.object_kind not in KEYED:
            accept_fields(self._draft, line.replace(proposal=proposal), self._by, self._wish.note)
            return
        record = self._record(line)
        before = {name: text_of(getattr(record, name)) for name in proposal}
        after = made(line.object_kind, record.id, {**implied(line.object_kind, record), **proposal})
        self._draft.put(line.object_kind, after)
        self._mark(line, "accepted", proposal=proposal, before=before)

    def _check_names(self, kind: str, fields: dict[str, str]) -> None:
        for name, text in fields.items():
            field = by_name(kind).get(name)
            if field is None or not field.target:
                continue
            value = value_of(text)
            for one in value if isinstance(value, tuple) else (value,):
                if one and field.target in self._draft.records and self._draft.named(field.target, one) is None:
                    raise InvalidInputError(
                        tr("There is no {kind} {name} in the inventory.", kind=tr(field.target), name=one),
                        way_out=tr("Accept or declare that first, or give another with --set {field}=NAME.", field=name),
                    )

    def _add(self, line: Difference) -> None:
        kind = line.object_kind
        known = by_name(kind)
        fields = {name: text for name, text in {**line.proposal, **self._given(line)}.items() if name in known}
        if missing := missing_fields(kind, fields):
            raise InvalidInputError(
                tr("{fields} is not known of it.", fields=", ".join(missing)),
                way_out=tr("Give it: --set {field}=NAME.", field=missing[0]),
            )
        self._check_names(kind, fields)
        record = _made(kind, self._draft.new_id(), fields)
        if self._draft.named(kind, name_of(record)) is not None:
            raise ConflictError(tr("There is already a {kind} named {name}.", kind=kind, name=name_of(record)))
        self._draft.put(kind, record)
        if kind not in KEYED:
            self._draft.declare(kind, record.id, record.name, fields)
        self._mark(line, "accepted", object_id=record.id, proposal=fields, before={})

    def _remove(self, line: Difference) -> None:
        if line.object_kind not in KEYED:
            self._refuse_referred(line)
            remove_missing(self._draft, line, self._by, self._wish.note)
            return
        self._mark(line, "accepted", before=implied(line.object_kind, self._record(line)))
        self._draft.remove(line.object_kind, line.object_id)

    def _refuse_referred(self, line: Difference) -> None:
        """Nothing is removed on which others stand; what is removed together is tried again after those."""
        if self._referred is None:
            self._referred = referred(self._draft)
        name = self._record(line).name
        other = self._referred.get((line.object_kind, name))
        if other is not None:
            raise ConflictError(
                tr("Others refer to {name}: {others}.", name=name, others=other), way_out=tr("Change or remove these first."),
            )

    def _is_same(self, line: Difference) -> None:
        """It is one of those that it may be: from now on this source means that device by this name."""
        doubt = self._doubts.get(line.id)
        statement = self._draft.statements.get(statement_id("device", line.origin, line.name))
        if statement is None:
            raise NotFoundError(tr("{name} is not there any more.", name=line.name))
        if self._wish.same_as:
            device = self._draft.named("device", self._wish.same_as)
            if device is None:
                raise NotFoundError(tr("There is no device {name}.", name=self._wish.same_as))
        else:
            rivals: tuple[str, ...] = doubt.verdict.rivals if doubt else ()
            if len(rivals) != 1:
                raise InvalidInputError(tr("It may be one of several."), way_out=tr("Say which one: --device NAME."))
            device = self._draft.records["device"][rivals[0]]
        self._draft.statements[statement.id] = statement.replace(same_as=device.id)
        self._mark(line, "accepted", object_id=device.id)

    def _undo(self, line: Difference) -> None:
        kind = line.object_kind
        if line.what == "in-doubt":
            known = statement_id("device", line.origin, line.name)
            if known in self._draft.statements:
                self._draft.statements[known] = self._draft.statements[known].replace(same_as="")
        elif line.what == "missing":
            self._bring_back(line)
        elif self._record(line) is None:
            raise NotFoundError(tr("{name} is not there any more.", name=line.name))
        elif line.what == "new":
            self._take_out(line)
        elif kind in KEYED:
            self._put_back_keyed(line)
        else:
            self._put_back(line)
        state: Any = "rejected" if line.by.startswith("rule:") else "open"
        self._draft.queue[line.id] = line.replace(
            state=state, by=self._by if state == "rejected" else "", at_ms=self._draft.now_ms, note=self._wish.note, before={},
            object_id="" if line.what in ("new", "in-doubt") else line.object_id,
        )

    def _changed(self, line: Difference) -> ConflictError:
        return ConflictError(
            tr("{name} was changed since.", name=line.name), way_out=tr("Set the field that shall be different by hand."),
        )

    def _put_back(self, line: Difference) -> None:
        declared = self._draft.declaration(line.object_kind, line.object_id)
        if any(declared.get(name) != text for name, text in line.proposal.items()):
            raise self._changed(line)
        again = {name: text for name, text in declared.items() if name not in line.proposal} | line.before
        self._draft.declare(line.object_kind, line.object_id, line.name, again)
        if any(name not in again for name in line.proposal):
            self._empty(line, [name for name in line.proposal if name not in again])

    def _empty(self, line: Difference, names: list[str]) -> None:
        """Nobody declares these any more: what the record alone says is not a declaration either."""
        record = self._record(line)
        defaults = {field.name: field.default for field in fields_of(line.object_kind) if field.name in names and not field.required}
        self._draft.put(line.object_kind, record.replace(**defaults))

    def _put_back_keyed(self, line: Difference) -> None:
        record = self._record(line)
        if any(text_of(getattr(record, name)) != text for name, text in line.proposal.items()):
            raise self._changed(line)
        plain = {name: text_of(getattr(record, name)) for name in by_name(line.object_kind)}
        self._draft.put(line.object_kind, made(line.object_kind, record.id, {**plain, **line.before}))

    def _take_out(self, line: Difference) -> None:
        kind, record = line.object_kind, self._record(line)
        declared = said(kind, record) if kind in KEYED else self._draft.declaration(kind, line.object_id)
        if declared and declared != line.proposal and declared != said(kind, _made(kind, record.id, line.proposal)):
            raise self._changed(line)
        self._draft.take_out(kind, record.id)

    def _bring_back(self, line: Difference) -> None:
        record = _made(line.object_kind, line.object_id, line.before)
        if self._draft.named(line.object_kind, name_of(record)) is not None:
            raise ConflictError(tr("There is already a {kind} named {name}.", kind=line.object_kind, name=name_of(record)))
        self._draft.put(line.object_kind, record)


def _made(kind: str, object_id: str, fields: dict[str, str]) -> Any:
    try:
        return made(kind, object_id, fields)
    except msgspec.ValidationError as error:
        raise InvalidInputError(tr("This makes no {kind}: {reason}.", kind=tr(kind), reason=str(error))) from None
