"""Fresh values against rules: what is raised, when it ends, and what a restart or another plan keeps of it."""

import numpy as np
import pytest

from core.errors import InvalidInputError
from core.measured import Sensor
from core.polling import PollPlan, TablePlan
from core.rules import learn, sentence
from core.signals import Alert
from monitors.meaning import UPTIME, ColumnMeaning, PlanMeaning, Polled, TableMeaning
from monitors.rules.applying import Subject, for_device
from monitors.rules.binding import Block, Interface, bound, is_meant, told_by
from monitors.rules.book import shipped
from monitors.rules.fleet import Fleet, Member
from monitors.rules.reading import put_together, read_rules
from monitors.rules.rule import Rule

T0 = 1_700_000_000_000
NAN = float("nan")


def rules(text: str) -> tuple[Rule, ...]:
    return read_rules("own.yml", "rules:\n" + text)


def polled(metric: str, labels: tuple[str, ...] = ("a",), indexes: tuple[int, ...] = ()) -> Polled:
    plan = PollPlan(
        scalars=((1, 3, 0),),
        tables=(TablePlan(columns=((1, 9),), indexes=tuple((n,) for n in range(1, len(labels) + 1)), by_name=not indexes),),
    )
    table = TableMeaning(table="t", columns=(ColumnMeaning(name=metric, metric=metric),), labels=labels, indexes=indexes)
    return Polled(plan=plan, meaning=PlanMeaning(scalars=(UPTIME,), tables=(table,)))


class Scene:
    """One device with one column; each `see` is a poll half a minute later."""

    def __init__(self, block: Block, open_alerts: tuple[Alert, ...] = ()) -> None:
        self.fleet, self.now, self.block = Fleet(rule.name for rule in block.rules), T0, block
        self.cleared = self.fleet.assign([Member("d", block, 0)], {"d": open_alerts}, T0)

    def see(self, *values: float, gap_s: float = 30) -> list[tuple[str, str, bool]]:
        self.now += int(gap_s * 1000)
        alerts = self.fleet.look([0], np.array([0, *values], np.float32), self.now)
        self.last = alerts
        return [(a.rule, a.instance, bool(a.cleared_at)) for a in alerts]


HOT = "  hot: {kind: threshold, metric: m, above: 90, clear: 80, for_s: 60, severity: major}\n"


def test_a_threshold_has_duration_and_hysteresis() -> None:
    scene = Scene(bound(rules(HOT), polled("m", ("a", "b")), {}, {}))
    assert scene.see(95, 10) == []
    assert scene.see(95, 10) == []
    assert scene.see(95, 10) == [("hot", "a", False)]
    assert scene.last[0].evidence == {"value": "95", "limit": "90", "metric": "m"}
    assert scene.see(85, 10) == [], "between clear and above it still holds"
    assert scene.see(NAN, 10) == [], "what was not seen stays as it was"
    assert scene.see(80, 95) == [("hot", "a", True)]
    assert scene.see(80, 10) == [], "b was above for less than a minute"


def test_the_clock_may_jump_back_and_polls_may_be_missed() -> None:
    scene = Scene(bound(rules(HOT), polled("m"), {}, {}))
    scene.see(95)
    assert scene.see(95, gap_s=-3600) == []
    assert scene.see(95, gap_s=600) == [("hot", "a", False)]
    [cleared] = scene.see(10, gap_s=-86400)
    assert cleared == ("hot", "a", True)
    assert scene.last[0].cleared_at > scene.last[0].raised_at


def test_an_open_alert_comes_back_after_a_restart_and_ends_when_its_cause_is_gone() -> None:
    block = bound(rules(HOT), polled("m", ("a",)), {}, {})
    left = Alert(id="1", rule="hot", device_id="d", instance="a", severity="major", raised_at=T0 - 1)
    foreign, lost = left.replace(id="2", rule="other"), left.replace(id="3", instance="gone")
    scene = Scene(block, (left, foreign, lost))
    assert [a.id for a in scene.cleared] == ["3"]
    assert scene.see(95) == []
    assert scene.see(10) == [("hot", "a", True)]
    assert scene.last[0].id == "1"


