"""What is told meets what is kept, and the trail becomes a history: without a hub."""

from collections.abc import Callable
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from agents.hub.alerting.history import steps
from agents.hub.alerting.meeting import SEVERITIES, action_of, carried_on, met, without_ack
from agents.hub.table import alert_row
from core.identity import Actor
from core.signals import Alert, Comment
from stores.memory_records import MemoryRecords

T = 1_800_000_000_000
ALERT = Alert(id="a", rule="r", device_id="d", severity="major", raised_at=T)
TAKEN = ALERT.replace(acked_at=T + 5, acked_by="me", ack_reason="on it", comments=(Comment(at_ms=T + 6, by="me", text="fan"),))
FIRST_SEVERITY = st.sampled_from(SEVERITIES)


def test_what_people_did_outlives_whoever_tells_it_cleared() -> None:
    after = met(ALERT.replace(cleared_at=T + 9, evidence={"flaps": "2"}), TAKEN, T)
    assert (after.acked_by, after.ack_reason, after.comments) == ("me", "on it", TAKEN.comments)
    assert after.cleared_at == T + 9
    assert after.evidence == {"flaps": "2"}
    assert action_of(after, TAKEN) == "alert.clear"


def test_it_ended_when_it_was_first_said_to_have_ended() -> None:
    closed = TAKEN.replace(cleared_at=T + 7)
    assert met(ALERT.replace(cleared_at=T + 9), closed, T).cleared_at == T + 7
    again = met(ALERT, closed, T + 8)
    assert not again.cleared_at
    assert action_of(again, closed) == "alert.reopen"
    assert (again.acked_by, again.renewed_at) == ("", T + 8), "it was over: nobody is on it, and it is news"


def test_what_follows_from_nothing_any_more_is_news_and_still_taken_on() -> None:
    child = TAKEN.replace(suppressed_by="root")
    assert met(ALERT, child, T + 7).renewed_at == T + 7
    assert met(ALERT, child, T + 7).acked_by == "me"
    assert not met(ALERT.replace(suppressed_by="root"), child, T + 7).renewed_at


@given(before=FIRST_SEVERITY, after=FIRST_SEVERITY)
def test_only_what_grew_more_severe_is_nobodys_again(before: Any, after: Any) -> None:
    kept = TAKEN.replace(severity=before)
    grew = SEVERITIES.index(after) < SEVERITIES.index(before)
    assert bool(met(ALERT.replace(severity=after), kept, T).acked_at) is not grew
    assert met(ALERT.replace(severity=after, cleared_at=T + 9), kept, T).acked_at


def test_what_flaps_is_still_taken_on_when_it_comes_back_soon() -> None:
    last = alert_row(TAKEN.replace(cleared_at=T + 10), "D")
    back = ALERT.replace(id="b", raised_at=T + 60_000, flapping=True)
    assert carried_on(back, [last]).acked_by == "me"
    assert not carried_on(back.replace(flapping=False), [last]).acked_at
    assert not carried_on(back.replace(raised_at=T + 3_600_000), [last]).acked_at
    assert not carried_on(back.replace(severity="critical"), [last]).acked_at
    assert not carried_on(back.replace(instance="x"), [last]).acked_at


def test_the_trail_tells_who_did_what_in_order() -> None:
    store = MemoryRecords()
    at = T

    def put(actor: str, action: str, change: Callable[[Alert], Alert]) -> None:
        nonlocal at, kept
        at, kept = at + 1000, change(kept)
        with store.write(Actor(name=actor), at) as write:
            write.put(action, kept)

    kept = ALERT
    put("system:senses", "alert.raise", lambda one: one)
    put("me", "alert.ack", lambda one: one.replace(acked_at=at, acked_by="me", ack_reason="on it"))
    put("me", "alert.comment", lambda one: one.replace(comments=(Comment(at_ms=at, by="me", text="the fan"),)))
    put("system:suppress", "alert.suppress", lambda one: one.replace(suppressed_by="root", cause="power"))
    put("system:suppress", "alert.settle", lambda one: one.replace(suppressed_by="", suppressed=3))
    put("system:windows", "alert.silence", lambda one: one.replace(silenced_by="w"))
    put("system:senses", "alert.update", lambda one: without_ack(one.replace(severity="critical")))
    put("boss", "alert.close", lambda one: one.replace(cleared_at=at, comments=(*one.comments, Comment(at_ms=at, by="boss", text="gone"))))
    put("system:senses", "alert.reopen", lambda one: one.replace(cleared_at=0))
    put("system:senses", "alert.clear", lambda one: one.replace(cleared_at=at))
    found = steps(store.journal())
    assert [(step.who, step.what, step.text) for step in found] == [
        ("system:senses", "raised", "major"), ("me", "acked", "on it"), ("me", "commented", "the fan"),
        ("system:suppress", "suppressed", "root"), ("system:suppress", "cause", "power"), ("system:suppress", "released", ""),
        ("system:windows", "silenced", "w"), ("system:senses", "severity", "major -> critical"), ("system:senses", "lapsed", ""),
        ("boss", "closed", "gone"), ("system:senses", "reopened", ""), ("system:senses", "cleared", ""),
    ]
    assert [step.at_ms for step in found] == sorted(step.at_ms for step in found)
    assert msgspec.json.decode(msgspec.json.encode(found), type=tuple[type(found[0]), ...]) == found
