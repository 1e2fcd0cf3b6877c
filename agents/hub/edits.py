"""One record changed: the same road as a sheet of one row, so that the same rules hold; and nobody's change is lost.

If-Match (RFC 9110, 13.1.1) is compared inside the transaction with the record as it is there.
"""

from typing import TYPE_CHECKING, Any

import msgspec

from agents.hub.asking import key_of_request
from agents.hub.front import etag, matches
from agents.hub.imports import Upload
from agents.hub.records import in_thread
from core.errors import ChangedError, InvalidInputError
from core.i18n import tr
from core.identity import Caller
from core.objects import KINDS, Record
from core.ports import RecordWrite

if TYPE_CHECKING:
    from agents.hub.hub import Hub


async def put_record(hub: "Hub", caller: Caller, kind: str, name: str, body: bytes, if_match: str) -> Record:
    """The record as it is afterwards. body: all its fields without `id` and `name`; those that are left out get their defaults."""
    wanted = _decoded(kind, name, body)
    content = await in_thread(_sheet, kind, wanted)

    def before(write: RecordWrite) -> None:
        check_match(write.find(kind, name), if_match)

    def after(write: RecordWrite) -> Record:
        found: Record = write.find(kind, name)
        return found

    report = await hub.import_file(caller.actor, Upload(f"{kind}.csv", content, False, key_of_request(), before, after))
    if report.problems:
        problem = report.problems[0]
        place = problem.column.partition(" ")[2]
        raise InvalidInputError(f"{place}: {problem.message}" if place else problem.message)
    found: Record = await hub.read(hub.store.find, kind, name)
    return found


def check_match(found: Any, if_match: str) -> None:
    """Raises `ChangedError` when the record is not the one that the tag was given for; `*`: when there is none."""
    if not if_match:
        return
    if found is None or not matches(if_match.encode("latin-1", "replace"), etag(msgspec.json.encode(found))):
        raise ChangedError(
            tr("Somebody else changed it, or it is not there any more."), way_out=tr("Read it anew, and send its ETag in If-Match."),
        )


def _decoded(kind: str, name: str, body: bytes) -> Record:
    try:
        fields = msgspec.json.decode(body, type=dict[str, Any])
        if extra := fields.keys() & {"id", "name"}:
            raise InvalidInputError(tr("{fields} cannot be given here.", fields=", ".join(sorted(extra))))
        return msgspec.convert({**fields, "id": "", "name": name}, KINDS[kind])
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise InvalidInputError(tr("The content was not understood: {reason}.", reason=str(error))) from None


def _sheet(kind: str, record: Record) -> bytes:
    from inventory.exporting import sheet
    from links.sheets import write_csv

    return write_csv(sheet(kind, [record], "en"))
