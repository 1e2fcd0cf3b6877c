"""Work on one named device without a hub and without a store."""

import asyncio
import socket
import time

import numpy as np

from agents.catalogue import shipped
from agents.senses.costing import cost_of
from agents.senses.discovery import Discovery, budget_of, discover
from agents.senses.entry import Entry, rows_of
from agents.senses.ports import ports_of
from core.errors import ForbiddenError, NoAnswerError, NotFoundError
from core.i18n import tr
from core.measured import PollCost
from core.nouns import Noun
from core.objects import Device, Fact, Link
from core.polling import PollStatus, SnmpSecret, Target
from core.settings import Settings
from core.views import InterfaceRow
from links.snmp.engine import Engine
from links.snmp.session import open_session
from monitors.discovery import Discovered
from monitors.samples import DEVICE_METRICS, NOT_STORED, Ledger


class Polled(Noun, frozen=True, kw_only=True):
    """What one device told."""

    address: str
    facts: tuple[Fact, ...]
    interfaces: tuple[InterfaceRow, ...]
    links: tuple[Link, ...]
    profiles: tuple[str, ...]
    variables: int
    rtt_ms: float
    uptime_s: int
    status: str


def explain(settings: Settings, target: Target) -> PollCost:
    """Discovers a device and tells what polling it will cost. Raises `NoAnswerError`, `ForbiddenError`."""
    begun = time.monotonic()
    found, seconds_each = asyncio.run(_examined(settings, target))
    cost = cost_of(settings.polling, target, found.polled, found.pace.every, found.marks)
    return cost.replace(
        profiles=found.profiles, most_variables=found.pace.room, poll_s=round(cost.variables * seconds_each, 3),
        found_s=round(time.monotonic() - begun, 3),
    )


async def _examined(settings: Settings, target: Target) -> tuple[Discovered, float]:
    session = open_session(target)
    try:
        discovery = Discovery(session, shipped(), target.device_id, budget=budget_of(settings.polling, target.interval_s))
        found = await discovery.finish(time.time_ns() // 1_000_000)
        return found, discovery.seconds_each
    finally:
        await session.close()


def address_of(host: str) -> str:
    """The first address of a name. Raises `NotFoundError`."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_DGRAM)[0][4][0])
    except (OSError, UnicodeError):
        way_out = tr("Name the port with --port.") if host.count(":") == 1 else tr("Check the name, or give its address.")
        raise NotFoundError(tr("There is no host called {host}.", host=host), way_out=way_out) from None


def poll(settings: Settings, target: Target, wait_s: float) -> Polled:
    """Discovers a device and polls it: once, or twice `wait_s` apart where that is above 0. Raises `NoAnswerError`, `ForbiddenError`."""
    found = asyncio.run(discover(open_session(target), shipped(), target.device_id, lambda: time.time_ns() // 1_000_000))
    device = Device(id=target.device_id, name=target.address, address=target.address, site="", role="other")
    entry = Entry(device, target, found.polled, ports_of(found.observed.interfaces))
    engine = Engine(settings.polling)
    try:
        engine.assign([(target, found.polled.plan)])
        unstored = np.full(found.polled.plan.size + len(DEVICE_METRICS), NOT_STORED, np.uint32)
        ledger = Ledger(engine.readings, [found.polled], [unstored])
        for pause in (0.0, wait_s) if wait_s > 0 else (0.0,):
            time.sleep(pause)
            engine.sweep()
            ledger.advance(engine.readings, [0], time.time_ns() // 1_000_000)
        readings = engine.readings
        _raise_for(int(readings.status[0]), target)
        return Polled(
            address=target.address,
            facts=found.observed.facts,
            interfaces=rows_of(entry, ledger, 0, int(readings.at[0] * 1000), {}),
            links=found.observed.links,
            profiles=found.profiles,
            variables=found.polled.plan.size,
            rtt_ms=round(float(readings.rtt[0]) * 1000, 2),
            uptime_s=int(readings.uptime[0] // 100),
            status=PollStatus(int(readings.status[0])).name.lower(),
        )
    finally:
        engine.close()


def target_of(address: str, port: int, version: str, secret: SnmpSecret, timeout_s: float) -> Target:
    """A device that nobody has declared, as the engine wants it."""
    chosen = version or ("3" if secret.username else "2c")
    return Target(device_id=address, address=address, port=port, version=chosen, secret=secret, timeout_s=timeout_s)  # type: ignore[arg-type]


def _raise_for(status: int, target: Target) -> None:
    if status == PollStatus.NO_ANSWER:
        raise NoAnswerError(tr("{address} no longer answers.", address=target.address), way_out=tr("Try again."))
    if status == PollStatus.REFUSED:
        problem = tr("{address} refuses the credential.", address=target.address)
        raise ForbiddenError(problem, way_out=tr("Compare it with the device's settings."))
