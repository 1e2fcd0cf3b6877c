"""One address visited: admitted by the hub, asked, read."""

import asyncio

import msgspec

from agents.crawl_spool import Step
from agents.senses.discovery import Discovery
from agents.senses.secrets import shaped, without_echo, words_of
from core.crawl import Admission, Admitted
from core.errors import ForbiddenError, NoAnswerError, UnavailableError, YunwangError
from core.i18n import tr
from core.objects import CredentialRef
from core.polling import Target
from inventory.crawl.asking import ALL
from inventory.crawl.frontier import Outcome, Visit
from inventory.crawl.telling import Read
from links.bus import SocketBus
from links.snmp.session import open_session
from monitors.discovery import Discovered
from monitors.profiles import Catalogue

ADMIT_S, ASKED = 120.0, 3
"""Seconds and times: the hub may have to try every credential of a set."""
LONGEST_S = 240.0
"""For all that one device is asked."""
TIMEOUT_S, RETRIES = 2.0, 1


class Visitor:
    """Visits on behalf of one job."""

    def __init__(self, bus: SocketBus, job: str, catalogue: Catalogue) -> None:
        self._bus, self._job, self._catalogue = bus, job, catalogue

    async def visit(self, address: str, hop: int, now_ms: int) -> Step:
        """Never raises what a device does: it is the step's outcome. Raises `UnavailableError` when the hub is gone."""
        admitted = await self._admitted(address)
        try:
            if admitted.credential is None:
                silent = admitted.problem == "no-answer"
                return _step(address, hop, "silent" if silent else "refused", "" if silent else admitted.message)
            async with asyncio.timeout(LONGEST_S):
                return await self._read(address, hop, admitted, admitted.credential, now_ms)
        except NoAnswerError:
            return _step(address, hop, "silent")
        except TimeoutError:
            return _step(address, hop, "failed", tr("It was not read: the device takes too long."))
        except ForbiddenError as error:
            return _step(address, hop, "refused", error.message)
        except (YunwangError, OSError) as error:
            return _step(address, hop, "failed", str(error))

    async def _admitted(self, address: str) -> Admitted:
        """A hub that was just restarted gets the time to come back; without it nothing is called silent that was not asked."""
        body = msgspec.msgpack.encode(Admission(job=self._job, address=address))
        for _ in range(ASKED):
            try:
                return msgspec.msgpack.decode(await self._bus.request("hub.crawl.admit", body, ADMIT_S), type=Admitted)
            except NoAnswerError:
                continue
            except ForbiddenError as error:
                return Admitted(problem="refused", message=error.message)
        raise UnavailableError(tr("The hub does not answer."), way_out=tr("Resume the crawl when it is there again: yunwang job resume"))

    async def _read(self, address: str, hop: int, admitted: Admitted, credential: CredentialRef, now_ms: int) -> Step:
        secret = shaped(credential, admitted.secret)
        target = Target(
            device_id=address, address=address, port=admitted.port, version=admitted.version, secret=secret, timeout_s=TIMEOUT_S,
            retries=RETRIES,
        )
        session = open_session(target)
        try:
            discovery = Discovery(session, self._catalogue, address, ALL)
            found = await discovery.finish(now_ms)
        finally:
            await session.close()
        found = found.replace(observed=without_echo(found.observed, words_of([secret])))
        read = _as_read(address, hop, credential.name, admitted, found, discovery, now_ms)
        own = tuple(one for one in read.addresses if one != address)
        visit = Visit(address=address, hop=hop, outcome="read", device=read.identity, own=own, onward=read.onward)
        return Step(visit=visit, read=read)


def _as_read(
    address: str, hop: int, credential: str, admitted: Admitted, found: Discovered, discovery: Discovery, now_ms: int,
) -> Read:
    tables, observed = discovery.tables, found.observed
    return Read(
        address=address, hop=hop, credential=credential, version=admitted.version,
        port=admitted.port, facts=tuple((fact.field, fact.value) for fact in observed.facts), chassis=discovery.box.chassis,
        interfaces=observed.interfaces, neighbours=found.neighbours, stations=observed.stations,
        addresses=tuple(one.address for one in tables.addresses), connected=tables.connected,
        vrfs=tuple((one.name, one.rd) for one in tables.vrfs), next_hops=tables.next_hops, marks=found.marks, at_ms=now_ms,
    )


def _step(address: str, hop: int, outcome: Outcome, problem: str = "") -> Step:
    return Step(visit=Visit(address=address, hop=hop, outcome=outcome), problem=problem)
