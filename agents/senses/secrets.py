"""Credentials by reference become secrets, only in the process that polls and only in its memory."""

import contextlib
import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from core.errors import NoAnswerError, SettingsError
from core.i18n import tr
from core.locators import held_by_hub
from core.messages import Assign, Observed, Secrets, SecretsWanted
from core.objects import CredentialRef
from core.polling import SnmpSecret
from core.ports import Bus
from core.secret import MASK, Secret
from links.ssh import Login
from stores.secrets.places import LARGEST, private_text

ASK_S = 45.0
"""How long the hub may take to fetch all secrets, some of them from Vault."""
LEAST_ECHO = 6
"""Shorter ones are found in words that are nobody's secret."""
MOST_ECHOES = 256
NO_SECRETS = frozenset({"public", "private"})
Given = Mapping[str, Secret | str]
"""By the name of the credential: what the hub handed over, or in one sentence why it did not."""


class Borrower:
    """The secrets that the hub keeps, as senses have them: asked for with each assignment, held in memory alone."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus
        self._held: dict[str, tuple[CredentialRef, Secret]] = {}

    async def fetch(self, assign: Assign) -> Given:
        """Asks the hub. What it cannot get at the moment, of a credential that has not changed, stays as it was."""
        used = {device.credential for device in assign.devices if device.polled}
        used |= {task.probe.credential for task in assign.probes if task.probe.enabled}
        wanted = {one.name: one for one in assign.credentials if one.name in used and held_by_hub(one.locator)}
        self._held = {name: held for name, held in self._held.items() if wanted.get(name) == held[0]}
        if not wanted:
            return {}
        body = msgspec.msgpack.encode(SecretsWanted(names=tuple(sorted(wanted))))
        try:
            answer = msgspec.msgpack.decode(await self._bus.request("hub.secrets", body, ASK_S), type=Secrets)
        except NoAnswerError:
            if self._held.keys() != wanted.keys():
                raise
            answer = Secrets(values={})
        self._held |= {name: (wanted[name], Secret(value)) for name, value in answer.values.items() if name in wanted}
        return {**answer.problems, **{name: secret for name, (_, secret) in self._held.items()}}


def resolve(credential: CredentialRef, given: Given | None = None, environ: Mapping[str, str] | None = None) -> SnmpSecret:
    """The secret that a credential points to. Raises `SettingsError`, which names the place and never the secret.

    A community is the first line of what is kept there; for SNMPv3 the first line is the authentication passphrase, the second the
    privacy passphrase.
    """
    if not held_by_hub(credential.locator):
        return shaped(credential, read_locator(credential.locator, environ))
    found = (given or {}).get(credential.name, "")
    if isinstance(found, Secret):
        return shaped(credential, found.reveal())
    raise SettingsError(
        found or tr("The secret {name} is kept by the hub.", name=credential.name),
        way_out=tr("`yunwang credential list` shows what is missing."),
    )


def logins_of(assign: Assign, given: Given) -> dict[str, Login]:
    """Logins of probes by the names of their credentials; those that cannot be had are left out."""
    used = {task.probe.credential for task in assign.probes if task.probe.enabled}
    out: dict[str, Login] = {}
    for one in assign.credentials:
        if one.name not in used:
            continue
        found = given.get(one.name, "")
        with contextlib.suppress(SettingsError):
            if held_by_hub(one.locator):
                if isinstance(found, Secret):
                    out[one.name] = Login(one.username, found.reveal())
            else:
                out[one.name] = Login(one.username, read_locator(one.locator).rstrip("\n"))
    return out


def shaped(credential: CredentialRef, text: str) -> SnmpSecret:
    """The text of a secret as the engine takes it. Raises `SettingsError` where it does not fit the credential."""
    first, second = (*text.splitlines(), "", "")[:2]
    needed = bool(credential.auth) if credential.kind == "snmp-v3" else True
    if (needed and not first) or (credential.priv and not second):
        raise SettingsError(
            tr("There is no secret at {locator}.", locator=credential.locator),
            way_out=tr("SNMPv2c: the community on one line. SNMPv3: authentication on the first line, privacy on the second."),
        )
    if credential.kind == "snmp-community":
        return SnmpSecret(community=first)
    return SnmpSecret(username=credential.username, auth=credential.auth, auth_key=first, priv=credential.priv, priv_key=second)


def words_of(secrets: Iterable[SnmpSecret]) -> tuple[str, ...]:
    """What must not come back, longest first; of very many secrets the first ones, because each answer is searched for each of them."""
    words = dict.fromkeys(word for one in secrets for word in (one.community, one.auth_key, one.priv_key))
    found = [word for word in words if len(word) >= LEAST_ECHO and word not in NO_SECRETS]
    return tuple(sorted(found[:MOST_ECHOES], key=len, reverse=True))


def without_echo(observed: Observed, words: Sequence[str]) -> Observed:
    """What a device said of itself, without our secrets: some echo in a contact, a description or an alias what they are asked with."""
    raw = msgspec.msgpack.encode(observed) if words else b""
    if not any(word.encode() in raw for word in words):
        return observed

    def cleaned(text: str) -> str:
        for word in words:
            text = text.replace(word, MASK)
        return text

    return observed.replace(
        facts=tuple(fact.replace(value=cleaned(fact.value)) for fact in observed.facts),
        interfaces=tuple(one.replace(alias=cleaned(one.alias), descr=cleaned(one.descr)) for one in observed.interfaces),
    )


def read_locator(locator: str, environ: Mapping[str, str] | None = None) -> str:
    """Text behind `env:NAME` or `file:PATH`; a file must belong to this account alone."""
    kind, _, name = locator.partition(":")
    if kind == "env" and name:
        env = os.environ if environ is None else environ
        if name not in env:
            problem = tr("The environment variable {name} is not set.", name=name)
            raise SettingsError(problem, way_out=tr("Set it where Yunwang is started."))
        return env[name][:LARGEST]
    if kind == "file" and name:
        return private_text(Path(name).expanduser())
    raise SettingsError(
        tr("A secret of this kind is kept at env:NAME or file:PATH."),
        way_out=tr("Put it there and name the place, never the secret itself."),
    )
