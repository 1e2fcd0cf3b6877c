"""One fixed command on a Linux machine over SSH, who must be who was pinned. Blocking: call it in a thread."""

import time
from typing import TYPE_CHECKING, NamedTuple

from core.probes import Answer
from links import ssh
from links.probes.failing import ProbeFailure

if TYPE_CHECKING:
    import paramiko

MOST = 256 * 1024
_PIECE = 32 * 1024
_ANSWERS: dict[ssh.Answer, Answer] = {
    "no-answer": "no-answer", "closed": "closed", "no-ssh": "nonsense", "host-key-changed": "host-key-changed", "wrong-secret": "refused",
    "refused": "refused",
}


class Printed(NamedTuple):
    """text: what the command printed, whole."""

    checked: ssh.Checked
    text: str


class ShellFailure(ProbeFailure):
    """With what the host showed of itself before it failed."""

    def __init__(self, answer: Answer, said: str, checked: ssh.Checked) -> None:
        super().__init__(answer, said)
        self.checked = checked


def printed(
    address: str, port: int, login: ssh.Login, pinned: ssh.Pin | None, command: str, *, timeout_s: float, most: int = MOST,
    legacy: bool = False,
) -> Printed:
    """Raises `ShellFailure`, and `InvalidInputError` for a key of ours that cannot be used."""
    output, whole = bytearray(), False

    def read(transport: "paramiko.Transport", deadline: float) -> None:
        nonlocal whole
        whole = _read(transport, command, deadline, output, most)

    checked = ssh.check(address, port, login, pinned, timeout_s=timeout_s, legacy=legacy, then=read)
    if checked.answer != "ok":
        raise ShellFailure(_ANSWERS.get(checked.answer, "nonsense"), checked.reason, checked)
    if not whole:
        raise ShellFailure("too-much" if len(output) >= most else "no-answer", "", checked)
    return Printed(checked, output.decode("utf-8", "replace"))


def _read(transport: "paramiko.Transport", command: str, deadline: float, output: bytearray, most: int) -> bool:
    """Whether all was read: it ended before `most` octets and the deadline. What goes to the error output is thrown away there."""
    import paramiko

    try:
        channel = transport.open_session(window_size=most, timeout=max(deadline - time.monotonic(), 0.1))
        channel.settimeout(max(deadline - time.monotonic(), 0.1))
        channel.exec_command(f"( {command} ) 2>/dev/null")
        while len(output) < most:
            channel.settimeout(max(deadline - time.monotonic(), 0.01))
            piece = channel.recv(min(_PIECE, most - len(output)))
            if not piece:
                return True
            output += piece
    except (paramiko.SSHException, OSError, EOFError):
        return False
    return False
