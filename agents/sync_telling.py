"""What a reader of a source says as it goes: records of a kind, what has no place here, of what everything was said."""

from collections.abc import Callable, Mapping, Sequence

from core.i18n import language
from core.model import TITLES
from core.nouns import Noun
from core.sources import Told, Unplaced
from core.width import clean

MOST_UNPLACED = 500
Tell = Callable[[int, int, str], None]
Send = Callable[[str, Sequence[Noun]], None]


class Telling:
    """Counts, tells how far it is, and hands on. `tell` raises `agents.job.Stopped` where the job was cancelled: at every page."""

    def __init__(self, tell: Tell, send: Send, expected: Mapping[str, int]) -> None:
        self._tell, self._send, self._expected = tell, send, expected
        self._counts: dict[str, int] = {}
        self._whole: list[str] = []
        self._fields: dict[str, tuple[str, ...]] = {}
        self._guessed: dict[str, tuple[str, ...]] = {}
        self._unplaced: list[Unplaced] = []
        self._unplaced_total = 0
        self._seen: tuple[str, ...] = ()

    @property
    def done(self) -> int:
        return sum(self._counts.values())

    def give(self, kind: str, records: Sequence[Noun], total: int = 0) -> None:
        """A page of a kind. total: how many there will be, where the source says that."""
        count = self._counts[kind] = self._counts.get(kind, 0) + len(records)
        total = total or self._expected.get(kind, 0)
        zh, en = TITLES[kind]
        shown = f"{zh if language() == 'zh' else en} {count}" + (f"/{total}" if total >= count else "")
        whole = sum(max(self._expected.get(one, 0), self._counts.get(one, 0)) for one in self._seen)
        self._tell(self.done, whole if whole > self.done else 0, shown)
        if records:
            self._send(kind, records)

    def will_tell(self, kinds: Sequence[str]) -> None:
        """Of which kinds this source speaks: how many of them there were is what progress is measured by."""
        self._seen = tuple(kinds)

    def speaks_of(self, kind: str, fields: Sequence[str], guessed: Sequence[str] = ()) -> None:
        """Of these fields of a kind only; others it guesses."""
        self._fields[kind], self._guessed[kind] = tuple(fields), tuple(guessed)

    def all_of(self, *kinds: str) -> None:
        """Everything there is of these kinds was said."""
        self._whole += [kind for kind in kinds if kind not in self._whole]

    def pass_over(self, kind: str, name: str, reason: str, count: int = 1) -> None:
        """Something that has no place here."""
        self._unplaced_total += count
        if len(self._unplaced) < MOST_UNPLACED:
            self._unplaced.append(Unplaced(kind=kind, name=clean(name, 255), reason=reason))

    def told(self) -> Told:
        """Without the records, which are on their way."""
        return Told(
            origin="", source="observed", fields=self._fields, guessed=self._guessed, whole=tuple(self._whole),
            unplaced=tuple(self._unplaced),
            unplaced_total=self._unplaced_total,
        )
