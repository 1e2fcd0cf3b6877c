"""What the City's devices say by themselves: each change of a port or of a device as a trap and as a log line in its maker's manner.

They leave from the device's own address, so that whoever listens knows who spoke. Traps are SNMPv2-Traps (RFC 3416) of SNMPv2-MIB and
IF-MIB (RFC 3418, RFC 2863); log lines have the shapes that the makers' message references describe.
"""

import socket
import time
from typing import NamedTuple

from lab import protocol
from lab.city import Box, City
from lab.events import Happening
from lab.state import State

PORT_STATES = {"linkDown": ("DOWN", "down", 2), "linkUp": ("UP", "up", 1)}
LINK_TRAPS = {"linkDown": (1, 3, 6, 1, 6, 3, 1, 1, 5, 3), "linkUp": (1, 3, 6, 1, 6, 3, 1, 1, 5, 4)}
COLD_START = (1, 3, 6, 1, 6, 3, 1, 1, 5, 1)
UPTIME, TRAP_OID = (1, 3, 6, 1, 2, 1, 1, 3, 0), (1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0)
IF_ENTRY = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IF_INDEX, IF_ADMIN, IF_OPER = 1, 7, 8
TIME_TICKS, TRAP_V2 = 0x43, 0xA7
LOCAL7 = 23 * 8


class Hearers(NamedTuple):
    """UDP ports on the loopback interface that traps and log lines go to; 0: nobody listens."""

    trap: int = 0
    syslog: int = 0


class Voice:
    """Listens to what happens and says it. Nothing is said of what is dark: it has no power to say it."""

    def __init__(self, city: City, state: State, hearers: Hearers, community: str) -> None:
        self._city, self._state, self._hearers, self._community = city, state, hearers, community.encode()
        self._request = 0

    def hear(self, happening: Happening) -> None:
        """For `lab.events.Events.listeners`."""
        box = self._city.box(happening.device)
        if not self._state.devices[box.number]["alive"]:
            return
        if happening.what in LINK_TRAPS:
            self._say(box, self._trap(box, LINK_TRAPS[happening.what], self._port(box, happening)), link_line(box, happening))
        elif happening.what in ("reboot", "revived"):
            self._say(box, self._trap(box, COLD_START, ()), b"")

    def _port(self, box: Box, happening: Happening) -> tuple[tuple[tuple[int, ...], bytes], ...]:
        port = self._city.port(box.name, happening.interface)
        index = self._city.row(port, box).if_index
        state = PORT_STATES[happening.what][2]
        columns = ((IF_INDEX, index), (IF_ADMIN, int(self._state.ports[port]["admin"])), (IF_OPER, state))
        return tuple(((*IF_ENTRY, column, index), protocol.integer(value)) for column, value in columns)

    def _trap(self, box: Box, kind: tuple[int, ...], more: tuple[tuple[tuple[int, ...], bytes], ...]) -> bytes:
        ticks = max(0, self._state.now_us() - int(self._state.devices[box.number]["boot_us"])) // 10_000 % (1 << 32)
        bindings = ((UPTIME, protocol.integer(ticks, TIME_TICKS)), (TRAP_OID, protocol.object_id(kind)), *more)
        listed = protocol.tlv(0x30, b"".join(protocol.tlv(0x30, protocol.object_id(name) + value) for name, value in bindings))
        self._request += 1
        pdu = protocol.tlv(TRAP_V2, protocol.integer(self._request) + protocol.integer(0) + protocol.integer(0) + listed)
        return protocol.tlv(0x30, protocol.integer(1) + protocol.tlv(0x04, self._community) + pdu)

    def _say(self, box: Box, trap: bytes, line: bytes) -> None:
        said = ((trap, self._hearers.trap), (line, self._hearers.syslog))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as mouth:
            mouth.bind((self._city.address(box.number), 0))
            for data, port in said:
                if data and port:
                    mouth.sendto(data, ("127.0.0.1", port))


def link_line(box: Box, happening: Happening, now_s: float | None = None) -> bytes:
    """The log line of a port that went down or came up."""
    upper, lower, _ = PORT_STATES[happening.what]
    then = time.localtime(now_s)
    stamp, port, host = time.strftime("%b %d %Y %H:%M:%S", then), happening.interface, box.name
    match box.model.platform:
        case "huawei_vrp":
            level, body = 4, f"{stamp} {host} %%01IFNET/4/IF_STATE(l)[0]:Interface {port} has turned into {upper} state."
        case "h3c_comware":
            head = f"{time.strftime('%b %d %H:%M:%S %Y', then)} {host} %%10IFNET/3/PHY_UPDOWN:"
            level, body = 3, f"{head} Physical state on the interface {port} changed to {lower}."
        case "ruijie_rgos":
            level, body = 3, f"*{time.strftime('%b %d %H:%M:%S', then)}: {host} %LINK-3-UPDOWN: Interface {port}, changed state to {lower}."
        case "linux":
            level, body = 6, f"{time.strftime('%b %d %H:%M:%S', then)} {host} kernel: {port}: NIC Link is {lower.capitalize()}"
        case _:
            level, body = 3, f"{time.strftime('%b %d %H:%M:%S', then)} {host}: %LINK-3-UPDOWN: Interface {port}, changed state to {lower}"
    return f"<{LOCAL7 + level}>{body}".encode()
