"""SMS through an HTTP gateway 短信网关: every carrier and reseller has fields of its own, so the fields are a template.

Options of the channel:

    method        post-json (unless named otherwise), post-form, get
    field.NAME    what the field NAME holds; {to} {text} {user} {secret} {time} {ms} {id} {digest} are filled in, once, as data
    header.NAME   the same for a header
    digest        what {digest} is the hexadecimal digest of: `md5:{user}{secret}{time}`, `sha256:...`, `hmac-sha256:...` (key: secret)
    success       text that the answer must hold, such as "code":"0"; without it the status decides
    encoding      utf-8 (unless named otherwise), gb18030
    most          characters of the text, 300 unless named otherwise
"""

import hashlib
import hmac
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from urllib.parse import urlencode

from core.errors import ProtocolError, SettingsError
from core.i18n import tr
from core.notices import Channel
from core.width import clean
from links.notify import web
from links.notify.letter import Letter, Login

FIELD, HEADER = "field.", "header."
METHODS = ("post-json", "post-form", "get")
ENCODINGS = ("utf-8", "gb18030")
MOST = 300
_PLACE = re.compile(r"\{(to|text|user|secret|time|ms|id|digest)\}")
_DIGESTS: dict[str, Callable[[bytes, bytes], str]] = {
    "md5": lambda _, text: hashlib.md5(text, usedforsecurity=False).hexdigest(),
    "sha256": lambda _, text: hashlib.sha256(text).hexdigest(),
    "hmac-sha256": lambda key, text: hmac.new(key, text, hashlib.sha256).hexdigest(),
}
BEIJING = timezone(timedelta(hours=8))


def check(channel: Channel) -> None:
    """Raises `SettingsError` for options that no gateway can be asked with."""
    method, encoding = channel.options.get("method", METHODS[0]), channel.options.get("encoding", ENCODINGS[0])
    digest = channel.options.get("digest", "")
    if method not in METHODS:
        raise SettingsError(tr("{value} is no method.", value=clean(method, 40)), way_out=" ".join(METHODS))
    if encoding not in ENCODINGS:
        raise SettingsError(tr("{value} is no encoding.", value=clean(encoding, 40)), way_out=" ".join(ENCODINGS))
    if digest and digest.partition(":")[0] not in _DIGESTS:
        raise SettingsError(tr("{value} is no digest.", value=clean(digest, 40)), way_out=" ".join(_DIGESTS))
    templates = [value for name, value in channel.options.items() if name.startswith(FIELD)]
    if not any("{text}" in one for one in templates) or not any("{to}" in one for one in templates):
        raise SettingsError(
            tr("The gateway's fields name no recipient or no text."),
            way_out=tr("For example --option field.mobile={to} --option field.content={text}"),
        )


def send(channel: Channel, login: Login, letter: Letter) -> None:
    """One SMS."""
    check(channel)
    if not re.fullmatch(r"\+?[0-9]{5,20}", letter.to):
        raise SettingsError(tr("{text} is no telephone number.", text=clean(letter.to, 40)))
    encoding = channel.options.get("encoding", ENCODINGS[0])
    values = _values(channel, login, letter, encoding)
    fields = {name.removeprefix(FIELD): filled(one, values) for name, one in channel.options.items() if name.startswith(FIELD)}
    headers = {name.removeprefix(HEADER): filled(one, values) for name, one in channel.options.items() if name.startswith(HEADER)}
    answer = _asked(channel, fields, {name: clean(value, 2000) for name, value in headers.items()}, encoding)
    success = channel.options.get("success", "")
    if success and success.encode(encoding, "replace") not in answer.body:
        raise ProtocolError(
            tr("The gateway {name} did not say that it takes the message.", name=channel.name),
            way_out=tr("Look at its account: balance, signature, template; or correct the option success."),
        )


def _asked(channel: Channel, fields: Mapping[str, str], headers: Mapping[str, str], encoding: str) -> web.Answer:
    method = channel.options.get("method", METHODS[0])
    if method == "post-json":
        body = json.dumps(fields, ensure_ascii=False).encode(encoding, "replace")
        return web.ask(channel, "POST", body, {"content-type": f"application/json; charset={encoding}", **headers})
    form = urlencode(fields, encoding=encoding, errors="replace")
    if method == "post-form":
        kind = f"application/x-www-form-urlencoded; charset={encoding}"
        return web.ask(channel, "POST", form.encode(), {"content-type": kind, **headers})
    return web.ask(channel, "GET", headers=headers, query=form)


def _values(channel: Channel, login: Login, letter: Letter, encoding: str) -> dict[str, str]:
    at = datetime.fromtimestamp(letter.at_ms / 1000, UTC).astimezone(BEIJING)
    most = int(channel.options["most"]) if channel.options.get("most", "").isdigit() else MOST
    text = " ".join(f"{letter.subject} {letter.text}".split())
    values = {
        "to": letter.to, "text": clean(text, most), "user": login.username, "secret": login.reveal(), "time": f"{at:%Y%m%d%H%M%S}",
        "ms": str(letter.at_ms), "id": letter.id, "digest": "",
    }
    kind, _, template = channel.options.get("digest", "").partition(":")
    if kind:
        values["digest"] = _DIGESTS[kind](values["secret"].encode(), filled(template, values).encode(encoding, "replace"))
    return values


def filled(template: str, values: Mapping[str, str]) -> str:
    """Each place once: what is filled in is not looked at again."""
    return _PLACE.sub(lambda place: values[place[1]], template)
