"""Operations on notifications: who is told of what, by which way."""

from typing import get_args

from core.notices import ChannelKind, MessageState
from core.operations.noun import JSON, Argument, Operation
from core.signals import Severity

_SEVERITIES = get_args(Severity)
_CHANNEL = Argument(name="NAME", help="Name of the channel.")
_OPTIONS = (
    Argument(
        name="--option", help="What only this kind knows, as sender=yunwang@city.gov.cn; may be repeated; empty values remove.", many="*",
        metavar="NAME=VALUE",
    ),
    Argument(name="--authority", help="PEM file of the authority that signed its certificate.", default="", metavar="FILE"),
)
_NOTE = Argument(name="--note", help="A note.", default="", metavar="TEXT")

OPERATIONS: tuple[Operation, ...] = (
    Operation(
        id="notify.channel-list", summary="List the channels by which people are told, and how they do.", noun="notify",
        verb="channel-list", arguments=(JSON,), handler="cli.notify:channels",
    ),
    Operation(
        id="notify.channel-add", summary="Add a channel: mail server, webhook, robot of a chat group, SMS gateway, Apprise service.",
        noun="notify", verb="channel-add", needs="notify.set",
        arguments=(
            _CHANNEL, Argument(name="KIND", help="What it is.", choices=get_args(ChannelKind)),
            Argument(name="URL", help="smtps://HOST:465, smtp://HOST:587 or https://...; without any secret in it."),
            Argument(name="--user", help="User of the login.", default="", metavar="NAME"),
            Argument(name="--credential", help="Use this credential instead of a secret of its own.", default="", metavar="NAME"),
            Argument(name="--no-secret", help="It needs no secret.", type="flag"),
            Argument(name="--stdin", help="Read the secret from standard input.", type="flag"), *_OPTIONS,
            Argument(name="--per-minute", help="Messages that it takes in a minute.", type="int", default=20, metavar="N"), _NOTE, JSON,
        ), handler="cli.notify:add_channel",
    ),
    Operation(
        id="notify.channel-set", summary="Change a channel, or turn it on or off.", noun="notify", verb="channel-set", needs="notify.set",
        arguments=(
            _CHANNEL, Argument(name="--url", help="Another address on the same host.", default="", metavar="URL"), *_OPTIONS,
            Argument(name="--per-minute", help="Messages that it takes in a minute.", type="int", default=0, metavar="N"),
            Argument(name="--on", help="Turn it on.", type="flag"), Argument(name="--off", help="Turn it off.", type="flag"), _NOTE, JSON,
        ), handler="cli.notify:set_channel",
    ),
    Operation(
        id="notify.channel-remove", summary="Remove a channel that no contact names.", noun="notify", verb="channel-remove",
        needs="notify.set", arguments=(_CHANNEL,), handler="cli.notify:remove_channel",
    ),
    Operation(
        id="notify.contact-list", summary="List who can be told.", noun="notify", verb="contact-list", arguments=(JSON,),
        handler="cli.notify:contacts",
    ),
    Operation(
        id="notify.contact-set", summary="Declare who can be told, and by which ways one after the other.", noun="notify",
        verb="contact-set", needs="notify.set",
        arguments=(
            Argument(name="NAME", help="Name of the contact."),
            Argument(name="--way", help="CHANNEL or CHANNEL=ADDRESS; may be repeated, the first is tried first.", many="*", metavar="WAY"),
            Argument(name="--language", help="Language of the messages.", choices=("zh", "en"), default="zh"),
            Argument(name="--account", help="Whose account this is: approvals that wait for this person are told.", default="",
                     metavar="NAME"),
            Argument(name="--off", help="Turn it off.", type="flag"), _NOTE, JSON,
        ), handler="cli.notify:set_contact",
    ),
    Operation(
        id="notify.contact-remove", summary="Remove a contact that no route names.", noun="notify", verb="contact-remove",
        needs="notify.set", arguments=(Argument(name="NAME", help="Name of the contact."),), handler="cli.notify:remove_contact",
    ),
    Operation(
        id="notify.route-list", summary="List which alerts go to whom.", noun="notify", verb="route-list", arguments=(JSON,),
        handler="cli.notify:routes",
    ),
    Operation(
        id="notify.route-set", summary="Declare which alerts go to whom; without any route all contacts are told of major ones.",
        noun="notify", verb="route-set", needs="notify.set",
        arguments=(
            Argument(name="NAME", help="Name of the route."),
            Argument(name="--to", help="Name of a contact; may be repeated.", many="*", metavar="NAME"),
            Argument(name="--least", help="This severe or more.", choices=_SEVERITIES, default="major"),
            Argument(name="--unit", help="Devices of this unit and those below; may be repeated.", many="*", metavar="NAME"),
            Argument(name="--site", help="Devices at this site; may be repeated.", many="*", metavar="NAME"),
            Argument(name="--role", help="Devices of this role; may be repeated.", many="*", metavar="ROLE"),
            Argument(name="--rule", help="Alerts of this rule, * for any characters; may be repeated.", many="*", metavar="RULE"),
            Argument(name="--hours", help="Only in these hours, as 08:00-20:00.", default="", metavar="HOURS"),
            Argument(name="--days", help="Only on these days, as 1-5; Monday is 1.", default="", metavar="DAYS"),
            Argument(name="--time-zone", help="Time zone of the hours.", default="Asia/Shanghai", metavar="ZONE"),
            Argument(name="--no-recovery", help="Do not tell when it is over.", type="flag"),
            Argument(name="--off", help="Turn it off.", type="flag"), _NOTE, JSON,
        ), handler="cli.notify:set_route",
    ),
    Operation(
        id="notify.route-remove", summary="Remove a route.", noun="notify", verb="route-remove", needs="notify.set",
        arguments=(Argument(name="NAME", help="Name of the route."),), handler="cli.notify:remove_route",
    ),
    Operation(
        id="notify.test", summary="Send a message now and say what came of it.", noun="notify", verb="test", needs="notify.test",
        arguments=(
            Argument(name="CONTACT", help="Name of the contact: every way of it is tried.", many="?", default=""),
            Argument(name="--channel", help="Try a channel instead.", default="", metavar="NAME"),
            Argument(name="--to", help="Of a channel: where to.", default="", metavar="ADDRESS"), JSON,
        ), handler="cli.notify:test",
    ),
    Operation(
        id="notify.who", summary="Say who would be told of an alert.", noun="notify", verb="who",
        arguments=(
            Argument(name="DEVICE", help="Name of the device."),
            Argument(name="--rule", help="Name of the rule.", default="device-unreachable", metavar="RULE"),
            Argument(name="--severity", help="How severe it is.", choices=_SEVERITIES, default="critical"), JSON,
        ), handler="cli.notify:who",
    ),
    Operation(
        id="notify.list", summary="List who was told of what, and what became of it.", noun="notify", verb="list",
        arguments=(
            Argument(name="--contact", help="Only to this contact.", default="", metavar="NAME"),
            Argument(name="--state", help="In this state.", choices=get_args(MessageState), default=""),
            Argument(name="--limit", help="At most so many.", type="int", default=50, metavar="N"), JSON,
        ), handler="cli.notify:messages",
    ),
)
