"""From the kind of a channel to whoever sends by it."""

from collections.abc import Callable

from core.notices import Channel, ChannelKind
from links.notify.letter import Letter, Login

Sender = Callable[[Channel, Login, Letter], None]


def send(channel: Channel, login: Login, letter: Letter) -> None:
    """Sends a message, or raises a `YunwangError`: nothing that the other side says is repeated in it but numbers."""
    _sender(channel.kind)(channel, login, letter)


def _sender(kind: ChannelKind) -> Sender:
    if kind == "mail":
        from links.notify.mail import send as by_mail

        return by_mail
    if kind == "sms":
        from links.notify.gateway import send as by_gateway

        return by_gateway
    from links.notify.posting import apprise, robot, webhook

    return {"webhook": webhook, "robot": robot, "apprise": apprise}[kind]
