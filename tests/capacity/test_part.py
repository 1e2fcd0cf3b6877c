"""What surrounds a question: it stops when nobody waits for it any more, and reports are kept as files."""

import asyncio
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.hub.capacity import Capacity, reports
from core import months
from core.capacity import CapacityReport
from core.errors import InvalidInputError, NotFoundError
from core.sections import General
from core.settings import Settings


async def test_a_question_stops_when_whoever_asked_goes_away(tmp_path: Path) -> None:
    hub: Any = SimpleNamespace(settings=Settings(general=General(data_dir=str(tmp_path))))
    part, begun, ended = Capacity(hub), threading.Event(), threading.Event()
    gone: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def endless(told: Callable[[int, int], None]) -> str:
        begun.set()
        try:
            while True:
                told(1, 2)
        finally:
            ended.set()

    asked = asyncio.ensure_future(part._ask(endless, gone))
    await asyncio.to_thread(begun.wait)
    assert not ended.is_set()
    gone.set_result(None)
    with pytest.raises(InvalidInputError):
        await asked
    assert ended.is_set()
    assert await part._ask(lambda _: "next", asyncio.get_running_loop().create_future()) == "next"


def report(name: str) -> CapacityReport:
    return CapacityReport(id=name, made_ms=1, start_ms=0, end_ms=1, step_ms=300_000, groups=(), top=())


def test_reports_are_kept_and_the_oldest_go(tmp_path: Path) -> None:
    folder = tmp_path / "capacity"
    for number in range(reports.KEPT + 2):
        reports.keep(folder, report(f"{number:032x}"))
    assert len(list(folder.iterdir())) == reports.KEPT
    newest = f"{reports.KEPT + 1:032x}"
    assert reports.read(folder, newest) == report(newest)
    outside = tmp_path / "other.json"
    outside.write_text("{}")
    for name in (f"{0:032x}", "../other", "", "a\0b", str(outside.with_suffix(""))):
        with pytest.raises(NotFoundError):
            reports.read(folder, name)


@pytest.mark.parametrize("arguments", [
    {}, {"days": "x"}, {"days": 10**400}, {"start_ms": -1}, {"start_ms": 1, "kind": "none"}, {"month": "x"},
])
def test_a_report_on_nothing_is_refused(arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidInputError):
        reports.checked(arguments)


def test_a_schedule_counts_back_from_when_its_job_is_made() -> None:
    one = reports.checked({"days": 30, "site": "机房"})
    assert one["site"] == "机房"
    assert reports.checked({"days": 31})["start_ms"] < one["start_ms"]
    last = reports.checked({"month": "last"})
    assert (last["start_ms"], last["end_ms"]) == months.parse(months.latest(time.time_ns() // 1_000_000, 2)[1])
    assert reports.checked({"month": "2026-10"})["start_ms"] == 1_790_784_000_000
