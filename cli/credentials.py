"""`yunwang credential`, `yunwang credential-set`, `yunwang hostkey`."""

import asyncio
import json
import sys
import time
from argparse import Namespace
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import msgspec

import client
from cli import secrets, tables
from core.custody import Answer, HostKeyWish, NewCredential, NewCredentialSet, TryResult, TryWish
from core.errors import ConflictError, ForbiddenError, NoAnswerError, NotFoundError, ProtocolError, SettingsError, UsageError
from core.i18n import mark, tr
from core.settings import Settings
from core.width import clean

T = TypeVar("T")
KINDS = {"snmp-community": mark("community"), "snmp-v3": mark("SNMPv3 user"), "ssh": mark("SSH login"),
         "password": mark("user and password"), "token": mark("token")}
ANSWERS: dict[Answer, str] = {
    "pending": mark("no answer known"), "ok": mark("accepted"), "no-answer": mark("no answer"), "closed": mark("nothing listens"),
    "unknown-user": mark("unknown user"), "wrong-secret": mark("wrong secret"), "refused": mark("refused"), "no-ssh": mark("no common SSH"),
    "host-key-changed": mark("host key changed"), "nonsense": mark("nonsense"), "unusable": mark("secret unusable"),
    "paused": mark("not tried"),
}
_EXITS: dict[Answer, int] = {
    "ok": 0, "unknown-user": ForbiddenError.exit_code, "wrong-secret": ForbiddenError.exit_code, "refused": ForbiddenError.exit_code,
    "host-key-changed": ConflictError.exit_code, "paused": ConflictError.exit_code, "unusable": SettingsError.exit_code,
    "nonsense": ProtocolError.exit_code,
}


def list_(args: Namespace, settings: Settings) -> int:
    """Prints all credentials."""
    rows = _ask(settings, lambda hub: hub.custody.credentials())
    if args.json:
        return _json(rows)
    heads = [tr("Credential"), tr("Kind"), tr("User"), tr("Kept at"), tr("Age"), tr("Devices"), tr("Last test")]
    cells = [
        [row.name, tr(KINDS[row.kind]), row.username, row.locator, _age(row.sealed_at), str(row.devices),
         row.problem or (f"{tr(ANSWERS[row.tested])} {row.tested_on} {_age(row.tested_at)}" if row.tested_at else "-")]
        for row in rows
    ]
    print("\n".join(tables.lines(heads, cells, tables.room())))
    return 0


def add(args: Namespace, settings: Settings) -> int:
    """Adds a credential."""
    if args.at and args.stdin:
        raise UsageError(tr("--at names where the secret is kept already; --stdin has nothing to read."))
    new = NewCredential(
        name=args.name, kind=args.kind, username=args.user, auth=args.auth, priv=args.priv,
        locator=args.at, secret="" if args.at else _secret(args, args.kind, args.auth, args.priv),
    )
    row = _ask(settings, lambda hub: hub.custody.add(new))
    if args.json:
        return _json(row)
    print(tr("Added {name}, kept at {locator}.", name=clean(row.name), locator=clean(row.locator)))
    return 0


def set_(args: Namespace, settings: Settings) -> int:
    """Gives a credential another secret."""
    known = {row.name: row for row in _ask(settings, lambda hub: hub.custody.credentials())}
    if args.name not in known:
        raise NotFoundError(
            tr("There is no credential named {name}.", name=args.name[:64]), way_out=tr("They are shown by `yunwang credential list`."),
        )
    kind = known[args.name].kind
    secret = _secret(args, kind, "?" if kind == "snmp-v3" else "", "?" if kind == "snmp-v3" else "")
    row = _ask(settings, lambda hub: hub.custody.set_secret(args.name, secret))
    if args.json:
        return _json(row)
    print(tr("The secret of {name} was replaced; devices are polled with the new one.", name=clean(row.name)))
    return 0


def _secret(args: Namespace, kind: str, auth: str, priv: str) -> str:
    if args.stdin:
        return secrets.from_stdin()
    if kind == "snmp-community":
        return secrets.typed(tr("Community: "))
    if kind == "ssh":
        return secrets.typed(tr("Password: "))
    first = secrets.typed(tr("Authentication passphrase: ")) if auth else ""
    return f"{first}\n{secrets.typed(tr('Privacy passphrase: '))}" if priv else first


def remove(args: Namespace, settings: Settings) -> int:
    """Removes a credential."""
    _ask(settings, lambda hub: hub.custody.remove(args.name))
    print(tr("Removed {name}.", name=clean(args.name)))
    return 0


def test(args: Namespace, settings: Settings) -> int:
    """Tries a credential on a device; the exit code tells how it went."""
    wish = TryWish(host=args.host, port=args.port, version=args.version)
    result = _ask(settings, lambda hub: hub.custody.test(args.name, wish))
    if args.json:
        _json(result)
    else:
        _print_result(result)
    return _EXITS.get(result.answer, NoAnswerError.exit_code)


def test_set(args: Namespace, settings: Settings) -> int:
    """Tries the credentials of a device's set."""
    results = _ask(settings, lambda hub: hub.custody.test_set(TryWish(host=args.host, port=args.port)))
    if args.json:
        _json(results)
    else:
        for result in results:
            _print_result(result)
    return _EXITS.get(results[-1].answer, NoAnswerError.exit_code) if results else NotFoundError.exit_code


def _print_result(result: TryResult) -> None:
    again = " " + tr("Again at {time}.", time=_clock(result.again_at)) if result.again_at else ""
    print(clean(f"{result.credential}: {result.message}{again}", 500))
    if result.about:
        print(f"  {clean(result.about, 200)} ({result.took_ms} ms)")
    if result.fingerprint:
        print(f"  {tr('Host key')} {clean(result.fingerprint)}")
    if result.way_out and result.answer != "ok":
        print(f"  {clean(result.way_out, 300)}", file=sys.stderr)


