"""A bus without a hub, recorded devices, a real snmpd: what senses meets."""

import asyncio
import bisect
import contextlib
import os
import socket
import subprocess
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from core.errors import NoAnswerError
from core.messages import AlertTransitions, Done, LiveDevice, LiveDevices, LiveInterfaces, Observed
from core.polling import Kind, Oid, SnmpSecret, TableRows, Target, VarBind
from core.signals import Alert
from core.views import PollingHealth
from links.snmp import ber, plain


class RecordedSession:
    """`core.polling.Session` over variables that were written down."""

    def __init__(self, variables: dict[Oid, tuple[int, Any]]) -> None:
        self.variables = variables
        self.names = sorted(variables)
        self.requests = 0

    async def get(self, oids: Sequence[Oid]) -> list[VarBind]:
        self.requests += 1
        return [VarBind(oid, *self.variables.get(oid, (Kind.NO_SUCH_INSTANCE, None))) for oid in oids]

    async def walk(self, root: Oid, limit: int = 100_000) -> list[VarBind]:
        self.requests += 1
        start = bisect.bisect_right(self.names, root)
        stop = bisect.bisect_left(self.names, (*root[:-1], root[-1] + 1))
        return [VarBind(name, *self.variables[name]) for name in self.names[start:stop]][:limit]

    async def holding(self, roots: Sequence[Oid]) -> list[bool]:
        return [True] * len(roots)

    async def table(self, columns: Sequence[Oid], limit: int = 10_000) -> TableRows:
        rows: dict[Oid, list[Any]] = {}
        for at, column in enumerate(columns):
            for binding in await self.walk(column):
                if binding.oid[len(column) :] in rows or len(rows) < limit:
                    rows.setdefault(binding.oid[len(column) :], [None] * len(columns))[at] = binding.value
        problem = "A table has no end." if len(rows) >= limit else ""
        return TableRows(dict(sorted(rows.items())), problem)

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def recorded() -> Callable[[dict[Oid, tuple[int, Any]]], RecordedSession]:
    return RecordedSession


class HubEar:
    """A bus with a hub at the other end that only listens; `deaf` makes it not answer."""

    def __init__(self) -> None:
        self.handlers: dict[str, Callable[[bytes], Awaitable[bytes]]] = {}
        self.live: dict[str, LiveDevice] = {}
        self.interfaces: dict[str, LiveInterfaces] = {}
        self.observed: dict[str, Observed] = {}
        self.alerts: list[Alert] = []
        self.health = PollingHealth()
        self.deaf = False

    async def publish(self, subject: str, body: bytes) -> None:
        if subject == "live.devices":
            self.live |= {row.id: row for row in msgspec.msgpack.decode(body, type=LiveDevices).rows}
        elif subject == "live.interfaces":
            rows = msgspec.msgpack.decode(body, type=LiveInterfaces)
            self.interfaces[rows.device_id] = rows
        elif subject == "live.health":
            self.health = msgspec.msgpack.decode(body, type=PollingHealth)

    async def request(self, subject: str, body: bytes, timeout_s: float = 5.0) -> bytes:
        if self.deaf:
            await asyncio.sleep(0)
            raise NoAnswerError
        if subject == "hub.observed":
            observed = msgspec.msgpack.decode(body, type=Observed)
            self.observed[observed.device_id] = observed
        elif subject == "hub.alerts":
            self.alerts += msgspec.msgpack.decode(body, type=AlertTransitions).alerts
        return msgspec.msgpack.encode(Done())

    async def subscribe(self, subject: str, handler: Callable[[bytes], Awaitable[bytes]], workers: int = 1) -> None:
        self.handlers[subject] = handler

    async def close(self) -> None:
        """Nothing is open."""

    async def ask(self, subject: str, body: Any) -> Done:
        return msgspec.msgpack.decode(await self.handlers[subject](msgspec.msgpack.encode(body)), type=Done)


@pytest.fixture
def hub_ear() -> HubEar:
    return HubEar()


@pytest.fixture
def on_a_busy_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """The city of the lab shares two processors with the tests: it is not taken for slow devices."""
    monkeypatch.setattr("agents.senses.discovery.FEW_CELLS", 10**9)


@pytest.fixture
def until() -> Callable[..., Awaitable[None]]:
    """`await until(condition)`: waits for what must come; fails when it never does."""

    async def wait(condition: Callable[[], Any], limit_s: float = 90.0) -> None:
        deadline = time.monotonic() + limit_s
        while not condition():
            assert time.monotonic() < deadline, "it never came"
            await asyncio.sleep(0.02)

    return wait


