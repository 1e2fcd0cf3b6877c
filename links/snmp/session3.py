"""The slow road to one v3 device, through gufo-snmp."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Sequence
from itertools import groupby
from typing import Any

from gufo.snmp import NoSuchInstance, SnmpAuthError, SnmpError
from gufo.snmp.aio import SnmpSession

from core.errors import ForbiddenError, InvalidInputError, ProtocolError
from core.i18n import tr
from core.polling import Kind, Oid, TableRows, Target, VarBind
from links.snmp import ber
from links.snmp.asking import no_answer, unreachable
from links.snmp.kinds import kind_of
from links.snmp.session import bounded
from links.snmp.users import user_of
from links.snmp.usm import REFUSALS, probe

MAX_OIDS = 60
"""gufo-snmp fails on answers above 4,080 bytes; sixty numbers stay far below, strings are asked for in smaller groups."""
_AT_ONCE = 16
_REPETITIONS = 20
_BRANCH = 6
"""Every agent has something below names as short as `1.3.6.1.4.1`."""
_WORTHWHILE = 3


class SecureSession:
    """`core.polling.Session` for v3 with authentication and privacy."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._session: Any = None

    async def get(self, oids: Sequence[Oid]) -> list[VarBind]:
        out: list[VarBind] = []
        for at in range(0, len(oids), _AT_ONCE):
            names = [dotted(oid) for oid in oids[at : at + _AT_ONCE]]
            found = await self._ask(names)
            out += [_binding(oid, found.get(name)) for oid, name in zip(oids[at : at + _AT_ONCE], names, strict=True)]
        return out

    async def _ask(self, names: list[str]) -> dict[str, Any]:
        async def once() -> dict[str, Any]:
            found: dict[str, Any] = await (await self._open()).get_many(names)
            return found

        found: dict[str, Any] = await self._tried(once)
        return found

    async def _tried(self, once: Any) -> Any:
        for attempt in range(self._target.retries + 1):
            try:
                return await once()
            except TimeoutError:
                if attempt == self._target.retries:
                    raise await self._why_silent() from None
            except SnmpAuthError:
                if attempt == self._target.retries:
                    raise await self._why_silent() from None
                await self._renew()
            except NoSuchInstance:
                return {}
            except SnmpError as error:
                raise ProtocolError(tr("{address} answered: {reason}.", address=self._target.address, reason=str(error))) from None
            except OSError as error:
                raise unreachable(self._target, error) from None
        raise no_answer(self._target)

    async def _renew(self) -> None:
        with contextlib.suppress(TimeoutError, SnmpError):
            await self._session.refresh()

    async def _why_silent(self) -> Exception:
        return refused(self._target, (await probe(self._target)).report)

    async def _open(self) -> Any:
        if self._session is None:
            session = new_session(self._target)
            await session.refresh()
            self._session = session
        return self._session

    async def walk(self, root: Oid, limit: int = 100_000) -> list[VarBind]:
        bindings, problem = await bounded(self._walk(root, limit), self._target)
        if problem:
            raise ProtocolError(problem)
        return bindings

    async def _walk(self, root: Oid, limit: int) -> tuple[list[VarBind], str]:
        out: list[VarBind] = []
        last = root
        session = await self._tried(self._open)
        rows: AsyncIterator[tuple[str, Any]] = session.getbulk(dotted(root), _REPETITIONS).__aiter__()
        while True:
            try:
                name, value = await self._tried(rows.__anext__)
            except StopAsyncIteration:
                return out, ""
            oid = parse(name)
            if oid[: len(root)] != root:
                return out, ""
            if oid <= last:
                return out, tr("The tables of {address} do not grow.", address=self._target.address)
            if len(out) == limit:
                return out, tr("A table of {address} has no end.", address=self._target.address)
            last = oid
            out.append(_binding(oid, value))

    async def table(self, columns: Sequence[Oid], limit: int = 10_000) -> TableRows:
        begun = time.monotonic()
        read = await bounded(self._table(columns, limit), self._target)
        return read._replace(times=((len(read.rows) * len(columns), time.monotonic() - begun),))

    async def _table(self, columns: Sequence[Oid], limit: int) -> TableRows:
        rows: dict[Oid, list[int | bytes | Oid | None]] = {}
        for number, column in enumerate(columns):
            bindings, problem = await self._walk(column, limit)
            for binding in bindings:
                if binding.oid[len(column) :] not in rows and len(rows) >= limit:
                    problem = tr("A table of {address} has no end.", address=self._target.address)
                    break
                rows.setdefault(binding.oid[len(column) :], [None] * len(columns))[number] = binding.value
            if problem:
                return TableRows(dict(sorted(rows.items())), problem)
        return TableRows(dict(sorted(rows.items())))

    async def holding(self, roots: Sequence[Oid]) -> list[bool]:
        there = await self._held(sorted(set(roots)))
        return [root in there for root in roots]

    async def _held(self, roots: list[Oid]) -> set[Oid]:
        """Those with anything below, of ascending ones. gufo asks for one at a time, so what many have in common is asked for first."""
        if len(roots) < 2:
            return {root for root in roots if await self._holds(root)}
        size = next((at for at, (a, b) in enumerate(zip(roots[0], roots[-1], strict=False)) if a != b), len(roots[0]))
        if size > _BRANCH and len(roots) >= _WORTHWHILE and not await self._holds(roots[0][:size]):
            return set()
        out: set[Oid] = set()
        for _, some in groupby(roots, key=lambda root: root[: size + 1]):
            out |= await self._held(list(some))
        return out

    async def _holds(self, root: Oid) -> bool:
        session = await self._tried(self._open)
        try:
            await self._tried(session.getnext(dotted(root)).__aiter__().__anext__)
        except StopAsyncIteration:
            return False
        except ProtocolError:
            return True
        return True

    async def close(self) -> None:
        self._session = None
        await asyncio.sleep(0)


