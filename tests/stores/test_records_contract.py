"""The contract of the record store. Every store is put under it by one more line in `STORES` of conftest.py."""

from typing import Any

import msgspec
import pytest

from core.cloud import VM
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.identity import AccountSecret, Actor
from core.messages import Observed
from core.nouns import new_id
from core.objects import BusinessSystem, CredentialRef, Device, Fact, Interface, Link, Site, Station, Unit
from core.ports import ListQuery
from core.signals import Alert

WHO = Actor(name="li", uid=7, origin="unix")


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
    shown = msgspec.json.encode({f: getattr(record, f) for f in record.__struct_fields__})
    assert [msgspec.json.encode(item) for item in store.page(kind, ListQuery()).items] == [shown]


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


def test_stations_are_kept_as_they_are_now_and_never_journaled(store: Any) -> None:
    put(store, device(1))
    one, two = (Station(device_id=device(1).id, port=f"GE0/0/{n}", mac=f"02:00:00:00:00:0{n}", vlan=7, valid_from=10) for n in (1, 2))
    for at, stations in ((10, (one,)), (20, (one.replace(valid_from=20), two.replace(valid_from=20)))):
        with store.write(WHO, at) as write:
            write.observe("discovery", found(at, stations=stations))
    assert store.observed(device(1).id).stations == (one, two.replace(valid_from=20))
    assert list(store.all_stations()) == [one, two.replace(valid_from=20)]
    assert store.revision() == 2
    with store.write(WHO, 30) as write:
        write.delete("test.delete", "device", device(1).id)
    assert list(store.all_stations()) == []


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
    put(store, *(device(i, site="甲" if i % 3 else "乙", polled=i % 2 == 0, interval_s=i % 5) for i in range(1, 40)))
    for sort in ("name", "-name", "site", "-site", "polled", "-interval_s"):
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


def test_two_chinese_characters_are_found_anywhere_in_a_word(store: Any) -> None:
    put(store, device(1, site="莲都政务中心机房"), device(2, site="缙云机房", note="人社局专线"))

    def found(text: str) -> list[str]:
        return [item["id"][-1] for item in store.page("device", ListQuery(text=text)).items]

    assert (found("政务"), found("人社"), found("人社 缙云"), found("中务")) == (["1"], ["2"], ["2"], [])


def test_text_is_sorted_by_its_bytes_on_every_store(store: Any) -> None:
    names = ["b", "B", "a", "Z", "_", "-", "á", "市", "莲", "龙", "1", "10", "2", "Ω", "ß"]
    put(store, *(device(number, name=name) for number, name in enumerate(names, 1)))
    assert [item["name"] for item in store.page("device", ListQuery()).items] == sorted(names)
    assert [item["name"] for item in store.page("device", ListQuery(sort="-name")).items] == sorted(names, reverse=True)


@pytest.mark.parametrize(
    "record", [device(1, note="a\0b"), device(1, name="\ud800"), device(1, interval_s=2**63), device(1, address="\0")], ids=range(4)
)
def test_what_no_store_can_hold_is_refused_and_nothing_else_is_lost(store: Any, record: Device) -> None:
    put(store, device(2))
    with pytest.raises(InvalidInputError):
        put(store, record)
    put(store, device(3))
    assert [found.id for found in store.all("device")] == [device(2).id, device(3).id]


@pytest.mark.parametrize("query", [ListQuery(text="a\0"), ListQuery(where={"name": "\0"})], ids=["text", "where"])
def test_nul_is_not_looked_for(store: Any, query: ListQuery) -> None:
    with pytest.raises(InvalidInputError):
        store.page("device", query)
    with pytest.raises(InvalidInputError):
        store.find("device", "\0")


def test_fields_of_json_are_no_filter(store: Any) -> None:
    put(store, EVERY[-1])
    for query in (ListQuery(where={"evidence": "{}"}), ListQuery(sort="evidence")):
        with pytest.raises(InvalidInputError, match="evidence"):
            store.page("alert", query)


def test_a_scope_shows_what_belongs_to_its_units_or_sites(store: Any) -> None:
    put(store, device(1, unit="财政", site="甲"), device(2, unit="人社", site="甲"), device(3, site="乙"), device(4, site=""))
    put(store, Unit(id="u1", name="财政", level="city"), Unit(id="u2", name="人社", level="city"))
    put(store, Site(id="s1", name="甲", level="city"), EVERY[1].replace(unit="财政"), EVERY[-1])

    def seen(kind: str, units: tuple[str, ...] | None, sites: tuple[str, ...] | None) -> list[str]:
        page = store.page(kind, ListQuery(units=units, sites=sites, sort="id"))
        assert page.total == len(page.items)
        return [item["id"].lstrip("0") for item in page.items]

    assert seen("device", None, None) == ["1", "2", "3", "4"]
    assert seen("device", ("财政",), None) == ["1"]
    assert seen("device", ("财政",), ("乙",)) == ["1", "3"]
    assert seen("device", None, ("甲",)) == ["1", "2"]
    assert seen("device", (), ()) == []
    assert seen("unit", ("人社",), None) == ["u2"]
    assert seen("site", ("人社",), None) == []
    assert seen("site", (), ("甲",)) == ["s1"]
    assert seen("system", ("财政",), ()) == ["b"]
    assert seen("alert", ("财政",), ("甲",)) == []


