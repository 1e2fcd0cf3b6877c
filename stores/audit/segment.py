"""One archive: `NAME.jsonl.zst` (a row each line), `NAME.json` (the signed statement), `NAME.sig` (64 bytes, Ed25519).

Names carry the first and the last seq. To check one without Yunwang: sha256sum of the first file against the statement;
`openssl pkeyutl -verify -rawin -pubin -inkey public-*.pub -in NAME.json -sigfile NAME.sig`.
"""

import contextlib
import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import msgspec

from core.audit import Segment
from core.errors import StorageError
from core.i18n import tr
from stores.audit import signing
from stores.files import publish, storage_errors, sync_folder
from stores.records import journal

LEVEL = 9
MAX_LINE = 64 << 20
NAME = re.compile(r"audit-(\d{12})-(\d{12})\.json")
_Line = tuple[Any, ...]


def name_of(first: int, last: int) -> str:
    return f"audit-{first:012d}-{last:012d}"


def names(folder: Path) -> list[str]:
    """The archives of a folder that were finished, in order of their rows."""
    return sorted(file.stem for file in folder.glob("audit-*.json") if NAME.fullmatch(file.name))


def archives(folder: Path) -> tuple[Segment, ...]:
    """The statements of all archives whose signature holds, oldest rows first; the files themselves are not read."""
    found = []
    for name in names(folder):
        with contextlib.suppress(StorageError):
            found.append(statement(folder, name))
    return tuple(found)


def bounds(name: str) -> tuple[int, int]:
    """First and last seq, by the name alone."""
    _, first, last = name.split("-")
    return int(first), int(last)


def write(folder: Path, rows: Iterable[_Line], signer: signing.Signer) -> Segment:
    """Writes one archive of rows given as values of `journal.FIELDS`; it is on disk, whole and checked when this returns."""
    temporary = folder / "audit.new"
    with storage_errors(folder):
        first, last, times = _write_rows(temporary, rows)
        stem = name_of(first[_SEQ], last[_SEQ])
        segment = Segment(
            first_seq=first[_SEQ], last_seq=last[_SEQ], oldest_at=times[0], newest_at=times[1],
            previous=first[_PREVIOUS], tip=last[_DIGEST],
            file=f"{stem}.jsonl.zst", size=temporary.stat().st_size, sha256=_sha256(temporary), signer=signer.public,
        )
        publish(temporary, folder / segment.file)
        statement = msgspec.json.encode(segment, order="sorted")
        _publish(folder / f"{stem}.sig", signer.sign(statement))
        _publish(folder / f"{stem}.json", statement)
    check(folder, stem)
    return segment


def _write_rows(temporary: Path, rows: Iterable[_Line]) -> tuple[_Line, _Line, tuple[int, int]]:
    """The first and the last row, and the least and the greatest time."""
    import zstandard

    first: _Line = ()
    last: _Line = ()
    oldest, newest = 2**63, -(2**63)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
        with zstandard.ZstdCompressor(level=LEVEL, write_checksum=True).stream_writer(out, closefd=False) as packed:
            for row in rows:
                first, last = first or row, row
                oldest, newest = min(oldest, row[_AT]), max(newest, row[_AT])
                packed.write(line(row))
        out.flush()
        os.fsync(out.fileno())
    return first, last, (oldest, newest)


def line(row: _Line) -> bytes:
    """A row as JSON: what is hashed, and its digest. before and after stand in it as they were hashed."""
    fields = dict(zip(journal.FIELDS, row, strict=True))
    fields["before"], fields["after"] = msgspec.Raw(fields["before"].encode()), msgspec.Raw(fields["after"].encode())
    return msgspec.json.encode(fields, order="sorted") + b"\n"


def statement(folder: Path, name: str) -> Segment:
    """What is stated about an archive, its signature checked. Raises `StorageError`."""
    path = folder / f"{name}.json"
    try:
        with storage_errors(path):
            content, signature = path.read_bytes(), (folder / f"{name}.sig").read_bytes()
        segment = msgspec.json.decode(content, type=Segment)
    except msgspec.MsgspecError as error:
        raise bad(path, str(error)) from None
    if not signing.holds(segment.signer, signature, content):
        raise bad(path, tr("its signature does not hold"))
    if name != name_of(segment.first_seq, segment.last_seq) or segment.file != f"{name}.jsonl.zst":
        raise bad(path, tr("it is about another archive"))
    return segment


def read(folder: Path, segment: Segment) -> Iterator[_Line]:
    """The rows of an archive as values of `journal.FIELDS`. Raises `StorageError` for a file that is not the one that was signed."""
    import zstandard

    path = folder / segment.file
    with storage_errors(path):
        if path.stat().st_size != segment.size or _sha256(path) != segment.sha256:
            raise bad(path, tr("it is not the file that was signed"))
        try:
            with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as packed:
                for text in _lines(packed, path):
                    yield _row(text)
        except (zstandard.ZstdError, msgspec.MsgspecError, KeyError, UnicodeDecodeError) as error:
            raise bad(path, str(error)) from None


def check(folder: Path, name: str) -> Segment:
    """Reads an archive back and walks its chain. Raises `StorageError`."""
    segment = statement(folder, name)
    walk = journal.Walk(segment.first_seq - 1, segment.previous)
    if not all(walk.take(row) for row in read(folder, segment)) or (walk.seq, walk.previous) != (segment.last_seq, segment.tip):
        raise bad(folder / segment.file, walk.reason or tr("it does not hold the rows that were signed"))
    return segment


def bad(path: Path, reason: str) -> StorageError:
    return StorageError(
        tr("The archive {path} cannot be trusted: {reason}.", path=path, reason=reason),
        way_out=tr("Keep it as it is and take the same archive from a backup."),
    )


def _lines(packed: Any, path: Path) -> Iterator[bytes]:
    left = b""
    while block := packed.read(1 << 20):
        *whole, left = (left + block).split(b"\n")
        yield from whole
        if len(left) > MAX_LINE:
            raise bad(path, tr("a line is too long"))
    if left:
        yield left


class _Stored(msgspec.Struct, forbid_unknown_fields=True):
    """A line: before and after stay the text that was hashed."""

    seq: int
    at_ms: int
    zone_s: int
    request: str
    actor: str
    origin: str
    action: str
    kind: str
    object_id: str
    before: msgspec.Raw
    after: msgspec.Raw
    previous: str
    digest: str


_DECODE = msgspec.json.Decoder(_Stored)
_SEQ, _AT, _PREVIOUS, _DIGEST = map(journal.FIELDS.index, ("seq", "at_ms", "previous", "digest"))


def _row(text: bytes) -> _Line:
    found = msgspec.structs.asdict(_DECODE.decode(text))
    found["before"], found["after"] = bytes(found["before"]).decode(), bytes(found["after"]).decode()
    return tuple(found[name] for name in journal.FIELDS)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _publish(path: Path, content: bytes) -> None:
    temporary = path.with_name(f"{path.name}.new")
    with temporary.open("wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())
    publish(temporary, path)
    sync_folder(path.parent)
