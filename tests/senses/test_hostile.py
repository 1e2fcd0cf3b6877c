"""Devices that lie, never end, send too much or stop to answer in one of their tables: a mark, bounds, and the rest unharmed. Real UDP."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest

from agents.senses.discovery import Discovery
from core.polling import Oid, SnmpSecret, Target
from links.snmp import ber, plain
from links.snmp.session import open_session
from monitors.discovery import Discovered
from monitors.profiles import Catalogue, shipped
from monitors.reading import read_profile

IF: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
EVIL: Oid = (1, 3, 6, 1, 4, 1, 99999, 1, 1)
LIMIT = 300
PROFILE = f"""
profile: evil
title: Evil
source: made up
match: [{{object_id: 1.3.6.1.4.1.99999}}]
tables:
  evil:
    limit: {LIMIT}
    label: [name]
    columns:
      name: {{oid: {".".join(map(str, (*EVIL, 1)))}, type: text}}
      value: {{oid: {".".join(map(str, (*EVIL, 2)))}}}
  good:
    columns: {{degrees: {{oid: 1.3.6.1.4.1.99999.2.1.1}}}}
sensors:
  - {{table: evil, value: value, kind: temperature}}
  - {{table: good, value: degrees, kind: temperature, name: good}}
"""
Found = tuple[Oid, bytes] | None
Next = Callable[[Oid], Found]


def _text(text: bytes) -> bytes:
    return ber.tlv(4, text)


GOOD: dict[Oid, bytes] = {
    (1, 3, 6, 1, 2, 1, 1, 1, 0): _text(b"an evil box"),
    (1, 3, 6, 1, 2, 1, 1, 2, 0): ber.tlv(6, ber.oid_body((1, 3, 6, 1, 4, 1, 99999, 7))),
    (1, 3, 6, 1, 2, 1, 1, 3, 0): ber.integer(4711, 0x43),
    **{(*IF, 2, n): _text(f"eth{n}".encode()) for n in (1, 2)},
    **{(*IF, column, n): ber.integer(value) for n in (1, 2) for column, value in ((3, 6), (7, 1), (8, 1))},
    (1, 3, 6, 1, 4, 1, 99999, 2, 1, 1, 1): ber.integer(42),
}


class Liar:
    """Answers from `GOOD`, and below `EVIL` what `evil` says comes after a name; `broken`: what it sends instead of an answer there."""

    def __init__(self, evil: Next, broken: bytes | None = None) -> None:
        self._evil, self._broken = evil, broken
        self.requests = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self.target = Target(
            device_id="d", address="127.0.0.1", port=self._socket.getsockname()[1], secret=SnmpSecret(community="c"), timeout_s=0.3,
            retries=0,
        )

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                data, sender = self._socket.recvfrom(65535)
                if not data:
                    return
                self.requests += 1
                answer = self._answer(plain.decode(data))
                if answer:
                    self._socket.sendto(answer, sender)

    def _answer(self, request: plain.Response) -> bytes:
        asked = [binding.oid for binding in request.bindings]
        if self._broken is not None and request.error_index > 1 and any(name[: len(EVIL)] == EVIL for name in asked):
            return self._broken
        pairs = self._bulk(asked, request.error_index) if request.kind == ber.GETBULK else [(n, GOOD.get(n, b"\x81\x00")) for n in asked]
        while True:
            listed = ber.tlv(0x30, b"".join(ber.tlv(0x30, ber.tlv(6, ber.oid_body(name)) + value) for name, value in pairs))
            body = ber.message(request.version, request.community, ber.pdu(ber.RESPONSE, request.request_id, 0, 0, listed))
            if len(body) < 65000:
                return body
            pairs = pairs[:-1]

    def _bulk(self, asked: list[Oid], repetitions: int) -> list[tuple[Oid, bytes]]:
        pairs = []
        for _ in range(repetitions):
            found = [self._next(name) for name in asked]
            pairs += found
            asked = [name for name, _ in found]
        return pairs

    def _next(self, name: Oid) -> tuple[Oid, bytes]:
        if name[: len(EVIL)] == EVIL and (found := self._evil(name)) is not None:
            return found
        return next(((n, GOOD[n]) for n in sorted(GOOD) if n > name), (name, b"\x82\x00"))

    def close(self) -> None:
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join(2)
        self._socket.close()


@pytest.fixture
def liar() -> Iterator[Callable[..., Liar]]:
    made: list[Liar] = []

    def make(evil: Next, broken: bytes | None = None) -> Liar:
        made.append(Liar(evil, broken))
        return made[-1]

    yield make
    for one in made:
        one.close()


def discovered(one: Liar) -> Discovered:
    catalogue = Catalogue([*(p for p in shipped().profiles if not p.match), read_profile("evil.yml", PROFILE)])

    async def work() -> Discovered:
        session = open_session(one.target)
        try:
            return await Discovery(session, catalogue, "d").finish(1)
        finally:
            await session.close()

    return asyncio.run(work())


def _column(name: Oid) -> Oid:
    return name[: len(EVIL) + 1] if len(name) > len(EVIL) else (*EVIL, 1)


def _row(name: Oid) -> int:
    return name[len(EVIL) + 1] if len(name) > len(EVIL) + 1 else 0


def longer_and_longer(name: Oid) -> Found:
    """Each name one number longer, up to what an OID may have, then the next row: it never ends."""
    below = name if len(name) > len(EVIL) else (*EVIL, 1)
    following = (*below, 1) if len(below) < 100 else (*below[:12], below[12] + 1)
    return following, ber.integer(1)


def a_hundred_thousand(name: Oid) -> Found:
    row = _row(name) + 1
    return ((*_column(name), row), ber.integer(row)) if row <= 100_000 else None


def same_again(name: Oid) -> Found:
    return (*_column(name), 5), ber.integer(1)


def huge_texts(name: Oid) -> Found:
    row = _row(name) + 1
    return ((*_column(name), row), _text(b"x" * 60_000)) if row <= 20 else None


def wrong_types(name: Oid) -> Found:
    row = _row(name) + 1
    odd = (_text(b"\xff\xfe[bold]{0}"), ber.tlv(6, ber.oid_body((1, 3, 6, 1))), ber.tlv(0x44, b"\x9f\x78\x04\x42\x00\x00\x00"), b"\x05\x00")
    return ((*_column(name), row), odd[row % len(odd)]) if row <= 20 else None


@pytest.mark.parametrize("evil", [longer_and_longer, a_hundred_thousand, same_again])
def test_a_table_without_end_is_cut_and_marked(liar: Callable[..., Liar], evil: Next) -> None:
    one = liar(evil)
    found = discovered(one)
    assert any(mark.startswith("evil: ") for mark in found.marks), found.marks
    assert len(found.measured.sensors) <= LIMIT + 1
    _rest_is_unharmed(found)
    assert one.requests < 200


@pytest.mark.parametrize("evil", [huge_texts, wrong_types])
def test_cells_that_cannot_be_are_bounded_or_no_value(liar: Callable[..., Liar], evil: Next) -> None:
    found = discovered(liar(evil))
    assert all(len(sensor.name) <= 300 for sensor in found.measured.sensors)
    _rest_is_unharmed(found)


@pytest.mark.parametrize("broken", [b"", b"\x30\x82\xff\xff\x02\x01\x01", b"\xff" * 600])
def test_a_table_that_is_never_answered_is_marked(liar: Callable[..., Liar], broken: bytes) -> None:
    found = discovered(liar(a_hundred_thousand, broken))
    assert [mark for mark in found.marks if mark.startswith("evil: ")]
    _rest_is_unharmed(found)


def _rest_is_unharmed(found: Discovered) -> None:
    ports = found.observed.interfaces
    assert [(p.name, p.oper_status) for p in ports] == [("eth1", 1), ("eth2", 1)]
    assert all(a.if_index < b.if_index for a, b in pairwise(ports))
    assert [s.value for s in found.measured.sensors if s.name.startswith("good")] == [42]
    assert found.polled.plan.size < 1000
