"""Any moment of the records out of the journal: the same as a copy that was taken then."""

import contextlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.cloud import VM
from core.errors import InvalidInputError, NotFoundError
from core.identity import Actor
from core.messages import Observed
from core.model import KEYED, MODEL
from core.objects import Device, Interface, Unit
from core.ports import Past
from stores.audit import archive
from stores.memory import MemoryRecords
from stores.records import Records, open_records
from stores.records.masking import MASK, of_record

WHO = Actor(name="li")
DAY = 86_400_000


def unit(number: int, **changes: Any) -> Unit:
    return Unit(**{"id": f"u{number}", "name": f"单位{number}", "level": "city", **changes})


def vm(number: int, **changes: Any) -> VM:
    return VM(**{"id": f"v{number}", "key": f"key-{number}", "name": "web", "project": "p", **changes})


def put(store: Any, at: int, *records: Any) -> None:
    with store.write(WHO, at) as write:
        for record in records:
            write.put("test.put", record)


def delete(store: Any, at: int, kind: str, object_id: str) -> None:
    with store.write(WHO, at) as write:
        write.delete("test.delete", kind, object_id)


def test_an_object_as_it_was(store: Any) -> None:
    put(store, 10, vm(1, host="h1"))
    put(store, 20, vm(1, host="h2", state="SHUTOFF"))
    delete(store, 30, "vm", "v1")
    put(store, 40, vm(1, host="h3"))
    seen = [store.object_at("vm", "v1", at) for at in (9, 10, 19, 20, 29, 30, 39, 40)]
    first, second = vm(1, host="h1"), vm(1, host="h2", state="SHUTOFF")
    assert seen == [None, first, first, second, second, None, None, vm(1, host="h3")]
    assert store.object_at("vm", "never", 40) is None


def test_what_changed_between_two_moments(store: Any) -> None:
    put(store, 10, unit(1), unit(2), unit(3), vm(1))
    put(store, 20, unit(1, contact="张三"), unit(4))
    delete(store, 25, "unit", "u2")
    put(store, 30, unit(1), vm(1, host="h1"))
    put(store, 30, unit(5))
    assert list(store.changed(10, 25)) == [
        Past(kind="unit", id="u1", before=unit(1), after=unit(1, contact="张三")),
        Past(kind="unit", id="u2", before=unit(2), after=None),
        Past(kind="unit", id="u4", before=None, after=unit(4)),
    ]
    assert [(past.id, past.before, past.after) for past in store.changed(10, 0, ("vm",))] == [("v1", vm(1), vm(1, host="h1"))]
    assert [past.id for past in store.changed(10, 0, ("unit",))] == ["u2", "u4", "u5"]
    assert [past.id for past in store.changed(0, 10)] == ["u1", "u2", "u3", "v1"]
    assert list(store.changed(30, 0)) == []


def test_what_came_and_went_in_between_is_no_change(store: Any) -> None:
    put(store, 10, unit(1))
    put(store, 20, unit(2))
    delete(store, 30, "unit", "u2")
    assert list(store.changed(10, 40)) == []


def test_observations_are_no_change_of_a_record(store: Any) -> None:
    device = Device(id="d1", name="莲都-01", address="10.0.0.1", site="莲都", role="access")
    put(store, 10, device)
    port = Interface(device_id="d1", if_index=1, name="GE0/0/1")
    for at, ports in ((20, (port,)), (30, ())):
        with store.write(WHO, at) as write:
            write.observe("discovery", Observed(device_id="d1", at_ms=at, interfaces=ports, facts=(), links=()))
    assert list(store.changed(10, 0)) == []
    assert store.object_at("device", "d1", 20) == device


