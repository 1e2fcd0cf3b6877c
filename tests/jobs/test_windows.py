"""Windows: what they cover and for how long, by the clock argument; what they do to alerts and to changes."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.hub.children import SENSES
from agents.hub.hub import Hub
from agents.hub.records import now_ms
from core import windows
from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from core.identity import Caller, Scope
from core.messages import AlertTransitions
from core.signals import Alert
from core.windows import DAY_MS, HOUR_MS, Place, above, conflicts, covers, holding, marked
from core.work import Window

T = 1_800_000_000_000
Until = Any


def window(number: int = 1, **changes: object) -> Window:
    return Window(
        id=f"w{number}", name=f"W{number}", kind="silence", starts_at=T, ends_at=T + HOUR_MS, reason="r", author="a",
    ).replace(**changes)


@given(st.integers(-2 * HOUR_MS, 2 * HOUR_MS), st.integers(0, HOUR_MS))
def test_a_window_holds_between_its_times_and_not_after_its_early_end(offset: int, early: int) -> None:
    now = T + offset
    place = Place("D1")
    assert (holding([window()], ["silence"], place, now) is not None) == (T <= now < T + HOUR_MS)
    ended = window(ended_early_at=T + early or 1)
    assert (holding([ended], ["silence"], place, now) is not None) == (T <= now < T + early)
    assert holding([window()], ["freeze"], place, now) is None


def test_what_a_window_covers() -> None:
    parents = {"Office": "County", "County": "City", "Loop": "Loop"}
    inside = Place("D1", above("Office", parents), "S1")
    assert above("Loop", parents) == {"Loop"}
    assert covers(window(), inside)
    assert covers(window(scope=Scope(units=("City",))), inside)
    assert not covers(window(scope=Scope(units=("Elsewhere",))), inside)
    assert covers(window(scope=Scope(sites=("S1",))), inside)
    assert covers(window(devices=("D1",)), inside)
    assert not covers(window(devices=("D2",)), inside)
    assert not covers(window(devices=("D2",)), Place())
    assert not covers(window(scope=Scope(sites=("S1",))), Place("D1"))
    assert covers(window(scope=Scope(sites=("S9",)), devices=("D1",)), inside), "either is enough"


def test_the_one_that_holds_longest_is_named() -> None:
    longer = window(2, ends_at=T + 2 * HOUR_MS)
    assert holding([window(), longer], ["silence"], Place(), T) == longer


BAD = [
    {"ends_at": T}, {"ends_at": T - 1}, {"ends_at": T + 8 * DAY_MS}, {"kind": "freeze", "ends_at": T + 63 * DAY_MS}, {"reason": " "},
    {"name": ""}, {"name": "x" * 101}, {"reason": "x" * 1001}, {"starts_at": T + 400 * DAY_MS, "ends_at": T + 401 * DAY_MS},
    {"devices": tuple(map(str, range(501)))}, {"starts_at": T - 2 * HOUR_MS, "ends_at": T - HOUR_MS},
]


@pytest.mark.parametrize("changes", BAD)
def test_what_cannot_be_meant_is_refused(changes: dict[str, object]) -> None:
    windows.check(window(), T)
    with pytest.raises(InvalidInputError):
        windows.check(window(**changes), T)


def test_conflicts_are_those_that_ask_for_the_opposite_at_the_same_time_and_perhaps_place() -> None:
    freeze = window(2, kind="freeze")
    assert conflicts([freeze], window(kind="maintenance")) == (freeze,)
    assert conflicts([window()], window(3, kind="protection")) == (window(),)
    assert conflicts([freeze], window(3, kind="protection")) == ()
    assert conflicts([freeze], window(starts_at=T + HOUR_MS, ends_at=T + 2 * HOUR_MS)) == ()
    assert conflicts([freeze.replace(ended_early_at=T + 1)], window(starts_at=T + 2)) == ()
    here, there = Scope(sites=("S1",)), Scope(sites=("S2",))
    assert conflicts([freeze.replace(scope=here)], window(scope=there)) == ()
    assert conflicts([freeze.replace(scope=here)], window(scope=Scope(units=("U",)))), "a unit may stand at the site"
    assert conflicts([freeze.replace(scope=here)], window())


def test_a_mark_is_put_and_taken_whatever_else_suppresses_the_alert() -> None:
    alert = Alert(id="a", rule="r", device_id="d", severity="major", raised_at=T)
    muted = marked(alert, window())
    assert muted.silenced_by == "w1"
    assert marked(muted, None) == alert
    assert marked(muted, window(2)).silenced_by == "w2"
    child = alert.replace(suppressed_by="root-alert")
    assert marked(child, window()) == child.replace(silenced_by="w1")
    assert marked(child, None) is child


def test_a_silence_may_be_about_one_rule_or_one_port_alone() -> None:
    quiet = window(rules=("interface-down",), instances=("GE1/0/1",))
    assert covers(quiet, Place(rule="interface-down", instance="GE1/0/1"))
    assert not covers(quiet, Place(rule="interface-down", instance="GE1/0/2"))
    assert not covers(quiet, Place(rule="device-unreachable"))
    with pytest.raises(InvalidInputError):
        windows.check(window(kind="freeze", rules=("interface-down",)), T)


async def add(hub: Hub, who: Caller, kind: str = "silence", hours: int = 1, **more: object) -> Window:
    wish = window(kind=kind, starts_at=0, ends_at=now_ms() + hours * HOUR_MS, **more)
    return (await hub.windows.add(who, wish)).window


async def raise_alerts(hub: Hub, key: str, *alerts: Alert) -> None:
    await hub.alerting._hear(msgspec.msgpack.encode(AlertTransitions(key=key, alerts=alerts)))


def shown_mark(hub: Hub, alert_id: str) -> str | None:
    row = hub.table.alert(alert_id)
    return row.silenced_by if row else None


def alert(name: str, device: str, **more: object) -> Alert:
    return Alert(id=name, rule="interface-down", device_id=device, severity="major", raised_at=now_ms()).replace(**more)


async def test_alerts_within_a_window_are_marked_and_nothing_is_lost(
    hub: Hub, put_city: Callable[[Hub], None], operator: Caller, until: Until,
) -> None:
    put_city(hub)
    await hub.reload()
    await raise_alerts(hub, "1", alert("before", "d1"), alert("other", "d2"))
    quiet = await add(hub, operator, scope=Scope(units=("County",)))
    mark = quiet.id
    await until(lambda: shown_mark(hub, "before") == mark)
    assert hub.store.get("alert", "before").silenced_by == mark
    await raise_alerts(hub, "2", alert("during", "d1"))
    shown = {row.id: row.silenced_by for row in hub.table.open_alerts()}
    assert shown == {"before": mark, "other": "", "during": mark}
    await raise_alerts(hub, "3", alert("during", "d1", cleared_at=now_ms()))
    assert hub.store.get("alert", "during").silenced_by == mark, "that it was muted stays known"
    await hub.windows.end(operator, quiet.id)
    await until(lambda: shown_mark(hub, "before") == "")
    assert hub.store.get("alert", "before").silenced_by == ""
    actions = [row.action for row in hub.store.journal(0, 1000) if row.object_id in ("before", "during")]
    assert actions == ["alert.raise", "alert.silence", "alert.raise", "alert.clear", "alert.unsilence"]
    assert SENSES.name


async def test_a_window_ends_by_itself_also_while_the_hub_is_down(
    place: Any, put_city: Callable[[Hub], None], operator: Caller, until: Until,
) -> None:
    hub = await place.hub()
    put_city(hub)
    await hub.reload()
    quiet = await add(hub, operator, devices=("D1",))
    await raise_alerts(hub, "1", alert("a", "d1"))
    assert hub.store.get("alert", "a").silenced_by
    await hub.windows.look(quiet.ends_at)
    assert hub.store.get("alert", "a").silenced_by == ""
    await hub.windows.look(now_ms())  # the clock was set back: the window holds again
    assert hub.store.get("alert", "a").silenced_by == quiet.id
    await place.end(hub)
    place.seed(quiet.replace(ends_at=now_ms() - 1))
    hub = await place.hub()
    await until(lambda: hub.store.get("alert", "a").silenced_by == "")


async def test_changes_are_refused_in_a_freeze(hub: Hub, put_city: Callable[[Hub], None], operator: Caller) -> None:
    put_city(hub)
    await hub.reload()
    await add(hub, operator, "maintenance")
    hub.windows.refuse_change("D1")
    await add(hub, operator, "freeze", scope=Scope(sites=("S1",)))
    with pytest.raises(ForbiddenError, match="freeze W1"):
        hub.windows.refuse_change("D1")
    with pytest.raises(ForbiddenError):
        hub.windows.refuse_change(site="S1")
    hub.windows.refuse_change("D2")
    assert hub.windows.holding("freeze", "D1") is not None
    assert hub.windows.holding("silence", "D1") is None
    await add(hub, operator, "protection")
    with pytest.raises(ForbiddenError):
        hub.windows.refuse_change("D2")


async def test_who_may_set_a_window_where(hub: Hub, put_city: Callable[[Hub], None], operator: Caller, who: Callable[..., Caller]) -> None:
    put_city(hub)
    await hub.reload()
    here = who("here", "operator", scope=Scope(sites=("S1",)))
    with pytest.raises(ForbiddenError):
        await add(hub, here)
    with pytest.raises(ForbiddenError):
        await add(hub, here, devices=("D1", "D2"))
    with pytest.raises(ForbiddenError):
        await add(hub, who("v", "viewer"))
    mine = await add(hub, here, devices=("D1",))
    with pytest.raises(NotFoundError):
        await add(hub, operator, devices=("D9",))
    with pytest.raises(NotFoundError):
        await add(hub, operator, scope=Scope(units=("Nowhere",)))
    all_over = await add(hub, operator)
    with pytest.raises(ForbiddenError):
        await hub.windows.end(here, all_over.id)
    with pytest.raises(ConflictError):
        await hub.windows.end(operator, "W1")
    assert (await hub.windows.end(here, mine.id)).ended_early_at
    with pytest.raises(ConflictError):
        await hub.windows.end(here, mine.id)
    with pytest.raises(NotFoundError):
        await hub.windows.end(operator, "nothing")


async def test_windows_that_were_ended_take_nobodys_room(
    hub: Hub, put_city: Callable[[Hub], None], operator: Caller, monkeypatch: pytest.MonkeyPatch,
) -> None:
    put_city(hub)
    await hub.reload()
    monkeypatch.setattr("agents.hub.jobs.timewindows.MOST", 2)
    for number in range(5):
        made = await add(hub, operator, name=f"N{number}")
        await hub.windows.end(operator, made.id)
    await add(hub, operator, name="holds")
    await add(hub, operator, name="holds too")
    with pytest.raises(ConflictError, match="2 windows"):
        await add(hub, operator, name="one too many")


async def test_a_window_is_known_after_a_start_behind_thousands_that_were_ended_early(place: Any, put_city: Callable[[Hub], None]) -> None:
    soon, late = now_ms() + HOUR_MS, now_ms() + DAY_MS
    ended = [window(name=f"E{n}", starts_at=1, ends_at=late, ended_early_at=2).replace(id=f"e{n}") for n in range(1500)]
    place.seed(*ended, window(name="holds", starts_at=1, ends_at=soon))
    hub = await place.hub()
    assert [one.name for one in hub.windows.known.values()] == ["holds"]
