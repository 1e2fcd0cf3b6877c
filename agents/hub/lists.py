"""The views of records: jobs, approvals, windows, the audit trail, and the objects of each kind of the model, as small rows.

They are read anew when something of their kind was written. A job's progress is not written: it lies over its row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from agents.hub.objects.listing import objects, records
from agents.hub.sight import Sight
from core.approval import Approval
from core.audit import AuditQuery
from core.errors import InvalidInputError
from core.i18n import tr
from core.model import MODEL
from core.notices import Message
from core.permissions import READ
from core.ports import JournalRow, ListQuery, RecordStore
from core.rows import ApprovalRow, AuditRow, JobRow, QueueRow, WindowRow
from core.views import DeviceRow, ViewQuery
from core.work import Job, Window

Row = dict[str, Any]
KINDS = {"jobs": "job", "approvals": "approval", "windows": "time_window", "audit": "journal", "queue": "difference",
         "messages": "notice"}
"""The kind of record behind each of these views; of `objects` it is what the query says."""
OBJECTS, OBJECT_KIND = "objects", "object_kind"
RECORDS = frozenset((*KINDS, OBJECTS))
"""Views that are read from the disk."""
ACTIONS = {"jobs": "job.list", "approvals": "approval.list", "windows": "window.list", "audit": "audit.search", "queue": "queue.list",
           "messages": "notify.list"}
"""What may see a view; `read` where it is not named."""
NEWEST_FIRST = {"jobs": "-created_at", "approvals": "-created_at", "windows": "-starts_at", "audit": "-seq", "queue": "-first_seen",
                "messages": "-created_at"}
NOUNS: dict[str, type[Any]] = {"jobs": Job, "approvals": Approval, "windows": Window, "messages": Message}
PAGE = 1000
DEEPEST = 10_000
"""Rows from the beginning that a window can reach; what lies deeper is found by a filter."""
_QUEUE_FIELDS = tuple(f.name for f in msgspec.structs.fields(QueueRow))
AUDIT_FIELDS = ("actor", "action", "kind", "object_id", "origin", "request", "refused", "start_ms", "end_ms")


def action_of(view: str) -> str:
    return ACTIONS.get(view, READ)


def kind_of(query: ViewQuery) -> str:
    """The kind of record that a view of records shows. Raises for what is no kind of the model."""
    if query.view != OBJECTS:
        return KINDS[query.view]
    kind = query.where.get(OBJECT_KIND, "")
    if kind not in MODEL:
        raise InvalidInputError(
            tr("There is no kind of record named {kind!r}.", kind=kind[:64]), way_out=tr("Kinds: {kinds}.", kinds=", ".join(MODEL)),
        )
    return kind


class Lists:
    """Reads of the disk: called in threads."""

    def __init__(self, store: RecordStore, device: Callable[[str], DeviceRow | None]) -> None:
        self._store, self._device = store, device
        self.progress: Callable[[], Mapping[str, Any]] = dict
        """Of running jobs by their id, as nouns with `done`, `total` and `message`."""

    def window(self, query: ViewQuery, sight: Sight) -> tuple[dict[str, Row], int]:
        """Rows by id, in order, and how many match."""
        rows: Sequence[Any]
        match query.view:
            case "audit":
                rows, total = self._audit(query)
            case "objects":
                rows, total = objects(self._store, kind_of(query), _from_there(query, sight), query.limit)
            case "queue":
                found, total = records(self._store, "difference", _from_there(query, sight), query.limit)
                rows = [msgspec.convert({name: line[name] for name in _QUEUE_FIELDS}, QueueRow) for line in found]
            case _:
                rows, total = self._page(query, sight)
        return {row.id: msgspec.structs.asdict(row) for row in rows}, total

    def check(self, query: ViewQuery) -> None:
        """Raises what is wrong with the query."""
        if query.view == "audit":
            _audit_query(query)
        else:
            self._store.page(kind_of(query), list_query(query).replace(limit=1))

    def _page(self, query: ViewQuery, sight: Sight) -> tuple[list[Any], int]:
        first, last = max(query.offset, 0), min(max(query.offset, 0) + max(query.limit, 1), DEEPEST)
        asked = list_query(query)
        if sight.everything:
            total = self._store.page(KINDS[query.view], asked.replace(limit=1)).total
            found = self._some(query.view, asked, last)
        else:
            found = [noun for noun in self._some(query.view, asked, DEEPEST) if self._is_seen(noun, sight)]
            total = len(found)
        return [self._row(noun) for noun in found[first:last]], total

    def _some(self, view: str, asked: ListQuery, most: int) -> list[Any]:
        found: list[Any] = []
        while len(found) < most:
            page = self._store.page(KINDS[view], asked.replace(limit=min(PAGE, most - len(found))))
            found += (msgspec.convert(item, NOUNS[view]) for item in page.items)
            if not page.cursor:
                break
            asked = asked.replace(cursor=page.cursor)
        return found

    def _is_seen(self, noun: Any, sight: Sight) -> bool:
        match noun:
            case Approval():
                return sight.sees(noun.subject.unit, noun.subject.site)
            case Window():
                scope = noun.scope
                if not (scope.units or scope.sites or noun.devices):
                    return True
                places = [*((unit, "") for unit in scope.units), *(("", site) for site in scope.sites)]
                devices = filter(None, map(self._device, noun.devices))
                return any(sight.sees(*place) for place in (*places, *((row.unit, row.site) for row in devices)))
        return False

    def _row(self, noun: Any) -> JobRow | ApprovalRow | WindowRow | Message:
        match noun:
            case Job():
                row: JobRow = _same_fields(noun, JobRow)
                live = self.progress().get(noun.id)
                if live is None or noun.state != "running":
                    return row
                return row.replace(done=live.done, total=live.total, message=live.message or row.message)
            case Approval():
                return _approval(noun)
            case Message():
                return noun
        window: Window = noun
        more = {"units": window.scope.units, "sites": window.scope.sites}
        shown: WindowRow = _same_fields(window, WindowRow, **more)
        return shown

    def _audit(self, query: ViewQuery) -> tuple[list[AuditRow], int]:
        asked = _audit_query(query)
        first, most = max(query.offset, 0), min(max(query.offset, 0) + max(query.limit, 1), DEEPEST)
        found: list[JournalRow] = []
        calls = 0
        while len(found) < most and calls < DEEPEST // PAGE:
            page = self._store.search(asked.replace(limit=min(PAGE, most - len(found))))
            found += page.items
            calls += 1
            asked = asked.replace(cursor=page.cursor)
            if not page.cursor:
                break
        more = bool(asked.cursor)
        plain = not (query.where or query.text)
        total = self._store.revision() if plain else len(found) + more
        return [_audit_row(row) for row in found[first:most]], total


def _same_fields(noun: Any, type_: type[Any], **more: Any) -> Any:
    names = {f.name for f in msgspec.structs.fields(type_)} & {f.name for f in msgspec.structs.fields(type(noun))}
    return type_(**{name: getattr(noun, name) for name in names} | more)


def _approval(noun: Approval) -> ApprovalRow:
    subject = noun.subject
    more = {name: getattr(subject, name) for name in ("risk", "level", "unit", "site", "digest")}
    words = noun.decisions
    row: ApprovalRow = _same_fields(
        noun, ApprovalRow, **more, fulfilled=tuple(word.step for word in words if word.verdict == "approve" and word.step >= 0),
        comments=sum(word.verdict == "comment" for word in words),
    )
    return row


def _audit_row(row: JournalRow) -> AuditRow:
    name = row.after.get("name") or row.before.get("name") or ""
    more = {"id": str(row.seq), "name": str(name)[:200]}
    shown: AuditRow = _same_fields(row, AuditRow, **more)
    return shown


def list_query(query: ViewQuery) -> ListQuery:
    sort = NEWEST_FIRST.get(query.view, "name") if query.sort == "name" else query.sort
    where = {field: value for field, value in query.where.items() if field != OBJECT_KIND or query.view != OBJECTS}
    return ListQuery(text=query.text, where=where, sort=sort, limit=PAGE)


def _from_there(query: ViewQuery, sight: Sight) -> ListQuery:
    """Lists that may be long begin where the window does, and hold only what is seen."""
    return sight.within(list_query(query)).replace(offset=query.offset)


def _audit_query(query: ViewQuery) -> AuditQuery:
    for field in query.where:
        if field not in AUDIT_FIELDS:
            raise _unknown(field, AUDIT_FIELDS)
    if query.sort.removeprefix("-") not in ("name", "seq", "at_ms"):
        raise _unknown(query.sort, ("seq", "at_ms"))
    try:
        where = msgspec.convert(dict(query.where), AuditQuery, strict=False)
    except msgspec.ValidationError as error:
        raise InvalidInputError(tr("The parameters were not understood: {reason}.", reason=str(error))) from None
    return where.replace(word=query.text, oldest_first=query.sort in ("seq", "at_ms"))


def _unknown(field: str, fields: Iterable[str]) -> InvalidInputError:
    return InvalidInputError(
        tr("There is no field {field} to filter or sort by.", field=field[:64]), way_out=tr("Fields: {fields}.", fields=", ".join(fields)),
    )
