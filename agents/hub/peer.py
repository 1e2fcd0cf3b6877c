"""Who is at the other end of the Unix socket: SO_PEERCRED (unix(7)), read when the connection is made and carried to each request."""

import asyncio
import pwd
import socket
import struct
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from core.identity import Actor

NOBODY = Actor(name="nobody", uid=-1, origin="unknown")


class PeerProtocol(H11Protocol):
    """uvicorn's protocol, which puts an `Actor` into the state of each request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "actor": actor_of(transport.get_extra_info("socket"))}
        super().connection_made(transport)


def actor_of(connection: Any) -> Actor:
    """The account at the other end. Its name is the system's; an account without one is called by its number."""
    if connection is None or connection.family != socket.AF_UNIX:
        return NOBODY
    pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return Actor(name=_account(uid), uid=uid, origin=f"unix:{pid}")


def _account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid:{uid}"
