"""`yunwang inventory publish`: what exists as Ansible, Prometheus and Graphviz read it."""

import json
import sys
from argparse import Namespace
from typing import Any

from cli import files
from cli.asking import ask
from core.errors import ProtocolError, UsageError
from core.i18n import tr
from core.settings import Settings


def publish(args: Namespace, settings: Settings) -> int:
    """Writes to the file that is named, else to standard output."""
    content = _content(args, settings)
    if args.output and args.output != "-":
        files.write(args.output, content)
        return 0
    sys.stdout.flush()
    sys.stdout.buffer.write(content if content.endswith(b"\n") else content + b"\n")
    return 0


def _content(args: Namespace, settings: Settings) -> bytes:
    if args.format == "ansible":
        return _ansible(args, settings)
    if args.host or args.list:
        raise UsageError(tr("--list and --host are for ansible."))
    if args.format == "prometheus":
        if not 0 <= args.port <= 65535:
            raise UsageError(tr("A port is a number from 0 to 65535."))
        return _readable(ask(settings, lambda hub: hub.finding.prometheus(args.port)))
    part = {"unit": args.unit, "site": args.site, "county": args.county, "vpn": args.vpn}
    return ask(settings, lambda hub: hub.finding.topology(args.layer, args.format, **part))


def _ansible(args: Namespace, settings: Settings) -> bytes:
    whole = ask(settings, lambda hub: hub.finding.ansible())
    if not args.host:
        return _readable(whole)
    found: dict[str, Any] = json.loads(whole)
    return json.dumps(found["_meta"]["hostvars"].get(args.host, {}), ensure_ascii=False, indent=1).encode()


def _readable(content: bytes) -> bytes:
    try:
        return json.dumps(json.loads(content), ensure_ascii=False, indent=1).encode()
    except ValueError:
        raise ProtocolError(tr("The hub's answer was not understood: {reason}.", reason="JSON")) from None
