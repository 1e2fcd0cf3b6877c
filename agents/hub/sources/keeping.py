"""Sources as people declare them: record and credential are written and removed in one transaction."""

from typing import TYPE_CHECKING

import msgspec

from agents.hub.custody import credentials
from agents.hub.records import in_thread, now_ms
from agents.hub.sources.checking import RULES, check
from core.cloud import CloudPlatform
from core.credentials import OF_SOURCES
from core.custody import NewCredential
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.i18n import tr
from core.identity import Caller
from core.nouns import new_id
from core.objects import CredentialRef
from core.ports import RecordWrite
from core.sources import NewSource, SourceChange, SourceConfig, Told

if TYPE_CHECKING:
    from agents.hub.hub import Hub

ADD, SET, REMOVE = "source.add", "source.set", "source.remove"
MOST = 200


def own_credential(name: str) -> str:
    """What a credential is called that came with its source and goes with it."""
    return f"source-{name}"[:64]


async def named(hub: "Hub", name: str) -> SourceConfig:
    """Raises `NotFoundError`."""
    found = await in_thread(hub.store.find, "source", name)
    if not isinstance(found, SourceConfig):
        raise NotFoundError(tr("There is no source named {name}.", name=name[:64]), way_out=tr("They are shown by `yunwang source list`."))
    return found


async def add(hub: "Hub", caller: Caller, new: NewSource) -> SourceConfig:
    """A new source. Its cloud platform is declared with it: whoever adds a cloud says that it is there."""
    config = SourceConfig(
        id=new_id(now_ms()), name=new.name, kind=new.kind, url=new.url.rstrip("/"), credential=new.credential,
        options={name: value for name, value in new.options.items() if value}, note=new.note,
    )
    if new.secret and new.credential:
        raise InvalidInputError(tr("A source has either a credential that is there or a secret of its own."))
    check(config, new.username, secret=bool(new.secret or new.credential))
    await _known_credential(hub, config)
    made = None
    if new.secret:
        config = config.replace(credential=own_credential(new.name))
        kind = RULES[new.kind].login or ("password" if new.username else "token")
        wish = NewCredential(name=config.credential, kind=msgspec.convert(kind, CredentialRef.__annotations__["kind"]),
                             username=new.username if kind == "password" else "", secret=new.secret)
        made = await credentials.prepared(hub, wish)

    def change(write: RecordWrite) -> SourceConfig:
        if write.find("source", config.name) is not None:
            raise ConflictError(
                tr("There is already a source named {name}.", name=config.name),
                way_out=tr("Change it: yunwang source set {name}", name=config.name),
            )
        if made is not None:
            credentials.put(write, ADD, hub.custody.keyring, made)
        write.put(ADD, config)
        return config

    if len(await in_thread(lambda: list(hub.store.all("source")))) >= MOST:
        raise ConflictError(tr("There are {count} sources already.", count=MOST))
    added = await hub.write(caller, change)
    await _declare_platform(hub, caller, added)
    return added


async def _known_credential(hub: "Hub", config: SourceConfig) -> None:
    if not config.credential:
        return
    credential = await hub.custody.trying.credential(config.credential)
    if credential.kind != (RULES[config.kind].login or credential.kind) or credential.kind not in OF_SOURCES:
        raise InvalidInputError(
            tr("The credential {name} does not open a source of this kind.", name=credential.name),
            way_out=tr("A cloud needs one of the kind password, the others one of the kind token: yunwang credential add"),
        )


async def _declare_platform(hub: "Hub", caller: Caller, config: SourceConfig) -> None:
    if config.kind != "openstack":
        return
    name = config.options.get("platform") or config.name
    if await in_thread(hub.store.find, "cloud_platform", name) is None:
        platform = CloudPlatform(id="", name=name, endpoint=config.url)
        told = Told(
            origin="declared", source="declared", records={"cloud_platform": (platform,)},
            fields={"cloud_platform": ("name", "kind", "endpoint")},
        )
        await hub.intake.take(caller, told)


async def change(hub: "Hub", caller: Caller, name: str, wish: SourceChange) -> SourceConfig:
    """Other values for some fields. Another host gets no secret that was given for the one before."""
    before = await named(hub, name)
    after = _changed(before, wish)
    check(after, "", secret=bool(after.credential))
    await _known_credential(hub, after)
    if after.credential == own_credential(name) and _host(after) != _host(before):
        raise ConflictError(
            tr("The secret of {name} was given for {url}; it is not sent to another host.", name=name, url=before.url),
            way_out=tr("Remove the source and add it anew, or name another credential."),
        )

    def write_it(write: RecordWrite) -> SourceConfig:
        now = _changed(write.get("source", before.id), wish)
        write.put(SET, now)
        return now

    return await hub.write(caller, write_it)


def _host(config: SourceConfig) -> tuple[str, str, int]:
    from links.bounded import origin

    return origin(config.url)


def _changed(config: SourceConfig, wish: SourceChange) -> SourceConfig:
    options = {**config.options, **(wish.options or {})}
    return config.replace(
        url=config.url if wish.url is None else wish.url.rstrip("/"),
        credential=config.credential if wish.credential is None else wish.credential,
        options={name: value for name, value in options.items() if value},
        enabled=config.enabled if wish.enabled is None else wish.enabled,
        note=config.note if wish.note is None else wish.note,
    )


async def remove(hub: "Hub", caller: Caller, name: str) -> None:
    """The source and its own credential. What it told stays, as what it said last."""
    config = await named(hub, name)
    shared = await in_thread(lambda: any(one.credential == config.credential and one.id != config.id for one in hub.store.all("source")))

    def write_it(write: RecordWrite) -> None:
        write.delete(REMOVE, "source", config.id)
        if config.credential == own_credential(name) and not shared:
            credentials.discard(write, REMOVE, config.credential)

    await hub.write(caller, write_it)
