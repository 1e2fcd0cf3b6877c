"""A small scripted SNMP agent for the engine's tests, and a real snmpd with users of v3."""

import contextlib
import os
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from core import i18n
from core.polling import PollPlan, SnmpSecret, TablePlan, Target
from links.snmp import ber, plain

UPTIME = (1, 3, 6, 1, 2, 1, 1, 3, 0)
Pairs = list[tuple[tuple[int, ...], bytes | None]]
Variables = dict[tuple[int, ...], tuple[int, bytes]]


class Agent:
    """Answers v1 and v2c from `variables` (OID -> tag, contents). `script(number, request, answer, reply)` may do otherwise."""

    def __init__(self, family: int = socket.AF_INET, address: str = "127.0.0.1") -> None:
        self.variables: Variables = {UPTIME: (0x43, b"\x01\x00")}
        self.max_size = 1400
        self.requests: list[plain.Response] = []
        self.script: Callable[..., bool] | None = None
        self.socket = socket.socket(family, socket.SOCK_DGRAM)
        self.socket.bind((address, 0))
        self.socket.settimeout(0.05)
        self.address, self.port = address, self.socket.getsockname()[1]
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def target(self, **more: Any) -> Target:
        known = {"device_id": f"d{self.port}", "address": self.address, "port": self.port, "timeout_s": 0.5, "interval_s": 60.0}
        return Target(**{**known, "secret": SnmpSecret(community="public"), **more})

    def set(self, oid: tuple[int, ...], value: int, tag: int = 0x41) -> None:
        self.variables[oid] = (tag, ber.integer(value)[2:])

    def table(self, columns: list[tuple[int, ...]], indexes: list[tuple[int, ...]]) -> PollPlan:
        """Fills a table with numbers that tell their place, and returns a plan of it."""
        for c, column in enumerate(columns):
            for r, index in enumerate(indexes):
                self.set(column + index, (c + 1) * 100_000 + r)
        return PollPlan(scalars=(UPTIME,), tables=(TablePlan(columns=tuple(columns), indexes=tuple(indexes)),))

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                data, sender = self.socket.recvfrom(65535)
            except OSError:
                continue
            request = plain.decode(data)
            self.requests.append(request)
            answer = self.answer(request)

            def reply(body: bytes, to: Any = sender) -> None:
                self.socket.sendto(body, to)

            if self.script is None or not self.script(len(self.requests), request, answer, reply):
                reply(answer)

    def answer(self, request: plain.Response) -> bytes:
        names = sorted(self.variables)
        asked = [b.oid for b in request.bindings]
        if request.kind == ber.GETBULK:
            pairs = [self._next(names, oid, True) for oid in asked[: request.error_status]]
            row = asked[request.error_status :]
            for _ in range(request.error_index):
                found = [self._next(names, oid, True) for oid in row]
                pairs += found
                row = [oid for oid, _ in found]
        elif request.kind == ber.GETNEXT:
            pairs = [self._next(names, oid, request.version == ber.V2C) for oid in asked]
        else:
            pairs = [(oid, self._value(oid, request.version)) for oid in asked]
        return self.response(request, pairs)

    def _value(self, oid: tuple[int, ...], version: int) -> bytes | None:
        if oid in self.variables:
            return ber.tlv(*self.variables[oid])
        return None if version == ber.V1 else b"\x81\x00"

    def _next(self, names: list[tuple[int, ...]], oid: tuple[int, ...], v2: bool) -> tuple[tuple[int, ...], bytes | None]:
        following = next((n for n in names if n > oid), None)
        if following is None:
            return oid, b"\x82\x00" if v2 else None
        return following, ber.tlv(*self.variables[following])

    def response(self, request: plain.Response, pairs: Pairs, status: int = 0, index: int = 0) -> bytes:
        """An answer with these bindings; GETBULK is cut to `max_size`, anything else is then tooBig."""
        missing = next((n for n, (_, value) in enumerate(pairs) if value is None), None)
        if missing is not None:
            status, index = plain.NO_SUCH_NAME, missing + 1
        while True:
            bindings = ber.tlv(0x30, b"".join(ber.tlv(0x30, ber.tlv(6, ber.oid_body(o)) + (v or b"\x05\x00")) for o, v in pairs))
            body = ber.pdu(ber.RESPONSE, request.request_id, status, index, bindings)
            data = ber.message(request.version, request.community, body)
            if len(data) <= self.max_size:
                return data
            if request.kind != ber.GETBULK:
                status, index, pairs = plain.TOO_BIG, 0, []
            else:
                pairs = pairs[:-1]

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(2)
        self.socket.close()


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    """Messages are compared in English; the language of the process is put back."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)


@pytest.fixture
def agent() -> Iterator[Agent]:
    made = Agent()
    yield made
    made.stop()


@pytest.fixture(scope="session")
def agent_class() -> type[Agent]:
    """For agents that outlive one test."""
    return Agent


@pytest.fixture
def make_agent() -> Iterator[Callable[..., Agent]]:
    """Makes further agents: `make_agent()`, `make_agent(socket.AF_INET6, "::1")`."""
    made: list[Agent] = []

    def make(*args: Any) -> Agent:
        made.append(Agent(*args))
        return made[-1]

    yield make
    for one in made:
        one.stop()


class Snmpd:
    """A real net-snmp agent on loopback, IPv4 and IPv6, with two v3 users and the community `public`."""

    def __init__(self, program: str, folder: Path) -> None:
        self.program = program
        self.port = _free_port()
        self.folder = folder
        (folder / "snmpd.conf").write_text(
            f"agentaddress udp:127.0.0.1:{self.port},udp6:[::1]:{self.port}\nrocommunity public\nrocommunity6 public\n"
            "createUser u256 SHA-256 authpass12345 AES-128 privpass12345\ncreateUser u512 SHA-512 authpass12345 AES-256 privpass12345\n"
            "createUser umd5 MD5 authpass12345 DES privpass12345\nrouser u256 priv\nrouser u512 priv\nrouser umd5 auth\n"
        )
        self.environ = {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(folder / "persistent")}
        self.start()

    def start(self) -> None:
        files = ["-Lf", str(self.folder / "log"), "-c", str(self.folder / "snmpd.conf"), "-p", str(self.folder / "pid")]
        command = [self.program, "-f", "-C", *files]
        self.process = subprocess.Popen(command, env=self.environ)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            with contextlib.suppress(AssertionError):
                self.get("1.3.6.1.2.1.1.3.0")
                return
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def get(self, *oids: str) -> list[str]:
        """What `snmpget` prints of each value."""
        command = ["snmpget", "-v2c", "-cpublic", "-r0", "-t1", "-OqvtUen", f"127.0.0.1:{self.port}", *oids]
        done = subprocess.run(command, env=self.environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    def target(self, **more: Any) -> Target:
        known = {"device_id": "real", "address": "127.0.0.1", "port": self.port, "secret": SnmpSecret(community="public")}
        return Target(**{**known, **more})

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(5)


@pytest.fixture(scope="module")
def snmpd(tmp_path_factory: pytest.TempPathFactory, need: Callable[[str], str]) -> Iterator[Snmpd]:
    program = need("snmpd")
    need("snmpget")
    server = Snmpd(program, tmp_path_factory.mktemp("snmpd"))
    yield server
    server.stop()


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
