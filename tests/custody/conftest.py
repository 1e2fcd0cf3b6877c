"""What the tests of secrets share: a real OpenSSH server whose host key can be changed, a real SNMP agent, hosts that are none."""

import contextlib
import getpass
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agents import launch
from agents.places import owner, settled
from client import Client, connect
from core import i18n
from core.errors import YunwangError
from core.messages import Assign, Done
from core.sections import General
from core.settings import Settings
from links.bus import SocketBus

DEADLINE_S = 60.0


class Sshd:
    """sshd without forks into other accounts: it lets in whoever owns the key in `authorized`."""

    def __init__(self, program: str, folder: Path, *lines: str) -> None:
        self.program, self.folder, self.lines = program, folder, lines
        self.port = _free_port()
        self.user = getpass.getuser()
        self.process: subprocess.Popen[bytes] | None = None
        self.user_key = make_key(folder / "user")
        shutil.copy(folder / "user.pub", folder / "authorized")
        (folder / "authorized").chmod(0o600)
        self.new_host_key()

    def new_host_key(self, kind: str = "ed25519") -> str:
        """Another host key; returns its fingerprint. Start it anew afterwards."""
        make_key(self.folder / "host", kind)
        shown = subprocess.run(["ssh-keygen", "-lf", str(self.folder / "host.pub")], capture_output=True, text=True, check=True)
        return shown.stdout.split()[1]

    def start(self) -> "Sshd":
        (self.folder / "config").write_text("\n".join((
            f"Port {self.port}", "ListenAddress 127.0.0.1", f"HostKey {self.folder / 'host'}", f"PidFile {self.folder / 'pid'}",
            f"AuthorizedKeysFile {self.folder / 'authorized'}", "StrictModes no", "UsePAM no", "PasswordAuthentication no",
            "KbdInteractiveAuthentication no", "PermitRootLogin yes", *self.lines, "",
        )))
        with contextlib.suppress(OSError):  # only root needs it, and may
            Path("/run/sshd").mkdir(exist_ok=True)
        with (self.folder / "log").open("ab") as log:
            self.process = subprocess.Popen([self.program, "-D", "-e", "-f", str(self.folder / "config")], stdout=log, stderr=log)
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return self
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError((self.folder / "log").read_text())

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(30)
            self.process = None

    def restart(self) -> None:
        self.stop()
        self.start()


def make_key(path: Path, kind: str = "ed25519") -> str:
    """A new pair; returns the private key's text."""
    for old in (path, path.with_name(path.name + ".pub")):
        old.unlink(missing_ok=True)
    subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(path)], check=True, env={**os.environ, "HOME": str(path.parent)})
    return path.read_text()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def sshd(tmp_path: Path, need: Callable[[str], str]) -> Iterator[Sshd]:
    program = need("sshd")
    need("ssh-keygen")
    server = Sshd(program, tmp_path).start()
    yield server
    server.stop()


class Host:
    """A TCP port that does what it is told with each connection."""

    def __init__(self, behave: Callable[[socket.socket], None]) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._behave = behave
        self._open: list[socket.socket] = []
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listener.accept()
                self._open.append(connection)
                threading.Thread(target=self._one, args=(connection,), daemon=True).start()

    def _one(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            self._behave(connection)

    def close(self) -> None:
        for one in (self._listener, *self._open):
            one.close()


@pytest.fixture
def host() -> Iterator[Callable[[Callable[[socket.socket], None]], Host]]:
    """`host(behave)`: a port on loopback."""
    made: list[Host] = []

    def make(behave: Callable[[socket.socket], None]) -> Host:
        made.append(Host(behave))
        return made[-1]

    yield make
    for one in made:
        one.close()


class Node:
    """A real hub with its workers in a folder of its own; in trial mode, so that one account has the three offices."""

    def __init__(self, kinds: tuple[str, ...] = ("hub", "workers"), **sections: object) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="yw-"))
        self.kinds = kinds
        general = General(data_dir=str(self.folder / "data"), run_dir=str(self.folder / "run"), language="en")
        self.settings = settled(Settings(general=general, **sections))  # type: ignore[arg-type]
        self.data = Path(self.settings.general.data_dir)

    def start(self) -> "Node":
        launch.start(self.settings, kinds=self.kinds, die_with_us=True)
        return self

    def stop(self) -> None:
        with contextlib.suppress(YunwangError):
            launch.stop(self.settings)
        self.kill()

    def kill(self) -> None:
        """The supervisor dies at once, and its children with it."""
        if pid := owner(self.settings):
            os.kill(pid, signal.SIGKILL)
        deadline = time.monotonic() + DEADLINE_S
        while owner(self.settings) and time.monotonic() < deadline:
            time.sleep(0.02)

    def client(self, persona: str = "system-administrator") -> Client:
        """Use it as an async context manager."""
        client = connect(self.settings)
        client.accounts.use_persona(persona)
        return client

    def remove(self) -> None:
        self.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