def test_another_plan_keeps_what_holds() -> None:
    scene = Scene(bound(rules(HOT), polled("m", ("a", "b")), {}, {}))
    scene.see(95, 95)
    scene.see(95, 95, gap_s=60)
    other = bound(rules(HOT), polled("m", ("b", "c")), {}, {})
    [gone] = scene.fleet.assign([Member("d", other, 0)], {}, scene.now)
    assert (gone.instance, gone.cleared_at > 0) == ("a", True)
    assert scene.see(95, 10) == []
    assert scene.see(10, 10) == [("hot", "b", True)]


def test_a_line_is_judged_by_its_speed() -> None:
    text = "  busy: {kind: threshold, metric: ifHCInOctets, share_of: speed, above: 90, severity: minor}\n"
    ports = {1: Interface(1_000_000_000, "to core"), 2: Interface(0), 3: Interface(1000, alerting=False)}
    scene = Scene(bound(rules(text), polled("ifHCInOctets", ("g1", "g2", "v1"), (1, 2, 3)), ports, {}))
    assert scene.see(115_000_000, 1e12, 1e12) == [("busy", "g1", False)]
    evidence = scene.last[0].evidence
    assert (evidence["value"], evidence["limit"], evidence["unit"], evidence["alias"]) == ("92", "90", "%", "to core")


def test_a_sensor_is_judged_by_the_limits_and_words_of_its_device() -> None:
    text = "  warm: {kind: threshold, metric: yw_temperature, above: high, severity: major}\n"
    sensors = [
        Sensor(kind="temperature", name="a", value=1, oid="1.9.1", high=60.0), Sensor(kind="temperature", name="b", value=1, oid="1.9.2"),
    ]
    scene = Scene(bound(rules(text), polled("yw_temperature", ("a", "b")), {}, told_by(sensors)))
    assert scene.see(61, 1000) == [("warm", "a", False)]
    text = "  failed: {kind: state, metric: yw_state, bad: [fail, 9], severity: major}\n"
    states = {"1": "normal", "2": "fanFailure", "3": "no failure"}
    told = told_by([Sensor(kind="state", name="a", value=1, oid="1.9.1", states=states)])
    scene = Scene(bound(rules(text), polled("yw_state"), {}, told))
    assert scene.see(3) == []
    assert scene.see(2) == [("failed", "a", False)]
    assert scene.last[0].evidence["state"] == "fanFailure"
    assert scene.see(1) == [("failed", "a", True)]
    assert scene.see(9) == [("failed", "a", False)]


@pytest.mark.parametrize(
    ("meaning", "bad"), [("fanFailure", True), ("failed", True), ("noFault", False), ("not faulty", False), ("ok", False)],
)
def test_words_of_states(meaning: str, bad: bool) -> None:
    assert is_meant(meaning, ["fail", "fault"]) is bad


def test_a_peer_that_never_was_up_cannot_go_down_and_that_is_kept() -> None:
    text = "  peer: {kind: state, metric: p, good: [6], only_after_good: true, severity: major}\n"
    block = bound(rules(text), polled("p", ("x", "y")), {}, {})
    scene = Scene(block)
    assert scene.see(1, 6) == []
    assert scene.see(1, 1) == [("peer", "y", False)]
    kept = scene.fleet.good_ones()
    later = Fleet(["peer"], kept)
    later.assign([Member("d", block, 0)], {}, T0)
    assert [a.instance for a in later.look([0], np.array([0, 1, 1], np.float32), T0 + 1)] == ["y"]


def test_a_change_has_a_size_and_a_direction() -> None:
    text = "  fewer: {kind: change, metric: m, by: 2, direction: down, clear_s: 60, severity: minor}\n"
    scene = Scene(bound(rules(text), polled("m"), {}, {}))
    assert [scene.see(value) for value in (8, 10, 9, 9)] == [[], [], [], []]
    assert scene.see(5) == [("fewer", "a", False)]
    assert scene.see(5) == []
    assert scene.see(5) == []
    assert scene.see(5) == [("fewer", "a", True)]


