"""Rules about what a device is: raised where a fact is another one, and not where it was not read."""

from typing import Any

import pytest

from core.errors import InvalidInputError
from core.measured import BgpPeer, Member
from core.objects import Fact
from core.rules import RuleText
from core.signals import Alert
from monitors.rules.applying import Subject
from monitors.rules.book import shipped
from monitors.rules.events import State, passed
from monitors.rules.reading import read_rules
from monitors.rules.rule import Rule
from monitors.rules.standing import changed, counted

T0 = 1_790_000_000_000
RULES = shipped().about_facts()
BEFORE = {"serial": "2102351", "version": "V200R019", "sysObjectID": "1.3.6.1.4.1.2011.2.1", "members": "3", "bgp-as:10.0.0.1": "65001"}


def facts(**found: str) -> list[Fact]:
    both = {**BEFORE, **{name.replace("_", "-").replace("AT", ":10.0.0.1"): value for name, value in found.items()}}
    return [
        Fact(object_id="d", field=field, value=value, source="observed", confidence=1, valid_from=T0)
        for field, value in both.items() if value
    ]


def fired(rules: Any = RULES, state: State | None = None, **found: str) -> list[tuple[str, str, str, str]]:
    alerts = changed("d", facts(), facts(**found), rules, state or State(), T0, lambda _id: Subject(name="d", role="core"))
    return [(a.rule, a.instance, a.evidence["was"], a.evidence["now"]) for a in alerts if not a.cleared_at]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({}, []), ({"serial": "2102999"}, [("serial-changed", "", "2102351", "2102999")]),
        ({"serial": ""}, []), ({"version": "V200R022"}, [("software-changed", "", "V200R019", "V200R022")]),
        ({"sysObjectID": "1.3.6.1.4.1.9.1.1"}, [("model-changed", "", "1.3.6.1.4.1.2011.2.1", "1.3.6.1.4.1.9.1.1")]),
        ({"members": "2"}, [("stack-smaller", "", "3", "2")]), ({"members": "4"}, []), ({"members": ""}, []), ({"members": "some"}, []),
        ({"bgp_asAT": "65002"}, [("bgp-as-changed", "10.0.0.1", "65001", "65002")]),
    ],
)
def test_shipped_rules_of_changes(found: dict[str, str], expected: list[Any]) -> None:
    assert fired(**found) == expected


def test_the_first_discovery_changes_nothing() -> None:
    assert changed("d", [], facts(), RULES, State(), T0) == []


def test_it_is_one_alert_of_the_newest_change_and_ends_by_time() -> None:
    state = State()
    (first,) = changed("d", facts(), facts(serial="b"), RULES, state, T0)
    ended, second = changed("d", facts(serial="b"), facts(serial="c"), RULES, state, T0 + 1000)
    assert (ended.id, ended.cleared_at > 0, second.evidence["was"], second.id != first.id) == (first.id, True, "b", True)
    assert passed(RULES, state, T0 + 86_400_000) == []
    assert [alert.id for alert in passed(RULES, state, T0 + 86_401_000)] == [second.id]


def test_open_ones_come_back_after_a_restart() -> None:
    state = State()
    (raised,) = changed("d", facts(), facts(serial="b"), RULES, state, T0)
    later = State.of([raised])
    assert [a.id for a in passed(RULES, later, T0 + 90_000_000)] == [raised.id]


def test_what_a_rule_is_about_and_its_exceptions_hold_here_too() -> None:
    text = "rules:\n  x:\n    kind: change\n    fact: version\n    severity: info\n    where: {role: PE}\n"
    assert fired(read_rules("own.yml", text), version="2") == []
    text = text.replace("PE", "core") + "    overrides:\n      - {where: {name: d}, severity: major}\n"
    (alert,) = changed("d", facts(), facts(version="2"), read_rules("own.yml", text), State(), T0, lambda _id: Subject("d", "core"))
    assert alert.severity == "major"


def test_a_change_is_of_figures_or_of_facts() -> None:
    with pytest.raises(InvalidInputError, match="either metric or fact"):
        read_rules("own.yml", "rules:\n  x: {kind: change, severity: info}\n")
    with pytest.raises(InvalidInputError, match="either metric or fact"):
        read_rules("own.yml", "rules:\n  x: {kind: change, fact: serial, metric: m, severity: info}\n")


def test_stack_and_peers_are_facts() -> None:
    peers = [BgpPeer(peer="10.0.0.1", remote_as=65001), BgpPeer(peer="x", remote_as=0)]
    found = counted("d", [Member(name="1"), Member(name="2")], peers, T0)
    assert [(fact.field, fact.value) for fact in found] == [("members", "2"), ("bgp-as:10.0.0.1", "65001")]
    assert counted("d", [], [], T0) == ()


def test_rules_of_facts_are_the_hubs_alone() -> None:
    book = shipped()
    assert {rule.name for rule in RULES} >= {"serial-changed", "software-changed", "stack-smaller", "bgp-as-changed", "model-changed"}
    assert not {rule.name for rule in RULES} & {rule.name for rule in book.of("change", "threshold", "state")}
    text: RuleText = book.texts()["serial-changed"]["zh"]
    assert "{was}" in text.sentence
    assert all(isinstance(rule, Rule) and rule.says and rule.hint for rule in RULES)
    assert not [alert for alert in changed("d", facts(), facts(), RULES, State(), T0) if isinstance(alert, Alert)]