def put_and_fail(store: Any) -> None:
    with store.write(Actor(name="wang"), 4, "key") as write:
        write.put("test.put", device(5))
        write.delete("test.delete", "device", "nope")


def test_writes_together_are_one_commit_and_fail_alone(store: Any) -> None:
    put(store, device(1))
    with store.together():
        put(store, device(2), at=2)
        with pytest.raises(ConflictError):
            put(store, device(3, note="goes too"), device(4, name=device(1).name), at=3)
        with pytest.raises(NotFoundError):
            put_and_fail(store)
        with store.write(Actor(name="wang"), 5, "key") as write:
            write.put("test.put", device(6))
            write.answer({"six": 6})
    assert [found.id[-1] for found in store.all("device")] == ["1", "2", "6"]
    assert [(row.actor, row.at_ms) for row in store.journal()] == [("li", 1), ("li", 2), ("wang", 5)]
    assert (store.answered("key"), store.verify().rows, store.verify().good) == ({"six": 6}, 3, True)


def test_an_error_outside_the_parts_takes_all_of_them_back(store: Any) -> None:
    put(store, device(1))

    def broken() -> None:
        with store.together():
            put(store, device(2))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert store.revision() == 1
    put(store, device(3))
    assert [found.id[-1] for found in store.all("device")] == ["1", "3"]


def test_a_write_sees_what_it_wrote(store: Any) -> None:
    with store.write(WHO, 1) as write:
        write.put("test.put", device(1))
        assert write.get("device", device(1).id) == device(1)
        assert write.find("device", device(1).name) == device(1)
        assert write.find("device", "nobody") is None


@pytest.mark.parametrize("value", ["https://ops:Opensesame@host/x", "-----BEGIN PRIVATE KEY-----\nOpensesame", "otpauth://totp/Opensesame"])
def test_secrets_are_known_by_how_they_look_too(store: Any, value: str) -> None:
    put(store, device(1, note=f"see {value} there"))
    with store.write(WHO, 2) as write:
        write.note("test", {"任意": [value], "密码": "Opensesame"})
    assert "Opensesame" not in "".join(msgspec.json.encode(row).decode() for row in store.journal())


def test_hidden_kinds_are_journaled_without_content(store: Any) -> None:
    put(store, AccountSecret(id="a", secret_hash="$argon2id$Opensesame", totp_secret="Opensesame"))
    put(store, AccountSecret(id="a", secret_hash="$argon2id$Sesame"))
    with store.write(WHO, 3) as write:
        write.delete("test.delete", "account_secret", "a")
    assert [(row.kind, row.object_id, row.before, row.after) for row in store.journal()] == [("account_secret", "a", {}, {})] * 3


def test_many_records_of_one_transaction_are_as_if_each_were_written_at_once(store: Any) -> None:
    """Renamed, put twice, read and deleted among hundreds that wait to be written."""
    with store.write(WHO, 1) as write:
        for number in range(1, 301):
            write.put("test.put", device(number))
            if number % 50 == 0:
                assert write.get("device", device(number).id) == device(number)
                assert write.find("device", device(number - 1).name) == device(number - 1)
        write.put("test.put", device(300, name="free"))
        write.put("test.put", device(299, name=device(300).name))
        write.put("test.put", device(298, name=device(299).name, note="twice"))
        write.put("test.put", device(298, name=device(299).name))
        write.delete("test.delete", "device", device(297).id)
        write.put("test.put", device(301, name=device(297).name))
        assert write.find("device", device(300).name).id == device(299).id
        assert write.find("device", device(298).name) is None
        with pytest.raises(NotFoundError):
            write.get("device", device(297).id)
        with pytest.raises(ConflictError):
            write.put("test.put", device(302, name="free"))
        for record in (device(303, note="a\0b"), device(303, name="\ud800"), device(303, interval_s=2**63)):
            with pytest.raises(InvalidInputError):
                write.put("test.put", record)
    names = {found.id: found.name for found in store.all("device")}
    moved = {device(300).id: "free", device(299).id: device(300).name, device(298).id: device(299).name, device(301).id: device(297).name}
    assert names == {device(n).id: device(n).name for n in range(1, 297)} | moved
    assert store.verify().good
    assert store.revision() == 300 + 6
    assert [hit.id for hit in store.lookup("free")] == [device(300).id]


def test_a_key_is_given_once(store: Any) -> None:
    vms = [VM(id=f"v{number}", key=f"k{number}", name="web", project="p") for number in range(100)]
    put(store, *vms)
    for clash in (vms[0].replace(id="new"), vms[1].replace(key="k2")):
        with pytest.raises(ConflictError, match="key"):
            put(store, clash)
        with pytest.raises(ConflictError, match="key"):
            put(store, *(one.replace(state="ACTIVE") for one in vms[3:]), clash)
    assert list(store.all("vm")) == sorted(vms, key=lambda one: one.id)
    row = next(row for row in store.journal() if row.object_id == "v7")
    assert row.after["key"] == "k7"
