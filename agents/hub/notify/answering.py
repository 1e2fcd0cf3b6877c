"""What people ask of notifications: a test, who would be told, how the channels do."""

import time
from typing import TYPE_CHECKING

from agents.hub.notify import routing, wording
from agents.hub.notify.delivery import Target
from agents.hub.notify.routing import Case
from agents.hub.records import now_ms
from core.errors import InvalidInputError, NotFoundError, YunwangError
from core.i18n import tr
from core.identity import Caller
from core.notices import Channel, ChannelRow, Message, Tested, TestWish, WhoAnswer, WhoWish
from core.nouns import new_id
from links.notify import Letter

if TYPE_CHECKING:
    from agents.hub.hub import Hub

DAY_MS = 86_400_000


async def test(hub: "Hub", caller: Caller, wish: TestWish) -> list[Tested]:
    """Sends a message now, by a channel or by every way of a contact, and says what came of each."""
    targets, language = _tried_ways(hub, wish)
    results = []
    for target in targets:
        now, began = now_ms(), time.monotonic()
        words = wording.of_test(target.channel.name, language, now)
        made = Message(
            id=new_id(now), contact=wish.contact, about="test", language=language, subject=words.subject, text=words.text,
            channel=target.channel.name, to=target.to, created_at=now, attempts=1, state="sent", sent_at=now,
        )
        told = Tested(channel=target.channel.name, to=target.to, ok=True, message=tr("It was taken."))
        try:
            await hub.notify.delivery.send(target, Letter(made.id, target.to, words.subject, words.text, "info", now, "test"))
        except YunwangError as error:
            told = told.replace(ok=False, message=error.message, way_out=error.way_out, code=error.code)
            made = made.replace(state="failed", problem=str(error)[:500], sent_at=0)
        results.append(told.replace(took_ms=round((time.monotonic() - began) * 1000)))
        await hub.commits.write(caller.actor, lambda write, made=made: write.put("notify.test", made))  # type: ignore[misc]
        hub.notify.remember([made])
    return results


def _tried_ways(hub: "Hub", wish: TestWish) -> tuple[list[Target], str]:
    if bool(wish.channel) == bool(wish.contact):
        raise InvalidInputError(tr("A test names either a channel or a contact."))
    if wish.channel:
        channel = _channel(hub, wish.channel)
        if not wish.to and channel.kind in ("mail", "sms"):
            raise InvalidInputError(tr("Where to?"), way_out="--to")
        return [Target(channel, wish.to)], "zh"
    contact = hub.notify.delivery.contacts.get(wish.contact)
    if contact is None:
        raise NotFoundError(tr("There is no {name}.", name=wish.contact), way_out="yunwang notify contact-list")
    return [Target(_channel(hub, way.channel), way.to) for way in contact.ways], contact.language


def _channel(hub: "Hub", name: str) -> Channel:
    if name not in hub.notify.delivery.channels:
        raise NotFoundError(tr("There is no {name}.", name=name), way_out="yunwang notify channel-list")
    return hub.notify.delivery.channels[name]


def who(hub: "Hub", wish: WhoWish) -> WhoAnswer:
    """Who would be told of an alert."""
    row = hub.table.row(wish.device)
    if row is None:
        raise NotFoundError(tr("There is no {name}.", name=wish.device[:128]), way_out="yunwang inventory list device")
    case = Case(wish.severity, hub.windows.place(row.id), row.role, wish.rule)
    now = wish.at_ms or now_ms()
    found = routing.chosen(case, hub.notify.routes, hub.notify.delivery.contacts.values(), now)
    return WhoAnswer(
        contacts={one.contact.name: one.routes for one in found},
        waits={one.contact.name: one.at_ms for one in found if one.at_ms > now},
    )


def channels(hub: "Hub") -> list[ChannelRow]:
    """All channels with what became of their messages since yesterday."""
    since = now_ms() - DAY_MS
    rows = []
    for channel in sorted(hub.notify.delivery.channels.values(), key=lambda one: one.name):
        mine = [one for one in hub.notify.recent if one.created_at > since and _goes_by(hub, one, channel.name)]
        failing = max((one for one in mine if one.problem), key=lambda one: one.id, default=None)
        rows.append(ChannelRow(
            channel=channel, waiting=sum(one.state == "waiting" for one in mine), sent=sum(one.state == "sent" for one in mine),
            problem=failing.problem if failing else "", problem_at=failing.created_at if failing else 0,
        ))
    return rows


def _goes_by(hub: "Hub", message: Message, channel: str) -> bool:
    contact = hub.notify.delivery.contacts.get(message.contact)
    return message.channel == channel or (
        not message.channel and contact is not None and any(way.channel == channel for way in contact.ways))
