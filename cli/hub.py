"""`yunwang hub ...` and `yunwang console`: the life of the hub."""

import sys
from argparse import Namespace
from datetime import UTC, datetime

import msgspec

from agents import launch
from agents.places import owner, settled
from cli import tables
from cli.asking import ask
from core import i18n
from core.errors import NoAnswerError, YunwangError
from core.i18n import tr
from core.paths import data_dir, run_dir
from core.settings import Settings
from core.width import clean


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


def stop(args: Namespace, settings: Settings) -> int:
    """Asks the hub, which writes down who stopped it, and waits for its end. --force: a signal, for who may send it."""
    settings = settled(settings)
    if not args.force:
        try:
            ask(settings, lambda hub: hub.node.stop())
        except NoAnswerError as error:
            raise NoAnswerError(error.message, way_out=tr("`yunwang hub stop --force` ends it by a signal.")) from None
        launch.wait_for_end(settings)
        print(tr("The hub has stopped."), file=sys.stderr)
        return 0
    pid = launch.stop(settings)
    print(tr("The hub (process {pid}) has stopped.", pid=pid), file=sys.stderr)
    return 0


def status(args: Namespace, settings: Settings) -> int:
    """Prints how the hub is doing; exit code 12 when none runs, 1 when it has failed."""
    settings = settled(settings)
    health = ask(settings, lambda hub: hub.health())
    code = 1 if health.status == "failed" else 0
    if args.json:
        print(msgspec.json.encode({"pid": _pid(settings), "data_dir": str(data_dir(settings)), **msgspec.to_builtins(health)}).decode())
        return code
    print(tr("The hub is {status}.", status=tr(health.status)))
    for reason in health.reasons:
        print(f"  {tr(reason.status)}: {clean(tr(reason.message, **reason.values))}")
    if not health.version:
        print(tr("Log in with `yunwang login` to see more."), file=sys.stderr)
        return code
    where = settings.api.url or run_dir(settings)
    print(tr("Hub {version}, process {pid}, data in {folder}, socket in {run}.",
             version=health.version, pid=_pid(settings) or "?", folder=data_dir(settings), run=where))
    print(tr("{devices} devices, revision {revision}, {clients} clients.",
             devices=health.devices, revision=health.revision, clients=health.clients))
    rows = [[row.kind, str(row.pid or "-"), _clock(row.since), str(row.restarts), row.error] for row in health.processes]
    print("\n".join(tables.lines([tr("process"), tr("number"), tr("since"), tr("restarts"), tr("last error")], rows, tables.room())))
    return code


def _pid(settings: Settings) -> int:
    """Of the supervisor; 0 where this account may not know."""
    try:
        return owner(settings)
    except YunwangError:
        return 0


def _clock(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC).astimezone():%Y-%m-%d %H:%M:%S}" if at_ms else "-"


def console(_args: Namespace, settings: Settings) -> int:
    """The console on the hub that runs; on one started for it when none does."""
    from cli.terminal import require_terminal

    require_terminal()
    launch.ensure(settings)
    from tui.app import run

    return run(settings.replace(general=settings.general.replace(language=i18n.language())))
