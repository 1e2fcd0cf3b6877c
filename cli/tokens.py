"""`yunwang token ...` and `yunwang session ...`."""

import sys
import time
from argparse import Namespace

from cli import tables
from cli.asking import ask, clock, print_json
from client import Client
from core.errors import NotFoundError, UsageError
from core.i18n import tr
from core.identity import NewToken, TokenRow
from core.settings import Settings


def list_(args: Namespace, settings: Settings) -> int:
    """Prints the tokens."""
    found = ask(settings, lambda hub: hub.accounts.tokens(everybody=args.all))
    if args.json:
        print_json(found)
        return 0
    heads = [tr("name"), tr("account"), tr("state"), tr("until"), tr("actions"), tr("id")]
    rows = [[one.name, one.account, _state(one), clock(one.expires_at), " ".join(one.actions) or tr("all"), one.id] for one in found]
    print("\n".join(tables.lines(heads, rows, tables.room())))
    return 0


def _state(token: TokenRow) -> str:
    if token.revoked_at:
        return tr("revoked")
    return tr("expired") if token.expires_at <= time.time() * 1000 else tr("valid")


def add(args: Namespace, settings: Settings) -> int:
    """Makes a token: it alone goes to standard output."""
    new = NewToken(name=args.name, actions=tuple(args.action or ()), days=args.days)
    made = ask(settings, lambda hub: hub.accounts.add_token(new))
    if args.json:
        print_json(made)
        return 0
    print(tr("Shown only now, valid until {time}. Hand it over in YUNWANG_TOKEN:", time=clock(made.expires_at)), file=sys.stderr)
    print(made.token)
    return 0


def revoke(args: Namespace, settings: Settings) -> int:
    ask(settings, lambda hub: hub.accounts.revoke_token(args.token))
    print(tr("The token is revoked."), file=sys.stderr)
    return 0


def sessions(args: Namespace, settings: Settings) -> int:
    """Prints the sessions."""
    found = ask(settings, lambda hub: hub.accounts.sessions())
    if args.json:
        print_json(found)
        return 0
    heads = [tr("account"), tr("from where"), tr("since"), tr("last seen"), tr("until"), tr("id")]
    rows = [[
        f"{one.account}{' *' if one.own else ''}", one.origin, clock(one.created_at), clock(one.seen_at), clock(one.expires_at), one.id,
    ] for one in found]
    print("\n".join(tables.lines(heads, rows, tables.room())))
    return 0


def end(args: Namespace, settings: Settings) -> int:
    """Ends a session."""
    ask(settings, lambda hub: _end(hub, args.session))
    print(tr("The session has ended."), file=sys.stderr)
    return 0


async def _end(hub: Client, wanted: str) -> None:
    found = [one for one in await hub.accounts.sessions() if one.id.startswith(wanted)]
    if not found:
        raise NotFoundError(tr("There is no such session."), way_out=tr("`yunwang session list` shows them."))
    if len(found) > 1:
        raise UsageError(tr("{count} sessions begin with this.", count=len(found)), way_out=tr("Give more of the id."))
    await hub.accounts.end_session(found[0].id)
