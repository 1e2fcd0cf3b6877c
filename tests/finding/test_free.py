"""What is free, and what is kept: counted without walking, decided inside the transaction, given back by hand or by time."""

import asyncio
import contextlib
import time
from pathlib import Path
from typing import Any

import pytest

from agents.hub.hub import Hub
from agents.places import settled
from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from core.finding import FreeAnswer, ReserveWish
from core.identity import Actor
from core.network import Reservation
from core.sections import General
from core.settings import Settings
from stores.memory_records import MemoryRecords
from stores.records import open_records

SOCIAL, FINANCE = "丽水市人力资源和社会保障局", "丽水市财政局"
SWITCH, CORE = "LS-DC-TOR-CE6857-01", "LS-DC-P-NE40-01"
IN_SOCIAL = {"what": "address", "within": "人社专网", "inside": "10.128.0.0/26", "unit": SOCIAL}


def reserve(node: Any, who: str = "operator", **wish: Any) -> Any:
    return node.ask(who, lambda hub: hub.finding.reserve(ReserveWish(**wish)))


def release(node: Any, name: str, who: str = "operator") -> Any:
    return node.ask(who, lambda hub: hub.finding.release(name))


def test_free_addresses_leave_out_what_is_used_or_seen(node: Any) -> None:
    answer: FreeAnswer = node.ask("viewer", lambda hub: hub.finding.free_addresses("10.128.0.0/26", "人社专网", 100))
    taken = {"10.128.0.0", "10.128.0.1", "10.128.0.2", "10.128.0.9", "10.128.0.63"}
    assert answer.free[0] == "10.128.0.3"
    assert not taken & set(answer.free)
    assert (answer.total, answer.free_count, len(answer.free)) == ("64", "59", 59)


def test_a_prefix_of_version_6_is_not_walked(node: Any) -> None:
    answer = node.ask("viewer", lambda hub: hub.finding.free_addresses("2001:db8:1::/64", count=3))
    assert answer.free == ("2001:db8:1::2", "2001:db8:1::3", "2001:db8:1::4"), "not the routers' anycast address, nor the gateway by habit"
    assert int(answer.total) == 1 << 64
    assert int(answer.free_count) == (1 << 64) - 2


def test_of_several_vpns_one_must_be_named(node: Any) -> None:
    with pytest.raises(InvalidInputError) as caught:
        node.ask("viewer", lambda hub: hub.finding.free_addresses("10.128.0.0/26"))
    assert "公用网" in caught.value.way_out
    assert "人社专网" in caught.value.way_out
    with pytest.raises(NotFoundError):
        node.ask("viewer", lambda hub: hub.finding.free_addresses("10.128.0.0/26", "no such"))


def test_free_prefixes_stand_apart_from_those_that_exist(node: Any) -> None:
    answer = node.ask("viewer", lambda hub: hub.finding.free_prefixes("10.128.0.0/16", 26, "人社专网", 2))
    assert answer.free == ("10.128.0.64/26", "10.128.0.128/26")
    assert (answer.total, answer.free_count) == ("1024", "1023")
    with pytest.raises(InvalidInputError):
        node.ask("viewer", lambda hub: hub.finding.free_prefixes("10.128.0.0/16", 12, "人社专网"))


def test_free_vlans_are_ranges(node: Any) -> None:
    answer = node.ask("viewer", lambda hub: hub.finding.free_vlans(SWITCH, "98-103"))
    assert answer.free == ("98-99", "101-103")
    assert "1007" not in node.ask("viewer", lambda hub: hub.finding.free_vlans("physnet1", "1007")).free
    with pytest.raises(NotFoundError) as caught:
        node.ask("viewer", lambda hub: hub.finding.free_vlans("no such"))
    assert SWITCH in caught.value.way_out


def test_free_ports_are_down_undescribed_and_unused(node: Any) -> None:
    answer = node.ask("viewer", lambda hub: hub.finding.free_ports(SWITCH))
    assert [(port.port, port.admin_down) for port in answer.ports] == [("10GE1/0/5", True), ("10GE1/0/6", False)]
    assert node.ask("viewer", lambda hub: hub.finding.free_ports("政务云机房")).ports == answer.ports
    with pytest.raises(NotFoundError):
        node.ask("viewer", lambda hub: hub.finding.free_ports("no such"))


