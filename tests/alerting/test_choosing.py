"""Cleared alerts out of the records: bounded, and it is told where the bound was met."""

import pytest

from agents.hub.alerting import choosing
from agents.hub.table import alert_row
from core.identity import Actor
from core.nouns import new_id
from core.signals import Alert
from stores.memory_records import MemoryRecords

T = 1_800_000_000_000


@pytest.fixture(scope="module")
def store() -> MemoryRecords:
    """2,500 alerts, one each second; every tenth is open still."""
    made = MemoryRecords()
    with made.write(Actor(name="test"), T) as write:
        for number in range(2500):
            at = T + number * 1000
            cleared = 0 if number % 10 == 0 else at + 1
            write.put("alert.raise", Alert(
                id=new_id(at), rule="r", device_id=f"d{number % 5}", severity="major", raised_at=at, cleared_at=cleared,
            ))
    return made


def test_all_is_read_where_it_is_not_too_much(store: MemoryRecords) -> None:
    rows, complete = choosing._cleared(store, 0, {}, {}, {"d1": "LD-1"})
    assert (len(rows), complete) == (2250, True)
    assert [row.raised_at for row in rows] == sorted((row.raised_at for row in rows), reverse=True)
    assert {row.device for row in rows if row.device_id == "d1"} == {"LD-1"}


def test_reading_ends_at_the_bound_and_says_so(store: MemoryRecords, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choosing, "MOST_READ", 1000)
    assert choosing._cleared(store, 0, {}, {}, {})[1] is False
    late = T + 2_400_000
    rows, complete = choosing._cleared(store, late, {}, {}, {})
    assert (len(rows), complete) == (90, True), "what lies before is not wanted"
    rows, complete = choosing._cleared(store, 0, {"device_id": "d1"}, {}, {})
    assert (len(rows), complete) == (500, True)


def test_a_row_that_is_there_already_is_used(store: MemoryRecords) -> None:
    row, *_ = choosing._cleared(store, 0, {}, {}, {})[0]
    shown = alert_row(Alert(id=row.id, rule="r", device_id="d", severity="info", raised_at=row.raised_at, cleared_at=1), "shown")
    assert choosing._cleared(store, 0, {}, {row.id: shown}, {})[0][0] is shown
