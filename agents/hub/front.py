"""What every request passes on its way in and out: its id, its language, a place among those that are answered, and ETags.

ETag and If-None-Match (RFC 9110, 8.8.3 and 13.1.2): every JSON answer to a GET carries a strong tag of its content.
"""

import hashlib
import itertools
import os
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import unquote

import msgspec

from agents.hub.asking import Asked, asked
from agents.hub.failures import RETRY_AFTER
from agents.hub.queries import language
from agents.logs import request_id
from core import i18n
from core.errors import TooManyError
from core.failure import Failure
from core.i18n import tr

App = Callable[[Any, Any, Any], Awaitable[None]]
MAX_BUSY = 256
"""Requests that are answered at one time, streams not counted."""
MAX_BUSY_EACH, MAX_STREAMS_EACH = 64, 200
"""Of these, and of streams, for one caller."""
MAX_ID = 64
SLASH = "\udc2f"
"""Stands for a slash within one part of the address, as in the name of a prefix, until the route is found; no address can say it."""
_ID = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-")
STREAM = "/api/v1/stream"
_OURS, _count = os.urandom(4).hex(), itertools.count(1)
"""Our own ids: a beginning for each start of the hub, then a number."""


class Front:
    """`app` behind the front. Belongs to one event loop."""

    def __init__(self, app: App) -> None:
        self._app = app
        self.busy = self.refused = 0
        self._each: Counter[str] = Counter()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        wanted = {name: value for name, value in scope["headers"] if name in (b"x-request-id", b"accept-language", b"if-none-match")}
        number = _id(wanted.get(b"x-request-id", b""))
        request_id.set(number)
        asked.set(Asked(number))
        state = scope["state"]
        state["front"], state["request"] = self, number
        if b"%2f" in scope.get("raw_path", b"").lower():
            scope["path"] = "/".join(unquote(part).replace("/", SLASH) for part in scope["raw_path"].decode("latin-1").split("/"))
        with i18n.speaking(language(wanted.get(b"accept-language", b"").decode("latin-1"), _lang_parameter(scope["query_string"]))):
            tagged = _Tagged(send, number.encode(), wanted.get(b"if-none-match", b"") if scope["method"] == "GET" else None)
            await self._answer(scope, receive, tagged.send)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        endless = scope["path"] == STREAM
        if not endless and self.busy >= MAX_BUSY:
            self.refused += 1
            await _busy(send)
            return
        self.busy += not endless
        try:
            await self._app(scope, receive, send)
        finally:
            self.busy -= not endless
            if place := scope["state"].get("place"):
                self._each[place] -= 1
                if not self._each[place]:
                    del self._each[place]

    def take_place(self, scope: Any, who: str) -> None:
        """Counts this request for its caller until it is answered. Raises `TooManyError`."""
        endless = scope["path"] == STREAM
        place = f"{'stream' if endless else 'busy'}:{who}"
        if self._each[place] >= (MAX_STREAMS_EACH if endless else MAX_BUSY_EACH):
            self.refused += 1
            raise TooManyError(
                tr("You have too many requests or streams open at once."), way_out=tr("Wait for their answers, or close some."),
            )
        self._each[place] += 1
        scope["state"]["place"] = place


class _Tagged:
    """Adds the request's id, and to whole JSON answers a tag; an answer that the caller has already becomes 304."""

    __slots__ = ("_id", "_known", "_send", "_start")

    def __init__(self, send: Any, number: bytes, known: bytes | None) -> None:
        self._send, self._id, self._known = send, number, known
        self._start: Any = None

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", ()), (b"x-request-id", self._id)]
            if self._known is not None and message["status"] == 200 and _is_json(message["headers"]):
                self._start = message
                return
        elif self._start is not None:
            start, self._start = self._start, None
            if not message.get("more_body"):
                await self._tag(start, message)
                return
            await self._send(start)
        await self._send(message)

    async def _tag(self, start: Any, message: Any) -> None:
        headers = start["headers"]
        tag = next((value for name, value in headers if name == b"etag"), b"")
        if not tag:
            tag = etag(message.get("body", b""))
            headers.append((b"etag", tag))
        if not any(name == b"cache-control" for name, _ in headers):
            headers += ((b"cache-control", b"private, no-cache"), (b"vary", b"authorization, accept-language, x-yunwang-persona"))
        if self._known and matches(self._known, tag):
            kept = [(name, value) for name, value in headers if name not in (b"content-length", b"content-type")]
            await self._send({"type": "http.response.start", "status": 304, "headers": kept})
            await self._send({"type": "http.response.body", "body": b""})
            return
        await self._send(start)
        await self._send(message)


def etag(content: bytes) -> bytes:
    """A strong tag: the same content has the same tag, also after a restart."""
    return b'"%s"' % hashlib.blake2b(content, digest_size=12).hexdigest().encode()


def matches(known: bytes, tag: bytes) -> bool:
    """Whether a list of tags as If-None-Match and If-Match carry it names this one, or `*`."""
    return known.strip() == b"*" or tag in {one.strip().removeprefix(b"W/") for one in known.split(b",")}


def _is_json(headers: Any) -> bool:
    return any(name == b"content-type" and value.startswith(b"application/json") for name, value in headers)


def _id(given: bytes) -> str:
    """The caller's own id where it is a plain word, else a new one."""
    if given and len(given) <= MAX_ID and _ID.issuperset(given):
        return given.decode()
    return f"{_OURS}{next(_count):08x}"


def _lang_parameter(query: bytes) -> str:
    at = (b"&" + query).find(b"&lang=") if query else -1
    return query[at + 5 : at + 7].decode("latin-1") if at >= 0 else ""


async def _busy(send: Any) -> None:
    failure = Failure(code="busy", message=tr("The hub has more to do than it can."), way_out=tr("Try again in some seconds."))
    body = msgspec.json.encode({"error": failure})
    headers = [
        (b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), (b"retry-after", RETRY_AFTER[503].encode()),
    ]
    await send({"type": "http.response.start", "status": 503, "headers": headers})
    await send({"type": "http.response.body", "body": body})
