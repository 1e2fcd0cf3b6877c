"""The job that reads a spreadsheet and checks it against the records as they are."""

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from core.messages import ImportJob, ImportResult
from core.nouns import Noun
from core.objects import BusinessSystem, CredentialRef, Device, Record, Site, Unit

ENTRY = "agents.job_import:run"
N = TypeVar("N", bound=Noun)


def run(run: Any) -> ImportResult:
    """Its body is an `ImportJob`."""
    return read(msgspec.msgpack.decode(run.body, type=ImportJob))


def read(job: ImportJob) -> ImportResult:
    from inventory.importing import Existing, check
    from links.sheets import read_book
    from stores.records import open_records

    sheets = read_book(job.filename, job.content)
    store = open_records(job.records, readonly=True)
    try:
        existing = Existing(
            units=_all(store.all("unit"), Unit), systems=_all(store.all("system"), BusinessSystem), sites=_all(store.all("site"), Site),
            devices=_all(store.all("device"), Device), credentials=_all(store.all("credential"), CredentialRef),
        )
    finally:
        store.close()
    return check(sheets, existing)


def _all(records: Iterable[Record], noun: type[N]) -> tuple[N, ...]:
    return tuple(record for record in records if isinstance(record, noun))
