"""Whole answers that are kept until the next change: encoded once for all who ask the same and see the same."""

from collections.abc import Callable, Hashable
from typing import Any, TypeVar, cast

import msgspec
from litestar import Response

from agents.hub.front import etag
from agents.hub.table import LiveTable

T = TypeVar("T")
MOST = 512
MOST_BYTES = 16 * 1024 * 1024

_encode = msgspec.json.Encoder().encode


class Answers:
    """Of questions about the living picture. Belongs to one event loop."""

    def __init__(self, table: LiveTable) -> None:
        self._table = table
        self._version = -1
        self._known: dict[Hashable, tuple[bytes, str]] = {}
        self._bytes = 0

    def of(self, question: Hashable, make: Callable[[], T]) -> Response[T]:
        """The answer as JSON with its tag. `question` holds all that the answer depends on, besides the table."""
        if self._version != self._table.version or len(self._known) >= MOST or self._bytes > MOST_BYTES:
            self._known.clear()
            self._version, self._bytes = self._table.version, 0
        if question not in self._known:
            body = _encode(make())
            self._known[question] = body, etag(body).decode()
            self._bytes += len(body)
        body, tag = self._known[question]
        return cast("Response[T]", Response[Any](body, media_type="application/json", headers={"etag": tag}))
