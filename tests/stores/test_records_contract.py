"""The contract of the record store. Every store is put under it by one more line in `STORES`."""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec
import pytest

from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.identity import Actor
from core.messages import Observed
from core.nouns import new_id
from core.objects import BusinessSystem, CredentialRef, Device, Fact, Interface, Link, Site, Unit
from core.ports import ListQuery
from core.signals import Alert
from stores.memory import MemoryRecords
from stores.records import open_records

STORES: dict[str, Callable[[pytest.FixtureRequest], Any]] = {
    "sqlite": lambda request: open_records(request.getfixturevalue("tmp_path") / "records.db"),
    "postgresql": lambda request: open_records(request.getfixturevalue("database")()),
    "memory": lambda request: MemoryRecords(),
}
WHO = Actor(name="li", uid=7, origin="unix")


@pytest.fixture(params=[pytest.param(name, marks=pytest.mark.real if name == "postgresql" else ()) for name in STORES])
def store(request: pytest.FixtureRequest) -> Iterator[Any]:
    opened = STORES[request.param](request)
    yield opened
    opened.close()


def device(number: int, **changes: Any) -> Device:
    fields = {"name": f"莲都-接入-{number:03d}", "address": f"10.0.0.{number}", "site": "莲都机房", "role": "access"}
    return Device(**{"id": f"{number:032x}", **fields, **changes})


def put(store: Any, *records: Any, at: int = 1) -> None:
    with store.write(WHO, at) as write:
        for record in records:
            write.put("test.put", record)


EVERY = (
    Unit(id="u", name="市财政局", level="city", short_name="财政"),
    BusinessSystem(id="b", name="预算一体化", unit="市财政局", protection_level=3, cii=True, rto_minutes=30),
    Site(id="s", name="莲都机房", level="county", county="莲都"),
    device(1, polled=False, interval_s=30),
    CredentialRef(id="c", name="只读", kind="snmp-v3", locator="env:SNMP", username="ops", auth="SHA256", priv="AES128"),
    Alert(id="a", rule="interface-down", device_id="1", severity="major", evidence={"ifOperStatus": "down", "端口": "1"}, raised_at=5),
)


@pytest.mark.parametrize("record", EVERY, ids=lambda record: type(record).__name__)
def test_what_is_put_comes_back_equal(store: Any, record: Any) -> None:
    put(store, record)
    kind = store.journal()[0].kind
    assert store.get(kind, record.id) == record
    assert list(store.all(kind)) == [record]
    assert store.page(kind, ListQuery()).items == ({f: getattr(record, f) for f in record.__struct_fields__},)


def test_a_record_is_found_by_name(store: Any) -> None:
    put(store, EVERY[0])
    assert store.find("unit", "市财政局") == EVERY[0]
    assert store.find("unit", "市人社局") is None


def test_the_journal_tells_before_and_after_of_what_changed(store: Any) -> None:
    put(store, device(1))
    put(store, device(1, site="景宁机房"), at=2)
    with store.write(WHO, 3) as write:
        write.delete("test.delete", "device", device(1).id)
    created, moved, deleted = store.journal()
    assert (created.before, created.after["name"]) == ({}, device(1).name)
    assert (moved.before, moved.after, moved.at_ms) == ({"site": "莲都机房"}, {"site": "景宁机房"}, 2)
    assert (deleted.before["site"], deleted.after, deleted.actor, deleted.origin) == ("景宁机房", {}, "li", "unix")
    assert store.revision() == 3
    assert store.verify().rows == 3
    assert store.verify().bad_seq == 0
    assert store.verify().tip == deleted.digest


def test_a_put_that_changes_nothing_leaves_no_trace(store: Any) -> None:
    put(store, device(1))
    put(store, device(1))
    assert store.revision() == 1


def test_an_error_takes_everything_of_its_transaction_back(store: Any) -> None:
    put(store, device(1))

    def broken() -> None:
        with store.write(WHO, 2, "key") as write:
            write.put("test.put", device(2))
            write.put("test.put", device(1, note="x"))
            write.answer({"done": True})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert [d.name for d in store.all("device")] == [device(1).name]
    assert store.get("device", device(1).id).note == ""
    assert store.answered("key") is None
    assert store.revision() == 1


def test_names_are_unique_in_their_kind(store: Any) -> None:
    put(store, device(1))
    with pytest.raises(ConflictError, match="莲都-接入-001"):
        put(store, device(2, name=device(1).name))
    assert store.revision() == 1


def test_an_idempotency_key_answers_once(store: Any) -> None:
    with store.write(WHO, 1, "key") as write:
        write.put("test.put", device(1))
        write.answer({"added": 1})
    assert store.answered("key") == {"added": 1}
    assert store.answered("other") is None
    with pytest.raises(ConflictError), store.write(WHO, 2, "key") as write:
        write.put("test.put", device(2))
    assert store.revision() == 1


def test_old_answers_are_forgotten_and_young_ones_kept(store: Any) -> None:
    for key, at in (("old", 10), ("young", 20)):
        with store.write(WHO, at, key) as write:
            write.answer({"of": key})
    assert store.forget_answers(20) == 1
    assert (store.answered("old"), store.answered("young")) == (None, {"of": "young"})


def test_what_is_missing_is_said(store: Any) -> None:
    with pytest.raises(NotFoundError, match="nope"):
        store.get("device", "nope")
    with pytest.raises(InvalidInputError, match="toaster"):
        store.get("toaster", "x")
    with pytest.raises(NotFoundError), store.write(WHO, 1) as write:
        write.delete("test.delete", "device", "nope")
    with pytest.raises(InvalidInputError):
        put(store, device(1, id=""))


