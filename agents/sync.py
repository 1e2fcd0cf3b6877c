"""Asking a source of the inventory: jobs of the workers, each in a process of its own with bounded memory.

Everything is read before anything is written: a source that fails on its seventh page changes nothing, and nothing is called missing
unless its kind was told wholly.
"""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from agents import sync_files, sync_reading
from agents.job import Run
from agents.sync_telling import Telling
from agents.sync_wire import HubWire
from core.errors import YunwangError
from core.i18n import tr
from core.sources import SourceAnswer, SourceAsk, SourceGiven, SourceTest

SHOWN = 200
"""Of what could not be placed, in a job's result."""


def run(job: Run) -> dict[str, Any]:
    """`arguments`: source, dry_run. The result is the hub's `IntakeReport`."""
    with HubWire(job.settings, job.id) as hub:
        given = hub.given()
        report = given.report
        if report is None:
            telling = Telling(job.tell, hub.send, given.expected)
            with authority_of(given) as authority:
                sync_reading.read(given, authority, telling)
            job.tell(telling.done, telling.done, tr("comparing and writing"))
            report = hub.finish(telling.told())
    plain: dict[str, Any] = msgspec.to_builtins(report.replace(unplaced=report.unplaced[:SHOWN], problems=report.problems[:SHOWN]))
    return plain


def push(job: Run) -> dict[str, Any]:
    """`arguments`: source, dry_run. Writes to a NetBox what it lacks; the result is a `core.sources.PushReport`."""
    from agents.sync_push import push as write_to

    with HubWire(job.settings, job.id) as hub:
        given = hub.given()
    with authority_of(given) as authority:
        plain: dict[str, Any] = msgspec.to_builtins(write_to(given, authority, job))
    return plain


def answer(job: Any) -> SourceAnswer:
    """A question that somebody waits for; its body is a `SourceAsk`. A file tells, anything else is tried."""
    given = msgspec.msgpack.decode(job.body, type=SourceAsk).given
    if given.content:
        records: dict[str, list[Any]] = {}
        telling = Telling(job.tell, lambda kind, found: records.setdefault(kind, []).extend(found), {})
        sync_files.read_file(given, telling)
        return SourceAnswer(told=telling.told(), records={kind: msgspec.msgpack.encode(found) for kind, found in records.items()})
    return SourceAnswer(test=_tested(given))


def _tested(given: SourceGiven) -> SourceTest:
    began = time.monotonic()
    test = SourceTest(name=given.config.name, ok=False, message="")
    try:
        with authority_of(given) as authority:
            about = sync_reading.look(given, authority)
    except YunwangError as error:
        test = test.replace(message=error.message, way_out=error.way_out, code=error.code)
    else:
        test = test.replace(ok=True, message=tr("{name} can be read.", name=given.config.name), about=about)
    return test.replace(took_ms=round((time.monotonic() - began) * 1000))


@contextlib.contextmanager
def authority_of(given: SourceGiven) -> Iterator[str]:
    """The path of a file with the certificate that was declared with the source; empty where there is none."""
    pem = given.config.options.get("authority", "")
    if not pem:
        yield ""
        return
    handle, path = tempfile.mkstemp(prefix="yunwang-", suffix=".pem")
    try:
        with os.fdopen(handle, "w") as file:
            file.write(pem)
        yield path
    finally:
        Path(path).unlink()
