"""Rows of the trail as files: csv for people and their spreadsheets, JSON lines as they were hashed for whoever proves them."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import msgspec

from core.audit import AuditQuery
from core.ports import JournalRow, RecordStore
from links.sheets.text import protect
from stores.audit import archived_rows

PAGE = 1000
MEDIA = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
HEADINGS = (
    "seq", "time_local", "time_utc", "actor", "origin", "request", "action", "kind", "object_id", "before", "after", "previous", "digest",
)


def pieces(store: RecordStore, folder: Path, query: AuditQuery, format_: str) -> Iterator[bytes]:
    """The file, a piece for each page; an empty piece now and then, while nothing is found. Rows come oldest first.

    folder: of the archives, which are read where the query asks for them. Raises `StorageError` for one that cannot be trusted.
    """
    written = _csv_rows if format_ == "csv" else _lines
    if format_ == "csv":
        yield "\ufeff".encode() + _csv([HEADINGS])
    last = 0
    if query.archives:
        for rows in archived_rows(folder, query):
            yield written(rows)
            last = rows[-1].seq if rows else last
    query = query.replace(oldest_first=True, limit=PAGE, cursor="")
    while True:
        page = store.search(query)
        yield written([row for row in page.items if row.seq > last])
        if not page.cursor:
            return
        query = query.replace(cursor=page.cursor)


def _csv_rows(rows: Sequence[JournalRow]) -> bytes:
    return _csv(map(cells, rows))


def _lines(rows: Sequence[JournalRow]) -> bytes:
    return b"".join(map(_line, rows))


def cells(row: JournalRow) -> tuple[str, ...]:
    """A row as text that no spreadsheet program takes for a formula."""
    plain = (row.actor, row.origin, row.request, row.action, row.kind, row.object_id, _json(row.before), _json(row.after))
    return (str(row.seq), moment(row.at_ms, row.zone_s), moment(row.at_ms, 0), *map(protect, plain), row.previous, row.digest)


def moment(at_ms: int, zone_s: int) -> str:
    """ISO 8601 with its offset; the number itself where no calendar has it."""
    try:
        zone = timezone(timedelta(seconds=zone_s)) if zone_s else UTC
        return datetime.fromtimestamp(at_ms / 1000, zone).isoformat(timespec="milliseconds")
    except (OverflowError, ValueError, OSError):
        return str(at_ms)


def _json(value: dict[str, object]) -> str:
    return msgspec.json.encode(value, order="sorted").decode() if value else ""


def _csv(rows: object) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows(rows)  # type: ignore[arg-type]
    return out.getvalue().encode()


def _line(row: JournalRow) -> bytes:
    return msgspec.json.encode({name: getattr(row, name) for name in row.__struct_fields__}, order="sorted") + b"\n"