def test_secrets_do_not_reach_the_journal(store: Any) -> None:
    with store.write(WHO, 1) as write:
        write.note(
            "user.login", {"account": "li", "password": "Opensesame", "nested": [{"auth_key": "k1k1k1", "n": 1}], "community": "pub"}
        )
    row = store.journal()[0]
    text = msgspec.json.encode(row).decode()
    assert not any(secret in text for secret in ("Opensesame", "k1k1k1", "pub"))
    assert row.after["account"] == "li"
    assert row.after["nested"][0]["n"] == 1


def interface(number: int, **changes: Any) -> Interface:
    return Interface(**{"device_id": device(1).id, "if_index": number, "name": f"GE0/0/{number}", "oper_status": 1, **changes})


def found(at: int = 10, **changes: Any) -> Observed:
    fact = Fact(object_id=device(1).id, field="model", value="NE40E", source="observed", confidence=0.9, valid_from=at)
    link = Link(device_a=device(1).id, port_a="GE0/0/1", device_b="x", port_b="1", source="lldp", confidence=1.0, valid_from=at)
    sets = {"interfaces": tuple(interface(i) for i in range(1, 5)), "facts": (fact,), "links": (link,)}
    return Observed(device_id=device(1).id, at_ms=at, **{**sets, **changes})


def test_observations_replace_and_journal_only_what_changed(store: Any) -> None:
    put(store, device(1))
    for seen in (found(10), found(20)):
        with store.write(WHO, seen.at_ms) as write:
            write.observe("discovery", seen)
    assert store.revision() == 2
    assert store.observed(device(1).id).at_ms == 20
    assert store.observed(device(1).id).facts[0].valid_from == 10
    changed = found(30, interfaces=(interface(1), interface(2, oper_status=2), interface(3)))
    with store.write(WHO, 30) as write:
        write.observe("discovery", changed)
    row = store.journal(after_seq=2)[0]
    assert [i["if_index"] for i in row.before["interfaces"]] == [2, 4]
    assert [i["if_index"] for i in row.after["interfaces"]] == [2]
    assert store.observed(device(1).id).interfaces == changed.interfaces
    assert [link.port_a for link in store.all_links()] == ["GE0/0/1"]


def test_nothing_is_observed_before_the_first_time_and_after_the_device_is_gone(store: Any) -> None:
    put(store, device(1))
    assert store.observed(device(1).id) == Observed(device_id=device(1).id, at_ms=0, interfaces=(), facts=(), links=())
    with store.write(WHO, 1) as write:
        write.observe("discovery", found())
        write.delete("test.delete", "device", device(1).id)
    assert store.observed(device(1).id).interfaces == ()
    assert list(store.all_links()) == []
    with pytest.raises(NotFoundError), store.write(WHO, 1) as write:
        write.observe("discovery", found())


def test_open_alerts_are_those_that_hold(store: Any) -> None:
    alerts = [Alert(id=f"a{i}", rule="r", device_id="1", severity="minor", raised_at=9 - i, cleared_at=i % 2) for i in range(4)]
    put(store, *alerts)
    assert [alert.id for alert in store.open_alerts()] == ["a2", "a0"]


def test_pages_walk_the_whole_list_in_order(store: Any) -> None:
    put(store, *(device(i, site="甲" if i % 3 else "乙") for i in range(1, 40)))
    for sort in ("name", "-name", "site", "-site"):
        seen, cursor = [], ""
        while True:
            page = store.page("device", ListQuery(sort=sort, limit=7, cursor=cursor))
            seen += [(item[sort.removeprefix("-")], item["id"]) for item in page.items]
            assert page.total == 39
            if not (cursor := page.cursor):
                break
        assert len({identity for _, identity in seen}) == 39
        keys = [key for key, _ in seen]
        assert keys == sorted(keys, reverse=sort.startswith("-"))


def test_every_word_of_a_filter_must_be_found_and_means_itself(store: Any) -> None:
    put(store, device(1, note="100% 光口_A"), device(2, note="1000 Optics", model="CE6881"), device(3, note="50%"))

    def names(text: str) -> list[str]:
        return [item["id"][-1] for item in store.page("device", ListQuery(text=text)).items]

    assert names("100%") == ["1"]
    assert names("口_a") == ["1"]
    assert names("莲都 ce6881 OPTICS") == ["2"]
    assert names("莲都 nothing") == []
    assert names("' OR 1=1 --") == []
    assert names("") == ["1", "2", "3"]


def test_fields_filter_by_their_type(store: Any) -> None:
    put(store, device(1, polled=False), device(2, interval_s=30), device(3))
    assert [i["name"] for i in store.page("device", ListQuery(where={"polled": "false"})).items] == [device(1).name]
    assert [i["name"] for i in store.page("device", ListQuery(where={"interval_s": "30"})).items] == [device(2).name]
    assert store.page("device", ListQuery(where={"site": "莲都机房", "role": "access"})).total == 3


@pytest.mark.parametrize(
    "query",
    [
        ListQuery(sort="name; DROP TABLE device"),
        ListQuery(where={"1=1 OR name": "x"}),
        ListQuery(where={"interval_s": "many"}),
        ListQuery(where={"interval_s": "9" * 30}),
        ListQuery(limit=0),
        ListQuery(limit=10**9),
        ListQuery(cursor="not a cursor"),
        ListQuery(cursor="WyJuYW1lIiwxXQ=="),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(store: Any, query: ListQuery) -> None:
    put(store, device(1))
    with pytest.raises(InvalidInputError):
        store.page("device", query)


def test_new_ids_keep_the_order_of_time(store: Any) -> None:
    put(store, *(device(i, id=new_id(1_700_000_000_000 + i)) for i in range(1, 20)))
    assert [d.name for d in store.all("device")] == [device(i).name for i in range(1, 20)]
