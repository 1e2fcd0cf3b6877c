"""`yunwang alert silence|unsilence`."""

import sys
import time
from argparse import Namespace

import client
from cli.asking import ask, clock, plain, print_json, word
from cli.finding import short
from core.alerting import AlertSilence
from core.errors import ConflictError, NotFoundError, UsageError
from core.i18n import tr
from core.settings import Settings
from core.width import clean
from core.work import Window


def silence(args: Namespace, settings: Settings) -> int:
    """Adds a silence; tells what it mutes, and which windows ask for the opposite."""
    from tui.moments import read_moment

    if not args.until:
        raise UsageError(tr("A silence needs its end: --until."), way_out=tr("For example: --until +2h, or --until 18:00"))
    wish = AlertSilence(
        alert=args.id, whole=args.whole, units=tuple(args.unit or ()), sites=tuple(args.site or ()), devices=tuple(args.device or ()),
        rules=tuple(args.rule or ()), instances=tuple(args.part or ()), everywhere=args.everywhere, dry_run=args.dry_run,
        ends_at=max(read_moment(args.until, time.time_ns() // 1_000_000), 0),
        reason=args.message or word(tr("Reason: "), stdin=False),
    )
    found = ask(settings, lambda hub: hub.alerting.silence(wish))
    if args.json:
        print_json({
            "window": plain(found.window), "mutes": found.mutes, "conflicts": plain(found.conflicts), "dry_run": found.dry_run,
        })
        return 0
    window = found.window
    print(tr("{name} is silenced until {end}; open alerts that it mutes: {count}.", name=clean(window.name), end=clock(window.ends_at),
             count=found.mutes))
    for other in found.conflicts:
        print(tr("Mind: {kind} {name} holds from {start} until {end}, too.", kind=tr(other.kind), name=clean(other.name),
                 start=clock(other.starts_at), end=clock(other.ends_at)), file=sys.stderr)
    if found.dry_run:
        print(tr("Nothing was changed."))
    else:
        print(tr("End it early: yunwang window end {id}", id=short(window.id)), file=sys.stderr)
    return 0


def unsilence(args: Namespace, settings: Settings) -> int:
    """Ends the window that mutes an alert, where that is a silence."""

    async def question(hub: client.Client) -> Window:
        window = (await hub.alerting.story(args.id)).window
        if window is None:
            raise NotFoundError(tr("No window mutes this alert."))
        if window.kind != "silence":
            raise ConflictError(
                tr("{kind} {name} mutes it.", kind=tr(window.kind), name=clean(window.name)),
                way_out=tr("Whoever does the work ends it: yunwang window end {id}", id=short(window.id)),
            )
        return await hub.work.end_window(window.id)

    window = ask(settings, question)
    if args.json:
        print_json(window)
    else:
        print(tr("{name} has ended.", name=clean(window.name)))
    return 0
