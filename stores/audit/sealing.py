"""Seals: rows of the chain that say how many rows there are and with which digest they end."""

import msgspec

from core.audit import ROOT, Tip
from core.identity import Actor
from stores.audit.archive import WITNESS
from stores.records.journal import SEAL
from stores.records.store import Records


def seal(store: Records, actor: Actor, now_ms: int, witnessed_s: float) -> Tip:
    """Adds one, and tells its own digest: what is kept elsewhere. witnessed_s: since the seal before it, by the steady clock."""
    with store.maintenance() as db:
        seq, digest = db.row("SELECT seq, digest FROM journal ORDER BY seq DESC LIMIT 1") or (0, ROOT)
        with store.write(actor, now_ms) as write:
            write.note(SEAL, {"rows": seq, "tip": digest, WITNESS: round(witnessed_s, 3)})
        return Tip(seq=seq + 1, digest=db.rows("SELECT digest FROM journal WHERE seq = ?", (seq + 1,))[0][0])


class LastSeal(msgspec.Struct, frozen=True):
    """The newest seal and when it was made, milliseconds since 1970."""

    tip: Tip
    at_ms: int


def last_seal(store: Records) -> LastSeal | None:
    with store.snapshot() as db:
        row = db.row("SELECT seq, digest, at_ms FROM journal WHERE action = ? ORDER BY seq DESC LIMIT 1", (SEAL,))
    return LastSeal(Tip(seq=row[0], digest=row[1]), row[2]) if row else None
