"""One record changed: the same road as a sheet of one row, so that the same rules hold; and nobody's change is lost.

If-Match (RFC 9110, 13.1.1) is compared inside the transaction with the record as it is there.
"""

from typing import TYPE_CHECKING, Any

import msgspec

from agents.hub.asking import forget_key, key_of_request
from agents.hub.front import etag, matches
from agents.hub.imports import Upload
from agents.hub.naming import locate
from agents.hub.records import in_thread
from core.errors import ChangedError, ConflictError, InvalidInputError, NotFoundError
from core.i18n import language, tr
from core.identity import Caller
from core.model import KEYED, LISTED, PEOPLES
from core.ports import RecordStore, RecordWrite
from core.sources import IntakeReport

if TYPE_CHECKING:
    from agents.hub.hub import Hub


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """How a record is to be written. if_match: only over the record with this tag; new: only where there is none."""

    if_match: str = ""
    new: bool = False
    dry_run: bool = False


async def put_record(hub: "Hub", caller: Caller, kind: str, name: str, body: bytes, wish: Wish) -> Any:
    """The record as it is afterwards. body: all its fields without `id` and `name`; those that are left out get their defaults.

    Of kinds that a platform tells of only the fields that are people's.
    """
    known = await in_thread(_known, hub.store, kind, name)
    wanted = _decoded(kind, name, body, known)
    content = await in_thread(_sheet, kind, wanted)
    if wish.dry_run:
        forget_key()

    def before(write: RecordWrite) -> None:
        found = _held(write, kind, name, known)
        if wish.new and found is not None:
            raise ConflictError(tr("There is a {kind} named {name} already.", kind=tr(kind), name=name[:128]))
        check_match(found, wish.if_match)

    def after(write: RecordWrite) -> Any:
        return _held(write, kind, name, known)

    if wish.new and known is not None:
        raise ConflictError(tr("There is a {kind} named {name} already.", kind=tr(kind), name=name[:128]))
    check_match(known, wish.if_match)
    report = await hub.import_file(caller, Upload(f"{kind}.csv", content, wish.dry_run, key_of_request(), before, after))
    _complain(report)
    return wanted if wish.dry_run else await in_thread(locate, hub.store, kind, name)


def check_match(found: Any, if_match: str) -> None:
    """Raises `ChangedError` when the record is not the one that the tag was given for; `*`: when there is none."""
    if not if_match:
        return
    if found is None or not matches(if_match.encode("latin-1", "replace"), etag(msgspec.json.encode(found))):
        raise ChangedError(
            tr("Somebody else changed it, or it is not there any more."), way_out=tr("Read it anew, and send its ETag in If-Match."),
        )


def _known(store: RecordStore, kind: str, name: str) -> Any:
    try:
        return locate(store, kind, name)
    except NotFoundError:
        if kind in KEYED:
            raise
        return None


def _held(write: RecordWrite, kind: str, name: str, known: Any) -> Any:
    """The record inside the transaction."""
    return write.get(kind, known.id) if kind in KEYED else write.find(kind, name)


def _complain(report: IntakeReport) -> None:
    if report.problems:
        problem = report.problems[0]
        place = problem.column.partition(" ")[2]
        raise InvalidInputError(f"{place}: {problem.message}" if place else problem.message)


def _decoded(kind: str, name: str, body: bytes, known: Any) -> Any:
    try:
        fields = msgspec.json.decode(body, type=dict[str, Any])
        if extra := fields.keys() & {"id", "name", "key"}:
            raise InvalidInputError(tr("{fields} cannot be given here.", fields=", ".join(sorted(extra))))
        if kind in KEYED:
            return _of_platform(kind, fields, known)
        wanted = msgspec.convert({**fields, "id": "", "name": name}, LISTED[kind])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidInputError(tr("The content was not understood: {reason}.", reason=str(error))) from None
    _must_be_sayable(kind, wanted, known)
    return wanted


def _of_platform(kind: str, fields: dict[str, Any], known: Any) -> Any:
    """The object as its platform tells of it, with the fields that are people's."""
    same = msgspec.to_builtins(known)
    if other := sorted(name for name, value in fields.items() if name not in PEOPLES.get(kind, ()) and same.get(name) != value):
        raise InvalidInputError(
            tr("Only its platform says this of a {kind}: {fields}.", kind=tr(kind), fields=", ".join(other)),
            way_out=tr("People fill in: {names}.", names=", ".join(PEOPLES.get(kind, ())) or "-"),
        )
    own = {field: fields.get(field, "") for field in PEOPLES.get(kind, ())}
    return msgspec.convert({**msgspec.structs.asdict(known), **own}, LISTED[kind])


def _must_be_sayable(kind: str, wanted: Any, known: Any) -> None:
    """Refuses what no sheet can say: another name than the one that follows from the fields, and fields that only a source knows."""
    from inventory.sheets.columns import BY_KIND, OTHERS, title

    if kind in OTHERS:
        raise InvalidInputError(tr("{kind}: sources tell of these, they are not declared by people.", kind=title(kind, language())))
    of = BY_KIND[kind]
    values = msgspec.structs.asdict(wanted)
    if of.named and (named := of.named(values)) != wanted.name:
        raise InvalidInputError(
            tr("The name follows from the other fields: {name}.", name=named), way_out=tr("Add that one, and remove the old one."),
        )
    hidden = values.keys() - {column.field for column in of.columns} - {"id", "name"}
    if other := sorted(field for field in hidden if values[field] != (getattr(known, field) if known else _default(kind, field))):
        raise InvalidInputError(tr("{fields} cannot be given here.", fields=", ".join(other)))


def _default(kind: str, field: str) -> Any:
    return next(one.default for one in msgspec.structs.fields(LISTED[kind]) if one.name == field)


def _sheet(kind: str, record: Any) -> bytes:
    from inventory.sheets.exporting import sheet
    from links.sheets import write_csv

    return write_csv(sheet(kind, [record], "en"))
