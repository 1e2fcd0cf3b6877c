"""Credentials as people declare them: reference and sealed secret are written, replaced and removed in one transaction."""

import ipaddress
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from agents.hub.custody.trying import tries_on
from agents.hub.records import in_thread, now_ms
from core import custody
from core.credentials import problems_of, secret_problem
from core.custody import CredentialRow, CredentialSet, CredentialTries, NewCredential, NewCredentialSet, SealedSecret
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.i18n import tr
from core.identity import Caller
from core.locators import is_locator, parse
from core.nouns import new_id
from core.objects import CredentialRef, Device
from core.ports import RecordStore, RecordWrite
from stores.secrets import Keyring

if TYPE_CHECKING:
    from agents.hub.hub import Hub

SEALED = "secret"


class Prepared(NamedTuple):
    """A new credential that was judged, with its sealed secret where it has one of ours."""

    record: CredentialRef
    sealed: SealedSecret | None
    secret: str

    def __repr__(self) -> str:
        return f"Prepared({self.record.name!r})"


async def prepared(hub: "Hub", new: NewCredential) -> Prepared:
    """Judges it and seals its secret, or takes the place where somebody else keeps it."""
    for _, sentence in problems_of(new.kind, new.username, new.auth, new.priv):
        raise InvalidInputError(sentence)
    if bool(new.secret) == bool(new.locator):
        raise InvalidInputError(tr("A credential has either a secret or the place where it is kept."))
    locator = new.locator or f"{SEALED}:{new.name}"
    if not is_locator(locator):
        raise InvalidInputError(tr("This is no place of a secret."), way_out=tr("secret:NAME, vault:PATH#FIELD, env:NAME or file:/PATH."))
    sealed = await _sealed(hub, new.name, new, new.secret) if new.secret else None
    record = CredentialRef(
        id=new_id(now_ms()), name=new.name, kind=new.kind, locator=locator, username=new.username, auth=new.auth, priv=new.priv,
    )
    return Prepared(record, sealed, new.secret)


def put(write: RecordWrite, action: str, keyring: Keyring, made: Prepared) -> None:
    """Writes a new credential as part of a transaction. Raises `ConflictError` where its name is taken."""
    name = made.record.name
    if write.find("credential", name) is not None:
        raise ConflictError(
            tr("There is already a credential named {name}.", name=name),
            way_out=tr("Give it another secret: yunwang credential set {name}", name=name),
        )
    write.put(action, made.record)
    if made.sealed is not None:
        _put_sealed(write, action, keyring, made.sealed, made.secret)


def discard(write: RecordWrite, action: str, name: str) -> None:
    """Removes a credential and its sealed secret as part of a transaction; nothing where there is none."""
    record: CredentialRef | None = write.find("credential", name)
    if record is None:
        return
    write.delete(action, "credential", record.id)
    locator = parse(record.locator)
    sealed = write.find("sealed_secret", locator.place) if locator and locator.kind == SEALED else None
    if sealed is not None:
        write.delete(action, "sealed_secret", sealed.id)


async def add(hub: "Hub", caller: Caller, new: NewCredential) -> CredentialRow:
    """A new credential."""
    made = await prepared(hub, new)
    record = made.record

    def change(write: RecordWrite) -> CredentialRow:
        put(write, "credential.add", hub.custody.keyring, made)
        return CredentialRow(name=record.name, kind=record.kind, locator=record.locator, username=record.username)

    row = await hub.write(caller, change)
    hub.custody.changed()
    return row


async def set_secret(hub: "Hub", caller: Caller, name: str, secret: str) -> CredentialRow:
    """Another secret for a credential; one whose secret was kept elsewhere is sealed here from now on."""
    credential = await hub.custody.trying.credential(name)
    locator = parse(credential.locator)
    sealed_name = locator.place if locator and locator.kind == SEALED else name
    sealed = await _sealed(hub, sealed_name, credential, secret)

    def change(write: RecordWrite) -> CredentialRow:
        now: CredentialRef = write.get("credential", credential.id)
        write.put("credential.set", now.replace(locator=f"{SEALED}:{sealed_name}"))
        _put_sealed(write, "credential.set", hub.custody.keyring, sealed, secret)
        return CredentialRow(name=name, kind=now.kind, locator=f"{SEALED}:{sealed_name}", username=now.username)

    row = await hub.write(caller, change)
    hub.custody.changed()
    return row


async def _sealed(hub: "Hub", name: str, about: NewCredential | CredentialRef, secret: str) -> SealedSecret:
    if problem := secret_problem(about.kind, about.auth, about.priv, secret):
        raise InvalidInputError(problem)
    if about.kind == "ssh" and secret.startswith("-----BEGIN "):
        from links.ssh import private_key

        await in_thread(private_key, secret)
    return await in_thread(hub.custody.keyring.seal, name, secret.encode())


def _put_sealed(write: RecordWrite, action: str, keyring: Keyring, sealed: SealedSecret, secret: str) -> None:
    """One of this name that is there keeps its id and counts its versions."""
    before: SealedSecret | None = write.find("sealed_secret", sealed.name)
    if before is not None:
        sealed = keyring.seal(sealed.name, secret.encode(), id=before.id, version=before.version + 1)
    write.put(action, sealed)


