"""One v3 device that is polled: its session, its names, and what its silence means."""

import asyncio
from typing import Any, NamedTuple

from gufo.snmp import NoSuchInstance, SnmpAuthError, SnmpError

from core.polling import Kind, PollPlan, PollStatus, Target
from links.snmp import usm
from links.snmp.engine_ids import EngineIds
from links.snmp.kinds import defined
from links.snmp.mend import of_text
from links.snmp.session3 import MAX_OIDS, dotted, new_session
from links.snmp.tally import Tally

_FEWEST = 4
Values = list[Any]


class Outcome(NamedTuple):
    """How a poll ended. values: by variable, None where missing; empty when nothing came. first, rtt: seconds, of the first answer."""

    status: PollStatus
    values: Values
    first: float = 0.0
    rtt: float = float("nan")


class Peer:
    """Lives on the secure road's loop. One request in flight."""

    def __init__(self, target: Target, plan: PollPlan, ids: EngineIds, tally: Tally) -> None:
        self.target, self._ids, self._tally = target, ids, tally
        oids = plan.oids()
        self._names = [dotted(oid) for oid in oids]
        self.kinds = bytes(defined(oid) for oid in oids)
        self.texts = plan.texts
        self._session: Any = None
        self._engine_id: bytes | None = None
        self._group = MAX_OIDS
        self._worked = False
        self._refused = False
        self._alone = asyncio.Lock()

    async def poll(self, misses: int, clock: Any, *, light: bool = False) -> Outcome:
        """Reads everything once. misses: polls without an answer before this one; such a device gets one try. light: only whether it
        answers."""
        async with self._alone:
            return await self._poll(misses, clock, self._names[:1] if light else self._names, light=light)

    async def _poll(self, misses: int, clock: Any, wanted: list[str], *, light: bool) -> Outcome:
        if self._refused and (verdict := await self._verdict()) is not None:
            return verdict
        tries = 1 if misses else self.target.retries + 1
        values: Values = []
        first, rtt, failures = 0.0, float("nan"), 0
        while len(values) < len(wanted):
            names = wanted[len(values) : len(values) + self._group]
            sent = clock()
            found = await self._asked(names, tries)
            if isinstance(found, dict):
                if not first:
                    first, rtt = clock(), clock() - sent
                    tries = self.target.retries + 1
                values += [found.get(name) for name in names]
                continue
            if not first or failures == 2:
                return await self._ended(found, values, first, rtt)
            failures += 1
            self._group = max(_FEWEST, self._group // 2)
        return Outcome(PollStatus.ALIVE if light else PollStatus.COMPLETE, values, first, rtt)

    async def _ended(self, why: Exception, values: Values, first: float, rtt: float) -> Outcome:
        if first:
            missing = [None] * (len(self._names) - len(values))
            return Outcome(PollStatus.PARTIAL, values + missing, first, rtt)
        verdict = await self._verdict(auth_failed=isinstance(why, SnmpAuthError))
        return verdict or Outcome(PollStatus.NO_ANSWER, [])

    async def _asked(self, names: list[str], tries: int) -> dict[str, Any] | Exception:
        """The answer, or why there is none after all tries."""
        why: Exception = TimeoutError()
        renewed = False
        for attempt in range(tries + 1):
            if attempt == tries and not renewed:
                break
            try:
                session = await self._open()
                self._tally.secure_requests += 1
                self._tally.secure_resent += attempt > 0
                found: dict[str, Any] = await session.get_many(names)
            except TimeoutError as error:
                why = error
                self._tally.secure_timeouts += 1
                if renewed:
                    break
            except NoSuchInstance:
                found = {}
                return self._answered(found)
            except SnmpAuthError as error:
                why = error
                if renewed:
                    break
                renewed = True
                await self._renew()
            except (SnmpError, OSError) as error:
                return error
            else:
                return self._answered(found)
        return why

    def _answered(self, found: dict[str, Any]) -> dict[str, Any]:
        if not self._worked and self._session is not None:
            self._worked = True
            self._ids.learn(self.target.device_id, self._session.get_engine_id())
        self._tally.secure_answers += 1
        self._tally.secure_variables += len(found)
        return found

    async def _open(self) -> Any:
        """The session, with the device's boots and time. A known engine id spares its discovery."""
        if self._session is None:
            known = self._ids.get(self.target.device_id)
            session = new_session(self.target, known)
            await session.refresh()
            self._session, self._engine_id = session, known
        return self._session

    async def _renew(self) -> None:
        """Boots and time anew: the device may have restarted."""
        if self._worked:
            self._tally.reports["usmStatsNotInTimeWindows"] += 1
        try:
            if self._session is not None:
                await self._session.refresh()
        except (TimeoutError, SnmpError, OSError):
            self._session = None

    async def _verdict(self, auth_failed: bool = False) -> Outcome | None:
        """Why nothing came: refused, or None when the device simply does not answer (or, refused before, now lets us in)."""
        found = await usm.probe(self.target)
        if not found.reachable:
            return Outcome(PollStatus.NO_ANSWER, []) if self._refused else None
        known = self._ids.get(self.target.device_id)
        if known is not None and found.engine_id != known:
            self._tally.reports["usmStatsUnknownEngineIDs"] += 1
            self._ids.forget(self.target.device_id)
        self._session = None
        inferred = found.report == "usmStatsDecryptionErrors" and (self._worked or auth_failed)
        if found.report and not inferred:
            self._tally.reports[found.report] += 1
        self._refused = found.report in usm.REFUSALS and not inferred
        return Outcome(PollStatus.REFUSED, []) if self._refused else None


def settle(values: Values, kinds: bytes, texts: int) -> tuple[list[int], bytes, int]:
    """(raw numbers, kinds, how many are numbers) of values as gufo gives them. texts: from which on they come as texts."""
    raw, out, numbers = [], bytearray(kinds), 0
    for n, given in enumerate(values):
        value = given
        if n >= texts and given is not None:
            value, out[n] = of_text(given, Kind.OCTET_STRING)
            value = given if value is None else value
        if isinstance(value, int):
            raw.append(value & 0xFFFF_FFFF_FFFF_FFFF)
            numbers += 1
            if not out[n]:
                out[n] = Kind.INTEGER if value < 0 else Kind.GAUGE32 if value <= 0xFFFF_FFFF else Kind.COUNTER64
        else:
            raw.append(0)
            out[n] = Kind.NO_SUCH_INSTANCE if value is None else Kind.OCTET_STRING
    return raw, bytes(out), numbers
