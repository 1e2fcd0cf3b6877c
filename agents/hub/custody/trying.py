"""Tries on devices: only where a secret may be sent, never more often than the device stands, each one written down before it is made."""

import asyncio
from typing import TYPE_CHECKING, NamedTuple

from agents.hub.custody.apart import Apart
from agents.hub.custody.hostkeys import HostKeys
from agents.hub.custody.secrets import Reader
from agents.hub.custody.wire import Tried, try_snmp, try_ssh
from agents.hub.records import in_thread, now_ms
from core.credentials import OF_SOURCES, version_for
from core.custody import CredentialSet, CredentialTries, CredentialTry, TryResult, TryWish, id_of
from core.errors import ForbiddenError, NotFoundError, YunwangError
from core.i18n import tr
from core.identity import Actor
from core.objects import CredentialRef, Device
from core.ports import ListQuery, RecordStore, RecordWrite
from core.secret import Secret
from core.trying import MANUAL, begun, ended, pause_until, set_for, settled

if TYPE_CHECKING:
    from agents.hub.hub import Hub

AT_ONCE = 16


class Place(NamedTuple):
    """Where a credential may be tried."""

    address: str
    device: Device | None = None
    chosen: CredentialSet | None = None
    """The set that holds the address."""

    @property
    def limits(self) -> tuple[int, int]:
        """Failures, and the seconds within which they count."""
        return (self.chosen.most_failures, self.chosen.pause_s) if self.chosen else MANUAL


class Trying:
    """Tries credentials on behalf of people and of discovery."""

    def __init__(self, hub: "Hub", secrets: Reader, host_keys: HostKeys) -> None:
        self._hub, self._secrets, self._host_keys = hub, secrets, host_keys
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._hosts = Apart(AT_ONCE, "hosts")

    def close(self) -> None:
        self._hosts.close()

    async def place(self, host: str) -> Place:
        """A known device or an address within a set. Raises `ForbiddenError`: no secret of ours is sent anywhere else."""
        return await in_thread(place_of, self._hub.store, host)

    async def credential(self, name: str) -> CredentialRef:
        found = await in_thread(self._hub.store.find, "credential", name)
        if not isinstance(found, CredentialRef):
            raise NotFoundError(
                tr("There is no credential named {name}.", name=name[:64]), way_out=tr("They are shown by `yunwang credential list`."),
            )
        return found

    async def test(self, actor: Actor, name: str, wish: TryWish, place: Place) -> TryResult:
        """One try, unless one more failure might lock the account on the device."""
        credential = await self.credential(name)
        if place.device is None and place.chosen is not None and name not in place.chosen.credentials:
            raise _elsewhere(wish.host)
        port = wish.port or _usual_port(credential, place.device)
        async with self._slots:
            attempt = await self._begin(actor, name, place)
            if attempt.answer == "paused":
                message = tr("It was not tried: one more failure might lock the account on {address}.", address=place.address)
                return TryResult(
                    credential=name, address=place.address, port=port, answer="paused", message=message, again_at=attempt.at_ms,
                    way_out=tr("Wait, or raise the limit of the credential set."),
                )
            tried = await self._made(actor, credential, place, port, wish)
            await self._hub.commits.write(actor, lambda write: _ended(write, credential, place.address, attempt, tried))
        return _result(credential, place.address, port, tried)

    async def test_set(self, actor: Actor, wish: TryWish, place: Place) -> list[TryResult]:
        """The credentials of the set that holds the address, in order, until one is accepted or the limit is reached."""
        if place.chosen is None:
            raise NotFoundError(
                tr("No credential set holds {address}.", address=place.address), way_out=tr("Make one: yunwang credential-set add"),
            )
        results: list[TryResult] = []
        for name in place.chosen.credentials:
            results.append(await self.test(actor, name, wish, place))
            if results[-1].answer in ("ok", "paused"):
                break
        return results

    async def _begin(self, actor: Actor, name: str, place: Place) -> CredentialTry:
        """The try as it is written down; `paused` with the time of the next where there must be none."""
        now = now_ms()
        return await self._hub.commits.write(actor, lambda write: _begun(write, name, place, now))

    async def _made(self, actor: Actor, credential: CredentialRef, place: Place, port: int, wish: TryWish) -> Tried:
        if credential.kind in OF_SOURCES:
            return Tried("unusable", tr("This credential opens sources, not devices."), tr("Try it with `yunwang source test`."))
        if credential.kind == "ssh":
            return await self._made_by_ssh(actor, credential, place, port)
        secret = await self._read(actor, credential, place)
        if not isinstance(secret, Secret):
            return secret
        version = version_for(credential.kind, wish.version or (place.device.snmp_version if place.device else "2c"))
        return await try_snmp(credential, secret, place.address, port, version)

    async def _made_by_ssh(self, actor: Actor, credential: CredentialRef, place: Place, port: int) -> Tried:
        try:
            pinned = await self._host_keys.pin(place.address, port)
        except ForbiddenError as error:
            return Tried("host-key-changed", error.message, error.way_out)
        secret = await self._read(actor, credential, place)
        if not isinstance(secret, Secret):
            return secret
        legacy = self._hub.settings.secrets.ssh_legacy
        tried = await try_ssh(self._hosts, credential, secret, place.address, port, pinned, legacy=legacy)
        if tried.shown is not None:
            await self._host_keys.saw(actor, place.address, port, tried.shown, place.device.id if place.device else "")
        return tried

    async def _read(self, actor: Actor, credential: CredentialRef, place: Place) -> Secret | Tried:
        try:
            secret = await self._secrets.apart(self._secrets.read, credential)
        except YunwangError as error:
            return Tried("unusable", error.message, error.way_out)
        await self._hub.note(actor, "secret.read", {"credentials": [credential.name], "for_address": place.address})
        return secret


