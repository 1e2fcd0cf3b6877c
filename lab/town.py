"""The City's own process: writes image and state, starts the player, lives the day, answers the control socket, ends with its parent.

Run by `lab.run.start`: `python -m lab.town FOLDER OPTIONS`. Prints one JSON line when the player answers.
"""

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec

from core.errors import UnavailableError, YunwangError
from core.i18n import tr, use
from lab import control, image, projection, state
from lab.city import City
from lab.events import Events
from lab.farm import binary
from lab.run import Options, dead_numbers
from lab.script import Script
from lab.voice import Hearers, Voice


def main(folder: Path, options: Options) -> int:
    """Lives in `folder` until the parent is gone; then the folder is gone too."""
    use(options.language)
    try:
        return _settle(folder, options)
    except YunwangError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _settle(folder: Path, options: Options) -> int:
    city = City(options.seed, options.devices, base=options.base, shape=options.shape, ports=options.ports)
    image.write(folder / "image", projection.picture(city))
    now_us = time.time_ns() // 1000
    devices, ports = city.first_state(now_us)
    devices["latency_us"], devices["loss_ppm"] = round(options.latency_ms * 1000), round(options.loss * 1e6)
    devices["alive"][dead_numbers(options.devices, options.dead)] = 0
    if options.shape != "city":
        ports["oper"], ports["admin"] = state.UP, state.UP
    live = state.create_file(folder / "state", city.patterns, devices, ports, now_us)
    player, process = _start_player(folder, options)
    with process:
        line = process.stdout.readline().decode() if process.stdout else ""
        if not line.startswith("ready "):
            process.kill()
            return 1
        report = {"port": int(line.split()[1]), "player": player, "pid": process.pid}
        try:
            asyncio.run(_live(folder, city, live, options, report))
        finally:
            process.terminate()
    return 0


def _start_player(folder: Path, options: Options) -> tuple[str, "subprocess.Popen[bytes]"]:
    farm = binary() if options.player in ("auto", "c") else None
    if farm is None and options.player == "c":
        raise UnavailableError(tr("There is no C compiler here, or it cannot compile the farm"))
    arguments = [
        "--image",
        str(folder / "image"),
        "--state",
        str(folder / "state"),
        "--port",
        str(options.port),
        "--max-size",
        str(options.max_size),
        "--seed",
        str(options.seed),
        *(["--community", options.community] if options.community else []),
    ]
    if farm is not None:
        return "c", subprocess.Popen([str(farm), *arguments, "--threads", str(options.threads)], stdout=subprocess.PIPE)
    return "python", subprocess.Popen([sys.executable, "-P", "-m", "lab.player", *arguments], stdout=subprocess.PIPE)


async def _live(folder: Path, city: City, live: state.State, options: Options, report: dict[str, object]) -> None:
    events = Events(city, live)
    if options.trap_port or options.syslog_port:
        hearers = Hearers(options.trap_port, options.syslog_port)
        events.listeners.append(Voice(city, live, hearers, options.community or "public").hear)
    server = await control.serve(folder / "control", events)
    script = Script(city, events, options.seed) if options.events else None
    if script is not None:
        script.begin(time.monotonic())
    sys.stdout.write(json.dumps(report) + "\n")
    sys.stdout.flush()
    ended = asyncio.ensure_future(_parent_gone())
    async with server:
        while not ended.done():
            wait = max(0.05, script.step(time.monotonic()) - time.monotonic()) if script is not None else 3600
            await asyncio.wait([ended], timeout=min(wait, 3600))


async def _parent_gone() -> None:
    """Returns when standard input ends: the parent closed it, or is no more."""
    loop, gone = asyncio.get_running_loop(), asyncio.Event()

    def readable() -> None:
        if not os.read(0, 4096):
            gone.set()

    loop.add_reader(0, readable)
    loop.add_signal_handler(signal.SIGTERM, gone.set)
    loop.add_signal_handler(signal.SIGINT, gone.set)
    await gone.wait()
    loop.remove_reader(0)


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), msgspec.json.decode(sys.argv[2], type=Options)))
