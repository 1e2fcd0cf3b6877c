"""`yunwang whoami` and `yunwang user ...`."""

import sys
import time
from argparse import Namespace

from cli import tables
from cli.asking import ask, clock, print_json
from core.errors import UsageError
from core.i18n import tr
from core.identity import Account, AccountChange, Asked, NewAccount, OneTimeSecret, Scope
from core.settings import Settings
from core.width import clean

NOT_YET = 75
"""Exit code while a second person is waited for: EX_TEMPFAIL of sysexits(3), try again later."""


def whoami(args: Namespace, settings: Settings) -> int:
    """Prints who asks."""
    who = ask(settings, lambda hub: hub.accounts.whoami())
    if args.json:
        print_json(who)
        return 0
    ways = {
        "session": tr("login"), "token": tr("token"), "socket": tr("system account"), "certificate": tr("certificate"),
        "trial": tr("trial"),
    }
    found = [(tr("account"), f"{who.name} {who.display_name}".strip()), (tr("came in by"), ways.get(who.how, who.how))]
    held = [f"{tr(role)}{place(scope)}" for role, scope in zip(who.roles, who.scopes, strict=True)]
    found += [(tr("role"), role) for role in held or [tr("no role")]]
    if who.trial:
        found.append((tr("trial until"), clock(who.trial_until)))
        found.append((tr("personas"), ", ".join(who.personas)))
    else:
        found.append((tr("second factor"), tr("set up") if who.second_factor else tr("none")))
        found.append((tr("password until"), clock(who.secret_until)))
        found.append((tr("session until"), clock(who.expires_at)))
    if args.actions:
        found.append((tr("may do"), ", ".join(who.actions)))
    print("\n".join(tables.pairs(found)))
    return 0


def place(scope: Scope) -> str:
    """Where a role holds, in brackets; nothing for everywhere."""
    places = [*scope.units, *scope.sites]
    return f" ({clean(', '.join(places))})" if places else ""


def list_(args: Namespace, settings: Settings) -> int:
    """Prints the accounts."""
    found = ask(settings, lambda hub: hub.accounts.list())
    if args.json:
        print_json(found)
        return 0
    heads = [tr("name"), tr("person"), tr("unit"), tr("state"), tr("second factor"), tr("source"), tr("last login")]
    rows = [[
        one.name, one.display_name, one.unit, _state(one), tr("yes") if one.second_factor else tr("no"),
        tr("directory") if one.source == "ldap" else tr("local"), clock(one.last_login),
    ] for one in found]
    print("\n".join(tables.lines(heads, rows, tables.room())))
    return 0


def _state(account: Account) -> str:
    if account.disabled:
        return tr("disabled")
    return tr("locked") if account.locked_until > time.time() * 1000 else tr("in use")


def add(args: Namespace, settings: Settings) -> int:
    """Makes an account."""
    new = NewAccount(
        name=args.name, display_name=args.display_name, unit=args.unit, source="ldap" if args.ldap else "local", uid=args.uid,
        certificate=args.certificate,
    )
    made = ask(settings, lambda hub: hub.accounts.add(new))
    show_secret(made, as_json=args.json)
    return 0


def show_secret(made: OneTimeSecret, *, as_json: bool) -> None:
    """The secret on standard output, what to do with it on standard error."""
    if as_json:
        print_json(made)
    elif made.secret:
        print(tr("The account {name} is there. One-time password, shown only now, valid for 7 days:", name=made.name), file=sys.stderr)
        print(made.secret)
    else:
        print(tr("The account {name} is there; its password is the directory's.", name=made.name), file=sys.stderr)


def set_(args: Namespace, settings: Settings) -> int:
    """Changes particulars."""
    change = AccountChange(display_name=args.display_name, unit=args.unit, uid=args.uid, certificate=args.certificate)
    if change == AccountChange():
        raise UsageError(tr("There is nothing to change."), way_out=tr("Name it, for example --unit."))
    asked = ask(settings, lambda hub: hub.accounts.set(args.name, change))
    if not tell_asked(asked, as_json=args.json):
        print(tr("{name} was changed.", name=args.name), file=sys.stderr)
    return 0 if asked.done else NOT_YET


def disable(args: Namespace, settings: Settings) -> int:
    ask(settings, lambda hub: hub.accounts.disable(args.name))
    print(tr("{name} is disabled; sessions and tokens have ended.", name=args.name), file=sys.stderr)
    return 0


def enable(args: Namespace, settings: Settings) -> int:
    ask(settings, lambda hub: hub.accounts.enable(args.name))
    print(tr("{name} is in use again.", name=args.name), file=sys.stderr)
    return 0


def unlock(args: Namespace, settings: Settings) -> int:
    ask(settings, lambda hub: hub.accounts.unlock(args.name))
    print(tr("{name} is unlocked.", name=args.name), file=sys.stderr)
    return 0


def reset_secret(args: Namespace, settings: Settings) -> int:
    asked = ask(settings, lambda hub: hub.accounts.reset_secret(args.name))
    if not tell_asked(asked, as_json=args.json):
        print(tr("One-time password of {name}, shown only now, valid for 7 days:", name=args.name), file=sys.stderr)
        print(asked.secret)
    return 0 if asked.done else NOT_YET


def reset_totp(args: Namespace, settings: Settings) -> int:
    asked = ask(settings, lambda hub: hub.accounts.reset_totp(args.name))
    if not tell_asked(asked, as_json=args.json):
        print(tr("{name} has no second factor any more; the next login sets up a new one.", name=args.name), file=sys.stderr)
    return 0 if asked.done else NOT_YET


def tell_asked(asked: Asked, *, as_json: bool) -> bool:
    """Whether it was told completely: as JSON, or that a second person is waited for."""
    if as_json:
        print_json(asked)
    elif not asked.done:
        print(tr("A second person must approve this: {id}", id=asked.approval), file=sys.stderr)
        print(tr("They use `yunwang approval approve {id}`; then repeat this command.", id=asked.approval), file=sys.stderr)
    return as_json or not asked.done


def rescue(args: Namespace, settings: Settings) -> int:
    """The last way back in."""
    from agents.hub.identity.rescue import rescue as rescued

    made = rescued(settings, args.name)
    print(tr("One-time password of {name}, shown only now, valid for 7 days:", name=args.name), file=sys.stderr)
    print(made)
    print(tr("This stands in the audit trail. Start the hub again with `yunwang hub start`."), file=sys.stderr)
    return 0
