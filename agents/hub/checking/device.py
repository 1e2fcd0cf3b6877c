"""A device tried by the hub: with its credential, the host key that is pinned, the tries that the device stands, and what the ears heard.

No secret leaves custody for the answer, and nothing is tried that might lock an account: each try goes the way of a credential test.
"""

from agents.hub.custody.trying import Place
from agents.hub.custody.wire import Tried
from agents.hub.hub import Hub
from agents.hub.records import in_thread, now_ms
from agents.hub.sight import Sight
from agents.local_arrivals import Arrivals, Kind
from agents.local_check import NAMES, SSH_S, Checking, Wish, line
from core.credentials import OF_HOSTS, version_for
from core.custody import CredentialTries, TryResult, TryWish, id_of
from core.errors import ForbiddenError, InvalidInputError, NotFoundError, YunwangError
from core.events import EventQuery
from core.i18n import tr
from core.identity import Actor
from core.node import Check
from core.objects import CredentialRef
from core.polling import SnmpSecret, Target
from core.width import clean
from links import ssh
from links.ssh_asking import ask

HEARD_MS = 24 * 3_600_000


class Chosen:
    """The credentials that the hub would use there; "": none."""

    def __init__(self, snmp: CredentialRef | None, login: CredentialRef | None) -> None:
        self.snmp, self.login = snmp, login


class HubChecking(Checking):
    """One device of the inventory."""

    def __init__(self, hub: Hub, actor: Actor, place: Place, chosen: Chosen, wish: Wish, sight: Sight) -> None:
        super().__init__(wish)
        self._hub, self._actor, self._place, self._chosen, self._sight = hub, actor, place, chosen, sight

    async def try_snmp(self) -> Tried:
        if self._chosen.snmp is None:
            return Tried("unusable", tr("No credential of SNMP is declared for it, and no credential set offers one."),
                         tr("Make one: yunwang credential-set add"))
        return _tried(await self._test(self._chosen.snmp, self._target.port))

    async def what_platform(self) -> str:
        return ""

    async def seen(self, shown: ssh.Checked) -> None:
        device = self._place.device
        await self._hub.custody.host_keys.saw(self._actor, self._place.address, self._wish.ssh_port, shown, device.id if device else "")

    async def try_login(self, login: ssh.Login, pinned: ssh.Pin, command: str, shell: bool) -> tuple[Tried, str]:
        """The try is counted and journaled; only a credential that was just accepted is used again, to ask."""
        del login  # a name without its secret
        credential = self._chosen.login
        if credential is None:
            raise InvalidInputError(tr("No login was given."))
        tried = _tried(await self._test(credential, self._wish.ssh_port))
        if tried.answer != "ok":
            return tried, ""
        secret = await self._hub.custody.secrets.apart(self._hub.custody.secrets.read, credential)
        known = ssh.Login(credential.username, secret.reveal())
        _, printed = await in_thread(
            lambda: ask(self._place.address, self._wish.ssh_port, known, pinned, command, shell=shell, timeout_s=SSH_S,
                        legacy=self._wish.legacy),
        )
        return tried, printed

    def no_login(self) -> Check:
        return line(tr("Login"), "warn", tr("No credential of kind ssh is in the credential set of this address."),
                    tr("Add one: yunwang credential add NAME --kind ssh, then yunwang credential-set add"))

    async def arrived(self, kind: Kind, arrivals: Arrivals) -> Check:
        """Of the last day, out of what the ears heard."""
        del arrivals
        name, now = tr(NAMES[kind]), now_ms()
        device = self._place.device
        query = EventQuery(device=device.id if device else "", kind=kind, start_ms=now - HEARD_MS, end_ms=now + 1, limit=1)
        try:
            page = await self._hub.events.page(query, self._sight)
        except YunwangError as error:
            return line(name, "warn", error.message, error.way_out)
        if page.rows:
            return line(name, "ok", tr("The last one came {n} minutes ago.", n=max(0, now - page.rows[0].at_ms) // 60_000))
        return line(name, "warn", tr("None came within the last 24 hours."), self.paste(kind))

    async def _test(self, credential: CredentialRef, port: int) -> TryResult:
        wish = TryWish(host=self._place.address, port=port)
        return await self._hub.custody.trying.test(self._actor, credential.name, wish, self._place)


async def check(hub: Hub, actor: Actor, place: Place, sight: Sight, ssh_port: int = 22) -> tuple[Check, ...]:
    """All checks of a device of the inventory."""
    device = place.device
    if device is None:
        raise NotFoundError(tr("It is no device of the inventory."))
    chosen = await in_thread(_chosen, hub, place)
    version = version_for(chosen.snmp.kind, device.snmp_version) if chosen.snmp is not None else device.snmp_version
    about = SnmpSecret(username=chosen.snmp.username, auth=chosen.snmp.auth, priv=chosen.snmp.priv) if chosen.snmp else SnmpSecret()
    target = Target(device_id=device.id, address=place.address, port=device.snmp_port, version=version, secret=about)
    try:
        pinned = await hub.custody.host_keys.pin(place.address, ssh_port)
    except ForbiddenError:
        pinned = await in_thread(_pinned, hub, place.address, ssh_port)
    wish = Wish(
        target=target, ssh_port=ssh_port, login=ssh.Login(chosen.login.username, "") if chosen.login else None, platform=device.platform,
        host_key=pinned.fingerprint if pinned else "", legacy=hub.settings.secrets.ssh_legacy,
    )
    return tuple([one async for one in HubChecking(hub, actor, place, chosen, wish, sight).run()])


def _chosen(hub: Hub, place: Place) -> Chosen:
    names = list(place.chosen.credentials) if place.chosen else []
    found = [one for name in names if isinstance(one := hub.store.find("credential", name), CredentialRef)]
    declared = hub.store.find("credential", _settled(hub, place))
    snmp = declared if isinstance(declared, CredentialRef) else next((one for one in found if one.kind not in OF_HOSTS), None)
    return Chosen(snmp, next((one for one in found if one.kind == "ssh"), None))


def _settled(hub: Hub, place: Place) -> str:
    """The credential that is declared for it, or that it accepted before."""
    if place.device is not None and place.device.credential:
        return place.device.credential
    try:
        tries = hub.store.get("credential_tries", id_of("credential_tries", place.address))
    except NotFoundError:
        return ""
    return tries.found if isinstance(tries, CredentialTries) else ""


def _pinned(hub: Hub, address: str, port: int) -> ssh.Pin:
    """The key that was pinned before another was shown."""
    known = hub.store.get("host_key", id_of("host_key", address, port))
    return ssh.Pin(known.algorithm, known.fingerprint)


def _tried(result: TryResult) -> Tried:
    return Tried(result.answer, clean(result.message, 400), clean(result.way_out, 400), result.about, result.took_ms)