def test_how_full_prefixes_are(node: Any) -> None:
    rows = {row.prefix: row for row in node.ask("viewer", lambda hub: hub.finding.prefixes("人社专网")).rows}
    assert (rows["10.128.0.0/26"].used, rows["10.128.0.0/26"].percent) == ("2", 3.12)
    assert (rows["10.128.0.0/16"].children, rows["10.128.0.0/16"].used) == (1, "64")
    fullest = node.ask("viewer", lambda hub: hub.finding.prefixes(fullest=True)).rows
    assert [row.percent for row in fullest] == sorted((row.percent for row in fullest), reverse=True)
    assert {row.unit for row in node.ask("contact", lambda hub: hub.finding.prefixes()).rows} == {SOCIAL}


def test_the_next_free_one_is_kept_and_offered_to_nobody_else(node: Any) -> None:
    kept = reserve(node, **IN_SOCIAL, reason="新终端")
    assert (kept.value, kept.within, kept.unit, kept.by, kept.reason) == ("10.128.0.3", "人社专网", SOCIAL, "operator", "新终端")
    assert "10.128.0.3" not in node.ask("viewer", lambda hub: hub.finding.free_addresses("10.128.0.0/26", "人社专网", 100)).free
    with pytest.raises(ConflictError) as caught:
        reserve(node, what="address", within="人社专网", value="10.128.0.3", unit=SOCIAL)
    assert SOCIAL in str(caught.value)
    answer = node.ask("viewer", lambda hub: hub.finding.who("address", "10.128.0.3"))
    assert [use.detail for use in answer.uses if use.how == "reserved"] == ["新终端"]
    assert release(node, kept.name).id == kept.id
    assert "10.128.0.3" in node.ask("viewer", lambda hub: hub.finding.free_addresses("10.128.0.0/26", "人社专网", 100)).free


def test_what_is_used_cannot_be_kept(node: Any) -> None:
    for address in ("10.128.0.2", "10.128.0.9"):
        with pytest.raises(ConflictError) as caught:
            reserve(node, what="address", within="人社专网", value=address, unit=SOCIAL)
        assert caught.value.way_out
    for wish in ({"what": "port", "within": SWITCH, "value": "10GE1/0/1"}, {"what": "vlan", "within": SWITCH, "value": "100"},
                 {"what": "prefix", "within": "人社专网", "value": "10.128.0.0/26"}):
        with pytest.raises(ConflictError):
            reserve(node, **wish)


def test_many_at_once_get_different_things(node: Any) -> None:
    async def all_at_once() -> list[Any]:
        async with node.client("operator") as hub:
            return list(await asyncio.gather(*(hub.finding.reserve(ReserveWish(**IN_SOCIAL)) for _ in range(20))))

    kept = asyncio.run(all_at_once())
    assert len({one.value for one in kept}) == 20
    for one in kept:
        release(node, one.name)


def test_prefixes_of_different_length_never_overlap(node: Any) -> None:
    async def all_at_once() -> list[Any]:
        wishes = [ReserveWish(what="prefix", within="人社专网", inside="10.128.0.0/16", length=length) for length in (26, 27, 25, 26, 28)]
        async with node.client("operator") as hub:
            return list(await asyncio.gather(*map(hub.finding.reserve, wishes)))

    import ipaddress

    kept = asyncio.run(all_at_once())
    nets = [ipaddress.ip_network(one.value) for one in kept]
    assert not [(a, b) for a in nets for b in nets if a is not b and a.overlaps(b)]
    for one in kept:
        release(node, one.name)


def test_vlans_and_ports_are_kept(node: Any) -> None:
    vlan = reserve(node, what="vlan", within=SWITCH, inside="100-110", unit=FINANCE)
    assert vlan.value == "101"
    port = reserve(node, what="port", within="政务云机房", unit=FINANCE)
    assert (port.within, port.value) == (SWITCH, "10GE1/0/5")
    listed = node.ask("viewer", lambda hub: hub.finding.reservations(FINANCE))
    assert {(row.reservation.what, row.reservation.value, row.site) for row in listed} == {
        ("vlan", "101", "政务云机房"), ("port", "10GE1/0/5", "政务云机房"),
    }
    assert [one.port for one in node.ask("viewer", lambda hub: hub.finding.free_ports(SWITCH)).ports] == ["10GE1/0/6"]
    for one in (vlan, port):
        release(node, one.id)


