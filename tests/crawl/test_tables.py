"""Tables of devices: what each MIB means, and that what lies, never ends or makes no sense harms nobody."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.tables import read_box, read_tables
from core.errors import NoAnswerError, ProtocolError
from core.objects import Interface
from core.polling import Oid, Session, TableRows, VarBind
from inventory.crawl.asking import ALL, ASKS, BOX, HOURLY, Told, enterprise_of, next_ask
from inventory.crawl.bridging import Box
from inventory.crawl.tables import MOST_OF_A_FIELD, MOST_STATIONS, facts_of, tables_of
from monitors.discovery import Discovered
from monitors.profiles import shipped

PORTS = tuple(Interface(device_id="d", if_index=n, name=f"GE{n}") for n in range(1, 9))
MAC = b"\x02\x00\x00\x00\x00\x07"


def heard(**tables: dict[Oid, list[Any]]) -> dict[str, Told]:
    return {name: Told(rows) for name, rows in tables.items()}


def test_addresses_of_three_generations_become_one_list() -> None:
    found = tables_of("d", PORTS, heard(
        ipAddressTable={
            (1, 4, 10, 0, 0, 1): [1, (1, 3, 6, 1, 2, 1, 4, 32, 1, 5, 1, 1, 4, 10, 0, 0, 0, 24)],
            (1, 10, 0, 9, 1): [2, (0, 0)],
            (2, 16, 0x20, 1, 0xD, 0xB8, *[0] * 11, 1): [3, (1, 3, 6, 1, 2, 1, 4, 32, 1, 5, 3, 2, 16, *[0] * 16, 64)],
            (1, 4, 127, 0, 0, 1): [1, (0, 0)], (1, 4, 169, 254, 1, 1): [1, (0, 0)], (1, 4, 10, 0): [1, None],
        },
        ipAddrTable={(10, 0, 9, 1): [2, b"\xff\xff\xff\xfc"], (10, 0, 0, 300): [1, b""], (10, 0, 0, 1): [1, b"\xff\x00\xff\x00"]},
    ), 5)
    assert [(one.address, one.length, one.port) for one in found.addresses] == [
        ("10.0.0.1", 24, "GE1"), ("10.0.9.1", 30, "GE2"), ("2001:db8::1", 64, "GE3"),
    ]
    assert [net for net, _ in found.connected] == ["10.0.0.0/24", "10.0.9.0/30", "2001:db8::/64"]
    assert [(one.address, one.length) for one in found.local] == [("127.0.0.1", 8), ("169.254.1.1", -1)]


def test_a_vpn_instance_has_its_ports_and_their_addresses() -> None:
    name = (3, *b"gov")
    found = tables_of("d", PORTS, heard(
        vrf={name: [b"", b"65000:7"], (9, *b"cut"): [b"", b""]}, vrfInterface={(*name, 2): [2], (*name, 99): [2]},
        vrfTarget={(*name, 1, 1): [b"65000:1"], (*name, 2, 3): [b"65000:2"]},
        ipAddrTable={(10, 0, 9, 1): [2, b"\xff\xff\xff\x00"]},
    ), 5)
    (vrf,) = found.vrfs
    assert vrf == ("gov", "65000:7", ("GE2",), ("65000:1", "65000:2"), ("65000:2",))
    assert found.addresses[0].vrf == "gov"
    assert found.connected == (("10.0.9.0/24", "gov"),)
    texts = {(fact.field, fact.value) for fact in facts_of("d", found, Box(("02:00:00:00:00:07",), "8000"), 5)}
    assert texts == {("address", "10.0.9.1/24 GE2 gov"), ("vrf", "gov 65000:7"), ("chassis", "02:00:00:00:00:07"), ("engine", "8000")}


def test_stations_are_at_the_ports_that_the_bridge_means() -> None:
    found = tables_of("d", PORTS, heard(
        dot1dBasePort={(31,): [4], (32,): [99]}, dot1qVlanCurrent={(0, 200): [262144]},
        dot1qFdb={
            (262144, *MAC): [31, 3], (7, *MAC): [31, 4], (7, 1, *MAC[1:]): [31, 3], (7, *MAC[:5], 8): [0, 3], (7, *MAC[:5], 9): [32, 3],
        },
        ipNetToMedia={(3, 10, 0, 0, 9): [MAC], (3, 10, 0, 0, 8): [b""], (99, 10, 0, 0, 7): [MAC]},
    ), 5)
    assert [(s.source, s.port, s.mac, s.vlan, s.address) for s in found.stations] == [
        ("arp", "GE3", MAC.hex(":"), 0, "10.0.0.9"), ("mac", "GE4", MAC.hex(":"), 200, ""),
    ]


def test_routes_tell_where_to_go_on() -> None:
    far = (1, 4, 10, 1, 0, 0, 16, 2, 0, 0, 1, 4, 10, 0, 0, 254)
    found = tables_of("d", PORTS, heard(
        inetCidrRoute={far: [1, 4], (1, 4, 10, 0, 0, 0, 24, 2, 0, 0, 1, 4, 0, 0, 0, 0): [1, 3], (1, 4, 10): [1, 4]},
        ipRoute={(0, 0, 0, 0): [1, bytes((10, 0, 0, 253)), 4, bytes(4)], (1, 2, 3, 4): [1, b"x", 4, b""]},
    ), 5)
    assert found.next_hops == ("10.0.0.254", "10.0.0.253")
    assert found.connected == (("10.0.0.0/24", ""),)


def test_what_tells_the_same_is_not_asked_twice() -> None:
    rows = Told({(1,): [1, 1]})
    asked = []
    heard_now: dict[str, Told] = {}
    while (ask := next_ask(heard_now, HOURLY, 9)) is not None:
        asked.append(ask.name)
        heard_now[ask.name] = rows
    assert "dot1dFdb" not in asked
    assert "vtpVlan" not in asked
    assert "inetCidrRoute" not in asked
    assert "hwDynFdb" not in asked
    assert enterprise_of((1, 3, 6, 1, 4, 1, 2011, 2)) == 2011
    assert enterprise_of(()) == 0


subs = st.lists(st.integers(0, 2**32 - 1) | st.integers(0, 255), max_size=40).map(tuple)
cells = st.none() | st.integers(-(2**31), 2**63) | st.binary(max_size=40) | subs


@settings(max_examples=30)
@given(st.data())
def test_nothing_that_a_device_says_is_an_error(data: st.DataObject) -> None:
    said = {
        ask.name: Told(data.draw(st.dictionaries(subs, st.lists(cells, min_size=len(ask.columns), max_size=len(ask.columns)), max_size=4)))
        for ask in ASKS
    }
    found = tables_of("d", PORTS, said, 5)
    facts_of("d", found, Box(), 5)


class Hostile:
    """A session whose tables have 100,000 rows, never end, or never come."""

    def __init__(self, table: Callable[[int, int], TableRows | Exception]) -> None:
        self.asked = 0
        self._table = table

    async def get(self, oids: Sequence[Oid]) -> list[VarBind]:
        return [VarBind(oid, 4, b"\x00" * 6) for oid in oids]

    async def walk(self, root: Oid, limit: int = 100_000) -> list[VarBind]:
        raise ProtocolError(str((root, limit)))

    async def holding(self, roots: Sequence[Oid]) -> list[bool]:
        return [True] * len(roots)

    async def table(self, columns: Sequence[Oid], limit: int = 10_000) -> TableRows:
        self.asked += 1
        await asyncio.sleep(0)
        found = self._table(len(columns), limit)
        if isinstance(found, Exception):
            raise found
        return found

    async def close(self) -> None:
        """Nothing is open."""


async def test_tables_without_end_are_read_in_bounds_and_said() -> None:
    def crowded(width: int, limit: int) -> TableRows:
        rows = {(7, *(0x02000000 + n).to_bytes(6, "big")): [1, *[3] * (width - 1)] for n in range(min(limit, 100_000))}
        return TableRows(rows, "A table has no end.")  # type: ignore[arg-type]

    session = Hostile(crowded)
    found = tables_of("d", PORTS, await read_tables(session, (), ALL), 5)
    assert len(found.stations) <= MOST_STATIONS
    assert any("no end" in mark for mark in found.marks)
    assert len(facts_of("d", found, Box(), 5)) <= 4 * MOST_OF_A_FIELD


async def test_who_stops_to_answer_is_not_asked_for_the_rest() -> None:
    session = Hostile(lambda _width, _limit: NoAnswerError("silent"))
    heard_now = await read_tables(session, (), ALL)
    assert session.asked == len(heard_now) == 2
    refusing = Hostile(lambda _width, _limit: ProtocolError("nonsense"))
    assert len(await read_tables(refusing, (), HOURLY)) > 5


async def test_who_answers_too_slowly_is_left_when_the_time_is_over() -> None:
    class Slow(Hostile):
        async def table(self, columns: Sequence[Oid], limit: int = 10_000) -> TableRows:
            self.asked += 1
            if self.asked > 1:
                await asyncio.Event().wait()
            return TableRows({})

    session = Slow(lambda _width, _limit: TableRows({}))
    heard_now = await read_tables(session, (), ALL, longest_s=0.1)
    assert [bool(told.problem) for told in heard_now.values()] == [False, True]
    assert await read_box(session) == Box()
    assert len(BOX) == 4


async def test_vlans_and_addresses_of_real_devices_are_found(
    truths: list[dict[str, Any]], recorded_device: Callable[[str], Session], capsys: pytest.CaptureFixture[str],
) -> None:
    """Against what is known of the recordings, but for addresses that every device has for itself."""
    from agents.senses.discovery import Discovery

    score = {"vlans": [0, 0], "ipv4": [0, 0]}
    for truth in truths:
        if not truth.get("vlans") and len(truth.get("ipv4") or []) < 4:
            continue
        session = recorded_device(truth["file"])
        discovery = Discovery(session, shipped(), "d", ALL)
        found: Discovered = await discovery.finish(1)
        await session.close()
        assert found.complete
        wanted = {str(row["vlan"]) for row in truth.get("vlans") or []}
        score["vlans"][0] += len(wanted & {str(number) for number, _ in discovery.tables.vlans})
        score["vlans"][1] += len(wanted)
        own = {row["addr"] for row in truth.get("ipv4") or [] if not row["addr"].startswith(("127.", "169.254."))}
        score["ipv4"][0] += len(own & {one.address for one in discovery.tables.addresses})
        score["ipv4"][1] += len(own)
    with capsys.disabled():
        print(f"\nrecordings: {', '.join(f'{name} {a}/{b}' for name, (a, b) in score.items())}")  # noqa: T201
    assert all(right / wanted >= 0.95 for right, wanted in score.values())
