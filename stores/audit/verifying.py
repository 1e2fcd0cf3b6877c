"""Proves the whole trail: archives, the seam between them and the records, the records, and digests that were kept elsewhere."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import msgspec

from core.audit import Segment, Tip, Verdict
from core.errors import StorageError
from core.i18n import tr
from stores.audit import segment as segments
from stores.audit.archive import ARCHIVE
from stores.records import journal
from stores.records.store import Records

Progress = Callable[[int, int], None]
EVERY = 1000
_ACTION, _AFTER = journal.FIELDS.index("action"), journal.FIELDS.index("after")


class Verifier:
    """One walk. folder: of the archives, which need not be there. tips: what was kept elsewhere."""

    def __init__(self, store: Records, folder: Path, tips: Iterable[Tip] = (), progress: Progress | None = None) -> None:
        self._store, self._folder, self._progress = store, folder, progress
        self._tips = {tip.seq: tip.digest for tip in tips}
        self._walk = journal.Walk()
        self._named: dict[int, tuple[str, str]] = {}
        """Archives that the trail itself names: last seq to digest of the file and key."""
        self._used: list[Segment] = []
        self._notes: list[str] = []
        self._agreed = self._archived = self._skipped = self._looked = 0
        self._total = max(store.revision(), 1)
        self._edge = 0

    def run(self) -> Verdict:
        """Walks until the end, or to the first row that does not hold."""
        first = next(self._store.raw_journal(-(2**62)), None)
        self._edge = first[0] if first else 2**62
        if self._archives() and self._seam(first) and self._live():
            self._finish()
        return self._walk.verdict(
            first_seq=self._skipped + 1, archived=self._archived, tips=self._agreed, notes=tuple(self._notes),
        )

    def _archives(self) -> bool:
        for name in segments.names(self._folder):
            first, last = segments.bounds(name)
            if first >= self._edge:
                self._notes.append(tr("The archive {name} holds rows that are still in the records.", name=name))
            elif not self._archive(name, first, last):
                return False
        return True

    def _archive(self, name: str, first: int, last: int) -> bool:
        if first != self._walk.seq + 1:
            return self._fail(self._walk.seq + 1, tr("no archive holds row {seq}", seq=self._walk.seq + 1))
        try:
            segment = segments.statement(self._folder, name)
            for row in segments.read(self._folder, segment):
                if not self._take(row):
                    return False
        except StorageError as error:
            return self._fail(self._walk.seq + 1, error.message.rstrip("."))
        if (self._walk.seq, self._walk.previous) != (last, segment.tip):
            return self._fail(self._walk.seq + 1, tr("the archive {name} does not end with the row it was signed with", name=name))
        self._used.append(segment)
        self._archived += last - first + 1
        return True

    def _seam(self, first: Any) -> bool:
        """Where the records begin after the archives."""
        if first is None or first[0] <= self._walk.seq + 1:
            return True
        if self._walk.seq == 0 and self._states(first):
            self._skipped = first[0] - 1
            self._walk = journal.Walk(self._skipped, first[_PREVIOUS])
            self._notes.append(tr("Rows 1 to {last} lie in archives that are not at hand.", last=self._skipped))
        return True

    def _states(self, first: Any) -> bool:
        """Whether a row of the trail says that the rows before the first one were archived."""
        with self._store.snapshot() as db:
            found = db.rows("SELECT after FROM journal WHERE action = ? ORDER BY seq DESC", (ARCHIVE,))
        stated = (msgspec.json.decode(row[0], type=dict[str, Any]) for row in found)
        return any((one.get("last_seq"), one.get("tip")) == (first[0] - 1, first[_PREVIOUS]) for one in stated)

    def _live(self) -> bool:
        return all(self._take(row) for row in self._store.raw_journal(-(2**62)))

    def _take(self, row: Any) -> bool:
        if not self._walk.take(row):
            return False
        self._looked += 1
        if row[_ACTION] == ARCHIVE:
            said = msgspec.json.decode(row[_AFTER], type=dict[str, Any])
            self._named[said.get("last_seq", 0)] = (str(said.get("sha256")), str(said.get("signer")))
        if self._progress and self._looked % EVERY == 0:
            self._progress(self._walk.seq, self._total)
        kept = self._tips.get(self._walk.seq)
        if kept is None:
            return True
        if kept != self._walk.previous:
            return self._fail(self._walk.seq, tr("row {seq} is not the one whose digest was kept elsewhere", seq=self._walk.seq))
        self._agreed += 1
        return True

    def _finish(self) -> bool:
        for segment in self._used:
            if self._named.get(segment.last_seq) != (segment.sha256, segment.signer):
                return self._fail(segment.first_seq, tr("the trail does not name the archive {name}", name=segment.file))
        newest = max(self._tips, default=0)
        if newest > self._walk.seq:
            return self._fail(
                self._walk.seq + 1, tr("rows {first} to {last} were cut off: a digest kept elsewhere is of row {last}",
                                       first=self._walk.seq + 1, last=newest),
            )
        if unseen := sum(1 for seq in self._tips if seq <= self._skipped):
            self._notes.append(tr("{count} digests kept elsewhere are of rows that were not at hand.", count=unseen))
        if self._progress:
            self._progress(self._total, self._total)
        return True

    def _fail(self, seq: int, reason: str) -> bool:
        self._walk.bad_seq, self._walk.reason = seq, reason
        return False


_PREVIOUS = journal.FIELDS.index("previous")

