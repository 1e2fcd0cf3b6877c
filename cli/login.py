"""`yunwang login`, `logout`, and one's own password and second factor."""

import asyncio
import os
import sys
import time
from argparse import Namespace

import client
from cli.asking import ask, clock, secret, word
from client import session
from core.errors import InvalidInputError, UsageError
from core.i18n import tr
from core.identity import Identity
from core.settings import Settings

TRIES = 3
SOON_DAYS, DAY_MS = 14, 86_400_000


def login(args: Namespace, settings: Settings) -> int:
    """Asks for what is needed, until the session can be used."""
    if os.environ.get(session.TOKEN):
        raise UsageError(tr("YUNWANG_TOKEN is set: it would be used instead of the session."), way_out=tr("Unset it first."))
    return asyncio.run(_login(args, settings))


async def _login(args: Namespace, settings: Settings) -> int:
    async with client.connect(settings) as hub:
        hub.identify("")
        name = args.name or word(tr("Name: "), stdin=args.stdin)
        typed = secret(tr("Your password: "), stdin=args.stdin)
        answer = await hub.accounts.login(name, typed)
        if answer.need == "code":
            answer = await hub.accounts.login(name, typed, word(tr("Code of the second factor: "), stdin=args.stdin))
        session.keep(settings, answer.token)
        who = answer.identity
        if who and who.must_change:
            print(tr("The password must be changed now."), file=sys.stderr)
            await _change(hub, typed, stdin=args.stdin)
            who = await hub.accounts.whoami()
        if who and who.must_enrol:
            print(tr("This account needs a second factor."), file=sys.stderr)
            await _enrol(hub, stdin=args.stdin)
            who = await hub.accounts.whoami()
    if who:
        until = clock(who.expires_at)
        if who.secret_until and who.secret_until - time.time() * 1000 < SOON_DAYS * DAY_MS:
            print(tr("The password must be changed by {time}.", time=clock(who.secret_until)), file=sys.stderr)
        print(tr("Logged in as {name} ({roles}) until {time}.", name=who.name, roles=_roles(who), time=until), file=sys.stderr)
    return 0


def _roles(who: Identity) -> str:
    return ", ".join(tr(role) for role in who.roles) or tr("no role")


async def _change(hub: client.Client, old: str, *, stdin: bool) -> None:
    """Asks for a new password, again where it cannot be used."""
    for left in reversed(range(1 if stdin else TRIES)):
        new = secret(tr("New password: "), stdin=stdin)
        if not stdin and secret(tr("New password again: "), stdin=stdin) != new:
            print(tr("They are not the same."), file=sys.stderr)
            continue
        try:
            await hub.accounts.change_secret(old, new)
        except InvalidInputError as error:
            if not left:
                raise
            print(error, file=sys.stderr)
        else:
            print(tr("The password was changed."), file=sys.stderr)
            return
    raise UsageError(tr("The password was not changed."), way_out=tr("Try again with `yunwang user passwd`."))


async def _enrol(hub: client.Client, *, stdin: bool) -> None:
    """Shows a new generator, and asks for a code of it."""
    made = await hub.accounts.enrol()
    if sys.stderr.isatty():
        from cli import qr

        print("\n".join(qr.lines(made.uri)), file=sys.stderr)
    print(tr("Scan it with an authenticator, or type this key into one: {key}", key=made.secret), file=sys.stderr, flush=True)
    for left in reversed(range(1 if stdin else TRIES)):
        try:
            await hub.accounts.confirm(word(tr("Code it shows: "), stdin=stdin))
        except InvalidInputError as error:
            if not left:
                raise
            print(error, file=sys.stderr)
        else:
            print(tr("The second factor is set up."), file=sys.stderr)
            return


def logout(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 -- every handler has this signature
    """Ends the session and forgets it, also when the hub does not know it any more."""
    try:
        ask(settings, lambda hub: hub.accounts.logout())
    finally:
        session.keep(settings, "")
    print(tr("Logged out."), file=sys.stderr)
    return 0


def passwd(args: Namespace, settings: Settings) -> int:
    """Changes one's own password."""
    old = secret(tr("Present password: "), stdin=args.stdin)
    ask(settings, lambda hub: _change(hub, old, stdin=args.stdin))
    return 0


def enrol(args: Namespace, settings: Settings) -> int:  # noqa: ARG001 -- every handler has this signature
    """Sets up one's own second factor."""
    ask(settings, lambda hub: _enrol(hub, stdin=False))
    return 0
