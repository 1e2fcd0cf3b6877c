"""A device to try: an SNMP agent of the lab, and an SSH server that speaks like one of the makers."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

import paramiko
import pytest

from core import i18n
from lab.run import Handle, random_base, start


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)


@pytest.fixture(scope="module")
def city() -> Iterator[Handle]:
    with start(4, 7, base=random_base(), events=False) as handle:
        yield handle


class Terminal(paramiko.ServerInterface):
    """One login; a shell that answers each line by `answers`."""

    def __init__(self, answers: dict[str, str]) -> None:
        self._answers = answers

    def get_allowed_auths(self, username: str) -> str:
        return "password"

    def check_auth_password(self, username: str, password: str) -> int:
        return paramiko.AUTH_SUCCESSFUL if (username, password) == ("ops", "right horse") else paramiko.AUTH_FAILED

    def check_channel_request(self, kind: str, chanid: int) -> int:
        return paramiko.OPEN_SUCCEEDED

    def check_channel_pty_request(self, channel: Any, *_: Any) -> bool:
        return True

    def check_channel_shell_request(self, channel: paramiko.Channel) -> bool:
        threading.Thread(target=self._talk, args=(channel,), daemon=True).start()
        return True

    def _talk(self, channel: paramiko.Channel) -> None:
        channel.sendall(b"\r\nInfo: The max number of VTY users is 21.\r\n<R1>")
        line = b""
        while piece := channel.recv(1):
            if piece != b"\n":
                line += piece
                continue
            said = self._answers.get(line.decode(), "Error: Unrecognized command found at '^' position.")
            channel.sendall(line + b"\r\n" + said.encode() + b"\r\n<R1>")
            line = b""


@pytest.fixture
def terminal() -> Iterator[Callable[[dict[str, str]], tuple[int, str]]]:
    """Starts an SSH server; gives its port and the fingerprint of its host key."""
    listeners: list[socket.socket] = []
    key = paramiko.RSAKey.generate(2048)

    def begin(answers: dict[str, str]) -> tuple[int, str]:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def greet(connection: socket.socket) -> None:
            transport = paramiko.Transport(connection)
            transport.add_server_key(key)
            with contextlib.suppress(paramiko.SSHException, EOFError, OSError):  # a guest that looks at the key only hangs up at once
                transport.start_server(server=Terminal(answers))

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                threading.Thread(target=greet, args=(connection,), daemon=True).start()

        threading.Thread(target=serve, daemon=True).start()
        from links.ssh import fingerprint

        return listener.getsockname()[1], fingerprint(key.asbytes())

    yield begin
    for one in listeners:
        one.close()
