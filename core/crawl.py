"""What a crawl of the net is asked for, and what its job and the hub say to each other.

    job -> hub  request `hub.crawl.admit`    Admission -> Admitted     may this address be asked, and with which secret
    job -> hub  request `hub.crawl.tell`     CrawlTold -> CrawlTaken   everything that was read, compared and queued
    job -> hub  request `hub.crawl.observed` CrawlObserved -> Done     what is seen on a device that is known
"""

from typing import Annotated, Literal

from msgspec import Meta

from core.messages import Observed
from core.nouns import Noun
from core.objects import CredentialRef, SnmpVersion
from core.sources import IntakeReport, Told, Unplaced

KIND = "inventory.crawl"
"""Of the job; also what one must be allowed to do."""
Text = Annotated[str, Meta(max_length=64)]
Texts = Annotated[tuple[Text, ...], Meta(max_length=1000)]


class CrawlWish(Noun, frozen=True, kw_only=True):
    """Which part of the net, how far and how fast. A crawl never leaves its prefixes."""

    prefixes: Annotated[tuple[Text, ...], Meta(min_length=1, max_length=1000)]
    """CIDR, IPv4 and IPv6."""
    seeds: Texts = ()
    """Addresses to begin with; empty: every address of the prefixes is asked once."""
    deny: Texts = ()
    """CIDR; never asked. Those of the settings (work.crawl_deny) count as well."""
    most: Annotated[int, Meta(ge=1, le=20_000)] = 5000
    """Devices."""
    hops: Annotated[int, Meta(ge=0, le=64)] = 16
    """From the seeds."""
    rate: Annotated[float, Meta(gt=0, le=500)] = 20.0
    """New addresses per second."""
    at_once: Annotated[int, Meta(ge=1, le=128)] = 32
    """Devices."""
    port: Annotated[int, Meta(ge=1, le=65535)] = 161
    """Where devices answer that nobody knows yet."""
    credential_set: Annotated[str, Meta(max_length=64)] = ""
    """Empty: the set whose longest prefix holds the address."""
    dry_run: bool = False


class Admission(Noun, frozen=True, kw_only=True):
    """An address that a crawl wants to ask."""

    job: str
    address: str


class Admitted(Noun, frozen=True, kw_only=True):
    """With which credential; or why not, in one sentence."""

    credential: CredentialRef | None = None
    secret: str = ""
    version: SnmpVersion = "2c"
    port: int = 161
    problem: Literal["", "no-answer", "refused", "no-credential"] = ""
    message: str = ""

    def __repr__(self) -> str:
        return f"Admitted({self.credential.name if self.credential else self.problem!r})"


class CrawlTold(Noun, frozen=True, kw_only=True):
    """What a crawl read, as one source tells it."""

    job: str
    told: Told


class CrawlTaken(Noun, frozen=True, kw_only=True):
    """What became of it. known: ids of devices of the inventory, by the names under which they were told."""

    report: IntakeReport
    known: dict[str, str] = {}


class CrawlObserved(Noun, frozen=True, kw_only=True):
    """What was seen on known devices."""

    job: str
    observed: tuple[Observed, ...]


class CrawlReport(Noun, frozen=True, kw_only=True):
    """What a crawl found, and what became of it."""

    read: int
    """Devices."""
    links: int
    stations: int
    known: int = 0
    """Devices that are in the inventory already: what is seen on them was written."""
    silent: int = 0
    refused: int = 0
    left_out: int = 0
    """Addresses that were met and lay outside, were denied, or too far away."""
    unreadable: tuple[Unplaced, ...] = ()
    """Addresses that answered and could not be read, or that no credential fits. At most the first 200."""
    stopped_by: Literal["", "most"] = ""
    """`most`: as many devices were read as the crawl may."""
    intake: IntakeReport = IntakeReport()
