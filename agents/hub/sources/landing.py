"""What the workers read of a source arrives here in pieces, and goes into the inventory when all of it is there: all or nothing."""

import contextlib
from types import GenericAlias
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from core.errors import ConflictError, InvalidInputError, ProtocolError
from core.i18n import tr
from core.model import MODEL
from core.sources import Piece, Pieces, Told

if TYPE_CHECKING:
    from agents.hub.hub import Hub

MOST_BYTES = 512 * 1024 * 1024
"""Of all that arrives at one time: 60,000 machines with what belongs to them are about 90 MB."""


class _Pending(NamedTuple):
    """What one job has sent so far."""

    pieces: dict[str, list[bytes]]
    came: int = 0
    size: int = 0


class Landing:
    """Pieces by job. Who dies in between leaves nothing: the next attempt begins anew."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._pending: dict[str, _Pending] = {}

    def take(self, piece: Piece) -> None:
        """Piece after piece. One that came already is passed over, as its acknowledgement may have been lost."""
        self.forget_ended()
        known = self._pending.get(piece.job, _Pending({}))
        if piece.number == 1 and known.came:
            known = _Pending({})
        if piece.number <= known.came:
            return
        if piece.number != known.came + 1:
            raise ConflictError(tr("What was read of the source is not here any more."), way_out=tr("Run it again."))
        if piece.kind not in MODEL:
            raise ProtocolError(tr("There is no kind of record named {kind!r}.", kind=piece.kind[:64]))
        if sum(one.size for one in self._pending.values()) + len(piece.records) > MOST_BYTES:
            raise InvalidInputError(
                tr("The source has more than {limit} MiB to say.", limit=MOST_BYTES >> 20), way_out=tr("Ask it for a part: one region."),
            )
        known.pieces.setdefault(piece.kind, []).append(piece.records)
        self._pending[piece.job] = known._replace(came=known.came + 1, size=known.size + len(piece.records))

    def whole(self, end: Pieces) -> Told:
        """Everything that this job told. Decodes: call it in a thread."""
        known = self._pending.pop(end.job, _Pending({}))
        if known.came != end.count:
            raise ConflictError(tr("What was read of the source is not here any more."), way_out=tr("Run it again."))
        empty: dict[str, tuple[Any, ...]] = dict.fromkeys(end.told.whole, ())
        return end.told.replace(records=empty | {kind: records_of(kind, pieces) for kind, pieces in known.pieces.items()})

    def forget_ended(self) -> None:
        running = {job.id for job in self._hub.work.jobs.values() if job.state == "running"}
        for job_id in self._pending.keys() - running:
            with contextlib.suppress(KeyError):
                del self._pending[job_id]


def records_of(kind: str, pieces: list[bytes]) -> tuple[Any, ...]:
    """The nouns of pieces, which are freed one by one."""
    decoder = msgspec.msgpack.Decoder[list[Any]](GenericAlias(list, (MODEL[kind],)))
    records: list[Any] = []
    pieces.reverse()
    while pieces:
        records += decoder.decode(pieces.pop())
    return tuple(records)