@pytest.fixture
def new_node() -> Iterator[Callable[..., Node]]:
    """`new_node(kinds, secrets=Secrets(...))`: a node that is not started yet."""
    made: list[Node] = []

    def make(*args: object, **sections: object) -> Node:
        made.append(Node(*args, **sections))  # type: ignore[arg-type]
        return made[-1]

    yield make
    for node in made:
        node.remove()


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """A running one, shared by the tests of a module."""
    made = Node().start()
    yield made
    made.remove()


@pytest.fixture
async def hub(node: Node) -> AsyncIterator[Client]:
    """As the system administrator."""
    async with node.client() as client:
        yield client


@pytest.fixture
async def officer(node: Node) -> AsyncIterator[Client]:
    """As the security officer."""
    async with node.client("security-officer") as client:
        yield client


class FakeSenses:
    """The bus's side of senses: remembers what it was told, and asks what it likes."""

    def __init__(self, settings: Settings) -> None:
        self.bus = SocketBus(Path(settings.general.run_dir) / "bus.sock", "senses")
        self.assigned: list[Assign] = []

    async def start(self) -> "FakeSenses":
        await self.bus.start()
        await self.bus.subscribe("senses.assign", self._assign)
        await self.bus.subscribe("senses.watch", self._watch)
        await self.bus.wait_connected(DEADLINE_S)
        return self

    async def _assign(self, body: bytes) -> bytes:
        self.assigned.append(msgspec.msgpack.decode(body, type=Assign))
        return msgspec.msgpack.encode(Done())

    async def _watch(self, _body: bytes) -> bytes:
        return msgspec.msgpack.encode(Done())


@pytest.fixture
async def senses(node: Node) -> AsyncIterator[FakeSenses]:
    fake = await FakeSenses(node.settings).start()
    yield fake
    await fake.bus.close()


class Snmpd:
    """A real net-snmp agent on loopback with one community and one v3 user."""

    def __init__(self, program: str, folder: Path, community: str = "right-one", user: str = "yun",
                 keys: tuple[str, str] = ("authpass12345", "privpass12345"), more: str = "") -> None:
        self.port = _free_port()
        addresses = ",".join(f"udp:127.0.0.{number}:{self.port}" for number in range(1, 5))
        (folder / "snmpd.conf").write_text(
            f"agentaddress {addresses}\nrocommunity {community}\n"
            f"createUser {user} SHA-256 {keys[0]} AES-128 {keys[1]}\nrouser {user} priv\n{more}"
        )
        command = [program, "-f", "-C", "-Lf", str(folder / "log"), "-c", str(folder / "snmpd.conf"), "-p", str(folder / "pid")]
        environ = {**os.environ, "MIBS": "", "SNMP_PERSISTENT_DIR": str(folder / "persistent")}
        self.process = subprocess.Popen(command, env=environ)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(30)


@pytest.fixture
def make_snmpd(tmp_path_factory: pytest.TempPathFactory, need: Callable[[str], str]) -> Iterator[Callable[..., Snmpd]]:
    """`make_snmpd(community, user, keys, more)`: with more lines of configuration."""
    program = need("snmpd")
    made: list[Snmpd] = []

    def make(*args: Any) -> Snmpd:
        made.append(Snmpd(program, tmp_path_factory.mktemp("snmpd"), *args))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture
def snmpd(tmp_path_factory: pytest.TempPathFactory, need: Callable[[str], str]) -> Iterator[Snmpd]:
    server = Snmpd(need("snmpd"), tmp_path_factory.mktemp("snmpd"))
    yield server
    server.stop()


@pytest.fixture
def make_user_key(need: Callable[[str], str]) -> Callable[..., str]:
    """`make_user_key(path)`: a new private key there; its text."""
    need("ssh-keygen")
    return make_key


@pytest.fixture
def vault() -> Iterator[Callable[[dict[str, dict[str, str]], str], str]]:
    """`vault(secrets, token)`: the address of a double of Vault's documented API that knows these."""
    made: list[http.server.ThreadingHTTPServer] = []

    def make(known: dict[str, dict[str, str]], token: str) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                data = known.get(self.path.removeprefix("/v1/kv/data/"))
                allowed = self.headers.get("X-Vault-Token") == token
                body = json.dumps({"data": {"data": data, "metadata": {"version": 1}}} if allowed and data else {"errors": []}).encode()
                self.send_response(200 if allowed and data else 404 if allowed else 403)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                """Quiet."""

        made.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=made[-1].serve_forever, args=(0.02,), daemon=True).start()
        return f"http://127.0.0.1:{made[-1].server_port}"

    yield make
    for server in made:
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module", autouse=True)
def _english() -> Iterator[None]:
    """These tests read English; the next module's language is its own."""
    before = i18n.language()
    i18n.use("en")
    yield
    i18n.use(before)
