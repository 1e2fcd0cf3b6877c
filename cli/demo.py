"""`yunwang demo`: a city in a box, a hub of its own, the console on it; nothing of it is left afterwards."""

import asyncio
import contextlib
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
from argparse import Namespace
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agents import launch
from cli import demo_cloud
from core import i18n
from core.errors import InvalidInputError, NoAnswerError, UsageError, YunwangError
from core.i18n import tr
from core.nouns import Noun
from core.ports import ListQuery
from core.sections import Ears, General
from core.settings import Settings
from core.views import Overview

if TYPE_CHECKING:
    from client import Client
    from lab.openstack.process import Running
    from lab.run import Handle

BANNER = "Demonstration: this city is simulated."
MOST_DEVICES = 60_000
LOOK_S = 0.1
PATIENCE_S = 120.0


class Summary(Noun, frozen=True, kw_only=True, omit_defaults=False):
    """What `--once` prints. variables, seconds, cpu_seconds: of polling the city twice, once all its interfaces are known."""

    devices: int
    up: int
    down: int
    variables: int
    seconds: float
    cpu_seconds: float
    alerts: int
    setup_s: float
    """Until units, sites and devices were imported and the first devices were polled."""
    first_screen_s: float
    """Until 98 % of the devices were known (the dead ones take their time) and the console had drawn its first screen."""
    player: str
    import_s: float = 0.0
    """Of the whole workbook: departments, systems, VPNs, access points, addresses, ..."""
    machines: int = 0
    """Virtual machines that the cloud told of."""
    cloud_s: float = 0.0
    """Until they and all around them were read, compared and written, and people had said whose they are."""


def demo(args: Namespace, settings: Settings) -> int:
    """Runs the demonstration; returns the console's exit code."""
    begun = time.monotonic()
    os.environ.pop("YUNWANG_TOKEN", None)  # it is for another hub
    if not 1 <= args.devices <= MOST_DEVICES:
        raise UsageError(tr("--devices takes 1 to {most}.", most=MOST_DEVICES))
    if not 1 <= args.interval <= 86400:
        raise UsageError(tr("--interval takes 1 to 86400 seconds."))
    if not args.once:
        from cli.terminal import require_terminal

        require_terminal()
    with _folder(keep=args.keep) as folder, _terminated_in_order():
        private = _private(settings, folder)
        with _running(args, private) as city, demo_cloud.beside(city, private) as cloud:
            if args.once:
                return _once(args, private, city, begun, cloud)
            from tui.app import run

            demo_cloud.bring_soon(private, city, cloud, args.interval)
            return run(private)


def _private(settings: Settings, folder: Path) -> Settings:
    """The person's own settings with folders of the demo, and with ears for the city alone."""
    general = settings.general.replace(data_dir=str(folder / "data"), run_dir=str(folder / "run"), language=i18n.language())
    trap, syslog = _free_ports(2)
    return Settings(
        general=msgspec.convert(general, General), polling=settings.polling, samples=settings.samples, logs=settings.logs,
        ears=Ears(trap_port=trap, syslog_port=syslog),
    )


def _free_ports(count: int) -> list[int]:
    """UDP ports of the loopback interface that nobody has; no privilege is needed for them."""
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) for _ in range(count)]
        for one in taken:
            one.bind(("127.0.0.1", 0))
        return [int(one.getsockname()[1]) for one in taken]


