"""Channels, contacts and routes as people declare them; a channel's own credential is written and removed with it."""

from typing import TYPE_CHECKING, Any

from agents.hub.custody import credentials
from agents.hub.notify.routing import check as check_route
from agents.hub.records import in_thread, now_ms
from core.custody import NewCredential
from core.errors import ConflictError, InvalidInputError, NotFoundError
from core.i18n import tr
from core.identity import Caller
from core.notices import Channel, ChannelChange, Contact, NewChannel, NewContact, NewRoute, Route
from core.nouns import new_id
from core.ports import RecordStore, RecordWrite

if TYPE_CHECKING:
    from agents.hub.hub import Hub

SET = "notify.set"
MOST = 500
CHANNEL, CONTACT, ROUTE = "notice_channel", "notice_contact", "notice_route"


def own_credential(name: str) -> str:
    """What a credential is called that came with its channel and goes with it."""
    return f"notify-{name}"[:64]


async def all_of(hub: "Hub", kind: str) -> list[Any]:
    return sorted(await in_thread(lambda: list(hub.store.all(kind))), key=lambda one: str(one.name))


async def named(hub: "Hub", kind: str, name: str) -> Any:
    """Raises `NotFoundError`."""
    found = await in_thread(hub.store.find, kind, name)
    if found is None:
        raise NotFoundError(tr("There is no {name}.", name=name[:64]), way_out="yunwang notify channel-list | contact-list | route-list")
    return found


async def add_channel(hub: "Hub", caller: Caller, new: NewChannel) -> Channel:
    """A new channel; its secret is sealed, and never comes back."""
    made = Channel(
        id=new_id(now_ms()), name=new.name, kind=new.kind, url=new.url, credential=new.credential, per_minute=new.per_minute,
        options={name: value for name, value in new.options.items() if value}, note=new.note,
    )
    if new.secret and new.credential:
        raise InvalidInputError(tr("A channel has either a credential that is there or a secret of its own."))
    prepared = None
    if new.secret:
        made = made.replace(credential=own_credential(new.name))
        prepared = await credentials.prepared(hub, NewCredential(
            name=made.credential, kind="password" if new.username else "token", username=new.username, secret=new.secret,
        ))
    check_channel(made)
    if new.credential:
        await hub.custody.trying.credential(new.credential)

    def change(write: RecordWrite) -> Channel:
        if write.find(CHANNEL, made.name) is not None:
            raise ConflictError(tr("There is already a channel named {name}.", name=made.name),
                                way_out=tr("Change it: yunwang notify channel-set {name}", name=made.name))
        if prepared is not None:
            credentials.put(write, SET, hub.custody.keyring, prepared)
        write.put(SET, made)
        return made

    await _room(hub, CHANNEL)
    added: Channel = await _written(hub, caller, change)
    return added


def check_channel(channel: Channel) -> None:
    """Raises what cannot be meant, before anything is kept or sent."""
    if channel.kind == "mail":
        from links.notify.mail import address_of, server_of

        server_of(channel.url)
        address_of(channel.options.get("sender", ""))
        return
    from links.notify.web import must_be_safe

    must_be_safe(channel)
    if "access_token=" in channel.url:
        raise InvalidInputError(
            tr("The access token of a robot is a secret and does not belong into its address."),
            way_out=tr("Give the address without it, and the token as the secret, followed by a space and the signing key."),
        )
    if channel.kind == "robot" and not channel.credential:
        raise InvalidInputError(tr("A robot needs its access token as a secret."))
    if channel.kind == "sms":
        from links.notify.gateway import check

        check(channel)


async def change_channel(hub: "Hub", caller: Caller, name: str, wish: ChannelChange) -> Channel:
    """Other values for some fields. Another host gets no secret that was given for the one before."""
    before: Channel = await named(hub, CHANNEL, name)
    after = _changed(before, wish)
    check_channel(after)
    if after.credential == own_credential(name) and _host(after) != _host(before):
        raise ConflictError(
            tr("The secret of {name} was given for {url}; it is not sent to another host.", name=name, url=before.url),
            way_out=tr("Remove the channel and add it anew."),
        )

    def change(write: RecordWrite) -> Channel:
        now = _changed(write.get(CHANNEL, before.id), wish)
        write.put(SET, now)
        return now

    changed: Channel = await _written(hub, caller, change)
    return changed


