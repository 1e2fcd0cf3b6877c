"""Search in every store: the same hits in the same order, whatever changed before."""

import random
from typing import Any

import pytest

from core.cloud import VM, VPort
from core.errors import InvalidInputError
from core.extranet import AccessPoint
from core.identity import Actor
from core.model import MODEL
from core.network import IPAddress, Prefix
from core.nouns import new_id
from core.objects import BusinessSystem, Device, Site, Unit
from core.terms import parse
from stores.memory import MemoryRecords
from stores.records import Records, finding, indexing, open_records, wording
from stores.records.indexing import FIRST_KINDS

WHO = Actor(name="li")
KEY = "0b7c2f7e-5a3d-4c1e-9f0a-2b1d3c4e5f60"
CITY = (
    Unit(id="u1", name="丽水市人力资源和社会保障局", level="city", short_name="人社局", contact="张三"),
    Unit(id="u2", name="市财政局", level="city"),
    BusinessSystem(id="b1", name="花园云协同办公", unit="市财政局", protection_level=3),
    Site(id="s1", name="莲都机房", level="county"),
    Device(id="d1", name="莲都-接入-001", address="10.1.2.3", site="莲都机房", role="access", unit="市财政局", serial="21023589XX",
           model="S5735-L48T4X"),
    Device(id="d2", name="莲都-接入-002", address="2001:db8::2", site="缙云机房", role="access"),
    VM(id="v1", key=KEY, name="rsj-web-01", project="p"),
    VPort(id="p1", key="11111111-5a3d-4c1e-9f0a-2b1d3c4e5f60", name="", network="n", mac="fa:16:3e:12:ab:56", addresses=("172.16.0.9",)),
    Prefix(id="x1", name="政务外网|10.1.2.0/24", prefix="10.1.2.0/24", vpn="政务外网", unit="市财政局"),
    IPAddress(id="i1", name="政务外网|10.1.2.3", address="10.1.2.3", vpn="政务外网"),
    AccessPoint(id="a1", name="人社局接入点", unit="丽水市人力资源和社会保障局", device="莲都-接入-001"),
)


def put(store: Any, *records: Any) -> None:
    with store.write(WHO, 1) as write:
        for record in records:
            write.put("test.put", record)


def ids(store: Any, text: str, **more: Any) -> list[str]:
    return [hit.id for hit in store.lookup(text, **more)]


FOUND = (
    ("人社", ["u1", "a1"]), ("社保", ["u1"]), ("保障局", ["u1"]), ("rsj", ["u1", "v1", "a1"]), ("renshe", ["u1", "a1"]), ("财", ["u2"]),
    ("花园云", ["b1"]), ("hyy", ["b1"]), ("莲都 001", ["d1"]), ("接入 莲都", ["d1", "d2"]), ("5735", ["d1"]), ("21023589xx", ["d1"]),
    ("张三", ["u1"]), ("10.1.2.3", ["d1", "i1"]), ("10.1.2.0/24", ["x1", "d1", "i1"]), ("10.1.", ["d1", "x1", "i1"]),
    ("172.16.0.0/12", ["p1"]), ("2001:db8::/32", ["d2"]), ("2001:DB8:0::2", ["d2"]), ("fa163e12ab56", ["p1"]),
    ("FA16-3E12-AB56", ["p1"]), ("fa16.3e12.ab56", ["p1"]), ("ab56", ["p1"]), (KEY, ["v1"]), (KEY.replace("-", ""), ["v1"]),
    ("0b7c2f7e-5a3d-4c1e", ["v1"]), ("5a3d 4c1e", ["v1", "p1"]), ("", []), ("  ", []), ("nowhere", []), ("'; DROP TABLE unit", []),
    ("%", []), ("_", []), ("人社 财政", []), ("RSJ-WEB", ["v1"]), ("web rsj 01", ["v1"]),
)


def test_what_people_type_finds_what_they_mean(store: Any) -> None:
    put(store, *CITY)
    assert {text: ids(store, text) for text, _ in FOUND} == dict(FOUND)


def test_what_the_text_is_exactly_comes_first_and_says_so(store: Any) -> None:
    put(store, *CITY, Unit(id="u9", name="财政", level="city"), Unit(id="u0", name="市财政", level="city"))
    assert [(hit.id, hit.exact) for hit in store.lookup("财政")] == [("u9", True), ("u0", False), ("u2", False)]
    asked = ("10.1.2.3", "fa16.3e12.ab56", "21023589XX", KEY.upper())
    exact = {text: [hit.id for hit in store.lookup(text) if hit.exact] for text in asked}
    assert exact == {"10.1.2.3": ["d1", "i1"], "fa16.3e12.ab56": ["p1"], "21023589XX": ["d1"], KEY.upper(): ["v1"]}


def test_a_record_that_changed_is_found_as_it_is(store: Any) -> None:
    put(store, *CITY)
    put(store, CITY[1].replace(name="市审计局"), CITY[6].replace(host="h9"))
    assert (ids(store, "财政"), ids(store, "审计"), ids(store, "rsj-web")) == ([], ["u2"], ["v1"])
    with store.write(WHO, 2) as write:
        write.delete("test.delete", "unit", "u2")
        write.put("test.put", CITY[1].replace(id="u3", name="市审计局"))
        write.delete("test.delete", "vm", "v1")
        write.put("test.put", CITY[6].replace(name="again"))
    assert (ids(store, "审计"), ids(store, "rsj-web"), ids(store, "again")) == (["u3"], [], ["v1"])


