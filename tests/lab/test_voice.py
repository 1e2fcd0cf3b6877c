"""What the City's devices say by themselves, over real sockets, read by the ears' own reader."""

import socket
import time
from collections.abc import Iterator

import pytest

from agents.hearing import Hearing
from core.signals import RawLine
from lab.city import City
from lab.events import Happening
from lab.run import random_base, start
from lab.voice import link_line
from monitors.events import read_line


@pytest.fixture
def ears() -> Iterator[tuple[socket.socket, socket.socket]]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trap, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as syslog:
        for one in (trap, syslog):
            one.bind(("127.0.0.1", 0))
            one.settimeout(60)
        yield trap, syslog


def test_a_port_that_goes_down_is_told_by_both_its_ends_from_their_own_addresses(ears: tuple[socket.socket, socket.socket]) -> None:
    trap, syslog = ears
    ports = {"trap_port": trap.getsockname()[1], "syslog_port": syslog.getsockname()[1]}
    with start(12, 7, base=random_base(), player="python", events=False, **ports) as handle:
        wire = handle.city.wires[0]
        ends = {wire.a: wire.port_a, wire.b: wire.port_b}
        box = handle.city.boxes[wire.a]
        name = handle.city.row(wire.port_a, box).name
        handle.control("cut", box.name, name)
        hearing = Hearing(0)
        for mouth, kind in ((trap, "trap"), (syslog, "syslog")):
            said = {}
            for _ in ends:
                data, (source, _) = mouth.recvfrom(4096)
                line = RawLine(at_ms=time.time_ns() // 1_000_000, source=source, kind=kind, raw=data)  # type: ignore[arg-type]
                said[source] = hearing.event(line)
            assert set(said) == {handle.address_of(number) for number in ends}
            assert not [one.odd for one in said.values() if one.odd]
            told = said[handle.address_of(wire.a)]
            if kind == "trap":
                assert (told.mnemonic, told.fields["ifIndex"]) == ("linkDown", str(handle.city.row(wire.port_a, box).if_index))
            else:
                assert name in told.text
        handle.control("kill", box.name)
        said_last = hearing.event(RawLine(at_ms=1, source="x", kind="trap", raw=trap.recv(4096)))
        assert said_last.mnemonic == "linkDown", "its neighbours tell of it; what has no power says nothing"


def test_each_maker_speaks_in_its_manner_and_is_understood() -> None:
    city = City(7, 400)
    spoken = {}
    for box in city.boxes:
        for what in ("linkDown", "linkUp"):
            port = box.layout.rows[0].name
            spoken[box.model.platform, what] = port, link_line(box, Happening(0, what, box.name, port), 1_790_000_000)
    assert {platform for platform, _ in spoken} >= {"huawei_vrp", "h3c_comware", "linux"}
    for (platform, what), (port, data) in spoken.items():
        event = read_line(data, 1_790_000_000_000, "10.0.0.1", 0)
        assert not event.odd, (platform, event.odd)
        assert port in event.text
        assert event.mnemonic or platform == "linux", platform
        assert what.removeprefix("link").casefold() in event.text.casefold()
