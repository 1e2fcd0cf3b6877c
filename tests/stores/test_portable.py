"""Every statement of the repositories runs on SQLite and on PostgreSQL: the same texts, each asked of both."""

import inspect
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
import pytest

from core.audit import AuditQuery
from core.edges import Edge
from core.identity import Actor
from core.kinds import KEPT
from core.messages import Observed
from core.model import MODEL
from core.objects import Fact, Interface, Link, Station
from core.ports import ListQuery
from stores.audit import Verifier, archive, last_seal, seal
from stores.records import Records, batch, finding, open_records
from stores.records import store as store_of_records
from stores.records.connection import Connection
from stores.records.portable import records_are_empty, records_backup, records_restore
from stores.records.shapes import BY_NOUN, KINDS
from stores.records.write import Write

WHO = Actor(name="li", origin="unix:1")
DAY = 86_400_000
NOT_ASKED = {"close", "name", "finish"}
"""The store itself calls `finish`."""


def sample(type_: Any, **fixed: Any) -> Any:
    """One noun of any type, with every field set to something of its type. fixed: values of fields by name."""
    origin, arguments = get_origin(type_), get_args(type_)
    if origin is Annotated:
        return sample(arguments[0])
    if origin is Literal:
        return arguments[0]
    if origin in (types.UnionType, Union):
        return sample(next(one for one in arguments if one is not type(None)))
    if origin is tuple:
        return (sample(arguments[0]),)
    if origin is dict:
        return {"k": sample(arguments[1])}
    if isinstance(type_, type) and issubclass(type_, msgspec.Struct):
        return type_(**{field.name: fixed.get(field.name, sample(field.type)) for field in msgspec.structs.fields(type_)})
    return {int: 7, float: 0.5, bool: True, str: "莲都 'x' % ?", Any: "any"}[type_]


class Spy:
    """Which methods of an object were used."""

    def __init__(self, target: Any, used: set[str]) -> None:
        self._target, self._used = target, used

    def __getattr__(self, name: str) -> Any:
        self._used.add(name)
        return getattr(self._target, name)


def public(type_: type) -> set[str]:
    return {name for name, value in inspect.getmembers(type_) if not name.startswith("_") and callable(value)} - NOT_ASKED


def everything(store: Any, folder: Path, used: set[str]) -> None:
    """Asks the store everything that it can be asked."""
    records = {kind: sample(noun, id="a1", name="甲", key="k1", device_id="a1") for kind, noun in KEPT.items()}
    with store.write(WHO, 1, "key") as plain:
        write = Spy(plain, used)
        for record in records.values():
            write.put("test.put", record)
        link = sample(Link, device_a="a1")
        found = Observed(device_id="a1", at_ms=1, interfaces=(sample(Interface),), facts=(sample(Fact),), links=(link,),
                         stations=(sample(Station),))
        write.observe("test.observe", found)
        write.note("refused", {"a": 1})
        write.answer({"b": 2})
        write.get("device", "a1")
        write.find("device", "甲")
    for kind, record in records.items():
        assert store.get(kind, "a1") == record
        assert list(store.all(kind)) == [record]
        store.find(kind, "甲")
        ask_lists(store, kind)
    assert store.observed("a1").links == (link,)
    assert [len(list(rows)) for rows in (store.all_links(), store.open_alerts(), store.journal())] == [1, 0, store.revision()]
    ask_search(store)
    ask_in_bulk(store, used)
    ask_the_past(store, used)
    ask_audit(store)
    assert store.answered("key") == {"b": 2}
    assert (store.problems(), store.size() > 0, store.verify().good) == ([], True, True)
    keep(store, folder)
    with store.together(), store.write(WHO, 5) as plain:
        for kind in records:
            Spy(plain, used).delete("test.delete", kind, "a1")
    assert store.forget_answers(10) == 1


def ask_in_bulk(store: Any, used: set[str]) -> None:
    """The same with what is done where there are many: looked up once, written at the end, read some at a time."""
    first = {kind: sample(noun, id="a2", name="乙", key="k2", device_id="a1") for kind, noun in KEPT.items()}
    other = {kind: record.replace(name="丙") if "name" in record.__struct_fields__ else record for kind, record in first.items()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch, "FEW", 1)
        patch.setattr(store_of_records, "PIECE", 0)
        for at, records in ((2, first), (3, other)):
            with store.write(WHO, at) as plain:
                write = Spy(plain, used)
                for record in records.values():
                    write.put("test.put", record)
                    assert write.get(BY_NOUN[type(record)].table, "a2") == record
                    write.find(BY_NOUN[type(record)].table, "丙")
        for kind in KEPT:
            assert sorted(one.id for one in store.all(kind)) == ["a1", "a2"]
        assert (len(list(store.all_links())), len(list(store.all_stations()))) == (1, 1)
        with store.write(WHO, 3) as plain:
            for kind in KEPT:
                plain.delete("test.delete", kind, "a2")