def rotate(args: Namespace, settings: Settings) -> int:
    """Makes a new key and seals everything with it."""
    done = _ask(settings, lambda hub: hub.custody.rotate())
    if args.json:
        return _json(done)
    print(tr("{count} secrets are sealed with the key {key} now.", count=done.resealed, key=done.key))
    if done.by_hand:
        print(tr("Take these keys out of the place that secrets.key names: {keys}", keys=", ".join(done.retired)))
    elif done.retired:
        print(tr("The key {keys} is gone. Backups from before need it: keep a copy with them.", keys=", ".join(done.retired)))
    for name in done.unreadable:
        print(tr("No key here opens the secret {name}; enter it anew.", name=clean(name)), file=sys.stderr)
    return 0


def list_sets(args: Namespace, settings: Settings) -> int:
    """Prints all sets."""
    found = _ask(settings, lambda hub: hub.custody.sets())
    if args.json:
        return _json(found)
    heads = [tr("Set"), tr("Prefixes"), tr("Credentials, in order"), tr("Failures"), tr("Pause")]
    cells = [[one.name, " ".join(one.prefixes), " ".join(one.credentials), str(one.most_failures), f"{one.pause_s} s"] for one in found]
    print("\n".join(tables.lines(heads, cells, tables.room())))
    return 0


def add_set(args: Namespace, settings: Settings) -> int:
    """Declares a set."""
    if not args.prefix or not args.credential:
        raise UsageError(tr("A set needs a prefix and a credential."), way_out="--prefix 10.1.0.0/16 --credential NAME")
    new = NewCredentialSet(
        name=args.name, prefixes=tuple(args.prefix), credentials=tuple(args.credential), most_failures=args.most_failures,
        pause_s=args.pause,
    )
    record = _ask(settings, lambda hub: hub.custody.put_set(new))
    if args.json:
        return _json(record)
    print(tr("{name} is tried on devices of {prefixes} that name no credential.", name=clean(record.name),
             prefixes=clean(" ".join(record.prefixes), 300)))
    return 0


def remove_set(args: Namespace, settings: Settings) -> int:
    """Removes a set."""
    _ask(settings, lambda hub: hub.custody.remove_set(args.name))
    print(tr("Removed {name}.", name=clean(args.name)))
    return 0


def list_host_keys(args: Namespace, settings: Settings) -> int:
    """Prints all host keys."""
    found = _ask(settings, lambda hub: hub.custody.host_keys())
    if args.json:
        return _json(found)
    heads = [tr("Host"), tr("State"), tr("Algorithm"), tr("Fingerprint"), tr("Offered"), tr("Since")]
    cells = [
        [one.address if one.port == 22 else f"{one.address}:{one.port}", tr("key changed") if one.state == "changed" else tr("pinned"),
         one.algorithm, one.fingerprint, one.offered or "-", _clock(one.offered_at or one.first_seen)]
        for one in found
    ]
    print("\n".join(tables.lines(heads, cells)))
    return 0


def accept_host_key(args: Namespace, settings: Settings) -> int:
    """Accepts the new key of a host."""
    address, port = _host(args.host)
    wish = HostKeyWish(address=address, port=port, fingerprint=args.fingerprint)
    record = _ask(settings, lambda hub: hub.custody.accept_host_key(wish))
    if args.json:
        return _json(record)
    print(tr("{host} is {fingerprint} from now on.", host=clean(args.host), fingerprint=record.fingerprint))
    return 0


def remove_host_key(args: Namespace, settings: Settings) -> int:
    """Forgets the key of a host."""
    address, port = _host(args.host)
    _ask(settings, lambda hub: hub.custody.remove_host_key(HostKeyWish(address=address, port=port)))
    print(tr("Removed {name}.", name=clean(args.host)))
    return 0


def _host(text: str) -> tuple[str, int]:
    """`10.0.0.1`, `10.0.0.1:2222`, `fd00::1`, `[fd00::1]:2222`."""
    address, separator, port = text.rpartition(":")
    if not separator or (":" in address and not address.endswith("]")):
        return text.strip("[]"), 22
    if not port.isdigit() or not 0 < int(port) < 65536:
        raise UsageError(tr("{text} names no port.", text=clean(text, 80)))
    return address.strip("[]"), int(port)


def _age(at_ms: int) -> str:
    """Since when, in the largest unit that fits."""
    if not at_ms:
        return "-"
    seconds = max(0, int(time.time()) - at_ms // 1000)
    for size, unit in ((86_400, mark("{count} d")), (3600, mark("{count} h")), (60, mark("{count} min"))):
        if seconds >= size:
            return tr(unit, count=seconds // size)
    return tr("{count} s", count=seconds)


def _clock(at_ms: int) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(at_ms / 1000))


def _ask(settings: Settings, question: Callable[[client.Client], Awaitable[T]]) -> T:
    async def run() -> T:
        async with client.connect(settings) as hub:
            return await question(hub)

    return asyncio.run(run())


def _json(value: Sequence[Any] | Any) -> int:
    print(json.dumps(_whole(value), ensure_ascii=False, indent=1))
    return 0


def _whole(value: Any) -> Any:
    """With the fields that hold their default, too."""
    if isinstance(value, list | tuple):
        return [_whole(one) for one in value]
    return {field.name: msgspec.to_builtins(getattr(value, field.name)) for field in msgspec.structs.fields(type(value))}
