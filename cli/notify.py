"""`yunwang notify ...`: who is told of what, by which way."""

import sys
from argparse import Namespace
from typing import Any

from cli import files, secrets, tables
from cli.asking import ask, clock, plain, print_json
from core.errors import UsageError, YunwangError
from core.failure import BY_CODE
from core.i18n import mark, tr
from core.notices import Channel, ChannelChange, NewChannel, NewContact, NewRoute, TestWish, Way, WhoWish
from core.settings import Settings
from core.width import clean

STATES = {"waiting": mark("waiting"), "sent": mark("sent"), "failed": mark("failed")}


def channels(args: Namespace, settings: Settings) -> int:
    """Prints all channels."""
    rows = ask(settings, lambda hub: hub.notify.channels())
    table = [
        [row.channel.name, row.channel.kind, row.channel.url, row.channel.credential, _on(row.channel.enabled), str(row.sent),
         str(row.waiting), row.problem]
        for row in rows
    ]
    headings = [tr("name"), tr("kind"), tr("address"), tr("credential"), tr("on"), tr("sent"), tr("waiting"), tr("problem")]
    return _list(args, "channels", rows, headings, table)


def add_channel(args: Namespace, settings: Settings) -> int:
    """Adds a channel; its secret is typed, read, or lies somewhere already."""
    given = "" if args.credential or args.no_secret else _secret(args)
    new = NewChannel(
        name=args.name, kind=args.kind, url=args.url, credential=args.credential, username=args.user, secret=given, options=_options(args),
        per_minute=args.per_minute, note=args.note,
    )
    return _tell_channel(args, ask(settings, lambda hub: hub.notify.add_channel(new)))


def _secret(args: Namespace) -> str:
    if args.stdin:
        return secrets.from_stdin()
    prompts = {"robot": tr("Access token, and after a space the signing key: "), "mail": tr("Password: "), "webhook": tr("Signing key: ")}
    return secrets.typed(prompts.get(args.kind, tr("Password: ") if args.user else tr("Token: ")))


def _options(args: Namespace) -> dict[str, str]:
    found = {}
    for word in args.option or []:
        name, separator, value = word.partition("=")
        if not separator or not name:
            raise UsageError(tr("{word} is not of the form NAME=VALUE.", word=clean(word, 60)))
        found[name] = value
    if args.authority:
        found["authority"] = files.read(args.authority).decode("ascii", "replace")
    return found


def set_channel(args: Namespace, settings: Settings) -> int:
    """Changes a channel."""
    if args.on and args.off:
        raise UsageError(tr("--on and --off at once make no sense."))
    change = ChannelChange(
        url=args.url or None, options=_options(args) or None, per_minute=args.per_minute or None, note=args.note or None,
        enabled=True if args.on else False if args.off else None,
    )
    return _tell_channel(args, ask(settings, lambda hub: hub.notify.change_channel(args.name, change)))


def _tell_channel(args: Namespace, channel: Channel) -> int:
    if args.json:
        print_json(channel)
        return 0
    print(f"{clean(channel.name)}: {channel.kind} {clean(channel.url)} {_on(channel.enabled)}")
    print(tr("Try it: yunwang notify test --channel {name}", name=clean(channel.name)), file=sys.stderr)
    return 0


def remove_channel(args: Namespace, settings: Settings) -> int:
    """Removes a channel."""
    ask(settings, lambda hub: hub.notify.remove_channel(args.name))
    return _removed(args.name)


def contacts(args: Namespace, settings: Settings) -> int:
    """Prints all contacts."""
    rows = ask(settings, lambda hub: hub.notify.contacts())
    table = [
        [one.name, ", ".join(f"{way.channel}={way.to}" if way.to else way.channel for way in one.ways), one.language, one.account,
         _on(one.enabled), one.note]
        for one in rows
    ]
    return _list(args, "contacts", rows, [tr("name"), tr("ways"), tr("language"), tr("account"), tr("on"), tr("note")], table)


def set_contact(args: Namespace, settings: Settings) -> int:
    """Declares a contact, or replaces it."""
    if not args.way:
        raise UsageError(tr("--way is needed."), way_out="--way CHANNEL=ADDRESS")
    ways = [word.partition("=") for word in args.way]
    new = NewContact(
        name=args.name, ways=tuple(Way(channel=channel, to=to) for channel, _, to in ways), language=args.language, account=args.account,
        enabled=not args.off, note=args.note,
    )
    made = ask(settings, lambda hub: hub.notify.put_contact(new))
    if args.json:
        print_json(made)
    else:
        print(tr("Try it: yunwang notify test {name}", name=clean(made.name)), file=sys.stderr)
    return 0


