"""What a poll itself tells, with exceptions for some devices and some ports."""

from typing import Any

import pytest

from agents.senses.judging import Judging
from core.events import Event
from monitors.judge import Observation, Port
from monitors.rules.applying import Subject
from monitors.rules.book import shipped
from monitors.rules.events import State, conditions
from monitors.rules.reading import put_together, read_rules
from monitors.rules.rule import Rule

T0 = 1_700_000_000_000
CORE, EDGE = Subject(name="core-1", role="core"), Subject(name="edge-1", role="access", tags=frozenset({"lab"}))


def rules(text: str) -> dict[str, Rule]:
    return put_together([read_rules("own.yml", "rules:\n" + text)])


class Scene:
    """Two devices; each `see` is a poll half a minute later."""

    def __init__(self, text: str) -> None:
        self.judging, self.now = Judging({}, rules(text)), T0
        self.judging.know({"core": CORE, "edge": EDGE})
        self.judging.keep(["core", "edge"], {}, T0)

    def see(self, device: str, observation: Observation, gap_s: float = 30) -> list[tuple[str, str, str]]:
        self.now += int(gap_s * 1000)
        alerts = self.judging.saw(device, observation, self.now)
        return [(a.rule, a.instance, "ended" if a.cleared_at else a.severity) for a in alerts]


SILENT = Observation("none")


def ports(**oper: int) -> Observation:
    return Observation("yes", 100, False, tuple(Port(name, 1, state, ALIASES.get(name, "")) for name, state in oper.items()))


ALIASES = {"g1": "to the county !", "g2": "a printer"}
UNREACHABLE = (
    "  silent:\n    kind: poll\n    sees: unreachable\n    severity: critical\n    raise_polls: 2\n    for_s: 600\n    overrides:\n"
    "      - {where: {role: access}, for_s: 90, severity: minor, clear_s: 60}\n      - {where: {tag: gone}, off: true}\n"
)


def test_other_durations_and_severities_for_some_devices() -> None:
    scene = Scene(UNREACHABLE)
    assert scene.see("core", SILENT) == []
    assert scene.see("core", SILENT) == [("silent", "", "critical")]
    assert [scene.see("edge", SILENT) for _ in range(3)] == [[], [], []], "its duration counts, not the polls of the others"
    assert scene.see("edge", SILENT) == [("silent", "", "minor")]
    assert scene.see("core", ports()) == [("silent", "", "ended")]
    assert scene.see("edge", ports()) == []
    assert scene.see("edge", ports(), gap_s=60) == [("silent", "", "ended")]


def test_off_for_some_devices_also_once_it_was_raised() -> None:
    scene = Scene(UNREACHABLE)
    scene.see("edge", SILENT)
    assert scene.see("edge", SILENT, gap_s=90) == [("silent", "", "minor")]
    scene.judging.know({"edge": EDGE._replace(tags=frozenset({"gone"}))})
    assert scene.see("edge", SILENT) == [("silent", "", "ended")]
    assert scene.see("edge", SILENT, gap_s=900) == []


MARKED = "  down: {kind: poll, sees: port-down, severity: major, where: {alias: '*!*'}}\n"
MARKED_TOO = (
    "  down:\n    kind: poll\n    sees: port-down\n    severity: minor\n    for_s: 600\n    overrides:\n"
    "      - {where: {alias: '*!*'}, for_s: 0, severity: critical}\n      - {where: {instance: g3, role: access}, off: true}\n"
)


def test_ports_that_are_marked_and_no_others() -> None:
    scene = Scene(MARKED)
    scene.see("core", ports(g1=1, g2=1))
    assert scene.see("core", ports(g1=2, g2=2)) == [("down", "g1", "major")]
    assert scene.see("core", ports(g1=1, g2=2)) == [("down", "g1", "ended")]


def test_ports_have_durations_of_their_own_also_as_time_goes_by() -> None:
    scene = Scene(MARKED_TOO)
    for device in ("core", "edge"):
        scene.see(device, ports(g1=1, g2=1, g3=1))
    assert scene.see("core", ports(g1=2, g2=2, g3=2)) == [("down", "g1", "critical")]
    assert scene.see("edge", ports(g1=2, g2=2, g3=2)) == [("down", "g1", "critical")]
    passed = scene.judging.passed(scene.now + 600_000)
    assert {(a.device_id, a.instance, a.severity) for a in passed} == {
        ("core", "g2", "minor"), ("core", "g3", "minor"), ("edge", "g2", "minor"),
    }


def test_a_mark_that_is_taken_off_ends_the_alert() -> None:
    scene = Scene(MARKED)
    scene.see("core", ports(g1=1))
    assert scene.see("core", ports(g1=2)) == [("down", "g1", "major")]
    assert scene.see("core", Observation("yes", 100, False, (Port("g1", 1, 2, "a printer"),))) == [("down", "g1", "ended")]


@pytest.mark.parametrize(("where", "heard"), [({"role": "core"}, True), ({"role": "PE"}, False), ({"instance": "GE1/0/1"}, True),
                                              ({"instance": "GE1/0/2"}, False)])
def test_events_are_heard_of_those_that_the_rule_is_about(where: dict[str, str], heard: bool) -> None:
    text = f"  lost: {{kind: event, mnemonic: linkDown, instance_of: ifName, severity: minor, where: {where}}}\n"
    said = {"mnemonic": "linkDown", "text": "down", "fields": {"ifName": "GE1/0/1"}}
    event = Event(id="1", at_ms=T0, source="10.0.0.1", kind="trap", device_id="d", **said)
    subjects: dict[str, Any] = {"d": CORE}
    assert bool(conditions(event, tuple(rules(text).values()), State(), T0, subjects.get)) is heard


def test_of_access_switches_a_port_that_goes_down_is_shipped_as_minor() -> None:
    scene = Scene("  interface-down: {kind: poll, sees: port-down, severity: info}\n")
    scene.judging.use({rule.name: rule for rule in shipped().of("poll")})
    for device, severity in (("core", "major"), ("edge", "minor")):
        scene.see(device, ports(g1=1))
        assert scene.see(device, ports(g1=2)) == [("interface-down", "g1", severity)]
