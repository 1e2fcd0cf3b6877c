"""Crawls of the net: jobs of the workers, which get secrets here address by address, and bring back what they read."""

from typing import TYPE_CHECKING, Any

import msgspec

from agents.hub.crawl.admitting import Admitting
from agents.hub.jobs.kinds import Kind
from agents.hub.records import in_thread
from core.crawl import KIND, Admission, CrawlObserved, CrawlTaken, CrawlTold, CrawlWish
from core.errors import ForbiddenError, InvalidInputError, NotFoundError
from core.i18n import mark, tr
from core.identity import Actor, Caller
from core.messages import Done, Observed
from core.model import MODEL
from core.objects import Device
from core.ports import RecordStore, RecordWrite
from core.work import Job

if TYPE_CHECKING:
    from agents.hub.hub import Hub

LIMIT_S = 12 * 3600
ADMISSIONS = 32
ORIGIN = "crawl"
KINDS = ("vpn_instance", "device", "prefix")


class Crawls:
    """A part of the hub."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self._admitting = Admitting(hub)

    async def start(self) -> None:
        self._hub.work.register(Kind(
            name=KIND, entry="agents.crawl:run", action=KIND, resumable=True, at_once=1, limit_s=LIMIT_S,
            check=lambda arguments: checked(arguments, self._hub.settings.work.crawl_deny),
            summary=mark("Crawl the net from its devices' own words into the review queue."),
        ))
        await self._hub.bus.subscribe("hub.crawl.admit", self._admit, workers=ADMISSIONS)
        await self._hub.bus.subscribe("hub.crawl.tell", self._tell)
        await self._hub.bus.subscribe("hub.crawl.observed", self._observed, workers=2)

    async def close(self) -> None:
        """Nothing to close."""

    def job(self, job_id: str) -> Job:
        """A running crawl. Raises `ForbiddenError`: nothing else gets a secret, and nothing else is listened to."""
        job = self._hub.work.jobs.get(job_id)
        if job is None or job.state != "running" or job.kind != KIND:
            raise ForbiddenError(tr("No job of this name crawls the net."))
        return job

    async def _admit(self, body: bytes) -> bytes:
        wanted = msgspec.msgpack.decode(body, type=Admission)
        job = self.job(wanted.job)
        return msgspec.msgpack.encode(await self._admitting.admit(job, msgspec.convert(job.arguments, CrawlWish), wanted.address))

    async def _tell(self, body: bytes) -> bytes:
        end = msgspec.msgpack.decode(body, type=CrawlTold)
        job = self.job(end.job)
        if job.cancel_wanted:
            raise InvalidInputError(tr("Cancelled."))
        account = self._hub.identity.people.named(job.author)
        caller = Caller(actor=Actor(name=job.author, origin="job", request=job.id), account=account.id if account else "")
        told = end.told.replace(origin=ORIGIN, source="observed", records=await in_thread(_nouns, end.told.records))
        report = await self._hub.intake.take(caller, told, dry_run=bool(job.arguments.get("dry_run")))
        known = await in_thread(known_by_name, self._hub.store)
        return msgspec.msgpack.encode(CrawlTaken(report=report, known=known))

    async def _observed(self, body: bytes) -> bytes:
        found = msgspec.msgpack.decode(body, type=CrawlObserved)
        job = self.job(found.job)
        actor = Actor(name="system:crawl", origin="process", request=job.id)

        def change(write: RecordWrite) -> int:
            there = [one for one in found.observed if _is_there(write, one)]
            for one in there:
                write.observe("device.observe", one)
            return len(there)

        count = 0 if job.arguments.get("dry_run") else await self._hub.commits.write(actor, change)
        for one in found.observed:
            self._hub.learn(one)
        return msgspec.msgpack.encode(Done(count=count))


def _nouns(records: dict[str, tuple[Any, ...]]) -> dict[str, tuple[Any, ...]]:
    """As they came over the bus: by kind, plain fields. A crawl tells of nothing else."""
    return {kind: tuple(msgspec.convert(one, MODEL[kind]) for one in records.get(kind, ())) for kind in KINDS if kind in records}


def checked(arguments: dict[str, Any], denied: tuple[str, ...] = ()) -> dict[str, Any]:
    """Raises `InvalidInputError` for a crawl that cannot be. Several prefixes may be one text, separated by commas, as in a schedule."""
    from agents.crawl import bounds_of
    from inventory.crawl.frontier import Frontier

    try:
        wish = msgspec.convert({name: _listed(name, value) for name, value in arguments.items()}, CrawlWish)
    except msgspec.ValidationError as error:
        raise InvalidInputError(
            tr("This is no crawl: {reason}.", reason=str(error)), way_out="yunwang inventory import discover:PREFIX",
        ) from None
    frontier = Frontier(bounds_of(wish, denied))
    if frontier.waiting == 0:
        raise InvalidInputError(
            tr("Nothing could be visited: every seed lies outside the prefixes, or is denied."), way_out=tr("Check --seed and --deny."),
        )
    plain: dict[str, Any] = msgspec.to_builtins(wish)
    return plain


def _listed(name: str, value: Any) -> Any:
    if name in ("prefixes", "seeds", "deny") and isinstance(value, str):
        return [part.strip() for part in value.split(",") if part.strip()]
    return value


def known_by_name(store: RecordStore) -> dict[str, str]:
    """Devices of the inventory as the last crawl named them: who is who was decided by the intake."""
    known = {device.id for device in store.all("device") if isinstance(device, Device)}
    found = {}
    for one in store.all("statement"):
        if one.origin == ORIGIN and one.object_kind == "device" and one.object_id in known and "name" in one.fields:
            found[msgspec.json.decode(one.fields["name"], type=str)] = one.object_id
    return found


def _is_there(write: RecordWrite, one: Observed) -> bool:
    try:
        write.get("device", one.device_id)
    except NotFoundError:
        return False
    return True