def test_too_much_or_what_has_no_history_is_refused(store: Any) -> None:
    put(store, 10, *(unit(n) for n in range(5)))
    assert len(store.changed(1, 0, limit=5)) == 5
    with pytest.raises(InvalidInputError, match="More than 4"):
        store.changed(1, 0, limit=4)
    with pytest.raises(InvalidInputError):
        store.changed(1, 0, ("session",))
    with pytest.raises(InvalidInputError):
        store.object_at("session", "x", 1)
    with pytest.raises(InvalidInputError):
        store.changed(20, 10)


def test_archived_rows_are_out_of_reach(database_store: Records, tmp_path: Path) -> None:
    put(database_store, DAY, unit(1))
    put(database_store, 300 * DAY, unit(1, contact="张三"))
    assert archive(database_store, tmp_path / "audit", WHO, 301 * DAY, 190, trust_clock=True).rows == 1
    assert database_store.object_at("unit", "u1", 300 * DAY) == unit(1, contact="张三")
    for asked in (lambda: database_store.object_at("unit", "u1", DAY), lambda: database_store.changed(DAY, 0)):
        with pytest.raises(InvalidInputError, match="begins at") as error:
            asked()
        assert "archive" in error.value.way_out
    assert list(database_store.changed(300 * DAY, 0)) == []


def test_no_field_of_the_model_is_hidden_in_the_journal() -> None:
    """What were masked there could never be shown again."""
    for kind, noun in MODEL.items():
        hidden = [name for name in noun.__struct_fields__ if of_record(kind, {name: "x"})[name] == MASK]
        assert hidden == [], kind
    assert of_record("host_key", {"private_key": "x"}) == {"private_key": MASK}
    assert of_record(next(iter(KEYED)), {"key": "https://a:b@c"}) == {"key": f"https://{MASK}@c"}


CHANGE = st.tuples(
    st.sampled_from(["unit", "vm"]), st.integers(0, 4), st.sampled_from(["put", "put", "delete"]), st.sampled_from(["", "甲", "乙"]),
)
STEPS = st.lists(st.tuples(st.integers(-2, 4), st.lists(CHANGE, max_size=5)), min_size=1, max_size=10)


def play(store: Any, changes: list[tuple[str, int, str, str]], at: int) -> None:
    with store.write(WHO, at) as write:
        write.note("test.step", {})
        for kind, number, what, text in changes:
            record = unit(number, contact=text) if kind == "unit" else vm(number, host=text, vcpus=len(text))
            if what == "put":
                write.put("test.put", record)
            elif there(write, kind, record.id):
                write.delete("test.delete", kind, record.id)


def there(write: Any, kind: str, object_id: str) -> bool:
    try:
        write.get(kind, object_id)
    except NotFoundError:
        return False
    return True


def then(store: Any) -> list[Any]:
    return [*store.all("unit"), *store.all("vm")]


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(steps=STEPS)
def test_every_moment_equals_the_copy_taken_then(steps: list[Any], tmp_path: Path, empty: Path) -> None:
    """The clock steps back now and then: a moment is then everything before the first row that is later."""
    shutil.copyfile(empty, tmp_path / "r.db")
    for make in (MemoryRecords, lambda: open_records(tmp_path / "r.db")):
        with contextlib.closing(make()) as store:
            copies: dict[int, dict[str, Any]] = {5: {}}
            at = highest = 10
            for wait, changes in steps:
                at = max(at + wait, 6)
                play(store, changes, at)
                highest = max(highest, at)
                copies[highest] = {one.id: one for one in then(store)}
            moments = sorted(copies)
            for moment, held in copies.items():
                for number in range(5):
                    for kind, object_id in (("unit", f"u{number}"), ("vm", f"v{number}")):
                        assert store.object_at(kind, object_id, moment) == held.get(object_id)
            for place, start in enumerate(moments):
                for end in moments[place:]:
                    wanted = {i for i in copies[start].keys() | copies[end].keys() if copies[start].get(i) != copies[end].get(i)}
                    found = {past.id: past for past in store.changed(start, end)}
                    assert found.keys() == wanted
                    assert all((p.before, p.after) == (copies[start].get(i), copies[end].get(i)) for i, p in found.items())
