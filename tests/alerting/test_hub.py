"""A running hub: who sees which alerts, who may do what to them, and that nothing is lost."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from core import i18n
from core.alerting import MOST_AT_ONCE, AlertOrder, AlertQuery, AlertSilence
from core.audit import AuditQuery
from core.errors import ConflictError, ForbiddenError, InvalidInputError, NotFoundError
from core.events import Event
from core.signals import Alert

Make = Callable[..., Alert]
HOUR_MS = 3_600_000


def soon() -> int:
    return time.time_ns() // 1_000_000 + HOUR_MS


@pytest.fixture(scope="module")
def storm(node: Any, alert: Make) -> dict[str, Alert]:
    """mid is silent, so leaf is; core is hot; Portal does not answer a probe; old was full when somebody last looked."""
    found = {
        "root": alert("device-unreachable", "mid", severity="critical"), "child": alert("device-unreachable", "leaf", ago_s=90),
        "hot": alert("processor-high", "core", "1", severity="warning", evidence={"value": "97 \x1b[31m[red]"}),
        "portal": alert("probe-failed", "portal", "portal-page"), "old": alert("storage-full", "old", "/", severity="minor", ago_s=9000),
    }
    node.say(*found.values())

    async def settled(hub: Any) -> bool:
        rows = (await hub.alerting.matching(AlertQuery(roots=False))).rows
        return {row.id: row.suppressed_by for row in rows}.get(found["child"].id) == found["root"].id

    node.until(settled)
    return found


def listed(node: Any, name: str = "operator", **query: Any) -> list[str]:
    found = node.ask(lambda hub: hub.alerting.matching(AlertQuery(**query)), name)
    assert found.complete
    return [row.id for row in found.rows]


def test_roots_come_first_by_urgency_with_what_follows_from_them(node: Any, storm: dict[str, Alert]) -> None:
    rows = node.ask(lambda hub: hub.alerting.matching(AlertQuery())).rows
    assert [row.id for row in rows] == [storm[name].id for name in ("root", "portal", "old", "hot")]
    assert rows[0].suppressed == 1
    assert rows[1].device == "Portal", "what is no device has its name, too"
    assert storm["child"].id in listed(node, roots=False)


def test_each_filter_narrows(node: Any, storm: dict[str, Alert]) -> None:
    ids = {name: one.id for name, one in storm.items()}
    assert listed(node, least="major") == [ids["root"], ids["portal"]]
    assert set(listed(node, unit="Bureau", roots=False)) == {ids["portal"], ids["child"]}, "units below count"
    assert listed(node, site="S-2", roots=False) == [ids["child"]]
    assert listed(node, device="core") == [ids["hot"]]
    assert listed(node, device="Portal") == [ids["portal"]]
    assert listed(node, rule="probe-*") == [ids["portal"]]
    assert listed(node, text="core 97") == [ids["hot"]]
    assert ids["old"] not in listed(node, since_ms=storm["root"].raised_at - 1000)
    assert listed(node, being="cleared") == []


def test_everybody_sees_what_is_theirs(node: Any, storm: dict[str, Alert]) -> None:
    assert set(listed(node, "contact", roots=False)) == {storm["portal"].id, storm["child"].id}
    with pytest.raises(NotFoundError):
        node.ask(lambda hub: hub.alerting.story(storm["root"].id), "contact")
    story = node.ask(lambda hub: hub.alerting.story(storm["child"].id), "contact")
    assert story.root is None, "the root is not theirs to see"
    with pytest.raises(NotFoundError):
        node.ask(lambda hub: hub.alerting.story("zzzz"))


def test_the_story_tells_what_follows_and_what_depends_on_it(node: Any, storm: dict[str, Alert]) -> None:
    story = node.ask(lambda hub: hub.alerting.story(storm["root"].id[-8:]))
    assert story.alert.id == storm["root"].id, "the end of an id is enough"
    assert [row.id for row in story.children] == [storm["child"].id]
    assert story.children_total == 1
    assert (story.unit, story.site) == ("Office", "S-1")
    assert story.history[0].what == "raised"
    assert story.history_complete
    assert story.impact is not None
    assert story.impact.failed[0].name == "mid"
    child = node.ask(lambda hub: hub.alerting.story(storm["child"].id))
    assert child.root is not None
    assert child.root.id == storm["root"].id


def test_what_is_taken_on_stays_so_whatever_senses_tell(node: Any, alert: Make) -> None:
    one = alert("interface-down", "core", "GE9")
    node.say(one)
    done = node.ask(lambda hub: hub.alerting.ack(one.id, reason="the cable is on its way"))
    assert done.done == (one.id,)
    node.ask(lambda hub: hub.alerting.comment(one.id, text="bay 4"))
    assert node.ask(lambda hub: hub.alerting.ack(one.id, reason="the cable is on its way")).same == 1
    assert listed(node, device="core", unacked=True, rule="interface-down") == []
    node.say(one.replace(cleared_at=one.raised_at + 99_000))
    story = node.ask(lambda hub: hub.alerting.story(one.id))
    assert (story.alert.acked_by, story.alert.ack_reason) == ("operator", "the cable is on its way")
    assert [(step.who, step.what, step.text) for step in story.history] == [
        ("system:senses", "raised", "major"), ("operator", "acked", "the cable is on its way"), ("operator", "commented", "bay 4"),
        ("system:senses", "cleared", ""),
    ]
    with pytest.raises(InvalidInputError):
        node.ask(lambda hub: hub.alerting.comment(one.id, text=" \x1b "))
    assert one.id in listed(node, being="cleared")
    refused = node.ask(lambda hub: hub.alerting.ack(one.id)).refused
    assert "over" in refused[one.id]


def test_what_is_given_back_is_nobodys(node: Any, alert: Make) -> None:
    one = alert("interface-down", "core", "GE10")
    node.say(one)
    node.ask(lambda hub: hub.alerting.ack(one.id))
    assert node.ask(lambda hub: hub.alerting.unack(one.id, text="my shift is over")).done == (one.id,)
    story = node.ask(lambda hub: hub.alerting.story(one.id))
    assert not story.alert.acked_by
    assert [step.what for step in story.history] == ["raised", "acked", "unacked", "commented"]
    node.say(one.replace(cleared_at=one.raised_at + 99_000))


def test_only_who_may_and_only_where(node: Any, storm: dict[str, Alert]) -> None:
    for name in ("viewer", "auditor", "contact"):
        with pytest.raises(ForbiddenError):
            node.ask(lambda hub: hub.alerting.ack(storm["child"].id), name)
    with pytest.raises(NotFoundError):
        node.ask(lambda hub: hub.alerting.ack(storm["root"].id), "there")
    everything = AlertOrder(alerts=AlertQuery(roots=False), everything=True, text="ours")
    done = node.ask(lambda hub: hub.alerting.act("ack", everything), "there")
    assert set(done.done) == {storm["portal"].id, storm["child"].id}
    assert node.ask(lambda hub: hub.alerting.unack(*done.done), "there").done == done.done
    trail = node.ask(lambda hub: hub.audit.search(AuditQuery(refused=True, limit=50)), "auditor").items
    assert any(row.after.get("action") == "alert.ack" for row in trail)


def test_a_dry_run_changes_nothing_and_all_must_be_said(node: Any, storm: dict[str, Alert]) -> None:
    before = node.ask(lambda hub: hub.health()).revision
    order = AlertOrder(alerts=AlertQuery(device="core"), dry_run=True)
    assert storm["hot"].id in node.ask(lambda hub: hub.alerting.act("ack", order)).done
    assert node.ask(lambda hub: hub.health()).revision == before
    with pytest.raises(InvalidInputError):
        node.ask(lambda hub: hub.alerting.act("ack", AlertOrder(alerts=AlertQuery())))


def test_only_what_nobody_looks_at_is_closed_and_opens_again_when_it_is_told(node: Any, storm: dict[str, Alert], alert: Make) -> None:
    watched = alert("device-unreachable", "core")
    node.say(watched)
    assert "ends by itself" in node.ask(lambda hub: hub.alerting.close(watched.id, reason="noise")).refused[watched.id]
    node.say(watched.replace(cleared_at=watched.raised_at + 1))
    with pytest.raises(InvalidInputError):
        node.ask(lambda hub: hub.alerting.close(storm["old"].id, reason=""))
    assert node.ask(lambda hub: hub.alerting.close(storm["old"].id, reason="scrapped")).done == (storm["old"].id,)
    assert node.ask(lambda hub: hub.alerting.story(storm["old"].id)).history[-1].what == "closed"
    node.say(storm["old"])
    story = node.ask(lambda hub: hub.alerting.story(storm["old"].id))
    assert story.history[-1].what == "reopened"
    assert not story.alert.cleared_at


def test_a_silence_covers_what_the_alert_is_about_and_ends_by_hand(node: Any, storm: dict[str, Alert], alert: Make) -> None:
    other = alert("processor-high", "core", "2")
    node.say(other)
    tried = node.ask(lambda hub: hub.alerting.silence(AlertSilence(alert=storm["hot"].id, ends_at=soon(), reason="test", dry_run=True)))
    assert (tried.mutes, tried.dry_run) == (1, True)
    added = node.ask(lambda hub: hub.alerting.silence(AlertSilence(alert=storm["hot"].id, ends_at=soon(), reason="new fans tomorrow")))
    assert (added.window.rules, added.window.instances, added.window.devices) == (("processor-high",), ("1",), ("core",))

    async def muted(hub: Any) -> bool:
        return [row.id for row in (await hub.alerting.matching(AlertQuery(device="core", unmuted=True))).rows] == [other.id]

    node.until(muted)
    story = node.ask(lambda hub: hub.alerting.story(storm["hot"].id))
    assert story.window is not None
    assert story.window.reason == "new fans tomorrow"
    node.ask(lambda hub: hub.work.end_window(added.window.id))

    async def loud(hub: Any) -> bool:
        return len((await hub.alerting.matching(AlertQuery(device="core", unmuted=True))).rows) == 2

    node.until(loud)
    node.say(other.replace(cleared_at=other.raised_at + 1))


def test_what_is_no_device_is_silenced_where_it_belongs(node: Any, storm: dict[str, Alert]) -> None:
    added = node.ask(lambda hub: hub.alerting.silence(AlertSilence(alert=storm["portal"].id, ends_at=soon(), reason="release")), "there")
    assert added.mutes == 1
    assert added.window.scope.units == ("Division",)

    async def muted(hub: Any) -> bool:
        return (await hub.alerting.story(storm["portal"].id)).alert.silenced_by == added.window.id

    node.until(muted)
    node.ask(lambda hub: hub.work.end_window(added.window.id), "there")


def test_a_silence_says_what_and_where_it_is_and_whose(node: Any, storm: dict[str, Alert]) -> None:
    for wish in (
        AlertSilence(ends_at=soon(), reason="x"), AlertSilence(ends_at=soon(), reason="x", rules=("processor-high",)),
        AlertSilence(ends_at=soon(), reason="x", everywhere=True), AlertSilence(alert=storm["hot"].id, ends_at=1, reason="x"),
        AlertSilence(alert=storm["portal"].id, ends_at=soon(), reason="x", whole=True),
    ):
        with pytest.raises(InvalidInputError):
            node.ask(lambda hub, wish=wish: hub.alerting.silence(wish))
    with pytest.raises(ForbiddenError):
        node.ask(lambda hub: hub.alerting.silence(AlertSilence(devices=("core",), ends_at=soon(), reason="x")), "there")
    with pytest.raises(ForbiddenError):
        node.ask(lambda hub: hub.alerting.silence(AlertSilence(alert=storm["hot"].id, ends_at=soon(), reason="x")), "viewer")


def test_many_at_once_are_bounded_and_the_rest_is_told(node: Any, alert: Make) -> None:
    many = [alert("optics-low", "core", f"XGE{number}", severity="info") for number in range(MOST_AT_ONCE + 30)]
    node.say(*many)
    order = AlertOrder(alerts=AlertQuery(rule="optics-low", unacked=True), text="a ring was cut")
    first = node.ask(lambda hub: hub.alerting.act("ack", order))
    assert (len(first.done), first.left) == (MOST_AT_ONCE, 30)
    second = node.ask(lambda hub: hub.alerting.act("ack", order))
    assert (len(second.done), second.left) == (30, 0)
    node.say(*(one.replace(cleared_at=one.raised_at + 1) for one in many))


def test_several_that_end_alike_are_not_guessed(node: Any, alert: Make) -> None:
    one, two = (alert("fan", "core", name).replace(id=f"{name * 24}deadbeef") for name in "ab")
    node.say(one, two)
    with pytest.raises(ConflictError):
        node.ask(lambda hub: hub.alerting.ack("deadbeef"))
    assert node.ask(lambda hub: hub.alerting.ack("bdeadbeef")).done == (two.id,)
    node.say(one.replace(cleared_at=one.raised_at + 1), two.replace(cleared_at=two.raised_at + 1))


def test_what_a_device_said_is_told_in_the_readers_language(node: Any, storm: dict[str, Alert]) -> None:
    address = node.ask(lambda hub: hub.device("core")).row.address
    node.hear(Event(
        id="e1", at_ms=time.time_ns() // 1_000_000, source=address, kind="trap", mnemonic="linkDown", text="Port GE1/0/7 is down.",
        fields={"ifName": "GE1/0/7", "ifAdminStatus": "up"},
    ))
    node.until(lambda hub: _said_in(hub, storm["hot"].id, "en", "Port GE1/0/7 is down"))
    node.until(lambda hub: _said_in(hub, storm["hot"].id, "zh", "端口 GE1/0/7 断开"))


async def _said_in(hub: Any, alert_id: str, language: str, words: str) -> bool:
    with i18n.speaking(language):
        return any(words in one.text for one in (await hub.alerting.story(alert_id)).said)
