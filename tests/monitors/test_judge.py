"""Alerts: raised once, cleared once, whatever the device does."""

from typing import Literal

from hypothesis import given
from hypothesis import strategies as st

from core.rules import TEXTS, hint, sentence
from core.signals import Alert
from monitors.judge import DeviceState, Observation, Port, fresh, gone, judge
from monitors.rules.book import shipped

T0 = 1_700_000_000_000
RULES = {rule.name: rule for rule in shipped().of("poll")}


def seen(answer: Literal["yes", "none", "refused"] = "yes", ports: tuple[Port, ...] | None = (), rebooted: bool = False) -> Observation:
    return Observation(answer, 1000, rebooted, ports, "10.0.0.1")


def run(steps: list[Observation | None], gap_s: float = 30, state: DeviceState | None = None) -> tuple[DeviceState, list[Alert]]:
    state = state or fresh("d", RULES)
    out: list[Alert] = []
    for number, step in enumerate(steps):
        state, alerts = judge(state, RULES, step, T0 + int(number * gap_s * 1000))
        out += alerts
    return state, out


UP, DOWN, SHUT = Port("Gi1", 1, 1, "to core"), Port("Gi1", 1, 2, "to core"), Port("Gi1", 2, 2)

ports = st.lists(st.builds(Port, st.sampled_from(["a", "b"]), st.integers(0, 3), st.integers(0, 7)), max_size=2).map(tuple)
observations = st.one_of(
    st.none(),
    st.builds(
        Observation,
        st.sampled_from(["yes", "none", "refused"]),
        st.integers(0, 10**6),
        st.booleans(),
        st.one_of(st.none(), ports),
    ),
)


Story = list[tuple[Observation | None, int]]


@given(st.lists(st.tuples(observations, st.integers(0, 700)), max_size=60))
def test_every_alert_is_raised_once_and_cleared_at_most_once_and_one_thing_has_one_alert(steps: Story) -> None:
    state, now = fresh("d", RULES), T0
    standing: dict[tuple[str, str], Alert] = {}
    ids: set[str] = set()
    for observation, gap in steps:
        now += gap * 1000
        state, alerts = judge(state, RULES, observation, now)
        for alert in alerts:
            key = (alert.rule, alert.instance)
            if alert.cleared_at:
                assert standing.pop(key).id == alert.id
                assert alert.cleared_at > alert.raised_at
            else:
                assert key not in standing
                assert alert.id not in ids
                standing[key] = alert
                ids.add(alert.id)
    assert {(a.rule, a.instance): a.id for a in standing.values()} == {
        key: w.alert.id for key, w in state.watches.items() if w.alert is not None
    }
    assert {a.id for a in gone(state, now)} == {a.id for a in standing.values()}


@given(st.lists(st.tuples(observations, st.integers(0, 700)), max_size=20))
def test_the_same_story_gives_the_same_alerts(steps: Story) -> None:
    def told() -> list[Alert]:
        state, now, out = fresh("d", RULES), T0, []
        for observation, gap in steps:
            now += gap * 1000
            state, alerts = judge(state, RULES, observation, now)
            out += alerts
        return out

    assert told() == told()


def test_a_quiet_device_that_stays_as_it_is_needs_no_judging() -> None:
    state, _ = run([seen(ports=(UP,))])
    assert state.quiet
    assert judge(state, RULES, seen(ports=(UP,)), T0 + 60_000) == (state, ())
    assert judge(state, RULES, None, T0 + 10**9) == (state, ())


def test_a_silent_device_is_reported_after_two_polls_or_after_a_while() -> None:
    assert [a.rule for a in run([seen("none"), seen("none")])[1]] == ["device-unreachable"]
    assert run([seen("none"), seen()])[1] == []
    assert [a.rule for a in run([seen("none"), None, None, None], gap_s=31)[1]] == ["device-unreachable"]
    raised, cleared = run([seen("none"), seen("none"), seen()])[1]
    assert (raised.evidence["misses"], cleared.id, cleared.cleared_at > 0) == ("2", raised.id, True)


def test_a_port_goes_down_only_if_it_was_up_and_nobody_shut_it() -> None:
    assert run([seen(ports=(DOWN,)), seen(ports=(DOWN,))])[1] == []
    assert run([seen(ports=(UP,)), seen(ports=(SHUT,))])[1] == []
    [alert] = run([seen(ports=(UP,)), seen(ports=(DOWN,)), seen(ports=(DOWN,))])[1]
    assert (alert.rule, alert.instance, alert.evidence) == ("interface-down", "Gi1", {"oper": "down", "alias": "to core"})
    assert run([seen(ports=(UP,)), seen(ports=(Port("Gi1", 0, 0),)), seen(ports=(UP,))])[1] == [], "not known is not down"


def test_a_port_stays_as_it_was_while_its_device_is_silent() -> None:
    story = [seen(ports=(UP,)), seen(ports=(DOWN,)), seen("none", None), seen("none", None), seen(ports=(DOWN,))]
    alerts = run(story)[1]
    assert [a.rule for a in alerts if not a.cleared_at] == ["interface-down", "device-unreachable"]
    assert [a.rule for a in alerts if a.cleared_at] == ["device-unreachable"]


def test_a_flapping_port_has_one_alert_which_ends_when_it_holds_still() -> None:
    story: list[Observation | None] = [seen(ports=(UP,))] + [seen(ports=(DOWN if n % 2 == 0 else UP,)) for n in range(20)]
    state, alerts = run(story)
    assert len(alerts) == 1
    state, more = judge(state, RULES, seen(ports=(UP,)), T0 + 30_000 * 21)
    assert more == ()
    state, more = judge(state, RULES, None, T0 + 30_000 * 21 + 700_000)
    assert [(a.cleared_at > 0, a.evidence["flaps"]) for a in more] == [(True, "9")]


def test_a_port_that_is_shut_or_gone_ends_its_alert() -> None:
    for after in ((SHUT,), (Port("Gi2", 1, 1),)):
        alerts = run([seen(ports=(UP,)), seen(ports=(DOWN,)), seen(ports=after), None, None, None])[1]
        assert [bool(a.cleared_at) for a in alerts] == [False, True]


def test_after_a_restart_open_alerts_are_taken_over_and_not_raised_again() -> None:
    _, [alert] = run([seen(ports=(UP,)), seen(ports=(DOWN,))])
    state = fresh("d", RULES, (alert,))
    state, alerts = judge(state, RULES, seen(ports=(DOWN,)), T0 + 90_000)
    assert alerts == ()
    state, alerts = run([seen(ports=(UP,)), None, None, None], state=state)[0], run([seen(ports=(UP,)), None, None, None], state=state)[1]
    assert [(a.id, a.cleared_at > 0) for a in alerts] == [(alert.id, True)]


def test_every_rule_has_a_sentence_and_a_way_on_even_without_evidence() -> None:
    assert RULES.keys() <= TEXTS.keys()
    for rule in RULES.values():
        said = [sentence(rule.name, "Gi1", {}, "zh"), sentence(rule.name, "Gi1", {}, "en"), hint(rule.name, "Gi1", {})]
        assert all(said)
        assert len(set(said)) == 3
        assert "{" not in "".join(said)
