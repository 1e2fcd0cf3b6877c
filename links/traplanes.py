"""Several UDP sockets at one address, each with the senders of its own: whoever floods fills the buffer of one of them alone.

The kernel chooses the socket by the sender's address (SO_REUSEPORT with a classic BPF program, socket(7); Linux 4.5), so that what one
sender says stays in order, from whatever ports it sends. Where the kernel cannot do that, one socket has them all.
"""

import ctypes
import socket
import struct
import sys

_ATTACH = 51
"""SO_ATTACH_REUSEPORT_CBPF."""
_BUFFER_FORCE = 33
"""SO_RCVBUFFORCE: more than net.core.rmem_max, for who may."""
_NETWORK = 0xFFF0_0000
"""SKF_NET_OFF: from here offsets count from the head of the IP packet."""
_LOAD_OCTET, _LOAD_WORD, _SHIFT, _IF_EQUAL, _GO, _MODULO, _RETURN = 0x30, 0x20, 0x74, 0x15, 0x05, 0x94, 0x16
_V4_SOURCE, _V6_SOURCE_END = 12, 20


def another(like: socket.socket, receive_buffer: int) -> socket.socket:
    """One more of the same kind, not bound."""
    one = socket.socket(like.family, socket.SOCK_DGRAM)
    one.setblocking(False)
    if like.family == socket.AF_INET6:
        one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, like.getsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY))
    try:
        one.setsockopt(socket.SOL_SOCKET, _BUFFER_FORCE, receive_buffer)
    except OSError:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    return one


def share(first: socket.socket, others: list[socket.socket]) -> bool:
    """Binds the others where `first` is bound, each for its share of all senders. False: they are of no use here, and not bound.

    Nobody else gets in: whoever comes later binds first without SO_REUSEPORT, as `first` did.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        first.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        for one in others:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
            one.bind(first.getsockname()[:2])
        _attach(first, len(others) + 1)  # only once they are a group
    except OSError:
        return False
    return True


def _attach(group: socket.socket, count: int) -> None:
    """The last 32 bits of the sender's address, modulo `count`, are the number of its socket."""
    words = (
        (_LOAD_OCTET, 0, 0, _NETWORK), (_SHIFT, 0, 0, 4), (_IF_EQUAL, 0, 2, 4),
        (_LOAD_WORD, 0, 0, _NETWORK + _V4_SOURCE), (_GO, 0, 0, 1), (_LOAD_WORD, 0, 0, _NETWORK + _V6_SOURCE_END),
        (_MODULO, 0, 0, count), (_RETURN, 0, 0, 0),
    )
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *word) for word in words))
    group.setsockopt(socket.SOL_SOCKET, _ATTACH, struct.pack("@HP", len(words), ctypes.addressof(code)))
