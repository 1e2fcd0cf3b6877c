"""Compositions over open alerts."""

from typing import Any

from core.signals import Alert
from monitors.rules.applying import Subject
from monitors.rules.composing import Composing
from monitors.rules.rule import Rule, Where

T0 = 1_790_000_000_000
CORE, EDGE = Subject(name="a", role="core"), Subject(name="b", role="access")
DEVICES = {"a": CORE, "b": EDGE}


def rule(**keys: Any) -> Rule:
    return Rule(name="both", kind="composed", severity="major", **keys)


def alert(name: str, device_id: str = "a") -> Alert:
    return Alert(id=f"{device_id}{name}", rule=name, device_id=device_id, severity="minor", raised_at=T0)


def test_it_holds_where_all_are_open_about_the_same_object() -> None:
    one = Composing([rule(all=("hot", "fan"))], [])
    assert one.look([alert("hot"), alert("fan", "b")], DEVICES.get, T0) == []
    raised = one.look([alert("hot"), alert("fan")], DEVICES.get, T0)
    assert [(a.rule, a.device_id, a.severity, a.evidence["rules"]) for a in raised] == [("both", "a", "major", "fan hot")]
    assert one.look([alert("hot"), alert("fan")], DEVICES.get, T0 + 1) == []
    (ended,) = one.look([alert("fan")], DEVICES.get, T0 + 2)
    assert (ended.id, ended.cleared_at) == (raised[0].id, T0 + 2)


def test_any_and_none_and_a_duration() -> None:
    one = Composing([rule(any=("hot", "fan"), none=("power",), for_s=60)], [])
    assert one.look([alert("hot")], DEVICES.get, T0) == []
    assert one.look([alert("hot"), alert("power")], DEVICES.get, T0 + 30_000) == []
    assert one.look([alert("hot")], DEVICES.get, T0 + 70_000) == []
    assert len(one.look([alert("fan")], DEVICES.get, T0 + 130_000)) == 1


def test_only_of_the_objects_that_it_is_about() -> None:
    one = Composing([rule(all=("hot",), where=Where(role=("access",)))], [])
    assert [a.device_id for a in one.look([alert("hot"), alert("hot", "b")], DEVICES.get, T0)] == ["b"]


def test_what_was_left_open_goes_on_and_ends_with_its_device() -> None:
    left = alert("both")
    one = Composing([rule(all=("hot",))], [left, alert("hot")])
    assert one.look([alert("hot"), left], DEVICES.get, T0 + 1) == []
    (ended,) = one.look([alert("hot"), left], {}.get, T0 + 2)
    assert (ended.id, ended.cleared_at) == (left.id, T0 + 2)


def test_a_composition_may_stand_in_another() -> None:
    first, second = rule(all=("hot",)), Rule(name="outer", kind="composed", severity="minor", all=("both",))
    one = Composing([first, second], [])
    raised = one.look([alert("hot")], DEVICES.get, T0)
    assert [a.rule for a in one.look([alert("hot"), *raised], DEVICES.get, T0 + 1)] == ["outer"]
