"""Rules about what devices say: raised once, counted, ended by another event or by time, taken over after a restart."""

from core.events import Event
from monitors.rules.events import State, conditions, passed
from monitors.rules.reading import read_rules

T0 = 1_700_000_000_000
RULES = read_rules("own.yml", """
rules:
  link-lost:
    kind: event
    mnemonic: [linkDown, 'IFNET/*/LINK_STATE']
    cleared_by: [linkUp]
    instance_of: [ifName, port]
    clear_s: 600
    severity: major
  logins:
    kind: event
    words: [login, failed]
    times: 3
    window_s: 60
    priority: 5
    severity: warning
""")


def event(mnemonic: str = "", text: str = "", device: str = "d", **more: object) -> Event:
    return Event(at_ms=T0, source="10.0.0.1", device_id=device, kind="trap", mnemonic=mnemonic, text=text).replace(**more)


def test_an_event_raises_once_and_another_ends_it() -> None:
    state = State()
    [alert] = conditions(event("linkDown", "GE1/0/1 went down", fields={"ifName": "GE1/0/1"}), RULES, state, T0)
    assert (alert.rule, alert.instance, alert.evidence["text"]) == ("link-lost", "GE1/0/1", "GE1/0/1 went down")
    assert conditions(event("IFNET/4/LINK_STATE", "state of GE1/0/1 changed"), RULES, state, T0 + 1) == []
    assert conditions(event("linkUp", fields={"ifName": "GE1/0/2"}), RULES, state, T0 + 2) == []
    [ended] = conditions(event("linkUp", fields={"ifName": "GE1/0/1"}), RULES, state, T0 + 3)
    assert (ended.id, ended.cleared_at) == (alert.id, T0 + 3)


def test_nobody_known_makes_no_alert() -> None:
    assert conditions(event("linkDown", device=""), RULES, State(), T0) == []


def test_it_ends_when_nothing_is_said_again() -> None:
    state = State()
    conditions(event("linkDown"), RULES, state, T0)
    conditions(event("linkDown"), RULES, state, T0 + 500_000)
    assert passed(RULES, state, T0 + 1_099_000) == []
    assert [a.rule for a in passed(RULES, state, T0 + 1_100_000)] == ["link-lost"]
    assert passed(RULES, state, T0 + 9_000_000) == []


def test_what_is_counted_must_come_within_the_window() -> None:
    state, failed = State(), event("", "Login of root FAILED", priority=4)
    assert conditions(failed, RULES, state, T0) == []
    assert conditions(failed, RULES, state, T0 + 100_000) == []
    assert conditions(failed.replace(priority=6), RULES, state, T0 + 100_001) == []
    assert conditions(failed, RULES, state, T0 + 110_000) == []
    assert [a.rule for a in conditions(failed, RULES, state, T0 + 120_000)] == ["logins"]
    assert len(conditions(failed.replace(count=50), RULES, State(), T0)) == 1, "a storm that was put together counts as what it was"


def test_open_alerts_come_back_after_a_restart() -> None:
    state = State()
    [alert] = conditions(event("linkDown", fields={"ifName": "x"}), RULES, state, T0)
    later = State.of([alert])
    assert conditions(event("linkDown", fields={"ifName": "x"}), RULES, later, T0 + 5) == []
    assert [a.id for a in conditions(event("linkUp", fields={"ifName": "x"}), RULES, later, T0 + 6)] == [alert.id]


def test_an_event_that_grew_counts_only_what_is_new() -> None:
    state = State()
    said = event("", "login failed for root", priority=4, id="e1")
    assert conditions(said, RULES, state, T0) == []
    assert conditions(said.replace(count=2), RULES, state, T0 + 1000) == [], "two, not three"
    assert conditions(said.replace(count=2), RULES, state, T0 + 2000) == []
    [alert] = conditions(said.replace(count=3), RULES, state, T0 + 3000)
    assert alert.rule == "logins"