def reserved_until_soon(node: Any) -> Any:
    """As short as this machine can: on a busy one a moment is over before it has begun."""
    for ms in (700, 2800, 11_200):
        with contextlib.suppress(InvalidInputError):
            return reserve(node, **IN_SOCIAL, until=int(time.time() * 1000) + ms)
    return reserve(node, **IN_SOCIAL, until=int(time.time() * 1000) + 44_800)


def test_what_is_over_is_free_again(node: Any) -> None:
    kept = reserved_until_soon(node)
    while time.time() * 1000 <= kept.until:
        time.sleep(0.05)
    again = reserve(node, what="address", within="人社专网", value=kept.value, unit=SOCIAL)
    assert (again.id, again.until) == (kept.id, 0)
    release(node, again.name)
    with pytest.raises(InvalidInputError):
        reserve(node, **IN_SOCIAL, until=1)


def test_a_repetition_with_the_same_key_keeps_one_thing(node: Any) -> None:
    async def twice() -> tuple[Any, Any]:
        async with node.client("operator") as hub:
            wish = ReserveWish(**IN_SOCIAL)
            return await hub.finding.reserve(wish, key="same-key-1"), await hub.finding.reserve(wish, key="same-key-1")

    first, second = asyncio.run(twice())
    assert first == second
    release(node, first.name)


def test_only_who_may_and_only_there(node: Any) -> None:
    with pytest.raises(ForbiddenError):
        reserve(node, "viewer", **IN_SOCIAL)
    kept = reserve(node, "operator-there", **IN_SOCIAL)
    with pytest.raises(ForbiddenError):
        reserve(node, "operator-there", **{**IN_SOCIAL, "within": "公用网"})
    with pytest.raises(ForbiddenError):
        reserve(node, "operator-there", **{**IN_SOCIAL, "unit": FINANCE})
    with pytest.raises(ForbiddenError):
        node.ask("operator-there", lambda hub: hub.finding.free_addresses("10.128.0.0/26", "公用网"))
    foreign = reserve(node, what="vlan", within="physnet1", inside="200-210", unit=FINANCE)
    with pytest.raises(ForbiddenError):
        release(node, foreign.name, "operator-there")
    assert not [row for row in node.ask("operator-there", lambda hub: hub.finding.reservations()) if row.reservation.unit == FINANCE]
    release(node, kept.name, "operator-there")
    release(node, foreign.name)


@pytest.mark.parametrize("wish", [
    {"what": "address", "value": "x"}, {"what": "address", "inside": "10.0.0.0/99"}, {"what": "address"},
    {"what": "vlan", "within": SWITCH, "value": "1"}, {"what": "vlan", "within": SWITCH, "inside": "200-x"},
    {"what": "port", "within": "nowhere"}, {"what": "port", "within": SWITCH, "value": "no such"},
    {"what": "prefix", "within": "人社专网", "inside": "10.128.0.0/16", "length": 8}, {**IN_SOCIAL, "unit": "no such unit"},
    {"what": "port", "within": CORE, "value": "x" * 5000}, {"what": "port", "within": CORE, "value": "GE1\n[red]"},
])
def test_a_wish_that_makes_no_sense_is_refused(node: Any, wish: dict[str, Any]) -> None:
    with pytest.raises((InvalidInputError, NotFoundError)) as caught:
        reserve(node, **wish)
    assert caught.value.way_out


