"""The twin of the record store in memory: dicts, put back when a transaction fails."""

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import msgspec

from core.audit import ROOT, AuditPage, AuditQuery, Verdict
from core.edges import Edge
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.i18n import tr
from core.identity import Actor
from core.kinds import HIDDEN, Kept
from core.messages import Observed
from core.model import MODEL
from core.objects import Link, Station
from core.ports import Hit, JournalRow, ListQuery, Page, Past
from core.signals import Alert
from core.terms import parse
from stores.records import edging, finding, history, journal, observing, pages, searching, wording
from stores.records.batch import taken, unique_field
from stores.records.indexing import PLACES
from stores.records.masking import of_record
from stores.records.queries import shape_of
from stores.records.shapes import BY_NOUN, KINDS, NAMED


class _State(NamedTuple):
    records: dict[str, dict[str, Any]]
    observed: dict[str, Observed]
    journal: list[tuple[Any, ...]]
    answers: dict[str, tuple[int, dict[str, Any]]]
    past: dict[tuple[str, int], Edge]


class _MemoryWrite:
    def __init__(self, state: _State, actor: Actor, now_ms: int) -> None:
        self._state, self._actor, self._now = state, actor, now_ms
        self.rows: list[dict[str, Any]] = []
        self.result: dict[str, Any] = {}

    def get(self, kind: str, object_id: str) -> Any:
        return _get(self._state, kind, object_id)

    def find(self, kind: str, name: str) -> Any:
        return _find(self._state, kind, name)

    def put(self, action: str, record: Kept) -> None:
        shape = BY_NOUN[type(record)]
        if not record.id:
            raise InvalidInputError(tr("A record without an id cannot be stored."))
        _check(shape.row(record))
        kind = self._state.records[shape.table]
        old = kind.get(record.id)
        if (field := unique_field(shape.table)) and any(
            getattr(other, field) == getattr(record, field) and other.id != record.id for other in kind.values()
        ):
            raise taken(shape.table, field, getattr(record, field))
        if old == record:
            return
        kind[record.id] = record
        before, after = (shape.plain(old) if old else {}), shape.plain(record)
        changed = [field for field in after if not old or before[field] != after[field]]
        self._journal(action, shape.table, record.id, {f: before[f] for f in changed if old}, {f: after[f] for f in changed})

    def observe(self, action: str, found: Observed) -> None:
        if found.device_id not in self._state.records["device"]:
            raise NotFoundError(tr("There is no device {id}.", id=found.device_id))
        old = self._state.observed.get(found.device_id, _nothing(found.device_id))
        new = self._state.observed[found.device_id] = observing.keep_beginnings(old, found)
        before, after = observing.difference(old, new)
        if before:
            self._journal(action, "device", found.device_id, before, after)

    def delete(self, action: str, kind: str, object_id: str) -> None:
        shape = shape_of(kind)
        old = self._state.records[kind].pop(object_id, None)
        if old is None:
            raise NotFoundError(tr("There is no {kind} {id}.", kind=kind, id=object_id))
        self._state.observed.pop(object_id, None)
        self._journal(action, kind, object_id, shape.plain(old), {})

    def edges(self, came: Sequence[Edge], went: Sequence[str]) -> None:
        if not (came or went):
            return
        latest, ended = {edge.id: edge for edge in came}, list(dict.fromkeys(went))
        holding, past = self._state.records["edge"], self._state.past
        replaced = [one for one in latest if one in holding and one not in ended]
        for one, at_ms in [(one, self._now) for one in ended] + [(one, latest[one].valid_from) for one in replaced]:
            old = holding.pop(one, None)
            if old is not None and old.valid_from < at_ms:
                past[one, old.valid_from] = old.replace(valid_to=at_ms)
        holding.update(latest)
        self._journal("graph.edges", "", "", {}, edging.told(latest.values(), ended, len(replaced)))

    def note(self, action: str, detail: dict[str, Any]) -> None:
        self._journal(action, "", "", {}, detail)

    def answer(self, result: dict[str, Any]) -> None:
        self.result = result

    @property
    def revision(self) -> int:
        return (self._state.journal[-1][0] if self._state.journal else 0) + len(self.rows)

    def _journal(self, action: str, kind: str, object_id: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        if kind in HIDDEN:
            before, after = {}, {}
        row = {
            "at_ms": self._now, "zone_s": journal.zone_s(self._now), "request": self._actor.request, "actor": self._actor.name,
            "origin": self._actor.origin, "action": action, "kind": kind,
        }
        values = {name: of_record(kind, msgspec.to_builtins(told)) for name, told in (("before", before), ("after", after))}
        self.rows.append({**row, "object_id": object_id, **values})


class MemoryRecords:
    """One thread only."""

    def __init__(self) -> None:
        self._state = _State({kind: {} for kind in KINDS}, {}, [], {}, {})

    @contextmanager
    def write(self, actor: Actor, now_ms: int, idempotency_key: str = "") -> Iterator[_MemoryWrite]:
        if idempotency_key in self._state.answers:
            raise ConflictError(tr("This was already done."))
        draft = copy.deepcopy(self._state)
        change = _MemoryWrite(draft, actor, now_ms)
        yield change
        seq, previous = (draft.journal[-1][0], draft.journal[-1][-1]) if draft.journal else (0, ROOT)
        draft.journal.extend(journal.chain(change.rows, seq, previous))
        if idempotency_key:
            draft.answers[idempotency_key] = (now_ms, change.result)
        self._state = draft

    @contextmanager
    def together(self) -> Iterator[None]:
        before = self._state
        try:
            yield
        except BaseException:
            self._state = before
            raise

    def answered(self, idempotency_key: str) -> dict[str, Any] | None:
        found = self._state.answers.get(idempotency_key)
        return found[1] if found else None

    def forget_answers(self, before_ms: int) -> int:
        old = [key for key, (at_ms, _) in self._state.answers.items() if at_ms < before_ms]
        for key in old:
            del self._state.answers[key]
        return len(old)

    def get(self, kind: str, object_id: str) -> Any:
        return _get(self._state, kind, object_id)

    def find(self, kind: str, name: str) -> Any:
        return _find(self._state, kind, name)

    def all(self, kind: str) -> Iterator[Any]:
        order = shape_of(kind).order
        return iter(sorted(self._state.records[kind].values(), key=lambda r: (getattr(r, order), r.id)))

    def page(self, kind: str, query: ListQuery) -> Page:
        shape, limit = shape_of(kind), pages.limit_of(query)
        field, down = pages.ordering(shape, query.sort)
        _, values = pages.conditions(shape, msgspec.structs.replace(query, text=""))
        wanted = dict(zip(query.where, values, strict=False))
        _check((query.text, *values))
        words = [pages.lower(word) for word in query.text.split()[: pages.MAX_WORDS]]
        found = [
            record
            for record in sorted(self._state.records[kind].values(), key=lambda r: r.id)
            if pages.in_scope(shape, record, query)
            and all(getattr(record, name) == value for name, value in wanted.items())
            and all(any(word in pages.lower(str(getattr(record, name))) for name in shape.text) for word in words)
        ]
        found.sort(key=lambda r: getattr(r, field), reverse=down)
        start = 0
        if query.cursor:
            _, last = pages.read_cursor(shape, query)
            start = next((place for place, record in enumerate(found, 1) if record.id == last), len(found))
        shown = found[start : start + limit]
        more = start + limit < len(found)
        cursor = pages.make_cursor(query, getattr(shown[-1], field), shown[-1].id) if more else ""
        return Page(items=tuple(shape.plain(record) for record in shown), total=len(found), cursor=cursor)

    def observed(self, device_id: str) -> Observed:
        return self._state.observed.get(device_id, _nothing(device_id))

    def all_links(self) -> Iterator[Link]:
        return (link for device in sorted(self._state.observed) for link in self._state.observed[device].links)

    def all_stations(self) -> Iterator[Station]:
        return (one for device in sorted(self._state.observed) for one in self._state.observed[device].stations)

    def lookup(
        self, text: str, *, kinds: Sequence[str] = (), limit: int = 50, units: Sequence[str] | None = None,
        sites: Sequence[str] | None = None,
    ) -> Sequence[Hit]:
        if not 1 <= limit <= finding.MOST:
            raise InvalidInputError(tr("A search gives 1 to {limit} hits.", limit=finding.MOST))
        words, found = parse(text), []
        scope = ListQuery(units=None if units is None else tuple(units), sites=None if sites is None else tuple(sites))
        for shape in map(shape_of, kinds or MODEL):
            for record in self._state.records[shape.table].values() if words else ():
                held = wording.terms_of(shape, record)
                exact = wording.exact(text) in wording.exacts(shape, record)
                if (exact or all(word.fits(held) for word in words)) and pages.in_scope(shape, record, scope):
                    found.append(Hit(kind=shape.table, id=record.id, name=record.name, exact=exact))
        return sorted(found, key=lambda hit: (not hit.exact, PLACES[hit.kind], hit.name, hit.id))[:limit]

    def changed(self, start_ms: int, end_ms: int, kinds: Sequence[str] = (), limit: int = 100_000) -> Sequence[Past]:
        shapes = history.asked(start_ms, end_ms, kinds)
        start, end = self._at(start_ms), self._at(end_ms) if end_ms else self._at(2**62)
        keys = sorted(key for key in start.keys() | end.keys() if start.get(key) != end.get(key) and key[0] in shapes)
        if len(keys) > limit:
            raise InvalidInputError(tr("More than {limit} objects changed in this time.", limit=limit))
        return [Past(kind=kind, id=one, before=start.get((kind, one)), after=end.get((kind, one))) for kind, one in keys]

    def object_at(self, kind: str, object_id: str, at_ms: int) -> Any:
        return self._at(at_ms).get((history.modelled(kind).table, object_id))

    def _at(self, at_ms: int) -> dict[tuple[str, str], Any]:
        """Every object as it was: the journal played from its beginning."""
        found: dict[tuple[str, str], dict[str, Any]] = {}
        for row in self.journal(limit=len(self._state.journal)):
            if row.at_ms > at_ms:
                break
            key = row.kind, row.object_id
            if row.kind in MODEL and "id" in row.before and not row.after:
                del found[key]
            elif row.kind in MODEL:
                found[key] = {**found.get(key, {}), **row.after}
        return {key: history.noun(KINDS[key[0]], state) for key, state in found.items()}

    def edges_at(self, at_ms: int) -> Iterator[Edge]:
        found = [*self._state.records["edge"].values(), *(self._state.past.values() if at_ms else ())]
        return iter(sorted((edge for edge in found if not at_ms or edge.held_at(at_ms)), key=edging.order))

    def edges_of(self, object_id: str, at_ms: int = 0) -> Sequence[Edge]:
        return [edge for edge in self.edges_at(at_ms) if object_id in (edge.a, edge.b)]

    def edges_between(self, start_ms: int, end_ms: int) -> Iterator[Edge]:
        found = [*self._state.records["edge"].values(), *self._state.past.values()]
        times = range(start_ms, end_ms)
        return iter(sorted((edge for edge in found if edge.valid_from in times or edge.valid_to in times), key=edging.order))

    def open_alerts(self) -> Iterator[Alert]:
        found = [alert for alert in self._state.records["alert"].values() if not alert.cleared_at]
        return iter(sorted(found, key=lambda alert: (alert.raised_at, alert.id)))

    def journal(self, after_seq: int = 0, limit: int = 1000) -> Sequence[JournalRow]:
        return [journal.read_row(row) for row in self._state.journal[max(after_seq, 0) :][:limit]]

    def revision(self) -> int:
        return len(self._state.journal)

    def search(self, query: AuditQuery) -> AuditPage:
        back, limit = not query.oldest_first, searching.limit_of(query)
        rows = [row for row in self.journal(limit=len(self._state.journal)) if searching.matches(query, row)]
        rows.sort(key=lambda row: (row.at_ms, row.seq), reverse=back)
        if query.cursor:
            after = searching.read_cursor(query)
            rows = [row for row in rows if ((row.at_ms, row.seq) < after if back else (row.at_ms, row.seq) > after)]
        shown = tuple(rows[:limit])
        more = len(rows) > limit
        return AuditPage(items=shown, cursor=searching.make_cursor(query, (shown[-1].at_ms, shown[-1].seq)) if more else "")

    def raw_journal(self, after_seq: int = 0) -> Iterator[tuple[Any, ...]]:
        return iter(self._state.journal[max(after_seq, 0) :])

    def verify(self, seq: int = 0, previous: str = ROOT, progress: Callable[[int], None] | None = None) -> Verdict:  # noqa: ARG002
        return journal.verify(self._state.journal)

    def close(self) -> None:
        """Nothing to close."""


def _get(state: _State, kind: str, object_id: str) -> Any:
    shape_of(kind)
    if object_id not in state.records[kind]:
        raise NotFoundError(tr("There is no {kind} {id}.", kind=kind, id=object_id))
    return state.records[kind][object_id]


def _find(state: _State, kind: str, name: str) -> Any:
    shape_of(kind)
    _check((name,))
    return next((r for r in state.records[kind].values() if kind in NAMED and r.name == name), None)


def _check(values: Iterable[Any]) -> None:
    """What a database refuses."""
    for value in values:
        if isinstance(value, str) and ("\0" in value or any("\ud800" <= char <= "\udfff" for char in value)):
            raise InvalidInputError(tr("Text with a NUL character cannot be stored or looked for."))
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise InvalidInputError(tr("A value cannot be stored: {reason}.", reason=value))


def _nothing(device_id: str) -> Observed:
    return Observed(device_id=device_id, at_ms=0, interfaces=(), facts=(), links=())
