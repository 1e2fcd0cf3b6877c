"""`python -m lab`: runs the City by hand until Ctrl-C, or lists what is in it, writes its workbook, or makes something happen.

    python -m lab run --devices 3000 --port 16100     prints where it answers
    python -m lab list --devices 300                  names, addresses, sites
    python -m lab workbook city.xlsx --port 16100     the sheets to import
    python -m lab do CONTROL shutdown DEVICE INTERFACE
"""

import argparse
import contextlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

from core.errors import YunwangError
from lab.city import City, Shape
from lab.control import ACTIONS, Control
from lab.run import Options, Player, start
from lab.workbook import workbook


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m lab", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("run", "list", "workbook"):
        sub = verbs.add_parser(verb)
        sub.add_argument("--devices", type=int, default=3000)
        sub.add_argument("--seed", type=int, default=1)
        sub.add_argument("--base", default=Options().base, help="device d answers at base + 1 + d")
        sub.add_argument("--port", type=int, default=0 if verb == "run" else 161)
        if verb == "workbook":
            sub.add_argument("file", type=Path)
            sub.add_argument("--interval-s", type=int, default=60)
            sub.add_argument("--locator", default="env:YUNWANG_LAB_COMMUNITY")
        if verb == "run":
            _run_options(sub)
    do = verbs.add_parser("do")
    do.add_argument("control", type=Path, help="the control socket that `run` printed")
    do.add_argument("action", choices=ACTIONS)
    do.add_argument("values", nargs="*")
    return parser


def _run_options(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--player", choices=get_args(Player), default="auto")
    sub.add_argument("--shape", choices=get_args(Shape), default="city")
    sub.add_argument("--ports", type=int, default=48, help="ports of a device where the shape is not `city`")
    sub.add_argument("--threads", type=int, default=1)
    sub.add_argument("--max-size", type=int, default=1400)
    sub.add_argument("--latency-ms", type=float, default=0.0)
    sub.add_argument("--loss", type=float, default=0.0)
    sub.add_argument("--dead", type=float, default=0.0)
    sub.add_argument("--community", default="", help="empty: any will do")
    sub.add_argument("--trap-port", type=int, default=0, help="loopback port that devices send traps to; 0: they send none")
    sub.add_argument("--syslog-port", type=int, default=0, help="the same of log lines")
    sub.add_argument("--quiet", dest="events", action="store_false", help="nothing happens by itself")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _run(given: dict[str, object]) -> None:
    with start(**given) as handle:  # type: ignore[arg-type]
        first, last = handle.address_of(0), handle.address_of(handle.devices - 1)
        _say(f"{handle.devices} devices from {first} to {last}, UDP port {handle.port}, player {handle.player}")
        _say(f"control: {handle.control.path}")
        with contextlib.suppress(KeyboardInterrupt):
            signal.pause()


def _number(text: str) -> str | float:
    try:
        return float(text) if "." in text else int(text)
    except ValueError:
        return text


def main(arguments: Sequence[str]) -> int:
    given = vars(_parser().parse_args(arguments))
    verb = given.pop("verb")
    try:
        if verb == "do":
            Control(given["control"])(given["action"], *map(_number, given["values"]))
        elif verb == "run":
            _run(given)
        else:
            city = City(given["seed"], given["devices"], base=given["base"])
            if verb == "workbook":
                given["file"].write_bytes(workbook(city, given["port"], given["interval_s"], given["locator"]))
            else:
                for device in city.devices(given["port"]):
                    _say(f"{device.name}\t{device.address}\t{device.role}\t{device.model}\t{device.site}")
    except YunwangError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
