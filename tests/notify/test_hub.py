"""A hub that hears of alerts and tells people, over real sockets."""

import email
import json
from email.policy import default
from typing import Any

import pytest

from agents.hub.notify import answering, keeping, listing
from core.approval import Subject, digest_of
from core.errors import ConflictError, InvalidInputError, UnavailableError
from core.events import Event
from core.notices import ChannelChange, NewChannel, NewContact, NewRoute, TestWish, Way, WhoWish


async def by_mail(city: Any, mail: Any, **contact: Any) -> None:
    admin = city.caller("admin", "system-administrator")
    url = f"smtp://127.0.0.1:{mail.port}"
    await keeping.add_channel(city.hub, admin, NewChannel(
        name="post", kind="mail", url=url, username="duty", secret="S3cret-of-mail", options={"sender": "yunwang@city.example"},
    ))
    await keeping.put_contact(city.hub, admin, NewContact(
        name="duty", ways=(Way(channel="post", to="duty@city.example"),), language=contact.pop("language", "en"), **contact,
    ))


def read(raw: bytes) -> Any:
    return email.message_from_bytes(raw.removesuffix(b".\r\n"), policy=default)


async def test_a_storm_is_one_mail_that_names_the_root_and_what_is_behind_it(city: Any, mail: Any, alert: Any, until: Any) -> None:
    leaf, root = alert("device-unreachable", "leaf", ago_s=110), alert("device-unreachable", "hub1")
    await city.say(leaf)
    await city.say(root, alert("interface-down", "core", instance="down"))
    await by_mail(city, mail)
    await until(lambda: bool(mail.mails))
    found = read(mail.mails[0])
    assert found["To"] == "duty@city.example"
    assert "hub1" in found["Subject"]
    assert "1 devices behind it" in found["Subject"]
    text = found.get_content()
    assert "2 alerts follow from it, of 1 devices" in text
    assert "Units: Office" in text
    assert "S3cret" not in mail.mails[0].decode("ascii", "replace")
    assert any(line.startswith("AUTH ") for line in mail.commands)
    assert city.stored(leaf).suppressed_by == root.id
    await until(lambda: city.stored(root).suppressed == 2)
    assert len(mail.mails) == 1


