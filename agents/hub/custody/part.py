"""The part of the hub that keeps secrets: opens the key, resumes a rotation, and hands senses what they need of secrets, audited."""

import asyncio
import contextlib
import logging
from typing import TYPE_CHECKING

import msgspec

from agents.hub.custody.finding import Finder
from agents.hub.custody.hostkeys import HostKeys
from agents.hub.custody.rotation import ACTION, reseal, seals_anything
from agents.hub.custody.secrets import Reader
from agents.hub.custody.trying import Trying
from agents.hub.records import in_thread
from core.custody import CredentialTries, Rotation
from core.errors import YunwangError
from core.i18n import tr
from core.identity import AccountSecret, Actor
from core.locators import held_by_hub
from core.messages import Assign, Secrets, SecretsWanted
from core.objects import CredentialRef, Device
from core.probes import Probe
from core.secret import Secret
from stores.secrets import Keyring

if TYPE_CHECKING:
    from agents.hub.hub import Hub

CUSTODY = Actor(name="system:custody", origin="process")
SENSES = Actor(name="system:senses", origin="process")
SETTLE_S = 0.3
VAULT_AGAIN_S = 60.0
"""After Vault could not be asked, senses are told anew what to poll, and ask anew."""
VAULT_EVERY_S = 3600.0
"""How often secrets of Vault are read again: somebody else changes them."""

log = logging.getLogger(__name__)


class Custody:
    """A part of the hub."""

    keyring: Keyring

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        self.secrets = Reader(hub.settings, hub.store, lambda: self.keyring)
        self.host_keys = HostKeys(hub)
        self.trying = Trying(hub, self.secrets, self.host_keys)
        self._finder = Finder(hub, self.trying)
        self._rotating = asyncio.Lock()

    async def start(self) -> None:
        """Raises `SettingsError` when the key cannot be used, or is missing though something is sealed with it."""
        sealed = await in_thread(seals_anything, self._hub.store)
        self.keyring = await in_thread(Keyring.open, self._hub.settings, create=not sealed)
        await self._hub.bus.subscribe("hub.secrets", self._hand_out, workers=2)
        if len(self.keyring.ids) > 1 and self.keyring.file is not None:
            await self._resume()  # before the accounts are loaded: nobody holds what was sealed with the old key
        self._hub.spawn(self._finder.run())
        self._hub.spawn(self._ask_vault_again())

    async def close(self) -> None:
        self.trying.close()
        self.secrets.apart.close()

    def changed(self) -> None:
        """Credentials or sets were declared: senses and the search for credentials are told."""
        self._finder.look()
        self._hub.assign_soon()

    def completed(self, assign: Assign) -> Assign:
        """The assignment with the credentials that were found for devices that declare none, and with the alerts of senses alone."""
        return self._finder.completed(assign)

    async def rotate(self, actor: Actor) -> Rotation:
        """A new key becomes current, everything is sealed anew in one transaction, and the old key is taken away. May die anywhere:
        the next start or the next call goes on."""
        async with self._rotating:
            await in_thread(self.keyring.begin_rotation)
            return await self._finish_rotation(actor)

    async def _finish_rotation(self, actor: Actor) -> Rotation:
        """Twice, because what was read before the first pass may have been written after it."""
        resealed = 0
        for pause in (0.0, SETTLE_S):
            await asyncio.sleep(pause)
            done = await in_thread(reseal, self._hub.store, self.keyring, actor)
            self._hub.identity.people.put(*(record for record in done.records if isinstance(record, AccountSecret)))
            resealed += len(done.records)
        await self._hub.note(actor, ACTION, {"sealed_with": self.keyring.current, "retires": list(self.keyring.ids[1:])})
        retired = await in_thread(self.keyring.end_rotation)
        return Rotation(
            key=self.keyring.current, retired=retired, resealed=resealed, unreadable=done.unreadable,
            by_hand=self.keyring.file is None and bool(retired),
        )

    async def _resume(self) -> None:
        try:
            async with self._rotating:
                done = await self._finish_rotation(CUSTODY)
            log.info("A rotation of the key was finished: %s secrets are sealed with %s.", done.resealed, done.key)
        except YunwangError as error:
            log.warning("The rotation of the key could not be finished: %s", error)

    async def _hand_out(self, body: bytes) -> bytes:
        """Secrets for senses: of the credentials of devices that are polled, and of no others."""
        wanted = msgspec.msgpack.decode(body, type=SecretsWanted)
        known = await in_thread(_assigned, self._hub)
        values: dict[str, str] = {}
        problems = {name: tr("No polled device uses this credential.") for name in wanted.names if name not in known}
        credentials = [known[name] for name in dict.fromkeys(wanted.names) if name in known]
        for name, found in (await self.secrets.apart(self.secrets.read_all, credentials)).items():
            if isinstance(found, Secret):
                values[name] = found.reveal()
            else:
                problems[name] = str(found)
        if values:
            await self._hub.note(SENSES, "secret.read", {"credentials": sorted(values)})
        return msgspec.msgpack.encode(Secrets(values=values, problems=problems))

    async def _ask_vault_again(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(VAULT_EVERY_S):
                    await self.secrets.vault_failed.wait()
                await asyncio.sleep(VAULT_AGAIN_S)
            self.secrets.vault_failed.clear()
            if any(credential.locator.startswith("vault:") for credential in (await in_thread(_assigned, self._hub)).values()):
                self._hub.assign_soon()


def _assigned(hub: "Hub") -> dict[str, CredentialRef]:
    """Credentials that senses may ask for, by name."""
    devices = (device for device in hub.store.all("device") if isinstance(device, Device) and device.polled)
    found = {one.address: one.found for one in hub.store.all("credential_tries") if isinstance(one, CredentialTries) and one.found}
    names = {device.credential or found.get(device.address, "") for device in devices}
    names |= {probe.credential for probe in hub.store.all("probe") if isinstance(probe, Probe) and probe.enabled}
    credentials = (one for one in hub.store.all("credential") if isinstance(one, CredentialRef))
    return {one.name: one for one in credentials if one.name in names and held_by_hub(one.locator)}