def _host(channel: Channel) -> tuple[str, ...]:
    from urllib.parse import urlsplit

    parts = urlsplit(channel.url)
    return parts.scheme, parts.netloc.lower()


def _changed(channel: Channel, wish: ChannelChange) -> Channel:
    options = {**channel.options, **(wish.options or {})}
    given = {name: value for name in ("url", "per_minute", "enabled", "note") if (value := getattr(wish, name)) is not None}
    return channel.replace(options={name: value for name, value in options.items() if value}, **given)


async def put_contact(hub: "Hub", caller: Caller, new: NewContact) -> Contact:
    """Declares a contact, or replaces the one of this name."""
    for way in new.ways:
        channel: Channel = await named(hub, CHANNEL, way.channel)
        check_way(channel, way.to)
    if new.account and await in_thread(hub.store.find, "account", new.account) is None:
        raise NotFoundError(tr("There is no account named {name}.", name=new.account))
    made: Contact = await _put(hub, caller, CONTACT, lambda id_: Contact(id=id_, **_fields(new)))
    return made


def check_way(channel: Channel, to: str) -> None:
    """Raises `InvalidInputError` for what is no address of this channel's kind."""
    if channel.kind == "mail":
        from links.notify.mail import address_of

        address_of(to)
    elif channel.kind == "sms" and not to.removeprefix("+").isdigit():
        raise InvalidInputError(tr("{text} is no telephone number.", text=to[:40]))


async def put_route(hub: "Hub", caller: Caller, new: NewRoute) -> Route:
    """Declares a route, or replaces the one of this name."""
    check_route(Route(id="", **_fields(new)))
    for name in new.contacts:
        await named(hub, CONTACT, name)
    for kind, names in (("unit", new.units), ("site", new.sites)):
        for name in names:
            if await in_thread(hub.store.find, kind, name) is None:
                raise NotFoundError(tr("There is no {name}.", name=name[:128]), way_out=tr("Name units and sites as they are listed."))
    made: Route = await _put(hub, caller, ROUTE, lambda id_: Route(id=id_, **_fields(new)))
    return made


async def remove(hub: "Hub", caller: Caller, kind: str, name: str) -> None:
    """Refused while something names it."""
    found = await named(hub, kind, name)
    user = await in_thread(_user_of, hub.store, kind, name)
    if user:
        raise ConflictError(tr("{user} still names {name}.", user=user, name=name), way_out=tr("Change or remove that first."))

    def change(write: RecordWrite) -> None:
        write.delete(SET, kind, found.id)
        if kind == CHANNEL and found.credential == own_credential(name):
            credentials.discard(write, SET, found.credential)

    await _written(hub, caller, change)


def _user_of(store: RecordStore, kind: str, name: str) -> str:
    if kind == CHANNEL:
        return next((one.name for one in store.all(CONTACT) if any(way.channel == name for way in one.ways)), "")
    return next((one.name for one in store.all(ROUTE) if name in one.contacts), "") if kind == CONTACT else ""


def _fields(new: NewContact | NewRoute) -> dict[str, Any]:
    return {name: getattr(new, name) for name in new.__struct_fields__}


async def _put(hub: "Hub", caller: Caller, kind: str, make: Any) -> Any:
    await _room(hub, kind)

    def change(write: RecordWrite) -> Any:
        before = write.find(kind, make("").name)
        made = make(before.id if before else new_id(now_ms()))
        write.put(SET, made)
        return made

    return await _written(hub, caller, change)


async def _room(hub: "Hub", kind: str) -> None:
    if len(await in_thread(lambda: list(hub.store.all(kind)))) >= MOST:
        raise ConflictError(tr("There are {count} of them already.", count=MOST))


async def _written(hub: "Hub", caller: Caller, change: Any) -> Any:
    found = await hub.write(caller, change)
    await hub.notify.reload()
    return found
