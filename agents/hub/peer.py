"""Who is at the other end: SO_PEERCRED of the Unix socket (unix(7)), address and client certificate of TLS, read when the connection is
made and carried to each request."""

import asyncio
import pwd
import socket
import struct

from agents.hub.wire import WireProtocol
from core.identity import Actor

NOBODY = Actor(name="nobody", uid=-1, origin="unknown")


class PeerProtocol(WireProtocol):
    """uvicorn's protocol, which puts an `Actor` into the state of each request."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "actor": actor_of(transport), "certificate_subject": subject_of(transport)}
        super().connection_made(transport)


def actor_of(transport: asyncio.Transport) -> Actor:
    """The system's account at the other end, by name or else by number; over TCP nobody yet, and from which address."""
    connection = transport.get_extra_info("socket")
    if connection is None:
        return NOBODY
    if connection.family != socket.AF_UNIX:
        peer = transport.get_extra_info("peername")
        return Actor(name="nobody", uid=-1, origin=f"tcp:{peer[0]}" if peer else "unknown")
    pid, uid, _gid = struct.unpack("3i", connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12))
    return Actor(name=_account(uid), uid=uid, origin=f"unix:{pid}")


def subject_of(transport: asyncio.Transport) -> str:
    """Subject (RFC 4514) of the client certificate that TLS has verified; empty: there was none."""
    tls = transport.get_extra_info("ssl_object")
    certificate = tls.getpeercert(binary_form=True) if tls else None
    if not certificate:
        return ""
    from cryptography.x509 import load_der_x509_certificate

    try:
        return load_der_x509_certificate(certificate).subject.rfc4514_string()
    except ValueError:
        return ""


def _account(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"uid:{uid}"
