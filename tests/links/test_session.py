"""The slow road against a scripted agent: in how few requests it finds out what there is, in every version."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import pytest

from core.polling import Kind, Oid, Session
from links.snmp import ber, plain
from links.snmp.session import open_session

UPTIME: Oid = (1, 3, 6, 1, 2, 1, 1, 3, 0)
FAR: Oid = (1, 3, 6, 1, 4, 1)
T = TypeVar("T")


def asked(agent: Any, version: str, what: Callable[[Session], Awaitable[T]]) -> T:
    async def work() -> T:
        session = open_session(agent.target(version=version))
        try:
            return await what(session)
        finally:
            await session.close()

    return asyncio.run(work())


@pytest.mark.parametrize(("version", "most"), [("1", 5), ("2c", 1)])
@pytest.mark.parametrize("there", [[], [0], [3, 4, 40], list(range(0, 47, 2)), list(range(47))])
def test_of_many_scalars_those_that_there_are_are_found_in_few_requests(agent: Any, version: str, most: int, there: list[int]) -> None:
    names: list[Oid] = [(*FAR, 1000 + n, 1, n % 3) for n in range(47)]
    for n in there:
        agent.set(names[n], n)
    found = asked(agent, version, lambda session: session.get(names))
    assert [b.oid for b in found] == names
    assert [b.value for b in found] == [n if n in there else None for n in range(47)]
    assert all(b.kind in (Kind.COUNTER32, Kind.NO_SUCH_INSTANCE, Kind.NO_SUCH_OBJECT) for b in found)
    assert len(agent.requests) <= most


def test_an_agent_with_small_messages_is_asked_for_parts(agent: Any) -> None:
    agent.max_size = 484
    names: list[Oid] = [(*FAR, 1000 + n, 1, 0) for n in range(47)]
    for n, name in enumerate(names):
        agent.set(name, n)
    assert [b.value for b in asked(agent, "2c", lambda session: session.get(names))] == list(range(47))
    assert len(agent.requests) <= 7


@pytest.mark.parametrize("size", [484, 1400])
def test_what_a_device_has_is_told_for_every_root_however_small_its_answers(agent: Any, size: int) -> None:
    agent.max_size = size
    for n in range(0, 90, 3):
        agent.set((*FAR, 1000 + n, 1, 0), n)
    roots = [(*FAR, 1000 + n) for n in range(90)]
    assert asked(agent, "2c", lambda session: session.holding(roots)) == [n % 3 == 0 for n in range(90)]


def test_an_answer_without_anything_tells_nothing_and_ends(agent: Any) -> None:
    def script(number: int, request: plain.Response, answer: bytes, reply: Callable[[bytes], None]) -> bool:
        reply(agent.response(request, []))
        return True

    agent.script = script
    roots = [(*FAR, n) for n in range(100)]
    assert asked(agent, "2c", lambda session: session.holding(roots)) == [True] * 100
    assert len(agent.requests) < 10


def test_how_long_each_request_took_is_told(agent: Any) -> None:
    agent.table([(*FAR, 5, 1)], [(n,) for n in range(1, 300)])
    read = asked(agent, "2c", lambda session: session.table([(*FAR, 5, 1)]))
    counts = [count for count, _ in read.times]
    assert len(read.rows) == 299
    assert 299 <= sum(counts) <= 299 + max(counts)
    assert len(counts) == len([r for r in agent.requests if r.kind == ber.GETBULK])
    assert all(0 < seconds < 60 for _, seconds in read.times)