def test_the_commands(node: Any, run: Any) -> None:
    done = run("address", "reserve", "10.128.0.0/26", "--vpn", "人社专网", "--unit", SOCIAL, "-m", "打印机", "--until", "+30d")
    assert (done.code, done.out) == (0, "10.128.0.3\n"), done.err
    assert "打印机" in run("reservation", "list").out
    assert run("reservation", "list", "--unit", SOCIAL, "--json").json()["reservations"][0]["value"] == "10.128.0.3"
    assert run("address", "release", "10.128.0.3", "--vpn", "人社专网").code == 0
    assert run("address", "release", "10.128.0.3", "--vpn", "人社专网").code == 6
    assert run("address", "free", "10.128.0.0/26", "--vpn", "人社专网", "--count", "2").out == "10.128.0.3\n10.128.0.4\n"
    assert run("prefix", "free", "10.128.0.0/16", "--length", "26", "--count", "1").out == "10.128.0.64/26\n"
    kept = run("prefix", "reserve", "10.128.0.0/16", "--length", "26", "--vpn", "人社专网")
    assert kept.out == "10.128.0.64/26\n"
    assert run("prefix", "release", "10.128.0.64/26").code == 0
    assert run("vlan", "free", SWITCH, "--between", "99-101").out == "99\n101\n"
    assert run("vlan", "reserve", SWITCH, "101").out == "101\n"
    assert run("vlan", "release", SWITCH, "101").code == 0
    assert "10GE1/0/6" in run("port", "free", SWITCH).out
    assert run("port", "reserve", SWITCH, "10GE1/0/6").out == f"{SWITCH} 10GE1/0/6\n"
    assert run("port", "release", SWITCH, "10GE1/0/6").code == 0
    assert "10.128.0.0/26" in run("prefix", "list", "--fullest").out
    assert run("address", "free", "192.0.2.0/31").code == 0
    assert run("address", "reserve", "10.128.0.0/26", "--vpn", "人社专网", who="viewer").code == 7


def test_all_of_it_is_in_the_audit_trail(node: Any) -> None:
    kept = reserve(node, **IN_SOCIAL, reason="为审计")
    release(node, kept.name)
    store = open_records(Path(node.settings.general.data_dir) / "records.db", readonly=True)
    rows = [row for seq in range(0, store.revision(), 1000) for row in store.journal(seq) if row.object_id == kept.id]
    store.close()
    assert [(row.action, row.actor) for row in rows] == [("reservation.add", "operator"), ("reservation.remove", "operator")]
    assert rows[0].after["reason"] == "为审计"
    assert rows[1].before["value"] == kept.value


async def test_what_is_over_is_swept_and_the_rest_stays(tmp_path: Path) -> None:
    settings = settled(Settings(general=General(data_dir=str(tmp_path / "data"), run_dir=str(tmp_path / "run"), language="en")))
    store = MemoryRecords()
    hub = Hub(settings, store, tmp_path / "none.db", None)  # type: ignore[arg-type]
    hub.spawn(hub.commits.run())
    with store.write(Actor(name="test"), 1) as write:
        for number, until in enumerate((0, 50, 100, 200)):
            address = f"192.0.2.{number}"
            write.put("add", Reservation(id=str(number), name=f"address||{address}", what="address", value=address, until=until))
    assert await hub.finding.reserving.sweep(100) == 2
    assert await hub.finding.reserving.sweep(100) == 0
    assert {one.id for one in store.all("reservation")} == {"0", "3"}
    assert [row.action for row in store.journal(limit=100)].count("reservation.expire") == 2
    for task in list(hub._tasks):
        task.cancel()
    hub.commits.close()


def test_a_prefix_that_is_kept_is_filled_by_the_unit_it_is_kept_for(node: Any) -> None:
    prefix = reserve(node, what="prefix", within="人社专网", inside="10.128.0.0/16", length=28, unit=SOCIAL)
    inside = {"what": "address", "within": "人社专网", "inside": prefix.value}
    with pytest.raises(ConflictError) as caught:
        reserve(node, **inside, unit=FINANCE)
    assert SOCIAL in str(caught.value)
    first = reserve(node, **inside, unit=SOCIAL)
    assert first.value == "10.128.0.66"
    below = reserve(node, what="prefix", within="人社专网", inside=prefix.value, length=30, unit=SOCIAL)
    assert below.value == "10.128.0.68/30"
    other = reserve(node, what="prefix", within="人社专网", inside="10.128.0.0/16", length=28, unit=FINANCE)
    assert other.value == "10.128.0.80/28"
    for one in (first, below, other, prefix):
        release(node, one.name)
