"""One harmless question to a host by SSH: a command and the first page of what it prints. Blocking: call it in a thread."""

import contextlib
import time
from typing import TYPE_CHECKING

from links.ssh import Checked, Login, Pin, check

if TYPE_CHECKING:
    import paramiko

MOST = 32 * 1024
QUIET_S = 1.0
"""So long without another word means that the host has said what it says."""
_PIECE_S = 0.2


def ask(
    address: str, port: int, login: Login, pinned: Pin | None, command: str, *, shell: bool, timeout_s: float = 15.0, legacy: bool = False,
) -> tuple[Checked, str]:
    """How the login went, and what the host printed; empty where it went wrong. shell: type the command, because the host knows no other
    way (most network devices)."""
    heard: list[str] = []

    def listen(transport: "paramiko.Transport", deadline: float) -> None:
        import paramiko

        with contextlib.suppress(paramiko.SSHException, OSError, EOFError):
            heard.append(_typed(transport, command, deadline) if shell else _run(transport, command, deadline))

    found = check(address, port, login, pinned, timeout_s=timeout_s, legacy=legacy, then=listen)
    return found, "".join(heard)


def _typed(transport: "paramiko.Transport", command: str, deadline: float) -> str:
    channel = _open(transport, deadline)
    channel.get_pty(width=200)
    channel.invoke_shell()
    greeting = _read(channel, deadline)
    channel.sendall(command.encode() + b"\n")
    return (greeting + _read(channel, deadline)).decode("utf-8", "replace")


def _run(transport: "paramiko.Transport", command: str, deadline: float) -> str:
    channel = _open(transport, deadline)
    channel.set_combine_stderr(True)
    channel.exec_command(command)
    return _read(channel, deadline).decode("utf-8", "replace")


def _open(transport: "paramiko.Transport", deadline: float) -> "paramiko.Channel":
    channel = transport.open_session(timeout=max(deadline - time.monotonic(), 0.1))
    channel.settimeout(_PIECE_S)
    return channel


def _read(channel: "paramiko.Channel", deadline: float) -> bytes:
    """What comes until the host falls silent, ends, or has said enough."""
    out, heard_at = b"", time.monotonic() + QUIET_S * 2
    while time.monotonic() < min(deadline, heard_at + QUIET_S) and len(out) < MOST:
        try:
            piece = channel.recv(MOST)
        except TimeoutError:
            continue
        if not piece:
            break
        out, heard_at = out + piece, time.monotonic()
    return out[:MOST]
