"""Idempotency keys: a write that is sent again with its key is told what the first one was told, and does nothing.

The key belongs to the account that uses it and to one request: method, address, query and body. `Hub.write` stores it with the result in
the transaction of the write, so it holds over a crash; the rest of the answers of successful writes is remembered without content, because
it may hold a secret that was to be shown once.
"""

import asyncio
import hashlib
import hmac
from typing import Any

import msgspec
from litestar import Request, Response
from litestar.exceptions import HTTPException

from agents.hub.asking import asked
from agents.hub.commits import Key
from agents.hub.records import in_thread
from core.errors import ConflictError, InvalidInputError
from core.i18n import tr
from core.identity import Caller
from core.ports import RecordStore

READING = frozenset({"GET", "HEAD", "OPTIONS"})
MAX_KEY = 128
LARGE = 256 * 1024
AnyRequest = Request[Any, Any, Any]
_encode = msgspec.json.Encoder().encode


class Keys:
    """Those of requests that are being answered, and the way to those of before."""

    def __init__(self, store: RecordStore) -> None:
        self._store = store
        self._busy: set[str] = set()

    async def repeated(self, request: AnyRequest, caller: Caller) -> Response[bytes] | None:
        """The first answer, when this request is a repetition; None when it is to be carried out."""
        given = request.headers.get("idempotency-key", "")
        current = asked.get()
        if request.method in READING or not given or current is None:
            return None
        if len(given) > MAX_KEY or not given.isprintable():
            raise InvalidInputError(tr("An idempotency key has 1 to {most} printable characters.", most=MAX_KEY))
        key = Key(_name(caller, given), await _digest(request, given))
        if key.text in self._busy:
            raise ConflictError(tr("The first request with this key is still being carried out."), way_out=tr("Ask again in a moment."))
        before = await in_thread(self._store.answered, key.text)
        if before is not None:
            return _again(request, key, before)
        self._busy.add(key.text)
        request.scope["state"]["key"] = key.text
        current.key = key
        return None

    def done(self, scope: Any) -> None:
        """The request with this key was answered, whatever the answer was."""
        self._busy.discard(scope["state"].get("key", ""))


def _name(caller: Caller, given: str) -> str:
    """The key itself is not kept: with it, and only with it, the digest could be tried against guesses of a secret in the body."""
    return "api:" + hashlib.sha256(_encode([caller.account or caller.actor.name, given])).hexdigest()


async def _digest(request: AnyRequest, given: str) -> str:
    body = await request.body()
    head = _encode([request.method, request.url.path, request.url.query])
    if len(body) < LARGE:
        return _hash(head, body, given)
    return await asyncio.to_thread(_hash, head, body, given)


def _hash(head: bytes, body: bytes, given: str) -> str:
    return hmac.new(given.encode(), head + b"\0" + body, "sha256").hexdigest()


def _again(request: AnyRequest, key: Key, before: dict[str, Any]) -> Response[bytes]:
    if before.get("digest") != key.digest:
        raise ConflictError(tr("This idempotency key was used for another request."), way_out=tr("Use a new key for each request."))
    status: int = getattr(request.scope["route_handler"], "status_code", 200)
    result = before.get("result")
    if result is None and status != 204:
        raise ConflictError(
            tr("This was carried out already, and its answer is not kept."), way_out=tr("Look at what there is now before you ask anew."),
        )
    headers = {"idempotency-replayed": "true"}
    return Response(b"" if result is None else _encode(result), status_code=status, media_type="application/json", headers=headers)


def must_be_json(request: AnyRequest) -> None:
    """Raises status 415 when a route that reads a JSON body is given something else."""
    if request.scope["route_handler"].parsed_data_field is not None:
        kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in ("", "application/json"):
            raise HTTPException(status_code=415)
