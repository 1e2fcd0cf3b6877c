"""What a source of the inventory tells, and what became of it: the contract between whoever reads a source and the hub's intake.

There is one road: a sheet, a cloud, a NetBox, a crawl each become a `Told`; the intake compares it with the records, writes what may be
written, puts the rest into the review queue, and answers with an `IntakeReport`.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from core.nouns import Noun
from core.objects import Source
from core.views import ImportProblem

SourceKind = Literal["sheet", "openstack", "netbox", "librenms", "zabbix", "oxidized", "crawl", "device"]

Name = Annotated[str, Meta(min_length=1, max_length=64, pattern=r"^[^\x00-\x20\x7f:/]([^\x00-\x1f\x7f:/]*[^\x00-\x20\x7f:/])?$")]
Url = Annotated[str, Meta(max_length=512, pattern=r"^[^\x00-\x20\x7f]*$")]
Note = Annotated[str, Meta(max_length=1000)]
Options = Annotated[
    dict[Annotated[str, Meta(min_length=1, max_length=128)], Annotated[str, Meta(max_length=65_536)]], Meta(max_length=64),
]


class Unplaced(Noun, frozen=True, kw_only=True):
    """Something that the source knows and that has no place here."""

    kind: str
    """Kind of object, or what the source calls it."""
    name: str
    reason: str


class Told(Noun, frozen=True, kw_only=True):
    """What one source said in one go. Records have empty ids and refer to each other by name, or by key where the kind has one."""

    origin: str
    """`declared`, `openstack:CLOUD`, `netbox:HOST`, `crawl`, ..."""
    source: Source
    records: dict[str, tuple[Any, ...]] = {}
    """By kind, nouns of `core.model.MODEL`."""
    fields: dict[str, tuple[str, ...]] = {}
    """By kind, the fields of which this source speaks at all; a kind that is not here: every field."""
    guessed: dict[str, tuple[str, ...]] = {}
    """By kind, fields that the source does not know and that were guessed, so that what is new can come in: they contradict nobody."""
    whole: tuple[str, ...] = ()
    """Kinds of which the source told everything that it has: what it told before and tells no more is missing."""
    unplaced: tuple[Unplaced, ...] = ()
    unplaced_total: int = 0


class IntakeReport(Noun, frozen=True, kw_only=True):
    """What an intake did, or would do (`dry_run`). Counts are by kind. With problems nothing is written."""

    origin: str = ""
    dry_run: bool = False
    added: dict[str, int] = {}
    changed: dict[str, int] = {}
    unchanged: dict[str, int] = {}
    removed: dict[str, int] = {}
    """Gone from a cloud that told all it has."""
    queued: dict[str, int] = {}
    """Differences that wait for a person."""
    by_rule: dict[str, int] = {}
    """Differences that a rule accepted, by the rule's name."""
    unplaced: tuple[Unplaced, ...] = ()
    """At most the first 500."""
    unplaced_total: int = 0
    problems: tuple[ImportProblem, ...] = ()
    """Of a sheet: at most the first 500."""
    problems_total: int = 0
    revision: int = 0


class SourceConfig(Noun, frozen=True, kw_only=True):
    """A source that is asked again and again: a cloud, a NetBox, a crawl's seeds."""

    id: str
    name: str
    kind: SourceKind
    url: str = ""
    """Of Keystone, NetBox, LibreNMS, Zabbix; empty for a crawl."""
    credential: str = ""
    """Name of the credential reference: token or password."""
    options: dict[str, str] = {}
    """What only this kind knows: region, domain, project, seeds, deny ranges, rate."""
    enabled: bool = True
    note: str = ""


class NewSource(Noun, frozen=True, kw_only=True):
    """A source as a person adds it: with a credential that is there, with a secret that the hub seals under the source's name, or with
    neither where none is needed."""

    name: Name
    kind: SourceKind
    url: Url = ""
    credential: Annotated[str, Meta(max_length=64)] = ""
    username: Annotated[str, Meta(max_length=128, pattern=r"^[^\x00-\x1f\x7f]*$")] = ""
    secret: Annotated[str, Meta(max_length=16_384)] = ""
    options: Options = {}
    note: Note = ""

    def __repr__(self) -> str:
        return f"NewSource({self.name!r}, {self.kind})"


class SourceChange(Noun, frozen=True, kw_only=True):
    """Other values for some fields of a source; what is None stays. An option with an empty value goes."""

    url: Url | None = None
    credential: Annotated[str, Meta(max_length=64)] | None = None
    options: Options | None = None
    enabled: bool | None = None
    note: Note | None = None


class SourceRow(Noun, frozen=True, kw_only=True):
    """A source as it is listed."""

    source: SourceConfig
    origin: str
    """What its statements are called by."""
    job: str = ""
    """Id of its newest sync that is still known."""
    state: str = ""
    at_ms: int = 0
    """When that began, or will begin."""
    message: str = ""


class SourceTest(Noun, frozen=True, kw_only=True):
    """Whether a source can be read, in one sentence and a way out."""

    name: str
    ok: bool
    message: str
    way_out: str = ""
    code: str = ""
    """Of the error."""
    about: str = ""
    """What the source said of itself."""
    took_ms: int = 0


class SyncWish(Noun, frozen=True, kw_only=True):
    """How a source is asked now."""

    dry_run: bool = False
    accept_new: bool = False
    """Also what nobody declared yet: a person's own word, as an import of a sheet is."""


class SourceWanted(Noun, frozen=True, kw_only=True):
    """What a process of the workers asks the hub before it asks a source."""

    job: str


class SourceGiven(Noun, frozen=True, kw_only=True):
    """What it needs to ask a source, or a file that stands in its place."""

    config: SourceConfig
    username: str = ""
    secret: str = ""
    filename: str = ""
    content: bytes = b""
    expected: dict[str, int] = {}
    """By kind, how many were there the last time: what progress is measured by."""
    report: IntakeReport | None = None
    """This job was done before its process died."""

    def __repr__(self) -> str:
        return f"SourceGiven({self.config.name!r})"


class Piece(Noun, frozen=True, kw_only=True):
    """Records of one kind on their way from the workers to the hub. Number 1 begins anew."""

    job: str
    number: int
    kind: str
    records: bytes
    """MessagePack: a list of nouns of the kind."""


class Pieces(Noun, frozen=True, kw_only=True):
    """All pieces are there: the rest of what was told."""

    job: str
    count: int
    told: Told
    """Without its records."""


class SourceAsk(Noun, frozen=True, kw_only=True):
    """A question to the workers that somebody waits for: whether a source can be read, or what a file says."""

    given: SourceGiven
    language: str


class SourceAnswer(Noun, frozen=True, kw_only=True):
    """A test's outcome, or what the file told: the records by kind, each MessagePack as in a `Piece`."""

    test: SourceTest | None = None
    told: Told | None = None
    records: dict[str, bytes] = {}


class PushReport(Noun, frozen=True, kw_only=True):
    """What was written to another system, or would be (`dry_run`). Counts are by kind. Nothing is ever deleted there."""

    target: str
    dry_run: bool = False
    created: dict[str, int] = {}
    updated: dict[str, int] = {}
    unchanged: dict[str, int] = {}
    differs: tuple[Unplaced, ...] = ()
    """What the other side says otherwise of objects that are not ours: left as it is there. At most the first 500."""
    differs_total: int = 0
    unplaced: tuple[Unplaced, ...] = ()
    """What could not be written, with the reason. At most the first 500."""
    unplaced_total: int = 0