def place_of(store: RecordStore, host: str) -> Place:
    device = store.find("device", host)
    if not isinstance(device, Device):
        page = store.page("device", ListQuery(where={"address": host}, limit=1))
        device = store.get("device", page.items[0]["id"]) if page.items else None
    address = device.address if device else host
    chosen = set_for(address, (one for one in store.all("credential_set") if isinstance(one, CredentialSet)))
    if device is None and chosen is None:
        raise _elsewhere(host)
    return Place(address, device, chosen)


def tries_on(store: RecordStore) -> dict[str, CredentialTries]:
    """What was tried, by address."""
    return {one.address: one for one in store.all("credential_tries") if isinstance(one, CredentialTries)}


def _elsewhere(host: str) -> ForbiddenError:
    return ForbiddenError(
        tr("{host} is no device of the inventory and in no credential set that has this credential: no secret is sent there.", host=host),
        way_out=tr("Import the device first, or add its prefix with `yunwang credential-set add`."),
    )


def _usual_port(credential: CredentialRef, device: Device | None) -> int:
    if credential.kind == "ssh":
        return 22
    return device.snmp_port if device else 161


def _within(write: RecordWrite, address: str) -> CredentialTries:
    identity = id_of("credential_tries", address)
    try:
        found: CredentialTries = write.get("credential_tries", identity)
    except NotFoundError:
        return CredentialTries(id=identity, address=address)
    return found


def _begun(write: RecordWrite, name: str, place: Place, now: int) -> CredentialTry:
    known = _within(write, place.address)
    sane = settled(known, now)
    most_failures, pause_s = place.limits
    if again_at := pause_until(most_failures, pause_s, sane.tries, now):
        if sane is not known:
            write.put("credential.try", sane)
        return CredentialTry(credential=name, at_ms=again_at, answer="paused")
    known = begun(known, name, now)
    write.put("credential.try", known)
    return known.tries[-1]


def _ended(write: RecordWrite, credential: CredentialRef, address: str, attempt: CredentialTry, tried: Tried) -> None:
    known = ended(_within(write, address), attempt.replace(answer=tried.answer), now_ms(), finds=credential.kind != "ssh")
    write.put("credential.tried", known)


def _result(credential: CredentialRef, address: str, port: int, tried: Tried) -> TryResult:
    return TryResult(
        credential=credential.name, address=address, port=port, answer=tried.answer, message=tried.message, way_out=tried.way_out,
        about=tried.about, took_ms=tried.took_ms, fingerprint=tried.shown.fingerprint if tried.shown else "",
    )
