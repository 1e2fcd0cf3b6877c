"""Entries that the tests of the workers run, in processes of their own; found through PYTHONPATH."""

import os
import sys
import time
from pathlib import Path
from typing import Any

from core.errors import InvalidInputError


def count(run: Any) -> dict[str, Any]:
    """Counts to `total`, one step for each file `go-N` that appears in `folder`; notes each step in `steps`."""
    folder = Path(run.arguments["folder"])
    for number in range(run.checkpoint.get("next", 0), run.arguments["total"]):
        while not (folder / f"go-{number}").exists():
            run.tell(number, run.arguments["total"], "counting")
            time.sleep(0.01)
        with (folder / "steps").open("a") as file:
            file.write(f"{number}\n")
        run.keep({"next": number + 1})
    sys.stdout.write("what a job prints must not disturb anybody\n")
    sys.stdout.flush()
    return {"counted": run.arguments["total"], "author": run.author, "pid": os.getpid()}


def stubborn(run: Any) -> dict[str, Any]:
    """Hears no request to stop."""
    run.tell(1, 2)
    while True:
        time.sleep(0.05)


def fails(run: Any) -> dict[str, Any]:
    raise InvalidInputError("It is not good.", way_out="Make it better.")


def crashes(run: Any) -> dict[str, Any]:
    raise ZeroDivisionError("a secret of the inside")


def dies(run: Any) -> dict[str, Any]:
    os.kill(os.getpid(), 9)
    return {}


def greedy(run: Any) -> dict[str, Any]:
    return {"size": len(bytes(8 << 30))}
