"""Whole answers that are kept until the next change: encoded once for all who ask the same and see the same."""

from collections.abc import Hashable
from typing import Any, TypeVar, cast

import msgspec
from litestar import Response

from agents.hub.front import etag

T = TypeVar("T")
MOST = 512
MOST_BYTES = 16 * 1024 * 1024

_encode = msgspec.json.Encoder().encode


class Answers:
    """Of questions about something that has a version. Belongs to one event loop."""

    def __init__(self) -> None:
        self._version = -1
        self._known: dict[Hashable, tuple[bytes, str]] = {}
        self._bytes = 0

    def known(self, question: Hashable, version: int) -> Response[Any] | None:
        """The answer as JSON with its tag, when it was given for this version. `question` holds all that it depends on besides."""
        if self._version != version or len(self._known) >= MOST or self._bytes > MOST_BYTES:
            self._known.clear()
            self._version, self._bytes = version, 0
        found = self._known.get(question)
        return None if found is None else _response(*found)

    def keep(self, question: Hashable, version: int, answer: T) -> Response[T]:
        """The same for the first who asks. What was made while the version changed is not kept."""
        body = _encode(answer)
        tag = etag(body).decode()
        if version == self._version:
            self._known[question] = body, tag
            self._bytes += len(body)
        return cast("Response[T]", _response(body, tag))


def _response(body: bytes, tag: str) -> Response[Any]:
    return Response[Any](body, media_type="application/json", headers={"etag": tag})
