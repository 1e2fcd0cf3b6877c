import socket
from collections.abc import Callable, Iterator

import pytest

from core import i18n
from lab import projection, protocol, state
from lab.agent import Town
from lab.city import City
from lab.image import encode_oid
from lab.run import Handle, random_base, start

NOON_US = 1_790_049_600_000_000


@pytest.fixture(autouse=True)
def _english():
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)


@pytest.fixture(scope="session")
def city() -> City:
    return City(7, 300)


@pytest.fixture
def town(city: City) -> Town:
    """A City in this process, without sockets, time standing still at noon."""
    devices, ports = city.first_state(NOON_US)
    buffer = bytearray(state.State.size(len(devices), len(ports)))
    live = state.State.create(buffer, city.patterns, devices, ports, NOON_US)
    live.freeze(NOON_US)
    return Town(projection.picture(city), live)


@pytest.fixture(scope="module", params=["c", "python"])
def running(request: pytest.FixtureRequest, need: Callable[[str], str]) -> Iterator[Handle]:
    """A quiet City of 120 devices, played by each player."""
    if request.param == "c":
        need("cc")
    with start(120, 7, base=random_base(), player=request.param, events=False) as handle:
        yield handle


def encode(
    kind: int, names: list[tuple[int, ...]], first: int = 0, second: int = 0, version: int = 1, community: bytes = b"public"
) -> bytes:
    bindings = b"".join(protocol.tlv(0x30, protocol.tlv(6, encode_oid(name)) + b"\5\0") for name in names)
    pdu = protocol.integer(77) + protocol.integer(first) + protocol.integer(second) + protocol.tlv(0x30, bindings)
    return protocol.tlv(0x30, protocol.integer(version) + protocol.tlv(4, community) + protocol.tlv(kind, pdu))


@pytest.fixture(scope="session")
def request_of() -> Callable[..., bytes]:
    """Encodes a request: kind, names, first, second, version, community."""
    return encode


class Wire:
    """Asks a running City over UDP and returns raw answers."""

    def __init__(self, handle: Handle) -> None:
        self.handle = handle
        self.sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.sock.settimeout(5)

    def send(self, data: bytes, device: int = 0) -> None:
        self.sock.sendto(data, (self.handle.address_of(device), self.handle.port))

    def ask(self, data: bytes, device: int = 0, wait_s: float = 5) -> bytes | None:
        self.sock.settimeout(wait_s)
        self.send(data, device)
        try:
            answer, peer = self.sock.recvfrom(65_535)
        except TimeoutError:
            return None
        assert peer == (self.handle.address_of(device), self.handle.port)
        return answer


@pytest.fixture
def wire(running: Handle) -> Iterator[Wire]:
    one = Wire(running)
    yield one
    one.sock.close()


@pytest.fixture(scope="session")
def values_of() -> Callable[[bytes], tuple[int, list[tuple[tuple[int, ...], int, bytes]]]]:
    """Takes an answer apart: error-status, and (OID, tag, contents) of each binding."""
    return take_apart


def take_apart(data: bytes) -> tuple[int, list[tuple[tuple[int, ...], int, bytes]]]:
    def element(at: int) -> tuple[int, int, int]:
        tag, count = data[at], data[at + 1]
        at += 2
        if count & 0x80:
            octets = count & 0x7F
            count = int.from_bytes(data[at : at + octets], "big")
            at += octets
        return tag, at, at + count

    _, at, end = element(0)
    assert end == len(data)
    _, _, at = element(at)
    _, _, at = element(at)
    tag, at, _ = element(at)
    assert tag == 0xA2
    _, _, at = element(at)
    _, start, at = element(at)
    status = int.from_bytes(data[start:at], "big")
    _, _, at = element(at)
    _, at, end = element(at)
    out = []
    while at < end:
        _, inner, at = element(at)
        _, start, stop = element(inner)
        kind, first, last = element(stop)
        out.append((protocol.decode_oid(data[start:stop]), kind, data[first:last]))
    return status, out
