"""May a crawl ask this address, and with which credential: never outside of what it was started for, never a secret where none belongs,
never more tries than the device stands."""

from typing import TYPE_CHECKING

from agents.hub.custody.trying import Place, place_of
from agents.hub.records import in_thread
from core.crawl import Admitted, CrawlWish
from core.credentials import OF_HOSTS, version_for
from core.custody import CredentialSet, CredentialTries, TryWish, id_of
from core.errors import ForbiddenError, NotFoundError, YunwangError
from core.i18n import tr
from core.identity import Actor
from core.objects import CredentialRef
from core.trying import set_for
from core.work import Job

if TYPE_CHECKING:
    from agents.hub.hub import Hub


class Admitting:
    """Asks custody on behalf of crawls."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub

    async def admit(self, job: Job, wish: CrawlWish, address: str) -> Admitted:
        """Raises `ForbiddenError` for an address that this crawl must not ask."""
        from agents.crawl import bounds_of
        from inventory.crawl.frontier import allows

        if not allows(bounds_of(wish, self._hub.settings.work.crawl_deny), address):
            raise ForbiddenError(tr("{address} lies outside of this crawl.", address=address[:64]))
        actor = Actor(name=job.author, origin="job", request=job.id)
        try:
            place = await in_thread(self._place, address, wish.credential_set)
        except (ForbiddenError, NotFoundError) as error:
            return Admitted(problem="no-credential", message=error.message)
        port = place.device.snmp_port if place.device else wish.port
        if name := await in_thread(self._settled, place):
            return await self._with_secret(actor, name, place, port)
        return await self._tried(actor, place, port)

    def _place(self, address: str, set_name: str) -> Place:
        """Where a secret may be sent: a device of the inventory, or an address within a set."""
        if not set_name:
            return place_of(self._hub.store, address)
        chosen = self._hub.store.find("credential_set", set_name)
        if not isinstance(chosen, CredentialSet):
            raise NotFoundError(tr("There is no credential set named {name}.", name=set_name[:64]))
        if set_for(address, [chosen]) is None:
            raise ForbiddenError(tr("The credential set {name} does not hold {address}.", name=set_name, address=address))
        try:
            return place_of(self._hub.store, address)._replace(chosen=chosen)
        except ForbiddenError:
            return Place(address, None, chosen)

    def _settled(self, place: Place) -> str:
        """The credential that is declared for the device, or that it accepted before; empty: one must be tried."""
        if place.device is not None and place.device.credential:
            return place.device.credential
        try:
            tries = self._hub.store.get("credential_tries", id_of("credential_tries", place.address))
        except NotFoundError:
            return ""
        return tries.found if isinstance(tries, CredentialTries) else ""

    async def _tried(self, actor: Actor, place: Place, port: int) -> Admitted:
        """The first of the set that the device accepts."""
        message = tr("No credential set holds {address}.", address=place.address)
        silent = False
        for name in place.chosen.credentials if place.chosen else ():
            credential = await self._usable(name)
            if credential is None:
                continue
            result = await self._hub.custody.trying.test(actor, name, TryWish(host=place.address, port=port), place)
            if result.answer == "ok":
                return await self._with_secret(actor, name, place, port)
            message, silent = result.message, result.answer == "no-answer"
            if result.answer == "paused":
                break
        return Admitted(problem="no-answer" if silent else "refused", message=message)

    async def _usable(self, name: str) -> CredentialRef | None:
        try:
            found = await self._hub.custody.trying.credential(name)
        except NotFoundError:
            return None
        return None if found.kind in OF_HOSTS else found

    async def _with_secret(self, actor: Actor, name: str, place: Place, port: int) -> Admitted:
        credential = await self._usable(name)
        if credential is None:
            return Admitted(problem="no-credential", message=tr("There is no credential named {name}.", name=name[:64]))
        try:
            secret = await self._hub.custody.secrets.apart(self._hub.custody.secrets.read, credential)
        except YunwangError as error:
            return Admitted(problem="no-credential", message=error.message)
        await self._hub.note(actor, "secret.read", {"credentials": [name], "for_address": place.address})
        version = version_for(credential.kind, place.device.snmp_version if place.device else "2c")
        return Admitted(credential=credential, secret=secret.reveal(), version=version, port=port)