@contextlib.contextmanager
def _folder(*, keep: bool) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="yunwang-demo-"))
    try:
        yield folder
    finally:
        if keep:
            print(tr("Stores and logs were kept in {folder}.", folder=folder), file=sys.stderr)
        else:
            shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def _terminated_in_order() -> Iterator[None]:
    """SIGTERM and SIGHUP end the demo like Ctrl+C, so that nothing is left behind."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.signal(number, signal.default_int_handler) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _running(args: Namespace, settings: Settings) -> "Iterator[Handle]":
    """City and hub, started side by side, the city imported."""
    from lab import run as lab
    from lab.workbook import living

    _say(tr("Starting a city of {count} devices ...", count=args.devices))
    with ThreadPoolExecutor(1) as aside:
        ears = settings.ears
        coming = aside.submit(lab.start, args.devices, args.seed, trap_port=ears.trap_port, syslog_port=ears.syslog_port)
        with contextlib.ExitStack() as stack:
            stack.callback(_stop_city, coming)
            stack.callback(_stop_hub, settings)
            launch.start(settings, banner=BANNER, die_with_us=True)  # in this thread: the kernel ties the death signal to it
            city = coming.result()
            _say(tr("The C player serves it.") if city.player == "c" else tr("The Python player serves it (there is no C compiler)."))
            asyncio.run(_import(settings, living(city.city, city.port, args.interval, f"file:{city.credential_file}")))
            yield city


def _stop_city(coming: "Future[Handle]") -> None:
    with contextlib.suppress(YunwangError):
        coming.result().stop()


def _stop_hub(settings: Settings) -> None:
    _say(tr("Stopping ..."))
    with contextlib.suppress(YunwangError):
        launch.stop(settings)


async def _import(settings: Settings, book: bytes) -> None:
    import client

    _say(tr("Importing the city ..."))
    async with client.connect(settings) as hub:
        report = await hub.import_file("city.xlsx", book, key="demo")
    if report.problems_total:
        first = report.problems[0]
        raise InvalidInputError(
            tr("The city could not be imported: {sheet}, row {row}: {message}", sheet=first.sheet, row=first.row, message=first.message),
        )
    _say(tr("{count} devices imported; polling begins.", count=report.added.get("device", 0)))


def _once(args: Namespace, settings: Settings, city: "Handle", begun: float, cloud: "Running") -> int:
    """Polls twice, reads the cloud, and says how that went."""
    summary = asyncio.run(_watch(args, settings, begun))
    from tui.app import first_screen

    drawn = first_screen(settings)
    _say(tr("Importing what else is declared, and reading the cloud ..."))
    imported, took = demo_cloud.brought_in(settings, city, cloud, args.interval)
    summary = msgspec.structs.replace(
        summary, first_screen_s=round(summary.first_screen_s + drawn, 2), player=city.player, import_s=round(imported, 2),
        cloud_s=round(took, 2),
        machines=asyncio.run(_machines(settings)),
    )
    if args.json:
        print(msgspec.json.encode(summary).decode())
    else:
        print("\n".join(f"{name:<16}{value}" for name, value in msgspec.structs.asdict(summary).items()))
    return 0


async def _watch(args: Namespace, settings: Settings, begun: float) -> Summary:
    import client

    async with client.connect(settings) as hub:
        await _until(hub, lambda seen: seen.polling.polls > 0)
        setup = time.monotonic() - begun
        known = await _until(hub, lambda seen: 50 * seen.unknown <= seen.devices == args.devices)
        screen = time.monotonic() - begun
        _say(tr("{up} devices up, {down} down; their interfaces are being discovered ...", up=known.up, down=known.down))
        before = await _until(hub, lambda seen: seen.unknown == 0 and seen.polling.undiscovered == 0)
        begun_polling, cpu = time.monotonic(), await _senses_cpu(hub)
        _say(tr("All are discovered; polling the city twice ..."))
        polls = before.polling.polls + 2 * before.up
        seen = await _until(hub, lambda now: now.polling.polls >= polls, 3 * args.interval + PATIENCE_S)
        return Summary(
            devices=seen.devices, up=seen.up, down=seen.down, variables=seen.polling.variables - before.polling.variables,
            seconds=round(time.monotonic() - begun_polling, 2), cpu_seconds=round(await _senses_cpu(hub) - cpu, 2),
            alerts=sum(seen.alerts.values()), setup_s=round(setup, 2), first_screen_s=screen, player="",
        )


async def _machines(settings: Settings) -> int:
    import client

    async with client.connect(settings) as hub:
        return (await hub.page("vm", ListQuery(limit=1))).total


async def _until(hub: "Client", enough: Callable[[Overview], bool], patience_s: float = PATIENCE_S) -> Overview:
    deadline = time.monotonic() + patience_s
    while True:
        seen = await hub.overview()
        if enough(seen):
            return seen
        if time.monotonic() > deadline:
            raise NoAnswerError(
                tr("The city did not come alive in time: {up} of {devices} devices answer.", up=seen.up, devices=seen.devices),
                way_out=tr("Run it with --keep and look into the logs of its folder."),
            )
        await asyncio.sleep(LOOK_S)


async def _senses_cpu(hub: "Client") -> float:
    """CPU seconds of the poller so far, by proc(5); 0 when it is gone."""
    pids = [row.pid for row in (await hub.health()).processes if row.kind == "senses" and row.pid]
    return _cpu(pids[0]) if pids else 0.0


def _cpu(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