def new_session(target: Target, engine_id: bytes | None = None, timeout_s: float | None = None) -> Any:
    """gufo's session for a target; opens a socket, asks nothing."""
    if target.secret.context:
        raise InvalidInputError(tr("Contexts of SNMP v3 are not supported."), way_out=tr("Leave the context of this credential empty."))
    timeout = target.timeout_s if timeout_s is None else timeout_s
    return SnmpSession(target.address, target.port, user=user_of(target.secret), engine_id=engine_id, timeout=timeout)


def refused(target: Target, report: str) -> Exception:
    """The error that a report stands for; no answer at all where there is none."""
    if report in REFUSALS:
        message = tr("{address} refuses the v3 user: {report}.", address=target.address, report=report)
        return ForbiddenError(message, way_out=tr("Check user name, protocols and both passwords."))
    return no_answer(target)


def dotted(oid: Oid) -> str:
    return ".".join(map(str, oid))


def parse(name: str) -> Oid:
    try:
        return tuple(map(int, name.split(".")))
    except ValueError:
        raise ProtocolError(tr("A device named a variable {name}.", name=name[:80])) from None


def _binding(oid: Oid, value: Any) -> VarBind:
    """gufo's value with the kind it must have had; None: there is no such variable."""
    if value is None:
        return VarBind(oid, Kind.NO_SUCH_INSTANCE, None)
    if isinstance(value, int):
        return VarBind(oid, kind_of(oid, value), value)
    if isinstance(value, str):
        parts = parse(value)
        if len(parts) == 4 and max(parts) <= 255:
            return VarBind(oid, Kind.IP_ADDRESS, bytes(parts))
        return VarBind(oid, ber.OBJECT_IDENTIFIER, parts)
    if isinstance(value, bytes):
        return VarBind(oid, Kind.OCTET_STRING, value)
    return VarBind(oid, Kind.NO_SUCH_INSTANCE, None)
