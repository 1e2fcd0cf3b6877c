"""The City's control socket: one JSON object a line, an answer for each: `{"do": "shutdown", "with": ["LD-...", "GE0/0/1"]}`."""

import asyncio
import contextlib
import inspect
import json
import os
import socket
from pathlib import Path
from typing import Any

from core.errors import InvalidInputError, UnavailableError, YunwangError
from core.i18n import tr
from lab.events import Events

LINE_MAX = 1 << 20
ACTIONS = (
    "shutdown",
    "no_shutdown",
    "cut",
    "mend",
    "load",
    "kill",
    "revive",
    "silence",
    "reboot",
    "slow",
    "lossy",
    "small",
    "darken",
    "relight",
)
"""Methods of `Events` that may be asked for, with their arguments in order."""


def perform(events: Events, line: bytes) -> dict[str, Any]:
    """Does what a line asks for."""
    try:
        asked = json.loads(line)
        name, values = asked["do"], asked.get("with", [])
        if name == "log":
            return {"ok": True, "log": [list(happening) for happening in events.log]}
        if name not in ACTIONS:
            raise InvalidInputError(
                tr("There is no action {name}.", name=name), way_out=tr("There are these: {actions}.", actions=", ".join(ACTIONS))
            )
        method = getattr(events, name)
        inspect.signature(method).bind(*values)
        method(*values)
    except YunwangError as error:
        return {"ok": False, "error": str(error)}
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return {"ok": False, "error": tr("The line is not understood: {error}.", error=error)}
    return {"ok": True}


async def serve(path: Path, events: Events) -> asyncio.Server:
    """Listens on a socket that only its owner may use."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, ValueError):
            while line := await reader.readline():
                writer.write(json.dumps(perform(events, line)).encode() + b"\n")
                await writer.drain()
        writer.close()

    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listening.bind(str(path))
    finally:
        os.umask(before)
    return await asyncio.start_unix_server(talk, sock=listening, limit=LINE_MAX)


class Control:
    """The other end: asks a City in another process to change."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __call__(self, action: str, *values: object) -> dict[str, Any]:
        """Does one action; raises `InvalidInputError` when the City refuses."""
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as wire:
                wire.settimeout(10)
                wire.connect(str(self.path))
                wire.sendall(json.dumps({"do": action, "with": list(values)}).encode() + b"\n")
                with wire.makefile("rb") as file:
                    answer: dict[str, Any] = json.loads(file.readline() or b"{}")
        except (OSError, ValueError) as error:
            raise UnavailableError(
                tr("The City does not answer at {path}: {error}.", path=self.path, error=error),
                way_out=tr("Start it with `python -m lab run`."),
            ) from None
        if not answer.get("ok"):
            raise InvalidInputError(str(answer.get("error", tr("The City gave no answer."))))
        return answer
