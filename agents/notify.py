"""Telling systemd how we are: sd_notify(3) by a plain datagram, no library. Without systemd every call is silent."""

import contextlib
import os
import socket
from collections.abc import MutableMapping


class Notifier:
    """The socket that systemd named for this process, taken out of the environment so that no child speaks for us."""

    def __init__(self, environ: MutableMapping[str, str] | None = None) -> None:
        env = os.environ if environ is None else environ
        self._path = env.pop("NOTIFY_SOCKET", "")
        pid = env.pop("WATCHDOG_PID", "")
        micros = env.pop("WATCHDOG_USEC", "")
        ours = not pid or pid == str(os.getpid())
        self.watchdog_s = int(micros) / 1e6 if micros.isdigit() and ours and self._path else 0.0
        """How often a sign of life is expected, seconds; 0: never."""

    def tell(self, **fields: str | int) -> None:
        """`tell(READY=1, STATUS="...")`. Nobody there is no error: a service must not die of its monitor."""
        if not self._path:
            return
        text = "\n".join(f"{name}={str(value).replace(chr(10), ' ')}" for name, value in fields.items())
        address = "\0" + self._path[1:] if self._path.startswith("@") else self._path
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.setblocking(False)
            sender.sendto(text.encode(), address)
