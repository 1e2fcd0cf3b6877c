"""Workers: hostile files."""

import io
import signal
import zipfile
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from agents import workers
from agents.jobprocess import CrashedError
from core.errors import InvalidInputError, NoAnswerError
from core.messages import ImportJob, import_result
from stores.records import open_records


@pytest.fixture
def records(tmp_path: Path) -> str:
    path = tmp_path / "records.db"
    open_records(path).close()
    return str(path)


def job(records: str, filename: str, content: bytes) -> bytes:
    return msgspec.msgpack.encode(ImportJob(filename=filename, content=content, records=records))


async def test_a_job_reads_and_checks(records: str) -> None:
    body = await workers.import_job(job(records, "sites.csv", b"name,level\nA,city\n"))
    result = import_result(body)
    assert [site.name for site in result.records["site"]] == ["A"]


async def test_a_job_that_takes_too_long_is_ended(records: str) -> None:
    with pytest.raises(NoAnswerError):
        await workers.import_job(job(records, "sites.csv", b"name,level\nA,city\n"), timeout_s=0.01)


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", b"<a>" + bytes(40_000_000) + b"</a>")
    return out.getvalue()


@pytest.mark.parametrize(("name", "content"), [
    ("a.xlsx", b"PK\x03\x04"), ("a.xlsx", bomb), ("a.csv", b"\xff\xfe\x00\xd8" * 9), ("a.xls", b"\xd0\xcf\x11\xe0"),
])
async def test_hostile_files_are_one_sentence(records: str, name: str, content: bytes | Callable[[], bytes]) -> None:
    with pytest.raises(InvalidInputError) as found:
        await workers.import_job(job(records, name, content() if callable(content) else content))
    assert found.value.message
    assert "could not be read" not in found.value.message, "it crashed instead of being refused"


async def test_a_job_that_crashes_fails_alone() -> None:
    with pytest.raises(InvalidInputError, match=r"could not be read|无法读取"):
        await workers.import_job(b"\xc1 this is no job")


@pytest.mark.parametrize("code", [-signal.SIGKILL, -signal.SIGXCPU])
def test_a_job_ended_by_its_limits_says_so(code: int) -> None:
    told = workers._unreadable(CrashedError(code, b""))
    assert told.way_out == workers._unreadable(CrashedError(1, b"MemoryError")).way_out
