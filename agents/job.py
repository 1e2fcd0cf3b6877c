"""One job of the workers in a process of its own: `python -m agents.job PARENT LANGUAGE`, the job on stdin, the result on stdout.

Memory and processor time are limited here, so that a hostile file ends this process and nothing else.
"""

import resource
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

import msgspec

from agents.lifeline import die_with
from core import i18n
from core.errors import YunwangError
from core.failure import Failure
from core.messages import ImportJob, ImportResult
from core.nouns import Noun
from core.objects import BusinessSystem, CredentialRef, Device, Record, Site, Unit

N = TypeVar("N")

MEMORY = 1536 * 1024 * 1024
CPU_S = 120
MAX_JOB = 65 * 1024 * 1024


class Outcome(Noun, frozen=True, kw_only=True):
    """The result, or why there is none."""

    result: ImportResult | None = None
    failure: Failure | None = None


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def run(job: ImportJob) -> ImportResult:
    """Reads the file and checks it against the records as they are."""
    from inventory.importing import Existing, check
    from links.sheets import read_book
    from stores.records import open_records

    sheets = read_book(job.filename, job.content)
    store = open_records(Path(job.records), readonly=True)
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


def main(arguments: list[str]) -> int:
    parent, language = arguments
    die_with(int(parent))
    limit()
    i18n.use(language)
    try:
        job = msgspec.msgpack.decode(sys.stdin.buffer.read(MAX_JOB), type=ImportJob)
        i18n.use(job.language or language)
        outcome = Outcome(result=run(job))
    except YunwangError as error:
        outcome = Outcome(failure=Failure.of(error))
    sys.stdout.buffer.write(msgspec.msgpack.encode(outcome))
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
