"""How far a sync is, what is sent on, and what waits in the hub until all of it is there."""

from typing import Any

import msgspec
import pytest

from agents.hub.sources.landing import Landing
from agents.job import Stopped
from agents.sync_telling import Telling
from core import i18n
from core.cloud import VM
from core.errors import ConflictError, InvalidInputError, ProtocolError
from core.sources import Piece, Pieces, Told


def machines(count: int, start: int = 0) -> list[VM]:
    return [VM(id="", key=f"k{number}", name=f"vm-{number}", project="p") for number in range(start, start + count)]


def test_progress_is_measured_by_what_was_there_the_last_time() -> None:
    said: list[tuple[int, int, str]] = []
    telling = Telling(lambda *words: said.append(words), lambda *_: None, {"vm": 3000, "vport": 3000, "device": 50})
    telling.will_tell(("vm", "vport"))
    with i18n.speaking("zh"):
        telling.give("vm", machines(1200))
    assert said == [(1200, 6000, "云主机 1200/3000")]
    with i18n.speaking("en"):
        telling.give("vm", machines(2000))
    assert said[-1] == (3200, 6200, "VM 3200")


def test_a_cancelled_job_sends_nothing_more() -> None:
    sent: list[Any] = []

    def stop(*_: Any) -> None:
        raise Stopped

    telling = Telling(stop, lambda *words: sent.append(words), {})
    with pytest.raises(Stopped):
        telling.give("vm", machines(1))
    assert sent == []


class Jobs:
    """As much of a hub as a landing looks at."""

    def __init__(self, *running: str) -> None:
        self.work = self
        self.jobs = {name: type("Job", (), {"id": name, "state": "running"}) for name in running}


def piece(number: int, records: list[VM], job: str = "a", kind: str = "vm") -> Piece:
    return Piece(job=job, number=number, kind=kind, records=msgspec.msgpack.encode(records))


def end(count: int, job: str = "a") -> Pieces:
    return Pieces(job=job, count=count, told=Told(origin="", source="observed", whole=("vm", "volume")))


def test_pieces_become_one_word() -> None:
    landing = Landing(Jobs("a"))  # type: ignore[arg-type]
    for number, records in ((1, machines(3)), (1, machines(3)), (2, machines(2, 3)), (2, machines(2, 3))):  # each acknowledged twice
        landing.take(piece(number, records))
    told = landing.whole(end(2))
    assert told.records == {"vm": tuple(machines(5)), "volume": ()}


def test_what_is_incomplete_is_not_taken() -> None:
    landing = Landing(Jobs("a"))  # type: ignore[arg-type]
    landing.take(piece(1, machines(1)))
    with pytest.raises(ConflictError):
        landing.take(piece(3, machines(1)))
    with pytest.raises(ConflictError):
        landing.whole(end(2))
    with pytest.raises(ProtocolError):
        landing.take(piece(1, machines(1), kind="account"))


def test_an_attempt_begins_anew_and_what_ended_is_forgotten() -> None:
    hub = Jobs("a", "b")
    landing = Landing(hub)  # type: ignore[arg-type]
    landing.take(piece(1, machines(3)))
    landing.take(piece(2, machines(3, 3)))
    landing.take(piece(1, machines(1, 9), job="b"))
    landing.take(piece(1, machines(2)))
    del hub.jobs["b"]
    landing.forget_ended()
    assert landing.whole(end(1)).records["vm"] == tuple(machines(2))
    with pytest.raises(ConflictError):
        landing.whole(end(1, "b"))


def test_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.hub.sources.landing.MOST_BYTES", 100)
    with pytest.raises(InvalidInputError, match="to say"):
        Landing(Jobs("a")).take(piece(1, machines(10)))  # type: ignore[arg-type]