async def test_it_is_told_when_it_is_over_and_a_child_that_stays_down_speaks_for_itself(
    city: Any, mail: Any, alert: Any, until: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents.hub.notify.part.STEPS_MS", ((0, 100),))
    monkeypatch.setattr("agents.hub.notify.part.URGENT_STEPS_MS", ((0, 100),))
    monkeypatch.setattr("agents.hub.notify.pending.GRACE_MS", 200)
    await by_mail(city, mail)
    leaf, root = alert("device-unreachable", "leaf"), alert("device-unreachable", "hub1")
    await city.say(root, leaf)
    await until(lambda: len(mail.mails) == 1)
    await city.say(root.replace(cleared_at=root.raised_at + 99_000))
    await until(lambda: len(mail.mails) == 3)
    subjects = sorted(str(read(one)["Subject"]) for one in mail.mails[1:])
    assert subjects[0].startswith("[critical] leaf")
    assert subjects[1].startswith("[recovered] hub1")
    assert not city.stored(leaf).suppressed_by
    assert city.stored(root).suppressed == 1, "what it suppressed is still told by its last word"


async def test_a_hub_that_died_tells_what_it_had_not_told(city: Any, mail: Any, alert: Any, until: Any) -> None:
    await by_mail(city, mail)
    mail.refuse = 1
    one = alert("device-unreachable", "hub1")
    await city.say(one)
    await until(lambda: any(found.attempts for found in city.messages(about="alert")))
    await city.stop()
    await city.start()
    waiting = city.messages(about="alert")
    assert [found.state for found in waiting] == ["waiting"]
    city.hub.notify.delivery.put([found.replace(due_at=0) for found in waiting])
    await until(lambda: [found.state for found in city.messages(about="alert")] == ["sent"])
    assert len(mail.mails) == 1
    await city.stop()
    await city.start()
    assert not await city.hub.notify.tell(one.raised_at + 200_000), "nobody is told twice"


async def test_an_alert_that_was_stored_and_not_told_is_told_after_a_start(city: Any, mail: Any, alert: Any, until: Any) -> None:
    await city.say(alert("device-unreachable", "hub1"))
    await by_mail(city, mail)
    await city.stop()
    await city.start()
    await until(lambda: bool(mail.mails))


async def test_what_is_silenced_or_taken_on_is_not_told(city: Any, mail: Any, alert: Any, until: Any) -> None:
    muted, taken = alert("device-unreachable", "hub1"), alert("cpu-high", "core", acked_at=1, acked_by="x")
    await city.say(muted, taken)
    await until(lambda: city.hub.suppress.is_settled(muted.id))
    city.hub.table.put_alerts([city.stored(muted).replace(silenced_by="w1")])
    await by_mail(city, mail)
    for ahead in (0, 5_000, 20_000):
        assert not await city.hub.notify.tell(muted.raised_at + 200_000 + ahead)
    city.hub.table.put_alerts([city.stored(muted)])
    later = muted.raised_at + 400_000
    await city.hub.notify.tell(later)
    told = await city.hub.notify.tell(later + 5_000)
    assert [one.alerts for one in told] == [(muted.id,)]


async def _told_once(city: Any, mail: Any, alert: Any, until: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Somebody was told of it, and took it on."""
    monkeypatch.setattr("agents.hub.notify.part.STEPS_MS", ((0, 100),))
    monkeypatch.setattr("agents.hub.notify.part.URGENT_STEPS_MS", ((0, 100),))
    await by_mail(city, mail)
    one = alert("storage-high", "core", severity="major")
    await city.say(one)
    await until(lambda: len(mail.mails) == 1)
    async with city.hub.alerting.one:
        taken = city.stored(one).replace(acked_at=5, acked_by="me")
        await city.hub.commits.write(city.caller("me").actor, lambda write: write.put("alert.ack", taken))
        await city.hub.alerting.show([taken])
    return one


async def test_what_grew_more_severe_is_told_again_though_somebody_was_on_it_and_after_a_crash_not_twice(
    city: Any, mail: Any, alert: Any, until: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = await _told_once(city, mail, alert, until, monkeypatch)
    await city.say(one.replace(severity="critical"))
    await until(lambda: len(mail.mails) == 2)
    assert str(read(mail.mails[1])["Subject"]).startswith("[critical] core")
    assert not city.stored(one).acked_by
    await city.stop()
    await city.start()
    await until(lambda: city.hub.suppress.is_settled(one.id))
    assert not await city.hub.notify.tell(one.raised_at + 900_000)
    await city.say(one.replace(severity="critical", cleared_at=one.raised_at + 99_000))
    await until(lambda: len(mail.mails) == 3)
    assert str(read(mail.mails[2])["Subject"]).startswith("[recovered] core")


async def test_an_outage_is_not_put_off_by_lesser_things_told_before(
    city: Any, mail: Any, alert: Any, until: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents.hub.notify.part.STEPS_MS", ((1, 3_600_000), (0, 0)))
    monkeypatch.setattr("agents.hub.notify.part.URGENT_STEPS_MS", ((0, 100),))
    await by_mail(city, mail)
    await city.say(alert("storage-full", "core", severity="major"))
    await until(lambda: len(mail.mails) == 1)
    waits = alert("memory-full", "core", severity="major")
    await city.say(waits)
    await until(lambda: city.hub.suppress.is_settled(waits.id))
    await city.say(alert("device-unreachable", "hub1", severity="critical"))
    await until(lambda: len(mail.mails) == 2)
    assert "2 alerts" in read(mail.mails[1])["Subject"], "what waits goes with it"


async def test_what_was_closed_and_opens_again_is_told_again_and_that_it_is_over_too(
    city: Any, mail: Any, alert: Any, until: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:
    one = await _told_once(city, mail, alert, until, monkeypatch)
    assert await city.hub.alerting.close_alerts(lambda row: row.id == one.id, "Its rule is gone.", one.raised_at + 50_000) == 1
    await until(lambda: len(mail.mails) == 2)
    await city.say(one)
    await until(lambda: len(mail.mails) == 3)
    await city.say(one.replace(cleared_at=one.raised_at + 99_000))
    await until(lambda: len(mail.mails) == 4)
    words = [str(read(raw)["Subject"]).split("]")[0] for raw in mail.mails]
    assert words == ["[major", "[recovered", "[major", "[recovered"]


async def test_what_nobody_judges_ends_by_itself_with_a_reason_once_that_was_seen_twice(city: Any, alert: Any, until: Any) -> None:
    await city.hub.ruling.ready.wait()
    gone = {
        "a-rule-that-was": alert("a-rule-that-was", "core"), "object": alert("storage-full", "a-device-that-was"),
        "still": alert("fan-slow", "leaf"), "kept": alert("storage-full", "core"), "heard": alert("loop-detected", "leaf"),
    }
    still = city.hub.store.get("device", "leaf").replace(polled=False)
    await city.hub.commits.write(city.caller("me").actor, lambda write: write.put("edit", still))
    await city.hub.reload()
    await city.say(*gone.values())
    now = gone["kept"].raised_at + 300_000
    assert await city.hub.alerting.ending.look(now) == 0, "it might be a moment between two changes"
    assert await city.hub.alerting.ending.look(now + 60_000) == 3
    reasons = {name: [said.text for said in city.stored(one).comments] for name, one in gone.items()}
    assert reasons == {
        "a-rule-that-was": ["Its rule is not in force any more."], "object": ["What it is about is not in the inventory any more."],
        "still": ["Its device is not polled any more."], "kept": [], "heard": [],
    }
    assert {name for name, one in gone.items() if city.stored(one).cleared_at} == {"a-rule-that-was", "object", "still"}
    assert await city.hub.alerting.ending.look(now + 120_000) == 0


async def test_a_child_that_was_told_before_its_root_came_is_told_again_when_it_outlives_it(
    city: Any, mail: Any, alert: Any, until: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents.hub.notify.part.STEPS_MS", ((0, 100),))
    monkeypatch.setattr("agents.hub.notify.part.URGENT_STEPS_MS", ((0, 100),))
    monkeypatch.setattr("agents.hub.notify.pending.GRACE_MS", 200)
    await by_mail(city, mail)
    leaf, root = alert("device-unreachable", "leaf"), alert("device-unreachable", "hub1")
    await city.say(leaf)
    await until(lambda: len(mail.mails) == 1)
    await city.say(root)
    await until(lambda: len(mail.mails) == 2)
    await until(lambda: city.stored(leaf).suppressed_by == root.id)
    await city.say(root.replace(cleared_at=root.raised_at + 99_000))
    await until(lambda: len(mail.mails) == 4)
    assert any(str(read(raw)["Subject"]).startswith("[critical] leaf") for raw in mail.mails[2:])


async def test_the_restarts_of_a_site_are_one_mail_about_one_root_with_its_cause(city: Any, mail: Any, alert: Any, until: Any) -> None:
    names = ("leaf", "core", "hub1")
    restarts = [alert("device-rebooted", name, ago_s=100 - number, severity="major") for number, name in enumerate(names)]
    await city.hub.suppress.heard([Event(
        at_ms=restarts[0].raised_at - 1_200_000, source="127.0.0.9", device_id="core", kind="trap", mnemonic="upsTrapOnBattery", text="",
    )])
    await city.say(*restarts)
    await by_mail(city, mail)
    await until(lambda: bool(mail.mails))
    found = read(mail.mails[0])
    assert "leaf: 3 together at S1: The device restarted" in found["Subject"]
    assert "2 alerts follow from it." in found.get_content()
    assert "It lost its power." in found.get_content()
    assert {city.stored(one).suppressed_by for one in restarts[1:]} == {restarts[0].id}
    assert len(mail.mails) == 1


async def test_what_is_not_settled_yet_is_not_told(city: Any, mail: Any, alert: Any, until: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.hub.suppress.part.UNSETTLED_S", 3600.0)
    leaf, root = alert("device-unreachable", "leaf"), alert("device-unreachable", "hub1")
    await city.say(root)
    await until(lambda: city.hub.suppress.is_settled(root.id))

    async def busy(*_: Any) -> Any:
        raise UnavailableError("busy")

    with monkeypatch.context() as patch:
        patch.setattr(city.hub.suppress, "_look", busy)
        await city.say(leaf)
        assert not city.stored(leaf).suppressed_by
        assert not city.hub.suppress.is_settled(leaf.id)
        await by_mail(city, mail)
        await until(lambda: any(root.id in one.alerts for one in city.messages(about="alert")))
    await until(lambda: city.stored(leaf).suppressed_by == root.id)
    await until(lambda: city.hub.suppress.is_settled(leaf.id))
    assert all(leaf.id not in one.alerts for one in city.messages())


async def test_the_next_way_is_tried_when_one_fails(city: Any, web: Any, alert: Any, until: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agents.hub.notify.delivery.FIRST_MS", 50)
    admin = city.caller("admin", "system-administrator")
    await keeping.add_channel(city.hub, admin, NewChannel(name="dead", kind="webhook", url="http://127.0.0.1:1"))
    await keeping.add_channel(city.hub, admin, NewChannel(name="hook", kind="webhook", url=web.url, secret="k"))
    await keeping.put_contact(city.hub, admin, NewContact(name="duty", ways=(Way(channel="dead"), Way(channel="hook"))))
    await city.say(alert("device-unreachable", "hub1"))
    await until(lambda: bool(web.requests))
    await until(lambda: city.messages(about="alert")[0].state == "sent")
    told = city.messages(about="alert")[0]
    assert (told.channel, told.attempts) == ("hook", 2)
    rows = {row.channel.name: row for row in answering.channels(city.hub)}
    assert rows["hook"].sent == 1
    assert json.loads(web.requests[0][3])["severity"] == "critical"


async def test_an_approval_that_waits_is_told_to_who_may_give_it_and_to_nobody_else(city: Any, mail: Any, until: Any) -> None:
    await by_mail(city, mail, account="boss")
    admin = city.caller("admin", "system-administrator")
    await keeping.put_contact(city.hub, admin, NewContact(name="self", ways=(Way(channel="post", to="a@city.example"),), account="admin"))
    subject = Subject(kind="totp-reset", object_id="o", title="Reset\r\nBcc: evil@x.example", digest=digest_of("totp-reset", "o", {}))
    approval = await city.hub.approvals.ask(admin, subject)
    await until(lambda: bool(mail.mails))
    found = read(mail.mails[0])
    assert found["To"] == "duty@city.example"
    assert found["Bcc"] is None
    assert f"yunwang approval show {approval.id}" in found.get_content()
    assert {one.contact for one in city.messages(about="approval")} == {"duty"}
    assert not await city.hub.notify.ask(0)


async def test_routes_decide_by_severity_unit_and_rule_and_say_so_beforehand(city: Any, mail: Any) -> None:
    await by_mail(city, mail)
    admin = city.caller("admin", "system-administrator")
    await keeping.put_route(city.hub, admin, NewRoute(name="county", contacts=("duty",), least="critical", units=("County",)))
    assert answering.who(city.hub, WhoWish(device="leaf")).contacts == {"duty": ("county",)}
    assert answering.who(city.hub, WhoWish(device="leaf", severity="major")).contacts == {}
    assert answering.who(city.hub, WhoWish(device="core")).contacts == {}
    await keeping.put_route(city.hub, admin, NewRoute(name="county", contacts=("duty",), rules=("interface-*",)))
    assert answering.who(city.hub, WhoWish(device="core", rule="interface-down")).contacts == {"duty": ("county",)}
    with pytest.raises(ConflictError):
        await keeping.remove(city.hub, admin, keeping.CONTACT, "duty")
    with pytest.raises(InvalidInputError):
        await keeping.put_route(city.hub, admin, NewRoute(name="x", contacts=("duty",), hours="25:00-26:00"))


async def test_a_test_says_what_is_wrong_and_what_to_do(city: Any, mail: Any) -> None:
    await by_mail(city, mail)
    admin = city.caller("admin", "system-administrator")
    good = await answering.test(city.hub, admin, TestWish(contact="duty"))
    assert [one.ok for one in good] == [True]
    mail.refuse = 1
    bad = (await answering.test(city.hub, admin, TestWish(channel="post", to="x@city.example")))[0]
    assert not bad.ok
    assert "451" in bad.message
    await keeping.change_channel(city.hub, admin, "post", ChannelChange(note="still there"))
    with pytest.raises(ConflictError):
        await keeping.change_channel(city.hub, admin, "post", ChannelChange(url="smtp://127.0.0.2:2525"))


async def test_old_messages_leave_the_list_and_those_that_wait_do_not(city: Any, web: Any, alert: Any, until: Any) -> None:
    admin = city.caller("admin", "system-administrator")
    await keeping.add_channel(city.hub, admin, NewChannel(name="hook", kind="webhook", url=web.url))
    await keeping.put_contact(city.hub, admin, NewContact(name="duty", ways=(Way(channel="hook"),)))
    one = alert("device-unreachable", "hub1")
    await city.say(one)
    await until(lambda: [found.state for found in city.messages(about="alert")] == ["sent"])
    assert await listing.forget(city.hub, one.raised_at) == 0
    assert await listing.forget(city.hub, one.raised_at + 10_000_000) == 1
    assert await listing.forget(city.hub, one.raised_at + 10_000_000) == 0


async def test_no_secret_is_kept_in_the_clear(city: Any, mail: Any) -> None:
    await by_mail(city, mail)
    await city.hub.commits.write(city.caller("admin").actor, lambda _: None)
    told = "".join(str(row) for row in city.hub.store.journal(0, 1000))
    assert "S3cret" not in told
    for file in (city.folder / "data").glob("records.db*"):
        assert b"S3cret" not in file.read_bytes()


async def test_an_end_that_comes_while_its_alert_is_being_written_to_somebody_is_told(
    city: Any, mail: Any, alert: Any, until: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("agents.hub.notify.part.STEPS_MS", ((0, 100),))
    await by_mail(city, mail)
    one, write = alert("storage-full", "core", severity="major"), city.hub.commits.write

    async def slow(actor: Any, change: Any, *more: Any) -> Any:
        done = await write(actor, change, *more)
        if actor.name == "system:notify" and not city.stored(one).cleared_at:
            await city.say(one.replace(cleared_at=one.raised_at + 99_000))
        return done

    monkeypatch.setattr(city.hub.commits, "write", slow)
    await city.say(one)
    await until(lambda: len(mail.mails) == 2)
    assert [str(read(raw)["Subject"]).split("]")[0] for raw in mail.mails] == ["[major", "[recovered"]


async def test_nobody_waits_for_a_clock_that_was_put_back(
    city: Any, mail: Any, alert: Any, until: Any, monkeypatch: pytest.MonkeyPatch,
) -> None:
    from agents.hub.records import now_ms

    await by_mail(city, mail)
    mail.refuse = 1
    await city.say(alert("storage-full", "core", severity="major"))
    await until(lambda: any(found.attempts for found in city.messages(about="alert")))
    waiting = next(iter(city.hub.notify.delivery.waiting.values()))
    assert waiting.due_at > now_ms()

    def earlier() -> int:
        return now_ms() - 24 * 3_600_000

    for place in ("notify.part", "notify.delivery", "suppress.part", "alerting.part"):
        monkeypatch.setattr(f"agents.hub.{place}.now_ms", earlier)
    await city.say(alert("device-unreachable", "hub1", raised_at=earlier() - 100_000))
    await until(lambda: len(mail.mails) == 2)
