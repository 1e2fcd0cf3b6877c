"""Alerts of probes: by the shipped rules, raised once, cleared once, kept over a restart, gone with their probe."""

import dataclasses
from typing import Any

import pytest

from agents.senses.probing_judging import Levels
from agents.senses.probing_store import measured
from core.objects import Device
from core.probes import (
    CERTIFICATE,
    HYPERVISOR_UP,
    NTP_OFFSET,
    QUOTA,
    ROWS_AGE_RATIO,
    UP,
    VMS,
    Answer,
    Figure,
    Outcome,
    Probe,
    ProbeTask,
)
from core.rules import RuleText, hint, learn, sentence
from core.signals import Alert
from monitors.probes.levels import by_metric, is_bad
from monitors.rules.book import shipped
from monitors.rules.rule import Rule

RULES = shipped().of("threshold", "state")
DEVICE = Device(id="dev", name="LD-WEB-1", address="127.0.0.1", site="LD-1", role="server")


@dataclasses.dataclass
class Run:
    """One probe, run by hand."""

    name: str = "web"
    kind: Any = "http"
    object_id: str = "dev"
    levels: Levels = dataclasses.field(default_factory=lambda: Levels(RULES))
    now_s: int = 1_700_000_000

    def __post_init__(self) -> None:
        self.task = ProbeTask(
            probe=Probe(id="p", name=self.name, kind=self.kind, object="LD-WEB-1"), object_id=self.object_id, host="127.0.0.1",
        )
        self.levels.keep([self.task], [DEVICE], (), self.now_s * 1000)

    def found(self, *figures: Figure, answer: Answer = "ok", after_s: int = 60, said: str = "") -> list[Alert]:
        self.now_s += after_s
        outcome = Outcome(answer=answer, said=said, figures=figures, at_ms=self.now_s * 1000)
        return self.levels.judge(self.task, outcome, list(measured(self.task, outcome)), self.now_s * 1000)

    def up(self, value: float, answer: Answer = "ok", after_s: int = 60, said: str = "") -> list[Alert]:
        return self.found(Figure(metric=UP, value=value), answer=answer, after_s=after_s, said=said)


def test_what_fails_twice_is_raised_once_and_cleared_once() -> None:
    run = Run()
    assert not run.up(1.0)
    assert not run.up(0.0, "wrong-content", said="-政务服务")
    (raised,) = run.up(0.0, "wrong-content", said="-政务服务")
    assert (raised.rule, raised.device_id, raised.instance, raised.severity) == ("probe-down", "dev", "web", "major")
    assert not run.up(0.0, "wrong-content")
    (ended,) = run.up(1.0)
    assert (ended.id, ended.cleared_at) == (raised.id, run.now_s * 1000)
    assert not run.up(1.0)


def test_what_it_says_to_a_person() -> None:
    run = Run()
    run.up(0.0, "no-answer")
    (raised,) = run.up(0.0, "no-answer")
    learn(shipped().texts())
    try:
        assert sentence("probe-down", raised.instance, raised.evidence, "en") == "The probe web fails: It did not answer in time."
        assert sentence("probe-down", raised.instance, raised.evidence, "zh").startswith("探测 web 异常：")
        assert "yunwang probe test web" in hint("probe-down", raised.instance, raised.evidence, "zh")
    finally:
        learn({})


def test_one_failure_is_none() -> None:
    run = Run()
    for _ in range(5):
        assert not run.up(0.0, "no-answer", after_s=30)
        assert not run.up(1.0, after_s=30)


def test_a_run_that_could_not_ask_says_nothing() -> None:
    run = Run()
    run.up(0.0, "closed")
    assert not run.found(answer="unusable")
    assert run.up(0.0, "closed")


def test_devices_that_never_answered_echoes_are_no_alert() -> None:
    run = Run(name="icmp", kind="icmp")
    assert not any(run.up(0.0, "no-answer") for _ in range(10))
    run.up(1.0)
    raised = [alert for _ in range(10) for alert in run.up(0.0, "no-answer")]
    assert [alert.rule for alert in raised] == ["echoes-silent"]


