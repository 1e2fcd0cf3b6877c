"""What begins together at one place has one root; what is each device's own has not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.events import Event
from monitors.suppress import Seen, powerless, verdicts

MINUTE = 60_000


def site(tools: Any, name: str, count: int) -> list[Any]:
    return [tools.device(f"{name}{number}", site=name) for number in range(count)]


def roots_of(found: Any) -> list[str]:
    return sorted(alert for alert, one in found.items() if not one.root)


def restarts(tools: Any, devices: list[Any], step_ms: int = 1000) -> list[Any]:
    return [tools.alert("device-rebooted", one.id, at=tools.now + number * step_ms) for number, one in enumerate(devices)]


def test_the_devices_of_a_site_that_restarted_are_one_root_that_says_how_many_and_where(tools: Any) -> None:
    devices = site(tools, "T", 18)
    around = tools.around(tools.net([], *devices))
    found = verdicts(restarts(tools, devices), around)
    assert roots_of(found) == ["device-rebooted/T0/"]
    root = found["device-rebooted/T0/"]
    assert (root.suppressed, root.together, root.place, root.cause) == (17, 18, "T", "")
    told = verdicts(restarts(tools, devices), around, Seen(rooms={"T3": tools.now - 40 * MINUTE}))["device-rebooted/T0/"]
    assert told.cause == "power", "the UPS told so before it was empty"
    assert verdicts(restarts(tools, devices[:1]), around)["device-rebooted/T0/"].together == 0


def test_restarts_far_apart_in_time_or_place_are_roots_of_their_own(tools: Any) -> None:
    here, there = site(tools, "T", 2), site(tools, "U", 1)
    around = tools.around(tools.net([], *here, *there))
    assert len(roots_of(verdicts(restarts(tools, here, 6 * MINUTE), around))) == 2
    assert len(roots_of(verdicts(restarts(tools, [here[0], there[0]]), around))) == 2


def test_restarts_that_hang_together_by_wires_are_one_root_across_sites(tools: Any) -> None:
    top, below = tools.device("agg", "aggregation", site="T"), [tools.device(name, site=name.upper()) for name in "xyz"]
    around = tools.around(tools.net(["core:1-agg:1", "agg:2-x:1", "agg:3-y:1", "x:2-z:1"], top, *below))
    found = verdicts(restarts(tools, [top, *below]), around)
    assert roots_of(found) == ["device-rebooted/agg/"]
    assert (found["device-rebooted/agg/"].together, found["device-rebooted/agg/"].place) == (4, "")


def test_what_follows_from_a_silence_is_not_taken_for_what_began_together(tools: Any) -> None:
    devices = site(tools, "T", 3)
    around = tools.around(tools.net(["core:1-T0:1", "core:2-T1:1", "core:3-T2:1"], *devices))
    silent = tools.silent("T0")
    found = verdicts([*restarts(tools, devices), *silent], around)
    assert found["device-rebooted/T0/"].root == silent[0].id
    assert found["device-rebooted/T2/"].root == "device-rebooted/T1/"
    assert found["device-rebooted/T1/"].together == 2


def test_the_most_severe_stands_for_all(tools: Any) -> None:
    devices = site(tools, "T", 3)
    around = tools.around(tools.net([], *devices))
    alerts = [one.replace(severity="critical" if number == 2 else "warning") for number, one in enumerate(restarts(tools, devices))]
    assert roots_of(verdicts(alerts, around)) == ["device-rebooted/T2/"]


@pytest.mark.parametrize(("rule", "roots"), [
    ("room-hot", 1), ("temperature-limit", 1), ("answers-slow", 1), ("clock-behind", 1), ("polling-refused", 1),
    ("processor-high", 4), ("storage-full", 4), ("optics-low", 4), ("fan-slow", 4), ("line-in-busy", 4), ("errors-in", 4),
])
def test_only_what_the_place_explains_is_together(tools: Any, rule: str, roots: int) -> None:
    devices = site(tools, "T", 4)
    around = tools.around(tools.net([], *devices))
    assert len(roots_of(verdicts([tools.alert(rule, one.id) for one in devices], around))) == roots


def test_what_serves_the_whole_net_has_one_root_and_a_place_that_fails_its_own(tools: Any) -> None:
    devices = [one for name in "TUV" for one in site(tools, name, 4)]
    around = tools.around(tools.net([], *devices))
    found = verdicts([tools.alert("clock-behind", one.id) for one in devices], around)
    assert [(one.together, one.place) for one in found.values() if not one.root] == [(12, "")]
    found = verdicts([tools.alert("room-hot", one.id) for one in devices], around)
    assert [(one.together, one.place) for one in found.values() if not one.root] == [(4, "T"), (4, "U"), (4, "V")]


def test_the_ports_of_a_card_are_one_root_and_a_link_that_is_known_is_its_own(tools: Any) -> None:
    around = tools.around(tools.net(["core:1-a:1"]))
    ports = [tools.port("a", f"3/{number}", tools.now + number) for number in range(5)]
    found = verdicts([*ports, tools.port("a", "1")], around)
    assert roots_of(found) == ["interface-down/a/1", "interface-down/a/3/0"]
    assert found["interface-down/a/3/0"].together == 5
    assert len(roots_of(verdicts(ports[:3], around))) == 3


def test_who_is_left_when_the_root_is_over_stands_for_the_others(tools: Any) -> None:
    devices = site(tools, "T", 4)
    around = tools.around(tools.net([], *devices))
    alerts = [tools.alert("room-hot", one.id, at=tools.now + number) for number, one in enumerate(devices)]
    found = verdicts(alerts[1:], around)
    assert roots_of(found) == ["room-hot/T1/"]
    assert found["room-hot/T1/"].together == 3


@given(st.data())
def test_a_group_lies_within_the_time_in_which_one_follows_from_another(tools: Any, data: Any) -> None:
    devices = site(tools, "T", 6)
    around = tools.around(tools.net([], *devices))
    times = data.draw(st.lists(st.integers(0, 60 * MINUTE), min_size=6, max_size=6))
    alerts = [tools.alert("room-hot", one.id, at=tools.now + at) for one, at in zip(devices, times, strict=True)]
    found = verdicts(alerts, around)
    by_id = {one.id: one for one in alerts}
    for alert, one in found.items():
        if one.root:
            assert 0 <= by_id[alert].raised_at - by_id[one.root].raised_at <= 15 * MINUTE
        else:
            assert (one.together - 1 if one.together else 0) == one.suppressed


def test_a_last_gasp_is_ones_own_and_the_word_of_a_ups_its_rooms_until_it_takes_it_back() -> None:
    def said(device: str, mnemonic: str, text: str = "") -> Event:
        return Event(at_ms=5, source="127.0.0.1", device_id=device, kind="trap", mnemonic=mnemonic, text=text)

    found = powerless([said("a", "hwDyingGasp"), said("ups", "upsTrapOnBattery"), said("b", "x", "市电断电"), said("c", "x", "fan failed")])
    assert {device: (word.at_ms, word.room) for device, word in found.items()} == {"a": (5, False), "ups": (5, True), "b": (5, True)}
    assert powerless([said("ups", "upsTrapOnBattery"), said("ups", "x", "Utility restored")])["ups"].at_ms == 0
    assert powerless([said("ups", "x", "市电断电告警恢复")])["ups"].at_ms == 0
