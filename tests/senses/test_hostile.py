"""Devices that lie, never end, send too much or stop to answer in one of their tables: a mark, bounds, and the rest unharmed. Real UDP."""

import asyncio
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from agents.senses.discovery import Discovery
from core.polling import Oid
from links.snmp import ber
from links.snmp.session import open_session
from monitors.discovery import Discovered
from monitors.profiles import Catalogue, shipped
from monitors.reading import read_profile

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


def discovered(one: Any) -> Discovered:
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
def test_a_table_without_end_is_cut_and_marked(liar: Callable[..., Any], evil: Next) -> None:
    one = liar(evil)
    found = discovered(one)
    assert any(mark.startswith("evil: ") for mark in found.marks), found.marks
    assert len(found.measured.sensors) <= LIMIT + 1
    _rest_is_unharmed(found)
    assert one.requests < 200


@pytest.mark.parametrize("evil", [huge_texts, wrong_types])
def test_cells_that_cannot_be_are_bounded_or_no_value(liar: Callable[..., Any], evil: Next) -> None:
    found = discovered(liar(evil))
    assert all(len(sensor.name) <= 300 for sensor in found.measured.sensors)
    _rest_is_unharmed(found)


@pytest.mark.parametrize("broken", [b"", b"\x30\x82\xff\xff\x02\x01\x01", b"\xff" * 600])
def test_a_table_that_is_never_answered_is_marked(liar: Callable[..., Any], broken: bytes) -> None:
    found = discovered(liar(a_hundred_thousand, broken))
    assert [mark for mark in found.marks if mark.startswith("evil: ")]
    _rest_is_unharmed(found)


def test_a_device_that_leaves_many_tables_unanswered_is_known_all_the_same(liar: Callable[..., Any]) -> None:
    """It lives: sysUpTime is answered. Not every table is waited for."""
    below = (1, 3, 6, 1, 2, 1)
    one = liar(lambda name: ((*name, 1), ber.integer(1)), b"", below=(*below, 25))
    found = discovered(one)
    assert {mark.partition(":")[0] for mark in found.marks} == {"processors", "host-devices", "storage"}
    assert [(port.name, port.oper_status) for port in found.observed.interfaces] == [("eth1", 1), ("eth2", 1)]


def _rest_is_unharmed(found: Discovered) -> None:
    ports = found.observed.interfaces
    assert [(p.name, p.oper_status) for p in ports] == [("eth1", 1), ("eth2", 1)]
    assert all(a.if_index < b.if_index for a, b in pairwise(ports))
    assert [s.value for s in found.measured.sensors if s.name.startswith("good")] == [42]
    assert found.polled.plan.size < 1000
