"""Following the live stream: server-sent events (WHATWG HTML 9.2), with reconnection and resume."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping

import msgspec

from client.lean import httpx
from client.transport import Transport, failure
from core.errors import ForbiddenError, InvalidInputError, NotFoundError, YunwangError
from core.views import ViewDelta

FINAL = (ForbiddenError, InvalidInputError, NotFoundError)
MAX_EVENT = 16 * 1024 * 1024
FIRST_PAUSE_S, LAST_PAUSE_S = 0.25, 5.0

_delta = msgspec.json.Decoder(ViewDelta)


class _LostError(Exception):
    """The stream ended, whatever the reason."""


async def follow(wire: Transport, params: Mapping[str, str | int], on_state: Callable[[bool], None] | None) -> AsyncIterator[ViewDelta]:
    """Events of one window across reconnections."""
    place = Place()
    pause = FIRST_PAUSE_S
    state = [False]

    def tell(connected: bool) -> None:
        if connected != state[0] and on_state is not None:
            on_state(connected)
        state[0] = connected

    while True:
        try:
            async for event in _events(wire, params, place, tell):
                pause = FIRST_PAUSE_S
                yield event
        except (_LostError, httpx.TransportError):
            tell(False)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LAST_PAUSE_S)


class Place:
    """Where in the stream the client is: the id of the last event it was given."""

    def __init__(self) -> None:
        self.last = ""


async def _events(
    wire: Transport, params: Mapping[str, str | int], place: Place, tell: Callable[[bool], None],
) -> AsyncIterator[ViewDelta]:
    headers = {"last-event-id": place.last} if place.last else {}
    async with wire.stream("/api/v1/stream", params, headers) as answer:
        if answer.is_error:
            raise _final(failure(answer.status_code, await answer.aread()))
        tell(True)
        async for number, data in parse(answer.aiter_bytes()):
            delta = _decoded(data)
            if delta.error is not None:
                raise _final(delta.error.error())
            place.last = number or place.last
            yield delta
    raise _LostError


def _final(error: YunwangError) -> Exception:
    """What is raised to the caller, or else: try again."""
    return error if isinstance(error, FINAL) else _LostError()


def _decoded(data: bytes) -> ViewDelta:
    try:
        return _delta.decode(data)
    except msgspec.DecodeError:
        raise _LostError from None


async def parse(chunks: AsyncIterator[bytes]) -> AsyncIterator[tuple[str, bytes]]:
    """Pairs (id, data) out of a byte stream; comments (heartbeats) are skipped, an event without end is refused."""
    rest = b""
    async for chunk in chunks:
        rest += chunk
        *whole, rest = rest.split(b"\n\n")
        if len(rest) > MAX_EVENT:
            raise _LostError
        for block in whole:
            number, data = "", b""
            for line in block.split(b"\n"):
                if line.startswith(b"id:"):
                    number = line[3:].strip().decode("ascii", "replace")
                elif line.startswith(b"data:"):
                    data += line[5:].lstrip(b" ")
            if data:
                yield number, data
