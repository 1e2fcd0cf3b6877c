"""The journal: history of the records and chain of the audit, in one.

Each row's digest is the SHA-256 of its canonical JSON (sorted keys, no spaces, UTF-8) without the digest itself; it contains the
digest of the row before it, so an edited, removed or reordered row breaks the chain at that place. Rows cut off at the very end
show only against a digest that was kept elsewhere.
"""

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from core.i18n import tr
from core.nouns import Noun
from core.ports import JournalRow
from stores.records.columns import encode

ROOT = "0" * 64
"""What the first row has in place of a previous digest."""

FIELDS = tuple(f.name for f in msgspec.structs.fields(JournalRow))
INSERT = f"INSERT INTO journal ({', '.join(FIELDS)}) VALUES ({', '.join('?' * len(FIELDS))})"
SELECT = f"SELECT {', '.join(FIELDS)} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"


class Verdict(Noun, frozen=True, kw_only=True):
    """What a walk along the chain found. `bad_seq` 0: every row holds."""

    rows: int
    bad_seq: int = 0
    reason: str = ""
    tip: str = ROOT
    """Digest of the last good row: keep it elsewhere to prove that nothing was cut off."""


def digest(row: dict[str, Any]) -> str:
    """SHA-256 of a row given as all its fields; a field `digest` is left out."""
    body = {name: value for name, value in row.items() if name != "digest"}
    return hashlib.sha256(encode(body).encode()).hexdigest()


def zone_s(now_ms: int) -> int:
    """How far the local clock is ahead of UTC at this moment."""
    return time.localtime(now_ms / 1000).tm_gmtoff


def read_row(values: Sequence[Any]) -> JournalRow:
    fields = dict(zip(FIELDS, values, strict=True))
    fields["before"] = msgspec.json.decode(fields["before"], type=dict[str, Any])
    fields["after"] = msgspec.json.decode(fields["after"], type=dict[str, Any])
    return JournalRow(**fields)


def chain(rows: Iterable[dict[str, Any]], seq: int, previous: str) -> Iterator[tuple[Any, ...]]:
    """Rows ready to insert: numbered from seq + 1 and linked to `previous`."""
    for row in rows:
        seq += 1
        full = {**row, "seq": seq, "previous": previous}
        previous = digest(full)
        stored = {**full, "before": encode(full["before"]), "after": encode(full["after"]), "digest": previous}
        yield tuple(stored[name] for name in FIELDS)


def verify(rows: Iterable[Sequence[Any]]) -> Verdict:
    """Walks the whole chain, given as rows of `FIELDS` in order of seq."""
    previous, seq, good = ROOT, 0, 0
    for values in rows:
        number = values[0]
        if number != seq + 1:
            return Verdict(rows=good, bad_seq=seq + 1, reason=tr("row {seq} is missing", seq=seq + 1), tip=previous)
        try:
            row = msgspec.structs.asdict(read_row(values))
            expected = digest(row)
        except (msgspec.MsgspecError, TypeError, ValueError):
            return Verdict(rows=good, bad_seq=number, reason=tr("row {seq} is not readable", seq=number), tip=previous)
        if row["previous"] != previous:
            return Verdict(rows=good, bad_seq=number, reason=tr("row {seq} does not continue the row before it", seq=number), tip=previous)
        if row["digest"] != expected:
            return Verdict(rows=good, bad_seq=number, reason=tr("row {seq} was changed", seq=number), tip=previous)
        previous, seq, good = expected, number, good + 1
    return Verdict(rows=good, tip=previous)
