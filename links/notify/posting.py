"""Webhook, robot of a chat group, Apprise service: JSON posted to one address.

Robot: the custom robot of DingTalk groups (open.dingtalk.com, "custom robot access": `access_token` in the query, and where the robot is
set to signing, `timestamp` in milliseconds and `sign`, base64 of HMAC-SHA256 over TIMESTAMP LF SECRET with SECRET as the key). Apprise:
the JSON that the Apprise API service takes at /notify/KEY (title, body, type, format).
"""

import base64
import hashlib
import hmac
import json
from typing import Any
from urllib.parse import urlencode

from core.errors import BusyError, ForbiddenError, ProtocolError, SettingsError
from core.i18n import tr
from core.notices import Channel
from links.notify import web
from links.notify.letter import Letter, Login

JSON = {"content-type": "application/json; charset=utf-8"}
MOST_CHARACTERS = 6000
"""Of a robot's text: it takes 20,000 bytes."""
TOO_FAST = frozenset({130101, 130103, 410100})
REFUSED = frozenset({310000, 300001, 400013, 40014, 40035, 88})
_TYPES = {"critical": "failure", "major": "failure", "minor": "warning", "warning": "warning", "info": "info"}


def webhook(channel: Channel, login: Login, letter: Letter) -> None:
    """One JSON object. With a key it is signed: `x-yunwang-signature: v1=` hexadecimal HMAC-SHA256 over TIMESTAMP "." BODY."""
    body = _json({
        "id": letter.id, "at_ms": letter.at_ms, "about": letter.about, "severity": letter.severity, "subject": letter.subject,
        "text": letter.text, "to": letter.to,
    })
    headers = {**JSON, "x-yunwang-id": letter.id, "x-yunwang-timestamp": str(letter.at_ms)}
    if login.secret is not None:
        headers["x-yunwang-signature"] = f"v1={signature(login.reveal(), letter.at_ms, body)}"
    web.ask(channel, "POST", body, headers)


def signature(secret: str, at_ms: int, body: bytes) -> str:
    """What the receiver computes too, to know that it was us and nothing was changed."""
    return hmac.new(secret.encode(), f"{at_ms}.".encode() + body, hashlib.sha256).hexdigest()


def robot(channel: Channel, login: Login, letter: Letter) -> None:
    """A text message of a robot: plain text, so that nothing that a device said becomes a link or a picture."""
    token, _, key = login.reveal().partition(" ")
    if not token:
        raise SettingsError(
            tr("The robot {name} has no access token.", name=channel.name),
            way_out=tr("Enter it: yunwang credential set {name}", name=channel.credential),
        )
    params = {"access_token": token}
    if key:
        params |= {"timestamp": str(letter.at_ms), "sign": robot_sign(key, letter.at_ms)}
    text = f"{letter.subject}\n{letter.text}"[:MOST_CHARACTERS]
    called = [name for name in letter.to.replace(",", " ").split() if name != "all"]
    body = _json({"msgtype": "text", "text": {"content": text}, "at": {"atMobiles": called, "isAtAll": "all" in letter.to.split()}})
    _robot_said(web.ask(channel, "POST", body, JSON, urlencode(params)).json(), channel)


def robot_sign(key: str, at_ms: int) -> str:
    return base64.b64encode(hmac.new(key.encode(), f"{at_ms}\n{key}".encode(), hashlib.sha256).digest()).decode()


def _robot_said(answer: dict[str, Any], channel: Channel) -> None:
    code = answer.get("errcode")
    if code == 0:
        return
    if code in TOO_FAST:
        raise BusyError(tr("The robot {name} takes no more messages now ({code}).", name=channel.name, code=code),
                        way_out=tr("It is sent again by itself."))
    if code in REFUSED:
        raise ForbiddenError(
            tr("The robot {name} refuses the message ({code}).", name=channel.name, code=code),
            way_out=tr("Check its access token, its signing key, its keyword and its list of addresses."),
        )
    raise ProtocolError(tr("The robot {name} does not take the message ({code}).", name=channel.name,
                           code=code if isinstance(code, int) else "-"))


def apprise(channel: Channel, login: Login, letter: Letter) -> None:
    """What an Apprise service passes on to whatever is configured under its key."""
    kind = "success" if letter.about == "recovery" else _TYPES[letter.severity]
    body = _json({"title": letter.subject, "body": letter.text, "type": kind, "format": "text"})
    headers = {**JSON, **({"authorization": f"Bearer {login.reveal()}"} if login.secret is not None else {})}
    web.ask(channel, "POST", body, headers)


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