def ask_search(store: Any) -> None:
    for cut in (1, finding.CUT):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(finding, "CUT", cut)
            for text in ("莲都", "莲", "莲都 ld", "liandu", "甲", "10.1.2.3", "10.0.0.0/8", "fa:16:3e:12:ab:56", "nothing"):
                store.lookup(text)
                for kinds in (("unit",), ("unit", "vm")):
                    store.lookup(text, kinds=kinds, units=("甲", "乙"), sites=("丙",))


def ask_the_past(store: Any, used: set[str]) -> None:
    edges = [sample(Edge, id=f"e{number}", valid_from=5 + number, valid_to=0) for number in range(3)]
    for at, came, went in ((5, edges, []), (9, [edges[0].replace(valid_from=8)], ["e1"])):
        with store.write(WHO, at) as write:
            Spy(write, used).edges(came, went)
    assert [len(list(store.edges_at(at))) for at in (0, 7, 9)] == [3, 4, 3]
    assert len(store.edges_of(edges[0].a)) == 3
    assert len(store.edges_of(edges[0].a, 7)) == 3
    assert len(list(store.edges_between(5, 9))) == 5
    assert store.object_at("unit", "a1", 1) == store.get("unit", "a1")
    assert (len(store.changed(0, 0)), len(store.changed(0, 2, ("unit", "vm")))) == (len(MODEL), 4)
    with store.write(WHO, 9) as write:
        write.edges([], ["e0", "e2"])


def ask_lists(store: Any, kind: str) -> None:
    shape = KINDS[kind]
    for field, type_ in shape.types.items():
        if type_ is dict:
            continue
        value = str(getattr(store.get(kind, "a1"), field))
        for sort in (field, f"-{field}"):
            first = store.page(kind, ListQuery(sort=sort, limit=1, where={field: value}, text="莲都"))
            assert first.total in (0, 1)
            cursor = first.cursor or _cursor(store, kind, sort)
            store.page(kind, ListQuery(sort=sort, limit=1, cursor=cursor))
    store.page(kind, ListQuery(units=("甲",), sites=("乙", "丙"), sort="id"))


def _cursor(store: Any, kind: str, sort: str) -> str:
    from stores.records.pages import make_cursor

    return make_cursor(ListQuery(sort=sort), getattr(store.get(kind, "a1"), sort.lstrip("-")), "a1")


def ask_audit(store: Any) -> None:
    filters = [
        {}, {"actor": "li"}, {"action": "test"}, {"kind": "device", "object_id": "a1"}, {"kind": "device"}, {"object_id": "a1"},
        {"origin": "unix:"}, {"request": "r"}, {"word": "莲都"}, {"refused": True}, {"actor": "li", "action": "test"},
        {"actor": "li", "kind": "device", "object_id": "a1"},
    ]
    for some in filters:
        for turned in (False, True):
            query = AuditQuery(**some, oldest_first=turned, limit=1, end_ms=100, start_ms=-1)
            page = store.search(query)
            if page.cursor:
                store.search(query.replace(cursor=page.cursor))


def keep(store: Any, folder: Path) -> None:
    """Seals, archives, backups."""
    plain = store._target
    seal(plain, WHO, 2, 3600 * 24 * 400)
    assert last_seal(plain)
    with store.maintenance(), store.snapshot():
        pass
    records_backup(plain, folder / "backup")
    moved = archive(plain, folder / "audit", WHO, 3 + 200 * DAY, 190, trust_clock=True)
    assert moved.rows > 0
    assert Verifier(plain, folder / "audit").run().good
    assert Verifier(plain, folder / "none").run().first_seq > 1
    assert next(store.raw_journal())[0] == moved.rows + 1


@pytest.fixture
def asked() -> Iterator[list[str]]:
    texts: list[str] = []
    Connection.observer = texts.append
    yield texts
    Connection.observer = None


def as_one(texts: list[str], store: Records) -> set[str]:
    """Without the words of each dialect for the three types that there are, and for a table that lies in the order of its key."""
    assert store._writer is not None
    if end := store._writer.CLUSTERED:
        texts = [text.removesuffix(end) for text in texts]
    for type_, word in store._writer.TYPES.items():
        texts = [text.replace(f" {word} ", f" <{type_.__name__}> ") for text in texts]
    return set(texts)


@pytest.mark.real
def test_every_statement_runs_on_both(tmp_path: Path, database: Callable[..., str], asked: list[str]) -> None:
    seen: dict[str, set[str]] = {}
    for where in (str(tmp_path / "records.db"), database(fresh=True)):
        asked.clear()
        used: set[str] = set()
        store = open_records(where)
        everything(Spy(store, used), tmp_path / store.name, used)
        assert public(Records) | public(Write) <= used, "a method of the store is not asked here"
        seen[store.name] = as_one(asked, store)
        store.close()
        if store.name == "sqlite":
            Path(where).unlink()
        records_restore(where, tmp_path / store.name / "backup")
        assert not records_are_empty(where)
    print(f"\n{len(seen['sqlite'])} statements on SQLite and PostgreSQL")  # noqa: T201
    assert seen["sqlite"] == seen["postgresql"]
    assert len(seen["sqlite"]) > 300
