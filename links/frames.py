"""Frames of the embedded bus: a 4-byte big-endian length, then one MessagePack array `[kind, id, subject, body]`."""

import enum
from collections.abc import Iterator

import msgspec

from core.errors import ProtocolError

MAX_BODY = 64 * 1024 * 1024
MAX_FRAME = MAX_BODY + 4096
"""A body and its header; a longer frame closes the connection."""
MAX_SUBJECT = 256


class Kind(enum.IntEnum):
    """What a frame is. HELLO names the connection; SUBSCRIBE asks for a subject."""

    HELLO = 1
    SUBSCRIBE = 2
    PUBLISH = 3
    REQUEST = 4
    REPLY = 5
    FAILURE = 6
    """Instead of a reply; the body is a `core.failure.Failure`."""


class Frame(msgspec.Struct, array_like=True, frozen=True, forbid_unknown_fields=True):
    """One message between a process and the broker. `id` ties a reply to its request, each direction of its own."""

    kind: Kind
    id: int = 0
    subject: str = ""
    body: bytes = b""


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Frame)


def encode(frame: Frame) -> bytes:
    """The frame with its length before it. Raises `ProtocolError` above the bounds."""
    if len(frame.body) > MAX_BODY or len(frame.subject) > MAX_SUBJECT:
        raise ProtocolError(f"A message of {len(frame.body)} bytes does not fit the bus.", way_out="Send at most 64 MiB at once.")
    payload = _encoder.encode(frame)
    return len(payload).to_bytes(4, "big") + payload


class Splitter:
    """Bytes in any portions to frames. Holds at most one frame and one portion."""

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, data: bytes) -> Iterator[Frame]:
        """The frames that are complete now. Raises `ProtocolError` for what no process of ours would send."""
        self._rest += data
        at = 0
        try:
            while len(self._rest) - at >= 4:
                size = int.from_bytes(self._rest[at : at + 4], "big")
                if size > MAX_FRAME:
                    raise ProtocolError(f"A frame of {size} bytes was announced.")
                if len(self._rest) - at - 4 < size:
                    break
                with memoryview(self._rest) as view, view[at + 4 : at + 4 + size] as payload:
                    frame = _decode(payload)
                at += 4 + size
                yield frame
        finally:
            del self._rest[:at]


def _decode(payload: memoryview) -> Frame:
    try:
        frame = _decoder.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ProtocolError(f"A frame was not understood: {error}.") from None
    if len(frame.subject) > MAX_SUBJECT:
        raise ProtocolError("A frame has a subject that is too long.")
    return frame
