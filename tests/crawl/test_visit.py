"""One visit, and what is kept of it: a device's silence is not the hub's, and a file that was cut is read to the cut."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents.crawl_spool import Spool, Step
from agents.crawl_visit import ASKED, Visitor
from core.crawl import Admitted
from core.errors import ForbiddenError, NoAnswerError, UnavailableError
from core.objects import CredentialRef
from inventory.crawl.frontier import Visit
from inventory.crawl.telling import Read
from monitors.profiles import shipped


class Hub:
    """The hub's end of the bus, as far as a visit knows it."""

    def __init__(self, *answers: Admitted | Exception) -> None:
        self.answers = list(answers)
        self.asked = 0

    async def request(self, _subject: str, _body: bytes, _timeout_s: float) -> bytes:
        self.asked += 1
        found = self.answers.pop(0)
        if isinstance(found, Exception):
            raise found
        return msgspec.msgpack.encode(found)


def visitor(hub: Hub) -> Visitor:
    return Visitor(hub, "job", shipped())  # type: ignore[arg-type]


def admitted(port: int, community: str) -> Admitted:
    credential = CredentialRef(id="1", name="lab", kind="snmp-community", locator="secret:lab")
    return Admitted(credential=credential, secret=community, port=port)


async def test_a_hub_that_is_gone_ends_the_crawl_and_silences_nobody() -> None:
    hub = Hub(*[NoAnswerError("nobody")] * ASKED)
    with pytest.raises(UnavailableError) as gone:
        await visitor(hub).visit("127.0.0.1", 0, 1)
    assert "resume" in gone.value.way_out
    assert hub.asked == ASKED


@pytest.mark.parametrize(("answer", "outcome", "reason"), [
    (Admitted(problem="no-answer", message="silence"), "silent", ""),
    (Admitted(problem="no-credential", message="no set"), "refused", "no set"),
    (ForbiddenError("outside"), "refused", "outside"),
])
async def test_who_is_not_admitted_is_not_asked(answer: Any, outcome: str, reason: str) -> None:
    step = await visitor(Hub(answer)).visit("127.0.0.1", 2, 1)
    assert (step.visit.outcome, step.visit.hop, step.problem, step.read) == (outcome, 2, reason, None)


async def test_a_recorded_device_is_read_with_all_that_leads_on(recorded_port: int) -> None:
    step = await visitor(Hub(NoAnswerError("restarting"), admitted(recorded_port, "vrp_5720"))).visit("127.0.0.1", 1, 5)
    assert step.visit.outcome == "read"
    assert step.read is not None
    assert len(step.read.neighbours) == 5
    assert step.visit.device == step.read.identity
    assert len(step.visit.own) >= 5
    assert {fact for fact, _ in step.read.facts} >= {"sysName", "vendor", "address", "vlan", "chassis"}
    silent = await visitor(Hub(admitted(recorded_port, "nobody-answers-to-this"))).visit("127.0.0.1", 0, 5)
    assert (silent.visit.outcome, silent.read) == ("silent", None)


def test_a_step_that_was_cut_is_as_if_it_had_not_been_done(tmp_path: Path) -> None:
    spool = Spool(tmp_path, "job-1/../x")
    assert spool.path.parent == tmp_path
    steps = [Step(visit=Visit(address=f"10.0.0.{n}", hop=0, outcome="read"), read=Read(address=f"10.0.0.{n}")) for n in (1, 2, 3)]
    for step in steps:
        spool.add(step)
    spool.close(forget=False)
    assert spool.path.stat().st_mode & 0o077 == 0
    whole = spool.path.read_bytes()
    for lost in (1, 5, len(whole) // 3):
        spool.path.write_bytes(whole[:-lost])
        again = Spool(tmp_path, "job-1/../x")
        kept = list(again.steps())
        assert kept == steps[: len(kept)]
        assert len(kept) == 2
        again.add(steps[2])
        again.close(forget=False)
        assert list(Spool(tmp_path, "job-1/../x").steps()) == steps
    for broken in (b"\xff\xff\xff\xff" + b"x" * 50, b"\x00\x00\x00\x05" + b"x" * 50):
        spool.path.write_bytes(broken)
        assert list(Spool(tmp_path, "job-1/../x").steps()) == []
    spool.close(forget=True)
    assert list(tmp_path.iterdir()) == []
