"""`yunwang inventory edit|add|remove|revert`: one record, shown before and after, asked about, written only if nobody else changed it."""

import sys
import time
from argparse import Namespace
from collections.abc import Mapping
from typing import Any

import msgspec

from cli import asking, changes, yamls
from cli.asking import ask, print_json
from cli.fields import changed, fields, pairs
from cli.moments import local, parse_moment
from core.errors import InvalidInputError, NotFoundError, UsageError
from core.history import ObjectThen
from core.i18n import language, tr
from core.model import KEYED, LISTED
from core.settings import Settings
from inventory.sheets.cells import CellError, shown
from inventory.sheets.columns import BY_KIND, OTHERS, title
from inventory.sheets.comparing import compared


def edit(args: Namespace, settings: Settings) -> int:
    """With FIELD=VALUE words, or in the editor."""
    _must_be_declared(args.kind)
    record, tag = ask(settings, lambda hub: hub.tagged(args.kind, args.name))
    if args.value:
        wanted = changed(args.kind, record, pairs(args.kind, args.value))
    elif args.stdin:
        wanted = changed(args.kind, record, yamls.read(sys.stdin.read(yamls.LONGEST + 1)))
    else:
        wanted = _in_editor(args.kind, record)
    return _write(args, settings, record, wanted, tag)


def _in_editor(kind: str, record: Any) -> Any:
    """What the person makes of it; a mistake is said and may be mended."""
    text = yamls.written(kind, record)
    while True:
        text = yamls.in_editor(text)
        try:
            return changed(kind, record, yamls.read(text))
        except UsageError as error:
            print(f"{error.message} {error.way_out}".rstrip(), file=sys.stderr)
            if not asking.agreed(tr("Edit it again?")):
                raise


def add(args: Namespace, settings: Settings) -> int:
    """A new record; what is left out gets its default."""
    _must_be_declared(args.kind)
    if args.kind in KEYED:
        raise UsageError(tr("Only its platform adds a {kind}.", kind=title(args.kind, language())))
    record = _new(args.kind, {**_identity(args.kind, args.name), **_parsed(args.kind, pairs(args.kind, args.value))})
    return _write(args, settings, None, record, "")


def _identity(kind: str, name: str) -> dict[str, Any]:
    """What the name says, where it follows from other fields: VPN|CIDR, VPN|ADDRESS, DOMAIN/VID."""
    of = BY_KIND[kind]
    if not of.named or any(column.field == "name" for column in of.columns):
        return {"name": name}
    if kind == "vlan":
        domain, _, vid = name.rpartition("/")
        return _parsed(kind, {"domain": domain, "vid": vid})
    vpn, _, value = name.rpartition("|")
    return _parsed(kind, {"vpn": vpn, of.columns[0].field: value})


def _parsed(kind: str, values: Mapping[str, Any]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    known = {field.name: field for field in fields(kind)}
    for name, value in values.items():
        try:
            out[name] = known[name].typed(value)
        except CellError as error:
            raise UsageError(f"{known[name].heading}: {error}") from None
    return {name: value for name, value in out.items() if value is not msgspec.UNSET}


def _new(kind: str, values: dict[str, Any]) -> Any:
    of = BY_KIND[kind]
    if missing := [column.field for column in of.columns if column.required and column.field not in values]:
        raise UsageError(tr("These must be given: {fields}.", fields=", ".join(missing)), way_out=tr("As FIELD=VALUE."))
    if of.named:
        defaults = {field.name: field.default for field in msgspec.structs.fields(LISTED[kind]) if field.default is not msgspec.NODEFAULT}
        values = {**values, "name": of.named({**defaults, **values})}
    return msgspec.convert({"id": "", **values}, LISTED[kind])


def remove(args: Namespace, settings: Settings) -> int:
    """Refused while others refer to it."""
    record, tag = ask(settings, lambda hub: hub.tagged(args.kind, args.name))
    name = getattr(record, "key", record.name)
    ask(settings, lambda hub: hub.remove_record(args.kind, name, tag=tag, dry_run=True))
    _print_change(args, record, None)
    if not _wanted(args):
        return _untouched(args, record)
    removed = ask(settings, lambda hub: hub.remove_record(args.kind, name, tag=tag))
    return _done(args, removed, tr("Removed."))


def revert(args: Namespace, settings: Settings) -> int:
    """The record as it was at a time; one that was removed since is added again."""
    at_ms = parse_moment(args.at, time.time_ns() // 1_000_000)
    then = ask(settings, lambda hub: hub.history.then(args.kind, args.name, at_ms))
    record, tag = _now(args, settings, then)
    if then.record is None:
        raise InvalidInputError(
            tr("{name} was not there at {time}.", name=shown(args.name), time=local(then.at_ms)),
            way_out=tr("`yunwang inventory remove` removes it."),
        )
    settable = BY_KIND[args.kind].settable if args.kind in BY_KIND else frozenset()
    old = msgspec.convert(then.record, LISTED[args.kind])
    wanted = old.replace(id="") if record is None else record.replace(**{name: getattr(old, name) for name in settable if name != "name"})
    return _write(args, settings, record, wanted, tag)


def _now(args: Namespace, settings: Settings, then: ObjectThen) -> tuple[Any, str]:
    name = str((then.record or {}).get("key") or (then.record or {}).get("name") or args.name)
    try:
        found: tuple[Any, str] = ask(settings, lambda hub: hub.tagged(args.kind, name))
    except NotFoundError:
        return None, ""
    return found


def _write(args: Namespace, settings: Settings, before: Any, wanted: Any, tag: str) -> int:
    """Checks, shows, asks, writes."""
    if before == wanted:
        return _done(args, before, tr("Nothing to change."))
    if args.dry_run or not args.yes:
        ask(settings, lambda hub: hub.put_record(args.kind, wanted, tag=tag, new=before is None, dry_run=True))
        _print_change(args, before, wanted)
    if not _wanted(args):
        return _untouched(args, wanted)
    done = ask(settings, lambda hub: hub.put_record(args.kind, wanted, tag=tag, new=before is None))
    if args.yes:
        _print_change(args, before, wanted)
    return _done(args, done, tr("Written."))


def _wanted(args: Namespace) -> bool:
    if args.dry_run:
        return False
    return bool(args.yes) or asking.agreed(tr("Write this?"))


def _untouched(args: Namespace, record: Any) -> int:
    return _done(args, record, tr("Nothing was changed: this was only a check.") if args.dry_run else tr("Nothing was changed."))


def _done(args: Namespace, record: Any, message: str) -> int:
    if args.json:
        print_json({"kind": args.kind, **asking.plain(record)})
    print(message, file=sys.stderr)
    return 0


def _print_change(args: Namespace, before: Any, after: Any) -> None:
    if not args.json and (change := compared(args.kind, before, after)) is not None:
        print("\n".join(changes.lines(change)))


def _must_be_declared(kind: str) -> None:
    if kind in OTHERS:
        raise UsageError(tr("{kind}: sources tell of these, they are not declared by people.", kind=title(kind, language())),
                         way_out=tr("Kinds: {kinds}.", kinds=", ".join(BY_KIND)))


