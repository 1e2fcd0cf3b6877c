"""The job that reads a spreadsheet and checks it against the records as they are."""

from typing import Any

import msgspec

from core.messages import ImportJob, ImportResult

ENTRY = "agents.job_import:run"


def run(run: Any) -> ImportResult:
    """Its body is an `ImportJob`."""
    return read(msgspec.msgpack.decode(run.body, type=ImportJob))


def read(job: ImportJob) -> ImportResult:
    from inventory.sheets.importing import Existing, check
    from links.sheets import read_book
    from stores.records import open_records

    sheets = read_book(job.filename, job.content)
    store = open_records(job.records, readonly=True)
    try:
        return check(sheets, Existing(store.all))
    finally:
        store.close()