@pytest.mark.parametrize(("metric", "part", "good", "bad", "rule"), [
    (CERTIFICATE, "", 31.0, 29.0, "certificate-expiring"), (CERTIFICATE, "", 31.0, -1.0, "certificate-expired"),
    (ROWS_AGE_RATIO, "", 0.9, 1.1, "rows-stale"), (NTP_OFFSET, "", 100.0, 5000.0, "clock-ahead"),
    (NTP_OFFSET, "", -100.0, -5000.0, "clock-behind"), (HYPERVISOR_UP, "compute-1", 1.0, 0.0, "hypervisor-down"),
    (QUOTA, "社保局:cores", 50.0, 95.0, "quota-full"), (VMS, "ERROR", 0.0, 3.0, "vms-in-error"),
])
def test_shipped_rules(metric: str, part: str, good: float, bad: float, rule: str) -> None:
    run = Run(kind="openstack")

    def looks(value: float) -> list[Alert]:
        return [one for _ in range(20) for one in run.found(Figure(metric=metric, value=value, part=part))]

    assert not looks(good)
    raised = {alert.rule: alert for alert in looks(bad)}
    assert rule in raised
    assert raised[rule].instance == (f"web:{part}" if part else "web")
    assert {alert.rule for alert in looks(good)} >= {rule}


def test_machines_that_run_are_no_error() -> None:
    run = Run(kind="openstack")
    assert not [one for _ in range(20) for one in run.found(Figure(metric=VMS, value=500.0, part="ACTIVE"))]


def test_between_the_level_and_its_clearing_nothing_changes() -> None:
    rule = Rule(name="x", kind="threshold", severity="minor", metric=("m",), above=90, clear=80)
    assert is_bad(rule, 91, was_bad=False)
    assert not is_bad(rule, 85, was_bad=False)
    assert is_bad(rule, 85, was_bad=True)
    assert not is_bad(rule, 79, was_bad=True)
    below = Rule(name="x", kind="threshold", severity="minor", metric=("m",), below=10, clear=20)
    assert is_bad(below, 15, was_bad=True)
    assert not is_bad(below, 15, was_bad=False)
    assert is_bad(Rule(name="x", kind="threshold", severity="minor", metric=("m",), above="high"), 1e9, was_bad=False) is None
    assert by_metric([rule.replace(off=True)]) == {}


def test_a_probe_that_goes_takes_its_alerts_along() -> None:
    run = Run()
    run.up(0.0, "closed")
    (raised,) = run.up(0.0, "closed")
    assert not run.levels.keep([run.task], [DEVICE], (), run.now_s * 1000)
    (ended,) = run.levels.keep([], [DEVICE], (), run.now_s * 1000 + 5)
    assert (ended.id, ended.cleared_at) == (raised.id, run.now_s * 1000 + 5)
    assert not run.up(0.0, "closed")


def test_a_restart_raises_nothing_anew_and_clears_what_is_over() -> None:
    run = Run()
    run.up(0.0, "closed")
    (raised,) = run.up(0.0, "closed")
    again = Run()
    assert again.levels.owns(raised, frozenset())
    assert not again.levels.owns(raised.replace(rule="device-unreachable"), frozenset({("dev", "web")}))
    assert not again.levels.keep([again.task], [DEVICE], [raised], again.now_s * 1000)
    assert not again.up(0.0, "closed", after_s=300)
    (ended,) = again.up(1.0)
    assert ended.id == raised.id
    gone = raised.replace(instance="other")
    (orphan,) = Run().levels.keep([again.task], [DEVICE], [gone], again.now_s * 1000)
    assert orphan.cleared_at


def test_a_rule_that_others_use_too_is_shared_by_who_measured() -> None:
    rule = Rule(name="disk-full", kind="threshold", severity="major", metric=("yw_storage_percent",), above=90)
    levels = Levels([rule])
    of_poll = Alert(id="a", rule="disk-full", device_id="dev", instance="/var", severity="major", raised_at=1)
    assert not levels.owns(of_poll, frozenset({("dev", "host-web")}))
    assert levels.owns(of_poll.replace(instance="host-web:/var"), frozenset({("dev", "host-web")}))


def test_every_shipped_rule_of_probes_speaks_both_languages() -> None:
    texts = shipped().texts()
    names = [rule.name for rule in RULES if rule.source.startswith("probes.yml")]
    assert len(names) >= 12
    for name in names:
        assert all(isinstance(texts[name][language], RuleText) and texts[name][language].hint for language in ("zh", "en"))