def test_overrides_are_for_devices_and_for_parts() -> None:
    text = (
        "  hot:\n    kind: threshold\n    metric: m\n    above: 90\n    severity: major\n    overrides:\n"
        "      - {where: {role: core}, above: 50, severity: critical}\n      - {where: {instance: 'b*'}, off: true}\n"
        "      - {where: {tag: lab}, off: true}\n"
    )
    some = rules(text)
    core = Scene(bound(for_device(some, Subject(role="core")), polled("m", ("a", "b1")), {}, {}))
    assert core.see(60, 99) == [("hot", "a", False)]
    assert core.last[0].severity == "critical"
    plain = Scene(bound(for_device(some, Subject(role="access")), polled("m", ("a", "b1")), {}, {}))
    assert plain.see(60, 99) == []
    assert for_device(some, Subject(tags=frozenset({"lab"}))) == ()


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("  hot: {kind: threshold, metric: m, abov: 1, severity: major}\n", "own.yml:2: rules.hot.abov", "no such key"),
        ("  hot:\n    kind: threshold\n    metric: m\n    severity: loud\n    above: 1\n", "own.yml:5: rules.hot.severity", "invalid"),
        ("  hot: {kind: thresh}\n", "own.yml:2: rules.hot.kind", "one of"),
        ("  hot: {kind: threshold, metric: m, severity: major}\n", "own.yml:2: rules.hot", "above or below"),
        ("  hot: {kind: threshold, metric: m, above: 1, clear: 2, severity: major}\n", "rules.hot.clear", "before it is raised"),
        ("  Hot Rule: {kind: poll, sees: refused, severity: major}\n", "own.yml:2", "small letters"),
        ("  s: {kind: state, metric: m, bad: [99], severity: major}\n", "rules.s.bad", "0 to 63"),
        ("  s: {kind: poll, sees: refused, severity: major, says: {zh: '{a.b}', en: x}}\n", "says.zh", "evidence"),
    ],
)
def test_a_mistake_is_named_by_file_line_and_key(text: str, where: str, what: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        rules(text)
    assert where in str(caught.value)
    assert what in str(caught.value).lower()


def test_compositions_name_rules_that_are_there_and_never_themselves() -> None:
    with pytest.raises(InvalidInputError, match="no rule"):
        put_together([rules("  a: {kind: composed, all: [nothing], severity: major}\n")])
    with pytest.raises(InvalidInputError, match="itself"):
        put_together([rules("  a: {kind: composed, all: [b], severity: major}\n  b: {kind: composed, any: [a], severity: major}\n")])


def test_forty_rules_are_shipped_each_with_a_sentence_and_a_hint_in_both_languages() -> None:
    book = shipped()
    assert len(book.rules) >= 40
    learn(book.texts())
    for rule in book.rules.values():
        said = [sentence(rule.name, "GE1/0/1", {"value": "{x}", "limit": "2"}, language) for language in ("zh", "en")]
        assert all(said)
        assert said[0] != said[1]
    assert sentence("processor-high", "0", {"value": "{instance}", "limit": "90"}, "en") == "Processor 0 is {instance} % busy, above 90 %."
    told = sentence("errors-in", "GE1/0/1", {"value": "2"}, "en")
    assert told == "Interface GE1/0/1 receives 2 broken frames a second.", "it has no alias"
    learn({})


def test_a_device_that_cannot_be_asked_for_a_while_keeps_what_was_open() -> None:
    scene = Scene(bound(rules("  hot: {kind: threshold, metric: m, above: 90, severity: major}\n"), polled("m"), {}, {}))
    assert scene.see(95) == [("hot", "a", False)]
    assert scene.fleet.assign([], {}, scene.now, {"d"}) == ()
    assert scene.fleet.look([], np.zeros(0, np.float32), scene.now) == ()
    assert scene.fleet.assign([Member("d", scene.block, 0)], {}, scene.now) == ()
    assert scene.see(95) == []
    assert scene.see(10) == [("hot", "a", True)]
    scene.see(95)
    assert len(scene.fleet.assign([], {}, scene.now)) == 1, "it is gone for good"


def test_a_change_across_a_new_arrangement_is_not_missed() -> None:
    block = bound(rules("  moved: {kind: change, metric: m, by: 5, severity: info}\n"), polled("m"), {}, {})
    scene = Scene(block)
    assert scene.see(10) == []
    scene.fleet.assign([Member("e", block, 0), Member("d", block, 2)], {}, scene.now)
    found = scene.fleet.look([0, 1], np.array([0, 50, 0, 20], np.float32), scene.now + 30_000)
    assert [(alert.device_id, alert.evidence["by"]) for alert in found] == [("d", "10")]