async def remove(hub: "Hub", caller: Caller, name: str) -> None:
    """Refused while a device or a set uses it. Its sealed secret goes with it, unless another credential names it."""
    credential = await hub.custody.trying.credential(name)
    if sources := await in_thread(lambda: [one.name for one in hub.store.all("source") if one.credential == name]):
        raise ConflictError(
            tr("The credential {name} opens the source {source}.", name=name, source=sources[0]),
            way_out=tr("Remove the source, or give it another credential, first."),
        )
    if probes := await in_thread(lambda: [one.name for one in hub.store.all("probe") if one.credential == name]):
        raise ConflictError(
            tr("The credential {name} is used by the probe {probe}.", name=name, probe=probes[0]),
            way_out=tr("Remove the probe, or give it another credential, first."),
        )
    if channels := await in_thread(lambda: [one.name for one in hub.store.all("notice_channel") if one.credential == name]):
        raise ConflictError(
            tr("The credential {name} opens the channel {channel}.", name=name, channel=channels[0]),
            way_out=tr("Remove the channel first."),
        )
    devices, sets, shared = await in_thread(_users, hub.store, credential)
    if devices or sets:
        raise ConflictError(
            tr("The credential {name} is used by {count} devices and {sets} sets.", name=name, count=devices, sets=len(sets)),
            way_out=tr("Give them another one first."),
        )
    locator = parse(credential.locator)

    def change(write: RecordWrite) -> None:
        write.delete("credential.remove", "credential", credential.id)
        sealed = write.find("sealed_secret", locator.place) if locator and locator.kind == SEALED and not shared else None
        if sealed is not None:
            write.delete("credential.remove", "sealed_secret", sealed.id)

    await hub.write(caller, change)
    hub.custody.changed()


def _users(store: RecordStore, credential: CredentialRef) -> tuple[int, list[str], bool]:
    """Devices that declare it, sets that have it, and whether another credential is kept at the same place."""
    devices = sum(isinstance(one, Device) and one.credential == credential.name for one in store.all("device"))
    sets = [one.name for one in store.all("credential_set") if credential.name in one.credentials]
    shared = any(one.locator == credential.locator and one.id != credential.id for one in store.all("credential"))
    return devices, sets, shared


def rows(store: RecordStore, keyring: Keyring) -> list[CredentialRow]:
    """All credentials by name, without their secrets."""
    sealed = {one.name: one for one in store.all("sealed_secret")}
    sets = [one for one in store.all("credential_set") if isinstance(one, CredentialSet)]
    known = tries_on(store)
    uses = Counter(
        one.credential or (known[one.address].found if one.address in known else "") for one in store.all("device") if one.polled
    )
    last = _last_tests(known)
    return [
        _row(one, sealed, keyring, uses[one.name], tuple(each.name for each in sets if one.name in each.credentials), last.get(one.name))
        for one in sorted(store.all("credential"), key=lambda one: one.name)
    ]


def _row(
    one: CredentialRef, sealed: dict[str, SealedSecret], keyring: Keyring, devices: int, sets: tuple[str, ...],
    last: tuple[custody.CredentialTry, str] | None,
) -> CredentialRow:
    row = CredentialRow(name=one.name, kind=one.kind, locator=one.locator, username=one.username, devices=devices, sets=sets)
    if one.locator.startswith(f"{SEALED}:"):
        kept = sealed.get(one.locator.partition(":")[2])
        if kept is None:
            row = row.replace(problem=tr("Its secret was not entered yet."))
        elif kept.key_id not in keyring.ids:
            row = row.replace(problem=tr("It was sealed with the key {key}, which is not here.", key=kept.key_id))
        if kept is not None:
            row = row.replace(version=kept.version, sealed_at=kept.sealed_at)
    if last is not None:
        row = row.replace(tested=last[0].answer, tested_at=last[0].at_ms, tested_on=last[1])
    return row


def _last_tests(known: dict[str, CredentialTries]) -> dict[str, tuple[custody.CredentialTry, str]]:
    last: dict[str, tuple[custody.CredentialTry, str]] = {}
    for address, tries in known.items():
        for attempt in tries.tries:
            if attempt.credential not in last or attempt.at_ms >= last[attempt.credential][0].at_ms:
                last[attempt.credential] = (attempt, address)
    return last


async def put_set(hub: "Hub", caller: Caller, new: NewCredentialSet) -> CredentialSet:
    """Declares a set, or replaces the one of this name."""
    prefixes = tuple(dict.fromkeys(_prefix(text) for text in new.prefixes))
    known = {one.name for one in await in_thread(lambda: list(hub.store.all("credential")))}
    if missing := [name for name in new.credentials if name not in known]:
        raise NotFoundError(
            tr("There is no credential named {name}.", name=missing[0]), way_out=tr("They are shown by `yunwang credential list`."),
        )

    def change(write: RecordWrite) -> CredentialSet:
        before: CredentialSet | None = write.find("credential_set", new.name)
        record = CredentialSet(
            id=before.id if before else new_id(now_ms()), name=new.name, prefixes=prefixes,
            credentials=tuple(dict.fromkeys(new.credentials)), most_failures=new.most_failures, pause_s=new.pause_s,
        )
        write.put("credential-set.add", record)
        return record

    record = await hub.write(caller, change)
    hub.custody.changed()
    return record


def _prefix(text: str) -> str:
    try:
        return str(ipaddress.ip_network(text))
    except ValueError:
        raise InvalidInputError(
            tr("{text} is no prefix.", text=text), way_out=tr("For example 10.1.0.0/16 or fd00:1::/32, without bits of hosts."),
        ) from None


async def remove_set(hub: "Hub", caller: Caller, name: str) -> None:
    def change(write: RecordWrite) -> None:
        record: CredentialSet | None = write.find("credential_set", name)
        if record is None:
            raise NotFoundError(tr("There is no credential set named {name}.", name=name[:64]))
        write.delete("credential-set.remove", "credential_set", record.id)

    await hub.write(caller, change)
    hub.custody.changed()
