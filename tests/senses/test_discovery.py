"""Discovery on devices that lie, lack and exaggerate."""

from collections.abc import Callable
from typing import Any

from agents.senses.discovery import Discovery, discover
from core.polling import Kind, Oid, Session
from monitors.answers import SYS_DESCR, SYS_NAME, SYS_OBJECT_ID, SYS_UPTIME
from monitors.discovery import Discovered
from monitors.profiles import shipped

IF, IFX = (1, 3, 6, 1, 2, 1, 2, 2, 1), (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
Variables = dict[Oid, tuple[int, Any]]
Recorded = Callable[[Variables], Session]


def system(**more: tuple[int, Any]) -> Variables:
    base: Variables = {
        SYS_DESCR: (Kind.OCTET_STRING, b"Linux box 6.1.0 #1"),
        SYS_OBJECT_ID: (0x06, (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)),
        SYS_UPTIME: (Kind.TIMETICKS, 12345),
        SYS_NAME: (Kind.OCTET_STRING, b"box"),
    }
    return base


def port(index: Oid, name: bytes, *, high: bool = True, if_type: int = 6, alias: bytes = b"") -> Variables:
    out: Variables = {
        (*IF, 2, *index): (Kind.OCTET_STRING, name),
        (*IF, 3, *index): (Kind.INTEGER, if_type),
        (*IF, 5, *index): (Kind.GAUGE32, 100_000_000),
        (*IF, 7, *index): (Kind.INTEGER, 1),
        (*IF, 8, *index): (Kind.INTEGER, 1),
        **{(*IF, c, *index): (Kind.COUNTER32, 5) for c in (10, 11, 13, 14, 16, 17, 19, 20)},
    }
    if high:
        out |= {(*IFX, c, *index): (Kind.COUNTER64, 5) for c in (6, 7, 10, 11)}
        out |= {(*IFX, 1, *index): (Kind.OCTET_STRING, name), (*IFX, 18, *index): (Kind.OCTET_STRING, alias)}
        out |= {(*IFX, 15, *index): (Kind.GAUGE32, 10_000), (*IFX, 19, *index): (Kind.TIMETICKS, 0)}
    return out


async def found(recorded: Recorded, variables: Variables) -> Discovered:
    return await discover(recorded(variables), shipped(), "d", lambda: 1000)


def columns(result: Discovered) -> set[str]:
    return {c.name for t in result.polled.meaning.tables for c in t.columns}


async def test_a_device_with_high_capacity_counters_is_asked_for_those_alone(recorded: Recorded) -> None:
    result = await found(recorded, system() | port((1,), b"eth0", alias="到莲都".encode()) | port((2,), b"eth1"))
    assert {"ifHCInOctets", "ifHCOutOctets", "ifHCInUcastPkts", "ifCounterDiscontinuityTime"} <= columns(result)
    assert {"ifInErrors", "ifOperStatus"} <= columns(result)
    assert not {"ifInOctets", "ifOutOctets"} & columns(result)
    first = result.observed.interfaces[0]
    assert (first.name, first.alias, first.speed_bps, first.oper_status) == ("eth0", "到莲都", 10_000_000_000, 1)
    assert (result.fact("platform"), result.fact("version"), result.fact("sysName")) == ("linux", "6.1.0", "box")
    assert result.polled.plan.tables[0].indexes == ((1,), (2,))
    assert result.polled.plan.size == len(list(result.polled.meaning.keys("d")))


async def test_old_counters_are_stored_under_the_same_metric_and_mixed_devices_get_both(recorded: Recorded) -> None:
    result = await found(recorded, system() | port((1,), b"eth0") | port((2,), b"old", high=False))
    rows = {c.name: t.labels for t in result.polled.meaning.tables for c in t.columns}
    assert (rows["ifHCInOctets"], rows["ifInOctets"], rows["ifOperStatus"]) == (("eth0",), ("old",), ("eth0", "old"))
    stored = [key for key in result.polled.meaning.keys("d") if key and key.metric == "ifHCInOctets"]
    assert [key.instance for key in stored] == ["eth0", "old"]


async def test_the_first_part_alone_gives_the_same_plan(recorded: Recorded) -> None:
    session = recorded(system() | port((1,), b"eth0") | port((7,), b"eth1"))
    discovery = Discovery(session, shipped(), "d")
    first = await discovery.begin(1)
    whole = await discovery.finish(2)
    assert first.polled == whole.polled
    assert (first.complete, whole.complete) == (False, True)


async def test_names_that_are_empty_double_or_full_of_control_characters_become_unique_and_clean(recorded: Recorded) -> None:
    variables = system() | port((1,), b"") | port((2,), b"a\x1b[2Jb\x00") | port((3,), b"x") | port((4,), b"x")
    variables |= port((5,), "端口".encode("gb18030"))
    result = await found(recorded, variables)
    names = [i.name for i in result.observed.interfaces]
    assert names == ["#1", "a[2Jb", "x", "x#4", "端口"]
    assert result.marks
    assert result.fact("mark")


async def test_rows_with_a_lying_index_are_left_out_and_said(recorded: Recorded) -> None:
    result = await found(recorded, system() | port((1,), b"eth0") | port((2, 3), b"two") | port((0,), b"zero") | port((2**31,), b"big"))
    assert [i.name for i in result.observed.interfaces] == ["eth0"]
    assert all(t.indexes == ((1,),) for t in result.polled.plan.tables)
    assert "3 rows" in result.fact("mark")


async def test_wrong_types_everywhere_end_in_a_plan_that_can_be_polled(recorded: Recorded) -> None:
    variables = dict.fromkeys(system() | port((1,), b"eth0"), (Kind.OCTET_STRING, b"\xff\xfe"))
    result = await found(recorded, variables)
    assert result.polled.plan.scalars == (SYS_UPTIME,)
    assert result.observed.interfaces[0].oper_status == 0
    numbers = dict.fromkeys(system() | port((1,), b"eth0"), (Kind.INTEGER, -5))
    assert (await found(recorded, numbers)).observed.interfaces[0].speed_bps == 0


async def test_a_table_without_end_is_cut_and_said(recorded: Recorded) -> None:
    variables = system()
    for n in range(1, 6000):
        variables |= {(*IF, 2, n): (Kind.OCTET_STRING, b"p"), (*IF, 8, n): (Kind.INTEGER, 1)}
    result = await found(recorded, variables)
    assert len(result.observed.interfaces) == 4096
    assert "no end" in result.fact("mark")


async def test_a_device_that_knows_nothing_is_still_watched(recorded: Recorded) -> None:
    result = await found(recorded, {})
    assert result.polled.plan.scalars == (SYS_UPTIME,)
    assert result.observed.interfaces == ()


async def test_neighbours_become_links_with_their_confidence(recorded: Recorded) -> None:
    lldp = (1, 0, 8802, 1, 1, 2, 1)
    variables = system() | port((5,), b"eth0") | port((6,), b"eth1")
    variables |= {
        (*lldp, 3, 7, 1, 2, 11): (Kind.INTEGER, 5),
        (*lldp, 3, 7, 1, 3, 11): (Kind.OCTET_STRING, b"ETH0"),
        **{(*lldp, 4, 1, 1, c, 0, local, 1): (Kind.INTEGER, 5) for c in (4, 6) for local in (11, 6)},
        **{(*lldp, 4, 1, 1, 7, 0, local, 1): (Kind.OCTET_STRING, b"Gi0/1") for local in (11, 6)},
        **{(*lldp, 4, 1, 1, 9, 0, local, 1): (Kind.OCTET_STRING, b"core") for local in (11, 6)},
    }
    links = (await found(recorded, variables)).observed.links
    assert sorted((li.port_a, li.device_b, li.port_b, li.confidence) for li in links) == [
        ("eth0", "core", "Gi0/1", 0.95), ("eth1", "core", "Gi0/1", 0.7),
    ]


async def test_what_was_read_first_is_not_read_again_unless_rows_came(recorded: Recorded) -> None:
    variables = system() | port((1,), b"eth0", alias=b"uplink") | port((2,), b"eth1")
    whole = await found(recorded, variables)
    discovery = Discovery(recorded(variables), shipped(), "d")
    assert {i.name for i in (await discovery.begin(1000)).observed.interfaces} == {"eth0", "eth1"}
    assert await discovery.finish(1000) == whole
    discovery = Discovery(recorded(variables), shipped(), "d")
    await discovery.begin(1000)
    more = variables | port((3,), b"eth2")
    assert await discovery.resume(recorded(more)).finish(1000) == await found(recorded, more)