def test_kinds_and_a_limit_narrow_it(store: Any) -> None:
    put(store, *CITY)
    assert ids(store, "rsj", kinds=("vm", "access_point")) == ["v1", "a1"]
    assert ids(store, "rsj", limit=2) == ["u1", "v1"]
    assert ids(store, "rsj", kinds=("rack",)) == []
    for wrong in ({"kinds": ("toaster",)}, {"limit": 0}, {"limit": 10**6}):
        with pytest.raises(InvalidInputError):
            store.lookup("rsj", **wrong)


def test_a_scope_sees_its_own(store: Any) -> None:
    put(store, *CITY)
    assert ids(store, "10.1.2.3", units=("市财政局",)) == ["d1"]
    assert ids(store, "财", units=("市财政局",)) == ["u2"]
    assert ids(store, "接入", units=(), sites=("缙云机房",)) == ["d2"]
    assert ids(store, "接入", units=("市财政局",), sites=("缙云机房",)) == ["d1", "d2"]
    assert ids(store, "rsj", units=(), sites=None) == []


def test_an_error_takes_the_terms_back(store: Any) -> None:
    def broken() -> None:
        with store.write(WHO, 1) as write:
            write.put("test.put", CITY[0])
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        broken()
    assert ids(store, "人社") == []


def some(rng: random.Random, number: int) -> Any:
    words = ["莲都", "财政", "人社", "web", "rsj", "s5735", "core", "接入", "政务", "db01"]
    name = "-".join(rng.sample(words, 3)) + f"-{number}"
    if number % 3:
        return VM(id=new_id(number), key=f"{rng.getrandbits(128):032x}", name=name, project="p")
    return Unit(id=new_id(number), name=name, level="city", contact=rng.choice(words))


def test_random_records_and_questions_have_one_answer(database_store: Records) -> None:
    """The index against a look at every record."""
    rng, memory = random.Random(5), MemoryRecords()
    records = {one.id: one for one in (some(rng, number) for number in range(150))}
    for store in (memory, database_store):
        put(store, *records.values())
    changed = rng.sample(sorted(records), 60)
    new = [some(rng, 999 + n * 3 + (not isinstance(records[old], Unit))).replace(id=old) for n, old in enumerate(changed)]
    for store in (memory, database_store):
        with store.write(WHO, 2) as write:
            for one in new[:45]:
                write.put("test.put", one)
            for one in new[45:]:
                write.delete("test.delete", "unit" if isinstance(one, Unit) else "vm", one.id)
    pieces = ["莲", "都", "财政", "人", "web", "w", "r", "rs", "s57", "5735", "core", "cj", "zhengwu", "db", "db01", "1", "2", "政务"]
    for _ in range(50):
        text = " ".join(rng.sample(pieces, rng.randint(1, 3)))
        assert database_store.lookup(text, limit=500) == memory.lookup(text, limit=500), text


def test_of_very_many_the_first_are_shown_and_exact_ones_never_missed(database_store: Records, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(finding, "CUT", 50)
    monkeypatch.setattr(finding, "BUDGET", 200)
    names = [f"政务 web {number:04d}" for number in range(1000)]
    put(database_store, *(VM(id=f"v{n:04d}", key=f"k{n}", name=name, project="p") for n, name in enumerate(names)))
    put(database_store, VM(id="zz", key="政务", name="last", project="p"), Unit(id="u1", name="政务办", level="city"))
    hits = database_store.lookup("政务", limit=20)
    assert [(hit.id, hit.exact) for hit in hits[:2]] == [("zz", True), ("u1", False)]
    assert len(hits) == 20
    assert all(word.fits(wording.terms_of(indexing.KINDS[hit.kind], database_store.get(hit.kind, hit.id)))
               for hit in hits for word in parse("政务"))
    assert len(database_store.lookup("政务 web", limit=20)) == 20
    assert [hit.id for hit in database_store.lookup("政务 web 0777")] == ["v0777"]
    assert [hit.id for hit in database_store.lookup("政 公 nothing")] == []


def test_terms_of_another_version_are_made_anew(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    store = open_records(tmp_path / "r.db")
    put(store, *CITY)
    before = store.lookup("rsj")
    with store.maintenance() as db:
        db.run("DELETE FROM search_term")
    store.close()
    store = open_records(tmp_path / "r.db")
    assert store.lookup("rsj") == []
    store.close()
    monkeypatch.setattr(wording, "TERMS_VERSION", wording.TERMS_VERSION + 1)
    store = open_records(tmp_path / "r.db")
    assert store.lookup("rsj") == before
    put(store, CITY[6].replace(name="other"))
    assert ids(store, "rsj") == ["u1", "a1"]
    store.close()


def test_every_kind_of_the_model_has_a_place_that_never_moves() -> None:
    assert set(FIRST_KINDS) == set(MODEL)
    assert len(FIRST_KINDS) == len(set(FIRST_KINDS))
    assert FIRST_KINDS[:6] == ("unit", "system", "component", "site", "device", "vm")
