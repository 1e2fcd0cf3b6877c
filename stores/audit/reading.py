"""Rows that lie in archives, as a search finds them."""

from collections.abc import Iterator
from pathlib import Path

from core.audit import AuditQuery
from core.ports import JournalRow
from stores.audit import segment as segments
from stores.records import journal, searching

PAGE = 1000


def archived_rows(folder: Path, query: AuditQuery) -> Iterator[list[JournalRow]]:
    """Matching rows of all archives in order of seq, some at a time; an empty list now and then, while nothing is found.

    Archives outside the time that is asked for are not read. Raises `StorageError` for one that cannot be trusted.
    """
    for name in segments.names(folder):
        segment = segments.statement(folder, name)
        if segment.newest_at < query.start_ms or (query.end_ms and segment.oldest_at >= query.end_ms):
            continue
        rows: list[JournalRow] = []
        for looked, values in enumerate(segments.read(folder, segment), 1):
            row = journal.read_row(values)
            if searching.matches(query, row):
                rows.append(row)
            if len(rows) >= PAGE or looked % searching.STEP == 0:
                yield rows
                rows = []
        yield rows
