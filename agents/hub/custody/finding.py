"""Devices without a credential get the first of their set that they accept, one careful try after another."""

import asyncio
import contextlib
import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from agents.hub.custody.hostkeys import RULE
from agents.hub.custody.trying import AT_ONCE, Place, Trying, tries_on
from agents.hub.records import in_thread, now_ms
from core.credentials import OF_HOSTS, version_for
from core.custody import CredentialSet, CredentialTries, TryWish
from core.errors import YunwangError
from core.identity import Actor
from core.messages import Assign
from core.objects import CredentialRef, Device
from core.ports import RecordStore
from core.trying import next_try, rests_until, set_for

if TYPE_CHECKING:
    from agents.hub.hub import Hub

CUSTODY = Actor(name="system:custody", origin="process")
EVERY_S = 15.0
ROUND = 8 * AT_ONCE
"""Devices of one round: after each, what people changed meanwhile counts."""

log = logging.getLogger(__name__)


class Finder:
    """Looks for the credentials of devices that declare none."""

    def __init__(self, hub: "Hub", trying: Trying) -> None:
        self._hub, self._trying = hub, trying
        self._wanted = asyncio.Event()
        self._declared_at = 0

    def look(self) -> None:
        """Something was declared: looks at once, also on devices that accepted nothing before."""
        self._declared_at = now_ms()
        self._wanted.set()

    def completed(self, assign: Assign) -> Assign:
        """In a thread: with the credentials found, and without the alerts that are not of senses."""
        known = tries_on(self._hub.store)
        kinds = {credential.name: credential.kind for credential in assign.credentials}
        devices = tuple(_completed(device, known, kinds) for device in assign.devices)
        return assign.replace(devices=devices, open_alerts=tuple(alert for alert in assign.open_alerts if alert.rule != RULE))

    async def run(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(EVERY_S):
                    await self._wanted.wait()
            self._wanted.clear()
            try:
                await self._round()
            except YunwangError as error:
                log.warning("Credentials could not be looked for: %s", error)
            except Exception:
                log.exception("Looking for credentials failed.")

    async def _round(self) -> None:
        due = await in_thread(_due, self._hub.store, now_ms(), self._declared_at)
        if not due:
            return
        results = await asyncio.gather(*(self._try(place, name) for place, name in due[:ROUND]))
        if any(results):
            self._hub.assign_soon()
        self._wanted.set()  # there may be more of them, and a next credential for those that refused this one

    async def _try(self, place: Place, name: str) -> bool:
        """True when the device accepts it."""
        try:
            result = await self._trying.test(CUSTODY, name, TryWish(host=place.address), place)
        except YunwangError as error:
            log.warning("%s: %s", place.address, error)
            return False
        return result.answer == "ok"


def _completed(device: Device, known: dict[str, CredentialTries], kinds: Mapping[str, str]) -> Device:
    tries = known.get(device.address)
    if device.credential or tries is None or tries.found not in kinds:
        return device
    return device.replace(credential=tries.found, snmp_version=version_for(kinds[tries.found], device.snmp_version))


def _due(store: RecordStore, now: int, declared_at: int) -> list[tuple[Place, str]]:
    """Which credential is to be tried now, on which of the devices that have none."""
    sets = [one for one in store.all("credential_set") if isinstance(one, CredentialSet)]
    if not sets:
        return []
    usable = {one.name for one in store.all("credential") if isinstance(one, CredentialRef) and one.kind not in OF_HOSTS}
    known = tries_on(store)
    due = []
    for device in store.all("device"):
        if not device.polled or device.credential:
            continue
        tries = known.get(device.address)
        chosen = set_for(device.address, sets)
        if chosen is None or (tries is not None and (tries.found in usable or _rests(chosen, tries, now, declared_at))):
            continue
        found = next_try(chosen, tries.tries if tries else (), now, usable)
        if found.credential:
            due.append((Place(device.address, device, chosen), found.credential))
    return due


def _rests(chosen: CredentialSet, tries: CredentialTries, now: int, declared_at: int) -> bool:
    news = bool(tries.tries) and tries.tries[-1].at_ms < declared_at
    return not news and now < rests_until(chosen, tries)