def remove_contact(args: Namespace, settings: Settings) -> int:
    """Removes a contact."""
    ask(settings, lambda hub: hub.notify.remove_contact(args.name))
    return _removed(args.name)


def routes(args: Namespace, settings: Settings) -> int:
    """Prints all routes."""
    rows = ask(settings, lambda hub: hub.notify.routes())
    table = [
        [one.name, ", ".join(one.contacts), tr(one.least), ", ".join((*one.units, *one.sites, *one.roles, *one.rules)) or tr("all"),
         " ".join(filter(None, (one.days, one.hours))) or tr("always"), _on(one.recovered), _on(one.enabled)]
        for one in rows
    ]
    headings = [tr("name"), tr("to"), tr("at least"), tr("only"), tr("when"), tr("recovery"), tr("on")]
    return _list(args, "routes", rows, headings, table)


def set_route(args: Namespace, settings: Settings) -> int:
    """Declares a route, or replaces it."""
    if not args.to:
        raise UsageError(tr("--to is needed."), way_out="--to CONTACT")
    new = NewRoute(
        name=args.name, contacts=tuple(args.to), least=args.least, units=tuple(args.unit or ()), sites=tuple(args.site or ()),
        roles=tuple(args.role or ()), rules=tuple(args.rule or ()), hours=args.hours, days=args.days, time_zone=args.time_zone,
        recovered=not args.no_recovery, enabled=not args.off, note=args.note,
    )
    made = ask(settings, lambda hub: hub.notify.put_route(new))
    if args.json:
        print_json(made)
    else:
        print(tr("Who is told of a device: yunwang notify who DEVICE"), file=sys.stderr)
    return 0


def remove_route(args: Namespace, settings: Settings) -> int:
    """Removes a route."""
    ask(settings, lambda hub: hub.notify.remove_route(args.name))
    return _removed(args.name)


def test(args: Namespace, settings: Settings) -> int:
    """Sends a message now; the exit code tells how it went."""
    wish = TestWish(channel=args.channel, contact=args.contact or "", to=args.to)
    found = ask(settings, lambda hub: hub.notify.test(wish))
    if args.json:
        print_json({"tests": plain(found)})
    for one in found if not args.json else ():
        print(f"{clean(one.channel)} {clean(one.to)}: {clean(one.message, 500)} ({one.took_ms} ms)")
        if one.way_out:
            print(f"  {clean(one.way_out, 300)}", file=sys.stderr)
    bad = next((one for one in found if not one.ok), None)
    return 0 if bad is None else BY_CODE.get(bad.code, YunwangError).exit_code


def who(args: Namespace, settings: Settings) -> int:
    """Prints who would be told."""
    wish = WhoWish(device=args.device, rule=args.rule, severity=args.severity)
    found = ask(settings, lambda hub: hub.notify.who(wish))
    if args.json:
        print_json(found)
        return 0
    rows = [[name, ", ".join(by) or tr("no route is declared"), clock(found.waits.get(name, 0))] for name, by in found.contacts.items()]
    if not rows:
        print(tr("Nobody."), file=sys.stderr)
        return 0
    print("\n".join(tables.lines([tr("contact"), tr("by route"), tr("not before")], rows, tables.room())))
    return 0


def messages(args: Namespace, settings: Settings) -> int:
    """Prints who was told of what."""
    rows = ask(settings, lambda hub: hub.notify.messages(contact=args.contact, state=args.state, limit=args.limit))
    table = [
        [clock(one.created_at), one.contact, tr(STATES[one.state]), clock(one.sent_at), one.channel, one.subject, one.problem]
        for one in rows
    ]
    headings = [tr("written"), tr("contact"), tr("state"), tr("sent"), tr("channel"), tr("subject"), tr("problem")]
    return _list(args, "messages", rows, headings, table)


def _list(args: Namespace, name: str, rows: Any, headings: list[str], table: list[list[str]]) -> int:
    if args.json:
        print_json({name: plain(rows)})
        return 0
    print("\n".join(tables.lines(headings, table, tables.room())))
    return 0


def _on(value: bool) -> str:
    return tr("yes") if value else tr("no")


def _removed(name: str) -> int:
    print(tr("Removed {name}.", name=clean(name)))
    return 0
