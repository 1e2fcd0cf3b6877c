"""`yunwang hub ...` and `yunwang console`: the life of the hub."""

import asyncio
import sys
from argparse import Namespace
from datetime import UTC, datetime

import msgspec

from agents import launch
from agents.places import owner, settled
from cli import tables
from core import i18n
from core.errors import UnavailableError
from core.i18n import tr
from core.paths import data_dir, run_dir
from core.settings import Settings
from core.views import Health


def start(args: Namespace, settings: Settings) -> int:
    """Starts the hub in the background, or stays with it."""
    if args.foreground:
        return _stay(settled(settings))
    pid = launch.start(settings)
    print(tr("The hub is running (process {pid}); its data lie in {folder}.", pid=pid, folder=data_dir(settings)), file=sys.stderr)
    return 0


def _stay(settings: Settings) -> int:
    from agents import logs
    from agents.lifeline import Orders
    from agents.supervisor import supervise

    logs.set_up(settings, "supervisor")

    def started() -> None:
        print(tr("The hub is running; Ctrl+C stops it."), file=sys.stderr)

    supervise(Orders(settings=settings, language=i18n.language()), started)
    return 0


def stop(_args: Namespace, settings: Settings) -> int:
    """Stops the hub and waits for it."""
    pid = launch.stop(settings)
    print(tr("The hub (process {pid}) has stopped.", pid=pid), file=sys.stderr)
    return 0


def status(args: Namespace, settings: Settings) -> int:
    """Prints how the hub is doing; exit code 12 when none runs."""
    pid = owner(settled(settings))
    if not pid:
        raise UnavailableError(tr("No hub is running."), way_out=tr("Start it with `yunwang hub start`."))
    health = asyncio.run(_health(settings))
    if args.json:
        print(msgspec.json.encode({"pid": pid, "data_dir": str(data_dir(settings)), **msgspec.to_builtins(health)}).decode())
        return 0
    print(tr("Hub {version}, process {pid}, data in {folder}, socket in {run}.",
             version=health.version, pid=pid, folder=data_dir(settings), run=run_dir(settings)))
    print(tr("{devices} devices, revision {revision}, {clients} clients.",
             devices=health.devices, revision=health.revision, clients=health.clients))
    rows = [[row.kind, str(row.pid or "-"), _clock(row.since), str(row.restarts), row.error] for row in health.processes]
    print("\n".join(tables.lines([tr("process"), tr("number"), tr("since"), tr("restarts"), tr("last error")], rows, tables.room())))
    return 0


def _clock(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M:%S}" if at_ms else "-"


async def _health(settings: Settings) -> Health:
    import client

    async with client.connect(settings) as hub:
        return await hub.health()


def console(_args: Namespace, settings: Settings) -> int:
    """The console on the hub that runs; on one started for it when none does."""
    from cli.terminal import require_terminal

    require_terminal()
    launch.ensure(settings)
    from tui.app import run

    return run(settings.replace(general=settings.general.replace(language=i18n.language())))
