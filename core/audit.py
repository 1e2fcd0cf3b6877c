"""The audit trail as people ask for it: searched, verified, sealed, archived. Times are milliseconds since 1970, UTC."""

import re
from collections.abc import Iterable

from core.failure import Failure
from core.nouns import Noun
from core.ports import JournalRow

ROOT = "0" * 64
"""What the first row of a chain has in place of a previous digest."""
MAX_TIPS = 1_000_000
MAX_PAGE = 1000
"""Most rows of a page."""
_TIP = re.compile(r"""\bseq["=:\s]+(\d{1,18})\b.*?\bdigest["=:\s]+((?:sm3:)?[0-9a-f]{64})\b""")
PROCESS = "system:"
"""How the names of our own processes begin as actors."""
REFUSALS = ("refused", "failed", "locked")
"""Last words of the actions that say no: `refused`, `user.login-failed`, ..."""


class AuditQuery(Noun, frozen=True, kw_only=True):
    """Which rows of the journal. Empty fields match all; those given must all match."""

    actor: str = ""
    action: str = ""
    """An action, or the first words of some: `user` finds `user.add` and `user.disable`."""
    kind: str = ""
    object_id: str = ""
    origin: str = ""
    """Beginning of where from: `unix:`, `10.1.`."""
    request: str = ""
    word: str = ""
    """Every word must occur in the object, the action, before or after."""
    refused: bool = False
    """Only what was refused or failed."""
    people: bool = False
    """Only what people did, not the processes of the hub (`system:senses`)."""
    start_ms: int = 0
    end_ms: int = 0
    """Before this; 0: no bound."""
    oldest_first: bool = False
    archives: bool = False
    """Archived rows too: only where rows come oldest first, in an export."""
    limit: int = 100
    cursor: str = ""


class AuditPage(Noun, frozen=True, kw_only=True):
    """Some rows in order of time. `cursor` continues; a page may be short, even empty, and still go on: work is bounded, not rows."""

    items: tuple[JournalRow, ...] = ()
    cursor: str = ""


class Tip(Noun, frozen=True, kw_only=True):
    """A digest that was kept elsewhere, and of which row it is."""

    seq: int
    digest: str


class Verdict(Noun, frozen=True, kw_only=True):
    """What a walk along the chain found. `bad_seq` 0: every row holds."""

    rows: int
    """Good rows, archived ones too."""
    bad_seq: int = 0
    """The first row that does not hold, or that is missing."""
    reason: str = ""
    tip: str = ROOT
    """Digest of the last good row: keep it elsewhere to prove that nothing was cut off."""
    last_seq: int = 0
    first_seq: int = 1
    """Where the walk began: later than 1 when the archives before it were not at hand."""
    archived: int = 0
    """Rows of these that lie in archives."""
    seals: int = 0
    tips: int = 0
    """Tips from elsewhere that agreed."""
    notes: tuple[str, ...] = ()
    """What was noticed and breaks nothing."""

    @property
    def good(self) -> bool:
        return not self.bad_seq and not self.reason


class Tips(Noun, frozen=True, kw_only=True):
    """What a verification compares with."""

    tips: tuple[Tip, ...] = ()


class Progress(Noun, frozen=True, kw_only=True):
    """A line of an answer that takes its time: how far it is, or at last what came of it."""

    done: int = 0
    total: int = 0
    verdict: Verdict | None = None
    failure: Failure | None = None
    """Why there will be none."""


class Segment(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """The signed statement about one archive: these rows, in this file. Its canonical JSON is what is signed."""

    format: int = 1
    first_seq: int
    last_seq: int
    oldest_at: int
    newest_at: int
    """Least and greatest time of its rows: after a step of the clock not those of the first and the last."""
    previous: str
    """Digest of the row before the first."""
    tip: str
    """Digest of the last row."""
    file: str
    size: int
    sha256: str
    """Of the file."""
    signer: str
    """Ed25519 public key, hexadecimal. (Fields named like a key are masked in the trail.)"""


class Archived(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """What an archiving did."""

    segments: tuple[Segment, ...] = ()
    rows: int = 0
    held: int = 0
    """Rows that the clock calls old enough and that stay: the hub has not been seen running for so long."""
    witnessed_days: float = 0.0
    """For how long it has, as far as it mattered."""


class ArchiveOrder(Noun, frozen=True, kw_only=True):
    """Asks for an archiving. trust_clock: a person says that the clock is right, whatever the seals saw."""

    trust_clock: bool = False


class AuditStatus(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """How the trail is doing."""

    newest_seq: int
    oldest_seq: int
    """Of the rows that are online."""
    oldest_at: int
    sealed_seq: int
    sealed_at: int
    tip: str
    """Digest of the newest seal."""
    unsent: int
    """Tips that wait to be sent off the machine."""
    trouble: str
    hash: str
    archives: tuple[Segment, ...] = ()
    """Those whose signature holds."""


def read_tips(lines: Iterable[str]) -> list[Tip]:
    """Tips out of a tip file or of a syslog file: every line that tells `seq` and `digest`; others are skipped."""
    found: dict[int, str] = {}
    for line in lines:
        if told := _TIP.search(line[:4096]):
            found[int(told[1])] = told[2]
            if len(found) >= MAX_TIPS:
                break
    return [Tip(seq=seq, digest=digest) for seq, digest in sorted(found.items())]
