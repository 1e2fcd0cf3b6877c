"""`yunwang grant ...`: who holds which role where."""

import sys
from argparse import Namespace
from datetime import date, datetime, timedelta

from cli import tables
from cli.accounts import NOT_YET, place, tell_asked
from cli.asking import ask, clock, print_json
from client import Client
from core.errors import NotFoundError, UsageError
from core.i18n import tr
from core.identity import Grant, NewGrant, Scope
from core.settings import Settings


def list_(args: Namespace, settings: Settings) -> int:
    """Prints the grants."""
    found = ask(settings, _named)
    found = [(name, grant) for name, grant in found if args.account in (None, name)]
    if args.json:
        from cli.asking import plain

        print_json({"grants": [{**plain(grant), "account": name, "account_id": grant.account} for name, grant in found]})
        return 0
    heads = [tr("account"), tr("role"), tr("where"), tr("from"), tr("to"), tr("id")]
    rows = [[
        name, tr(grant.role), place(grant.scope).strip(" ()") or tr("everywhere"), clock(grant.valid_from), clock(grant.valid_to), grant.id,
    ] for name, grant in found]
    print("\n".join(tables.lines(heads, rows, tables.room())))
    return 0


async def _named(hub: Client) -> list[tuple[str, Grant]]:
    names = {account.id: account.name for account in await hub.accounts.list()}
    return sorted(((names.get(grant.account, "?"), grant) for grant in await hub.accounts.grants()), key=lambda one: (one[0], one[1].id))


def add(args: Namespace, settings: Settings) -> int:
    """Gives a role."""
    scope = Scope(units=tuple(args.unit or ()), sites=tuple(args.site or ()))
    end = _day(args.to)
    new = NewGrant(
        account=args.account, role=args.role, scope=scope, valid_from=_start(_day(getattr(args, "from"))),
        valid_to=_start(end + timedelta(days=1)) if end else 0,
    )
    asked = ask(settings, lambda hub: hub.accounts.grant(new))
    if not tell_asked(asked, as_json=args.json):
        print(tr("{name} is {role} now.", name=args.account, role=tr(args.role)), file=sys.stderr)
    return 0 if asked.done else NOT_YET


def _day(text: str) -> date | None:
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(tr("{text} is no day.", text=text[:20]), way_out=tr("Write it as 2026-12-31.")) from None


def _start(day: date | None) -> int:
    """Midnight at which a day begins here; 0 for none."""
    return int(datetime(day.year, day.month, day.day).astimezone().timestamp() * 1000) if day else 0


def remove(args: Namespace, settings: Settings) -> int:
    """Takes a role away."""
    ask(settings, lambda hub: _remove(hub, args))
    print(tr("{name} is not {role} any more.", name=args.account, role=tr(args.role)), file=sys.stderr)
    return 0


async def _remove(hub: Client, args: Namespace) -> None:
    found = [grant for name, grant in await _named(hub) if name == args.account and grant.role == args.role and args.id in ("", grant.id)]
    if not found:
        raise NotFoundError(
            tr("{name} does not hold the role {role}.", name=args.account, role=tr(args.role)),
            way_out=tr("`yunwang grant list` shows all."),
        )
    if len(found) > 1:
        raise UsageError(
            tr("{name} holds this role {count} times.", name=args.account, count=len(found)), way_out=tr("Name one with --id."),
        )
    await hub.accounts.revoke_grant(found[0].id)