class Snmpd:
    """A real net-snmp agent on loopback: community `public`, v3 user `yun` (SHA-256, AES-128)."""

    def __init__(self, program: str, folder: Path) -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        (folder / "snmpd.conf").write_text(
            f"agentaddress udp:127.0.0.1:{self.port}\nrocommunity public\nsysLocation 莲都机房\nsysContact duty\nsysName yun-real\n"
            "createUser yun SHA-256 authpass12345 AES-128 privpass12345\nrouser yun priv\n"
        )
        self.environ = {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(folder / "persistent")}
        command = [program, "-f", "-C", "-Lf", str(folder / "log"), "-c", str(folder / "snmpd.conf"), "-p", str(folder / "pid")]
        self.process = subprocess.Popen(command, env=self.environ)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(AssertionError):
                self.print_of("snmpget", "1.3.6.1.2.1.1.3.0")
                return
            time.sleep(0.05)
        raise AssertionError((folder / "log").read_text())

    def print_of(self, tool: str, oid: str) -> list[str]:
        """Values as net-snmp prints them."""
        command = [tool, "-v2c", "-cpublic", "-r1", "-t1", "-OqvUe", f"127.0.0.1:{self.port}", oid]
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return [line.strip('"').strip() for line in done.stdout.splitlines()]

    def target(self, version: str = "2c") -> Target:
        v3 = SnmpSecret(username="yun", auth="SHA256", auth_key="authpass12345", priv="AES128", priv_key="privpass12345")
        secret = v3 if version == "3" else SnmpSecret(community="public")
        return Target(device_id="real", address="127.0.0.1", port=self.port, version=version, secret=secret)  # type: ignore[arg-type]


@pytest.fixture
def snmpd(need: Callable[[str], str], tmp_path: Path) -> Iterator[Snmpd]:
    need("snmpget")
    made = Snmpd(need("snmpd"), tmp_path)
    yield made
    made.process.terminate()
    made.process.wait(5)


IF: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
EVIL: Oid = (1, 3, 6, 1, 4, 1, 99999, 1, 1)
Next = Callable[[Oid], tuple[Oid, bytes] | None]


def _text(text: bytes) -> bytes:
    return ber.tlv(4, text)


GOOD: dict[Oid, bytes] = {
    (1, 3, 6, 1, 2, 1, 1, 1, 0): _text(b"an evil box"),
    (1, 3, 6, 1, 2, 1, 1, 2, 0): ber.tlv(6, ber.oid_body((1, 3, 6, 1, 4, 1, 99999, 7))),
    (1, 3, 6, 1, 2, 1, 1, 3, 0): ber.integer(4711, 0x43),
    **{(*IF, 2, n): _text(f"eth{n}".encode()) for n in (1, 2)},
    **{(*IF, column, n): ber.integer(value) for n in (1, 2) for column, value in ((3, 6), (7, 1), (8, 1))},
    (1, 3, 6, 1, 4, 1, 99999, 2, 1, 1, 1): ber.integer(42),
}


class Liar:
    """Answers from `GOOD`, and below `below` what `evil` says comes after a name; `broken`: what it sends instead of an answer there;
    delay_s: how long it takes for one row there, which is all that it sends at once."""

    def __init__(self, evil: Next, broken: bytes | None = None, below: Oid = EVIL, delay_s: float = 0.0) -> None:
        self._evil, self._broken, self._below, self._delay_s = evil, broken, below, delay_s
        self._names = sorted(GOOD)
        self.requests = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        self.target = Target(
            device_id="d", address="127.0.0.1", port=self._socket.getsockname()[1], secret=SnmpSecret(community="c"), timeout_s=0.3,
            retries=0,
        )

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                data, sender = self._socket.recvfrom(65535)
                if not data:
                    return
                self.requests += 1
                answer = self._answer(plain.decode(data))
                if answer:
                    self._socket.sendto(answer, sender)

    def _answer(self, request: plain.Response) -> bytes:
        asked = [binding.oid for binding in request.bindings]
        if self._broken is not None and request.error_index > 1 and any(map(self._is_evil, asked)):
            return self._broken
        repetitions = request.error_index
        if self._delay_s and any(map(self._is_evil, asked)):
            time.sleep(self._delay_s)
            repetitions = 1
        pairs = self._bulk(asked, repetitions) if request.kind == ber.GETBULK else [(n, GOOD.get(n, b"\x81\x00")) for n in asked]
        listed = b""
        for name, value in pairs:
            more = ber.tlv(0x30, ber.tlv(6, ber.oid_body(name)) + value)
            if len(listed) + len(more) > 64000:
                break
            listed += more
        return ber.message(request.version, request.community, ber.pdu(ber.RESPONSE, request.request_id, 0, 0, ber.tlv(0x30, listed)))

    def _bulk(self, asked: list[Oid], repetitions: int) -> list[tuple[Oid, bytes]]:
        pairs = []
        for _ in range(repetitions):
            found = [self._next(name) for name in asked]
            pairs += found
            asked = [name for name, _ in found]
        return pairs

    def _next(self, name: Oid) -> tuple[Oid, bytes]:
        if self._is_evil(name) and (found := self._evil(name)) is not None:
            return found
        at = bisect.bisect_right(self._names, name)
        return (self._names[at], GOOD[self._names[at]]) if at < len(self._names) else (name, b"\x82\x00")

    def _is_evil(self, name: Oid) -> bool:
        return name[: len(self._below)] == self._below

    def close(self) -> None:
        self._socket.sendto(b"", self._socket.getsockname())
        self._thread.join(2)
        self._socket.close()


@pytest.fixture(scope="module")
def liar() -> Iterator[Callable[..., Liar]]:
    """`liar(evil, broken, below, delay_s)` starts a hostile agent."""
    made: list[Liar] = []

    def make(*args: Any, **more: Any) -> Liar:
        made.append(Liar(*args, **more))
        return made[-1]

    yield make
    for one in made:
        one.close()
