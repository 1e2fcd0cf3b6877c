"""The journal: history of the records and chain of the audit, in one.

Each row's digest is the hash of its canonical JSON (sorted keys, no spaces, UTF-8) without the digest itself; it contains the digest
of the row before it, so an edited, removed, inserted or reordered row breaks the chain at that place. Rows cut off at the very end show
only against a digest that was kept elsewhere. The hash is SHA-256 (64 hexadecimal digits) or SM3 (GB/T 32905-2016; `sm3:` and 64
digits) and may change from one row to the next.
"""

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import msgspec

from core.audit import ROOT, Verdict
from core.errors import SettingsError
from core.i18n import tr
from core.ports import JournalRow
from stores.records.columns import encode, quoted

FIELDS = tuple(f.name for f in msgspec.structs.fields(JournalRow))
COLUMNS = ", ".join(map(quoted, FIELDS))
INSERT = f"INSERT INTO journal ({COLUMNS}) VALUES ({', '.join('?' * len(FIELDS))})"
SELECT = f"SELECT {COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"
SM3 = "sm3:"
_SEQ, _BEFORE, _AFTER, _PREVIOUS, _DIGEST = map(FIELDS.index, ("seq", "before", "after", "previous", "digest"))
_ACTION = FIELDS.index("action")
_JSON = (_BEFORE, _AFTER)
_OBJECT = msgspec.json.Decoder(dict[str, Any])
SEAL = "audit.seal"


def check_hash(name: str) -> None:
    """Raises `SettingsError` where this hash cannot be computed here."""
    try:
        hashlib.new(name)
    except ValueError:
        raise SettingsError(
            tr("The OpenSSL of this machine has no {name}.", name=name),
            way_out=tr("Set audit.hash to sha256, or install an OpenSSL with SM3."),
        ) from None


def digest_of(values: Sequence[Any], name: str) -> str:
    """Digest of a row given as values of `FIELDS`, before and after as the text they are stored as. name: `sha256` or `sm3`."""
    body: dict[str, Any] = dict(zip(FIELDS, values, strict=False))
    del body["digest"]
    body["before"], body["after"] = msgspec.Raw(body["before"].encode()), msgspec.Raw(body["after"].encode())
    found = hashlib.new(name, encode(body).encode()).hexdigest()
    return SM3 + found if name == "sm3" else found


def zone_s(now_ms: int) -> int:
    """How far the local clock is ahead of UTC at this moment."""
    return time.localtime(now_ms / 1000).tm_gmtoff


def read_row(values: Sequence[Any]) -> JournalRow:
    fields = dict(zip(FIELDS, values, strict=True))
    fields["before"] = msgspec.json.decode(fields["before"], type=dict[str, Any])
    fields["after"] = msgspec.json.decode(fields["after"], type=dict[str, Any])
    return JournalRow(**fields)


def chain(rows: Iterable[dict[str, Any]], seq: int, previous: str, hash_name: str = "sha256") -> Iterator[tuple[Any, ...]]:
    """Rows ready to insert: numbered from seq + 1 and linked to `previous`."""
    for row in rows:
        seq += 1
        stored = {
            **row, "seq": seq, "before": encode(row["before"]), "after": encode(row["after"]), "previous": previous, "digest": "",
        }
        values = tuple(stored[name] for name in FIELDS)
        previous = digest_of(values, hash_name)
        yield (*values[:-1], previous)


class Walk:
    """Walks a chain row by row, given as values of `FIELDS`, and stops at the first that does not hold."""

    def __init__(self, seq: int = 0, previous: str = ROOT) -> None:
        self.seq, self.previous = seq, previous
        self.rows = self.seals = 0
        self.bad_seq, self.reason = 0, ""

    def take(self, values: Sequence[Any]) -> bool:
        """Whether this row holds."""
        number = values[_SEQ]
        if number != self.seq + 1:
            return self._bad(self.seq + 1, tr("row {seq} is missing", seq=self.seq + 1))
        try:
            fault = self._fault(values, number)
        except (msgspec.MsgspecError, TypeError, ValueError, AttributeError):
            fault = tr("row {seq} is not readable", seq=number)
        if fault:
            return self._bad(number, fault)
        self.seq, self.previous, self.rows = number, values[_DIGEST], self.rows + 1
        self.seals += values[_ACTION] == SEAL
        return True

    def _fault(self, values: Sequence[Any], number: int) -> str:
        for place in _JSON:
            _OBJECT.decode(values[place])
        if values[_PREVIOUS] != self.previous:
            return tr("row {seq} does not continue the row before it", seq=number)
        if values[_DIGEST] != digest_of(values, "sm3" if values[_DIGEST].startswith(SM3) else "sha256"):
            return tr("row {seq} was changed", seq=number)
        return ""

    def _bad(self, seq: int, reason: str) -> bool:
        self.bad_seq, self.reason = seq, reason
        return False

    def verdict(self, **more: Any) -> Verdict:
        return Verdict(
            rows=self.rows, bad_seq=self.bad_seq, reason=self.reason, tip=self.previous, last_seq=self.seq, seals=self.seals, **more,
        )


def verify(rows: Iterable[Sequence[Any]]) -> Verdict:
    """Walks a whole chain, given as rows of `FIELDS` in order of seq."""
    walk = Walk()
    for values in rows:
        if not walk.take(values):
            break
    return walk.verdict()
