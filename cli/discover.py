"""`yunwang discover HOST`: what a device is; with --batch, one object for each line of standard input."""

import asyncio
import sys
from argparse import Namespace
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import msgspec

from cli.poll import secret_of
from core.errors import NoAnswerError, UsageError, YunwangError
from core.i18n import tr
from core.settings import Settings
from core.width import clean, fit

if TYPE_CHECKING:
    from core.polling import Target

LONGEST_LINE = 512
COUNTED = ("ports", "processors", "mempools", "storage", "sensors", "entity", "vlans", "links", "ipv4", "ipv6", "bgp")


def discover(args: Namespace, settings: Settings) -> int:
    """Handler of the operation `polling.discover`."""
    del settings
    if args.batch:
        return _batch(args)
    if not args.host:
        raise UsageError(tr("Name a host, or give --batch."))
    from agents import local
    from agents.discovering import describe

    target = local.target_of(local.address_of(args.host), args.port, args.version, secret_of(args), args.timeout)
    found = asyncio.run(describe(target))
    if args.json:
        print(msgspec.json.encode(found).decode())
    else:
        show_found(found)
    return 0


def _batch(args: Namespace) -> int:
    """Lines HOST PORT COMMUNITY; an object for each, in order, with `error` where nothing was found. 3 when none answered."""
    from agents.discovering import describe

    answered = 0
    with asyncio.Runner() as runner:
        for line in _lines():
            try:
                found = runner.run(describe(_target(line, args)))
                answered += 1
            except YunwangError as error:
                found = {"error": error.message}
            except Exception as error:  # noqa: BLE001 - whatever is odd about one device, the others are told
                found = {"error": tr("A fault of ours: {reason}.", reason=f"{type(error).__name__}: {clean(str(error), 200)}")}
            print(msgspec.json.encode(found).decode(), flush=True)
    return 0 if answered else NoAnswerError.exit_code


def _lines() -> Iterator[str]:
    while line := sys.stdin.readline(LONGEST_LINE):
        if line.strip():
            yield line


def _target(line: str, args: Namespace) -> "Target":
    from agents import local
    from core.polling import SnmpSecret

    words = line.split()
    if len(words) != 3 or not words[1].isascii() or not words[1].isdigit() or not 0 < int(words[1]) < 65536:
        raise UsageError(tr("A line holds HOST PORT COMMUNITY."))
    return local.target_of(local.address_of(words[0]), int(words[1]), "", SnmpSecret(community=words[2]), args.timeout)


def show_found(found: dict[str, Any]) -> None:
    """One object of plain values as lines."""
    for name in ("sysName", "vendor", "os", "hardware", "version", "serial", "sysObjectID", "sysDescr"):
        if found.get(name):
            print(f"{fit(tr(name), 14)} {clean(str(found[name]), 200)}")
    print(f"{fit(tr('Profiles'), 14)} {', '.join(found['profiles'])}")
    print("  ".join(f"{tr(name)} {len(found[name])}" for name in COUNTED if found[name]))
    for one in found["processors"]:
        print(f"{fit(tr('Processor'), 14)} {clean(one['descr'], 60)}  {one['usage']:.0f} %")
    for name, rows in (("Memory", found["mempools"]), ("Storage", found["storage"])):
        for one in rows:
            print(f"{fit(tr(name), 14)} {clean(one['descr'], 60)}  {one['perc']:.0f} %")
    for one in found["sensors"]:
        meant = one.get("states", {}).get(f"{one['value']:.0f}", "")
        print(f"{fit(tr(one['class']), 14)} {clean(one['descr'], 60)}  {one['value']:g} {clean(meant or one['unit'], 40)}")
    for one in found["bgp"]:
        print(f"{fit(tr('BGP peer'), 14)} {one['peer']} AS {one['remote_as']}  {clean(one['state'], 20)}")
    for mark in found["marks"]:
        print(f"{fit(tr('Mark'), 14)} {clean(mark, 200)}")
